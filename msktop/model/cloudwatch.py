"""CloudWatch's namespace AWS/Kafka: which metrics are asked for, how, how often, and what that costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from msktop.model.cluster import MetricKey

if TYPE_CHECKING:
    from msktop.model.cluster import Cluster

NAMESPACE = "AWS/Kafka"
FAST_S = 60
"""MSK publishes once a minute."""
SLOW_S = 300

USD_PER_METRIC = 0.01 / 1000
"""GetMetricData's list price of us-east-1, by metric asked for, however many points come back."""

Stat = Literal["Average", "Maximum", "Minimum", "Sum"]
Of = Literal["cluster", "broker", "topic", "group"]


@dataclass(frozen=True, slots=True)
class Metric:
    """How one metric is asked for."""

    stat: Stat
    of: Of = "broker"
    slow: bool = False
    """Asked for each five minutes, as one point of five minutes."""
    scraped: bool = False
    """The exporter pages say the same, sooner and for nothing."""
    extra: bool = False
    """Judged by no rule of alerting, so asked for only while CloudWatch's own screen shows it."""

    @property
    def period_s(self) -> int:
        """Seconds of one point."""
        return SLOW_S if self.slow else FAST_S


_SCRAPED = Metric("Average", scraped=True)
_TIME = Metric("Average", scraped=True, extra=True)
_MEAN = Metric("Average")
_WORST = Metric("Maximum", scraped=True)
_COUNTED = Metric("Sum")
_SLOW = Metric("Maximum", slow=True, extra=True)
_SLOW_SCRAPED = Metric("Maximum", slow=True, scraped=True)
_LOWEST = Metric("Minimum", slow=True)
_LAG = Metric("Maximum", of="group")

METRICS: Mapping[str, Metric] = MappingProxyType(
    {
        # Every broker publishes these, and those that are not the controller publish zero.
        "ActiveControllerCount": Metric("Sum", of="cluster"),
        "OfflinePartitionsCount": Metric("Maximum", of="cluster"),
        "GlobalPartitionCount": Metric("Maximum", of="cluster", slow=True),
        "GlobalTopicCount": Metric("Maximum", of="cluster", slow=True),
        "StorageUsed": Metric("Maximum", of="cluster", slow=True, extra=True),
        "BytesInPerSec": _SCRAPED,
        "BytesOutPerSec": _SCRAPED,
        "MessagesInPerSec": _SCRAPED,
        "CpuUser": _SCRAPED,
        "CpuSystem": _SCRAPED,
        "CpuIoWait": _TIME,
        "HeapMemoryAfterGC": _MEAN,
        "UnderReplicatedPartitions": _WORST,
        "UnderMinIsrPartitionCount": _WORST,
        "ProduceTotalTimeMsMean": _TIME,
        "FetchConsumerTotalTimeMsMean": _TIME,
        "RequestHandlerAvgIdlePercent": _SCRAPED,
        "NetworkProcessorAvgIdlePercent": _SCRAPED,
        # Each network thread publishes one sample a minute: their sum over 60 s is the figure.
        "ConnectionCount": Metric("Sum", scraped=True),
        "ConnectionCreationRate": Metric("Sum", scraped=True),
        "IAMTooManyConnections": _COUNTED,
        "TrafficShaping": _COUNTED,
        "BwInAllowanceExceeded": _COUNTED,
        "BwOutAllowanceExceeded": _COUNTED,
        "PpsAllowanceExceeded": _COUNTED,
        "ConntrackAllowanceExceeded": _COUNTED,
        "ConnTrackAllowanceExceeded": _COUNTED,
        "ProduceThrottleTime": _MEAN,
        "FetchThrottleTime": _MEAN,
        "VolumeReadBytes": _COUNTED,
        "VolumeWriteBytes": _COUNTED,
        "VolumeQueueLength": Metric("Average", extra=True),
        "ZooKeeperSessionState": Metric("Maximum"),
        "ZooKeeperRequestLatencyMsMean": Metric("Average"),
        "KafkaDataLogsDiskUsed": _SLOW_SCRAPED,
        "KafkaAppLogsDiskUsed": _SLOW,
        "RootDiskUsed": _SLOW,
        "LeaderCount": _SLOW_SCRAPED,
        "PartitionCount": _SLOW_SCRAPED,
        "MemoryUsed": Metric("Average", slow=True, extra=True),
        "MemoryFree": Metric("Average", slow=True, extra=True),
        "SwapUsed": _SLOW,
        "CPUCreditBalance": _LOWEST,
        "BurstBalance": _LOWEST,
        "EstimatedMaxTimeLag": _LAG,
        "RollingEstimatedTimeLagMax": _LAG,
        "MaxOffsetLag": _LAG,
        "SumOffsetLag": _LAG,
    }
)
"""How each is asked for; nothing else is. Which of them a cluster has, ListMetrics tells."""

TOPIC_METRICS: Mapping[str, Metric] = MappingProxyType(
    {
        name: Metric("Sum", of="topic")
        for name in (
            "BytesInPerSec",
            "BytesOutPerSec",
            "MessagesInPerSec",
            "BytesIn",
            "BytesOut",
            "MessagesIn",
        )
    }
)
"""By topic: a broker's samples, or a serverless cluster's partitions', are summed up to the topic."""

