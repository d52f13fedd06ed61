"""Which lanes the timeline has, from top to bottom, and when nobody looked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from msktop.model.broker import Broker
from msktop.model.cluster import Cluster
from msktop.model.incidents import Incident, Kind
from msktop.model.past import SLOWEST_EVERY_S
from msktop.model.series import Series
from msktop.session import View
from msktop.ui.format import foreign
from msktop.ui.places import Place
from msktop.ui.rows.timeline import (
    Gap,
    Lane,
    broker_spans,
    incident_spans,
    isr_spans,
    move_spans,
    operation_spans,
    state_spans,
)
from msktop.ui.widgets.broker_cells import zones_of

_LATE_S = 3 * SLOWEST_EVERY_S
"""Between two points of what comes each 5 s: nobody probed."""


def unwatched(probes: Series, log: Iterable[Incident], now: float) -> tuple[Gap, ...]:
    """When this process or its host stood still, probed nobody, or had no network.

    >>> probes = Series().append(5.0, 1.0).append(10.0, None).append(70.0, 1.0)
    >>> unwatched(probes, (), 75.0), unwatched(probes, (), 95.0)
    (((10.0, 65.0),), ((10.0, 65.0), (70.0, None)))
    """
    times = [at for at, _ in probes.since(0.0)]
    gaps: list[Gap] = [(a, b - SLOWEST_EVERY_S) for a, b in pairwise(times) if b - a > _LATE_S]
    if times and now - times[-1] > _LATE_S:
        gaps.append((times[-1], None))
    return (*gaps, *((i.began, i.ended) for i in log if i.kind is Kind.HOST_OFFLINE))


def broker_lanes(
    view: View, room: int, wanted: Sequence[int] | None = None, gaps: tuple[Gap, ...] = ()
) -> list[Lane]:
    """A lane a broker under its zone's name; without that, or folded into it, where room is short.

    Of folded brokers those get a lane that something befell, as many of the newest as there is room for.
    `wanted`: only these brokers.
    """
    zones = _by_zone(view.cluster, wanted)
    count = sum(len(brokers) for _, brokers in zones)
    folded, named = count > room, len(zones) + count <= room
    befell: dict[int, list[Incident]] = {}
    for incident in view.incidents.log:
        if incident.broker is not None:
            befell.setdefault(incident.broker, []).append(incident)
    spans = {b.id: broker_spans(befell.get(b.id, ()), b.id) for _, brokers in zones for b in brokers}
    told = _troubled(view.incidents.log, tuple(spans), room - len(zones)) if folded else set(spans)
    since = view.cluster.started_at if len(view.cluster.past.slowest_ms) else None
    out: list[Lane] = []
    for zone, brokers in zones:
        name, place, key = foreign(zone, 16) or "no zone", Place("zone", zone=zone), f"zone/{zone}"
        if folded:
            words = f"{name} {len(brokers)}" if len(name) < 12 else name
            every = tuple(s for b in brokers for s in spans[b.id])
            out.append(Lane("zone", words, every, key, place, since, gaps))
        elif named:
            out.append(Lane("zone", name, key=key, heading=True))
        for b in brokers:
            if b.id in told:
                label = f"  {b.name}" if named or folded else f"{b.name} {name}"
                place = Place("broker", broker=b.id)
                out.append(Lane("broker", label, spans[b.id], f"broker/{b.id}", place, since, gaps))
    return out


def _by_zone(cluster: Cluster, wanted: Sequence[int] | None) -> list[tuple[str, list[Broker]]]:
    """Zones with those of their brokers that are wanted; none without any."""
    zones = [
        (zone, [b for b in cluster.zone_brokers(zone) if wanted is None or b.id in wanted])
        for zone in zones_of(cluster)
    ]
    return [(zone, brokers) for zone, brokers in zones if brokers]


def _troubled(log: Sequence[Incident], brokers: Sequence[int], most: int) -> set[int]:
    """To whom something happened last.

    >>> fell = [Incident(n, Kind.BROKER_HUNG, "crit", "", 1.0, 1.0, "", broker=n) for n in (1, 2, 3)]
    >>> sorted(_troubled(fell, (1, 2, 4), 1)), _troubled(fell, (1, 2, 4), -1)
    ([2], set())
    """
    befell = [
        i.broker
        for i in reversed(log)
        if i.severity != "info" and i.broker is not None and i.broker in brokers
    ]
    return set(list(dict.fromkeys(befell))[: max(0, most)])


def lanes_of(view: View, room: int, wanted: Sequence[int] | None = None) -> list[Lane]:
    """All lanes, in `room` rows where that can be; the brokers take what the others leave."""
    cluster, log = view.cluster, view.incidents.log
    since, past = cluster.started_at, cluster.past
    gaps = unwatched(past.slowest_ms, log, cluster.at)
    told = 0.0 if cluster.operations is not None else None
    stated = past.states[0][0] if past.states else None
    above = [
        Lane("operations", "operations", operation_spans(cluster), "operations", Place("operations"), told),
        Lane("state", "state", state_spans(past.states), "state", Place("cluster"), stated),
    ]
    connected = since if cluster.connected else None
    below = [
        Lane("moves", "leader moves", move_spans(view), "moves", Place("topics"), connected, gaps),
        Lane("isr", "under-replicated", isr_spans(log), "isr", Place("topics"), connected),
        Lane("requests", "requests", (), "requests", Place("requests"), since),
        Lane("probe", "slowest probe", (), "probe", Place("brokers"), since),
        Lane("incidents", "incidents", incident_spans(log), "incidents", Place("incidents"), since),
    ]
    return [*above, *broker_lanes(view, room - len(above) - len(below), wanted, gaps), *below]
