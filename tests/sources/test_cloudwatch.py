"""CloudWatch is asked for history once, then for what is needed; and what it costs is counted."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from msktop.model.broker import Broker, Page
from msktop.model.cloudwatch import cost, newest
from msktop.model.cluster import Cluster, MetricKey
from msktop.model.control_samples import InventorySeen, MetricsSeen, NodeSeen, PermissionSeen
from msktop.model.reduce import reduce
from msktop.model.samples import Sample, SessionStarted, SourceFailed, Tick
from msktop.session import Switch
from msktop.sources import cloudwatch
from msktop.sources.cloudwatch import CloudWatchSource, is_alone
from msktop.sources.pump import Clock
from tests.sources.fake_aws import FakeAws, denied, error

NOW = datetime(2026, 11, 1, 12, 0, 30, tzinfo=UTC).timestamp()
BROKERS = (1, 2, 3)
LISTED: list[tuple[str, dict[str, str]]] = (
    [("OfflinePartitionsCount", {})]
    + [
        (m, {"Broker ID": str(b)})
        for b in BROKERS
        for m in ("BytesInPerSec", "CpuUser", "BurstBalance", "Unheard")
    ]
    + [("RootDiskUsed", {"Broker ID": "1"})]
    + [("ConnectionCount", {"Broker ID": str(b)}) for b in BROKERS]
    + [("ClientConnectionCount", {"Broker ID": "1", "Client Authentication": "IAM"})]
    + [("BytesInPerSec", {"Broker ID": "1", "Topic": "orders"})]
    + [("MaxOffsetLag", {"Consumer Group": "billing", "Topic": "orders"})]
)


def listed(_: Mapping[str, Any]) -> dict[str, Any]:
    def dimensions(rest: Mapping[str, str]) -> list[dict[str, str]]:
        return [{"Name": n, "Value": v} for n, v in {"Cluster Name": "orders", **rest}.items()]

    return {
        "Metrics": [
            {"Namespace": "AWS/Kafka", "MetricName": m, "Dimensions": dimensions(rest)} for m, rest in LISTED
        ]
    }


def data(params: Mapping[str, Any]) -> dict[str, Any]:
    """A point a period up to three minutes ago, all of value 7; b-3 has been silent for ten minutes."""
    results = []
    for query in params["MetricDataQueries"]:
        stat = query["MetricStat"]
        dimensions = {d["Name"]: d["Value"] for d in stat["Metric"]["Dimensions"]}
        late = 600 if dimensions.get("Broker ID") == "3" else 180
        begin, end = params["StartTime"].timestamp(), params["EndTime"].timestamp() - late
        times = [begin + n * stat["Period"] for n in range(int(max(0, end - begin) // stat["Period"]))]
        results.append(
            {
                "Id": query["Id"],
                "Timestamps": [datetime.fromtimestamp(t, UTC) for t in times],
                "Values": [7.0] * len(times),
                "StatusCode": "Complete",
            }
        )
    return {"MetricDataResults": results}


class Now(Clock):
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> float:
        return self.at


class Watch:
    """The source, run by hand."""

    def __init__(self, answers: dict[str, Any], default: bool = True) -> None:
        self.aws = FakeAws({"ListMetrics": listed, "GetMetricData": data, **answers})
        self.clock = Now()
        self.switch = Switch(default)
        self.switch.shown = frozenset({"cloudwatch"})
        self.cluster = reduce(Cluster(), SessionStarted(at=NOW, name="orders", bootstrap_servers=""))
        self._stop = threading.Event()
        source = CloudWatchSource(self.aws, "orders", self.clock, lambda: self.cluster, self.switch)
        self._samples = source.samples(self._stop)

    def next(self) -> Sample:
        sample = next(self._samples)
        self.cluster = reduce(self.cluster, sample)
        return sample

    def metrics(self) -> MetricsSeen:
        while not isinstance(sample := self.next(), MetricsSeen):
            pass
        return sample

    def until(self, true: Callable[[], bool], samples: int = 50) -> None:
        for _ in range(samples):
            if true():
                return
            self.next()
        pytest.fail(f"not within {samples} samples")

    def asked(self) -> list[Mapping[str, Any]]:
        return [params for name, params in self.aws.asked if name == "GetMetricData"]

    def end(self) -> None:
        self._stop.set()
        for _ in self._samples:
            pass


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Watch]]:
    """Makes sources that are run by hand and need not wait a minute."""
    monkeypatch.setattr(cloudwatch, "FAST_S", 0)
    monkeypatch.setattr(cloudwatch, "SLOW_S", 300)
    monkeypatch.setattr(cloudwatch, "LOOK_S", 0.001)
    monkeypatch.setattr(cloudwatch, "_RETRY_S", 0.002)
    made: list[Watch] = []

    def make(default: bool = True, **answers: object) -> Watch:
        made.append(Watch(answers, default))
        return made[-1]

    yield make
    for one in made:
        one.end()


Make = Callable[..., Watch]


def scraped(cluster: Cluster) -> Cluster:
    """The same with an exporter page of each broker, just read."""
    page = Page(at=cluster.at)
    return replace(cluster, brokers={b: Broker(id=b, host="b", jmx=page) for b in BROKERS})


def span_s(params: Mapping[str, Any]) -> float:
    return float(params["EndTime"].timestamp() - params["StartTime"].timestamp())


def named(params: Mapping[str, Any]) -> set[str]:
    return {q["MetricStat"]["Metric"]["MetricName"] for q in params["MetricDataQueries"]}


def test_it_begins_with_three_hours_of_everything_and_goes_on_with_minutes_of_what_is_fast(
    watch: Make,
) -> None:
    one = watch()
    first = one.metrics()
    assert first.queries == 14
    assert len(one.cluster.metrics[MetricKey("CpuUser", 1)]) > 170
    one.metrics()
    begin, later = one.asked()
    assert begin["EndTime"].timestamp() - begin["StartTime"].timestamp() >= 3 * 3600
    assert later["EndTime"].timestamp() - later["StartTime"].timestamp() <= 900
    assert "BurstBalance" in named(begin)
    assert "BurstBalance" not in named(later), "five minutes are not over"


def test_each_metric_is_asked_for_by_the_statistic_that_tells_the_truth(watch: Make) -> None:
    one = watch()
    one.metrics()
    (asked,) = one.asked()
    stats = {
        q["MetricStat"]["Metric"]["MetricName"]: (q["MetricStat"]["Stat"], q["MetricStat"]["Period"])
        for q in asked["MetricDataQueries"]
    }
    assert stats["ConnectionCount"] == ("Sum", 60)
    assert stats["OfflinePartitionsCount"] == ("Maximum", 60)
    assert stats["BurstBalance"] == ("Minimum", 300)
    assert "Unheard" not in stats
    assert all("Unit" not in q["MetricStat"] for q in asked["MetricDataQueries"])


def test_points_keep_their_age_and_missing_ones_are_missing(watch: Make) -> None:
    one = watch()
    one.metrics()
    fresh, silent = newest(one.cluster, "CpuUser", 1), newest(one.cluster, "CpuUser", 3)
    assert fresh is not None
    assert silent is not None
    assert 120 <= NOW - fresh[0] < 240
    assert 540 <= NOW - silent[0] < 660
    assert newest(one.cluster, "CpuSystem", 1) is None


def test_what_the_exporters_tell_is_asked_for_once_only(watch: Make) -> None:
    one = watch()
    one.metrics()
    one.cluster = scraped(one.cluster)
    one.metrics()
    begin, later = one.asked()
    assert "CpuUser" in named(begin)
    assert named(later) == {"OfflinePartitionsCount"}


def test_topics_and_groups_are_asked_for_while_a_screen_shows_them(watch: Make) -> None:
    one = watch()
    one.metrics()
    one.switch.shown = frozenset({"topics", "groups"})
    first = one.metrics()
    assert {s.metric for s in first.series} == {"BytesInPerSec", "MaxOffsetLag"}
    (by_topic,) = [s for s in first.series if s.metric == "BytesInPerSec"]
    assert (by_topic.dimensions, by_topic.stat) == ({"Topic": "orders"}, "Average")
    assert len(by_topic.points) > 170, "with their history"
    one.switch.shown = frozenset()
    later = one.metrics()
    assert "MaxOffsetLag" not in {s.metric for s in later.series}


def test_five_hundred_queries_are_a_call(watch: Make) -> None:
    many = [("CpuUser", b) for b in range(1, 701)]
    metrics = {
        "Metrics": [
            {
                "Namespace": "AWS/Kafka",
                "MetricName": m,
                "Dimensions": [
                    {"Name": "Cluster Name", "Value": "orders"},
                    {"Name": "Broker ID", "Value": str(b)},
                ],
            }
            for m, b in many
        ]
    }
    one = watch(ListMetrics=metrics)
    assert [one.metrics().queries, one.metrics().queries] == [500, 200]
    assert one.asked()[0]["EndTime"].timestamp() - one.asked()[0]["StartTime"].timestamp() < 2 * 3600


def test_what_it_costs_is_counted(watch: Make) -> None:
    one = watch()
    one.metrics()
    assert one.cluster.metrics_queries == 14
    assert one.cluster.metrics_queries_per_hour == 10 * 60 + 4 * 12
    assert cost(one.cluster).so_far_usd == pytest.approx(0.0001)
    assert cost(one.cluster).a_month_usd == pytest.approx(648 * 720 * 0.00001, abs=0.01)


def test_away_from_its_own_screen_only_what_others_show_is_asked_and_coming_back_leaves_no_hole(
    watch: Make,
) -> None:
    one = watch()
    one.switch.shown = frozenset()
    assert "BytesInPerSec" in {s.metric for s in one.metrics().series}
    assert not any("RootDiskUsed" in named(a) for a in one.asked())
    one.switch.shown = frozenset({"cloudwatch"})
    one.until(lambda: any("RootDiskUsed" in named(a) for a in one.asked()))
    one.switch.turn(False)
    one.until(lambda: one.cluster.metrics_queries_per_hour == 0)
    one.clock.at += 3600
    before = len(one.asked())
    one.switch.turn(True)
    one.until(lambda: any(span_s(asked) > 3600 for asked in one.asked()[before:]))


def test_switched_off_nothing_is_asked_and_switched_on_it_goes_on(watch: Make) -> None:
    one = watch(default=False)
    assert not one.switch.on
    threading.Timer(0.05, one.switch.turn, (True,)).start()
    one.metrics()
    one.switch.turn(False)
    one.until(lambda: one.cluster.metrics_queries_per_hour == 0)
    assert one.aws.calls["GetMetricData"] == 1


def test_it_switches_itself_on_where_nobody_else_sees_anything(watch: Make) -> None:
    one = watch(default=False)
    one.cluster = reduce(one.cluster, Tick(at=NOW + 60.0))
    assert is_alone(one.cluster)
    one.metrics()
    assert list(one.cluster.brokers) == [1, 2, 3], "known from the dimensions, for nobody else tells"
    assert not is_alone(scraped(one.cluster))


def test_listing_denied_still_gives_what_every_cluster_has(watch: Make) -> None:
    one = watch(ListMetrics=denied("cloudwatch:ListMetrics"))
    nodes = tuple(NodeSeen(id=b, role="broker") for b in BROKERS)
    one.cluster = reduce(one.cluster, InventorySeen(at=NOW, name="orders", nodes=nodes))
    seen = one.metrics()
    assert {"CpuUser", "OfflinePartitionsCount", "LeaderCount"} <= {s.metric for s in seen.series}
    denials = [p for p in one.cluster.permissions.values() if not p.allowed]
    sample = one.next()
    assert isinstance(sample, PermissionSeen)
    assert denials or sample.action.startswith("cloudwatch:")


def test_denied_data_is_named_and_asked_again_when_it_is_time(watch: Make) -> None:
    one = watch(GetMetricData=denied("cloudwatch:GetMetricData"))
    told = {s.action: s.allowed for s in (one.next(), one.next()) if isinstance(s, PermissionSeen)}
    assert told == {"cloudwatch:ListMetrics": True, "cloudwatch:GetMetricData": False}
    assert "cloudwatch" not in one.cluster.sources


def test_throttling_is_told_and_ends_when_it_does(watch: Make) -> None:
    one = watch(GetMetricData=error("Throttling", "Rate exceeded"))
    failed = [one.next() for _ in range(3)]
    assert any(
        isinstance(s, SourceFailed) and "throttles cloudwatch:GetMetricData" in s.reason for s in failed
    )
    assert one.cluster.sources["cloudwatch"].failed_at is not None
    one.aws.answers["GetMetricData"] = data
    one.metrics()
    assert one.cluster.sources["cloudwatch"].failed_at is None
