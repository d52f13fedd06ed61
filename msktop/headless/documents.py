"""The state and its incidents as JSON documents, by the schemas in docs/."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msktop.headless.health import health
from msktop.model.alert_gauges import Gauge, gauges
from msktop.model.broker import Broker
from msktop.model.cloudwatch import figures
from msktop.model.cloudwatch_newest import newest_points
from msktop.model.cluster import Cluster, MetadataNode
from msktop.model.impact import Impact
from msktop.model.incidents import Incident
from msktop.model.report import report_of
from msktop.model.text import plain
from msktop.session import View

Json = dict[str, Any]


def status_document(view: View) -> Json:
    """The state by the schema in docs/status.schema.json; null is unknown."""
    cluster = view.cluster
    return {
        "name": cluster.name,
        "at": cluster.at,
        "health": health(view),
        "cluster": {
            "id": cluster.cluster_id,
            "state": cluster.state,
            "metadata": cluster.metadata,
            "kafka_version": cluster.kafka_version,
            "version_estimated": cluster.version_estimated,
            "controller_id": cluster.controller_id,
            "security_protocol": cluster.security_protocol,
        },
        "zones": [_zone(cluster, zone) for zone in _zone_ids(cluster)],
        "brokers": [_broker(b) for b in cluster.brokers.values()],
        "nodes": [_node(n) for n in cluster.nodes.values()],
        "partitions": {
            "total": cluster.totals.partitions if cluster.connected else None,
            "under_replicated": cluster.totals.under_replicated if cluster.connected else None,
            "offline": cluster.totals.offline if cluster.connected else None,
            "under_min_isr": cluster.totals.under_min_isr,
        },
        "topics": cluster.topic_count if cluster.connected else None,
        "incidents": [incident_document(i, view.incidents.log, cluster.at) for i in view.incidents.log],
        "sources": [
            {
                "name": name,
                "ok": s.failed_at is None,
                "last_ok_at": s.last_ok_at,
                "stage": s.stage or None,
                "reason": s.reason or None,
                "advice": s.advice or None,
            }
            for name, s in sorted(cluster.sources.items())
        ],
        "limits": [_limit(gauge) for gauge in gauges(cluster, view.incidents)],
        "cloudwatch": _cloudwatch(cluster),
    }


def _cloudwatch(cluster: Cluster) -> Json | None:
    """CloudWatch's word where it is the only one; None where anybody else speaks, or it says nothing."""
    about = figures(cluster) if not _heard(cluster) else None
    if about is None:
        return None
    return {
        "at": about.at,
        "age_s": max(0.0, cluster.at - about.at),
        "offline": about.offline,
        "under_replicated": about.under_replicated,
        "controllers": about.controllers,
        "brokers_without_points": list(about.dark),
        "points": [
            {
                "metric": point.metric,
                "broker": point.broker_id,
                "stat": point.stat,
                "value": point.value,
                "unit": point.unit or None,
                "at": point.at,
                "age_s": point.age_s,
                "period_s": point.period_s,
            }
            for point in newest_points(cluster)
        ],
    }


def _heard(cluster: Cluster) -> bool:
    """Whether Kafka or an exporter has said anything."""
    return cluster.connected or any(b.jmx.at is not None for b in cluster.brokers.values())


def _limit(gauge: Gauge) -> Json:
    """One rule, and who is nearest to its threshold."""
    return {
        "rule": gauge.rule.name,
        "severity": gauge.rule.severity,
        "state": gauge.state,
        "subject": plain(gauge.subject) or None,
        "figure": gauge.rule.figure,
        "unit": gauge.of.unit or None,
        "value": gauge.value,
        "at": gauge.at,
        "threshold": gauge.threshold,
        "reached_in_s": gauge.left_s,
    }


def _zone_ids(cluster: Cluster) -> list[str]:
    return sorted({*cluster.zones, *(b.zone or "" for b in cluster.brokers.values())})


def _zone(cluster: Cluster, zone: str) -> Json:
    brokers = cluster.zone_brokers(zone)
    seen = cluster.zones.get(zone)
    return {
        "id": zone or None,
        "subnet_cidr": seen.subnet_cidr if seen else None,
        "brokers": len(brokers),
        "brokers_up": sum(b.probe.word == "up" for b in brokers),
    }


