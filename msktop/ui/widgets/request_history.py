"""The past of one request type: rate, p50, p99 and errors over one time axis."""

from __future__ import annotations

from collections.abc import Sequence

from msktop.model.series import Series
from msktop.session import View
from msktop.ui.format import dec, rate
from msktop.ui.theme import Glyph
from msktop.ui.widgets.broker_graphs import marks
from msktop.ui.widgets.canvas import Canvas
from msktop.ui.widgets.draw import title
from msktop.ui.widgets.graph import area
from msktop.ui.widgets.grid import Ceiling, Grid, Value, linear, total
from msktop.ui.widgets.multiples import LABELS, Graph, draw_axis
from msktop.ui.widgets.row_sparks import rate_grid, rate_values, span_words

LEAST_S, MOST_S = 300.0, 3600.0
"""All that is known, within these bounds: scrapes of an hour are kept at one each 10 s."""


class HistoryEnds:
    """Where the scales end; each keeps its own, so that graphs do not jump."""

    def __init__(self) -> None:
        self.rate, self.p50, self.p99, self.errors = Ceiling(1.0), Ceiling(1.0), Ceiling(1.0), Ceiling(1.0)


def draw_history(canvas: Canvas, view: View, api: str, ends: HistoryEnds) -> None:
    """Each graph on a scale of its own, whose end stands under its figure."""
    brokers = list(view.cluster.brokers.values())

    def past(key: str) -> list[Series]:
        return [s for b in brokers if (s := b.jmx.history.get(f"{key}/{api}")) is not None]

    served = past("requests")
    on = rate_grid(view.cluster.at, max(1, canvas.width - LABELS), served, _span_s(served, view.cluster.at))
    note = f"{span_words(on)} {Glyph.DOT} times of the slowest broker" if served else "no history yet"
    title(canvas, 0, f"History of {api}", note)
    if not served:
        return
    rates = rate_values(served, on)
    p50, p99 = _slowest(past("time_ms/total/p50"), on), _slowest(past("time_ms/total/p99"), on)
    failed = past("error_rate")
    errors = rate_values(failed, on) if failed else [0.0 if isinstance(v, float) else v for v in rates]
    graphs = (
        (Graph("rate", rate(_sum(served)), "/s", rates, "s1"), ends.rate.of(rates)),
        (Graph("p99", dec(_most(past("time_ms/total/p99"))), "ms", p99, "s2"), ends.p99.of(p99)),
        (
            Graph("errors", rate(_sum(failed) if failed else 0.0), "/s", errors, "warn"),
            ends.errors.of(errors),
        ),
        (Graph("p50", dec(_most(past("time_ms/total/p50"))), "ms", p50, "s3"), ends.p50.of(p50)),
    )
    _draw(canvas, graphs, on, view)


def _draw(canvas: Canvas, graphs: Sequence[tuple[Graph, float]], on: Grid, view: View) -> None:
    """As many as have two rows each, the most telling first."""
    room = canvas.height - 2
    shown = graphs[: max(1, room // 2)]
    each = min(8, max(2, room // len(shown)))
    y, width = 1, canvas.width - LABELS
    for graph, end in shown:
        if y + each > canvas.height - 1:
            break
        x = canvas.text(0, y, graph.name, graph.name_spec)
        canvas.text(x + 1, y, f"0{Glyph.RANGE}{_end(end)}", "faint", LABELS - x - 2)
        x = canvas.text(0, y + 1, graph.figure, "strong b")
        canvas.text(x + 1, y + 1, graph.unit, "faint")
        area(canvas, LABELS, y, width, each, graph.values, linear(0.0, end), graph.spec)
        y += each
    draw_axis(canvas, y, width, on, marks(view.incidents.log))


def _span_s(histories: Sequence[Series], at: float) -> float:
    """How long ago the first point is, within bounds."""
    firsts = [first[0] for s in histories if (first := next(s.since(0.0), None)) is not None]
    return min(MOST_S, max(LEAST_S, at - min(firsts, default=at)))


def _end(end: float) -> str:
    return rate(end).strip() if end >= 1000 else f"{end:g}"


def _slowest(histories: Sequence[Series], on: Grid) -> list[Value]:
    """Cell by cell the highest that is known; what nobody knows as `total` says it."""
    if not histories:
        return rate_values([Series()], on)
    columns = [rate_values([s], on) for s in histories]
    out: list[Value] = []
    for cell, missing in zip(zip(*columns, strict=True), total(columns), strict=True):
        known = [v for v in cell if isinstance(v, float)]
        out.append(max(known) if known else missing)
    return out


def _newest(histories: Sequence[Series]) -> list[float]:
    return [s.last[1] for s in histories if s.last is not None and s.last[1] is not None]


def _sum(histories: Sequence[Series]) -> float | None:
    known = _newest(histories)
    return sum(known) if known else None


def _most(histories: Sequence[Series]) -> float | None:
    return max(_newest(histories), default=None)
