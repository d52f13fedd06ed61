"""Kafka's own word: brokers, topics, partitions, quorum, end offsets.

Costs what changed: a partition that stays as it is costs nothing, whatever the size of the cluster.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Literal

from msktop.model.being_made import is_being_made
from msktop.model.broker import Broker, Counts
from msktop.model.cluster import Cluster, MetadataNode
from msktop.model.fold_control import without_departed
from msktop.model.groups import Groups
from msktop.model.past import with_metadata
from msktop.model.samples import (
    BrokerSeen,
    MetadataSeen,
    OffsetsSeen,
    PartitionSeen,
    QuorumSeen,
    TopicSeen,
    VoterSeen,
)
from msktop.model.topic import Partition, Topic, Totals
from msktop.model.traffic import Traffic
from msktop.model.writes import PROBE_TOPIC


def metadata_seen(cluster: Cluster, s: MetadataSeen) -> Cluster:
    """Fold one Metadata response."""
    if s.keyframe and cluster.cluster_id not in (None, s.cluster_id):
        cluster = replace(cluster, topics={}, brokers={}, nodes={}, totals=Totals(), controller_id=None)
        cluster = replace(cluster, groups=Groups(), writes={}, traffic=Traffic(), topic_configs_at=None)
    brokers = _brokers(cluster.brokers, s)
    if (told := brokers.get(s.via)) is not None:
        throttle = told.throttle.heard("metadata", s.throttle_ms, s.at)
        brokers[s.via] = told if throttle is told.throttle else replace(told, throttle=throttle)
    tally = _Tally(cluster.totals)
    topics = _topics(cluster.topics, s, tally)
    controller_id = cluster.controller_id
    if cluster.metadata == "zookeeper" and s.controller_id >= 0:
        controller_id = s.controller_id
    totals = tally.totals()
    seen = replace(
        cluster,
        cluster_id=s.cluster_id or cluster.cluster_id,
        controller_id=controller_id,
        brokers=_with_absent(cluster, tally.into(brokers), s.at),
        topics=topics,
        writes={} if PROBE_TOPIC in cluster.topics and PROBE_TOPIC not in topics else cluster.writes,
        totals=totals,
        past=with_metadata(cluster.past, s.at, totals.under_replicated, tally.moved),
        metadata_at=s.at,
        metadata_via=s.via,
        metadata_bytes=s.bytes or cluster.metadata_bytes,
    )
    return without_departed(seen)


def _brokers(known: Mapping[int, Broker], s: MetadataSeen) -> dict[int, Broker]:
    """Those in the response, and those that left it: a fenced broker is not forgotten."""
    brokers = dict(known)
    seen = {b.id for b in s.brokers}
    for b in s.brokers:
        brokers[b.id] = _present(known.get(b.id), b)
    for broker in known.values():
        if broker.id not in seen and broker.in_metadata:
            brokers[broker.id] = replace(broker, in_metadata=False, left_metadata_at=s.at)
    return brokers if brokers.keys() == known.keys() else dict(sorted(brokers.items()))


def _with_absent(cluster: Cluster, brokers: dict[int, Broker], at: float) -> dict[int, Broker]:
    """Only replica lists name it, or it left before it was probed: Kafka says that it is not there.

    One that the control plane lists is probed by its address there, which tells whether it refuses or hangs.
    """
    for broker in brokers.values():
        if broker.in_metadata or broker.probe.word != "unknown" or is_being_made(cluster, broker):
            continue
        left_at, probe = broker.left_metadata_at, broker.probe
        left_at = at if left_at is None else left_at
        if broker.inventory is None or at - left_at >= PROBED_WITHIN_S:
            error = _ABSENT if broker.host else f"{_ABSENT}; its address is not known"
            probe = replace(probe, word="down", since=at, outcome="unreachable", error=error)
        brokers[broker.id] = replace(broker, probe=probe, left_metadata_at=left_at)
    return brokers


_ABSENT = "not registered with the cluster"
PROBED_WITHIN_S = 3.0
"""By then our probe has begun, and knows of a broker that it was told of whether it answers."""


def _present(broker: Broker | None, seen: BrokerSeen) -> Broker:
    if broker is None:
        return Broker(id=seen.id, host=seen.host, port=seen.port, zone=seen.rack, in_metadata=True)
    zone = seen.rack or broker.zone
    if broker.in_metadata and (broker.host, broker.port, broker.zone) == (seen.host, seen.port, zone):
        return broker
    return replace(broker, host=seen.host, port=seen.port, zone=zone, in_metadata=True, left_metadata_at=None)


# ------------------------------------------------------------------ topics and partitions


class _Tally:
    """Counts that follow from partitions, moved by what changed."""

    def __init__(self, totals: Totals) -> None:
        self._totals = totals
        self._partitions = self._under = self._offline = 0
        self._by_broker: dict[int, list[int]] = {}
        self.moved = 0
        """Partitions that got another leader, not counting those that were or are without one."""

    def change(self, old: Partition | None, new: Partition | None) -> None:
        """One partition became another, appeared or went."""
        if old is not None and new is not None and None not in (old.leader, new.leader):
            self.moved += old.leader != new.leader
        if old is not None:
            self._count(old, -1)
        if new is not None:
            self._count(new, 1)

    def _count(self, p: Partition, by: int) -> None:
        self._partitions += by
        self._under += by * p.under_replicated
        self._offline += by * (p.leader is None)
        if p.leader is not None:
            led = self._of(p.leader)
            led[0] += by
            led[2] += by * p.under_replicated
        for replica in p.replicas:
            held = self._of(replica)
            held[1] += by
            held[3] += by * (replica not in p.isr)
        if p.replicas:
            self._of(p.replicas[0])[4] += by

    def _of(self, broker_id: int) -> list[int]:
        return self._by_broker.setdefault(broker_id, [0, 0, 0, 0, 0])

    def into(self, brokers: dict[int, Broker]) -> dict[int, Broker]:
        """The brokers with their counts moved; one that is only known as a replica appears."""
        for broker_id, moved in self._by_broker.items():
            if not any(moved):
                continue
            broker = brokers.get(broker_id) or Broker(id=broker_id)
            c = broker.counts
            brokers[broker_id] = replace(
                broker,
                counts=Counts(
                    leaders=c.leaders + moved[0],
                    replicas=c.replicas + moved[1],
                    led_under_replicated=c.led_under_replicated + moved[2],
                    out_of_isr=c.out_of_isr + moved[3],
                    preferred=c.preferred + moved[4],
                ),
            )
        return dict(sorted(brokers.items()))

    def totals(self) -> Totals:
        """The cluster's totals, moved."""
        t = self._totals
        return replace(
            t,
            partitions=t.partitions + self._partitions,
            under_replicated=t.under_replicated + self._under,
            offline=t.offline + self._offline,
        )


