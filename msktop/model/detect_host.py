"""This machine: it stood still, or lost its network. Then nobody else is to blame.

A broker that just falls silent is blamed only once somebody else was heard since: another broker (a refusal
counts too), its own host, an exporter page, AWS. Where nobody is, for HOST_HOLD_S, it is our own network.
"""

from __future__ import annotations

from dataclasses import replace

from msktop.model.broker import Broker
from msktop.model.cluster import Cluster
from msktop.model.incident_log import Log
from msktop.model.incidents import Incident, Kind
from msktop.model.rules import (
    HEARD_SLACK_S,
    HOST_BACK_S,
    HOST_HOLD_S,
    SOURCE_SLACK_S,
    STALL_MS,
    STARVED_MERGE_S,
    SUSPECT_BY_S,
    TOGETHER_S,
)

HOLD = "down/"
"""Before a broker's name: it is down, and nobody has been heard since."""
BACK = "after/host"
"""The network is back; whoever is still down is soon to be judged."""
_NO_SIGN = frozenset({"timeout", "unreachable", "unresolved"})
"""Outcomes in which nothing came back."""
_OVER_THE_NETWORK = ("metadata", "quorum", "offsets", "details", "exporter", "msk", "cloudwatch")
"""Sources whose success shows that the network works; the supervisor's file is on this machine."""
_FOLDED = frozenset(
    {
        Kind.BROKER_UNREACHABLE,
        Kind.BROKER_HUNG,
        Kind.METADATA_NODE_LOST,
        Kind.METADATA_QUORUM_LOST,
        Kind.CLUSTER_UNREACHABLE,
        Kind.ZONE_DOWN,
        Kind.SOURCE_STALE,
    }
)
"""What was said before it was clear that our own network is away."""


# ------------------------------------------------------------------ the network


def is_blind(log: Log) -> bool:
    """Whether nothing can be said of others: our network is away, may be, or was until a moment ago."""
    return log.find(Kind.HOST_OFFLINE) is not None or log.waits(BACK) is not None or bool(log.waiting(HOLD))


def onset(broker: Broker, at: float) -> float:
    """When it fell silent, or was first out of reach."""
    probe = broker.probe
    since = probe.silent_since if probe.silent_since is not None else probe.since
    return at if since is None else min(since, at)


def heard(cluster: Cluster, since: float) -> bool:
    """Whether anyone was heard over the network since."""
    for broker in cluster.brokers.values():
        for at in (broker.probe.reached_at, broker.jmx.at, broker.node.at):
            if at is not None and at > since + HEARD_SLACK_S:
                return True
    sources = (cluster.sources.get(name) for name in _OVER_THE_NETWORK)
    return any(s is not None and (s.last_ok_at or 0.0) > since + SOURCE_SLACK_S for s in sources)


def may_be_ours(cluster: Cluster, broker: Broker, at: float) -> bool:
    """Whether a broker that is down may be well, and our own network away."""
    if broker.probe.outcome not in _NO_SIGN or broker.probe.last_ok_at is None:
        return False
    since = onset(broker, at)
    if at - since >= SUSPECT_BY_S and any(b.probe.word == "up" for b in cluster.brokers.values()):
        return False
    return not heard(cluster, since) and _others_with_it(cluster, broker, since)


def _others_with_it(cluster: Cluster, broker: Broker, since: float) -> bool:
    """Whether somebody else is there who answered until it fell; without one nothing can be compared."""
    others = (b.probe.reached_at for b in cluster.brokers.values() if b.id != broker.id)
    if any(at is not None and at > since - TOGETHER_S for at in others):
        return True
    failed = (cluster.sources[name].failed_at for name in ("msk", "cloudwatch") if name in cluster.sources)
    return any(at is not None and at > since - TOGETHER_S for at in failed)


def network(log: Log, new: Cluster) -> None:
    """Our own network: away once brokers have been out of reach together for long enough, and back."""
    known = log.find(Kind.HOST_OFFLINE)
    if known is not None:
        if heard(new, known.began):
            log.close(log.step(known, "ok", "the network is back"))
            log.pend(BACK)
        return
    back = log.waits(BACK)
    if back is not None and log.at - back > HOST_BACK_S + 1.0:
        log.drop(BACK)
    held = [log.waits(name) or log.at for name in log.waiting(HOLD)]
    if not held or log.at - min(held) < HOST_HOLD_S:
        return
    names = {name.removeprefix(HOLD) for name in log.waiting(HOLD)}
    fallen = [b for b in new.brokers.values() if b.name in names and may_be_ours(new, b, log.at)]
    if fallen:
        _lost(log, new, min(onset(b, log.at) for b in fallen), len(fallen))


def _lost(log: Log, new: Cluster, since: float, brokers: int) -> None:
    text = f"none of {brokers} brokers and nobody else was heard since: our own network, not the cluster"
    incident = log.open(Kind.HOST_OFFLINE, "crit", "this host", text, began=since)
    for name, source in new.sources.items():
        if name in _OVER_THE_NETWORK and source.failed_at is not None:
            incident = log.witness(incident, f"source {name}", source.reason or "gives nothing")
    for name in log.waiting(HOLD):
        log.drop(name)
    for early in [i for i in log.unsettled() if _belongs(new, i, incident)]:
        log.put(replace(early, ended=log.at, settled=True, parent=incident.id, severity="info"))


def _belongs(new: Cluster, early: Incident, offline: Incident) -> bool:
    """Whether it was said of others while our own network was away."""
    if early.kind not in _FOLDED or not early.open or early.began < offline.began - TOGETHER_S:
        return False
    broker = new.brokers.get(early.broker) if early.broker is not None else None
    return broker is None or broker.probe.outcome in _NO_SIGN


# ------------------------------------------------------------------ stalls


def stalls(log: Log, old: Cluster, new: Cluster) -> None:
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
