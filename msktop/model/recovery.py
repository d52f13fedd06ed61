"""What follows from a broker's failure, and its recovery turn by turn: the stopwatch.

last good answer → detected → new leaders for all it led → it answers again → in sync everywhere → preferred
leaders back → latency at its baseline. That it answers on a new connection, and that it is in sync, lies in
the middle between the last look that missed it and the first that saw it: an estimate.
"""

from __future__ import annotations

from dataclasses import replace

from msktop.model.baseline import recent_ms
from msktop.model.broker import Broker
from msktop.model.cluster import Cluster
from msktop.model.incident_log import Log
from msktop.model.incidents import Incident, Kind
from msktop.model.observers import PROBE, session_timeout_s
from msktop.model.rules import (
    CALM_SPAN_S,
    CONTROLLED_MOVE_S,
    CONTROLLED_SHARE,
    LATENCY_BACK_WITHIN_S,
    LEADERS_BACK_WITHIN_S,
)

CONTROLLED = "controlled shutdown"
ORDERED = {"REBOOTING": "reboot", "REMOVING": "removal"}
"""What the supervisor calls a broker that it was told to stop, and what that is."""


def follow_recovery(log: Log, failure: Incident, old: Cluster, new: Cluster, broker: Broker) -> None:
    """One look at a failure that is not settled."""
    before = old.brokers.get(broker.id, broker)
    if failure.open and broker.probe.word == "up":
        failure = _answers(log, failure, before, broker)
    if new.metadata_at != old.metadata_at:
        failure = _consequences(log, failure, old, new, before, broker)
        failure = _meant(log, failure, new, broker)
        failure = _recovery(log, failure, old, new, broker)
    _settle(log, _latency_back(log, failure, broker))


def _answers(log: Log, failure: Incident, before: Broker, broker: Broker) -> Incident:
    # New connections are tried once a second: it has listened since some time after the last that failed.
    missed = before.probe.connect_failed_at if broker.probe.connect_failed_at is None else None
    came = _between(missed, log.at, failure.fell)
    address = f"{broker.host}:{broker.port}"
    same = failure.address == address
    text = f"answers again · {'same address' if same else 'new address ' + broker.host}"
    failure = log.step(failure, "heal", text, "answers", came)
    failure = _estimated(log, failure, "answers", came)
    failure = log.witness(failure, PROBE, "answers", "alive")
    falls = failure.falls
    if falls:
        falls = (*falls[:-1], replace(falls[-1], ended=came))
    return log.put(replace(failure, ended=came, address_after=address, falls=falls))


def _between(missed: float | None, seen: float, least: float) -> float:
    """When something came about that one look missed and a later one saw: the middle, an estimate.

    >>> _between(10.0, 11.0, 2.0), _between(None, 11.0, 2.0), _between(1.0, 3.0, 2.9)
    (10.5, 11.0, 2.9)
    """
    return seen if missed is None else max(least, (missed + seen) / 2)


def _estimated(log: Log, failure: Incident, mark: str, came: float) -> Incident:
    between = failure.between - {mark} if came == log.at else failure.between | {mark}
    return log.put(replace(failure, between=between))


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
    return log.put(replace(failure, leaders_lost=lost))


def _meant(log: Log, failure: Incident, new: Cluster, broker: Broker) -> Incident:
    """A session time-out is seconds long: leaders that are gone at once were handed over, if we saw its end.

    Asked again while it lasts, for how long the sessions are may be known only later.
    """
    moved = failure.marks.get("leaders_moved")
    if moved is None or failure.planned is not None or failure.kind is not Kind.BROKER_UNREACHABLE:
        return failure
    if broker.probe.last_ok_at is None or not 0 <= moved - failure.fell <= handed_over_within_s(new, broker):
        return failure
    return log.put(replace(failure, planned=CONTROLLED))


