"""Latency above its own baseline: one broker's, or most of them together. baseline.py has the method."""

from __future__ import annotations

from dataclasses import replace

from msktop.model.broker import Broker
from msktop.model.cluster import Cluster
from msktop.model.detect_host import is_blind
from msktop.model.incident_log import Log
from msktop.model.incidents import FAILURES, Incident, Kind
from msktop.model.rules import FRESH_S, RECENT_SPAN_S, SLOW_AFTER_S, SLOW_TOGETHER_AFTER_S

CLUSTER = "cluster"


def latency(log: Log, new: Cluster) -> None:
    """Look at all brokers; to be called a few times a second."""
    if is_blind(log) or _starved(new):
        return
    slow = [b for b in new.brokers.values() if is_slow(log, b, new.at)]
    failure = log.find(*FAILURES)
    if failure is not None:
        for broker in slow:
            if broker.id != failure.broker:
                failure = log.witness(failure, f"probe of {broker.name}", "slower than usual meanwhile")
        slow = [b for b in slow if _known(log, b.name) is not None]  # what began before goes on
    together = len(slow) > 1 and 2 * len(slow) >= sum(b.probe.word == "up" for b in new.brokers.values())
    known = _known(log, CLUSTER)
    whole = log.follow(
        together,
        Kind.LATENCY_HIGH,
        "warn",
        CLUSTER,
        known.detail if known is not None else _all_of_them(slow, len(new.brokers)),
        for_s=SLOW_TOGETHER_AFTER_S,
    )
    for broker in new.brokers.values():
        _one(log, broker, broker in slow, together, whole)


def _one(log: Log, broker: Broker, slow: bool, together: bool, whole: Incident | None) -> None:
    known = _known(log, broker.name)
    if together and known is None:  # theirs or our way's: no one broker's
        log.drop(f"{Kind.LATENCY_HIGH}/{broker.name}")
        return
    found = log.follow(
        slow,
        Kind.LATENCY_HIGH,
        "warn",
        broker.name,
        words_of(broker) if known is None else known.detail,
        for_s=SLOW_AFTER_S,
        broker=broker.id,
        zone=broker.zone,
    )
    if found is not None and found.open and found.parent is None and whole is not None and whole.open:
        log.put(replace(found, parent=whole.id))


def is_slow(log: Log, broker: Broker, at: float) -> bool:
    """Above its limit; one that already was is slow until it is back at its baseline."""
    probe = broker.probe
    if probe.baseline is None or probe.recent_ms is None or probe.word != "up":
        return False
    if probe.last_ok_at is None or at - probe.last_ok_at > FRESH_S:
        return False
    going_on = log.waits(f"{Kind.LATENCY_HIGH}/{broker.name}") or _known(log, broker.name)
    return probe.recent_ms > (probe.baseline.calm_ms if going_on else probe.baseline.limit_ms)


def words_of(broker: Broker) -> str:
    """`answers in 48.2 ms, usually 1.3`; the first of an incident stays its detail, as it was noticed."""
    probe = broker.probe
    usual = probe.baseline.median_ms if probe.baseline is not None else 0.0
    return f"answers in {probe.recent_ms or 0.0:.3g} ms, usually {usual:.2g}"


def _all_of_them(slow: list[Broker], brokers: int) -> str:
    worst = max(slow, key=lambda b: b.probe.recent_ms or 0.0, default=None)
    told = f" ({worst.name} {words_of(worst)})" if worst is not None else ""
    return f"{len(slow)} of {brokers} brokers are slower than usual{told}: all of them, or our way there"


def _known(log: Log, subject: str) -> Incident | None:
    return log.find(Kind.LATENCY_HIGH, subject=subject)


def _starved(new: Cluster) -> bool:
    return new.starved_at is not None and new.at - new.starved_at < RECENT_SPAN_S
