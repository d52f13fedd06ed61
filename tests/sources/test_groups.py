"""One coordinator's turns: all at first, then what changed; what is denied or loading is said."""

from __future__ import annotations

from typing import Any, cast

import pytest
from kafka.protocol.admin import DescribeGroupsResponse, ListGroupsResponse

from msktop.model.group_samples import GroupsSeen
from msktop.sources.groups_turn import DESCRIBE_EVERY_S, Coordinated
from msktop.wire import group_offsets, groups
from msktop.wire.call import Call
from msktop.wire.connection import Connection
from msktop.wire.errors import WireError, timed_out
from msktop.wire.group_members import CONSUMER_GROUP_DESCRIBE, SHARE_GROUP_DESCRIBE
from tests.wire.test_groups import fetched, new_protocol_answer

Offsets = dict[str, dict[str, dict[int, tuple[int, int]]]]


class Clock:
    def now(self) -> float:
        return 5.0


class Broker:
    """Answers as a coordinator would; stands in for its connection."""

    def __init__(self) -> None:
        self.versions = {16: (0, 5), 9: (1, 10), 15: (0, 6), 69: (0, 1), 77: (1, 1)}
        self.groups: dict[str, tuple[str, str]] = {}
        self.offsets: Offsets = {}
        self.errors: dict[str, int] = {}
        self.list_error = 0
        self.hangs_at: int | None = None
        self.asked: list[Call] = []
        self.coordinated = Coordinated()

    def turn(self) -> GroupsSeen:
        self.asked.clear()
        sample, _ = self.coordinated.turn(1, cast(Connection, self), Clock())
        return sample

    def ask(self, call: Call, timeout_s: float) -> bytes:
        self.asked.append(call)
        if call.api_key == self.hangs_at:
            raise timed_out("describe_groups", timeout_s * 1e3)
        match call.api_key:
            case groups.LIST_GROUPS:
                return self._list(call.version)
            case group_offsets.OFFSET_FETCH:
                names = [n for n, (_, kind) in self.groups.items() if kind != "share"]
                return fetched({n: self.offsets.get(n, {}) for n in names}, self.errors)
            case groups.DESCRIBE_GROUPS:
                return self._describe()
        return new_protocol_answer(call.api_key, call.version)

    def _list(self, version: int) -> bytes:
        one = ListGroupsResponse.ListedGroup
        answer = ListGroupsResponse(
            throttle_time_ms=0,
            error_code=self.list_error,
            groups=[
                one(group_id=n, protocol_type="consumer", group_state=state, group_type=kind)
                for n, (state, kind) in self.groups.items()
            ],
        )
        return bytes(answer.encode(version=version))

    def _describe(self) -> bytes:
        one = DescribeGroupsResponse.DescribedGroup
        made: list[Any] = [
            one(
                error_code=0,
                group_id=n,
                group_state=state,
                protocol_type="consumer",
                protocol_data="range",
                members=[],
                authorized_operations=[],
            )
            for n, (state, kind) in self.groups.items()
            if kind == "classic" and state != "Empty"
        ]
        answer = DescribeGroupsResponse(throttle_time_ms=0, groups=made)
        return bytes(answer.encode(version=groups.DESCRIBE_GROUPS_VERSION))

    @property
    def keys(self) -> list[int]:
        return [call.api_key for call in self.asked]


def test_all_at_first_then_what_changed_in_two_requests() -> None:
    broker = Broker()
    broker.groups = {f"g-{n}": ("Empty", "classic") for n in range(200)}
    broker.offsets = {name: {"t": {0: (5, 0), 1: (7, 0)}} for name in broker.groups}
    first = broker.turn()
    assert (first.keyframe, len(first.listed), len(first.offsets), first.requests) == (True, 200, 200, 2)
    second = broker.turn()
    assert (second.keyframe, second.listed, second.offsets, second.requests) == (False, (), {}, 2)
    broker.offsets["g-3"] = {"t": {0: (5, 0), 1: (9, 0)}}
    broker.offsets["g-4"] = {"t": {0: (5, 0)}}
    assert broker.turn().offsets == {"g-3": {"t": {1: 9}}, "g-4": {"t": {1: -1}}}
    del broker.groups["g-4"]
    broker.groups["new"] = ("Stable", "classic")
    third = broker.turn()
    assert (third.gone, [g.name for g in third.listed]) == (("g-4",), ["new"])
    assert [d.name for d in third.described] == ["new"]


def test_members_are_asked_for_by_their_protocol_and_only_where_there_are_any() -> None:
    broker = Broker()
    broker.groups = {"g": ("Stable", "consumer"), "quiet": ("Empty", "classic")}
    first = broker.turn()
    assert broker.keys == [16, 9, CONSUMER_GROUP_DESCRIBE]
    assert [d.name for d in first.described] == ["g"]
    assert broker.turn().requests == 2
    assert DESCRIBE_EVERY_S > 2.0
    broker.groups["g"] = ("Reconciling", "consumer")
    assert broker.turn().described == ()  # asked again, answered as before
    assert broker.keys == [16, 9, CONSUMER_GROUP_DESCRIBE]


def test_what_a_turn_that_broke_off_has_read_is_told_by_the_next() -> None:
    broker = Broker()
    broker.groups = {"g": ("Stable", "classic")}
    broker.offsets = {"g": {"t": {0: (5, 0)}}}
    broker.turn()
    broker.offsets["g"] = {"t": {0: (9, 0)}}
    broker.groups["new"], broker.hangs_at = ("Stable", "classic"), groups.DESCRIBE_GROUPS
    with pytest.raises(WireError):
        broker.turn()
    broker.hangs_at = None
    told = broker.turn()
    assert told.offsets == {"g": {"t": {0: 9}}}
    assert [d.name for d in told.described] == ["g", "new"]
    assert not broker.turn().keyframe


def test_share_groups_commit_nothing() -> None:
    broker = Broker()
    broker.groups = {"g": ("Stable", "share")}
    sample = broker.turn()
    assert broker.keys == [16, SHARE_GROUP_DESCRIBE]
    assert (sample.offsets, [g.type for g in sample.listed]) == ({}, ["share"])


def test_an_older_kafka_tells_no_type() -> None:
    broker = Broker()
    broker.versions[16] = (0, 4)
    broker.groups = {"g": ("Stable", "")}
    assert [g.type for g in broker.turn().listed] == [""]
    assert broker.keys == [16, 9, 15]


def test_denied_offsets_are_said_each_time_and_are_back_when_allowed() -> None:
    broker = Broker()
    broker.groups = {"g": ("Empty", "classic")}
    broker.offsets = {"g": {"t": {0: (5, 0)}}}
    broker.turn()
    broker.errors = {"g": 30}
    assert [broker.turn().errors for _ in range(2)] == [{"g": 30}, {"g": 30}]
    broker.errors = {}
    assert broker.turn().offsets == {"g": {"t": {0: 5}}}


def test_a_coordinator_that_still_loads_takes_nothing_away() -> None:
    broker = Broker()
    broker.groups = {"g": ("Empty", "classic")}
    broker.turn()
    broker.groups, broker.list_error = {}, 14
    sample = broker.turn()
    assert (sample.error, sample.gone, sample.keyframe) == (14, (), False)


def test_a_kafka_that_fetches_no_offsets_of_many_groups_still_tells_their_states() -> None:
    broker = Broker()
    broker.versions[9] = (0, 7)
    broker.groups = {"g": ("Stable", "classic")}
    sample = broker.turn()
    assert (sample.errors, [g.state for g in sample.listed]) == ({"g": 35}, ["Stable"])
