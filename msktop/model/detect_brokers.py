"""One broker's failure is one incident: when it begins, whose word it rests on, and what it turns out to be.

Its consequences and its recovery are followed in recovery.py.
"""

from __future__ import annotations

from dataclasses import replace

from msktop.model.broker import Broker
from msktop.model.cluster import Cluster
from msktop.model.detect_host import BACK, HOLD, may_be_ours, onset
from msktop.model.detect_planned import operation_at, operation_of
from msktop.model.incident_log import Log
from msktop.model.incidents import FAILURES, Before, Incident, Kind
from msktop.model.leaving import may_be_leaving, said_before, saying_so
from msktop.model.observers import PAGE, PEERS, PROBE, SUPERVISOR, Word, describe, words
from msktop.model.recovery import CONTROLLED, ORDERED, follow_recovery, handed_over_within_s
from msktop.model.restarts import replicated, restarted
from msktop.model.rules import (
    CONTROLLED_WITHIN_S,
    FENCED_AFTER_S,
    FLAP_UNSETTLED_S,
    FLAP_WITHIN_S,
    HOST_BACK_S,
)


def broker_failures(log: Log, old: Cluster, new: Cluster, turn: bool) -> None:
    """Open, follow and close the failures of all brokers; `turn`: enough time has gone by to look at all."""
    look_at_all = turn or new.metadata_at != old.metadata_at
    for broker in new.brokers.values():
        before = old.brokers.get(broker.id)
        if broker is before and not look_at_all:
            continue
        failure = log.find(*FAILURES, subject=broker.name)
        if failure is not None:
            _follow(log, failure, old, new, broker)
        elif broker is not before or _waits(log, broker):
            _begin(log, new, before, broker)
        if before is not None and broker is not before:
            restarted(log, new, before, broker)
            replicated(log, before, broker)
        _fenced(log, new, broker)
    if len(new.brokers) < len(old.brokers):
        _departed(log, new)


def _departed(log: Log, new: Cluster) -> None:
    """A broker that was removed from the cluster is not down any more."""
    for incident in list(log.unsettled()):
        if incident.broker is not None and incident.broker not in new.brokers:
            log.close(log.step(_removed(new, incident), "info", "removed from the cluster"))


def _removed(new: Cluster, incident: Incident) -> Incident:
    """Where it was taken for a removal, that is now known."""
    told = said_before(incident.detail)
    if not told:
        return incident
    planned = incident.planned or operation_of(new, incident) or ORDERED["REMOVING"]
    return replace(incident, planned=planned, detail=told)


# ------------------------------------------------------------------ beginning


def _begin(log: Log, new: Cluster, before: Broker | None, broker: Broker) -> None:
    probe = broker.probe
    was_up = before is None or before.probe.word != "down"
    if probe.word == "down":
        if (was_up or _waits(log, broker)) and _is_its_own(log, new, broker):
            log.drop(HOLD + broker.name)
            _open(log, new, broker)
        return
    log.drop(HOLD + broker.name)
    if before is None:
        return
    if probe.lost_connections > before.probe.lost_connections:
        log.moment(
            Kind.LOST_CONNECTION,
            "info",
            broker.name,
            "our connection was reset; a new one works",
            broker=broker.id,
        )
    # A connection that was just closed, or is silent for a moment, comes before any session time-out.
    if before.counts.leaders > 0 and broker.counts.leaders == 0 and _served(log, new, broker):
        moment = log.moment(
            Kind.LEADERS_MOVED,
            "info",
            broker.name,
            f"handed over its {before.counts.leaders} leaders",
            broker=broker.id,
        )
        log.put(replace(moment, leaders_lost=before.counts.leaders))


def _served(log: Log, new: Cluster, broker: Broker) -> bool:
    """Whether it answered so lately that nobody can have taken its leaders for its silence."""
    last = broker.probe.last_ok_at
    if broker.probe.silent_since is None:
        return broker.probe.word in ("up", "suspect")
    return last is not None and log.at - last <= handed_over_within_s(new, broker)


def _waits(log: Log, broker: Broker) -> bool:
    return log.waits(BACK) is not None or log.waits(HOLD + broker.name) is not None


