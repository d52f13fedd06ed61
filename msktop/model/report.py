"""The report of a failure: each turn of its recovery, beside earlier ones of this session.

Made of the incident alone, so that a replay gives the same report.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Literal

from msktop.model.impact import Impact, impact_of
from msktop.model.incidents import FAILURES, Incident

TURNS = (
    "detected",
    "leaders_moved",
    "first_write",
    "answers",
    "isr_full",
    "leaders_back",
    "latency_back",
)
"""Marks of a recovery in their usual order."""

REUSED_AT_MOST = 0.5
"""Part of what a broker held that it may copy beyond what was written meanwhile, on its old storage."""
LEAST_HELD_BYTES = 1 << 20
"""A broker that held less copies too little to tell."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn: seconds after the beginning (None: not yet, or never known), and the same in earlier ones."""

    mark: str
    after_s: float | None
    earlier_s: tuple[float, ...] = ()
    estimated: bool = False
    """It lies between two looks."""

    @property
    def usual_s(self) -> float | None:
        """Median of earlier ones."""
        return median(self.earlier_s) if self.earlier_s else None


@dataclass(frozen=True, slots=True)
class Report:
    """What a failure cost, and how its recovery went."""

    turns: tuple[Turn, ...]
    silent_before_s: float | None
    """From the last good answer to the first sign of the failure."""
    down_s: float | None
    """Without an answer in all; of one that is still down, of its earlier falls."""
    longest_s: float | None
    leaderless_s: float | None
    """Until every partition that it led had another leader, by Metadata: an estimate of how long nobody could
    write to them."""
    impact: Impact | None
    """For how long nothing could be written, by zone; None: nobody knows."""
    same_address: bool | None
    storage: Literal["reused", "copied"] | None
    """Whether it went on with the data that it had; None: not known."""


def report_of(incident: Incident, log: Iterable[Incident], now: float = 0.0) -> Report | None:
    """The report of a broker's failure, compared with earlier ones of the log; None of anything else.

    What still lasts is counted up to `now`.
    """
    if incident.kind not in FAILURES:
        return None
    earlier = [i for i in log if i.kind in FAILURES and i.id < incident.id and i.ended is not None]
    downs = falls_of(incident)
    last_ok = incident.marks.get("last_ok")
    return Report(
        turns=tuple(_turn(mark, incident, earlier) for mark in TURNS),
        silent_before_s=None if last_ok is None else max(0.0, incident.began - last_ok),
        down_s=sum(downs) if downs else None,
        longest_s=max(downs, default=None),
        leaderless_s=_leaderless_s(incident),
        impact=_impact(incident, earlier, now),
        same_address=incident.address_after == incident.address if incident.address_after else None,
        storage=storage_of(incident),
    )


def _leaderless_s(incident: Incident) -> float | None:
    moved = incident.marks.get("leaders_moved")
    return None if moved is None or not incident.leaders_lost else max(0.0, moved - incident.began)


def _impact(incident: Incident, earlier: Sequence[Incident], now: float) -> Impact | None:
    impact = impact_of(incident, _leaderless_s(incident), now)
    if impact is None:
        return None
    known = (impact_of(i, _leaderless_s(i), now) for i in earlier)
    return replace(impact, earlier_s=tuple(sorted(k.longest_s for k in known if k and k.by == impact.by)))


def _turn(mark: str, incident: Incident, earlier: Sequence[Incident]) -> Turn:
    times = [after for i in earlier if (after := after_s(i, mark)) is not None]
    return Turn(mark, after_s(incident, mark), tuple(sorted(times)), mark in incident.between)


def after_s(incident: Incident, mark: str) -> float | None:
    """Seconds from the beginning to a turn; of a flapping broker from its newest fall."""
    at = incident.noticed if mark == "detected" else incident.marks.get(mark)
    return None if at is None else max(0.0, at - incident.fell)


def falls_of(incident: Incident) -> list[float]:
    """How long it was down, each time that is over."""
    if incident.falls:
        return [fall.ended - fall.began for fall in incident.falls if fall.ended is not None]
    return [] if incident.ended is None else [incident.ended - incident.began]


def storage_of(incident: Incident) -> Literal["reused", "copied"] | None:
    """By the bytes that it copied from leaders against those that it held.

    What was written while it was away, at the pace at which it copied before, is no sign of lost storage.

    >>> from msktop.model.incidents import Before, Kind
    >>> lost = Incident(1, Kind.BROKER_HUNG, "crit", "b-2", 0.0, 2.0, "", ended=20.0, replicated_s=60.0,
    ...                 replicated_bytes=9e8, before=Before(held_bytes=1_000_000_000, replicates_per_s=1e6))
    >>> storage_of(lost)
    'copied'
    """
    before, copied = incident.before, incident.replicated_bytes
    if before is None or copied is None or before.held_bytes is None or before.held_bytes < LEAST_HELD_BYTES:
        return None
    extra = copied - (before.replicates_per_s or 0.0) * incident.replicated_s
    if extra <= before.held_bytes * REUSED_AT_MOST:
        return "reused"
    return "copied" if before.replicates_per_s is not None else None
