"""What one coordinator said of its groups, and what its next answers change in that."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping

from msktop.model.group_samples import GroupDescribed, GroupListed, GroupsSeen, MemberSeen
from msktop.sources.pump import Clock
from msktop.wire import group_members, group_offsets, groups
from msktop.wire.call import Call
from msktop.wire.connection import Connection
from msktop.wire.group_members import CONSUMER_GROUP_DESCRIBE, SHARE_GROUP_DESCRIBE
from msktop.wire.groups import DESCRIBE_GROUPS, Description, Listed

TIMEOUT_S = 3.0
AT_ONCE = 2000
"""Groups in one request: two thousand of five partitions each are half a megabyte of answer."""
DESCRIBE_EVERY_S = 10.0
"""Members are asked for when a group's state changes, again at the next turn where it was another one by
then, and so often beside: most changes show as a state."""
KEYFRAME_S = 300.0
COST_FACTOR = 20
"""Members are asked for at most every so many times as long as that took: groups of thousands are large."""

UNSUPPORTED_VERSION = 35
"""Kafka before 3.0 fetches the offsets of one group at a time, which is not done from here."""

_WITHOUT_MEMBERS = frozenset({"Empty", "Dead", ""})
_DESCRIBED_BY = {"consumer": CONSUMER_GROUP_DESCRIBE, "share": SHARE_GROUP_DESCRIBE}


class Coordinated:
    """The groups of one broker, as they were at its last turn. For one thread."""

    def __init__(self) -> None:
        self._listed: dict[str, Listed] = {}
        self._list_body = b""
        self._list_error, self._found = 0, list[Listed]()
        self._pieces: Mapping[bytes, bytes] = {}
        self._descriptions: dict[str, Description] = {}
        self._bodies: dict[tuple[int, int], tuple[bytes, bytes]] = {}
        self._describe_at = 0.0
        self._keyframe_at = 0.0
        self._requests = self._bytes = 0

    def turn(self, broker: int, connection: Connection, clock: Clock) -> tuple[GroupsSeen, float]:
        """Ask once more: what changed, and for how many seconds the broker wants to be left alone.

        Raises WireError.
        """
        begun = time.monotonic()
        self._requests = self._bytes = 0
        error, found = self._list(connection)
        if error:
            return GroupsSeen(
                at=clock.now(), coordinator_id=broker, error=error, requests=self._requests
            ), 0.0
        keyframe_at, self._keyframe_at = self._keyframe_at, 0.0  # a turn that breaks off has told nothing
        keyframe = begun >= keyframe_at
        if keyframe:
            self._pieces, self._descriptions, self._bodies = {}, {}, {}
        before = {} if keyframe else self._listed
        now = {g.group: g for g in found}
        changed = [g for g in found if before.get(g.group) != g]
        offsets, errors, throttle_s = self._offsets(connection, [g for g in found if g.type != "share"])
        at = clock.now()
        described = self._members(connection, now, begun, changed=bool(changed))
        sample = GroupsSeen(
            at=at,
            coordinator_id=broker,
            keyframe=keyframe,
            listed=tuple(
                GroupListed(name=g.group, state=g.state, type=g.type, protocol_type=g.protocol_type)
                for g in changed
            ),
            gone=tuple(name for name in before if name not in now),
            offsets=offsets,
            described=tuple(described),
            errors=errors,
            requests=self._requests,
            took_ms=(time.monotonic() - begun) * 1e3,
            bytes=self._bytes,
        )
        self._listed = now
        self._keyframe_at = begun + KEYFRAME_S if keyframe else keyframe_at
        return sample, throttle_s

    def _ask(self, connection: Connection, call: Call) -> bytes:
        body = connection.ask(call, TIMEOUT_S)
        self._requests += 1
        self._bytes += len(body)
        return body

    # -------------------------------------------------------------- list and offsets

    def _list(self, connection: Connection) -> tuple[int, list[Listed]]:
        _, high = connection.versions.get(groups.LIST_GROUPS, (0, -1))
        version = groups.LIST_WITH_TYPE if high >= groups.LIST_WITH_TYPE else groups.LIST_WITH_STATE
        body = self._ask(connection, groups.list_groups(version))
        if body != self._list_body:
            self._list_error, self._found = groups.listed(body, version)
            self._list_body = body
        return self._list_error, self._found

    def _offsets(
        self, connection: Connection, found: list[Listed]
    ) -> tuple[dict[str, dict[str, dict[int, int]]], dict[str, int], float]:
        pieces: dict[bytes, bytes] = {}
        offsets: dict[str, dict[str, dict[int, int]]] = {}
        errors: dict[str, int] = {}
        throttle_s = 0.0
        _, high = connection.versions.get(group_offsets.OFFSET_FETCH, (0, -1))
        if high < group_offsets.OFFSET_FETCH_VERSION:
            return {}, {g.group: UNSUPPORTED_VERSION for g in found}, 0.0
        for some in _batches([g.group for g in found]):
            answer = self._ask(connection, group_offsets.fetch_request(some))
            fetched = group_offsets.split(answer, self._pieces)
            throttle_s += fetched.throttle_ms / 1e3
            pieces.update(fetched.pieces)
            for name in fetched.changed:
                group = group_offsets.group(fetched.pieces[name])
                moved = _moved(group, self._pieces.get(name))
                if group.error:
                    errors[group.group] = group.error
                    del pieces[name]  # told anew each time
                elif moved:
                    offsets[group.group] = moved
        self._pieces = pieces
        return offsets, errors, throttle_s

    # -------------------------------------------------------------- members

    def _members(
        self, connection: Connection, now: dict[str, Listed], begun: float, *, changed: bool
    ) -> Iterable[GroupDescribed]:
        left = [n for n in self._descriptions if n not in now or now[n].state in _WITHOUT_MEMBERS]
        for name in left:
            del self._descriptions[name]
        if left:
            self._bodies.clear()
        if not changed and begun < self._describe_at:
            return ()
        started = time.monotonic()
        out = []
        for api_key, version, some in self._to_describe(connection, now):
            for found in self._describe(connection, api_key, version, some):
                if self._descriptions.get(found.group) != found:
                    self._descriptions[found.group] = found
                    out.append(_described(found))
        took_s = time.monotonic() - started
        is_settled = all(d.state == now[name].state for name, d in self._descriptions.items() if not d.error)
        self._describe_at = begun + max(DESCRIBE_EVERY_S if is_settled else 0.0, COST_FACTOR * took_s)
        return out

    def _to_describe(
        self, connection: Connection, now: dict[str, Listed]
    ) -> Iterator[tuple[int, int, list[str]]]:
        by_api: dict[int, list[str]] = {}
        for group in now.values():
            if group.state not in _WITHOUT_MEMBERS:
                by_api.setdefault(_DESCRIBED_BY.get(group.type, DESCRIBE_GROUPS), []).append(group.group)
        for api_key, names in by_api.items():
            low, high = connection.versions.get(api_key, (0, -1))
            if api_key == DESCRIBE_GROUPS:
                version = groups.DESCRIBE_GROUPS_VERSION
            else:
                version = min(high, group_members.HIGHEST)
            if low <= version <= high:
                for some in _batches(names):
                    yield api_key, version, some

    def _describe(
        self, connection: Connection, api_key: int, version: int, some: list[str]
    ) -> list[Description]:
        """Descriptions that may have changed; none where the answer is the same bytes as before."""
        if api_key == DESCRIBE_GROUPS:
            call = groups.describe_groups(some)
        else:
            call = group_members.describe_groups(api_key, version, some)
        body = self._ask(connection, call)
        asked, answered = self._bodies.get((api_key, len(some)), (b"", b""))
        if asked == call.body and answered == body:
            return []
        self._bodies[api_key, len(some)] = (call.body, body)
        if api_key == DESCRIBE_GROUPS:
            return groups.described(body)
        return group_members.described(body, api_key, version)


def _moved(group: group_offsets.GroupOffsets, before: bytes | None) -> dict[str, dict[int, int]]:
    """What differs from the piece before; -1 where nothing is committed any more."""
    if before is None:
        return group.offsets
    known = group_offsets.group(before).offsets
    moved: dict[str, dict[int, int]] = {}
    for topic, offsets in group.offsets.items():
        old = known.get(topic, {})
        for number, offset in offsets.items():
            if old.get(number) != offset:
                moved.setdefault(topic, {})[number] = offset
    for topic, offsets in known.items():
        new = group.offsets.get(topic, {})
        for number in offsets:
            if number not in new and number not in group.errors.get(topic, {}):
                moved.setdefault(topic, {})[number] = -1
    return moved


def _described(found: Description) -> GroupDescribed:
    return GroupDescribed(
        name=found.group,
        state=found.state,
        assignor=found.assignor,
        epoch=found.epoch,
        members=tuple(
            MemberSeen(
                id=m.id,
                client_id=m.client_id,
                host=m.host,
                instance=m.instance,
                rack=m.rack,
                epoch=m.epoch,
                assignment=m.assignment,
            )
            for m in found.members
        ),
        error=found.error,
    )


def _batches(names: list[str]) -> Iterator[list[str]]:
    """At most AT_ONCE at a time.

    >>> [len(some) for some in _batches(["g"] * 4500)]
    [2000, 2000, 500]
    """
    for start in range(0, len(names), AT_ONCE):
        yield names[start : start + AT_ONCE]
