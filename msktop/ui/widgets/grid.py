"""Series put on a grid of cells that is anchored on absolute time, so that a graph shifts and never shimmers.

A cell holds what was observed in it and nothing that was not: no value is made up between observations.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise

from msktop.model.series import Series

_NICE_S = (0.25, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 7.5, 10.0, 15.0, 20.0, 30.0)
_NICE_LONG_S = (60.0, 90.0, 120.0, 180.0, 300.0, 600.0, 900.0, 1800.0, 3600.0)


class Missing(Enum):
    """Why a cell has no value."""

    GAP = "gap"
    """It was looked and nothing was there: a probe without answer, a scrape that failed."""
    EMPTY = "empty"
    """Nobody looked: before the start, or not yet."""


Value = float | Missing
GAP, EMPTY = Missing.GAP, Missing.EMPTY
Point = tuple[float, float | None]


@dataclass(frozen=True, slots=True)
class Grid:
    """`cells` cells of `step_s` seconds; the last one holds `now`."""

    now: float
    step_s: float
    cells: int

    @property
    def begin(self) -> float:
        """When the first cell begins."""
        return (math.floor(self.now / self.step_s) + 1 - self.cells) * self.step_s

    @property
    def span_s(self) -> float:
        """What all cells cover."""
        return self.cells * self.step_s

    def index(self, at: float) -> int:
        """The cell of a time; below 0 or beyond the last one where it is outside."""
        return math.floor((at - self.begin) / self.step_s)


def grid(now: float, span_s: float, cells: int, pace_s: float | None = None) -> Grid:
    """A grid of about `span_s` seconds with a round step, no finer than the pace of the observations.

    >>> grid(1000.0, 300.0, 78).step_s, grid(1000.0, 300.0, 39, pace_s=10.02).step_s
    (4.0, 10.0)
    >>> grid(1003.0, 300.0, 39, pace_s=10.0).begin
    620.0
    """
    cells = max(1, cells)
    least = max(span_s / cells, (pace_s or 0.0) * 0.98)
    steps = (*_NICE_S, *_NICE_LONG_S)
    return Grid(now, next((s for s in steps if s >= least - 1e-9), least), cells)


def pace_of(series: Iterable[Series | None]) -> float | None:
    """Seconds between observations, by the newest of each series; None before two of them.

    >>> s = Series()
    >>> for at in (0.0, 10.0, 20.1, 30.0): s = s.append(at, 1.0)
    >>> pace_of([s, None])
    10.0
    """
    steps = []
    for one in series:
        if one is None or one.last is None:
            continue
        times = [at for at, _ in one.since(one.last[0] - 400.0)][-6:]
        steps += [round(b - a, 1) for a, b in pairwise(times)]
    return sorted(steps)[(len(steps) - 1) // 2] if steps else None


def highest(points: Iterable[Point], on: Grid) -> list[Value]:
    """The highest value observed in each cell, so that peaks survive; a gap only where nothing else was.

    >>> highest([(0.1, 1.0), (0.2, 9.0), (1.5, None)], Grid(2.5, 1.0, 3))
    [9.0, <Missing.GAP: 'gap'>, <Missing.EMPTY: 'empty'>]
    """
    out: list[Value] = [EMPTY] * on.cells
    begin, step, cells = on.begin, on.step_s, on.cells
    for at, value in points:
        i = int((at - begin) / step)
        if at < begin or i >= cells:
            continue
        old = out[i]
        if value is None:
            if old is EMPTY:
                out[i] = GAP
        elif isinstance(old, Missing) or value > old:
            out[i] = value
    return out


def mean(points: Iterable[Point], on: Grid) -> list[Value]:
    """The mean of what was observed in each cell, so that dips survive as peaks do.

    >>> mean([(0.1, 1.0), (0.2, 9.0), (1.5, None)], Grid(2.5, 1.0, 3))
    [5.0, <Missing.GAP: 'gap'>, <Missing.EMPTY: 'empty'>]
    """
    sums, counts = [0.0] * on.cells, [0] * on.cells
    out: list[Value] = [EMPTY] * on.cells
    begin, step = on.begin, on.step_s
    for at, value in points:
        i = int((at - begin) / step)
        if at < begin or i >= on.cells:
            continue
        if value is not None:
            sums[i] += value
            counts[i] += 1
        elif not counts[i]:
            out[i] = GAP
    return [sums[i] / counts[i] if counts[i] else out[i] for i in range(on.cells)]


def held(points: Iterable[Point], on: Grid, pace_s: float | None) -> list[Value]:
    """Each rate over the time that it speaks of: from the observation before it to its own.

    A rate from two readings of a counter is the mean of the time between them, so drawing it over that time
    adds nothing. Each cell shows the one observation that covers its middle. A gap covers the time from the
    observation before it; what is newer than the newest observation is empty.

    >>> held([(0.0, None), (10.0, 5.0), (20.0, 7.0)], Grid(25.0, 10.0, 3), 10.0)
    [5.0, 7.0, <Missing.EMPTY: 'empty'>]
    """
    out: list[Value] = [EMPTY] * on.cells
    before: float | None = None
    for at, value in points:
        begins = at - (pace_s or 0.0) if before is None else before
        first = max(0, math.ceil((begins - on.begin) / on.step_s - 0.5))
        last = min(on.cells - 1, math.ceil((at - on.begin) / on.step_s - 0.5) - 1)
        for i in range(first, last + 1):
            out[i] = GAP if value is None else value
        before = at
    return out


def total(columns: Sequence[Sequence[Value]]) -> list[Value]:
    """Cell by cell the sum of what is known; empty as long as anyone's observation is still to come.

    >>> total([[1.0, GAP, 2.0], [4.0, 5.0, EMPTY]])
    [5.0, 5.0, <Missing.EMPTY: 'empty'>]
    """
    out: list[Value] = []
    for cell in zip(*columns, strict=True):
        known = [v for v in cell if not isinstance(v, Missing)]
        out.append(EMPTY if EMPTY in cell else sum(known) if known else GAP)
    return out


def known(values: Iterable[Value]) -> list[float]:
    """The values that are there."""
    return [v for v in values if not isinstance(v, Missing)]


# ------------------------------------------------------------------ scales

Scale = Callable[[float], float]
"""A value's height, 0 to 1."""

