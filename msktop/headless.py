"""Without a screen: the state as a document or as text, and incidents as lines. docs/headless.md."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from typing import Any, Literal, TextIO

from msktop.model.alert_gauges import Gauge, gauges
from msktop.model.cloudwatch import figures
from msktop.model.cloudwatch_newest import newest_points
from msktop.model.cluster import Broker, Cluster, MetadataNode
from msktop.model.incidents import Incident
from msktop.model.report import report_of
from msktop.model.text import plain
from msktop.session import View

Health = Literal["healthy", "degraded", "unreachable"]
EXIT_CODES: dict[Health, int] = {"healthy": 0, "degraded": 1, "unreachable": 2}
Json = dict[str, Any]


def health(view: View) -> Health:
    """One word for the whole: unreachable without any broker that answers, degraded with any trouble.

    >>> health(View())
    'unreachable'
    """
    cluster = view.cluster
    words = [b.probe.word for b in cluster.brokers.values()]
    if "up" not in words or not cluster.connected:
        return "unreachable"
    totals = cluster.totals
    troubled = totals.offline or totals.under_replicated or totals.under_min_isr
    missing = any(w in ("down", "suspect") for w in words)
    missing = missing or any(b.left_metadata_at is not None for b in cluster.brokers.values())
    crit = any(i.severity == "crit" for i in view.incidents.open)
    return "degraded" if troubled or missing or crit else "healthy"


# ------------------------------------------------------------------ status


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
        "topics": len(cluster.topics) if cluster.connected else None,
        "incidents": [incident_document(i, view.incidents.log) for i in view.incidents.log],
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


def incident_document(incident: Incident, log: Sequence[Incident] = ()) -> Json:
    """The same with what it rests on and how recovery goes; the status document has it so."""
    return {
        **event(incident),
        "parent": incident.parent,
        "times": incident.times,
        "marks": dict(incident.marks),
        "leaders_lost": incident.leaders_lost,
        "came_back": incident.came_back,
        "report": _report(incident, log),
        "evidence": [
            {"at": e.at, "observer": e.observer, "says": e.says, "text": plain(e.text)}
            for e in incident.evidence
        ],
        "steps": [{"at": s.at, "text": plain(s.text)} for s in incident.steps],
    }


def _report(incident: Incident, log: Sequence[Incident]) -> Json | None:
    report = report_of(incident, log)
    if report is None:
        return None
    return {
        "turns": [
            {"mark": t.mark, "after_s": t.after_s, "usual_s": t.usual_s, "earlier": len(t.earlier_s)}
            for t in report.turns
        ],
        "down_s": report.down_s,
        "longest_s": report.longest_s,
        "leaderless_s": report.leaderless_s,
        "same_address": report.same_address,
        "storage": report.storage,
        "held_bytes": incident.before.held_bytes if incident.before is not None else None,
        "replicated_bytes": incident.replicated_bytes,
    }


class EventLines:
    """Prints each incident as it begins and as it ends, and again when it comes back; a moment once."""

    def __init__(self, out: TextIO, as_json: bool) -> None:
        self._out = out
        self._line: Callable[[Incident], str] = event_json if as_json else event_text
        self._said: dict[int, int] = {}
        self.broken = False
        """Whoever read the lines has gone."""

    def __call__(self, view: View) -> None:
        """Say what is new in this view."""
        try:
            self._say(view)
        except (BrokenPipeError, ValueError):
            self.broken = True

    def _say(self, view: View) -> None:
        kept = view.incidents.log
        for incident in kept:
            turn = 2 * incident.times + (incident.ended is not None)
            if self._said.get(incident.id, 0) < turn:
                self._said[incident.id] = turn
                self._out.write(self._line(incident) + "\n")
                self._out.flush()
        if len(self._said) > 2 * len(kept) + 100:
            self._said = {i.id: self._said[i.id] for i in kept if i.id in self._said}


def event_json(incident: Incident) -> str:
    """One line of JSON."""
    return json.dumps(event(incident), separators=(",", ":"))


def event_text(incident: Incident) -> str:
    """One line for a person."""
    at = incident.fell
    at = at if incident.ended is None else incident.ended
    moment = incident.ended == incident.began
    word = "" if moment else "began" if incident.ended is None else f"ended after {incident.lasted_s:.1f} s"
    if incident.times > 1:
        word += f", time {incident.times}"
    parts = [_clock(at), incident.severity.ljust(4), plain(incident.subject).ljust(10)]
    parts.append(" · ".join(p for p in (incident.kind.value, plain(incident.detail), word) if p))
    if incident.planned:
        parts.append(f"(planned: {plain(incident.planned)})")
    return "  ".join(parts)


def _clock(at: float) -> str:
    return time.strftime("%H:%M:%SZ", time.gmtime(at))


# ------------------------------------------------------------------ text


def status_text(view: View) -> str:
    """The same state for a person, in lines of at most 100 cells but for causes and advice."""
    c = view.cluster
    lines = [*_head_lines(view), ""]
    if c.brokers:
        lines.append(_BROKER_HEAD)
        lines += [_broker_line(b) for b in c.brokers.values()]
        lines.append("")
    nodes = [f"{n.name}{'*' if n.leader else ''} {n.state or ''}".rstrip() for n in c.nodes.values()]
    if nodes:
        lines += ["metadata nodes  " + "  ".join(nodes), ""]
    lines += [event_text(i) for i in view.incidents.log[-20:]]
    lines += _trouble_lines(c)
    return "\n".join(lines).rstrip() + "\n"


def _head_lines(view: View) -> list[str]:
    c = view.cluster
    estimated = " (estimated)" if c.kafka_version and c.version_estimated else ""
    up = sum(b.probe.word == "up" for b in c.brokers.values())
    name = f"{plain(c.name)}  {c.state or '—'}  Kafka {c.kafka_version or '—'}{estimated}"
    counts = (len(c.topics), c.totals.partitions, c.totals.under_replicated, c.totals.offline)
    topics, partitions, under, offline = (str(n) if c.connected else "—" for n in counts)
    return [
        f"{name}  {c.metadata or '—'}  {health(view)}",
        f"brokers {up}/{len(c.brokers)}  topics {topics}  partitions {partitions}  "
        f"under-replicated {under}  offline {offline}",
        *_cloudwatch_lines(c),
    ]


def _cloudwatch_lines(cluster: Cluster) -> list[str]:
    """CloudWatch's word, where Kafka says nothing."""
    about = figures(cluster) if not cluster.connected else None
    if about is None:
        return []
    under, offline = ("—" if n is None else str(n) for n in (about.under_replicated, about.offline))
    return [
        f"CloudWatch, a point a minute, newest {cluster.at - about.at:.0f} s old: "
        f"under-replicated {under}  offline {offline}"
    ]


