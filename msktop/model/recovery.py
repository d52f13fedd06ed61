"""What follows from a broker's failure, and its recovery turn by turn: the stopwatch.

last good answer → detected → new leaders for all it led → it answers again → in sync everywhere → preferred
leaders back → latency at its baseline.
"""

from __future__ import annotations

from dataclasses import replace

from msktop.model.cluster import Broker, Cluster
from msktop.model.incident_log import Log
from msktop.model.incidents import Incident, Kind
from msktop.model.observers import PROBE
from msktop.model.rules import CONTROLLED_MOVE_S, LEADERS_BACK_WITHIN_S

CONTROLLED = "controlled shutdown"


def follow_recovery(log: Log, failure: Incident, old: Cluster, new: Cluster, broker: Broker) -> None:
    """One look at a failure that is not settled."""
    before = old.brokers.get(broker.id, broker)
    if failure.open and broker.probe.word == "up":
        failure = _answers(log, failure, broker)
    if new.metadata_at != old.metadata_at:
        failure = _consequences(log, failure, old, new, before, broker)
        _recovery(log, failure, new, broker)


def _answers(log: Log, failure: Incident, broker: Broker) -> Incident:
    address = f"{broker.host}:{broker.port}"
    same = failure.address == address
    text = f"answers again · {'same address' if same else 'new address ' + broker.host}"
    failure = log.step(failure, "heal", text, "answers")
    failure = log.witness(failure, PROBE, "answers", "alive")
    falls = failure.falls
    if falls:
        falls = (*falls[:-1], replace(falls[-1], ended=log.at))
    return log.put(replace(failure, ended=log.at, address_after=address, falls=falls))


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
        if failure.came_back is None and _same_process(failure, broker):
            failure = log.put(replace(failure, came_back="resumed"))
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


def _same_process(failure: Incident, broker: Broker) -> bool:
    """Whether the control plane, or its own counters since, show that its process went on."""
    was = failure.before.started_at if failure.before is not None else None
    if was is not None and broker.inventory is not None and broker.inventory.started_at == was:
        return True
    page, ended = broker.jmx, failure.ended or 0.0
    began_anew = page.reset_at is not None and page.reset_at >= failure.began
    seen = page.at is not None and page.at >= ended and "bytes_in" in page.values
    return was is None and seen and not began_anew


def _in_sync(new: Cluster) -> str:
    left = new.totals.under_replicated
    return "in sync" + (f" · {left} still under-replicated elsewhere" if left else " · 0 under-replicated")
