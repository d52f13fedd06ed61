"""AWS/Kafka as the local MSK publishes it of real brokers."""

from __future__ import annotations

from pathlib import Path

import pytest
from kafka.admin import KafkaAdminClient

from msktop.local.load import GROUPS
from msktop.local.plane import own
from msktop.local.plane.feed import Feed
from msktop.local.plane.feed_clusters import Monitored
from msktop.local.plane.metric_statistics import statistic
from msktop.local.plane.metric_store import MetricStore
from msktop.local.plane.registry import Registry
from tests.e2e.conftest import LocalCluster
from tests.support import wait_for

pytestmark = pytest.mark.e2e

ON_BOTH = {
    "BytesInPerSec",
    "BytesOutPerSec",
    "ConnectionCloseRate",
    "ConnectionCount",
    "ConnectionCreationRate",
    "CpuIdle",
    "CpuSystem",
    "CpuUser",
    "FetchConsumerTotalTimeMsMean",
    "FetchFollowerLocalTimeMsMean",
    "HeapMemoryAfterGC",
    "KafkaDataLogsDiskUsed",
    "LeaderCount",
    "MemoryUsed",
    "MessagesInPerSec",
    "NetworkProcessorAvgIdlePercent",
    "PartitionCount",
    "ProduceTotalTimeMsMean",
    "ReplicationBytesInPerSec",
    "RequestHandlerAvgIdlePercent",
    "UnderMinIsrPartitionCount",
    "UnderReplicatedPartitions",
    "VolumeWriteBytes",
}
ONLY_ZOOKEEPER = {"ZooKeeperRequestLatencyMsMean", "ZooKeeperSessionState"}
OF_GROUPS = {"EstimatedMaxTimeLag", "MaxOffsetLag", "SumOffsetLag"}


@pytest.fixture(params=["kraft", "zookeeper"])
def cluster(request: pytest.FixtureRequest) -> LocalCluster:
    found = request.getfixturevalue(f"{request.param}_cluster")
    assert isinstance(found, LocalCluster)
    found.wait_healthy()
    return found


def by_dimension(store: MetricStore, name: str, value: str) -> set[str]:
    """The metrics that have a series with this dimension."""
    return {series.name for series in store.names(0) if (name, value) in series.dimensions}


def of_cluster(store: MetricStore, metric: str, stat: str) -> float | None:
    """A statistic of a series that has the cluster for its only dimension."""
    (series,) = (s for s in store.names(0) if s.name == metric and len(s.dimensions) == 1)
    return statistic(stat, list(store.between(series, 0, 1e11)[-1].samples))


def test_every_metric_is_fed(cluster: LocalCluster, tmp_path: Path) -> None:
    registry, store = Registry(tmp_path / "plane.json"), MetricStore()
    record = own.register(registry, cluster.state)
    registry.change(record.arn, kept={**record.kept, "EnhancedMonitoring": "PER_TOPIC_PER_PARTITION"})
    feed = Feed(Monitored(registry), store)

    def is_all_there() -> bool:
        with cluster.here():
            feed.round()
            feed.publish()
        return by_dimension(store, "Consumer Group", GROUPS[0].name) >= {*OF_GROUPS, "OffsetLag"}

    wait_for(is_all_there, 120, "lag of a group, which may still rebalance after what another test did")
    feed.round()
    zookeeper = ONLY_ZOOKEEPER if cluster.state.metadata == "zookeeper" else set()
    for broker in cluster.state.brokers:
        missing = (ON_BOTH | zookeeper) - by_dimension(store, "Broker ID", str(broker.id))
        assert missing == set()
    if not zookeeper:
        assert not ONLY_ZOOKEEPER & {series.name for series in store.names(0)}
    assert of_cluster(store, "ActiveControllerCount", "Sum") == 1

    def published(*metrics: str) -> tuple[float | None, ...]:
        feed.round()
        feed.publish()
        return tuple(of_cluster(store, metric, "Maximum") for metric in metrics)

    def known() -> tuple[int, int, int]:
        admin = KafkaAdminClient(bootstrap_servers=cluster.bootstrap_servers)
        try:
            topics = admin.describe_topics()
        finally:
            admin.close()
        partitions = [p for topic in topics for p in topic["partitions"]]
        return len(topics), len(partitions), sum(p["leader_id"] < 0 for p in partitions)

    def agrees() -> bool:
        topics, partitions, offline = published(
            "GlobalTopicCount", "GlobalPartitionCount", "OfflinePartitionsCount"
        )
        real = known()
        told.append(f"published {(topics, partitions, offline)}, real {real}")
        if not zookeeper:
            return (topics, partitions, offline) == real
        if topics is None or partitions is None or offline is None:
            return False
        # A ZooKeeper controller also counts topics that it cannot delete yet, as a replica was on a broker
        # that left; their partitions are offline, and Metadata lists them no more.
        beyond = partitions - real[1]
        return topics >= real[0] and 0 <= offline - real[2] <= beyond

    told: list[str] = []
    try:
        wait_for(agrees, 120, "the controller's counts")
    except AssertionError as error:
        raise AssertionError(f"{error}: {told[-3:]}") from error