DEFAULT_LEVEL = (
    "ActiveControllerCount",
    "OfflinePartitionsCount",
    "GlobalPartitionCount",
    "GlobalTopicCount",
    "BytesInPerSec",
    "BytesOutPerSec",
    "MessagesInPerSec",
    "CpuUser",
    "CpuSystem",
    "HeapMemoryAfterGC",
    "UnderReplicatedPartitions",
    "UnderMinIsrPartitionCount",
    "ConnectionCount",
    "KafkaDataLogsDiskUsed",
    "LeaderCount",
    "PartitionCount",
)
"""What every standard cluster has: asked for where ListMetrics is denied."""


@dataclass(frozen=True, slots=True)
class Cost:
    """An estimate by list price: discounts, other regions and the first free requests are not in it."""

    so_far_usd: float
    a_month_usd: float
    """If it went on as now for 30 days."""


def cost(cluster: Cluster) -> Cost:
    """What asking CloudWatch costs.

    >>> from msktop.model.cluster import Cluster
    >>> cost(Cluster(metrics_queries=1000, metrics_queries_per_hour=100))
    Cost(so_far_usd=0.01, a_month_usd=0.72)
    """
    return Cost(
        round(cluster.metrics_queries * USD_PER_METRIC, 4),
        round(cluster.metrics_queries_per_hour * 24 * 30 * USD_PER_METRIC, 2),
    )


def newest(cluster: Cluster, metric: str, broker_id: int | None = None) -> tuple[float, float] | None:
    """When CloudWatch's newest point of a metric ended, and its value; None where there is none."""
    series = cluster.metrics.get(MetricKey(metric, broker_id))
    last = series.last if series is not None else None
    return None if last is None or last[1] is None else (last[0], last[1])


# ------------------------------------------------------------------ what it says of the whole

FRESH_WITHIN_S = 600.0
"""CloudWatch is two to five minutes behind; a point older than this says nothing of now."""
DARK_AFTER_S = 300.0
"""Where a broker's newest point is so much older than the cluster's newest one, the broker published none."""

_UNITS: Mapping[str, str] = MappingProxyType(
    {
        "BytesInPerSec": "B/s",
        "BytesOutPerSec": "B/s",
        "MessagesInPerSec": "/s",
        "ConnectionCreationRate": "/s",
        "HeapMemoryAfterGC": "%",
        "MemoryUsed": "B",
        "MemoryFree": "B",
        "SwapUsed": "B",
        "StorageUsed": "B",
        "VolumeReadBytes": "B",
        "VolumeWriteBytes": "B",
        "BytesIn": "B",
        "BytesOut": "B",
        "BurstBalance": "%",
        "EstimatedMaxTimeLag": "s",
        "RollingEstimatedTimeLagMax": "s",
        "ProduceThrottleTime": "ms",
        "FetchThrottleTime": "ms",
        "ZooKeeperRequestLatencyMsMean": "ms",
        "ProduceTotalTimeMsMean": "ms",
        "FetchConsumerTotalTimeMsMean": "ms",
    }
)


def unit_of(metric: str) -> str:
    """The unit of a metric's values, by its meaning; nothing for counts.

    >>> unit_of("CpuUser"), unit_of("KafkaDataLogsDiskUsed"), unit_of("LeaderCount")
    ('%', '%', '')
    """
    if metric.startswith("Cpu") or metric.endswith("DiskUsed"):
        return "%"
    return _UNITS.get(metric, "")


@dataclass(frozen=True, slots=True)
class Figures:
    """CloudWatch's newest word on the whole cluster; None where it has none that is fresh."""

    at: float
    """When its newest point of any series ended."""
    offline: int | None = None
    under_replicated: int | None = None
    controllers: int | None = None
    dark: tuple[int, ...] = ()
    """Brokers that published nothing lately, while others did: no data is not zero."""


def figures(cluster: Cluster) -> Figures | None:
    """What CloudWatch says of the cluster; None where it has said nothing within `FRESH_WITHIN_S`.

    >>> from msktop.model.cluster import Cluster
    >>> figures(Cluster()) is None
    True
    """
    fresh = {
        key: last
        for key, series in cluster.metrics.items()
        if (last := series.last) is not None and cluster.at - last[0] < FRESH_WITHIN_S
    }
    if not fresh:
        return None
    at = max(when for when, _ in fresh.values())
    under = [value for key, (_, value) in fresh.items() if key.metric == "UnderReplicatedPartitions"]
    published = {
        key.broker_id: when
        for key, (when, _) in fresh.items()
        if key.metric == "CpuUser" and key.broker_id is not None and not key.dimensions
    }
    dark = [b for b in cluster.brokers if at - published.get(b, 0.0) > DARK_AFTER_S] if published else []
    return Figures(
        at,
        _whole(fresh.get(MetricKey("OfflinePartitionsCount"))),
        int(sum(v for v in under if v is not None)) if under else None,
        _whole(fresh.get(MetricKey("ActiveControllerCount"))),
        tuple(dark),
    )


def _whole(point: tuple[float, float | None] | None) -> int | None:
    return None if point is None or point[1] is None else int(point[1])
