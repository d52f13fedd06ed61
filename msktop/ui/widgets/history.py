"""Small multiples on one time axis: request rates of the cluster, and the slowest probe of each zone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from msktop.model.broker import Broker
from msktop.model.cluster import Cluster
from msktop.model.series import Series
from msktop.session import View
from msktop.ui.format import dec, foreign, megabytes, ms, num, rate
from msktop.ui.recovery_track import BROKER_KINDS
from msktop.ui.rows.incidents import loudness, quiet_falls
from msktop.ui.theme import Glyph, Severity, sign, token
from msktop.ui.widgets.broker_cells import worst, zones_of
from msktop.ui.widgets.by_cloudwatch import traffic, traffic_notes
from msktop.ui.widgets.canvas import Canvas
from msktop.ui.widgets.draw import title
from msktop.ui.widgets.graph import area
from msktop.ui.widgets.grid import (
    EMPTY,
    GAP,
    Ceiling,
    Grid,
    Missing,
    Value,
    grid,
    held,
    highest,
    known,
    linear,
    mean,
    pace_of,
    total,
)
from msktop.ui.widgets.paint import Paint
from msktop.ui.widgets.told import TURN_ON
from msktop.ui.widgets.zones import zone_name

SPAN_S = 300.0
PEAK = 6.0
"""The scale of latencies ends at this many times what nine of ten cells stay below."""
APIS = (("Produce", "s1"), ("FetchConsumer", "s2"), ("FetchFollower", "s3"))


@dataclass(frozen=True, slots=True)
class Strip:
    """One graph of a panel: its name, what stands below the name, its cells."""

    name: str
    value: str
    unit: str
    cells: Sequence[Value]
    spec: str
    top: str = ""
    bad: Sequence[bool] = ()
    trouble: str = ""
    """Stands where the value would, when there is none because something is broken."""
    trouble_severity: Severity = "crit"
    spec_name: str = field(default="muted")


def draw_strips(
    canvas: Canvas, strips: Sequence[Strip], end: float, label: int, on: Grid, view: View
) -> None:
    """Equal heights under the title, and below them the time axis where there is room for it."""
    count = max(1, len(strips))
    axis = 1 if strips and canvas.height >= 2 + count * 2 else 0
    height = max(1, (canvas.height - 1 - axis) // count)
    scale = linear(0.0, end)
    x = label + 1
    width = canvas.width - x
    for i, strip in enumerate(strips):
        y = 1 + i * height
        if y >= canvas.height:
            return
        _legend(canvas, y, height, strip, label)
        area(canvas, x, y, width, height, strip.cells, scale, strip.spec, strip.bad, end)
    if axis:
        _axis(canvas, 1 + count * height, x, width, on, view)


def _legend(canvas: Canvas, y: int, height: int, strip: Strip, label: int) -> None:
    canvas.text(0, y, strip.name, strip.spec_name, label)
    vy, vx = (y, label - 9) if height == 1 else (y + 1, 0)
    if strip.trouble:
        spec = token(strip.trouble_severity)
        mark = (sign(strip.trouble_severity) + " ", spec)
        canvas.spans(vx, vy, mark, (strip.trouble[: label - vx - 2], spec + " b"))
    else:
        canvas.spans(vx, vy, (strip.value, "strong b"), (" " + strip.unit, "faint"))
    if height > 2 and strip.top:
        canvas.spans(0, y + 2, (strip.top, "muted"), (" max", "faint"))


def _axis(canvas: Canvas, y: int, x: int, width: int, on: Grid, view: View) -> None:
    """A rule with the minutes; failures and recoveries are marked where they happened."""
    canvas.text(x, y, Glyph.RULE * width, "rule")
    marks = [(px, severity) for at, severity in _turns(view) if 0 <= (px := _place(at, on, width)) < width]
    minutes = on.span_s / 60
    step = next((s for s in (1, 2, 5, 10, 15, 30, 60) if width / (minutes / s) >= 9), 60)
    labels = [(width - 3, "now")] + [
        (_place(on.now - m * 60, on, width) - 1, f"-{m}m") for m in range(step, int(minutes) + 1, step)
    ]
    for px, text in labels:
        if px >= 0 and not any(px - 1 <= at <= px + len(text) for at, _ in marks):
            canvas.text(x + px, y, text, "faint")
    for px, severity in marks:
        canvas.text(x + px, y, sign(severity), severity)


def _place(at: float, on: Grid, width: int) -> int:
    return int((at - on.begin) / on.span_s * width)


def _turns(view: View) -> list[tuple[float, Severity]]:
    """Falls of brokers, as loud as they are, and ends of them.

    >>> from msktop.model.incidents import Incident, Incidents, Kind
    >>> leaving = Incident(1, Kind.BROKER_UNREACHABLE, "warn", "b-2", began=5.0, detected=7.0, detail="")
    >>> _turns(View(Cluster(), Incidents(log=(leaving,))))
    [(5.0, 'warn')]
    """
    out: list[tuple[float, Severity]] = []
    for incident in view.incidents.log:
        if incident.kind in BROKER_KINDS:
            if incident.ended is not None:
                out.append((incident.ended, "ok"))
            out.append((incident.began, loudness(incident)))
    return out


# ------------------------------------------------------------------ requests


class RequestsPanel(Paint):
    """Requests per second of the whole cluster by type, one observation a cell."""

    EVERY_S = 1.0

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._ceiling = Ceiling()

    def paint(self, canvas: Canvas) -> None:
        """The graphs; or why there are none and how to get them."""
        cluster = self.view.cluster
        brokers = list(cluster.brokers.values())
        if not any(b.jmx.at is not None for b in brokers):
            if not self._by_cloudwatch(canvas):
                _no_exporter(canvas, self.view)
            return
        label = 14 if canvas.height >= 7 else 23
        on = request_grid(cluster, canvas.width - label - 1)
        strips = [_request_strip(brokers, api, spec, on) for api, spec in APIS]
        end = self._ceiling.of([v for s in strips for v in s.cells])
        measured = any(known(s.cells) for s in strips)
        heard = sum(b.jmx.at is not None and b.jmx.failed_at is None for b in brokers)
        missing = f"{heard} of {len(brokers)} brokers" if heard < len(brokers) else ""
        notes = [
            f"0{Glyph.RANGE}{num(end).strip()}/s" if measured else "",
            missing if measured else "rates come with the second reading",
            f"a cell is {on.step_s:g} s",
        ]
        title(canvas, 0, "Requests", (span_word(on), *notes))
        draw_strips(canvas, strips, end, label, on, self.view)

    def _by_cloudwatch(self, canvas: Canvas) -> bool:
        """Bytes in and out by CloudWatch; False where it has none."""
        cluster = self.view.cluster
        label = 14 if canvas.height >= 7 else 23
        on, found = traffic(cluster, max(1, canvas.width - label - 1))
        if not any(known(cells) for cells in found.values()):
            return False
        end = self._ceiling.of([v for cells in found.values() for v in cells])
        strips = [
            Strip(
                name,
                megabytes(known(cells)[-1] if known(cells) else None),
                "MB/s",
                cells,
                spec,
                megabytes(max(known(cells), default=None)),
            )
            for (name, cells), spec in zip(found.items(), ("s1", "s2"), strict=False)
        ]
        title(canvas, 0, "Traffic", (span_word(on), *(n for n in traffic_notes(cluster, end) if n)))
        draw_strips(canvas, strips, end, label, on, self.view)
        return True


def request_grid(cluster: Cluster, cells: int) -> Grid:
    """As long as five minutes, or longer where scrapes are rare: a cell is never shorter than one."""
    return grid(
        cluster.at, SPAN_S, cells, pace_of(b.jmx.history.get("requests") for b in cluster.brokers.values())
    )


def span_word(on: Grid) -> str:
    """What a graph covers.

    >>> span_word(Grid(0.0, 10.0, 39)), span_word(Grid(0.0, 60.0, 75))
    ('6.5 min', '75 min')
    """
    minutes = on.span_s / 60
    return f"{minutes:.1f}".removesuffix(".0") + " min" if minutes < 10 else f"{minutes:.0f} min"


def _request_strip(brokers: Sequence[Broker], api: str, spec: str, on: Grid) -> Strip:
    series = [s for b in brokers if (s := b.jmx.history.get(f"requests/{api}")) is not None]
    cells = summed(series, on)
    rates = [r for b in brokers if (r := b.jmx.rates.get(f"requests/{api}")) is not None]
    top = max(known(cells), default=None)
    return Strip(
        api, rate(sum(rates) if rates else None), "/s", cells, spec, num(top) if top is not None else ""
    )


def summed(series: Sequence[Series], on: Grid) -> list[Value]:
    """The sum over brokers, cell by cell: each cell has one observation of every broker that gave one.

    Brokers are read at different moments of the same period, so the newest cell waits for the last of them;
    a broker that has not been heard of for longer is left out.
    """
    pace = pace_of(series) or on.step_s
    columns = []
    for one in series:
        points = one.since(on.begin - 2 * max(pace, on.step_s))
        cells = held(points, on, pace) if on.step_s <= pace * 1.5 else mean(points, on)
        if one.last is not None and on.now - one.last[0] > 2.5 * pace:
            cells = [GAP if v is EMPTY else v for v in cells]
        columns.append(cells)
    return total(columns) if columns else [EMPTY] * on.cells


def _no_exporter(canvas: Canvas, view: View) -> None:
    """Why there is no graph, and how to turn it on."""
    cluster = view.cluster
    title(canvas, 0, "Requests", "no metrics" if cluster.connected else "")
    answering = [b for b in cluster.brokers.values() if b.probe.word == "up"]
    failed = next((b for b in answering if b.jmx.failed_at is not None), None)
    if not cluster.connected:
        return
    if failed is not None:
        words = f"{failed.name}: {foreign(failed.jmx.error, 200)}. {foreign(failed.jmx.advice, 400)}"
        canvas.spans(0, 1, (Glyph.WARN, "warn"))
    else:
        words = TURN_ON
        canvas.spans(0, 1, (Glyph.NONE, "faint"))
    for y, line in enumerate(wrap(words, canvas.width - 3)[: canvas.height - 1], 1):
        canvas.text(2, y, line, "muted")


def wrap(text: str, width: int) -> list[str]:
    """Lines of at most `width` cells, broken between words.

    >>> wrap("one two three", 7)
    ['one two', 'three']
    """
    lines: list[str] = []
    for word in text.split():
        if lines and len(lines[-1]) + 1 + len(word) <= width:
            lines[-1] += " " + word
        else:
            lines.append(word)
    return lines


# ------------------------------------------------------------------ probes


class ProbesPanel(Paint):
    """The slowest answer in each zone, its peaks kept; red where a broker did not answer."""

    EVERY_S = 1.0

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._ceiling = Ceiling(least=2.0)

    def paint(self, canvas: Canvas) -> None:
        """One graph a zone, as many as there is room for."""
        cluster = self.view.cluster
        zones = zones_of(cluster)[: max(1, canvas.height - 1)]
        label = 11 if canvas.height >= 7 else 20
        on = grid(cluster.at, SPAN_S, max(1, canvas.width - label - 1) * 2)
        quiet = quiet_falls(self.view.incidents)
        strips = [_probe_strip(cluster, zone, on, quiet) for zone in zones]
        values = sorted(known(v for s in strips for v in s.cells))
        # One answer after seconds of silence must not press all others to the floor.
        end = self._ceiling.of([min(v, PEAK * values[len(values) * 9 // 10]) for v in values])
        over = f"{Glyph.WARN} above" if values and values[-1] > end else ""
        notes = (f"0{Glyph.RANGE}{end:g} ms", over, "per zone", span_word(on))
        title(canvas, 0, "Slowest probe", notes if zones else "")
        draw_strips(canvas, strips, end, label, on, self.view)


def _probe_strip(cluster: Cluster, zone: str, on: Grid, quiet: frozenset[int]) -> Strip:
    brokers = cluster.zone_brokers(zone)
    columns = [highest(b.probe.pings.since(on.begin), on) for b in brokers]
    cells: list[Value] = []
    for cell in zip(*columns, strict=True):
        there = [v for v in cell if not isinstance(v, Missing)]
        cells.append(max(there) if there else GAP if GAP in cell else EMPTY)
    bad = [False] * on.cells
    for broker in brokers:
        for at, value in broker.probe.pings.since(on.begin):
            if value is None and 0 <= (i := on.index(at)) < on.cells:
                bad[i] = True
    last = max((b.probe.last_ms for b in brokers if b.probe.last_ms is not None), default=None)
    away = [b.name for b in brokers if b.probe.word in ("down", "suspect")]
    top = max(known(cells), default=None)
    severity = worst(brokers, quiet)
    return Strip(
        name=zone_name(zone),
        value=dec(last),
        unit="ms",
        cells=cells,
        spec="s3",
        top=ms(top).strip() if top is not None else "",
        bad=bad,
        trouble=(away[0] + (f" +{len(away) - 1}" if len(away) > 1 else "")) if away else "",
        trouble_severity="crit" if severity == "crit" else "warn",
        spec_name="crit b" if severity == "crit" else "muted",
    )
