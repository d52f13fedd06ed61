"""Sparklines in the rows of tables: of rates over brokers, and of latencies."""

from __future__ import annotations

from collections.abc import Sequence

from msktop.model.series import Series
from msktop.ui.theme import Glyph
from msktop.ui.widgets.canvas import Canvas
from msktop.ui.widgets.graph import spark
from msktop.ui.widgets.grid import USUAL_NOTE, Grid, Scale, Value, grid, held, highest, pace_of, total, usual

DEFAULT_SPAN_S = 120.0
LEAST_SCRAPES = 12


def rate_grid(at: float, cells: int, histories: Sequence[Series], span_s: float = DEFAULT_SPAN_S) -> Grid:
    """A grid that covers `span_s`, or a dozen scrapes where they are rare."""
    return grid(at, max(span_s, LEAST_SCRAPES * (pace_of(histories) or 0.0)), cells)


def rate_values(histories: Sequence[Series], on: Grid) -> list[Value]:
    """The sum over brokers, cell by cell."""
    columns = []
    for series in histories:
        pace_s = pace_of([series])
        columns.append(held(series.since(on.begin - (pace_s or 0.0) - on.step_s), on, pace_s))
    return columns[0] if len(columns) == 1 else total(columns)


def rate_spark(canvas: Canvas, x: int, y: int, on: Grid, histories: Sequence[Series]) -> None:
    """Rates against what is usual for them; dots where nobody says."""
    values = rate_values(histories, on) if histories else highest((), on)
    spark(canvas, x, y, values, usual(values))


def latency_spark(
    canvas: Canvas, x: int, y: int, on: Grid, series: Series, scale: Scale | None = None
) -> None:
    """The highest latency of each cell; `✕` where there was no answer."""
    values = highest(series.since(on.begin), on)
    spark(canvas, x, y, values, scale or usual(values))


def usual_note(on: Grid) -> str:
    """What the title of sparklines says: their span, and how their heights are to be read.

    >>> usual_note(Grid(0.0, 15.0, 8))
    '2 min · ▃ usual'
    """
    return f"{span_words(on)} {Glyph.DOT} {USUAL_NOTE}"


def span_words(on: Grid) -> str:
    """What a graph's cells cover, in words.

    >>> span_words(Grid(0.0, 15.0, 8)), span_words(Grid(0.0, 1.0, 45)), span_words(Grid(0.0, 10.0, 15))
    ('2 min', '45 s', '2.5 min')
    """
    span = on.span_s
    return f"{span:.0f} s" if span < 60 else f"{span / 60:.1f}".removesuffix(".0") + " min"
