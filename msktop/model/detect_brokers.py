"""One broker's failure is one incident: its beginning, its consequences and its recovery, folded in."""

from __future__ import annotations

from dataclasses import replace

from msktop.model.cluster import Broker, Cluster, Probe
from msktop.model.incident_log import Log
from msktop.model.incidents import Incident, Kind
from msktop.model.rules import (
    CONTROLLED_MOVE_S,
    CONTROLLED_WITHIN_S,
    FENCED_AFTER_S,
    LEADERS_BACK_WITHIN_S,
)

FAILURES = (Kind.BROKER_UNREACHABLE, Kind.BROKER_HUNG)
CONTROLLED = "controlled shutdown"

_STAGE_WORDS = {
    "dns": "DNS",
    "tcp": "TCP",
    "proxy": "proxy",
    "tls": "TLS",
    "sasl": "SASL",
    "api_versions": "ApiVersions",
    "metadata": "Metadata",
}


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
        elif broker is not before:
            _begin(log, before, broker)
        _fenced(log, new, broker)
    if len(new.brokers) < len(old.brokers):
        _departed(log, new)


def _departed(log: Log, new: Cluster) -> None:
    """A broker that was removed from the cluster is not down any more."""
    for incident in list(log.unsettled()):
        if incident.broker is not None and incident.broker not in new.brokers:
            log.close(log.step(incident, "info", "removed from the cluster"))


# ------------------------------------------------------------------ beginning


def _begin(log: Log, before: Broker | None, broker: Broker) -> None:
    probe = broker.probe
    was_up = before is None or before.probe.word != "down"
    if probe.word == "down" and was_up:
        _open(log, broker)
        return
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
    # A connection that was just closed, and cannot be made again yet, comes before any session time-out.
    serving = probe.word == "up" or (probe.word == "suspect" and probe.silent_since is None)
    if serving and before.counts.leaders > 0 and broker.counts.leaders == 0:
        log.moment(
            Kind.LEADERS_MOVED,
            "info",
            broker.name,
            f"handed over its {before.counts.leaders} leaders",
            broker=broker.id,
        )


def _open(log: Log, broker: Broker) -> None:
    probe = broker.probe
    hung = probe.silent_since is not None
    failure = log.open(
        Kind.BROKER_HUNG if hung else Kind.BROKER_UNREACHABLE,
        "crit",
        broker.name,
        describe(probe),
        began=probe.silent_since if hung else probe.since,
        zone=broker.zone,
        broker=broker.id,
    )
    handed_over = log.recent(Kind.LEADERS_MOVED, broker.name, CONTROLLED_WITHIN_S)
    log.put(
        replace(
            failure,
            leaders_lost=broker.counts.leaders,
            address=f"{broker.host}:{broker.port}",
            planned=CONTROLLED if handed_over is not None else None,
        )
    )


def describe(probe: Probe) -> str:
    """What our connection met, in one line.

    >>> describe(Probe(word="down", outcome="refused", failed_stage="tcp"))
    'connection refused'
    >>> describe(Probe(word="down", outcome="timeout", failed_stage="api_versions", passed=("dns", "tcp")))
    'hung at ApiVersions (DNS, TCP answered)'
    >>> describe(Probe(word="down", outcome="timeout", failed_stage="tcp"))
    'no answer to a TCP connect'
    """
    stage = _STAGE_WORDS.get(probe.failed_stage or "", "")
    if probe.outcome == "timeout":
        if probe.failed_stage == "tcp":
            return "no answer to a TCP connect"
        passed = ", ".join(_STAGE_WORDS[s] for s in probe.passed)
        return f"hung at {stage or 'ApiVersions'}" + (f" ({passed} answered)" if passed else "")
    return {
        "refused": "connection refused",
        "reset": f"connection reset at {stage or 'TCP'}",
        "unresolved": "its name does not resolve",
        "unreachable": probe.error or "no route to it",
    }.get(probe.outcome, probe.error or "cannot be probed")


# ------------------------------------------------------------------ consequences and recovery


