"""Incidents of the cluster as a whole, its zones, its metadata nodes, our sources and this machine."""

from __future__ import annotations

from dataclasses import replace

from msktop.model.cluster import Cluster
from msktop.model.detect_host import is_blind
from msktop.model.incident_log import Log
from msktop.model.incidents import FAILURES, Incident, Kind
from msktop.model.rules import (
    CLOUDWATCH_STALE_AFTER_S,
    LOGIN_REFUSED_AFTER_S,
    OFFLINE_AFTER_S,
    PAGE_STALE_AFTER_S,
    SOURCE_STALE_AFTER_S,
    UNDER_REPLICATED_AFTER_S,
)

_REACHES_KAFKA = ("probe", "metadata")
_NEED_A_QUORUM = ("quorum", "writes")
"""Sources that cannot work without one, which is said already: no topic is made without it."""


def _failure(log: Log) -> Incident | None:
    """The newest broker failure that is not settled."""
    return log.find(*FAILURES)


# ------------------------------------------------------------------ nobody answers


def availability(log: Log, new: Cluster) -> None:
    """No broker at all, or none of a zone."""
    if is_blind(log):
        return
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


_CREDENTIALS = frozenset({"expired", "invalid_credentials", "no_credentials", "login"})
"""How AWS calls fail until somebody renews the credentials, or their chain does."""


def credentials(log: Log, new: Cluster) -> None:
    """AWS refuses our credentials, or every broker our login, though it was good before."""
    states = (new.sources.get(name) for name in ("msk", "cloudwatch"))
    refused = next((s for s in states if s is not None and s.kind in _CREDENTIALS), None)
    log.follow(
        refused is not None,
        Kind.CREDENTIALS_EXPIRED,
        "warn",
        "AWS",
        refused.reason if refused is not None else "",
    )
    brokers = new.brokers.values()
    turned_away = [b for b in brokers if b.probe.outcome == "sasl" and b.probe.last_ok_at is not None]
    nobody = bool(turned_away) and not any(b.probe.word == "up" for b in brokers)
    why = turned_away[0].probe.error if turned_away else ""
    log.follow(
        nobody,
        Kind.CREDENTIALS_EXPIRED,
        "warn",
        "Kafka login",
        f"no broker accepts it any more: {why or 'refused'}",
        for_s=LOGIN_REFUSED_AFTER_S,
        by="our probe",
    )


def cloudwatch(log: Log, new: Cluster) -> None:
    """CloudWatch answers, but has nothing new."""
    newest = new.metrics_newest_at
    age_s = 0.0 if newest is None else new.at - newest
    known = log.find(Kind.SOURCE_STALE, subject="CloudWatch")
    stale = bool(new.metrics_queries_per_hour) and age_s > CLOUDWATCH_STALE_AFTER_S
    detail = known.detail if known is not None else f"its newest point is {age_s / 60:.0f} minutes old"
    log.follow(stale, Kind.SOURCE_STALE, "warn", "CloudWatch", detail, by="CloudWatch")


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
        f"{under} partitions under-replicated{_lagging(new)}",
        for_s=UNDER_REPLICATED_AFTER_S,
    )


def _lagging(new: Cluster) -> str:
    """Whose replicas are out of sync, where they are few brokers'."""
    behind = [b for b in new.brokers.values() if b.counts.out_of_isr]
    if not 0 < len(behind) <= 3:
        return ""
    return ": " + ", ".join(f"{b.name} is out of {b.counts.out_of_isr}" for b in behind)


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
    blind = is_blind(log) or log.find(Kind.CLUSTER_UNREACHABLE) is not None
    leaderless = log.find(Kind.METADATA_QUORUM_LOST) is not None
    for name, state in new.sources.items():
        failed_s = 0.0 if state.failed_at is None else new.at - state.failed_at
        stale = failed_s > SOURCE_STALE_AFTER_S and not blind and not (leaderless and name in _NEED_A_QUORUM)
        stale = stale and state.kind not in _CREDENTIALS
        log.follow(stale, Kind.SOURCE_STALE, "warn", f"source {name}", state.reason or "gives nothing")
    for broker in new.brokers.values():
        page = broker.jmx
        # A page that failed while its broker was away has failed only since the broker answers again.
        begun = max(page.failed_at or 0.0, broker.probe.since or 0.0)
        failed_s = 0.0 if page.failed_at is None else new.at - begun
        stale = failed_s > PAGE_STALE_AFTER_S and page.at is not None and broker.probe.word == "up"
        subject = f"exporter {broker.name}"
        log.follow(stale, Kind.SOURCE_STALE, "warn", subject, page.error, broker=broker.id)
