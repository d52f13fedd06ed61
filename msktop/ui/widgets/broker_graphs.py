"""Probe latency and requests of several brokers, each on one scale, so that the odd one out is seen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msktop.model.broker import Broker
from msktop.model.cluster import Cluster
from msktop.model.incidents import Incident
from msktop.session import View
from msktop.ui.format import dec, rate
from msktop.ui.rows.incidents import loudness, quiet_falls
from msktop.ui.theme import Glyph, sign
from msktop.ui.widgets.canvas import Canvas
from msktop.ui.widgets.draw import title
from msktop.ui.widgets.grid import Ceiling, Value, grid, highest, linear, logarithmic
from msktop.ui.widgets.multiples import LABELS, Graph, Mark, draw_multiples, graph_cells
from msktop.ui.widgets.row_sparks import rate_grid, rate_values, span_words

_SPAN_S = 300.0
_LEAST_MS = 0.1
_LEAST_END_MS = 10.0


def marks(log: Iterable[Incident]) -> list[Mark]:
    """Where failures began and ended, for the time axis."""
    out: list[Mark] = []
    for incident in log:
        if incident.severity == "crit":
            severity = loudness(incident)
            out.append((incident.began, sign(severity), f"{severity} b"))
            if incident.ended is not None:
                out.append((incident.ended, Glyph.OK, "ok"))
    return out


def probe_graphs(canvas: Canvas, view: View, brokers: Sequence[Broker], ends: Ceiling) -> None:
    """Highest round trip in each cell on a logarithmic scale; `✕` where there was no answer."""
    shown = most_telling(brokers, canvas.height)
    cluster, quiet = view.cluster, quiet_falls(view.incidents)
    on = grid(cluster.at, _SPAN_S, graph_cells(canvas.width))
    values = {b.id: highest(b.probe.pings.since(on.begin), on) for b in shown}
    end = max(_LEAST_END_MS, ends.of([v for one in values.values() for v in one]))
    scale = f"log {_LEAST_MS:g}{Glyph.RANGE}{end:g} ms"
    title(canvas, 0, "Probe", f"{span_words(on)} {Glyph.DOT} {scale}", right=_left_out(brokers, shown))
    graphs = [_probe_graph(b, values[b.id], quiet) for b in shown]
    draw_multiples(canvas, 1, graphs, logarithmic(_LEAST_MS, end), on, marks(view.incidents.log))


def request_graphs(canvas: Canvas, view: View, brokers: Sequence[Broker], ends: Ceiling) -> None:
    """All requests per second, from the exporter pages."""
    shown = most_telling(brokers, canvas.height)
    histories = {b.id: b.jmx.history.get("requests") for b in shown}
    known = [s for s in histories.values() if s is not None]
    on = rate_grid(view.cluster.at, max(1, canvas.width - LABELS), known, _SPAN_S)
    values = {b: rate_values([s], on) if s is not None else highest((), on) for b, s in histories.items()}
    end = ends.of([v for one in values.values() for v in one])
    scale = f"{span_words(on)} {Glyph.DOT} 0{Glyph.RANGE}{rate(end).strip()}/s"
    title(canvas, 0, "Requests", scale if known else "no metrics", right=_left_out(brokers, shown))
    graphs = [Graph(b.name, rate(b.jmx.rates.get("requests")), "/s", values[b.id], "s1") for b in shown]
    draw_multiples(canvas, 1, graphs, linear(0.0, end), on, marks(view.incidents.log))


BUSIEST = (("Produce", "s1"), ("FetchConsumer", "s2"), ("FetchFollower", "s3"))
"""The requests that make the load of nearly every cluster, each with its colour."""


def rate_graphs(
    canvas: Canvas, cluster: Cluster, broker: Broker, ends: Ceiling, at_axis: Sequence[Mark]
) -> None:
    """Produce, consumer fetches and follower fetches of one broker on one scale."""
    histories = {api: broker.jmx.history.get(f"requests/{api}") for api, _ in BUSIEST}
    known = [s for s in histories.values() if s is not None]
    on = rate_grid(cluster.at, max(1, canvas.width - LABELS), known, _SPAN_S)
    values = {a: rate_values([s], on) if s is not None else highest((), on) for a, s in histories.items()}
    end = ends.of([v for one in values.values() for v in one])
    note = f"{span_words(on)} {Glyph.DOT} 0{Glyph.RANGE}{rate(end).strip()}/s"
    title(canvas, 0, f"Requests {broker.name}", note if known else "no metrics")
    graphs = [
        Graph(api, rate(broker.jmx.rates.get(f"requests/{api}")), "/s", values[api], spec)
        for api, spec in BUSIEST
    ]
    draw_multiples(canvas, 1, graphs, linear(0.0, end), on, at_axis)


def most_telling(brokers: Sequence[Broker], height: int) -> list[Broker]:
    """As many brokers as have room for a graph of two rows: those in trouble and the slowest, by id."""
    room = max(1, (height - 2) // 2)
    if len(brokers) <= room:
        return list(brokers)
    worst = sorted(brokers, key=lambda b: (b.probe.word == "up", -(b.probe.p99_ms or 0.0), b.id))[:room]
    return sorted(worst, key=lambda b: b.id)


def _left_out(brokers: Sequence[Broker], shown: Sequence[Broker]) -> str:
    more = len(brokers) - len(shown)
    return f"slowest {len(shown)} of {len(brokers)}" if more else ""


def _probe_graph(broker: Broker, values: list[Value], quiet: frozenset[int]) -> Graph:
    if broker.probe.word in ("down", "suspect"):
        spec = "warn b" if broker.id in quiet else "crit b"
        return Graph(broker.name, Glyph.CRIT.rjust(5), "silent", values, "s3", spec)
    return Graph(broker.name, dec(broker.probe.last_ms), "ms", values, "s3")
