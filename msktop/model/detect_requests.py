"""Traffic that has risen for good: of the whole cluster, or of one broker. traffic.py has the method.

A failure explains a rise that begins in it (clients ask for metadata, leaders move, replicas catch up), so
none begins then. That one broker serves more after leaders moved is no rise either.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from msktop.model.cluster import Cluster
from msktop.model.detect_host import is_blind
from msktop.model.incident_log import Log
from msktop.model.incidents import FAILURES, Incident, Kind
from msktop.model.rise_rules import (
    ADOPT_S,
    CALM_TIMES,
    LEAST_MESSAGES_PER_S,
    LEAST_REQUESTS_PER_S,
    LEAST_SHARE,
    LONG_S,
    MOVED_S,
    RISE_AFTER_S,
    SHORT_S,
    STANDS_OUT,
)
from msktop.model.rise_words import Rise, detail, rise_of
from msktop.model.traffic import RateKey, Usual

CLUSTER = "cluster"


def request_rises(log: Log, old: Cluster, new: Cluster) -> None:
    """Look at all rates that have a new cell."""
    if new.traffic is old.traffic:
        return
    explained = is_blind(log) or log.find(*FAILURES, Kind.ZONE_DOWN) is not None
    usual: dict[int | None, list[tuple[RateKey, Usual]]] = {}
    for key, value in new.traffic.usual.items():
        usual.setdefault(key[1], []).append((key, value))
    whole = rises(log, new, None, usual.get(None, ()))
    known = _known(log, CLUSTER)
    if known is not None or not explained:
        _follow(log, new, CLUSTER, whole, None)
    else:
        log.drop(_pending(CLUSTER))
    moved = _moved_lately(new) or _whole_lately(log)
    for broker in new.brokers.values():
        own = [r for r in rises(log, new, broker.id, usual.get(broker.id, ())) if _stands_out(new, r)]
        if _known(log, broker.name) is None and (explained or moved):
            log.drop(_pending(broker.name))
        else:
            _follow(log, new, broker.name, own, broker.id)


def rises(
    log: Log, cluster: Cluster, broker: int | None, usuals: Collection[tuple[RateKey, Usual]]
) -> list[Rise]:
    """Rates of one broker, or of the cluster, that have risen, the largest rise first."""
    traffic = cluster.traffic
    subject = CLUSTER if broker is None else cluster.brokers[broker].name
    going_on = log.waits(_pending(subject)) is not None or _known(log, subject) is not None
    floor = LEAST_SHARE * sum(usual.median for (figure, _), usual in usuals if figure != "messages")
    found = []
    for key, usual in usuals:
        if not going_on and _is_calm(cluster, key, usual):
            continue
        recent = traffic.recent(key)
        least = LEAST_MESSAGES_PER_S if key[0] == "messages" else max(LEAST_REQUESTS_PER_S, floor)
        if recent.risen(usual, least) or (going_on and _still(cluster, key, usual, least)):
            found.append(rise_of(traffic, key, usual))
    return sorted(found, key=lambda r: (_ORDER.get(r.figure, 1), r.usual - r.now))


_ORDER = {"requests/Produce": 0, "messages": 2}
"""What is written is the cause of what is fetched; records are named last, where requests are known."""


def _is_calm(cluster: Cluster, key: RateKey, usual: Usual) -> bool:
    """By its newest cell alone, which is cheap to see: nearly all rates are."""
    last = cluster.traffic.rates[key].last
    return last is not None and last[1] is not None and last[1] <= usual.median


def _stands_out(cluster: Cluster, rise: Rise) -> bool:
    """Whether it is more than this broker's part of what the whole cluster does."""
    key: RateKey = (rise.figure, None)
    usual, now = cluster.traffic.usual.get(key), cluster.traffic.recent(key).short
    if usual is None or now is None or not usual.median or not rise.usual:
        return False
    return rise.now / rise.usual > STANDS_OUT * now / usual.median


def _still(cluster: Cluster, key: RateKey, usual: Usual, least: float) -> bool:
    """One that has risen goes on until it is usual again."""
    recent = cluster.traffic.recent(key)
    if recent.short is None:  # nobody tells: that ends nothing, unless nobody does for long
        return cluster.at - usual.at < 2 * ADOPT_S
    if usual.long_limit is not None and recent.long is not None:  # of what swings the troughs are no end
        return recent.long > (usual.median * CALM_TIMES + usual.long_limit) / 2
    return recent.short > (usual.calm + usual.short_limit) / 2 and recent.short - usual.median >= least


def _follow(log: Log, new: Cluster, subject: str, found: list[Rise], broker: int | None) -> None:
    known = _known(log, subject)
    if known is None and not found:
        log.drop(_pending(subject))
        return
    incident = log.follow(
        bool(found),
        Kind.REQUEST_RATE_RISE,
        "warn",
        subject,
        known.detail if known is not None else detail(new, found),
        for_s=RISE_AFTER_S,
        broker=broker,
        zone=new.brokers[broker].zone if broker is not None else None,
        by=_observer(found[0]) if found else "",
    )
    if incident is None or not incident.open:
        return
    if known is None:  # it began when its median rose, and half of that span before
        incident = log.put(replace(incident, began=max(new.started_at or 0.0, incident.began - SHORT_S / 2)))
    for rise in found:  # the first words on each rate stay, that it is not told again with each cell
        if not any(seen.text.startswith(f"{rise.name} ") for seen in incident.evidence):
            incident = log.witness(incident, _observer(rise), rise.words)


def _observer(rise: Rise) -> str:
    return "end offsets" if rise.figure == "messages" else "exporter pages"


def _moved_lately(cluster: Cluster) -> bool:
    last = cluster.past.leaders_moved.last
    return last is not None and cluster.at - last[0] < MOVED_S


def _whole_lately(log: Log) -> bool:
    """The cluster's rise lasts, or was over a moment ago: one broker's part of it is not told on its own."""
    last = log.recent(Kind.REQUEST_RATE_RISE, CLUSTER, 2 * ADOPT_S)
    return last is not None and (last.ended is None or log.at - last.ended < LONG_S)


def _known(log: Log, subject: str) -> Incident | None:
    return log.find(Kind.REQUEST_RATE_RISE, subject=subject)


def _pending(subject: str) -> str:
    return f"{Kind.REQUEST_RATE_RISE}/{subject}"
