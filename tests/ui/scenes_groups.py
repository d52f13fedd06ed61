"""A cluster with consumer groups of every kind, told as samples."""

from __future__ import annotations

from functools import cache

from msktop.model.group_samples import GroupDescribed, GroupListed, GroupsSeen, MemberSeen
from msktop.model.samples import OffsetsSeen
from msktop.session import View
from tests.ui.world import START, World

TURN_S = 2.0
PARTITIONS = 6

GROUPS = {
    # name: topic, members, coordinator, records read a turn of 20 written, and from CHANGES_AT on
    "audit-archive": ("audit", 1, 1, 20, 20),
    "fraud-scoring": ("order-events", 12, 2, 20, 12),
    "ledger-export": ("ledger", 0, 3, 20, 0),
    "payments-settle": ("payments", 3, 4, 20, 0),
    "session-replay": ("sessions", 4, 5, 20, 20),
    "注文履歴-\x1b[2J": ("orders", 2, 6, 20, 20),
    "amazon.msk.canary.group.broker-1": ("orders", 1, 1, 20, 20),
}
CHANGES_AT = 60
WARM_S = 60.0
ENDS_AT, WRITTEN = 100_000, 20
"""Where each partition ends when the groups begin, and what is written to it in a turn."""


class Written(World):
    """The same is written to each partition, all the time: ENDS_AT a minute after the start."""

    def _offsets(self, i: int) -> OffsetsSeen:
        end = ENDS_AT + round((self.at - START - WARM_S) * WRITTEN / TURN_S)
        ends: dict[str, dict[int, int]] = {}
        for name in self.topics:
            for p in self.cluster.topics[name].partitions.values():
                if p.leader == i and p.number < PARTITIONS:
                    ends.setdefault(name, {})[p.number] = end
        return OffsetsSeen(at=self.at, leader_id=i, ends=ends, took_ms=1.2)


class Crowd:
    """The groups of GROUPS at work, turn by turn."""

    def __init__(self) -> None:
        self.world = Written()
        self.world.run(WARM_S)
        self._at = {name: dict.fromkeys(range(PARTITIONS), ENDS_AT) for name in GROUPS}
        self.silent: set[int] = set()

    def run(self, turns: int) -> Crowd:
        for turn in range(turns):
            self.world.run(TURN_S)
            for coordinator in self.world.ids:
                if coordinator not in self.silent:
                    self.world.say(self._turn(coordinator, turn))
        return self

    def _turn(self, coordinator: int, turn: int) -> GroupsSeen:
        listed, described, offsets = [], [], {}
        for name, (topic, members, where, before, after) in GROUPS.items():
            if where != coordinator:
                continue
            read = before if turn < CHANGES_AT else after
            for number in self._at[name]:
                stands = after == 0 and turn >= CHANGES_AT and number != 3 and members
                self._at[name][number] += 20 if stands else read
            gone = members == 0 and turn >= CHANGES_AT
            state = "Empty" if gone else "Stable"
            kind = "consumer" if members == 4 else "classic"
            listed.append(GroupListed(name=name, state=state, type=kind, protocol_type="consumer"))
            described.append(_described(name, topic, max(members, 0 if gone else 1), kind, state))
            offsets[name] = {topic: dict(self._at[name])}
        return GroupsSeen(
            at=self.world.at,
            coordinator_id=coordinator,
            keyframe=turn == 0,
            listed=tuple(listed),
            described=tuple(described),
            offsets=offsets,
            requests=3,
        )


def _described(name: str, topic: str, members: int, kind: str, state: str) -> GroupDescribed:
    owned = {m: tuple(p for p in range(PARTITIONS) if members and p % members == m) for m in range(members)}
    return GroupDescribed(
        name=name,
        state=state,
        assignor="uniform" if kind == "consumer" else "range",
        epoch=7 if kind == "consumer" else -1,
        members=tuple(
            MemberSeen(
                id=f"{topic}-{m}-5d0ee072-8781-4ce6-9a69-e59ef8e273fa",
                client_id=f"{topic}-{m}",
                host=f"10.20.{m % 3}.{50 + m}",
                rack=f"use1-az{m + 1}" if kind == "consumer" else None,
                assignment={topic: numbers} if numbers else {},
            )
            for m, numbers in owned.items()
        ),
    )


@cache
def groups_view() -> View:
    """One of each: fine, falling behind, stopped, stalled, of the new protocol, with an odd name, canary."""
    return Crowd().run(110).world.view


@cache
def silent_coordinator() -> View:
    """The coordinator of one group has told nothing for 24 s."""
    crowd = Crowd().run(40)
    crowd.silent.add(2)
    return crowd.run(12).world.view
