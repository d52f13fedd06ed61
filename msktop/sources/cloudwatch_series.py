"""One series of CloudWatch's AWS/Kafka: from ListMetrics to a query, and from its points to a sample."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from msktop.model.cloudwatch import METRICS, NAMESPACE, TOPIC_METRICS, Metric, Stat
from msktop.model.control_samples import MetricSeen


@dataclass(frozen=True, slots=True)
class Series:
    """One series as it is asked for."""

    metric: str
    how: Metric
    dimensions: tuple[tuple[str, str], ...]
    """Beside `Cluster Name`, sorted."""

    @property
    def stat(self) -> Stat:
        """A topic's series of one broker is a rate already; without a broker its samples are summed up."""
        return "Average" if self.how.of == "topic" and "Broker ID" in dict(self.dimensions) else self.how.stat

    def query(self, number: int, cluster: str) -> dict[str, Any]:
        """A MetricDataQuery. It names no unit: then points of every unit are returned."""
        dimensions = (("Cluster Name", cluster), *self.dimensions)
        return {
            "Id": f"q{number}",
            "MetricStat": {
                "Metric": {
                    "Namespace": NAMESPACE,
                    "MetricName": self.metric,
                    "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions],
                },
                "Period": self.how.period_s,
                "Stat": self.stat,
            },
        }

    def seen(self, points: Iterable[tuple[float, float]]) -> MetricSeen:
        """The sample of its points."""
        rest = dict(self.dimensions)
        broker = rest.pop("Broker ID", None)
        return MetricSeen(
            metric=self.metric,
            stat=self.stat,
            period_s=float(self.how.period_s),
            broker_id=int(broker) if broker is not None else None,
            dimensions=rest,
            points=tuple(sorted(points)),
        )


def series_of(metric: str, dimensions: Mapping[str, str]) -> Series | None:
    """A listed series, where it is one that is wanted at all.

    >>> series_of("CpuUser", {"Cluster Name": "x", "Broker ID": "1"}).dimensions
    (('Broker ID', '1'),)
    >>> series_of("CpuUser", {"Cluster Name": "x", "Broker ID": "1", "Topic": "t"}) is None
    True
    """
    rest = {name: value for name, value in dimensions.items() if name != "Cluster Name"}
    if "Topic" in rest and "Consumer Group" not in rest:
        how = TOPIC_METRICS.get(metric)
    else:
        how = METRICS.get(metric)
    if how is None or _of(rest) != how.of or not rest.get("Broker ID", "0").isdecimal():
        return None
    return Series(metric, how, tuple(sorted(rest.items())))


def _of(names: Mapping[str, str]) -> str | None:
    match sorted(names):
        case []:
            return "cluster"
        case ["Broker ID"]:
            return "broker"
        case ["Broker ID", "Topic"] | ["Topic"]:
            return "topic"
        case ["Consumer Group", "Topic"] | ["Consumer Group"]:
            return "group"
    return None