def _trouble_lines(cluster: Cluster) -> list[str]:
    """Each cause once, with the sources that met it."""
    causes: dict[str, list[str]] = {}
    for name, s in sorted(cluster.sources.items()):
        if s.failed_at is not None:
            cause = plain(s.reason) + (f" — {plain(s.advice)}" if s.advice else "")
            causes.setdefault(cause, []).append(name)
    return [f"{', '.join(names)}: {cause}" for cause, names in causes.items()]


_BROKER_HEAD = (
    "broker zone       state     probe ms  p99 ms    in B/s   out B/s   req/s  records/s  leads  URP"
)


def _broker_line(b: Broker) -> str:
    newest = b.messages.last
    rates = b.jmx.rates
    return (
        f"{b.name:<6} {plain(b.zone or '—'):<10} {b.probe.word:<8} {_number(b.probe.last_ms, 2):>9} "
        f"{_number(b.probe.p99_ms, 2):>7} {_number(rates.get('bytes_in')):>9} "
        f"{_number(rates.get('bytes_out')):>9} {_number(rates.get('requests')):>7} "
        f"{_number(newest[1] if newest else None):>10} {b.counts.leaders:>6} "
        f"{b.counts.led_under_replicated:>4}"
    )


def _number(value: float | None, digits: int = 0) -> str:
    return "—" if value is None else f"{value:.{digits}f}"
