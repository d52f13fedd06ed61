"""Lanes drawn over one time axis, with a cursor through all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from msktop.model.cluster import Cluster
from msktop.model.past import SLOWEST_EVERY_S
from msktop.ui.format import UNKNOWN, clock, dec, rate
from msktop.ui.rows.spread import holding, spread
from msktop.ui.rows.timeline import Lane, Span, cells_of
from msktop.ui.theme import Glyph, Severity
from msktop.ui.widgets.canvas import Canvas
from msktop.ui.widgets.graph import area
from msktop.ui.widgets.grid import Ceiling, Grid, Missing, known, linear
from msktop.ui.widgets.history import PEAK, summed
from msktop.ui.widgets.multiples import MOST_ROWS

PINGS_LAST_S = 300.0
"""So long every single answer is kept; before that the slowest of each 5 s."""
_TICKS_S = (1, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600)
_HEADS: dict[Severity, str] = {"crit": Glyph.CRIT, "warn": Glyph.WARN, "none": Glyph.NONE}
_RANK: tuple[Severity, ...] = ("crit", "warn", "heal", "ok", "none")


_RATE_FRESH_S = 10.0


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where the cells begin, which time they show, and the cell that is pointed at."""

    x: int
    on: Grid
    column: int
    follows: bool
    """Whether that is now."""


@dataclass(frozen=True, slots=True)
class Legend:
    """What stands at the left of a graph: its name, the figure of the cursor's cell, and its scale."""

    name: str
    figure: str = ""
    scale: str = ""


def label_cells(width: int) -> int:
    """Cells at the left for the lanes' names and figures."""
    return 22 if width >= 100 else 18


@dataclass(frozen=True, slots=True)
class Placed:
    """A lane with its rows on the panel; `lane` is None for a blank one."""

    lane: Lane | None
    height: int = 1


def placed(lanes: Sequence[Lane], room: int) -> list[Placed]:
    """What is left of the room goes to the graphs, then to blank lines between groups, then to the graphs.

    >>> two = [Lane("moves", "m"), Lane("requests", "r")]
    >>> [p.height for p in placed(two, 2)], [p.height for p in placed(two, 4)]
    ([1, 1], [1, 1, 2])
    """
    left = max(0, room - len(lanes))
    heights = {"requests": 1, "probe": 1}
    groups = [i for i, lane in enumerate(lanes) if i and _group(lane) != _group(lanes[i - 1])]

    def grow(most: int) -> None:
        nonlocal left
        for kind in heights:
            if left and heights[kind] < most and any(lane.kind == kind for lane in lanes):
                heights[kind] += 1
                left -= 1

    grow(2)
    blanks = groups if left >= len(groups) else []
    left -= len(blanks)
    for most in range(3, MOST_ROWS + 1):
        grow(most)
    out: list[Placed] = []
    for i, lane in enumerate(lanes):
        if i in blanks:
            out.append(Placed(None))
        out.append(Placed(lane, heights.get(lane.kind, 1)))
    return out


def _group(lane: Lane) -> str:
    if lane.kind in ("zone", "broker"):
        return "brokers"
    return {"state": "operations", "isr": "moves", "probe": "requests"}.get(lane.kind, lane.kind)


# ------------------------------------------------------------------ axis