def handed_over_within_s(new: Cluster, broker: Broker) -> float:
    """Leaders that are gone sooner were handed over: nobody takes them before the broker's session ends."""
    known = next(
        (b for b in (broker, *new.brokers.values()) if b.config is not None and not b.config_error), None
    )
    if known is None:  # its session may be as short as somebody liked
        return CONTROLLED_MOVE_S
    return max(CONTROLLED_MOVE_S, CONTROLLED_SHARE * session_timeout_s(new, known))


def _recovery(log: Log, failure: Incident, old: Cluster, new: Cluster, broker: Broker) -> Incident:
    """What Metadata that came after it answered says."""
    if failure.ended is None or new.metadata_at is None or new.metadata_at <= failure.ended:
        return failure
    if not broker.in_metadata:
        return failure
    if "isr_full" not in failure.marks and broker.counts.out_of_isr == 0:
        came = _between(old.metadata_at, log.at, failure.ended)
        failure = log.step(failure, "ok", _in_sync(new), "isr_full", came)
        failure = _estimated(log, failure, "isr_full", came)
        if failure.came_back is None and _same_process(failure, broker):
            failure = log.put(replace(failure, came_back="resumed"))
    waits = "leaders_moved" in failure.marks and "leaders_back" not in failure.marks
    if "isr_full" in failure.marks and waits and broker.counts.leaders >= failure.leaders_lost:
        word = "" if _waits_for_latency(failure) else "recovered · "
        text = f"{word}{failure.leaders_lost} of {failure.leaders_lost} leaders back"
        failure = log.step(failure, "ok", text, "leaders_back")
    return failure


def _latency_back(log: Log, failure: Incident, broker: Broker) -> Incident:
    """From when on its answers are as fast as before; measured over the first seconds in which they are."""
    calm_ms = failure.before.calm_ms if failure.before is not None else None
    if failure.ended is None or calm_ms is None or "latency_back" in failure.marks:
        return failure
    if log.at - failure.ended < CALM_SPAN_S:
        return failure
    since = log.at - CALM_SPAN_S
    recent = recent_ms(broker.probe.pings, log.at, since)
    if recent is None or recent > calm_ms:
        return failure
    usual = failure.before.baseline_ms if failure.before is not None else None
    failure = log.step(failure, "ok", f"latency at its baseline · {recent:.2g} ms, usually {usual:.2g}")
    turn = replace(failure.steps[-1], took_s=since - failure.began)
    marks = {**failure.marks, "latency_back": since}
    return log.put(replace(failure, steps=(*failure.steps[:-1], turn), marks=marks))


def _settle(log: Log, failure: Incident) -> None:
    """It is over for good once nothing more is to come, or has been waited for long enough."""
    in_sync = failure.marks.get("isr_full")
    if failure.ended is None or in_sync is None:
        return
    waited_s = log.at - in_sync
    leaders = "leaders_moved" in failure.marks and "leaders_back" not in failure.marks
    latency = _waits_for_latency(failure)
    if leaders and waited_s <= LEADERS_BACK_WITHIN_S:
        return
    if latency and waited_s <= LATENCY_BACK_WITHIN_S:
        return
    log.put(replace(failure, settled=True))


def _waits_for_latency(failure: Incident) -> bool:
    known = failure.before is not None and failure.before.calm_ms is not None
    return known and "latency_back" not in failure.marks


def _in_sync(new: Cluster) -> str:
    left = new.totals.under_replicated
    return "in sync" + (f" · {left} still under-replicated elsewhere" if left else " · 0 under-replicated")


def _same_process(failure: Incident, broker: Broker) -> bool:
    """Whether the control plane, or its own counters since, show that its process went on."""
    was = failure.before.started_at if failure.before is not None else None
    if was is not None and broker.inventory is not None and broker.inventory.started_at == was:
        return True
    page, ended = broker.jmx, failure.ended or 0.0
    began_anew = page.reset_at is not None and page.reset_at >= failure.began
    seen = page.at is not None and page.at >= ended and "bytes_in" in page.values
    return was is None and seen and not began_anew
