"""One broker as a card of eight lines."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.cells import cell_len

from msktop.model.broker import Broker
from msktop.model.page_shares import cpu_used
from msktop.model.series import Series
from msktop.ui.format import UNKNOWN, cut, dec, foreign, megabytes, old, rate
from msktop.ui.widgets.before import began, draw_before, minutes_before
from msktop.ui.widgets.broker_cells import (
    Figure,
    instance_word,
    latency_cells,
    mean_cells,
    page_stale,
    rate_cells,
    rate_figure,
)
from msktop.ui.widgets.by_cloudwatch import cpu_percent, draw_past, series_of, value_of
from msktop.ui.widgets.canvas import Canvas
from msktop.ui.widgets.down_cards import VALUE_END, down_card
from msktop.ui.widgets.draw import meter
from msktop.ui.widgets.graph import spark
from msktop.ui.widgets.grid import Grid, Value, known, usual
from msktop.ui.widgets.scene import Scene, disk_of, duties, name_line

CARD_LINES = 8
_WIDE = 46
"""From this width a card has a second column of figures at its right."""
_SPARK_AT = 19


def card(canvas: Canvas, scene: Scene, broker: Broker, selected: bool = False) -> None:
    """Eight lines. Label 5, value right-aligned at 13, unit, then a sparkline to the right edge."""
    width = canvas.width
    kind = instance_word(broker)
    canvas.text(8, 0, kind, "muted", width - 8)
    address = foreign(broker.host)
    if cell_len(address) <= width - 9 - len(kind):
        canvas.right(width, 0, address, "faint")
    name_line(canvas, 0, scene, broker, selected)
    if broker.probe.word in ("down", "suspect"):
        down_card(canvas, scene, broker)
        return
    wide = width >= _WIDE
    end = width - 16 if wide else width
    on = scene.grid_of(max(1, end - _SPARK_AT))
    jmx, now = broker.jmx, scene.now
    probe = broker.probe
    _line(canvas, 1, "probe", dec(probe.last_ms), "ms", latency_cells(probe.pings, on))
    if broker.probe.word == "unknown" and probe.error:
        canvas.text(VALUE_END + 1, 1, foreign(probe.error), "warn", width - VALUE_END - 1)
    _rate_line(canvas, scene, 2, "reqs", broker, "requests", rate, "/s", on, end)
    _records_line(canvas, scene, 3, broker, on, end)
    _rate_line(canvas, scene, 4, "in", broker, "bytes_in", megabytes, "MB/s", on, end)
    _rate_line(canvas, scene, 5, "out", broker, "bytes_out", megabytes, "MB/s", on, end)
    _leads_line(canvas, 6, scene, broker, width - 3 if wide else width, width - 13 if wide else None)
    _disk_line(canvas, 7, scene, broker, end)
    if wide:
        cpu = cpu_used(broker.node)
        told = cpu_percent(scene.view.cluster, broker) if cpu is None else None
        values = (
            ("p99", dec(probe.p99_ms), "ms"),
            ("cpu", dec(told if cpu is None else cpu * 100), "%"),
            ("p50", dec(probe.p50_ms), "ms") if jmx.at is None else ("idle", _idle(broker), "%"),
            ("max", _highest(jmx.history.get("bytes_in"), on), "MB"),
            ("max", _highest(jmx.history.get("bytes_out"), on), "MB"),
        )
        for y, (label, value, unit) in enumerate(values, 1):
            canvas.text(width - 13, y, label, "muted")
            canvas.text(width - 8, y, value, "faint" if page_stale(jmx, now) and y > 2 else "text")
            canvas.text(width - 2, y, unit, "faint")


def _idle(broker: Broker) -> str:
    idle = broker.jmx.values.get("handler_idle")
    return dec(None if idle is None else idle * 100)


def _highest(series: Series | None, on: Grid) -> str:
    there = known(rate_cells(series, on))
    return megabytes(max(there) if there else None)


def _line(
    canvas: Canvas,
    y: int,
    label: str,
    value: str,
    unit: str,
    cells: list[Value],
    spec: str = "text",
    past: Sequence[Value] = (),
) -> None:
    canvas.text(2, y, label, "muted")
    canvas.right(VALUE_END, y, value, spec)
    canvas.text(VALUE_END + 1, y, unit, "faint")
    scale = usual([*past, *cells])
    spark(canvas, _SPARK_AT, y, cells, scale)
    draw_before(canvas, _SPARK_AT, y, past, scale)


def _rate_line(
    canvas: Canvas,
    scene: Scene,
    y: int,
    label: str,
    broker: Broker,
    key: str,
    written: Callable[[float | None], str],
    unit: str,
    on: Grid,
    end: int,
) -> None:
    told = series_of(scene.view.cluster, broker, key) if broker.jmx.at is None else None
    if told is not None:
        _cloud_line(
            canvas, scene, y, label, written(value_of(scene.view.cluster, broker, key)), unit, told, end
        )
        return
    figure = rate_figure(broker.jmx, key, scene.now)
    cells = rate_cells(broker.jmx.history.get(key), on)
    past = _past(scene, broker, key, cells, on)
    _line(canvas, y, label, written(figure.value), unit, cells, "text" if figure.fresh else "faint", past)
    _old(canvas, y, figure, scene.now)


def _past(scene: Scene, broker: Broker, key: str, cells: list[Value], on: Grid) -> list[Value]:
    """CloudWatch's minutes before ours, where the zone's title has room to say that they are its."""
    past = minutes_before(scene.view.cluster, broker, key, cells, on) if scene.says_before else []
    if past:
        scene.pasts.append(began(cells, on))
    return past


def _records_line(canvas: Canvas, scene: Scene, y: int, broker: Broker, on: Grid, end: int) -> None:
    """Records by end offsets; by CloudWatch where no broker can be asked for these."""
    cluster, last = scene.view.cluster, broker.messages.last
    told = series_of(cluster, broker, "messages_in") if last is None else None
    if told is not None:
        value = rate(value_of(cluster, broker, "messages_in"))
        _cloud_line(canvas, scene, y, "recs", value, "/s", told, end)
        return
    cells = mean_cells(broker.messages, on)
    past = _past(scene, broker, "messages_in", cells, on)
    _line(canvas, y, "recs", rate(last[1] if last else None), "/s", cells, past=past)


def _cloud_line(
    canvas: Canvas, scene: Scene, y: int, label: str, value: str, unit: str, told: Series, end: int
) -> None:
    """CloudWatch's word: its age stands at the end of its past."""
    canvas.text(2, y, label, "muted")
    canvas.right(VALUE_END, y, value, "text")
    canvas.text(VALUE_END + 1, y, unit, "faint")
    draw_past(canvas, _SPARK_AT, y, end, told, scene.now)