def _broker(broker: Broker) -> Json:
    probe, counts = broker.probe, broker.counts
    return {
        "id": broker.id,
        "name": broker.name,
        "zone": broker.zone,
        "host": broker.host,
        "port": broker.port,
        "state": probe.word,
        "since": probe.since,
        "latency_ms": {
            "last": probe.last_ms,
            "p50": probe.p50_ms,
            "p99": probe.p99_ms,
            "at": probe.last_ok_at,
        },
        "writes": _writes(broker),
        "rates": _rates(broker),
        "leaders": counts.leaders,
        "replicas": counts.replicas,
        "under_replicated": counts.led_under_replicated,
        "out_of_isr": counts.out_of_isr,
        "disk": _disk(broker),
        "failed_stage": probe.failed_stage,
        "error": probe.error or None,
    }


def _rates(broker: Broker) -> Json | None:
    newest = broker.messages.last
    if broker.jmx.at is None and newest is None:
        return None
    rates = broker.jmx.rates
    return {
        "bytes_in_per_s": rates.get("bytes_in"),
        "bytes_out_per_s": rates.get("bytes_out"),
        "requests_per_s": rates.get("requests"),
        "messages_per_s": newest[1] if newest else None,
        "at": broker.jmx.at if broker.jmx.at is not None else newest[0] if newest else None,
    }


def _writes(broker: Broker) -> Json | None:
    writes = broker.writes
    if writes.at is None:
        return None
    return {
        "last_ms": writes.last_ms,
        "p50_ms": writes.p50_ms,
        "p99_ms": writes.p99_ms,
        "ok_at": writes.ok_at,
        "failing_since": writes.failing_since,
        "error_code": writes.error,
        "reason": plain(writes.reason) or None,
        "throttle_ms": writes.throttle_ms,
        "at": writes.at,
    }


def _disk(broker: Broker) -> Json | None:
    size, free = broker.node.values.get("disk_size"), broker.node.values.get("disk_avail")
    if size is None or free is None:
        return None
    return {"used_bytes": size - free, "size_bytes": size, "at": broker.node.at}


def _node(node: MetadataNode) -> Json:
    return {
        "id": node.id,
        "name": node.name,
        "role": node.role,
        "zone": node.zone,
        "address": node.address,
        "leader": node.leader,
        "lag": node.lag,
        "state": node.state,
    }


# ------------------------------------------------------------------ events


def event(incident: Incident) -> Json:
    """One incident by the schema in docs/events.schema.json; times in Unix seconds."""
    return {
        "id": incident.id,
        "at": incident.noticed if incident.ended is None else incident.ended,
        "kind": incident.kind.value,
        "severity": incident.severity,
        "subject": incident.subject,
        "began": incident.began,
        "ended": incident.ended,
        "zone": incident.zone,
        "broker": incident.broker,
        "planned": incident.planned,
        "detail": plain(incident.detail),
        "rule": incident.rule or None,
        "advice": plain(incident.advice) or None,
    }


def incident_document(incident: Incident, log: Sequence[Incident] = (), now: float = 0.0) -> Json:
    """The same with what it rests on and how recovery goes; the status document has it so."""
    return {
        **event(incident),
        "parent": incident.parent,
        "times": incident.times,
        "marks": dict(incident.marks),
        "leaders_lost": incident.leaders_lost,
        "came_back": incident.came_back,
        "report": _report(incident, log, now),
        "evidence": [
            {"at": e.at, "observer": e.observer, "says": e.says, "text": plain(e.text)}
            for e in incident.evidence
        ],
        "steps": [{"at": s.at, "text": plain(s.text)} for s in incident.steps],
    }


def _report(incident: Incident, log: Sequence[Incident], now: float) -> Json | None:
    report = report_of(incident, log, now)
    if report is None:
        return None
    return {
        "turns": [
            {
                "mark": t.mark,
                "after_s": t.after_s,
                "estimated": t.estimated,
                "usual_s": t.usual_s,
                "earlier": len(t.earlier_s),
            }
            for t in report.turns
        ],
        "down_s": report.down_s,
        "longest_s": report.longest_s,
        "leaderless_s": report.leaderless_s,
        "impact": _impact(report.impact),
        "same_address": report.same_address,
        "storage": report.storage,
        "held_bytes": incident.before.held_bytes if incident.before is not None else None,
        "replicated_bytes": incident.replicated_bytes,
    }


def _impact(impact: Impact | None) -> Json | None:
    if impact is None:
        return None
    return {
        "by": impact.by,
        "longest_s": impact.longest_s,
        "usual_s": impact.usual_s,
        "zones": [
            {
                "zone": z.zone or None,
                "partitions": z.partitions,
                "longest_s": z.longest_s,
                "total_s": z.total_s,
                "lasts": z.open,
            }
            for z in impact.zones
        ],
        "partitions": [
            {
                "partition": p.partition,
                "leader": p.leader,
                "zone": p.zone or None,
                "longest_s": p.longest_s,
                "total_s": p.total_s,
                "lasts": p.open,
            }
            for p in impact.partitions
        ],
    }
