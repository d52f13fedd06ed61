"""AWS/Kafka from exporter pages of real brokers, with the traps that MSK's metrics have."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from kafka import TopicPartition
from kafka.structs import OffsetAndMetadata, OffsetAndTimestamp

from msktop.local.node_exporter import Figures, page
from msktop.local.plane import feed_lag
from msktop.local.plane.feed import Exporters, Feed, Watched
from msktop.local.plane.feed_figures import Figure
from msktop.local.plane.feed_lag import Offsets
from msktop.local.plane.metric_statistics import statistic
from msktop.local.plane.metric_store import MetricStore, Series
from msktop.local.plane.records import Publication
from tests.aws.server import Answer, HttpServer, Request
from tests.support import wait_for

DATA = Path(__file__).parents[2] / "data"
KRAFT = (DATA / "exporter-0.12.0-kraft.txt").read_text("utf-8")
ZOOKEEPER = (DATA / "exporter-0.12.0-zookeeper.txt").read_text("utf-8")
FIGURES = Figures(10.0, 5.0, 100.0, 1000, 250, 4096)
MINUTE = 1_790_000_040.0
NOW = MINUTE + 20


@dataclass
class Machines:
    """Pages by path, and the clock that the feed goes by."""

    url: str = ""
    pages: dict[str, str] = field(default_factory=dict)
    now: float = NOW

    def answer(self, request: Request) -> Answer:
        """The page, or an error where there is none."""
        found = self.pages.get(request.path)
        return (503, "") if found is None else (200, found)

    def broker(self, number: int, kafka: str, figures: Figures | None = FIGURES) -> Exporters:
        """A broker with these pages."""
        self.pages[f"/{number}"] = kafka
        self.pages[f"/{number}/node"] = page(figures) if figures else ""
        return Exporters(number, f"{self.url}/{number}", f"{self.url}/{number}/node")


@pytest.fixture
def machines() -> Iterator[Machines]:
    found = Machines()
    with HttpServer(found.answer) as server:
        found.url = server.url
        yield found


@pytest.fixture
def store() -> MetricStore:
    return MetricStore()


def feed(machines: Machines, store: MetricStore, watched: Watched, pace: Publication | None = None) -> Feed:
    return Feed(lambda: [watched], store, lambda: pace or Publication(), now=lambda: machines.now)


def round_of(feed: Feed) -> None:
    feed.round()
    feed.publish()


def value(store: MetricStore, metric: str, stat: str = "Average", **dimensions: str) -> float | None:
    """A statistic over all points of a series; None where there is no point."""
    names = {"broker": "Broker ID", "topic": "Topic", "authentication": "Client Authentication"}
    pairs = {names[key]: text for key, text in dimensions.items()} | {"Cluster Name": "demo"}
    points = store.between(Series("AWS/Kafka", metric, tuple(sorted(pairs.items()))), 0, 1e11)
    return statistic(stat, [sample for point in points for sample in point.samples])


def listed(store: MetricStore) -> set[tuple[str, tuple[str, ...]]]:
    """Metrics with the names of their dimensions."""
    return {(series.name, tuple(name for name, _ in series.dimensions)) for series in store.names(0)}


def test_the_metrics_of_the_default_level(machines: Machines, store: MetricStore) -> None:
    round_of(feed(machines, store, Watched("demo", "DEFAULT", (machines.broker(1, ZOOKEEPER),))))
    cluster, broker = ("Cluster Name",), ("Broker ID", "Cluster Name")
    assert listed(store) == {
        ("ActiveControllerCount", cluster),
        ("OfflinePartitionsCount", cluster),
        ("GlobalPartitionCount", cluster),
        ("GlobalTopicCount", cluster),
        ("KafkaDataLogsDiskUsed", cluster),
        ("KafkaDataLogsDiskUsed", broker),
        ("BytesInPerSec", broker),
        ("BytesInPerSec", (*broker, "Topic")),
        ("BytesOutPerSec", broker),
        ("BytesOutPerSec", (*broker, "Topic")),
        ("MessagesInPerSec", broker),
        ("ConnectionCount", broker),
        ("HeapMemoryAfterGC", broker),
        ("LeaderCount", broker),
        ("MemoryUsed", broker),
        ("PartitionCount", broker),
        ("ProduceTotalTimeMsMean", broker),
        ("UnderMinIsrPartitionCount", broker),
        ("UnderReplicatedPartitions", broker),
        ("ZooKeeperRequestLatencyMsMean", broker),
    }
    assert value(store, "PartitionCount", broker="1") == 33
    assert value(store, "GlobalTopicCount") == 5
    assert value(store, "KafkaDataLogsDiskUsed", broker="1") == 25
    assert value(store, "MemoryUsed", broker="1") == 4096


def test_each_level_has_more(machines: Machines, store: MetricStore) -> None:
    only_there: list[set[tuple[str, tuple[str, ...]]]] = []
    for level in ("DEFAULT", "PER_BROKER", "PER_TOPIC_PER_BROKER"):
        own = MetricStore()
        round_of(feed(machines, own, Watched("demo", level, (machines.broker(1, ZOOKEEPER),))))
        assert all(before < listed(own) for before in only_there)
        only_there.append(listed(own))
    default, per_broker, per_topic = only_there
    assert ("RequestHandlerAvgIdlePercent", ("Broker ID", "Cluster Name")) in per_broker - default
    assert ("ConnectionCreationRate", ("Broker ID", "Cluster Name")) in per_broker - default
    assert per_topic - per_broker == {("MessagesInPerSec", ("Broker ID", "Cluster Name", "Topic"))}


def test_connections_have_one_sample_of_each_network_processor(
    machines: Machines, store: MetricStore
) -> None:
    secure = KRAFT.replace(
        'listener="PLAINTEXT",networkProcessor="1"', 'listener="CLIENT_SECURE",networkProcessor="1"'
    )
    round_of(feed(machines, store, Watched("demo", "DEFAULT", (machines.broker(1, secure),))))
    assert value(store, "ConnectionCount", "Sum", broker="1") == 14
    assert value(store, "ConnectionCount", "SampleCount", broker="1") == 2
    assert value(store, "ConnectionCount", "Average", broker="1") == 7
    assert value(store, "ClientConnectionCount", "Sum", broker="1", authentication="SSL") == 6


def test_brokers_that_are_not_the_controller_publish_zero(machines: Machines, store: MetricStore) -> None:
    other = ZOOKEEPER
    for name, count in (("ActiveControllerCount", 1), ("GlobalPartitionCount", 33), ("GlobalTopicCount", 5)):
        line = f'kafka_controller_KafkaController_Value{{name="{name}",}}'
        assert f"{line} {count}.0" in other
        other = other.replace(f"{line} {count}.0", f"{line} 0.0")
    brokers = (machines.broker(1, other), machines.broker(2, ZOOKEEPER), machines.broker(3, other))
    round_of(feed(machines, store, Watched("demo", "DEFAULT", brokers)))
    assert value(store, "ActiveControllerCount", "Sum") == 1
    assert value(store, "GlobalPartitionCount", "Maximum") == 33
    assert value(store, "GlobalPartitionCount", "Average") == 11


def test_kraft_brokers_publish_zero_and_the_active_controller_the_figure(
    machines: Machines, store: MetricStore
) -> None:
    active = [Figure("ActiveControllerCount", (1.0,)), Figure("GlobalPartitionCount", (33.0,))]
    others = (lambda: active, list)
    brokers = (machines.broker(1, KRAFT), machines.broker(2, KRAFT))
    round_of(feed(machines, store, Watched("demo", "DEFAULT", brokers, others)))
    assert value(store, "ActiveControllerCount", "Sum") == 1
    assert value(store, "GlobalPartitionCount", "Average") == 11
    assert value(store, "ZooKeeperRequestLatencyMsMean", broker="1") is None


def test_without_an_active_controller_there_are_only_the_zeros(
    machines: Machines, store: MetricStore
) -> None:
    round_of(feed(machines, store, Watched("demo", "DEFAULT", (machines.broker(1, KRAFT),), (list,))))
    assert value(store, "ActiveControllerCount", "Sum") == 0


def test_a_broker_that_does_not_answer_has_no_points_not_zeros(
    machines: Machines, store: MetricStore
) -> None:
    brokers = (machines.broker(1, KRAFT), machines.broker(2, KRAFT))
    feeding = feed(machines, store, Watched("demo", "DEFAULT", brokers))
    round_of(feeding)
    del machines.pages["/1"]
    machines.now += 60
    round_of(feeding)
    assert value(store, "LeaderCount", "SampleCount", broker="1") == 1
    assert value(store, "LeaderCount", "SampleCount", broker="2") == 2
    assert value(store, "KafkaDataLogsDiskUsed", "SampleCount", broker="1") == 1


def test_a_broker_that_is_not_up_yet_publishes_nothing(machines: Machines, store: MetricStore) -> None:
    starting = KRAFT.replace('{name="BrokerState",} 3.0', '{name="BrokerState",} 1.0')
    round_of(feed(machines, store, Watched("demo", "DEFAULT", (machines.broker(1, starting),))))
    assert listed(store) == set()


def test_a_topics_series_begins_with_its_first_traffic(machines: Machines, store: MetricStore) -> None:
    line = 'kafka_server_BrokerTopicMetrics_OneMinuteRate{{name="BytesInPerSec",topic="{}",}} {}\n'
    watched = Watched(
        "demo", "DEFAULT", (machines.broker(1, line.format("quiet", 0.0) + line.format("busy", 7.0)),)
    )
    feeding = feed(machines, store, watched)
    round_of(feeding)
    assert value(store, "BytesInPerSec", broker="1", topic="busy") == 7
    assert value(store, "BytesInPerSec", broker="1", topic="quiet") is None
    machines.pages["/1"] = line.format("busy", 0.0)
    machines.now += 60
    round_of(feeding)
    assert value(store, "BytesInPerSec", "Minimum", broker="1", topic="busy") == 0


def test_cpu_is_the_share_of_the_time_since_the_minute_before(machines: Machines, store: MetricStore) -> None:
    watched = Watched("demo", "DEFAULT", (machines.broker(1, KRAFT),))
    feeding = feed(machines, store, watched)
    round_of(feeding)
    assert value(store, "CpuUser", broker="1") is None
    machines.pages["/1/node"] = page(replace(FIGURES, user_s=16.0, system_s=7.0, idle_s=112.0))
    machines.now += 60
    round_of(feeding)
    cpu = [value(store, metric, broker="1") for metric in ("CpuUser", "CpuSystem", "CpuIdle")]
    assert cpu == [30, 10, 60]


def test_a_point_is_of_the_last_whole_minute_and_a_newer_reading_takes_its_place(
    machines: Machines, store: MetricStore
) -> None:
    feeding = feed(machines, store, Watched("demo", "DEFAULT", (machines.broker(1, KRAFT),)))
    round_of(feeding)
    machines.pages["/1"] = KRAFT.replace('{name="LeaderCount",} 11.0', '{name="LeaderCount",} 12.0')
    machines.now += 10
    round_of(feeding)
    (series,) = [series for series in store.names(0) if series.name == "LeaderCount"]
    (point,) = store.between(series, 0, 1e11)
    assert point.at == MINUTE - 60
    assert [sample.total for sample in point.samples] == [12]


def test_publication_may_be_delayed(machines: Machines, store: MetricStore) -> None:
    watched = Watched("demo", "DEFAULT", (machines.broker(1, KRAFT),))
    feeding = feed(machines, store, watched, Publication(delay_s=120))
    round_of(feeding)
    machines.now += 119
    feeding.publish()
    assert listed(store) == set()
    machines.now += 1
    feeding.publish()
    (series,) = [series for series in store.names(0) if series.name == "LeaderCount"]
    assert [point.at for point in store.between(series, 0, 1e11)] == [MINUTE - 60]


def test_it_goes_on_by_itself_also_after_something_broke(machines: Machines, store: MetricStore) -> None:
    watched = Watched("demo", "DEFAULT", (machines.broker(1, KRAFT),))
    rounds: list[int] = []

    def clusters() -> list[Watched]:
        rounds.append(1)
        if len(rounds) == 1:
            raise OSError("the state file is not whole")
        return [watched]

    feeding = Feed(clusters, store, lambda: Publication(period_s=0.05)).start()
    wait_for(lambda: len(rounds) >= 3 and listed(store), 5, "two more rounds")
    feeding.close()
    assert not any(thread.name == "feed" for thread in threading.enumerate())


def test_lag_is_published_by_group_and_on_the_highest_level_by_partition(
    machines: Machines, store: MetricStore
) -> None:
    lag = [
        Figure("MaxOffsetLag", (0.0,), topic="orders", group="billing"),
        Figure("OffsetLag", (0.0,), topic="orders", group="billing", partition=3),
    ]
    round_of(feed(machines, store, Watched("demo", "PER_TOPIC_PER_BROKER", (), (lambda: lag,))))
    group = ("Cluster Name", "Consumer Group", "Topic")
    assert listed(store) == {("MaxOffsetLag", group)}
    round_of(feed(machines, store, Watched("demo", "PER_TOPIC_PER_PARTITION", (), (lambda: lag,))))
    partition = ("Cluster Name", "Consumer Group", "Partition", "Topic")
    assert listed(store) == {("MaxOffsetLag", group), ("OffsetLag", partition)}


class AdminOf:
    """What kafka-python's admin client says of groups and offsets."""

    def __init__(self, *groups: dict[str, str]) -> None:
        self._groups = groups
        self.asked: list[str] = []

    def list_groups(self) -> list[dict[str, str]]:
        return list(self._groups)

    def list_group_offsets(self, group: str) -> dict[str, dict[TopicPartition, OffsetAndMetadata]]:
        self.asked.append(group)
        committed = {
            TopicPartition("t", 0): OffsetAndMetadata(7, "", 0),
            TopicPartition("t", 1): OffsetAndMetadata(-1, "", 0),
        }
        return {group: committed}

    def list_partition_offsets(
        self, specs: dict[TopicPartition, object]
    ) -> dict[TopicPartition, OffsetAndTimestamp]:
        return {partition: OffsetAndTimestamp(10, -1, 0) for partition in specs}


