"""The load panel: processor, memory, bytes, idle threads, disk, connections, heap of one broker."""

from __future__ import annotations

from msktop.model.broker import Broker, Page
from msktop.model.cluster import Cluster
from msktop.model.series import Series
from msktop.ui.format import dec, num
from msktop.ui.rows.brokers import GIB, MB, Vital, vitals
from msktop.ui.widgets.before import before_words, began, draw_before, minutes_before
from msktop.ui.widgets.by_cloudwatch import cpu_percent, draw_past, series_of, value_of
from msktop.ui.widgets.canvas import Canvas
from msktop.ui.widgets.draw import meter, title
from msktop.ui.widgets.graph import spark
from msktop.ui.widgets.grid import USUAL_NOTE, Grid, Value, linear, usual
from msktop.ui.widgets.row_sparks import rate_grid, rate_values, span_words
from msktop.ui.widgets.told import page_age, stale

_GRAPH_X = 23
_WIDE = 44
_TOLD = (
    ("cpu", "cpu", 1.0),
    ("memory", "memory", 1 / GIB),
    ("in", "bytes_in", 1 / MB),
    ("out", "bytes_out", 1 / MB),
    ("handlers", "handler_idle", 100.0),
    ("network", "network_idle", 100.0),
    ("disk", "disk", 1.0),
    ("conns", "connections", 1.0),
)
"""Rows that CloudWatch can fill: the row, our name of the figure, its factor to the row's unit."""
ROWS = 9
"""Figures that the panel shows; with its title it takes one row more."""


def load_panel(canvas: Canvas, cluster: Cluster, broker: Broker) -> None:
    """One row a figure: name, value, unit, and its history, or a meter where it has an end."""
    rows = vitals(broker)
    told = told_by_cloudwatch(cluster, broker)
    cells = max(1, canvas.width - _GRAPH_X)
    on = rate_grid(cluster.at, cells, [series for v in rows for series in v.histories[:1]])
    wide = canvas.width >= _WIDE
    until: list[float] = []
    for y, vital in enumerate(rows, start=1):
        if vital.value is None and (seen := told.get(vital.name)) is not None:
            _told_row(canvas, y, vital, seen, cluster.at)
            continue
        page = broker.node if vital.page == "node" else broker.jmx
        old = vital.page != "log dirs" and stale(page, cluster.at)
        values = rate_values(vital.histories, on) if vital.histories else []
        past = _past(cluster, broker, vital, values, on) if wide else []
        if past:
            until.append(began(values, on))
        _row(canvas, y, vital, on, values, past, "faint" if old or vital.value is None else "text")
    _title(canvas, cluster, broker, on, max(until, default=None))


def _title(canvas: Canvas, cluster: Cluster, broker: Broker, on: Grid, until: float | None) -> None:
    """What the sparklines cover, whose word the time before us is, and the age of the page."""
    wide = canvas.width >= _WIDE
    right = _right(broker.jmx, cluster.at) if wide else ""
    notes = [span_words(on), USUAL_NOTE] if wide else [span_words(on)]
    if until is not None:
        notes.insert(0, before_words(until))
        if canvas.width < len("Load") + 6 + len(notes[0]) + len(right):
            right = ""
    title(canvas, 0, "Load", notes, right=right)


def _past(cluster: Cluster, broker: Broker, vital: Vital, values: list[Value], on: Grid) -> list[Value]:
    """CloudWatch's minutes before ours, in the units of the row's histories."""
    key = next((key for name, key, _ in _TOLD if name == vital.name), None)
    if key is None or not values:
        return []
    factor = 1.0
    if key == "cpu":  # seconds of work a second over all processors, beside percent
        factor = sum(rate for name, rate in broker.node.rates.items() if name.startswith("cpu_s/")) / 100
    return minutes_before(cluster, broker, key, values, on, factor)


def told_by_cloudwatch(cluster: Cluster, broker: Broker) -> dict[str, tuple[float, Series]]:
    """Figures that only CloudWatch has, in the panel's units, by the names of the panel's rows."""
    found: dict[str, tuple[float, Series]] = {}
    for name, key, factor in _TOLD:
        series, value = series_of(cluster, broker, key), value_of(cluster, broker, key)
        if series is not None and value is not None:
            found[name] = value * factor, series
    cpu = cpu_percent(cluster, broker)
    if "cpu" in found and cpu is not None:
        found["cpu"] = cpu, found["cpu"][1]
    return found


def _told_row(canvas: Canvas, y: int, vital: Vital, told: tuple[float, Series], at: float) -> None:
    value, series = told
    canvas.text(0, y, vital.name, "muted")
    canvas.text(10, y, num(value) if vital.unit == "" else dec(value), "text")
    canvas.text(16, y, vital.unit, "faint")
    draw_past(canvas, _GRAPH_X, y, canvas.width, series, at)


def _right(page: Page, at: float) -> str:
    """Its age; why there is none stands in the requests panel, which has room for it."""
    return page_age(page, at) if page.at is not None else "no metrics"


def _row(
    canvas: Canvas, y: int, vital: Vital, on: Grid, values: list[Value], past: list[Value], spec: str
) -> None:
    canvas.text(0, y, vital.name, "muted")
    canvas.text(10, y, num(vital.value) if vital.unit == "" else dec(vital.value), spec)
    canvas.text(16, y, vital.unit, "faint")
    if not vital.histories:
        meter(canvas, _GRAPH_X, y, on.cells, vital.part)
        return
    scale = usual([*past, *values]) if vital.top is None else linear(0.0, vital.top)
    spark(canvas, _GRAPH_X, y, values, scale)
    draw_before(canvas, _GRAPH_X, y, past, scale)
