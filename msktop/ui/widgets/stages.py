"""The probe panel: every stage of a new connection, the pings on the open one, and our writes."""

from __future__ import annotations

from msktop.model.broker import Broker
from msktop.model.cluster import Cluster
from msktop.ui.columns import Column
from msktop.ui.format import dec
from msktop.ui.rows.stages import StageRow, ping_row, stage_rows, total_row, write_row
from msktop.ui.theme import Glyph, Severity, sign, token
from msktop.ui.widgets.canvas import Canvas
from msktop.ui.widgets.draw import title
from msktop.ui.widgets.grid import Grid
from msktop.ui.widgets.row_sparks import latency_spark, span_words
from msktop.ui.widgets.table import table

CONNECT_EVERY_S = 15.0
"""A new connection through all stages comes this often: one cell of a stage's history is one connection."""
_MOST_CELLS = 20
_PING_SPAN_S = 60.0
_NARROW = 64
_HISTORY_X = 37
_SIGNS: dict[str, Severity] = {"ok": "ok", "failed": "crit", "unknown": "none"}


def probe_panel(canvas: Canvas, cluster: Cluster, broker: Broker) -> None:
    """One row a stage, their sum, the last minute's pings, and its writes where there is a write probe."""
    wide = canvas.width >= _NARROW
    fixed = _HISTORY_X + (22 if wide else 0)
    cells = max(1, min(_MOST_CELLS, canvas.width - fixed))
    on = Grid(cluster.at, CONNECT_EVERY_S, cells)
    writes = write_row(broker, cluster.at)
    no_write = f"write: {writes.word}" if writes.word and wide else ""
    notes = ("new connection every 15 s, ping every 0.25 s",) if wide else ("ping every 0.25 s",)
    title(canvas, 0, "Probe", notes, right=no_write, right_spec="crit")
    stages = stage_rows(cluster, broker)
    rows = [*stages, total_row(cluster, stages)]
    y = table(canvas, 0, 1, canvas.width, _columns(on), rows)
    _minute(canvas, y, cluster.at, ping_row(broker))
    if cluster.writes:
        _minute(canvas, y + 1, cluster.at, writes)


def probe_height(cluster: Cluster) -> int:
    """Rows that the panel takes: head, columns, stages, total, ping."""
    return len(stage_rows(cluster, Broker(0))) + 4 + bool(cluster.writes)


def _columns(on: Grid) -> list[Column[StageRow]]:
    return [
        Column(head="", width=1, cell=lambda r: (sign(_SIGNS[r.state]), token(_SIGNS[r.state])), gap=1),
        Column(head="stage", width=11, cell=lambda r: (r.name, "strong b" if r.name == "Total" else "text")),
        Column(head="now", width=5, cell=_now, align=">"),
        Column(head="p50", width=5, cell=lambda r: (dec(r.p50_ms), "muted"), align=">"),
        Column(head="p99 ms", width=6, cell=lambda r: (dec(r.p99_ms), "muted"), align=">"),
        Column(head="where the time goes", width=20, draw=_share, min_width=_NARROW),
        Column(
            head=span_words(on),
            width=on.cells,
            draw=lambda canvas, x, y, width, r: latency_spark(canvas, x, y, on, r.series),
        ),
    ]


def _now(row: StageRow) -> tuple[str, str]:
    if row.state == "failed":
        return f"{Glyph.CRIT}".rjust(5), "crit"
    return dec(row.now_ms), "strong b" if row.name == "Total" else "text"


def _share(canvas: Canvas, x: int, y: int, width: int, row: StageRow) -> None:
    """Where in the whole connection this stage lies; a failed one says what was met instead."""
    if row.state == "failed" and row.word:
        canvas.text(x, y, row.word, "crit", width)
        return
    canvas.text(x, y, Glyph.RULE * width, "rule")
    if row.share is not None:
        begin = min(width - 1, round(row.start * width))
        end = max(begin + 1, round((row.start + row.share) * width))
        canvas.text(x + begin, y, Glyph.HEAVY * (min(width, end) - begin), "accent")


def _minute(canvas: Canvas, y: int, at: float, row: StageRow) -> None:
    """An open connection, on a finer grid than the stages: a second a cell where there is room."""
    x = _HISTORY_X
    cells = max(1, min(int(_PING_SPAN_S), canvas.width - x))
    on = Grid(at, _PING_SPAN_S / cells, cells)
    severity = _SIGNS[row.state]
    canvas.text(0, y, sign(severity), token(severity))
    canvas.text(2, y, f"{row.name}, 1 min", "text")
    now, spec = _now(row)
    canvas.right(20, y, now, spec)
    canvas.right(27, y, dec(row.p50_ms), "muted")
    canvas.right(35, y, dec(row.p99_ms), "muted")
    latency_spark(canvas, x, y, on, row.series)
