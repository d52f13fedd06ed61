"""Partitions as the drill-down screens list them; the work per look follows what changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from msktop.model.cluster import Cluster
from msktop.model.topic import Partition, Settings, Topic
from msktop.model.writes import PROBE_TOPIC

PartitionState = Literal["ok", "led elsewhere", "under-replicated", "offline"]
WORST_FIRST: tuple[PartitionState, ...] = ("offline", "under-replicated", "led elsewhere", "ok")

Key = tuple[str, int]
"""Topic and partition number."""


def state_of(partition: Partition) -> PartitionState:
    """One word, worst first. `led elsewhere`: in sync, but its leader is not the preferred (first) replica.

    >>> state_of(Partition(0, leader=2, leader_epoch=4, replicas=(1, 2, 3), isr=(1, 2, 3)))
    'led elsewhere'
    >>> state_of(Partition(0, leader=2, leader_epoch=4, replicas=(1, 2, 3), isr=(2, 3)))
    'under-replicated'
    """
    if partition.leader is None:
        return "offline"
    if partition.under_replicated:
        return "under-replicated"
    if partition.replicas and partition.leader != partition.replicas[0]:
        return "led elsewhere"
    return "ok"


@dataclass(frozen=True, slots=True)
class Tally:
    """The partitions of one topic, counted; with a broker, only those that it holds."""

    partitions: int = 0
    leads: int = 0
    in_sync: int = 0
    """Held here and in sync."""
    under_replicated: int = 0
    offline: int = 0
    replicas: int = 0
    """Largest replication factor."""
    under_min_isr: int | None = None
    """With a leader and fewer in sync than min.insync.replicas; None where that is not known."""
    skew: float | None = None
    """Leaders of the busiest broker over the mean of all brokers; 1.0 is even; None below two brokers."""


def tally_of(
    partitions: Mapping[int, Partition], broker: int | None, brokers: int = 0, min_isr: int | None = None
) -> Tally:
    """Count one topic's partitions; `brokers` is how many there are to share the leaders.

    >>> two = {n: Partition(n, 1, 0, (1, 2), (1, 2)) for n in range(2)}
    >>> tally = tally_of(two, None, brokers=2, min_isr=3)
    >>> tally.partitions, tally.leads, tally.in_sync, tally.replicas, tally.skew, tally.under_min_isr
    (2, 2, 4, 2, 2.0, 2)
    >>> tally_of(two, 2).leads
    0
    """
    held = [p for p in partitions.values() if broker is None or broker in p.replicas]
    led: dict[int, int] = {}
    for p in held:
        if p.leader is not None:
            led[p.leader] = led.get(p.leader, 0) + 1
    spread = min(brokers, len(held))
    return Tally(
        partitions=len(held),
        leads=sum(led.values()) if broker is None else led.get(broker, 0),
        in_sync=sum(len(p.isr) if broker is None else broker in p.isr for p in held),
        under_replicated=sum(p.leader is not None and p.under_replicated for p in held),
        offline=sum(p.leader is None for p in held),
        replicas=max((len(p.replicas) for p in held), default=0),
        under_min_isr=None
        if min_isr is None
        else sum(p.leader is not None and len(p.isr) < min_isr for p in held),
        skew=max(led.values()) * spread / sum(led.values()) if led and spread > 1 else None,
    )


class Tallies:
    """Tally by topic, counted again only for topics whose partitions changed."""

    def __init__(self, broker: int | None = None) -> None:
        self._broker = broker
        self._brokers = 0
        self._topics: Mapping[str, Topic] | None = None
        self._known: dict[str, tuple[Mapping[int, Partition], Settings | None, Tally]] = {}

    def of(self, cluster: Cluster) -> dict[str, Tally]:
        """All topics but our own (with a broker: those it holds a replica of), in the cluster's order."""
        count = len(cluster.brokers)
        if cluster.topics is not self._topics or count != self._brokers:
            old = self._known if count == self._brokers else {}
            self._topics, self._brokers, self._known = cluster.topics, count, {}
            for name, topic in cluster.topics.items():
                if name == PROBE_TOPIC:
                    continue  # our own, and nobody's data
                before = old.get(name)
                same = before is not None and before[0] is topic.partitions and before[1] is topic.settings
                self._known[name] = (
                    before
                    if before is not None and same
                    else (
                        topic.partitions,
                        topic.settings,
                        tally_of(topic.partitions, self._broker, count, topic.min_isr),
                    )
                )
        return {n: t for n, (_, _, t) in self._known.items() if self._broker is None or t.partitions}


class Keys:
    """Partition keys in a list's order, found again only when a topic's partitions changed."""

    def __init__(self, wanted: Callable[[str, Partition], bool]) -> None:
        self._wanted = wanted
        self._topics: Mapping[str, Topic] | None = None
        self._known: dict[str, tuple[Mapping[int, Partition], tuple[Key, ...]]] = {}
        self._keys: tuple[Key, ...] = ()

    def of(self, cluster: Cluster) -> tuple[Key, ...]:
        """Keys by topic and number; the same tuple object while nothing changed."""
        if cluster.topics is self._topics:
            return self._keys
        old, self._known, changed = self._known, {}, len(cluster.topics) != len(self._known)
        for name in sorted(cluster.topics):
            partitions = cluster.topics[name].partitions
            before = old.get(name)
            if before is None or before[0] is not partitions:
                changed = True
                found = tuple((name, n) for n in sorted(partitions) if self._wanted(name, partitions[n]))
                before = (partitions, found)
            self._known[name] = before
        self._topics = cluster.topics
        if changed:
            self._keys = tuple(key for _, keys in self._known.values() for key in keys)
        return self._keys


class Pace:
    """Records per second of single partitions, from their end offsets as they are looked at.

    A leader answers for all its partitions at once, so two of its answers (`Broker.offsets_at`) are the
    time between two end offsets. Nothing is known before the second look.
    """

    KEPT = 4000

    def __init__(self) -> None:
        self._seen: dict[Key, tuple[int, float, int, float | None]] = {}

    def of(self, cluster: Cluster, topic: Topic, number: int) -> float | None:
        """Records per second between the last two answers; None while not known."""
        partition, end = topic.partitions.get(number), topic.ends.get(number)
        if partition is None or partition.leader is None or end is None:
            return None
        leader = cluster.brokers.get(partition.leader)
        if leader is None or leader.offsets_at is None:
            return None
        key, at = (topic.name, number), leader.offsets_at
        before = self._seen.get(key)
        if before is not None and before[1] == at and before[2] == partition.leader:
            return before[3]
        rate = None
        if before is not None and before[2] == partition.leader and before[1] < at and before[0] <= end:
            rate = (end - before[0]) / (at - before[1])
        if len(self._seen) >= self.KEPT:
            self._seen.clear()
        self._seen[key] = (end, at, partition.leader, rate)
        return rate
