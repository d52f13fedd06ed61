"""One partition of one group: lag in records and in time, and Burrow's verdict, from polled offsets.

Burrow (github.com/linkedin/Burrow, "Consumer Lag Evaluation Rules") reads each commit with its time. A poll
sees only offsets, so two things differ: whether anybody owns the partition tells STALL (somebody stands
still) from STOP (nobody is there), and standing still counts from when there was something to read, so that a
quiet topic is no STOP. Lag is always against the end of now: a stopped group does not keep its last lag.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from msktop.model import rules

Verdict = Literal["", "OK", "WARN", "STALL", "REWIND", "STOP"]
"""Empty: cannot be judged, for there is no committed offset or no end."""
WORST_FIRST: tuple[Verdict, ...] = ("STOP", "STALL", "REWIND", "WARN", "OK", "")

COMMITS_KEPT = 10
"""Burrow's window: so many commits."""
POINTS_KEPT = 20
"""Of each partition: two thousand groups of five moving partitions keep 200,000."""

Point = tuple[float, int]
"""When an end offset was seen."""


@dataclass(frozen=True, slots=True, eq=False)
class Commit:
    """A committed offset that differed from the one before, when it was first seen."""

    at: float
    offset: int
    lag: int | None
    stood_s: float = 0.0
    """For how long we saw the offset before it stand with something to read."""


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """One partition in which a group has committed."""

    committed: int
    end: int | None = None
    commits: tuple[Commit, ...] = ()
    """The newest ten that we saw, the first being what we found."""
    points: tuple[Point, ...] = ()
    """Where the end was when; denser the newer."""
    still_since: float | None = None
    """Since when there has been something to read while nothing was committed."""
    rewound_at: float | None = None
    rewound_from: int | None = None
    """The offset from which it went back, until it is there again."""
    verdict: Verdict = ""

    @property
    def lag(self) -> int | None:
        """Records behind the end; None where the end is not known.

        >>> Held(7, end=10).lag, Held(12, end=10).lag, Held(7).lag
        (3, 0, None)
        """
        return None if self.end is None else max(0, self.end - self.committed)

    def behind_s(self, now: float) -> tuple[float, bool] | None:
        """Seconds since the next record to read was written, estimated; and whether it is older still.

        >>> held = Held(50, end=100, points=((0.0, 0), (10.0, 100)))
        >>> held.behind_s(12.0)
        (7.0, False)
        >>> Held(100, end=100).behind_s(12.0), Held(3, end=9, points=((5.0, 9),)).behind_s(12.0)
        ((0.0, False), (7.0, True))
        """
        if self.end is None:
            return None
        if self.committed >= self.end:
            return 0.0, False
        at, is_older = written_at(self.points, self.committed)
        return (max(0.0, now - at), is_older) if at is not None else None


def written_at(points: Sequence[Point], offset: int) -> tuple[float | None, bool]:
    """When the record of this offset was written, between the points that we saw; True: earlier than that.

    >>> written_at([(0.0, 10), (100.0, 10), (101.0, 12)], 10)
    (100.0, False)
    >>> written_at([(0.0, 10), (10.0, 20)], 3)
    (0.0, True)
    """
    if not points:
        return None, False
    if offset < points[0][1]:
        return points[0][0], True
    later, more = points[-1]
    for nth in range(len(points) - 2, -1, -1):
        at, end = points[nth]
        if end <= offset < more:
            return at + (later - at) * (offset - end) / (more - end), False
        later, more = at, end
    return points[-1][0], False


def with_point(points: tuple[Point, ...], before_at: float, at: float, end: int) -> tuple[Point, ...]:
    """One more end; `before_at` is when the end before was last seen to hold.

    >>> with_point(((0.0, 10),), 60.0, 62.0, 12)
    ((0.0, 10), (60.0, 10), (62.0, 12))
    >>> many = ()
    >>> for i in range(1000):
    ...     many = with_point(many, float(i), float(i), i)
    >>> len(many) <= 21, many[-1], many[0][1] < 10
    (True, (999.0, 999), True)
    """
    if points and points[-1][1] == end:
        return points
    if points and end < points[-1][1]:  # truncated, or another topic of this name
        points = ()
    if points and before_at > points[-1][0] and before_at < at:
        points = (*points, (before_at, points[-1][1]))
    points = (*points, (at, end))
    if len(points) > POINTS_KEPT:
        half = len(points) // 2
        points = (*points[:half:2], *points[half:])
    return points


# ------------------------------------------------------------------ what a poll says