def _is_its_own(log: Log, new: Cluster, broker: Broker) -> bool:
    """Whether that a broker is down is its own failure; not while our own network is away, or may be."""
    if log.find(Kind.HOST_OFFLINE) is not None:
        return False
    back = log.waits(BACK)
    if back is not None:
        return log.at - back >= HOST_BACK_S
    if not may_be_ours(new, broker, log.at):
        return True
    log.pend(HOLD + broker.name)
    return False


def _open(log: Log, new: Cluster, broker: Broker) -> None:
    probe = broker.probe
    back = log.waits(BACK)
    began = onset(broker, log.at) if back is None else max(back, onset(broker, log.at))
    handed_over = log.recent(Kind.LEADERS_MOVED, broker.name, CONTROLLED_WITHIN_S)
    meant = _ordered(broker) or (CONTROLLED if handed_over is not None else None)
    flapping = _lately(log, broker)
    if flapping is not None and meant is None and operation_at(new, began) is None:
        _again(log, flapping, broker, began)
        return
    if flapping is not None:  # what is done on purpose is no repetition of what failed before
        log.put(replace(flapping, settled=True))
    leaving = may_be_leaving(new, broker, log.at)
    failure = log.open(
        _kind(broker),
        "warn" if leaving else "crit",
        broker.name,
        saying_so(describe(probe)) if leaving else describe(probe),
        began=began,
        zone=broker.zone,
        broker=broker.id,
    )
    failure = log.witness(failure, PROBE, describe(probe), "gone")
    last_ok = {} if probe.last_ok_at is None else {"last_ok": probe.last_ok_at}
    moved: dict[str, float] = {}
    if handed_over is not None and not broker.counts.leaders:
        moved = {"leaders_moved": handed_over.began}
        log.put(replace(handed_over, parent=failure.id))
    log.put(
        replace(
            failure,
            leaders_lost=handed_over.leaders_lost if handed_over and moved else broker.counts.leaders,
            address=f"{broker.host}:{broker.port}",
            planned=meant,
            marks={**last_ok, **failure.marks, **moved},
            before=_before(broker),
        )
    )


def _again(log: Log, failure: Incident, broker: Broker, began: float) -> None:
    kept = {"last_ok", "detected"} | ({"leaders_moved"} if not broker.counts.leaders else set())
    marks = {mark: at for mark, at in failure.marks.items() if mark in kept}
    failure = replace(failure, kind=_kind(broker), severity="crit", planned=None, marks=marks, came_back=None)
    failure = log.again(failure, describe(broker.probe), began)
    log.witness(failure, PROBE, describe(broker.probe), "gone")


def _kind(broker: Broker) -> Kind:
    return Kind.BROKER_HUNG if broker.probe.silent_since is not None else Kind.BROKER_UNREACHABLE


def _ordered(broker: Broker) -> str | None:
    """What the supervisor does with it, where it was told to."""
    state = broker.inventory.state if broker.inventory is not None else None
    return ORDERED.get(state or "")


def _lately(log: Log, broker: Broker) -> Incident | None:
    """Its newest failure, where that is so lately over that this is the same one again."""
    found = [i for kind in FAILURES if (i := log.recent(kind, broker.name, float("inf"))) is not None]
    newest = max(found, key=lambda i: i.began, default=None)
    if newest is None or newest.ended is None:
        return None
    within_s = FLAP_WITHIN_S if newest.settled else FLAP_UNSETTLED_S
    if newest.parent is None and log.at - newest.ended <= within_s:
        return newest
    if not newest.settled:
        log.put(replace(newest, settled=True))
    return None


_COPIED = "replication_bytes_in"
"""Kafka makes this counter when a broker first copies something: until then it is zero."""


def _before(broker: Broker) -> Before:
    usual, page = broker.probe.baseline, broker.jmx
    never = 0.0 if "bytes_in" in page.rates and _COPIED not in page.values else None
    dirs = broker.log_dirs if broker.log_dirs_error == 0 else None
    held = sum(size for d in dirs for _, size in d.topics.values()) if dirs is not None else None
    return Before(
        held_bytes=held,
        started_at=broker.inventory.started_at if broker.inventory is not None else None,
        replicated_bytes=page.values.get(_COPIED, 0.0 if "bytes_in" in page.values else None),
        replicates_per_s=page.rates.get(_COPIED, never),
        baseline_ms=usual.median_ms if usual is not None else None,
        calm_ms=usual.calm_ms if usual is not None else None,
    )


