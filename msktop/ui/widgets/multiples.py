"""Small multiples: graphs one below the other, on one scale and one time axis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from msktop.ui.format import cut
from msktop.ui.theme import Glyph
from msktop.ui.widgets.canvas import Canvas
from msktop.ui.widgets.graph import area
from msktop.ui.widgets.grid import Grid, Scale, Value

LABELS = 14
"""Cells at the left of the graphs, for names and figures."""

MOST_ROWS = 12
"""A graph does not get taller than this: more would only be louder."""
Mark = tuple[float, str, str]
"""When, glyph and spec of a sign on the time axis."""


@dataclass(frozen=True, slots=True)
class Graph:
    """One graph: its name, its newest figure with a unit, and what lies on the grid."""

    name: str
    figure: str
    unit: str
    values: Sequence[Value]
    spec: str = "s1"
    name_spec: str = "muted"


def graph_cells(width: int) -> int:
    """Dot columns of a graph in a panel of this width: braille has two in a cell."""
    return max(2, (width - LABELS) * 2)


def draw_multiples(
    canvas: Canvas,
    y: int,
    graphs: Sequence[Graph],
    scale: Scale,
    on: Grid,
    marks: Sequence[Mark] = (),
) -> None:
    """As many graphs as have two rows each, and the axis with its marks."""
    room = canvas.height - y - 1
    if room < 2 or not graphs:
        return
    each = min(MOST_ROWS, max(2, room // len(graphs)))
    width = canvas.width - LABELS
    for graph in graphs[: room // each]:
        canvas.text(0, y, cut(graph.name, LABELS - 1), graph.name_spec)
        x = canvas.text(0, y + 1, graph.figure, "strong b")
        canvas.text(x + 1, y + 1, graph.unit, "faint")
        area(canvas, LABELS, y, width, each, graph.values, scale, graph.spec)
        y += each
    draw_axis(canvas, y, width, on, marks)


def draw_axis(canvas: Canvas, y: int, width: int, on: Grid, marks: Sequence[Mark]) -> None:
    """The time axis under graphs: how long ago, and what happened."""
    canvas.text(LABELS, y, Glyph.RULE * width, "rule")
    every = next(
        s for s in (10, 30, 60, 120, 300, 600, 1800, 3600, 10**9) if on.span_s / s <= max(2, width / 14)
    )
    ago = every
    while ago < on.span_s * 0.97:
        label = f"-{ago // 60}m" if ago >= 60 else f"-{ago}s"
        canvas.text(LABELS + width - 1 - round(ago / on.span_s * width), y, label, "faint")
        ago += every
    places = [(int((at - on.begin) / on.span_s * width), glyph, spec) for at, glyph, spec in marks]
    if all(place < width - 4 for place, _, _ in places):
        canvas.right(canvas.width, y, "now", "faint")
    for place, glyph, spec in places:
        if 0 <= place < width:
            canvas.text(LABELS + place, y, glyph, spec)
