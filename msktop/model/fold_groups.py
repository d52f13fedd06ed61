"""What coordinators tell of groups, put together with the ends that leaders tell.

Costs what changed: a group at rest is looked at by the identity of the ends of its topics, no more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from msktop.model import rules
from msktop.model.cluster import Cluster
from msktop.model.group_lag import Held, seen
from msktop.model.group_samples import GroupDescribed, GroupListed, GroupsSeen, MemberSeen
from msktop.model.group_sums import Sums
from msktop.model.groups import (
    REBALANCING,
    Coordinator,
    Group,
    Groups,
    PartitionKey,
)
from msktop.model.topic import Topic

SAME_REBALANCE_S = 15.0
"""Another distribution so soon after a rebalance was seen by its state is that same one."""


def groups_seen(cluster: Cluster, s: GroupsSeen) -> Cluster:
    """Fold one turn at one coordinator; one that would not list its groups has told nothing."""
    if s.error:
        return cluster
    groups = cluster.groups
    told = groups.coordinators.get(s.coordinator_id)
    there = {number: c for number, c in groups.coordinators.items() if number in cluster.brokers}
    coordinators = {**there, s.coordinator_id: Coordinator(s.at)}
    known = _folded(cluster, dict(groups.by_name), s, told.at if told is not None else s.at)
    return replace(cluster, groups=Groups(_without_vanished(known, coordinators, s.at), coordinators, s.at))


def _folded(cluster: Cluster, known: dict[str, Group], s: GroupsSeen, before_at: float) -> dict[str, Group]:
    came = [g.name for g in s.listed if g.name not in known]
    for one in s.listed:
        known[one.name] = _listed(known.get(one.name), one, s)
    listed = {g.name for g in s.listed}
    gone: Iterable[str] = s.gone
    if s.keyframe:
        gone = [n for n, g in known.items() if g.coordinator == s.coordinator_id and n not in listed]
    for name in gone:
        group = known.get(name)
        if group is not None and group.coordinator == s.coordinator_id and group.missing_since is None:
            known[name] = replace(group, missing_since=s.at)
    for described in s.described:
        group = known.get(described.name)
        if group is not None:
            known[described.name] = _described(group, described, s.at)
    _with_lags(cluster, known, s, before_at)
    return dict(sorted(known.items())) if came else known


# ------------------------------------------------------------------ list and members


def _listed(group: Group | None, one: GroupListed, s: GroupsSeen) -> Group:
    if group is None:
        group = Group(one.name, s.coordinator_id)
    if group.coordinator != s.coordinator_id:
        group = replace(group, coordinator=s.coordinator_id)
    group = replace(
        group,
        type=one.type or group.type,
        protocol_type=one.protocol_type,
        missing_since=None,
    )
    group = _in_state(group, one.state, s.at)
    if one.state in ("Empty", "Dead") and group.members:
        group = replace(group, members=(), owners={}, described_at=s.at)
    return group


def _in_state(group: Group, state: str, at: float) -> Group:
    if state == group.state:
        return group
    rebalancing = state in REBALANCING
    began = rebalancing and group.rebalancing_since is None and group.state != ""
    return replace(
        group,
        state=state,
        rebalancing_since=(group.rebalancing_since or at) if rebalancing else None,
        rebalances=group.rebalances + began,
        rebalanced_at=at if began else group.rebalanced_at,
    )


def _described(group: Group, d: GroupDescribed, at: float) -> Group:
    """Members as told; another distribution of partitions is a rebalance that no poll saw in between."""
    if d.error or d.state == "Dead":  # one that another broker coordinates now is dead for this one
        return replace(group, describe_error=d.error, described_at=at)
    owners = {
        (topic, number): member
        for member in d.members
        for topic, numbers in member.assignment.items()
        for number in numbers
    }
    moved = bool(group.owners) and bool(owners) and _spread(group.owners) != _spread(owners)
    group = replace(
        group,
        assignor=d.assignor,
        epoch=d.epoch,
        members=d.members,
        owners=owners,
        described_at=at,
        describe_error=0,
        alive_at=at if d.members else group.alive_at,
    )
    if moved and (group.rebalanced_at is None or at - group.rebalanced_at > SAME_REBALANCE_S):
        group = replace(group, rebalances=group.rebalances + 1, rebalanced_at=at)
    return group


def _spread(owners: Mapping[PartitionKey, MemberSeen]) -> dict[PartitionKey, str]:
    return {key: member.id for key, member in owners.items()}


def _without_vanished(
    known: Mapping[str, Group], coordinators: Mapping[int, Coordinator], at: float
) -> Mapping[str, Group]:
    """Forget groups that nobody has listed for long enough, where somebody else has been asked since."""
    vanished = {
        name
        for name, g in known.items()
        if g.missing_since is not None
        and at - g.missing_since >= rules.GROUP_GONE_AFTER_S
        and all(c.at > g.missing_since or at - c.at > rules.GROUP_GONE_AFTER_S for c in coordinators.values())
    }
    return {n: g for n, g in known.items() if n not in vanished} if vanished else known


# ------------------------------------------------------------------ offsets and lag


def _with_lags(cluster: Cluster, known: dict[str, Group], s: GroupsSeen, before_at: float) -> None:
    """Judge every group of this coordinator by its newest offsets and ends."""
    for name, group in known.items():
        if group.coordinator == s.coordinator_id and group.missing_since is None:
            known[name] = _with_lag(cluster, group, s, before_at)


def _with_lag(cluster: Cluster, group: Group, s: GroupsSeen, before_at: float) -> Group:
    error = s.errors.get(group.name, 0)
    if error:  # what it has committed since is not known: that it stands is no more than that
        return group if error == group.error else replace(group, error=error)
    if group.error:
        before_at = group.judged_at if group.judged_at is not None else before_at
        group = replace(group, error=0)
    offsets = _committed(group, s.offsets.get(group.name))
    if s.keyframe:
        offsets = dict(sorted(s.offsets.get(group.name, {}).items()))
    topics = group.held.keys() if offsets is None else offsets.keys()
    ends = tuple(_ends(cluster.topics.get(topic)) for topic in topics)
    if offsets is None:
        if not group.lag and _same(ends, group.ends) and _is_at_rest(group):
            return group
        offsets = {t: {n: h.committed for n, h in held.items()} for t, held in group.held.items()}
    return _judged(cluster, group, offsets, ends, s.at, before_at)


def _is_at_rest(group: Group) -> bool:
    """It was judged, and nothing has moved within the span of its rates."""
    if group.judged_at is None or (group.held and len(group.counted) < 2):
        return False
    counted = group.counted
    return not counted or (counted[0].arrived, counted[0].consumed) == (
        counted[-1].arrived,
        counted[-1].consumed,
    )


def _same(ends: tuple[Mapping[int, int] | None, ...], before: tuple[Mapping[int, int] | None, ...]) -> bool:
    return len(ends) == len(before) and all(a is b for a, b in zip(ends, before, strict=True))


def _ends(topic: Topic | None) -> Mapping[int, int] | None:
    return topic.ends if topic is not None else None


def _committed(
    group: Group, changed: Mapping[str, Mapping[int, int]] | None
) -> dict[str, dict[int, int]] | None:
    """All that the group has committed, with what changed; None where nothing did."""
    if not changed:
        return None
    offsets = {t: {n: h.committed for n, h in held.items()} for t, held in group.held.items()}
    for topic, partitions in changed.items():
        of = offsets.setdefault(topic, {})
        for number, offset in partitions.items():
            if offset >= 0:
                of[number] = offset
            else:
                of.pop(number, None)
        if not of:
            del offsets[topic]
    return dict(sorted(offsets.items()))


def _judged(
    cluster: Cluster,
    group: Group,
    offsets: Mapping[str, Mapping[int, int]],
    ends: tuple[Mapping[int, int] | None, ...],
    at: float,
    before_at: float,
) -> Group:
    held: dict[str, dict[int, Held]] = {}
    sums = Sums(at, before_at)
    somebody = group.members is None and group.state not in ("", "Empty", "Dead")
    for topic, partitions in offsets.items():
        known, of = group.held.get(topic, {}), cluster.topics.get(topic)
        own = held[topic] = {}
        for number in sorted(partitions):
            end, end_at = _end(cluster, of, number)
            before = known.get(number)
            one = own[number] = seen(
                before,
                at,
                partitions[number],
                end,
                end_at,
                before_at=before_at,
                owned=somebody or (topic, number) in group.owners,
            )
            sums.add((topic, number), before, one)
    return sums.into(replace(group, held=held, ends=ends, judged_at=at))


def _end(cluster: Cluster, topic: Topic | None, number: int) -> tuple[int | None, float | None]:
    """Where a partition ends, and when its leader said so."""
    if topic is None:
        return None, None
    partition = topic.partitions.get(number)
    if partition is None:
        return None, None
    leader = cluster.brokers.get(partition.leader) if partition.leader is not None else None
    told_at = leader.offsets_at if leader is not None else None
    return topic.ends.get(number), told_at if told_at is not None else topic.ends_at
