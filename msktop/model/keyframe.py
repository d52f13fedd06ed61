"""The samples that make a cluster: what a recording begins with when it starts in mid-session."""

from __future__ import annotations

from collections.abc import Iterator

from msktop.model.broker import Broker, Page
from msktop.model.cluster import Cluster
from msktop.model.control_samples import InventorySeen, OperationsSeen
from msktop.model.group_samples import GroupDescribed, GroupListed, GroupsSeen
from msktop.model.groups import Group
from msktop.model.samples import (
    BrokerSeen,
    ConfigSeen,
    LogDirsSeen,
    MetadataSeen,
    OffsetsSeen,
    PageScraped,
    PartitionSeen,
    RulesChosen,
    Sample,
    SessionStarted,
    SoftwareSeen,
    TopicSeen,
)
from msktop.model.topic import Topic
from msktop.model.topic_samples import TopicConfigEntry, TopicConfigsSeen


def keyframe(cluster: Cluster) -> Iterator[Sample]:
    """Samples that lead from nothing to what is known now, without histories and incidents."""
    if cluster.started_at is None:
        return
    at = cluster.at
    yield SessionStarted(
        at=at,
        name=cluster.name,
        bootstrap_servers=cluster.bootstrap_servers,
        target="local" if cluster.target == "local" else "msk" if cluster.target == "msk" else "kafka",
        client_rack=cluster.client_rack,
        security_protocol=cluster.security_protocol,
    )
    if cluster.rules is not None:
        yield RulesChosen(at=at, rules=cluster.rules)
    if cluster.inventory_at is not None:
        yield _inventory(cluster)
    if cluster.operations is not None:
        yield OperationsSeen(at=cluster.operations_at or at, operations=cluster.operations)
    yield from cluster.permissions.values()
    yield from (n.zookeeper for n in cluster.nodes.values() if n.zookeeper is not None)
    if cluster.metadata_at is not None:
        yield _metadata(cluster)
    if cluster.topic_configs_at is not None:
        yield _topic_configs(cluster, cluster.topic_configs_at)
    if cluster.quorum is not None:
        yield cluster.quorum
    for broker in cluster.brokers.values():
        yield from _details(broker, at)
    yield from _ends(cluster)
    for coordinator, told in cluster.groups.coordinators.items():
        yield _groups(cluster, coordinator, told.at)


def _inventory(cluster: Cluster) -> InventorySeen:
    listed = [b.inventory for b in cluster.brokers.values()] + [n.inventory for n in cluster.nodes.values()]
    return InventorySeen(
        at=cluster.at,
        name=cluster.name,
        state=cluster.state,
        metadata=cluster.metadata,
        kafka_version=None if cluster.version_estimated else cluster.kafka_version,
        zones=tuple(cluster.zones.values()),
        nodes=tuple(node for node in listed if node is not None),
        description=cluster.description,
        via="file" if "inventory" in cluster.sources else "api",
    )


def _metadata(cluster: Cluster) -> MetadataSeen:
    return MetadataSeen(
        at=cluster.at,
        via=cluster.metadata_via if cluster.metadata_via is not None else -1,
        keyframe=True,
        cluster_id=cluster.cluster_id,
        controller_id=-1 if cluster.controller_id is None else cluster.controller_id,
        brokers=tuple(
            BrokerSeen(id=b.id, host=b.host, port=b.port, rack=b.zone)
            for b in cluster.brokers.values()
            if b.in_metadata
        ),
        topics=tuple(_topic(t) for t in cluster.topics.values()),
        bytes=cluster.metadata_bytes or 0,
    )


def _topic_configs(cluster: Cluster, at: float) -> TopicConfigsSeen:
    return TopicConfigsSeen(
        at=at,
        topics=tuple(
            TopicConfigEntry(
                name=t.name, topic_id=t.topic_id, own=dict(s.own), kept=dict(s.kept), error=s.error
            )
            for t in cluster.topics.values()
            if (s := t.settings) is not None
        ),
    )


def _topic(topic: Topic) -> TopicSeen:
    return TopicSeen(
        name=topic.name,
        topic_id=topic.topic_id,
        internal=topic.internal,
        error=topic.error,
        partition_count=len(topic.partitions),
        partitions=tuple(
            PartitionSeen(
                partition=p.number,
                leader=-1 if p.leader is None else p.leader,
                leader_epoch=p.leader_epoch,
                replicas=p.replicas,
                isr=p.isr,
                offline=p.offline,
                error=p.error,
            )
            for p in topic.partitions.values()
        ),
    )


def _details(broker: Broker, at: float) -> Iterator[Sample]:
    if broker.kafka_version is not None:
        yield SoftwareSeen(
            at=at,
            broker_id=broker.id,
            kafka_version=broker.kafka_version,
            estimated=broker.version_estimated,
        )
    if broker.log_dirs is not None:
        yield LogDirsSeen(at=at, broker_id=broker.id, dirs=broker.log_dirs, error=broker.log_dirs_error)
    if broker.config is not None:
        yield ConfigSeen(at=at, broker_id=broker.id, entries=broker.config, error=broker.config_error)
    yield from _pages(broker.id, broker.jmx, broker.node)


def _pages(broker_id: int, jmx: Page, node: Page) -> Iterator[PageScraped]:
    if jmx.at is not None:
        yield PageScraped(at=jmx.at, broker_id=broker_id, page="jmx", values=dict(jmx.values))
    if node.at is not None:
        yield PageScraped(at=node.at, broker_id=broker_id, page="node", values=dict(node.values))


def _ends(cluster: Cluster) -> Iterator[OffsetsSeen]:
    """Where the partitions end, by leader: later samples tell only of those that move."""
    by_leader: dict[int, dict[str, dict[int, int]]] = {}
    for topic in cluster.topics.values():
        for number, end in topic.ends.items():
            partition = topic.partitions.get(number)
            if partition is not None and partition.leader is not None:
                by_leader.setdefault(partition.leader, {}).setdefault(topic.name, {})[number] = end
    for leader, ends in by_leader.items():
        broker = cluster.brokers.get(leader)
        if broker is not None and broker.offsets_at is not None:
            yield OffsetsSeen(at=broker.offsets_at, leader_id=leader, ends=ends)


def _groups(cluster: Cluster, coordinator: int, at: float) -> GroupsSeen:
    groups = [g for g in cluster.groups.by_name.values() if g.coordinator == coordinator]
    return GroupsSeen(
        at=at,
        coordinator_id=coordinator,
        keyframe=True,
        listed=tuple(
            GroupListed(name=g.name, state=g.state, type=g.type, protocol_type=g.protocol_type)
            for g in groups
            if g.missing_since is None
        ),
        offsets={
            g.name: {topic: {n: h.committed for n, h in held.items()} for topic, held in g.held.items()}
            for g in groups
        },
        described=tuple(_described(g) for g in groups if g.described_at is not None),
        errors={g.name: g.error for g in groups if g.error},
    )


def _described(group: Group) -> GroupDescribed:
    return GroupDescribed(
        name=group.name,
        state=group.state,
        assignor=group.assignor,
        epoch=group.epoch,
        members=group.members or (),
        error=group.describe_error,
    )
