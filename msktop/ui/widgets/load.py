"""The load panel: processor, memory, bytes, idle threads, disk, connections, heap of one broker."""

from __future__ import annotations

from msktop.model.cluster import Broker, Cluster, Page
from msktop.ui.format import dec, num
from msktop.ui.rows.brokers import Vital, vitals
from msktop.ui.widgets.canvas import Canvas
from msktop.ui.widgets.draw import meter, title
from msktop.ui.widgets.graph import spark
from msktop.ui.widgets.grid import Grid, linear, usual
from msktop.ui.widgets.row_sparks import rate_grid, rate_values, span_words, usual_note
from msktop.ui.widgets.told import page_age, stale

_GRAPH_X = 23
ROWS = 9
"""Figures that the panel shows; with its title it takes one row more."""


def load_panel(canvas: Canvas, cluster: Cluster, broker: Broker) -> None:
    """One row a figure: name, value, unit, and its history, or a meter where it has an end."""
    rows = vitals(broker)
    cells = max(1, canvas.width - _GRAPH_X)
    on = rate_grid(cluster.at, cells, [series for v in rows for series in v.histories[:1]])
    wide = canvas.width >= 44
    title(
        canvas,
        0,
        "Load",
        usual_note(on) if wide else span_words(on),
        right=_right(broker.jmx, cluster.at) if wide else "",
    )
    for y, vital in enumerate(rows, start=1):
        page = broker.node if vital.page == "node" else broker.jmx
        old = vital.page != "log dirs" and stale(page, cluster.at)
        _row(canvas, y, vital, on, "faint" if old or vital.value is None else "text")


def _right(page: Page, at: float) -> str:
    """Its age; why there is none stands in the requests panel, which has room for it."""
    return page_age(page, at) if page.at is not None else "no metrics"


def _row(canvas: Canvas, y: int, vital: Vital, on: Grid, spec: str) -> None:
    canvas.text(0, y, vital.name, "muted")
    canvas.text(10, y, num(vital.value) if vital.unit == "" else dec(vital.value), spec)
    canvas.text(16, y, vital.unit, "faint")
    if not vital.histories:
        meter(canvas, _GRAPH_X, y, on.cells, vital.part)
        return
    values = rate_values(vital.histories, on)
    scale = usual(values) if vital.top is None else linear(0.0, vital.top)
    spark(canvas, _GRAPH_X, y, values, scale)