def _topics(known: Mapping[str, Topic], s: MetadataSeen, tally: _Tally) -> Mapping[str, Topic]:
    removed = set(s.removed)
    if s.keyframe:
        removed |= known.keys() - {t.name for t in s.topics}
    if not s.topics and not removed:
        return known
    topics = dict(known)
    for name in removed & known.keys():
        _forget(topics.pop(name).partitions.values(), tally)
    for seen in s.topics:
        topics[seen.name] = _topic(topics.get(seen.name), seen, tally)
    return topics if topics.keys() == known.keys() else dict(sorted(topics.items()))


def _forget(partitions: Iterable[Partition], tally: _Tally) -> None:
    for partition in partitions:
        tally.change(partition, None)


def _topic(topic: Topic | None, seen: TopicSeen, tally: _Tally) -> Topic:
    if topic is not None and seen.topic_id and topic.topic_id and topic.topic_id != seen.topic_id:
        _forget(topic.partitions.values(), tally)  # deleted and made again: epochs begin anew
        topic = None
    topic = topic or Topic(name=seen.name)
    partitions = dict(topic.partitions)
    for p in seen.partitions:
        old = partitions.get(p.partition)
        if old is not None and 0 <= p.leader_epoch < old.leader_epoch:
            continue  # a stale broker's answer never overrules newer knowledge
        new = _partition(p)
        if new != old:
            tally.change(old, new)
            partitions[p.partition] = new
    leaders = {p.leader for p in partitions.values()}
    return replace(
        topic,
        topic_id=seen.topic_id or topic.topic_id,
        internal=seen.internal or seen.name == PROBE_TOPIC,
        error=seen.error,
        partitions=dict(sorted(partitions.items())),
        rates={leader: rate for leader, rate in topic.rates.items() if leader in leaders},
    )


