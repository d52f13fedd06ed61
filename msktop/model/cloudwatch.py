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

    @property
    def period_s(self) -> int:
        """Seconds of one point."""
        return SLOW_S if self.slow else FAST_S


_SCRAPED = Metric("Average", scraped=True)
_MEAN = Metric("Average")
_WORST = Metric("Maximum", scraped=True)
_COUNTED = Metric("Sum")
_SLOW = Metric("Maximum", slow=True)
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
        "StorageUsed": Metric("Maximum", of="cluster", slow=True),
        "BytesInPerSec": _SCRAPED,
        "BytesOutPerSec": _SCRAPED,
        "MessagesInPerSec": _SCRAPED,
        "CpuUser": _SCRAPED,
        "CpuSystem": _SCRAPED,
        "CpuIoWait": _SCRAPED,
        "HeapMemoryAfterGC": _MEAN,
        "UnderReplicatedPartitions": _WORST,
        "UnderMinIsrPartitionCount": _WORST,
        "ProduceTotalTimeMsMean": _SCRAPED,
        "FetchConsumerTotalTimeMsMean": _SCRAPED,
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
        "VolumeQueueLength": _MEAN,
        "ZooKeeperSessionState": Metric("Maximum"),
        "ZooKeeperRequestLatencyMsMean": _MEAN,
        "KafkaDataLogsDiskUsed": _SLOW_SCRAPED,
        "KafkaAppLogsDiskUsed": _SLOW,
        "RootDiskUsed": _SLOW,
        "LeaderCount": _SLOW_SCRAPED,
        "PartitionCount": _SLOW_SCRAPED,
        "MemoryUsed": Metric("Average", slow=True),
        "MemoryFree": Metric("Average", slow=True),
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