def test_groups_and_partitions_that_msk_leaves_out_are_left_out() -> None:
    def group(name: str, state: str = "Stable", kind: str = "classic") -> dict[str, str]:
        return {"group_id": name, "group_state": state, "group_type": kind}

    admin = AdminOf(
        group("kept"),
        group("empty", "Empty", "consumer"),
        group("moving", "PreparingRebalance"),
        group("gone", "Dead"),
        group("a:b"),
        group("ü"),
        group("shared", kind="share"),
    )
    offsets = feed_lag.read(admin, 0.0)
    assert offsets.committed == {"kept": {("t", 0): 7}, "empty": {("t", 0): 7}}
    assert offsets.ends == {("t", 0): 10}
    assert admin.asked == ["kept", "empty"]


def test_a_time_is_not_estimated_where_a_partition_does_not_grow() -> None:
    before = Offsets(0.0, {}, {("t", 0): 10, ("t", 1): 10})
    now = Offsets(60.0, {"g": {("t", 0): 4, ("t", 1): 10}}, {("t", 0): 10, ("t", 1): 70})
    said = {figure.metric for figure in feed_lag.figures(now, before) if figure.partition is None}
    assert said == {"MaxOffsetLag", "SumOffsetLag"}
    assert "EstimatedMaxTimeLag" not in {figure.metric for figure in feed_lag.figures(now, None)}
