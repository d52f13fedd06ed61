"""Consumer groups: FindCoordinator 4, ListGroups 4 or 5, DescribeGroups 5, DeleteGroups 2.

Each asks for many groups at once. Offered by every Kafka from 3.0 to today; ListGroups 5 tells the type.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from msktop.wire.call import Call
from msktop.wire.fields import NO_TAGS, Reader, compact_array, compact_string, decoding

FIND_COORDINATOR, DESCRIBE_GROUPS, LIST_GROUPS, DELETE_GROUPS = 10, 15, 16, 42
FIND_COORDINATOR_VERSION, DESCRIBE_GROUPS_VERSION, DELETE_GROUPS_VERSION = 4, 5, 2
LIST_WITH_TYPE, LIST_WITH_STATE = 5, 4
"""Kafka 3.8 and later tell a group's type."""

_FALSE = b"\0"
_GROUP_KEY = b"\0"
"""Key type of FindCoordinator: a group, not a transaction."""


@dataclass(frozen=True, slots=True)
class Coordinator:
    """Who coordinates a group; `node` is -1 where there is an error."""

    group: str
    node: int
    host: str
    port: int
    error: int
    message: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """One group in the list of its coordinator."""

    group: str
    protocol_type: str
    """`consumer`; empty of a group that only keeps offsets."""
    state: str
    """Kafka's word: Stable, Empty, PreparingRebalance, …"""
    type: str = ""
    """classic, consumer, share, streams; empty where the broker does not tell."""


@dataclass(frozen=True, slots=True)
class MemberEntry:
    """One member of a group. `assignment`: topic → partitions."""

    id: str
    instance: str | None
    client_id: str
    host: str
    assignment: dict[str, tuple[int, ...]]
    rack: str | None = None
    """Told by the newer protocols only."""
    epoch: int = -1


@dataclass(frozen=True, slots=True)
class Description:
    """One group as its coordinator describes it; with an error nothing else holds."""

    group: str
    error: int
    state: str = ""
    assignor: str = ""
    members: tuple[MemberEntry, ...] = ()
    epoch: int = -1
    """Of the newer protocols: grows with each new assignment."""
    message: str = ""


# ------------------------------------------------------------------ who coordinates


def find_coordinators(groups: Iterable[str]) -> Call:
    """The question who coordinates these groups."""
    body = _GROUP_KEY + compact_array(compact_string(g) for g in groups) + NO_TAGS
    return Call("find_coordinator", FIND_COORDINATOR, FIND_COORDINATOR_VERSION, body, flexible=True)


def coordinators(body: bytes) -> list[Coordinator]:
    """Decode FindCoordinator 4. Raises WireError."""

    def one() -> Coordinator:
        group, node = r.compact_string() or "", r.int32()
        host, port = r.compact_string() or "", r.int32()
        found = Coordinator(group, node, host, port, r.int16(), r.compact_string() or "")
        r.tags()
        return found

    with decoding("find_coordinator"):
        r = Reader(body)
        r.int32()  # throttle time
        return r.compact_array(one)


# ------------------------------------------------------------------ list


def list_groups(version: int) -> Call:
    """The question which groups a broker coordinates, in all states and of all types."""
    filters = compact_array(()) * (2 if version >= LIST_WITH_TYPE else 1)
    return Call("list_groups", LIST_GROUPS, version, filters + NO_TAGS, flexible=True)


def listed(body: bytes, version: int) -> tuple[int, list[Listed]]:
    """Decode ListGroups: error code and groups. Raises WireError."""

    def one() -> Listed:
        group, protocol_type = r.compact_string() or "", r.compact_string() or ""
        state = r.compact_string() or ""
        kind = (r.compact_string() or "") if version >= LIST_WITH_TYPE else ""
        r.tags()
        return Listed(group, protocol_type, state, kind)

    with decoding("list_groups"):
        r = Reader(body)
        r.int32()  # throttle time
        return r.int16(), r.compact_array(one)


# ------------------------------------------------------------------ describe


def describe_groups(groups: Iterable[str]) -> Call:
    """The question for members and state of groups of the classic protocol."""
    body = compact_array(compact_string(g) for g in groups) + _FALSE + NO_TAGS
    return Call("describe_groups", DESCRIBE_GROUPS, DESCRIBE_GROUPS_VERSION, body, flexible=True)


def described(body: bytes) -> list[Description]:
    """Decode DescribeGroups 5. Raises WireError."""

    def member() -> MemberEntry:
        member_id, instance = r.compact_string() or "", r.compact_string()
        client_id, host = r.compact_string() or "", r.compact_string() or ""
        r.compact_bytes()  # what it subscribed to
        assignment = assigned(r.compact_bytes())
        r.tags()
        return MemberEntry(member_id, instance, client_id, host.removeprefix("/"), assignment)

    def one() -> Description:
        error, group, state = r.int16(), r.compact_string() or "", r.compact_string() or ""
        r.compact_string()  # protocol type: ListGroups has it
        assignor = r.compact_string() or ""
        members = tuple(r.compact_array(member))
        r.int32()  # authorized operations, not asked for
        r.tags()
        return Description(group, error, state, assignor, members)

    with decoding("describe_groups"):
        r = Reader(body)
        r.int32()  # throttle time
        return r.compact_array(one)


def assigned(data: bytes) -> dict[str, tuple[int, ...]]:
    r"""What a classic member consumes, by the consumers' own format; empty where it is another's.

    >>> assigned(b"\0\0" b"\0\0\0\1" b"\0\1t" b"\0\0\0\2\0\0\0\0\0\0\0\5" b"\xff\xff\xff\xff")
    {'t': (0, 5)}
    >>> assigned(b"connect's own")
    {}
    """
    r = Reader(data)
    found: dict[str, tuple[int, ...]] = {}
    try:
        if not data or r.int16() < 0:
            return {}
        for _ in range(r.int32()):
            name = r.string() or ""
            found[name] = tuple(r.array(r.int32))
    except (ValueError, IndexError):
        return {}
    return found


# ------------------------------------------------------------------ delete


def delete_groups(groups: Iterable[str]) -> Call:
    """The order to forget these groups and their offsets; a group with members refuses."""
    body = compact_array(compact_string(g) for g in groups) + NO_TAGS
    return Call("delete_groups", DELETE_GROUPS, DELETE_GROUPS_VERSION, body, flexible=True)


def deleted(body: bytes) -> dict[str, int]:
    """Decode DeleteGroups 2: error code by group. Raises WireError."""

    def one() -> tuple[str, int]:
        result = r.compact_string() or "", r.int16()
        r.tags()
        return result

    with decoding("delete_groups"):
        r = Reader(body)
        r.int32()  # throttle time
        return dict(r.compact_array(one))