# ------------------------------------------------------------------ while it lasts


def _follow(log: Log, failure: Incident, old: Cluster, new: Cluster, broker: Broker) -> None:
    if failure.ended is not None and broker.probe.word == "down":  # before it had recovered
        _open(log, new, broker)
        return
    if failure.open and broker.probe.word != "up":
        failure = _still_down(log, failure, new, broker)
        failure = _blame(log, failure, new, broker)
    follow_recovery(log, failure, old, new, broker)


def _still_down(log: Log, failure: Incident, new: Cluster, broker: Broker) -> Incident:
    """What is met becomes clearer with time; but a hung broker that is then killed to be mended was hung."""
    detail = describe(broker.probe)
    failure = log.witness(failure, PROBE, detail, "gone")
    if failure.kind is Kind.BROKER_PARTITIONED:
        return failure
    if failure.severity == "warn" and not failure.planned:
        if may_be_leaving(new, broker, failure.detected) or operation_of(new, failure) is not None:
            return failure
        failure = log.put(replace(failure, severity="crit", detail=detail))
    hangs = broker.probe.outcome == "timeout"
    if hangs == (failure.kind is Kind.BROKER_HUNG) and detail != failure.detail:
        return log.put(replace(failure, detail=detail))
    return failure


def _blame(log: Log, failure: Incident, new: Cluster, broker: Broker) -> Incident:
    """Gone for all, or only for us? By all observers together."""
    since = failure.fell
    moved = log.recent(Kind.CONTROLLER_MOVED, "cluster", log.at - since)
    dropped = any(e.observer == PEERS and e.says == "gone" and e.at >= since for e in failure.evidence)
    heard_since = since if moved is None else max(since, moved.began)
    said = tuple(words(new, broker, heard_since, dropped=dropped))
    for word in said[1:]:
        failure = log.witness(failure, word.observer, word.text, word.says)
    apart = failure.came_back is None and _lives(said, broker) and log.find(Kind.METADATA_QUORUM_LOST) is None
    if apart and failure.kind is not Kind.BROKER_PARTITIONED:
        failure = log.put(
            replace(
                failure,
                kind=Kind.BROKER_PARTITIONED,
                severity="warn",
                detail=f"{describe(broker.probe)}; alive for its peers: cut off from us",
            )
        )
        by = " · ".join(f"{w.observer}: {w.text}" for w in said if w.says == "alive")
        return log.step(failure, "info", f"only our way to it is cut · {by}")
    if not apart and failure.kind is Kind.BROKER_PARTITIONED and _gone(said):
        failure = replace(failure, kind=_kind(broker), severity="crit", detail=describe(broker.probe))
        return log.step(failure, "crit", "now gone for its peers too")
    return failure


def _lives(said: tuple[Word, ...], broker: Broker) -> bool:
    """Peers or its own page show that it serves, and nobody but we misses it.

    Where its host refuses the connection nobody listens there: then only its page can say otherwise.
    """
    trusted = (PAGE,) if broker.probe.outcome == "refused" else (PEERS, PAGE)
    by = {word.observer: word for word in said}
    page = by.get(PAGE)
    idle = page is not None and page.says == "neutral" and "no requests" in page.text
    seen = any(w.says == "alive" for o, w in by.items() if o in trusted)
    return seen and not idle and not _gone(said)


def _gone(said: tuple[Word, ...]) -> bool:
    return any(w.says == "gone" for w in said if w.observer in (PEERS, SUPERVISOR))


# ------------------------------------------------------------------ fenced although it answers us


def _fenced(log: Log, new: Cluster, broker: Broker) -> None:
    apart = (
        broker.probe.word == "up"
        and not broker.in_metadata
        and broker.left_metadata_at is not None
        and log.find(*FAILURES, subject=broker.name) is None
    )
    if not apart and log.find(Kind.BROKER_FENCED, subject=broker.name) is None:
        log.held(f"{Kind.BROKER_FENCED}/{broker.name}", False, FENCED_AFTER_S)
        return
    log.follow(
        apart,
        Kind.BROKER_FENCED,
        "warn",
        broker.name,
        "answers us, but the cluster has fenced it",
        for_s=FENCED_AFTER_S,
        broker=broker.id,
    )
