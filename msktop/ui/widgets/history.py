"""The overview's graphs: request rates of the cluster, and the slowest probe of each zone."""

from __future__ import annotations

from collections.abc import Sequence

from msktop.model.broker import Broker
from msktop.model.cluster import Cluster
from msktop.model.series import Series
from msktop.session import View
from msktop.ui.format import dec, foreign, megabytes, ms, num, rate
from msktop.ui.rows.incidents import quiet_falls
from msktop.ui.theme import Glyph
from msktop.ui.widgets.broker_cells import worst, zones_of
from msktop.ui.widgets.by_cloudwatch import traffic, traffic_notes
from msktop.ui.widgets.canvas import Canvas
from msktop.ui.widgets.draw import title
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
    mean,
    pace_of,
    total,
)
from msktop.ui.widgets.paint import Paint
from msktop.ui.widgets.strips import Strip, draw_strips, span_word
from msktop.ui.widgets.titled import wrap
from msktop.ui.widgets.told import TURN_ON
from msktop.ui.widgets.zones import zone_name

SPAN_S = 300.0
PEAK = 6.0
"""The scale of latencies ends at this many times what nine of ten cells stay below."""
APIS = (("Produce", "s1"), ("FetchConsumer", "s2"), ("FetchFollower", "s3"))


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
