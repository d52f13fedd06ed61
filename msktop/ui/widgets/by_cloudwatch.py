"""What CloudWatch says of brokers, where nobody else does: each value with its age, none taken for now."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType

from msktop.model.broker import Broker
from msktop.model.cluster import Cluster, MetricKey
from msktop.model.series import Series
from msktop.ui.format import age, megabytes
from msktop.ui.rows.cloudwatch import PERIOD_S, SPAN_S, newest_age_s
from msktop.ui.widgets.canvas import Canvas
from msktop.ui.widgets.graph import spark
from msktop.ui.widgets.grid import EMPTY, Grid, Missing, Value, grid, known, mean, total, usual

METRIC_OF: Mapping[str, str] = MappingProxyType(
    {
        "bytes_in": "BytesInPerSec",
        "bytes_out": "BytesOutPerSec",
        "messages_in": "MessagesInPerSec",
        "connections": "ConnectionCount",
        "disk": "KafkaDataLogsDiskUsed",
        "cpu": "CpuUser",
        "memory": "MemoryUsed",
        "handler_idle": "RequestHandlerAvgIdlePercent",
        "network_idle": "NetworkProcessorAvgIdlePercent",
        "leaders": "LeaderCount",
        "replicas": "PartitionCount",
        "under_replicated": "UnderReplicatedPartitions",
    }
)
"""CloudWatch's metrics by our names of the same figures."""
_KEPT_S = 3600.0
"""A point that is older is no longer a broker's figure."""


def series_of(cluster: Cluster, broker: Broker, key: str) -> Series | None:
    """The past of one figure of a broker; None where CloudWatch has none."""
    metric = METRIC_OF.get(key)
    return None if metric is None else cluster.metrics.get(MetricKey(metric, broker.id))


def value_of(cluster: Cluster, broker: Broker, key: str) -> float | None:
    """The newest point of one figure of a broker, however old up to an hour."""
    series = series_of(cluster, broker, key)
    last = series.last if series is not None else None
    return last[1] if last is not None and cluster.at - last[0] < _KEPT_S else None


def cpu_percent(cluster: Cluster, broker: Broker) -> float | None:
    """User and system time in percent."""
    parts = [cluster.metrics.get(MetricKey(name, broker.id)) for name in ("CpuUser", "CpuSystem")]
    values = [p.last[1] for p in parts if p is not None and p.last is not None and p.last[1] is not None]
    return sum(values) if len(values) == len(parts) else None


def cells_of(series: Series, on: Grid, period_s: float = PERIOD_S) -> list[Value]:
    """The highest point in each cell; each speaks of the period before it, and a minute without one is empty.

    >>> cells_of(Series().append(60.0, 5.0).append(180.0, 7.0), Grid(179.0, 30.0, 6))
    [5.0, 5.0, <Missing.EMPTY: 'empty'>, <Missing.EMPTY: 'empty'>, 7.0, 7.0]
    """
    out: list[Value] = [EMPTY] * on.cells
    for at, value in series.since(on.begin):
        if value is None:
            continue
        first = max(0, math.floor((at - period_s - on.begin) / on.step_s + 0.5))
        last = min(on.cells - 1, math.ceil((at - on.begin) / on.step_s - 0.5) - 1)
        for i in range(first, max(first, last) + 1):
            if i < on.cells:
                known_here = out[i]
                out[i] = value if isinstance(known_here, Missing) else max(known_here, value)
    return out


def draw_past(canvas: Canvas, x: int, y: int, end: int, series: Series, now: float) -> None:
    """A sparkline up to its newest point, a minute a cell, and at the right end how old that is."""
    last = series.last
    if last is None:
        return
    words = age(now - last[0])
    room = end - x - len(words) - 1
    if room < 3:
        canvas.text(x, y, words, "faint", max(0, end - x))
        return
    on = grid(last[0], PERIOD_S * room, room, PERIOD_S)
    cells = cells_of(series, on)
    spark(canvas, x, y, cells, usual(cells))
    canvas.right(end, y, words, "faint")


def traffic(cluster: Cluster, cells: int) -> tuple[Grid, dict[str, list[Value]]]:
    """Bytes in and out of all brokers over the hours that CloudWatch knows."""
    on = grid(cluster.at, SPAN_S, cells)
    found: dict[str, list[Value]] = {}
    for name, metric in (("in", "BytesInPerSec"), ("out", "BytesOutPerSec")):
        series = [cluster.metrics.get(MetricKey(metric, b)) for b in cluster.brokers]
        columns = [_means(s, on) for s in series if s is not None]
        if columns:
            found[name] = _added(columns)
    return on, found


def _means(series: Series, on: Grid) -> list[Value]:
    return mean(series.since(on.begin), on) if on.step_s >= PERIOD_S else cells_of(series, on)


def _added(columns: list[list[Value]]) -> list[Value]:
    """The sum of those that published; a broker that did not is left out, and so is nobody's zero."""
    whole = total(columns)
    sums = [known(cell) for cell in zip(*columns, strict=True)]
    return [sum(there) if there else empty for there, empty in zip(sums, whole, strict=True)]


def traffic_notes(cluster: Cluster, end: float) -> list[str]:
    """What the title of a graph of traffic says."""
    behind = newest_age_s(cluster)
    return [
        "CloudWatch",
        f"newest {age(behind)} old" if behind is not None else "",
        f"0–{megabytes(end).strip()} MB/s",
        "a point a minute",
    ]