def draw_axis(canvas: Canvas, y: int, cursor: Cursor) -> None:
    """Times of day at round moments; that of the cursor stands over what would be under it."""
    x, on, column = cursor.x, cursor.on, cursor.column
    every = next((s for s in _TICKS_S if s / on.step_s >= 14), _TICKS_S[-1])
    at = (on.begin // every + 1) * every
    mine = "now" if cursor.follows else clock(on.begin + column * on.step_s)
    place = max(0, min(column - len(mine) // 2, on.cells - len(mine)))
    while at < on.begin + on.span_s:
        i = on.index(at)
        text = clock(at) if every < 60 else clock(at)[:5]
        if i + len(text) <= on.cells and (i + len(text) < place or i > place + len(mine)):
            canvas.text(x + i, y, text, "faint")
        at += every
    canvas.text(x + place, y, mine, "accent b")


# ------------------------------------------------------------------ lanes


def draw_spans(canvas: Canvas, y: int, lane: Lane, at: Cursor) -> None:
    """A rule while it was watched, and on it what happened with as many words as have room."""
    x, on = at.x, at.on
    draw_base(canvas, y, lane, at)
    cells = cells_of(lane.spans, on)
    before: Severity | None = None
    for i, severity in enumerate(cells):
        if severity is not None:
            canvas.text(x + i, y, _sign(lane, severity, severity != before), _spec(severity))
        before = severity
    free = [severity is None for severity in cells]
    for span in sorted(lane.spans, key=lambda s: (_RANK.index(s.severity), -s.began)):
        _words(canvas, x, y, span, on, free)


def draw_base(canvas: Canvas, y: int, lane: Lane, at: Cursor) -> None:
    """`─` where it was watched, `·` where nobody looked; the cursor shows through."""
    x, on = at.x, at.on
    looked = on.cells if lane.known_from is None else min(on.cells, max(0, on.index(lane.known_from)))
    canvas.text(x, y, Glyph.DOT * looked + Glyph.RULE * (on.cells - looked), "rule")
    for began, ended in lane.gaps:
        first = max(0, on.index(began) + 1)
        last = on.cells if ended is None else min(on.cells, on.index(ended))
        canvas.text(x + first, y, Glyph.DOT * (last - first), "rule")
    canvas.text(x + at.column, y, Glyph.WALL, "accent")


def _sign(lane: Lane, severity: Severity, first: bool) -> str:
    if lane.kind == "moves":
        return Glyph.FULL
    if first and severity in _HEADS and lane.kind not in ("operations", "state"):
        return _HEADS[severity]
    return Glyph.FULL if severity == "crit" and lane.kind in ("broker", "zone") else Glyph.HEAVY


def _spec(severity: Severity) -> str:
    return {"ok": "muted", "none": "faint"}.get(severity, severity)


def _words(canvas: Canvas, x: int, y: int, span: Span, on: Grid, free: list[bool]) -> None:
    """After it, or where that is the edge, before it; shorter where there is no room for all of it."""
    touched = span.within(on)
    if touched is None or not span.words:
        return
    for words in (span.words, span.short) if span.short else (span.words,):
        text, need = f" {words} ", cell_len(words) + 2
        for begin in (touched[1] + 2, touched[0] - need - 1):
            room = slice(begin - 1, begin + need + 1)
            if begin >= 1 and begin + need <= on.cells and all(free[room]):
                canvas.text(x + begin, y, text, "text" if span.severity in ("crit", "warn") else "muted")
                free[room] = [False] * len(free[room])
                return


def draw_isr(canvas: Canvas, y: int, cluster: Cluster, lane: Lane, at: Cursor) -> Legend:
    """Under-replicated partitions as bars; a rule where there were none."""
    x, on = at.x, at.on
    draw_base(canvas, y, lane, at)
    cells = holding(cluster.past.under_replicated, on)
    scale = linear(0.0, max(known(cells), default=0.0))
    newest = on.index(min(on.now, cluster.at))
    for i, value in enumerate(cells):
        if isinstance(value, Missing):
            if i <= newest:
                canvas.text(x + i, y, Glyph.DOT, "rule")
        elif value > 0:
            canvas.text(x + i, y, Glyph.SPARKS[round(scale(value) * (len(Glyph.SPARKS) - 1))], "warn")
    there = cells[at.column]
    figure = UNKNOWN if isinstance(there, Missing) else f"{there:.0f}"
    return Legend("under-replicated" if x >= 20 else "under-repl.", figure)


def draw_legend(canvas: Canvas, y: int, height: int, legend: Legend, width: int, spec: str) -> None:
    """The name, and at its right or below it the figure; the scale in a third row."""
    figure = legend.figure
    name = legend.name
    if height == 1 and cell_len(name) + cell_len(figure) > width - 3:
        name = name.split(" ")[-1]
    canvas.text(1, y, name, spec, width - 2)
    if height == 1:
        canvas.right(width - 1, y, figure, "text")
        return
    canvas.text(1, y + 1, figure, "strong b", width - 2)
    if height > 2:
        canvas.text(1, y + 2, legend.scale, "faint", width - 2)


class Graphs:
    """The two graphs of the timeline, on scales that do not jump."""

    def __init__(self) -> None:
        self._requests = Ceiling()
        self._probe = Ceiling(least=2.0)

    def requests(self, canvas: Canvas, y: int, height: int, cluster: Cluster, at: Cursor) -> Legend:
        """Requests of all brokers; where no exporter answers, the records written."""
        brokers = list(cluster.brokers.values())
        paged = any(b.jmx.at is not None for b in brokers)
        if paged:
            series = [s for b in brokers if (s := b.jmx.history.get("requests")) is not None]
            rates = [r for b in brokers if (r := b.jmx.rates.get("requests")) is not None]
        else:
            series = [b.messages for b in brokers if len(b.messages)]
            newest = [last for s in series if (last := s.last) is not None]
            rates = [v for t, v in newest if v is not None and cluster.at - t < _RATE_FRESH_S]
        cells = summed(series, at.on)
        end = self._requests.of(cells)
        area(canvas, at.x, y, at.on.cells, height, cells, linear(0.0, end), "s1")
        there = cells[at.column]
        value = None if isinstance(there, Missing) else there
        if at.follows:
            value = sum(rates) if rates else None
        scale = f"0{Glyph.RANGE}{rate(end).strip()}/s" if known(cells) else ""
        return Legend("requests" if paged else "records", f"{rate(value).strip()}/s", scale)

    def probe(self, canvas: Canvas, y: int, height: int, cluster: Cluster, at: Cursor) -> Legend:
        """The slowest answer of all brokers; red where one had none."""
        on, brokers = at.on, cluster.brokers.values()
        half = Grid(on.begin + on.span_s - on.step_s / 4, on.step_s / 2, on.cells * 2)
        if cluster.at - on.begin <= PINGS_LAST_S:
            points = (p for b in brokers for p in b.probe.pings.since(on.begin))
            cells, bad = spread(points, half)
        else:
            cells, bad = spread(cluster.past.slowest_ms.since(on.begin), half, before_s=SLOWEST_EVERY_S)
        # What came after seconds of silence must not press all others to the floor.
        there = sorted(known(v for v, silent in zip(cells, bad, strict=True) if not silent))
        end = self._probe.of([min(v, PEAK * there[len(there) * 9 // 10]) for v in there])
        area(canvas, at.x, y, on.cells, height, cells, linear(0.0, end), "s3", bad, end)
        mine = slice(2 * at.column, 2 * at.column + 2)
        silent, answers = any(bad[mine]), known(cells[mine])
        if at.follows:
            silent = any(b.probe.word == "down" for b in brokers)
            answers = [b.probe.last_ms for b in brokers if b.probe.last_ms is not None]
        figure = "no answer" if silent else f"{dec(max(answers, default=None)).strip()} ms"
        over = f"  {Glyph.WARN} above" if there and there[-1] > end else ""
        return Legend("slowest probe", figure, f"0{Glyph.RANGE}{end:g} ms{over}" if there else "")
