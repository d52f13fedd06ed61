"""A broker's process is a new one: restarted, or replaced by the control plane.

Signs: the control plane's time of its start, its JVM's own, or counters of its exporter page that went back.
"""

from __future__ import annotations

from dataclasses import replace

from msktop.model.broker import Broker
from msktop.model.cluster import Cluster
from msktop.model.incident_log import Log
from msktop.model.incidents import FAILURES, CameBack, Incident, Kind
from msktop.model.observers import NODES, PAGE, STATE, SUPERVISOR
from msktop.model.rules import RESTART_WITHIN_S

_MENDED = "HEALING"
"""What the MSK API and the supervisor say while a broker is being replaced."""
_ROUNDING_S = 1.0


def restarted(log: Log, new: Cluster, before: Broker, broker: Broker) -> None:
    """A new process: part of the failure that it ends, or an event of its own where nothing was missed."""
    found = _new_process(new, before, broker)
    if found is None:
        return
    failure = _failure(log, broker)
    observer, text = found
    if failure is None:
        kind, word = Kind.BROKER_RESTARTED, "restarted"
        if _mending(new, broker):
            kind, word = Kind.BROKER_REPLACED, "replaced by the control plane"
        log.moment(kind, "info", broker.name, f"{word}: {text}", broker=broker.id, by=observer)
        return
    if observer == PAGE:
        failure = log.witness(failure, observer, text)
    came_back: CameBack = "replaced" if _was_mended(failure) else "restarted"
    if failure.came_back == came_back:
        return
    words = "replaced by the control plane" if came_back == "replaced" else "restarted"
    log.step(replace(failure, came_back=came_back), "heal", f"{words} · {text}")


def replicated(log: Log, before: Broker, broker: Broker) -> None:
    """How much it has copied since it fell, by its first page after it was in sync again."""
    page = broker.jmx
    if page.at is None or page.at == before.jmx.at:
        return
    failure = _failure(log, broker)
    in_sync = failure.marks.get("isr_full") if failure is not None else None
    if failure is None or failure.before is None or in_sync is None or page.at <= in_sync:
        return
    copied, was = page.values.get("replication_bytes_in"), failure.before.replicated_bytes
    if failure.replicated_bytes is not None or copied is None:
        return
    if failure.came_back == "resumed" or (failure.came_back is None and was is not None and copied >= was):
        copied = None if was is None else copied - was  # the counter of the same process goes on
    log.put(replace(failure, replicated_bytes=copied, replicated_s=page.at - failure.began))


def _failure(log: Log, broker: Broker) -> Incident | None:
    """The failure that a new process of this broker belongs to."""
    found = log.find(*FAILURES, subject=broker.name)
    if found is not None:
        return found
    late = [i for kind in FAILURES if (i := log.recent(kind, broker.name, float("inf"))) is not None]
    newest = max(late, key=lambda i: i.began, default=None)
    if newest is None or newest.ended is None or log.at - newest.ended > RESTART_WITHIN_S:
        return None
    return newest


def _new_process(new: Cluster, before: Broker, broker: Broker) -> tuple[str, str] | None:
    """Who says so, and in which words."""
    was = before.inventory.started_at if before.inventory is not None else None
    now = broker.inventory.started_at if broker.inventory is not None else None
    if was is not None and now is not None and now > was + _ROUNDING_S:
        return SUPERVISOR if "inventory" in new.sources else NODES, "a new process"
    if broker.jmx.reset_at is not None and broker.jmx.reset_at != before.jmx.reset_at:
        return PAGE, "its counters began anew"
    return None


# ------------------------------------------------------------------ replaced


def _mending(new: Cluster, broker: Broker) -> bool:
    state = broker.inventory.state if broker.inventory is not None else None
    return state == _MENDED or (state is None and new.state == _MENDED)


def _was_mended(failure: Incident) -> bool:
    return any(e.observer in (SUPERVISOR, NODES, STATE) and _MENDED in e.text for e in failure.evidence)
