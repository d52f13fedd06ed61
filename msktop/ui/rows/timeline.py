"""Lanes over one time axis: what was done to the cluster, what broke, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Literal

from msktop.model.cluster import Cluster
from msktop.model.incidents import FAILURES, Incident, Kind
from msktop.session import View
from msktop.ui.format import dur, foreign
from msktop.ui.places import Place
from msktop.ui.rows.incidents import kind_words, loudness
from msktop.ui.rows.operations import lasted_s
from msktop.ui.rows.operations import severity_of as operation_severity
from msktop.ui.theme import Severity
from msktop.ui.widgets.grid import Grid
from msktop.ui.widgets.headline import STATES

Gap = tuple[float, float | None]
"""From when until when; None: still."""
LaneKind = Literal["operations", "state", "zone", "broker", "moves", "isr", "requests", "probe", "incidents"]
_ORDER: tuple[Severity, ...] = ("crit", "warn", "heal", "ok", "none")
_NEWS = (Kind.BROKER_ADDED, Kind.BROKER_RESTARTED, Kind.BROKER_REPLACED)
"""Of a broker, what is told on its lane though nothing is wrong."""
_OF_MOVES = (*FAILURES, Kind.LEADERS_MOVED, Kind.BROKER_FENCED, Kind.BROKER_RESTARTED)
_OF_ISR = (Kind.UNDER_REPLICATED, Kind.UNDER_REPLICATED_LONG, Kind.UNDER_MIN_ISR, *_OF_MOVES)


@dataclass(frozen=True, slots=True)
class Span:
    """Something on a lane. `ended` is None while it lasts; a moment has both equal."""

    began: float
    ended: float | None
    severity: Severity
    words: str = ""
    place: Place | None = None
    """What Enter opens."""
    short: str = ""
    """Stands for the words where there is no room for them."""

    def within(self, on: Grid) -> tuple[int, int] | None:
        """First and last cell that it touches; None where it is outside.

        >>> Span(12.0, 29.0, "crit").within(Grid(59.0, 10.0, 6))
        (1, 2)
        >>> Span(70.0, None, "crit").within(Grid(59.0, 10.0, 6)) is None
        True
        """
        first = on.index(self.began)
        last = on.cells - 1 if self.ended is None else on.index(self.ended)
        if last < 0 or first >= on.cells:
            return None
        return max(0, first), min(on.cells - 1, last)


@dataclass(frozen=True, slots=True)
class Lane:
    """One row of the timeline; graphs have no spans of their own, but what Enter opens."""

    kind: LaneKind
    name: str
    spans: tuple[Span, ...] = ()
    key: str = ""
    place: Place | None = None
    """What Enter opens where no span is."""
    known_from: float | None = 0.0
    """Since when somebody looked; None: nobody does."""
    gaps: tuple[Gap, ...] = ()
    """When nobody looked since then."""
    heading: bool = False
    """Only a name over the lanes below it."""

    def at(self, on: Grid, index: int) -> Span | None:
        """The worst thing in a cell, and of equal ones the newest."""
        inside = [s for s in self.spans if (w := s.within(on)) is not None and w[0] <= index <= w[1]]
        return min(inside, key=lambda s: (_ORDER.index(s.severity), -s.began), default=None)


def cells_of(spans: Iterable[Span], on: Grid) -> list[Severity | None]:
    """The worst of each cell.

    >>> cells_of([Span(0.0, 29.0, "heal"), Span(12.0, 15.0, "crit")], Grid(39.0, 10.0, 4))
    ['heal', 'crit', 'heal', None]
    """
    out: list[Severity | None] = [None] * on.cells
    for span in spans:
        touched = span.within(on)
        if touched is None:
            continue
        for i in range(touched[0], touched[1] + 1):
            old = out[i]
            if old is None or _ORDER.index(span.severity) < _ORDER.index(old):
                out[i] = span.severity
    return out


# ------------------------------------------------------------------ what happened


def operation_spans(cluster: Cluster) -> tuple[Span, ...]:
    """Operations with their type and how long they took or have taken."""
    out = []
    for operation in cluster.operations or ():
        if operation.started_at is None:
            continue
        ended = operation.ended_at if operation.final else None
        if operation.final and ended is None:
            ended = operation.started_at
        words = f"{foreign(operation.type, 40)} {dur(lasted_s(operation, cluster.at)).strip()}"
        place = Place("operation", operation=operation.arn)
        severity = operation_severity(operation)
        out.append(Span(operation.started_at, ended, severity, words, place, foreign(operation.type, 40)))
    return tuple(out)


def state_spans(states: Sequence[tuple[float, str]]) -> tuple[Span, ...]:
    """The times in which the control plane's word was another than ACTIVE.

    >>> [(s.began, s.ended, s.severity, s.words) for s in state_spans([(1.0, "ACTIVE"), (5.0, "HEALING")])]
    [(5.0, None, 'heal', 'HEALING')]
    >>> state_spans(())
    ()
    """
    ends: list[float | None] = [at for at, _ in states[1:]]
    return tuple(
        Span(at, end, STATES.get(word, "warn"), foreign(word, 24), Place("cluster"))
        for (at, word), end in zip_longest(states, ends)
        if STATES.get(word, "warn") != "ok"
    )


def broker_spans(incidents: Iterable[Incident], broker: int) -> tuple[Span, ...]:
    """Each time that a broker was away or slow, and while it caught up.

    >>> hung = Incident(1, Kind.BROKER_HUNG, "crit", "b-2", 10.0, 12.0, "", ended=24.0, broker=2,
    ...                 marks={"isr_full": 30.0})
    >>> [(s.began, s.ended, s.severity, s.words) for s in broker_spans([hung], 2)]
    [(10.0, 24.0, 'crit', ''), (24.0, 30.0, 'heal', '14.0 s')]
    """
    out: list[Span] = []
    for incident in incidents:
        if incident.broker != broker or (incident.severity == "info" and incident.kind not in _NEWS):
            continue
        severity, place = loudness(incident), Place("incident", incident=incident.id)
        falls = [(f.began, f.ended) for f in incident.falls] or [(incident.began, incident.ended)]
        what = "" if incident.kind in FAILURES else f"{kind_words(incident)} "
        behind = _catching_up(incident, place)
        for began, ended in falls:
            words = what + dur(ended - began).strip() if ended is not None and ended > began else what.strip()
            if behind is not None and ended == incident.ended and behind.ended is not None:
                behind, words = replace(behind, words=words), ""
            out.append(Span(began, ended, severity, words, place))
        out += [behind] if behind is not None else []
    return tuple(out)


def _catching_up(incident: Incident, place: Place) -> Span | None:
    """From its first answer until all its replicas are in sync."""
    ended = incident.ended
    if incident.kind not in FAILURES or ended is None:
        return None
    synced = incident.marks.get("isr_full", ended if incident.settled else None)
    return Span(ended, synced, "heal", "", place) if synced is None or synced > ended else None


def incident_spans(incidents: Iterable[Incident]) -> tuple[Span, ...]:
    """Every incident; mere news are moments without a colour."""
    out = []
    for incident in incidents:
        lasted = incident.lasted_s
        took = dur(lasted).strip() if lasted else ""
        words = f"{foreign(incident.subject, 24)} {took or kind_words(incident)}"
        place = Place("incident", incident=incident.id)
        short = foreign(incident.subject, 24)
        out.append(Span(incident.began, incident.ended, loudness(incident), words, place, short))
    return tuple(out)


def move_spans(view: View) -> tuple[Span, ...]:
    """How many leaders moved, when; Enter opens the incident that they moved in."""
    about = [i for i in view.incidents.log if i.kind in _OF_MOVES]
    out = []
    for at, count in view.cluster.past.leaders_moved.since(0.0):
        cause = next((i for i in reversed(about) if i.began <= at <= _over(i)), None)
        place = Place("topics") if cause is None else Place("incident", incident=cause.id)
        out.append(Span(at, at, "heal", f"{count or 0:.0f}", place))
    return tuple(out)


def isr_spans(incidents: Iterable[Incident]) -> tuple[Span, ...]:
    """For Enter alone: what explains replicas that are out of sync."""
    return tuple(
        Span(i.began, None if i.open else _over(i), "warn", "", Place("incident", incident=i.id))
        for i in incidents
        if i.kind in _OF_ISR
    )


def _over(incident: Incident) -> float:
    """When nothing more came of it."""
    return max((incident.ended or incident.began, *incident.marks.values()))