def _old(canvas: Canvas, y: int, figure: Figure, now: float) -> None:
    """Where a value is stale, its age stands in the place of its past."""
    if not figure.fresh and figure.at is not None:
        room = canvas.width - _SPARK_AT
        canvas.text(_SPARK_AT, y, " " * room)
        canvas.text(_SPARK_AT, y, cut(old(now - figure.at), room), "faint")


def _leads_line(canvas: Canvas, y: int, scene: Scene, broker: Broker, end: int, label_at: int | None) -> None:
    leads, replicas, under = duties(scene, broker)
    canvas.text(2, y, "leads", "muted")
    canvas.right(VALUE_END, y, UNKNOWN if leads is None else str(leads), "text")
    if end >= 26 and replicas is not None:
        canvas.text(VALUE_END + 1, y, f"of {replicas}", "faint")
    # A follower's trouble is a consequence here, so it is plain: the cause has the colour.
    words = (UNKNOWN if under is None else str(under)).rjust(3)
    x = canvas.right(end, y, words, "text" if under else "faint")
    canvas.text(x - 4 if label_at is None else label_at, y, "URP", "muted")


def _disk_line(canvas: Canvas, y: int, scene: Scene, broker: Broker, end: int) -> None:
    used = disk_of(scene, broker)
    stale = page_stale(broker.node, scene.now)
    canvas.text(2, y, "disk", "faint" if stale else "muted")
    canvas.right(VALUE_END, y, "—" if used is None else f"{used * 100:.0f}", "faint" if stale else "text")
    canvas.text(VALUE_END + 1, y, "%", "faint")
    if stale and broker.node.at is not None:
        canvas.text(_SPARK_AT, y, old(scene.now - broker.node.at), "faint", canvas.width - _SPARK_AT)
    else:
        spec = "crit" if used and used > 0.9 else "warn" if used and used > 0.8 else "muted"
        meter(canvas, _SPARK_AT, y, end - _SPARK_AT, used, spec)
