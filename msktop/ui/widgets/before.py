"""The time before we looked: CloudWatch's minutes at the left of a sparkline, until ours fill it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from msktop.model.broker import Broker
from msktop.model.cloudwatch import FAST_S
from msktop.model.cluster import Cluster, MetricKey
from msktop.model.series import Series
from msktop.ui.format import clock
from msktop.ui.theme import Glyph
from msktop.ui.widgets.by_cloudwatch import METRIC_OF
from msktop.ui.widgets.canvas import Canvas
from msktop.ui.widgets.grid import EMPTY, Grid, Missing, Scale, Value, highest, known, total

_LEAST_CELLS = 4
"""Fewer free cells than this stay dots: two minutes and a wall would say little."""
_SUMS: Mapping[str, tuple[str, ...]] = MappingProxyType({"cpu": ("CpuUser", "CpuSystem")})
"""Figures that are several metrics of CloudWatch together."""


def minutes_before(
    cluster: Cluster, broker: Broker, key: str, live: Sequence[Value], on: Grid, factor: float = 1.0
) -> list[Value]:
    """What CloudWatch says of the time before the first cell of `live`, a cell a minute, in `live`'s units.

    They take the cells in which nobody looked, but one: a wall stands between the two paces. Empty where
    there are too few of those, where nothing has been observed yet, or where CloudWatch has nothing.
    """
    free = _free(live)
    if free < _LEAST_CELLS or free == len(live):
        return []
    names = _SUMS.get(key, (METRIC_OF.get(key, ""),))
    series = [s for name in names if (s := cluster.metrics.get(MetricKey(name, broker.id))) is not None]
    if len(series) < len(names):
        return []
    cells = by_minutes(series, began(live, on), free - 1)
    if not known(cells):
        return []
    return [v if isinstance(v, Missing) else v * factor for v in cells]


def by_minutes(series: Sequence[Series], until: float, cells: int) -> list[Value]:
    """The sum of the series in the whole minutes before `until`, a cell each; one without a point is empty.

    >>> by_minutes([Series().append(60.0, 5.0).append(180.0, 7.0)], 250.0, 4)
    [5.0, <Missing.EMPTY: 'empty'>, 7.0, <Missing.EMPTY: 'empty'>]
    """
    end = math.floor(until / FAST_S) * FAST_S
    on = Grid(end - FAST_S / 2, FAST_S, cells)
    middle = FAST_S / 2  # a point stands at the end of the minute that it speaks of
    return total([highest(((at - middle, v) for at, v in s.since(on.begin)), on) for s in series])


def began(live: Sequence[Value], on: Grid) -> float:
    """When the first cell in which anybody looked begins."""
    return on.begin + _free(live) * on.step_s


def _free(live: Sequence[Value]) -> int:
    return next((i for i, value in enumerate(live) if value is not EMPTY), len(live))


def draw_before(canvas: Canvas, x: int, y: int, cells: Sequence[Value], scale: Scale) -> None:
    """A dim sparkline and the wall at its end."""
    for i, value in enumerate(cells):
        if isinstance(value, Missing):
            canvas.text(x + i, y, Glyph.DOT, "rule")
        else:
            level = round(scale(value) * (len(Glyph.SPARKS) - 1))
            canvas.text(x + i, y, Glyph.SPARKS[level], "spark@40")
    if cells:
        canvas.text(x + len(cells), y, Glyph.WALL, "rule")


def before_words(until: float, *, shortly: bool = False) -> str:
    """What the title of a graph says of it.

    >>> before_words(1_763_908_322.7), before_words(1_763_908_322.7, shortly=True)
    ('before 14:32 by CloudWatch, 1 min', 'CW to 14:32')
    """
    at = clock(until)[:5]
    return f"CW to {at}" if shortly else f"before {at} by CloudWatch, 1 min"
