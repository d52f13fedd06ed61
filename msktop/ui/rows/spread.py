"""Figures put on the cells of the timeline; what nobody told stays empty."""

from __future__ import annotations

from collections.abc import Iterable

from msktop.model.series import Series
from msktop.ui.widgets.grid import EMPTY, GAP, Grid, Missing, Point, Value

HOLDS_S = 30.0
"""Metadata speaks of the time until the next one, but of no longer than this."""


def spread(points: Iterable[Point], on: Grid, before_s: float = 0.0) -> tuple[list[Value], list[bool]]:
    """The highest value of each cell, where a point speaks of the seconds before it; and where one is a gap.

    >>> spread([(5.0, 2.0), (10.0, None)], Grid(14.9, 5.0, 3), before_s=5.0)
    ([2.0, <Missing.GAP: 'gap'>, <Missing.EMPTY: 'empty'>], [False, True, False])
    """
    out: list[Value] = [EMPTY] * on.cells
    bad = [False] * on.cells
    for at, value in points:
        first = on.index(at - before_s) if before_s else on.index(at)
        last = max(first, on.index(at - 1e-6)) if before_s else first
        for i in range(max(0, first), min(on.cells - 1, last) + 1):
            old = out[i]
            if value is None:
                bad[i] = True
                out[i] = GAP if old is EMPTY else old
            elif isinstance(old, Missing) or value > old:
                out[i] = value
    return out, bad


def holding(series: Series, on: Grid) -> list[Value]:
    """A count over the time until the next one, the highest of each cell; empty where none came for long.

    >>> holding(Series().append(0.0, 0.0).append(10.0, 4.0), Grid(59.0, 10.0, 6))
    [0.0, 4.0, 4.0, 4.0, 4.0, <Missing.EMPTY: 'empty'>]
    """
    out: list[Value] = [EMPTY] * on.cells
    points = list(series.since(on.begin - HOLDS_S))
    newest = on.index(on.now)
    for i, (at, value) in enumerate(points):
        until = at + HOLDS_S
        if i + 1 < len(points):
            until = min(until, points[i + 1][0] - 1e-6)
        for cell in range(max(0, on.index(at)), min(on.cells - 1, newest, on.index(until)) + 1):
            old = out[cell]
            if value is not None and (isinstance(old, Missing) or value > old):
                out[cell] = value
    return out
