"""Lag of consumer groups, as MSK publishes it: by group and topic, and on the highest level by partition.

Groups that MSK leaves out are left out: those that rebalance, whose name has a colon or is not ASCII, and
partitions that have no committed offset.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from msktop.local.api.messages import ApiError
from msktop.local.plane.feed_figures import Figure
from msktop.local.plane.topic_admin import Admin, open_admin
from msktop.local.state import State

Partition = tuple[str, int]
"""Topic and number."""

_STATES = frozenset({"Stable", "Empty"})
_TYPES = frozenset({"classic", "consumer", None})


@dataclass(frozen=True, slots=True)
class Offsets:
    """What groups have committed, and where the partitions end, at a Unix time."""

    at: float
    committed: Mapping[str, Mapping[Partition, int]]
    ends: Mapping[Partition, int]


class Lags:
    """Reads the offsets of clusters; remembers the last of each, by the name of its supervisor."""

    def __init__(self) -> None:
        self._before: dict[str, Offsets] = {}

    def figures(self, state: State) -> list[Figure]:
        """The lag now; nothing where Kafka does not answer."""
        try:
            with open_admin(state) as admin:
                now = read(admin, time.time())
        except (ApiError, OSError):
            return []
        before, self._before[state.name] = self._before.get(state.name), now
        return list(figures(now, before))


def read(admin: Admin, at: float) -> Offsets:
    """Ask Kafka."""
    from kafka.admin import OffsetSpec

    groups = [str(group["group_id"]) for group in admin.list_groups() if _is_published(group)]
    committed = {
        group: {(p.topic, p.partition): o.offset for p, o in found.items() if o.offset >= 0}
        for group in groups
        for found in admin.list_group_offsets(group).values()
    }
    wanted = {partition for offsets in committed.values() for partition in offsets}
    asked = {_topic_partition(*partition): OffsetSpec.LATEST for partition in wanted}
    ends = admin.list_partition_offsets(asked) if asked else {}
    return Offsets(at, committed, {(p.topic, p.partition): found.offset for p, found in ends.items()})


def _topic_partition(topic: str, partition: int) -> object:
    from kafka import TopicPartition

    return TopicPartition(topic, partition)


def _is_published(group: Mapping[str, str]) -> bool:
    name = group["group_id"]
    is_known = group["group_state"] in _STATES and group.get("group_type") in _TYPES
    return is_known and name.isascii() and ":" not in name


def figures(now: Offsets, before: Offsets | None) -> Iterator[Figure]:
    """The metrics of every group.

    >>> was = Offsets(0.0, {}, {("t", 0): 40, ("t", 1): 10})
    >>> is_ = Offsets(10.0, {"g": {("t", 0): 80, ("t", 1): 10}}, {("t", 0): 100, ("t", 1): 10})
    >>> {f.metric: f.samples[0] for f in figures(is_, was) if f.partition is None}
    {'MaxOffsetLag': 20.0, 'SumOffsetLag': 20.0, 'EstimatedMaxTimeLag': 3.3333333333333335}
    """
    for group, committed in now.committed.items():
        for topic in sorted({topic for topic, _ in committed}):
            offsets: list[float] = []
            times: list[float] = []
            for (name, number), offset in committed.items():
                if name != topic or (topic, number) not in now.ends:
                    continue
                lag = float(max(0, now.ends[topic, number] - offset))
                offsets.append(lag)
                yield Figure("OffsetLag", (lag,), topic=topic, group=group, partition=number)
                time_s = _time_lag_s(lag, (topic, number), now, before)
                if time_s is not None:
                    times.append(time_s)
                    yield Figure("EstimatedTimeLag", (time_s,), topic=topic, group=group, partition=number)
            if offsets:
                yield Figure("MaxOffsetLag", (max(offsets),), topic=topic, group=group)
                yield Figure("SumOffsetLag", (sum(offsets),), topic=topic, group=group)
            if times and len(times) == len(offsets):
                yield Figure("EstimatedMaxTimeLag", (max(times),), topic=topic, group=group)


def _time_lag_s(lag: float, partition: Partition, now: Offsets, before: Offsets | None) -> float | None:
    """How old the next record is, if the partition has grown as fast as since `before`; None: not known."""
    if not lag:
        return 0.0
    if before is None or partition not in before.ends or now.at <= before.at:
        return None
    per_s = (now.ends[partition] - before.ends[partition]) / (now.at - before.at)
    return lag / per_s if per_s > 0 else None