def _follow(log: Log, failure: Incident, old: Cluster, new: Cluster, broker: Broker) -> None:
    before = old.brokers.get(broker.id, broker)
    if failure.open and broker.probe.word == "up":
        failure = _answers(log, failure, broker)
    elif failure.open:
        failure = _still_down(log, failure, broker)
    elif broker.probe.word == "down":
        log.put(replace(failure, settled=True))  # down again before it had recovered: the next one
        _open(log, broker)
        return
    if _restarted(before, broker):
        failure = log.step(failure, "heal", "started anew by the control plane, storage kept")
    if new.metadata_at != old.metadata_at:
        failure = _consequences(log, failure, old, new, before, broker)
        _recovery(log, failure, new, broker)


def _still_down(log: Log, failure: Incident, broker: Broker) -> Incident:
    """What is met becomes clearer with time; but a hung broker that is then killed to be mended was hung."""
    detail = describe(broker.probe)
    hangs = broker.probe.outcome == "timeout"
    if hangs == (failure.kind is Kind.BROKER_HUNG) and detail != failure.detail:
        return log.put(replace(failure, detail=detail))
    return failure


def _answers(log: Log, failure: Incident, broker: Broker) -> Incident:
    same = failure.address == f"{broker.host}:{broker.port}"
    text = f"answers again · {'same address' if same else 'new address ' + broker.host}"
    failure = log.step(failure, "heal", text, "answers")
    return log.put(replace(failure, ended=log.at))


def _restarted(before: Broker, broker: Broker) -> bool:
    was, now = before.inventory, broker.inventory
    if was is None or now is None or was.started_at is None or now.started_at is None:
        return False
    return now.started_at > was.started_at


def _consequences(
    log: Log, failure: Incident, old: Cluster, new: Cluster, before: Broker, broker: Broker
) -> Incident:
    if "leaders_moved" in failure.marks or broker.counts.leaders > 0:
        return failure
    lost = max(failure.leaders_lost, before.counts.leaders)
    if lost == 0:
        return failure
    moved_to = " ".join(
        b.name
        for b in new.brokers.values()
        if b.id in old.brokers and b.counts.leaders > old.brokers[b.id].counts.leaders
    )
    fenced = "" if broker.in_metadata else "fenced · "
    text = f"{fenced}{lost} leaders moved" + (f" to {moved_to}" if moved_to else "")
    if new.totals.under_replicated:
        text += f" · {new.totals.under_replicated} under-replicated"
    failure = log.step(failure, "heal", text, "leaders_moved")
    # A session time-out is seconds long: leaders that are gone at once were handed over, if we saw its end.
    soon = log.at - failure.began <= CONTROLLED_MOVE_S and failure.kind is Kind.BROKER_UNREACHABLE
    soon = soon and broker.probe.last_ok_at is not None
    planned = failure.planned or (CONTROLLED if soon else None)
    return log.put(replace(failure, leaders_lost=lost, planned=planned))


def _recovery(log: Log, failure: Incident, new: Cluster, broker: Broker) -> None:
    if failure.ended is None or new.metadata_at is None or new.metadata_at <= failure.ended:
        return
    if not broker.in_metadata:
        return
    if "isr_full" not in failure.marks and broker.counts.out_of_isr == 0:
        failure = log.step(failure, "ok", _in_sync(new), "isr_full")
        if "leaders_moved" not in failure.marks:  # it was back before anyone noticed, or led nothing
            failure = log.put(replace(failure, settled=True))
            return
    if "isr_full" not in failure.marks:
        return
    if broker.counts.leaders >= failure.leaders_lost:
        text = f"recovered · {failure.leaders_lost} of {failure.leaders_lost} leaders back"
        log.put(replace(log.step(failure, "ok", text, "leaders_back"), settled=True))
    elif log.at - failure.marks["isr_full"] > LEADERS_BACK_WITHIN_S:
        log.put(replace(failure, settled=True))


def _in_sync(new: Cluster) -> str:
    left = new.totals.under_replicated
    return "in sync" + (f" · {left} still under-replicated elsewhere" if left else " · 0 under-replicated")


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