def seen(
    before: Held | None,
    at: float,
    committed: int,
    end: int | None,
    end_at: float | None,
    *,
    before_at: float,
    owned: bool,
) -> Held:
    """One more poll of a partition; `before_at` is when the group was polled before.

    >>> held = seen(None, 0.0, 5, 5, 0.0, before_at=0.0, owned=True)
    >>> held.verdict, held.still_since
    ('OK', None)
    >>> held = seen(held, 500.0, 5, 6, 500.0, before_at=498.0, owned=True)  # a quiet topic
    >>> held.verdict, held.still_since, held.behind_s(500.0)
    ('OK', 500.0, (2.0, False))
    >>> stalled = seen(held, 600.0, 5, 6, 600.0, before_at=598.0, owned=True)
    >>> stalled.verdict, seen(stalled, 602.0, 5, 6, 602.0, before_at=600.0, owned=True) is stalled
    ('STALL', True)
    >>> seen(stalled, 602.0, 5, 6, 602.0, before_at=600.0, owned=False).verdict
    'STOP'
    >>> seen(held, 600.0, 5, 6, 600.0, before_at=598.0, owned=False).verdict
    'STOP'
    """
    if end is not None and end_at is None:
        end_at = at
    lag = None if end is None else end - committed if end > committed else 0
    if before is None:
        points: tuple[Point, ...] = () if end is None or end_at is None else ((end_at, end),)
        commits: tuple[Commit, ...] = (Commit(at, committed, lag),)
        still = at if lag else None
        verdict = judged(lag, at, commits, still, None, owned=owned)
        return Held(committed, end, commits, points, still, None, None, verdict)
    commits, still, points = before.commits, before.still_since, before.points
    moved = committed != before.committed
    if not moved and end == before.end and _stays(before, owned=owned):
        return before
    if moved:
        stood_s = 0.0 if still is None else max(0.0, before_at - still)
        commits = (*commits[1 - COMMITS_KEPT :], Commit(at, committed, lag, stood_s))
    if not lag:
        still = None
    elif moved or still is None:
        still = at
    if end is not None and end_at is not None and end != before.end:
        points = with_point(points, before_at, end_at, end)
    rewound_at, rewound_from = before.rewound_at, before.rewound_from
    if committed < before.committed and rewound_from is None:
        rewound_at, rewound_from = at, before.committed
    if rewound_from is not None and (committed >= rewound_from or not lag):
        rewound_at = rewound_from = None
    verdict = judged(lag, at, commits, still, rewound_at, owned=owned)
    return Held(committed, end, commits, points, still, rewound_at, rewound_from, verdict)


def _stays(held: Held, *, owned: bool) -> bool:
    """Whether time alone changes nothing: it has read all, or stands already."""
    if held.lag == 0:
        return held.verdict == "OK"
    return held.rewound_from is None and held.verdict == ("STALL" if owned else "STOP")


def judged(
    lag: int | None,
    at: float,
    commits: Sequence[Commit],
    still_since: float | None,
    rewound_at: float | None,
    *,
    owned: bool,
) -> Verdict:
    """Burrow's word for it, in Burrow's order.

    >>> commits = tuple(Commit(10.0 * i, 10 * i, 5 + i) for i in range(5))
    >>> judged(9, 42.0, commits, 40.0, None, owned=True), judged(9, 42.0, (), 41.0, 41.0, owned=True)
    ('WARN', 'REWIND')
    """
    if lag is None:
        return ""
    if lag == 0:
        return "OK"
    stood_s = at - still_since if still_since is not None else 0.0
    stands = stood_s >= rules.GROUP_STANDS_S and stood_s >= patience_s(commits)
    if stands and not owned:
        return "STOP"
    if rewound_at is not None and at - rewound_at < rules.GROUP_REWIND_SHOWN_S:
        return "REWIND"
    if stands:
        return "STALL"
    return "WARN" if _falls_behind(commits) else "OK"


def patience_s(commits: Sequence[Commit]) -> float:
    """How long nothing may be committed: longer for a group that commits seldom.

    >>> patience_s(()), patience_s([Commit(0.0, 1, 1), Commit(50.0, 2, 1, stood_s=40.0)])
    (60.0, 120.0)
    """
    longest = max((c.stood_s for c in commits), default=0.0)
    return min(max(rules.GROUP_STANDS_S, 3 * longest), rules.GROUP_STANDS_MOST_S)


def _falls_behind(commits: Sequence[Commit]) -> bool:
    """It commits, and its lag has only grown."""
    if len(commits) < rules.GROUP_WARN_COMMITS or commits[-1].at - commits[0].at < rules.GROUP_WARN_SPAN_S:
        return False
    lags = [c.lag for c in commits if c.lag is not None]
    if len(lags) < rules.GROUP_WARN_COMMITS:
        return False
    return min(lags) > 0 and lags[-1] > lags[0] and all(b >= a for a, b in pairwise(lags))
