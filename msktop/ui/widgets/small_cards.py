"""One broker where there is little room: three lines, or a row of a table."""

from __future__ import annotations

from collections.abc import Callable

from msktop.model.broker import Broker
from msktop.ui.columns import Column
from msktop.ui.format import UNKNOWN, dec, dur, foreign, megabytes, ms, num, pct, rate, watch
from msktop.ui.rows.brokers import messages_per_s
from msktop.ui.theme import Glyph, sign, token
from msktop.ui.widgets.broker_cells import (
    Figure,
    down_since,
    failure_of,
    mean_cells,
    page_stale,
    rate_cells,
    rate_figure,
)
from msktop.ui.widgets.by_cloudwatch import series_of, value_of
from msktop.ui.widgets.canvas import Canvas
from msktop.ui.widgets.down_cards import why
from msktop.ui.widgets.graph import spark
from msktop.ui.widgets.grid import Grid, Value, usual
from msktop.ui.widgets.scene import Scene, disk_of, duties, name_line

MINI_LINES = 3


def mini(canvas: Canvas, scene: Scene, broker: Broker, selected: bool = False) -> None:
    """Three lines, for 80×24."""
    width, probe, now = canvas.width, broker.probe, scene.now
    if probe.word in ("down", "suspect"):
        away = scene.severity_of(broker)
        canvas.right(width, 0, watch(now - down_since(scene.view, broker)), away + " b")
        name_line(canvas, 0, scene, broker, selected)
        for y in (1, 2):
            canvas.text(0, y, Glyph.WALL, away)
        canvas.text(2, 1, why(broker), "text", width - 2)
        failure = failure_of(scene.view.incidents, broker)
        moved = failure.marks.get("leaders_moved") if failure is not None else None
        if failure is not None and moved is not None:
            note = f"{failure.leaders_lost} leaders moved {dur(max(0.0, moved - failure.fell)).strip()}"
        else:
            note = f"still leads {broker.counts.leaders}"
        canvas.text(2, 2, note, "muted", width - 2)
        return
    canvas.right(width, 0, ms(probe.last_ms), "text")
    leads = duties(scene, broker)[0]
    canvas.text(8, 0, f"{UNKNOWN if leads is None else leads:>2} ld", "muted")
    name_line(canvas, 0, scene, broker, selected)
    on = scene.grid_of(max(1, width - 10))
    figure, cells = _work(scene, broker, on)
    canvas.spans(2, 1, (rate(figure.value), "text" if figure.fresh else "faint"), ("/s", "faint"))
    spark(canvas, 10, 1, cells, usual(cells))
    inwards = _bytes(scene, broker, "bytes_in")
    outwards = _bytes(scene, broker, "bytes_out")
    spec = "text" if inwards.fresh else "faint"
    if scene.by_records and inwards.value is None:
        canvas.text(2, 2, "records, no exporter", "faint", width - 7)
    else:
        canvas.spans(
            2,
            2,
            ("in", "muted"),
            (megabytes(inwards.value), spec),
            (" out", "muted"),
            (megabytes(outwards.value), spec),
        )
    canvas.right(
        width, 2, pct(disk_of(scene, broker)), "text" if not page_stale(broker.node, now) else "faint"
    )


def _bytes(scene: Scene, broker: Broker, key: str) -> Figure:
    """A rate of its page; where it has none, faint CloudWatch's, which is some minutes old."""
    figure = rate_figure(broker.jmx, key, scene.now)
    series = series_of(scene.view.cluster, broker, key) if broker.jmx.at is None else None
    if figure.value is not None or series is None or series.last is None:
        return figure
    return Figure(value_of(scene.view.cluster, broker, key), series.last[0], False)


def _work(scene: Scene, broker: Broker, on: Grid) -> tuple[Figure, list[Value]]:
    """Requests per second, or records where there is no exporter, with their past."""
    if scene.by_records:
        last = broker.messages.last
        cells = mean_cells(broker.messages, on)
        return (Figure(last[1], last[0]) if last else Figure()), cells
    return rate_figure(broker.jmx, "requests", scene.now), rate_cells(broker.jmx.history.get("requests"), on)


def row_columns(scene: Scene) -> list[Column[Broker]]:
    """One line a broker; the same columns in every zone, so that the eye reads across."""

    def work(canvas: Canvas, x: int, y: int, width: int, broker: Broker) -> None:
        cells = _work(scene, broker, scene.grid_of(max(1, width)))[1]
        spark(canvas, x, y, cells, usual(cells))

    def dot(broker: Broker) -> tuple[str, str]:
        severity = scene.severity_of(broker)
        return sign(severity), token(severity)

    def jmx(key: str) -> Callable[[Broker], tuple[str, str]]:
        def cell(broker: Broker) -> tuple[str, str]:
            figure = _bytes(scene, broker, key)
            return megabytes(figure.value, 4).strip(), "text" if figure.fresh else "faint"

        return cell

    def per_s(broker: Broker) -> tuple[str, str]:
        if scene.by_records:
            return num(messages_per_s(broker, scene.now)), "text"
        figure = rate_figure(broker.jmx, "requests", scene.now)
        return num(figure.value), "text" if figure.fresh else "faint"

    def urp(broker: Broker) -> tuple[str, str]:
        count = duties(scene, broker)[2]
        return (UNKNOWN if count is None else str(count)), "text" if count else "faint"

    def leads(broker: Broker) -> str:
        count = duties(scene, broker)[0]
        return UNKNOWN if count is None else str(count)

    return [
        Column(head="", width=1, cell=dot, gap=1),
        Column(head="", width=4, cell=lambda b: b.name, gap=1),
        Column(head="address", width=12, cell=lambda b: (foreign(b.host, 12), "faint"), min_width=78),
        Column(head="probe", width=5, cell=lambda b: dec(b.probe.last_ms), align=">"),
        Column(head="p99", width=5, cell=lambda b: (dec(b.probe.p99_ms), "muted"), align=">", min_width=46),
        Column(head="rec/s" if scene.by_records else "req/s", width=5, cell=per_s, align=">", gap=1),
        Column(head="", width=0, draw=work, min_width=30),
        Column(head="in", width=5, cell=jmx("bytes_in"), align=">", min_width=30, gap=1),
        Column(head="out", width=5, cell=jmx("bytes_out"), align=">", min_width=46, gap=1),
        Column(head="lead", width=4, cell=leads, align=">", min_width=46, gap=1),
        Column(head="URP", width=3, cell=urp, align=">", min_width=46, gap=1),
        Column(head="disk", width=4, cell=lambda b: pct(disk_of(scene, b)), align=">"),
    ]