def _partition(p: PartitionSeen) -> Partition:
    return Partition(
        number=p.partition,
        leader=p.leader if p.leader >= 0 else None,
        leader_epoch=p.leader_epoch,
        replicas=p.replicas,
        isr=p.isr,
        offline=p.offline,
        error=p.error,
    )


# ------------------------------------------------------------------ quorum


def quorum_seen(cluster: Cluster, s: QuorumSeen) -> Cluster:
    """Fold what the KRaft quorum says of itself."""
    end = next((v.log_end_offset for v in s.voters if v.id == s.leader_id), None)
    nodes = dict(cluster.nodes)
    for voter in s.voters:
        nodes[voter.id] = _controller(nodes.get(voter.id), voter, s.leader_id, end)
    return replace(
        cluster,
        metadata="kraft",
        controller_id=s.leader_id if s.leader_id >= 0 else None,
        quorum=s,
        nodes=dict(sorted(nodes.items())),
    )


def _controller(node: MetadataNode | None, voter: VoterSeen, leader_id: int, end: int | None) -> MetadataNode:
    role: Literal["controller"] = "controller"
    return replace(
        node or MetadataNode(id=voter.id, role=role),
        leader=voter.id == leader_id,
        voter=voter,
        lag=None if end is None or voter.log_end_offset < 0 else max(0, end - voter.log_end_offset),
    )


# ------------------------------------------------------------------ end offsets


def offsets_seen(cluster: Cluster, s: OffsetsSeen) -> Cluster:
    """Fold one sweep of one leader's end offsets; records per second follow from two sweeps.

    A partition whose end was not known before counts for nothing: its whole log is no rate.
    """
    leader = cluster.brokers.get(s.leader_id)
    if leader is None:
        return cluster
    span = None if leader.offsets_at is None else s.at - leader.offsets_at
    topics = dict(cluster.topics)
    total = 0
    for name, topic in cluster.topics.items():
        ends = s.ends.get(name)
        if ends is None and s.leader_id not in topic.rates:
            continue
        written = 0
        for partition, end in (ends or {}).items():
            before = topic.ends.get(partition)
            written += max(0, end - before) if before is not None else 0
        total += written
        topics[name] = _moved(topic, s, ends or {}, written, span)
    rate = total / span if span else None
    broker = replace(
        leader,
        throttle=leader.throttle.heard("list_offsets", s.throttle_ms, s.at),
        offsets_at=s.at,
        messages=leader.messages if rate is None else leader.messages.append(s.at, rate),
    )
    return replace(cluster, topics=topics, brokers={**cluster.brokers, s.leader_id: broker})


def _moved(topic: Topic, s: OffsetsSeen, ends: Mapping[int, int], written: int, span: float | None) -> Topic:
    rates = dict(topic.rates)
    if span:
        rates[s.leader_id] = written / span
    return replace(topic, ends={**topic.ends, **ends} if ends else topic.ends, rates=rates, ends_at=s.at)
