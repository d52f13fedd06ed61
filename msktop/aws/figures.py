"""What CloudWatch knows of many clusters at once: partitions without a leader, or under-replicated."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from msktop.aws.discovery import Found
from msktop.aws.errors import explaining
from msktop.aws.session import AwsSession

QUERIES_A_CALL = 500
LOOK_BACK_S = 900
"""CloudWatch is two to five minutes behind, and a restarting broker's series stop for minutes."""
PERIOD_S = 60


@dataclass(frozen=True, slots=True)
class Figures:
    """The newest points of one cluster; None where CloudWatch has none."""

    offline: int | None = None
    under_replicated: int | None = None
    at: float | None = None
    """Unix seconds: the end of the older of the two periods."""


@dataclass(frozen=True, slots=True)
class _Asked:
    arn: str
    metric: str


def figures(session: AwsSession, region: str, clusters: Iterable[Found]) -> dict[str, Figures]:
    """By ARN, for the standard clusters of one region: express and serverless have no such metrics.

    Brokers are taken to be numbered from 1 on, as MSK makes them. Raises AwsError.
    """
    asked: list[tuple[_Asked, dict[str, Any]]] = []
    for cluster in clusters:
        if cluster.type == "PROVISIONED":
            asked += _queries(cluster)
    newest: dict[str, dict[str, list[tuple[float, float]]]] = {}
    for begin in range(0, len(asked), QUERIES_A_CALL):
        batch = asked[begin : begin + QUERIES_A_CALL]
        for place, point in _newest(session, region, [query for _, query in batch]):
            of = batch[place][0]
            newest.setdefault(of.arn, {}).setdefault(of.metric, []).append(point)
    return {arn: _figures(points) for arn, points in newest.items()}


def _queries(cluster: Found) -> Iterator[tuple[_Asked, dict[str, Any]]]:
    name = {"Name": "Cluster Name", "Value": cluster.name}
    yield _Asked(cluster.arn, "OfflinePartitionsCount"), _query("OfflinePartitionsCount", [name])
    for broker in range(1, (cluster.broker_count or 0) + 1):
        dimensions = [name, {"Name": "Broker ID", "Value": str(broker)}]
        asked = _Asked(cluster.arn, "UnderReplicatedPartitions")
        yield asked, _query("UnderReplicatedPartitions", dimensions)


def _query(metric: str, dimensions: list[dict[str, str]]) -> dict[str, Any]:
    # No Unit: then points of every unit are returned.
    return {
        "MetricStat": {
            "Metric": {"Namespace": "AWS/Kafka", "MetricName": metric, "Dimensions": dimensions},
            "Period": PERIOD_S,
            "Stat": "Maximum",
        }
    }


def _newest(
    session: AwsSession, region: str, queries: Sequence[Mapping[str, Any]]
) -> Iterator[tuple[int, tuple[float, float]]]:
    """The newest point of each query that has any, by its place."""
    now = time.time()
    numbered = [{"Id": f"q{place}", **query} for place, query in enumerate(queries)]
    with explaining("cloudwatch:GetMetricData"):
        pages = (
            session.client("cloudwatch", region)
            .get_paginator("get_metric_data")
            .paginate(
                MetricDataQueries=numbered,
                StartTime=datetime.fromtimestamp(now - LOOK_BACK_S, UTC),
                EndTime=datetime.fromtimestamp(now, UTC),
            )
        )
        found: dict[int, tuple[float, float]] = {}
        for page in pages:
            for result in page.get("MetricDataResults", ()):
                for when, value in zip(result.get("Timestamps", ()), result.get("Values", ()), strict=False):
                    point = when.timestamp() + PERIOD_S, value
                    place = int(result["Id"][1:])
                    found[place] = max(found.get(place, point), point)
    yield from found.items()


def _figures(points: Mapping[str, list[tuple[float, float]]]) -> Figures:
    """Of each metric the sum over brokers; as old as the oldest of them.

    >>> _figures({"UnderReplicatedPartitions": [(60.0, 2.0), (120.0, 3.0)]})
    Figures(offline=None, under_replicated=5, at=60.0)
    """
    sums = {metric: int(sum(value for _, value in found)) for metric, found in points.items()}
    return Figures(
        offline=sums.get("OfflinePartitionsCount"),
        under_replicated=sums.get("UnderReplicatedPartitions"),
        at=min((at for found in points.values() for at, _ in found), default=None),
    )
