"""Incidents of the cluster as a whole, its zones, its metadata nodes, our sources and this machine."""

from __future__ import annotations

from dataclasses import replace

from msktop.model.cluster import Cluster
from msktop.model.incident_log import Log
from msktop.model.incidents import FAILURES, Incident, Kind
from msktop.model.rules import (
    OFFLINE_AFTER_S,
    PAGE_STALE_AFTER_S,
    SOURCE_STALE_AFTER_S,
    STALL_MS,
    STARVED_MERGE_S,
    UNDER_REPLICATED_AFTER_S,
)

_REACHES_KAFKA = ("probe", "metadata")


def _failure(log: Log) -> Incident | None:
    """The newest broker failure that is not settled."""
    return log.find(*FAILURES)


# ------------------------------------------------------------------ nobody answers


def availability(log: Log, new: Cluster) -> None:
    """No broker at all, or none of a zone."""
    words = [b.probe.word for b in new.brokers.values()]
    all_down = bool(words) and all(word == "down" for word in words)
    troubles = [s for name in _REACHES_KAFKA if (s := new.sources.get(name)) and s.failed_at is not None]
    never = not new.connected and "up" not in words and bool(troubles)
    open_now = log.find(Kind.CLUSTER_UNREACHABLE)
    if open_now is not None and not all_down and not never and "up" not in words:
        return  # not all are known to be down any more, but none has answered yet
    why = troubles[0].reason if never else f"none of {len(words)} brokers answers"
    whole = log.follow(all_down or never, Kind.CLUSTER_UNREACHABLE, "crit", "cluster", why)
    if whole is not None and whole.open:
        _adopt(log, whole, None)
    for zone in sorted({b.zone or "" for b in new.brokers.values()}):
        _zone(log, new, zone)


def _zone(log: Log, new: Cluster, zone: str) -> None:
    """All brokers of a zone, and the metadata nodes that are known to be there."""
    brokers = new.zone_brokers(zone)
    nodes = [n for n in new.nodes.values() if n.zone == zone and zone]
    if len(brokers) + len(nodes) < 2:
        return  # one broker's failure says it already
    lost = [n for n in nodes if log.find(Kind.METADATA_NODE_LOST, subject=n.name) is not None]
    gone = all(b.probe.word == "down" for b in brokers) and len(lost) == len(nodes)
    text = f"none of its {len(brokers)} brokers answers"
    if nodes:
        text += f", {len(nodes)} metadata node{'s' * (len(nodes) > 1)} lost"
    known = log.follow(gone, Kind.ZONE_DOWN, "crit", zone or "no zone", text)
    if known is not None and known.open:
        _adopt(log, known, zone)


def _adopt(log: Log, parent: Incident, zone: str | None) -> None:
    """Failures of brokers are consequences of the wider one."""
    for incident in log.unsettled():
        inside = zone is None or incident.zone == zone
        if (
            incident.kind in (*FAILURES, Kind.METADATA_NODE_LOST)
            and incident.open
            and inside
            and incident.parent is None
        ):
            log.put(replace(incident, parent=parent.id))


# ------------------------------------------------------------------ partitions


def replication(log: Log, new: Cluster) -> None:
    """Offline partitions almost at once; under-replicated ones when no failure explains them."""
    failure = _failure(log)
    offline = new.totals.offline
    log.follow(
        offline > 0,
        Kind.OFFLINE_PARTITIONS,
        "crit",
        "cluster",
        f"{offline} partitions without a leader",
        for_s=OFFLINE_AFTER_S,
        parent=failure.id if failure is not None else None,
    )
    under = new.totals.under_replicated
    log.follow(
        under > 0 and failure is None,
        Kind.UNDER_REPLICATED,
        "warn",
        "cluster",
        f"{under} partitions under-replicated",
        for_s=UNDER_REPLICATED_AFTER_S,
    )


# ------------------------------------------------------------------ control plane, newcomers


def control_plane(log: Log, old: Cluster, new: Cluster) -> None:
    """The control plane's state changed: a step of the failure it answers, else an event."""
    if old.state == new.state or old.state is None or new.state is None:
        return
    failure = _failure(log)
    text = f"state {old.state} → {new.state}"
    if failure is not None:
        log.step(failure, "info", text)
    else:
        log.moment(Kind.CLUSTER_STATE, "info", "cluster", text)


def newcomers(log: Log, old: Cluster, new: Cluster) -> None:
    """Brokers that were not there before."""
    if not old.connected:
        return
    for broker in new.brokers.values():
        if broker.in_metadata and broker.id not in old.brokers:
            log.moment(Kind.BROKER_ADDED, "info", broker.name, "joined the cluster", broker=broker.id)


# ------------------------------------------------------------------ our own eyes


def sources(log: Log, new: Cluster) -> None:
    """A source that has failed for long, unless nobody could be asked."""
    blind = log.find(Kind.CLUSTER_UNREACHABLE) is not None
    leaderless = log.find(Kind.METADATA_QUORUM_LOST) is not None
    for name, state in new.sources.items():
        failed_s = 0.0 if state.failed_at is None else new.at - state.failed_at
        stale = failed_s > SOURCE_STALE_AFTER_S and not blind and not (leaderless and name == "quorum")
        log.follow(stale, Kind.SOURCE_STALE, "warn", f"source {name}", state.reason or "gives nothing")
    for broker in new.brokers.values():
        page = broker.jmx
        failed_s = 0.0 if page.failed_at is None else new.at - page.failed_at
        stale = failed_s > PAGE_STALE_AFTER_S and page.at is not None and broker.probe.word == "up"
        subject = f"exporter {broker.name}"
        log.follow(stale, Kind.SOURCE_STALE, "warn", subject, page.error, broker=broker.id)


def host(log: Log, old: Cluster, new: Cluster) -> None:
    """This machine stood still; stalls in a row are one."""
    stalled = new.starved_at is not None and new.starved_at != old.starved_at
    if not stalled or (new.starved_ms or 0.0) < STALL_MS:
        return
    lag_s = (new.starved_ms or 0.0) / 1e3
    known = log.recent(Kind.HOST_STARVED, "this host", STARVED_MERGE_S)
    if known is not None:
        longest = max(lag_s, known.lasted_s or 0.0)
        text = f"stood still again, {longest:.1f} s at most: our stall, not the cluster's"
        log.put(replace(known, ended=log.at, detail=text))
        return
    text = f"stood still for {lag_s:.1f} s: our stall, not the cluster's"
    incident = log.moment(Kind.HOST_STARVED, "warn", "this host", text)
    log.put(replace(incident, began=log.at - lag_s))