USUAL_STEPS = (0.7, 0.9, 1.1, 1.4, 2.0)
"""Where a sparkline changes its height, in parts of the usual value: steady traffic is a line in the lower
middle, a tenth more or less is a step, and only twice as much reaches the top."""
USUAL_NOTE = "▃ usual"
"""What the title of a panel says of this scale."""


def usual(values: Iterable[Value]) -> Scale:
    """Heights against the series' own median: a zero-based line of steady traffic would say nothing.

    >>> scale = usual([100.0, 102.0, 98.0])
    >>> [round(scale(v) * 5) for v in (0.0, 80.0, 100.0, 130.0, 150.0, 900.0)]
    [0, 1, 2, 3, 4, 5]
    """
    there = sorted(known(values))
    middle = there[len(there) // 2] if there else 0.0
    if middle <= 0:
        return linear(0.0, max(there, default=0.0))
    return lambda v: sum(v >= middle * step for step in USUAL_STEPS) / len(USUAL_STEPS)


def linear(low: float, high: float) -> Scale:
    """Heights from `low` to `high`."""
    span = high - low
    return lambda v: min(1.0, max(0.0, (v - low) / span)) if span > 0 else 0.0


def logarithmic(low: float, high: float) -> Scale:
    """Heights by the logarithm, for latencies that span decades; needs `0 < low < high`.

    >>> scale = logarithmic(1.0, 100.0)
    >>> scale(0.5), scale(10.0), scale(100.0)
    (0.0, 0.5, 1.0)
    """
    span = math.log(high / low)
    return lambda v: min(1.0, math.log(v / low) / span) if v > low else 0.0


def ceiling(highest_value: float) -> float:
    """The next round number to end a scale at.

    >>> ceiling(6834), ceiling(8.5), ceiling(0)
    (8000.0, 10.0, 1.0)
    """
    if highest_value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(highest_value))
    return next(m * power for m in (1, 1.5, 2, 3, 4, 6, 8, 10) if m * power >= highest_value * 0.999)


class Ceiling:
    """A scale's end that rises at once and falls only when far too high, so that a graph does not jump."""

    def __init__(self, least: float = 0.0) -> None:
        self._least = least
        self._end: float | None = None

    def of(self, values: Iterable[Value]) -> float:
        """The end for these values."""
        need = max(max(known(values), default=0.0), self._least)
        if self._end is None or need > self._end or need < self._end * 0.45:
            self._end = ceiling(need * 1.05)
        return self._end
