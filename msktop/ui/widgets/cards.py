"""One broker, drawn as large as there is room: a card, three lines, or a row of a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from rich.cells import cell_len

from msktop.model.cluster import Broker
from msktop.model.series import Series
from msktop.session import View
from msktop.ui.columns import Column
from msktop.ui.format import UNKNOWN, age, cut, dec, dur, foreign, megabytes, ms, num, pct, rate, watch
from msktop.ui.rows.brokers import cpu_used, disk_used, is_counted, messages_per_s
from msktop.ui.theme import Glyph, sign, token
from msktop.ui.widgets.before import began, draw_before, minutes_before
from msktop.ui.widgets.broker_cells import (
    Figure,
    down_since,
    failure_of,
    instance_word,
    latency_cells,
    mean_cells,
    page_stale,
    rate_cells,
    rate_figure,
    severity_of,
    spark_grid,
)
from msktop.ui.widgets.by_cloudwatch import cpu_percent, draw_past, series_of, value_of
from msktop.ui.widgets.canvas import Canvas
from msktop.ui.widgets.down_cards import VALUE_END, down_card, why
from msktop.ui.widgets.draw import meter, state
from msktop.ui.widgets.graph import spark
from msktop.ui.widgets.grid import Grid, Value, known, usual

CARD_LINES = 8
MINI_LINES = 3
_WIDE = 46
"""From this width a card has a second column of figures at its right."""
_SPARK_AT = 19


@dataclass(frozen=True, slots=True)
class Scene:
    """What all brokers of one picture share."""

    view: View
    grid_of: Callable[[int], Grid]
    """The grid of sparklines with so many cells."""
    by_records: bool
    """No exporter answers, so records per second stand where requests would."""
    says_before: bool = False
    """Whether the zone's title has room to say whose word the time before us is."""
    pasts: list[float] = field(default_factory=list)
    """When our own cells begin, of each sparkline drawn with CloudWatch's minutes before them."""

    @classmethod
    def of(cls, view: View) -> Scene:
        """Look once at the whole cluster."""
        grids: dict[int, Grid] = {}

        def grid_of(cells: int) -> Grid:
            if cells not in grids:
                grids[cells] = spark_grid(view.cluster, cells)
            return grids[cells]

        return cls(view, grid_of, all(b.jmx.at is None for b in view.cluster.brokers.values()))

    @property
    def now(self) -> float:
        """The view's own time."""
        return self.view.cluster.at


def _name_line(canvas: Canvas, y: int, broker: Broker, selected: bool) -> None:
    severity = severity_of(broker)
    state(canvas, 0, y, severity)
    canvas.text(2, y, broker.name, ("crit b" if severity == "crit" else "strong b"))
    if selected:
        canvas.back(y, "select")


# ------------------------------------------------------------------ card


def card(canvas: Canvas, scene: Scene, broker: Broker, selected: bool = False) -> None:
    """Eight lines. Label 5, value right-aligned at 13, unit, then a sparkline to the right edge."""
    width = canvas.width
    kind = instance_word(broker)
    canvas.text(8, 0, kind, "muted", width - 8)
    address = foreign(broker.host)
    if cell_len(address) <= width - 9 - len(kind):
        canvas.right(width, 0, address, "faint")
    _name_line(canvas, 0, broker, selected)
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
        canvas.text(_SPARK_AT, y, cut(f"{age(now - figure.at)} old", room), "faint")


def _leads_line(canvas: Canvas, y: int, scene: Scene, broker: Broker, end: int, label_at: int | None) -> None:
    leads, replicas, under = _duties(scene, broker)
    canvas.text(2, y, "leads", "muted")
    canvas.right(VALUE_END, y, UNKNOWN if leads is None else str(leads), "text")
    if end >= 26 and replicas is not None:
        canvas.text(VALUE_END + 1, y, f"of {replicas}", "faint")
    # A follower's trouble is a consequence here, so it is plain: the cause has the colour.
    words = (UNKNOWN if under is None else str(under)).rjust(3)
    x = canvas.right(end, y, words, "text" if under else "faint")
    canvas.text(x - 4 if label_at is None else label_at, y, "URP", "muted")


def _duties(scene: Scene, broker: Broker) -> tuple[int | None, int | None, int | None]:
    """What it leads, holds, and leads under-replicated: by Metadata, else by CloudWatch."""
    counts, cluster = broker.counts, scene.view.cluster
    if cluster.connected and is_counted(broker):
        return counts.leaders, counts.replicas, counts.led_under_replicated
    told = [value_of(cluster, broker, k) for k in ("leaders", "replicas", "under_replicated")]
    leads, replicas, under = (None if v is None else int(v) for v in told)
    return leads, replicas, under


def _disk_line(canvas: Canvas, y: int, scene: Scene, broker: Broker, end: int) -> None:
    used = disk_of(scene, broker)
    old = page_stale(broker.node, scene.now)
    canvas.text(2, y, "disk", "faint" if old else "muted")
    canvas.right(VALUE_END, y, "—" if used is None else f"{used * 100:.0f}", "faint" if old else "text")
    canvas.text(VALUE_END + 1, y, "%", "faint")
    if old and broker.node.at is not None:
        canvas.text(_SPARK_AT, y, f"{age(scene.now - broker.node.at)} old", "faint", canvas.width - _SPARK_AT)
    else:
        spec = "crit" if used and used > 0.9 else "warn" if used and used > 0.8 else "muted"
        meter(canvas, _SPARK_AT, y, end - _SPARK_AT, used, spec)


def disk_of(scene: Scene, broker: Broker) -> float | None:
    """The used part of its volume: by its page or log dirs, else by CloudWatch."""
    used = disk_used(broker)
    told = value_of(scene.view.cluster, broker, "disk") if used is None else None
    return used if told is None else told / 100


# ------------------------------------------------------------------ three lines


def mini(canvas: Canvas, scene: Scene, broker: Broker, selected: bool = False) -> None:
    """Three lines, for 80×24."""
    width, probe, now = canvas.width, broker.probe, scene.now
    if probe.word in ("down", "suspect"):
        spec = "crit" if probe.word == "down" else "warn"
        canvas.right(width, 0, watch(now - down_since(scene.view, broker)), spec + " b")
        _name_line(canvas, 0, broker, selected)
        for y in (1, 2):
            canvas.text(0, y, Glyph.WALL, spec)
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
    leads = _duties(scene, broker)[0]
    canvas.text(8, 0, f"{UNKNOWN if leads is None else leads:>2} ld", "muted")
    _name_line(canvas, 0, broker, selected)
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


# ------------------------------------------------------------------ one row


def row_columns(scene: Scene) -> list[Column[Broker]]:
    """One line a broker; the same columns in every zone, so that the eye reads across."""

    def work(canvas: Canvas, x: int, y: int, width: int, broker: Broker) -> None:
        cells = _work(scene, broker, scene.grid_of(max(1, width)))[1]
        spark(canvas, x, y, cells, usual(cells))

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
        count = _duties(scene, broker)[2]
        return (UNKNOWN if count is None else str(count)), "text" if count else "faint"

    def leads(broker: Broker) -> str:
        count = _duties(scene, broker)[0]
        return UNKNOWN if count is None else str(count)

    return [
        Column(head="", width=1, cell=lambda b: (sign(severity_of(b)), token(severity_of(b))), gap=1),
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
