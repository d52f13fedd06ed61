"""What is true of consumer groups before one is changed: read anew, batched by coordinator and by leader."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from msktop.actions.kafka import Kafka
from msktop.actions.topic_facts import alike, all_topics
from msktop.errors import ActionError, TargetError
from msktop.wire import group_members, group_offsets, groups, offsets
from msktop.wire.codes import code_words
from msktop.wire.group_members import CONSUMER_GROUP_DESCRIBE, SHARE_GROUP_DESCRIBE
from msktop.wire.groups import DESCRIBE_GROUPS, Description, Listed
from msktop.wire.metadata import TopicEntry

Offsets = dict[str, dict[int, int]]
"""Offset by topic and partition."""

_DESCRIBED_BY = {"consumer": CONSUMER_GROUP_DESCRIBE, "share": SHARE_GROUP_DESCRIBE}


@dataclass(frozen=True, slots=True)
class GroupFacts:
    """One group. An offset that is absent was not told."""

    name: str
    coordinator: int
    listed: Listed
    committed: Offsets
    description: Description | None = None
    """None where nobody asked."""
    error: int = 0
    """Kafka's code where its offsets are refused."""


@dataclass(frozen=True, slots=True)
class Facts:
    """A cluster's groups, and where the partitions end that they read."""

    cluster: str
    cluster_id: str | None
    groups: Mapping[str, GroupFacts]
    ends: Offsets
    topics: Mapping[str, TopicEntry]
    silent: Mapping[int, str] = field(default_factory=dict)
    """Brokers that did not tell of their groups, and why: what they coordinate is missing."""

    def group(self, name: str) -> GroupFacts:
        """One that is there. Raises ActionError."""
        found = self.groups.get(name)
        if found is None:
            silent = "".join(f" b-{broker} does not answer: {why}." for broker, why in self.silent.items())
            advice = alike(name, self.groups) or "See: msktop group list"
            raise ActionError(f"{self.cluster} has no group {name!r}", advice + silent)
        return found

    def lag(self, name: str, topic: str, number: int) -> int | None:
        """Records behind the end; None where one of the two is not known."""
        committed = self.groups[name].committed.get(topic, {}).get(number)
        end = self.ends.get(topic, {}).get(number)
        return None if committed is None or end is None else max(0, end - committed)


def group_facts(kafka: Kafka, cluster: str, describe: Iterable[str] | None = ()) -> Facts:
    """All groups with their offsets, the ends of what they read; members of some (None: of all).

    A broker that does not answer leaves its own groups out, and is told. Raises TargetError where none does.
    """
    seen, topics = all_topics(kafka)
    found: dict[str, GroupFacts] = {}
    silent: dict[int, str] = {}
    wanted = None if describe is None else frozenset(describe)
    for node in kafka.brokers.nodes:
        try:
            found |= _coordinated(kafka, node.id, wanted)
        except TargetError as error:
            silent[node.id] = error.title
    if silent and len(silent) == len(kafka.brokers.nodes):
        raise TargetError(f"no broker tells of its groups: {next(iter(silent.values()))}")
    read: dict[str, set[int]] = {}
    for group in found.values():
        for topic, partitions in group.committed.items():
            read.setdefault(topic, set()).update(partitions)
    ends = limits(kafka, topics, read, offsets.LATEST)
    return Facts(cluster, seen.cluster_id, dict(sorted(found.items())), ends, topics, silent)


def _coordinated(kafka: Kafka, broker: int, wanted: frozenset[str] | None) -> dict[str, GroupFacts]:
    """The groups of one broker."""
    versions = kafka.connection(broker).versions
    _, high = versions.get(groups.LIST_GROUPS, (0, -1))
    version = groups.LIST_WITH_TYPE if high >= groups.LIST_WITH_TYPE else groups.LIST_WITH_STATE
    error, listed = groups.listed(kafka.ask(groups.list_groups(version), broker), version)
    if error:
        raise TargetError(f"b-{broker} does not list its groups: {code_words(error)}")
    names = [g.group for g in listed if g.type != "share"]
    fetched: dict[str, group_offsets.GroupOffsets] = {}
    if names:
        pieces = group_offsets.split(kafka.ask(group_offsets.fetch_request(names), broker), {}).pieces
        fetched = {one.group: one for one in map(group_offsets.group, pieces.values())}
    descriptions = _descriptions(kafka, broker, [g for g in listed if wanted is None or g.group in wanted])
    found = {}
    for one in listed:
        own = fetched.get(one.group)
        found[one.group] = GroupFacts(
            name=one.group,
            coordinator=broker,
            listed=one,
            committed=own.offsets if own is not None else {},
            description=descriptions.get(one.group),
            error=own.error if own is not None else 0,
        )
    return found


def _descriptions(kafka: Kafka, broker: int, listed: list[Listed]) -> dict[str, Description]:
    by_api: dict[int, list[str]] = {}
    for one in listed:
        by_api.setdefault(_DESCRIBED_BY.get(one.type, DESCRIBE_GROUPS), []).append(one.group)
    found: dict[str, Description] = {}
    for api_key, names in by_api.items():
        if api_key == DESCRIBE_GROUPS:
            told = groups.described(kafka.ask(groups.describe_groups(names), broker))
        else:
            _, high = kafka.connection(broker).versions.get(api_key, (0, -1))
            version = min(high, group_members.HIGHEST)
            call = group_members.describe_groups(api_key, version, names)
            told = group_members.described(kafka.ask(call, broker), api_key, version)
        found |= {one.group: one for one in told}
    return found


def limits(
    kafka: Kafka, topics: Mapping[str, TopicEntry], wanted: Mapping[str, Iterable[int]], timestamp: int
) -> Offsets:
    """Ends (LATEST), beginnings (EARLIEST), or the first offset at or after a time in milliseconds.

    One request a leader; what one does not tell is absent. After the newest record there is no offset: -1.
    """
    by_leader: dict[int, list[bytes]] = {}
    for topic, numbers in wanted.items():
        entry, led = topics.get(topic), dict[int, list[int]]()
        for number in numbers:
            partition = entry.partitions.get(number) if entry is not None else None
            if partition is not None and partition.leader >= 0:
                led.setdefault(partition.leader, []).append(number)
        for leader, mine in led.items():
            by_leader.setdefault(leader, []).append(offsets.topic_request(topic, sorted(mine), timestamp))
    found: Offsets = {}
    for leader, parts in by_leader.items():
        try:
            told = offsets.changed(kafka.ask(offsets.list_offsets(parts), leader), {}).ends
        except TargetError:
            continue
        for topic, partitions in told.items():
            found.setdefault(topic, {}).update(partitions)
    return found
