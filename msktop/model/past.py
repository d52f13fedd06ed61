"""What the timeline shows of the whole cluster's past, beside what incidents, probes and pages keep."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from msktop.model.series import Series

KEPT = 1800
"""Points kept of each: an hour of Metadata every 2 s, two and a half of the slowest probe."""
SLOWEST_EVERY_S = 5.0
_MOVES_KEPT = 300
_STATES_KEPT = 100


@dataclass(frozen=True, slots=True, eq=False)
class Past:
    """Bounded; each grows by the samples alone."""

    under_replicated: Series = field(default_factory=lambda: Series(KEPT))
    """Under-replicated partitions, one point a Metadata."""
    leaders_moved: Series = field(default_factory=lambda: Series(_MOVES_KEPT))
    """Partitions that got another leader, one point a Metadata that tells of any."""
    slowest_ms: Series = field(default_factory=lambda: Series(KEPT))
    """The slowest answer to any probe of the 5 s before the point; a gap where one had no answer."""
    states: tuple[tuple[float, str], ...] = ()
    """The control plane's word for the cluster, and since when; the newest 100 changes."""


def with_metadata(past: Past, at: float, under_replicated: int, moved: int) -> Past:
    """One more Metadata.

    >>> past = with_metadata(with_metadata(Past(), 1.0, 0, 0), 2.0, 4, 12)
    >>> past.under_replicated.last, past.leaders_moved.last, len(past.leaders_moved)
    ((2.0, 4.0), (2.0, 12.0), 1)
    """
    return replace(
        past,
        under_replicated=past.under_replicated.append(at, float(under_replicated)),
        leaders_moved=past.leaders_moved.append(at, float(moved)) if moved else past.leaders_moved,
    )


def with_time(past: Past, at: float, began: float | None, state: str | None, pings: Iterable[Series]) -> Past:
    """Time goes on: whether the state is another one, and the slowest answer where it is time for that.

    >>> ping = Series().append(1.0, 3.0).append(4.0, 7.0)
    >>> past = with_time(Past(), 5.0, 0.0, "ACTIVE", [ping])
    >>> past.states, past.slowest_ms.last
    (((5.0, 'ACTIVE'),), (5.0, 7.0))
    >>> with_time(past, 6.0, 0.0, "ACTIVE", [ping]) is past
    True
    """
    if state is not None and (not past.states or past.states[-1][1] != state):
        past = replace(past, states=(*past.states, (at, state))[-_STATES_KEPT:])
    last = past.slowest_ms.last
    before = last[0] if last is not None else began
    if before is not None and 0 <= at - before < SLOWEST_EVERY_S:
        return past
    since = at - SLOWEST_EVERY_S
    seen = [v for one in pings for t, v in one.since(since) if since < t <= at]
    if not seen:
        return past
    answered = [v for v in seen if v is not None]
    slowest = max(answered) if len(answered) == len(seen) else None
    return replace(past, slowest_ms=past.slowest_ms.append(at, slowest))
