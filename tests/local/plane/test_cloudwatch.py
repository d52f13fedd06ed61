"""CloudWatch as boto3 sees it: statistics, periods, limits, pages and lists."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from msktop.local.api.http import serve
from msktop.local.api.messages import Value
from msktop.local.api.service import Service
from msktop.local.plane import cloudwatch
from msktop.local.plane.cloudwatch import CloudWatch
from msktop.local.plane.metric_store import MetricStore, Point, Sample, Series, dimensions

NOW = datetime.now(UTC).replace(second=0, microsecond=0)
REGION = "us-east-1"
Client = Any
BROKER_1 = [{"Name": "Cluster Name", "Value": "demo"}, {"Name": "Broker ID", "Value": "1"}]


@pytest.fixture
def store() -> MetricStore:
    return MetricStore()


@pytest.fixture(scope="module")
def service() -> Service:
    return Service("cloudwatch", None)


@pytest.fixture
def client(store: MetricStore, service: Service) -> Iterator[Client]:
    service.handler = CloudWatch(store, REGION)
    with serve([service], "127.0.0.1", 0, {"AK": "secret"}) as server:
        yield boto3.client(
            "cloudwatch",
            endpoint_url=server.url,
            region_name=REGION,
            aws_access_key_id="AK",
            aws_secret_access_key="secret",
            config=Config(retries={"total_max_attempts": 1}),
        )


def fill(store: MetricStore, name: str, values: list[float], broker: str = "1") -> None:
    """One value a minute, the last one of the last whole minute."""
    series = Series("AWS/Kafka", name, dimensions([("Cluster Name", "demo"), ("Broker ID", broker)]))
    for age, value in enumerate(reversed(values), 1):
        store.add(series, Point((NOW - timedelta(minutes=age)).timestamp(), (Sample.of(value),)))


def query(name: str, stat: str = "Average", period: int = 60, **more: object) -> dict[str, Any]:
    metric = {"Namespace": "AWS/Kafka", "MetricName": name, "Dimensions": BROKER_1}
    return {"Id": "q1", "MetricStat": {"Metric": metric, "Period": period, "Stat": stat}, **more}


def asked(client: Client, *queries: dict[str, Any], minutes: int = 10, **more: Value) -> list[dict[str, Any]]:
    """All results, of the last minutes."""
    pages = client.get_paginator("get_metric_data").paginate(
        MetricDataQueries=list(queries), StartTime=NOW - timedelta(minutes=minutes), EndTime=NOW, **more
    )
    return [result for page in pages for result in page["MetricDataResults"]]


def refused(client: Client, *queries: dict[str, Any], **more: Value) -> str:
    with pytest.raises(ClientError) as caught:
        asked(client, *queries, **more)
    return f"{caught.value.response['Error']['Code']}: {caught.value.response['Error']['Message']}"


def test_the_newest_point_is_first_unless_told_otherwise(client: Client, store: MetricStore) -> None:
    fill(store, "CpuUser", [1, 2, 3])
    (newest,) = asked(client, query("CpuUser"))
    assert newest["Values"] == [3, 2, 1]
    assert newest["Timestamps"][0] == NOW - timedelta(minutes=1)
    assert newest["StatusCode"] == "Complete"
    (oldest,) = asked(client, query("CpuUser", Label="mine"), ScanBy="TimestampAscending")
    assert oldest["Values"] == [1, 2, 3]
    assert oldest["Label"] == "mine"


def test_the_order_of_dimensions_does_not_matter_but_all_must_be_told(
    client: Client, store: MetricStore
) -> None:
    fill(store, "CpuUser", [1])
    turned = query("CpuUser")
    turned["MetricStat"]["Metric"]["Dimensions"] = BROKER_1[::-1]
    fewer = query("CpuUser")
    fewer["MetricStat"]["Metric"]["Dimensions"] = BROKER_1[:1]
    assert [r["Values"] for r in asked(client, turned)] == [[1]]
    assert [r["Values"] for r in asked(client, fewer)] == [[]]


def test_samples_of_one_period_are_one_point(client: Client, store: MetricStore) -> None:
    fill(store, "CpuUser", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    (per_five,) = asked(client, query("CpuUser", "Sum", period=300), minutes=20)
    assert sum(per_five["Values"]) == 55
    assert 2 <= len(per_five["Values"]) <= 3
    assert all(when.minute % 5 == 0 for when in per_five["Timestamps"])
    (smallest,) = asked(client, query("CpuUser", "Minimum", period=300), minutes=20)
    assert smallest["Values"][-1] == 1
    (median,) = asked(client, query("CpuUser", "p50", period=3600), minutes=120)
    assert median["Values"][-1] in range(1, 6)


def test_several_samples_of_a_minute_are_added_up_or_averaged(client: Client, store: MetricStore) -> None:
    series = Series(
        "AWS/Kafka", "ConnectionCount", dimensions([("Cluster Name", "demo"), ("Broker ID", "1")])
    )
    store.put(series, Point((NOW - timedelta(minutes=1)).timestamp(), tuple(Sample.of(v) for v in (5, 7, 9))))
    (total,) = asked(client, query("ConnectionCount", "Sum"))
    (mean,) = asked(client, query("ConnectionCount", "Average"))
    assert (total["Values"], mean["Values"]) == ([21], [7])


def test_the_start_is_in_the_span_and_the_end_is_not(client: Client, store: MetricStore) -> None:
    fill(store, "CpuUser", [1, 2, 3])
    answer = client.get_metric_data(
        MetricDataQueries=[query("CpuUser")],
        StartTime=NOW - timedelta(minutes=3),
        EndTime=NOW - timedelta(minutes=1),
    )
    assert answer["MetricDataResults"][0]["Values"] == [2, 1]


def test_what_is_missing_is_missing(client: Client) -> None:
    assert asked(client, query("NoSuch"))[0]["Values"] == []


def test_a_unit_that_nobody_published_has_no_points(client: Client, store: MetricStore) -> None:
    fill(store, "CpuUser", [1])
    other = query("CpuUser")
    other["MetricStat"]["Unit"] = "Percent"
    assert asked(client, other)[0]["Values"] == []


def test_pages_hold_so_many_points_and_together_all(client: Client, store: MetricStore) -> None:
    fill(store, "CpuUser", [float(v) for v in range(1, 8)])
    fill(store, "CpuSystem", [10.0, 20.0])
    queries = [query("CpuUser"), {**query("CpuSystem"), "Id": "q2"}]
    whole = asked(client, *queries)
    assert [len(r["Values"]) for r in whole] == [7, 2]
    for most in (1, 2, 3, 7, 8, 9):
        together: dict[str, list[float]] = {"q1": [], "q2": []}
        parts = asked(client, *queries, MaxDatapoints=most)
        for part in parts:
            together[part["Id"]] += part["Values"]
            assert len(part["Values"]) <= most
        assert list(together.values()) == [r["Values"] for r in whole]
        assert any(part["StatusCode"] == "PartialData" for part in parts) == (most not in (7, 9))


def test_limits_are_those_of_cloudwatch(client: Client) -> None:
    many = [{**query("CpuUser"), "Id": f"q{i}"} for i in range(501)]
    assert "size greater than 500" in refused(client, *many)
    assert len(asked(client, *many[:500])) == 500
    assert "not unique" in refused(client, many[0], many[0])
    assert "not valid" in refused(client, query("CpuUser") | {"Id": "1q"})
    assert "Period" in refused(client, query("CpuUser", period=61))
    assert "Stat" in refused(client, query("CpuUser", stat="average"))
    assert "StartTime" in refused(client, query("CpuUser"), minutes=0)
    assert "expressions" in refused(client, {"Id": "e1", "Expression": "SUM(METRICS())"})
    assert refused(client, query("CpuUser"), PaginationConfig={"StartingToken": "x"}).startswith(
        "InvalidNextToken"
    )


def test_metrics_of_ones_own_are_kept(client: Client) -> None:
    client.put_metric_data(
        Namespace="mine",
        MetricData=[
            {"MetricName": "m", "Value": 1.0, "Timestamp": NOW - timedelta(minutes=1)},
            {
                "MetricName": "m",
                "Values": [2.0, 3.0],
                "Counts": [2.0, 1.0],
                "Timestamp": NOW - timedelta(minutes=1),
            },
            {
                "MetricName": "s",
                "StatisticValues": {"SampleCount": 4, "Sum": 10, "Minimum": 1, "Maximum": 4},
                "Timestamp": NOW - timedelta(minutes=1),
            },
        ],
    )

    def stats(name: str, **more: object) -> dict[str, Any]:
        answer = client.get_metric_statistics(
            Namespace="mine",
            MetricName=name,
            StartTime=NOW - timedelta(minutes=5),
            EndTime=NOW,
            Period=60,
            **more,
        )
        (point,) = answer["Datapoints"]
        return {key: value for key, value in point.items() if key not in ("Timestamp", "Unit")}

    assert stats("m", Statistics=["Sum", "SampleCount"]) == {"Sum": 8, "SampleCount": 4}
    assert stats("m", ExtendedStatistics=["p50", "p99"]) == {"ExtendedStatistics": {"p50": 2, "p99": 3}}
    assert stats("s", Statistics=["Average", "Minimum", "Maximum"]) == {
        "Average": 2.5,
        "Minimum": 1,
        "Maximum": 4,
    }
    assert stats("s", ExtendedStatistics=["p50"]) == {"ExtendedStatistics": {}}


@pytest.mark.parametrize(
    ("namespace", "datum"),
    [
        ("AWS/Kafka", {"MetricName": "m", "Value": 1.0}),
        ("mine", {"MetricName": "m"}),
        ("mine", {"MetricName": "m", "Values": [1.0], "Counts": [1.0, 2.0]}),
        ("mine", {"MetricName": "m", "Value": float("nan")}),
        ("mine", {"MetricName": "m", "Value": 1.0, "Timestamp": NOW - timedelta(days=15)}),
        ("mine", {"MetricName": "m", "Value": 1.0, "Timestamp": NOW + timedelta(hours=3)}),
    ],
)
def test_what_cloudwatch_refuses_is_refused(client: Client, namespace: str, datum: dict[str, Any]) -> None:
    with pytest.raises(client.exceptions.InvalidParameterValueException):
        client.put_metric_data(Namespace=namespace, MetricData=[datum])


def test_too_many_data_points_and_mixed_statistics_are_refused(client: Client) -> None:
    span = {"Namespace": "n", "MetricName": "m", "EndTime": NOW}
    with pytest.raises(client.exceptions.InvalidParameterCombinationException):
        client.get_metric_statistics(**span, StartTime=NOW - timedelta(days=2), Period=60, Statistics=["Sum"])
    with pytest.raises(client.exceptions.InvalidParameterCombinationException):
        client.get_metric_statistics(**span, StartTime=NOW - timedelta(hours=1), Period=60)


def test_series_are_listed_by_name_dimensions_and_recency(client: Client, store: MetricStore) -> None:
    for broker in ("1", "2"):
        fill(store, "CpuUser", [1], broker)
    fill(store, "LeaderCount", [1])
    old = Series("AWS/Kafka", "Gone", dimensions([("Cluster Name", "demo")]))
    store.add(old, Point((NOW - timedelta(hours=4)).timestamp(), (Sample.of(1),)))
    listed = client.list_metrics(Namespace="AWS/Kafka")["Metrics"]
    assert [m["MetricName"] for m in listed] == ["CpuUser", "CpuUser", "Gone", "LeaderCount"]
    assert len(client.list_metrics(RecentlyActive="PT3H")["Metrics"]) == 3
    by_broker = client.list_metrics(MetricName="CpuUser", Dimensions=[{"Name": "Broker ID", "Value": "2"}])
    assert [m["Dimensions"] for m in by_broker["Metrics"]] == [
        [{"Name": "Broker ID", "Value": "2"}, {"Name": "Cluster Name", "Value": "demo"}]
    ]
    assert len(client.list_metrics(Dimensions=[{"Name": "Broker ID"}])["Metrics"]) == 3
    assert client.list_metrics(Namespace="other")["Metrics"] == []


def test_lists_come_in_pages_of_500(client: Client, store: MetricStore) -> None:
    for broker in range(750):
        fill(store, "CpuUser", [1], str(broker))
    pages = [page["Metrics"] for page in client.get_paginator("list_metrics").paginate(Namespace="AWS/Kafka")]
    assert [len(page) for page in pages] == [500, 250]
    assert len({str(metric) for page in pages for metric in page}) == 750


def test_another_region_has_nothing(store: MetricStore, service: Service) -> None:
    fill(store, "CpuUser", [1])
    service.handler = CloudWatch(store, REGION)
    with serve([service], "127.0.0.1", 0, {"AK": "secret"}) as server:
        elsewhere = boto3.client(
            "cloudwatch",
            endpoint_url=server.url,
            region_name="eu-north-1",
            aws_access_key_id="AK",
            aws_secret_access_key="secret",
        )
        assert elsewhere.list_metrics()["Metrics"] == []
        assert asked(elsewhere, query("CpuUser"))[0]["Values"] == []


def test_the_store_is_bounded(store: MetricStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("msktop.local.plane.metric_store.MOST_SERIES", 3)
    monkeypatch.setattr("msktop.local.plane.metric_store.MOST_POINTS", 4)
    for broker in range(5):
        fill(store, "CpuUser", [1.0] * 9, str(broker))
    names = store.names(0)
    assert [dict(series.dimensions)["Broker ID"] for series in names] == ["2", "3", "4"]
    assert [len(store.between(series, 0, 1e11)) for series in names] == [4, 4, 4]
    assert cloudwatch.MOST_QUERIES == 500
