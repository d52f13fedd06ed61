"""What the monitor said of a scenario, held against what was done and what the observer saw. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from msktop.model.incidents import FAILURES, Incident, Kind

OURSELVES = frozenset({Kind.HOST_STARVED})
"""Said of the machine that watches; on a busy one it is true, and blames nobody."""
SLACK_S = 0.5
"""How far the stopwatch may be from the truth."""


@dataclass(frozen=True, slots=True)
class Expected:
    """An incident that must be seen: one of these kinds, of this subject."""

    subject: str
    kinds: frozenset[Kind]
    planned: bool = False


@dataclass(frozen=True, slots=True)
class Played:
    """One scenario as it was played."""

    name: str
    began: float
    ended: float
    expected: tuple[Expected, ...] = ()
    tolerated: frozenset[Kind] = frozenset()
    """What may be said besides: that a source is away, where that is what was done."""
    truth: Mapping[str, float] = field(default_factory=dict)
    """By mark of the stopwatch: when the observer saw it, in Unix seconds."""
    of: str = ""
    """Whose stopwatch is compared."""
    fell: float | None = None
    """When it fell, where that was later than what was done: a broker that stops in good order answers on."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of it."""

    name: str
    expected: int
    seen: int
    false: tuple[Incident, ...]
    blame: bool
    """Exactly those brokers were said to have failed that did."""
    detected_s: float | None
    """From the fall to the incident; of several the latest. None where none is expected or seen."""
    apart_s: Mapping[str, float]
    """The stopwatch less the truth, by mark."""

    @property
    def right(self) -> bool:
        """All expected seen, none false, nobody blamed wrongly."""
        return self.seen == self.expected and not self.false and self.blame

    @property
    def furthest_s(self) -> float | None:
        """The mark that is furthest from the truth; None where none was compared."""
        return max(map(abs, self.apart_s.values()), default=None)


def judge(played: Played, log: Iterable[Incident]) -> Verdict:
    """Hold the incidents that began, or began again, in the scenario's time against it.

    >>> hung = Incident(1, Kind.BROKER_HUNG, "crit", "b-2", 10.0, 12.0, "", broker=2)
    >>> want = Expected("b-2", frozenset({Kind.BROKER_HUNG}))
    >>> found = judge(Played("hang", 9.9, 60.0, (want,), truth={"isr_full": 12.2}, of="b-2"), [hung])
    >>> found.right, round(found.detected_s, 1), found.apart_s
    (True, 2.1, {})
    >>> judge(Played("quiet", 0.0, 60.0), [hung]).right
    False
    """
    inside = [i for i in log if played.began - 1.0 <= i.fell <= played.ended]
    seen = [i for want in played.expected if (i := _seen(want, inside)) is not None]
    wanted = {want.subject for want in played.expected}
    blamed = {i.subject for i in inside if i.kind in FAILURES}
    mine = next((i for i in seen if i.subject == played.of), None)
    marks = {} if mine is None else {**mine.marks, "began": mine.fell}
    return Verdict(
        played.name,
        len(played.expected),
        len(seen),
        tuple(i for i in inside if i not in seen and _is_false(i, played)),
        blamed == {name for name in wanted if name.startswith("b-") and _fails(name, played)},
        max((i.noticed - (played.fell or played.began) for i in seen), default=None),
        {mark: marks[mark] - at for mark, at in played.truth.items() if mark in marks},
    )


def _seen(want: Expected, inside: list[Incident]) -> Incident | None:
    return next(
        (
            i
            for i in inside
            if i.subject == want.subject and i.kind in want.kinds and (i.planned is not None) == want.planned
        ),
        None,
    )


def _fails(name: str, played: Played) -> bool:
    return any(want.subject == name and want.kinds & set(FAILURES) for want in played.expected)


def _is_false(incident: Incident, played: Played) -> bool:
    """A word that alarms somebody, which nothing that was done explains."""
    if incident.severity == "info" or incident.parent is not None or incident.planned is not None:
        return False
    return incident.kind not in OURSELVES | played.tolerated
