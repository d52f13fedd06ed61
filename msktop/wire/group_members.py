"""Members of groups of the newer protocols: ConsumerGroupDescribe 0 or 1, ShareGroupDescribe 0 or 1.

KIP-848's groups and KIP-932's share groups; DescribeGroups calls both dead.
"""

from __future__ import annotations

from collections.abc import Iterable

from msktop.wire.call import Call
from msktop.wire.fields import NO_TAGS, Reader, compact_array, compact_string, decoding
from msktop.wire.groups import Description, MemberEntry

CONSUMER_GROUP_DESCRIBE, SHARE_GROUP_DESCRIBE = 69, 77
HIGHEST = 1
"""Version 1 of both tells what we show; share groups of Kafka 4.0 (early access) have only 0."""
_NAMES = {CONSUMER_GROUP_DESCRIBE: "consumer_group_describe", SHARE_GROUP_DESCRIBE: "share_group_describe"}


def describe_groups(api_key: int, version: int, groups: Iterable[str]) -> Call:
    """The question for members and state of these groups."""
    body = compact_array(compact_string(g) for g in groups) + b"\0" + NO_TAGS
    return Call(_NAMES[api_key], api_key, version, body, flexible=True)


def described(body: bytes, api_key: int, version: int) -> list[Description]:
    """Decode the answer. Raises WireError."""
    is_share = api_key == SHARE_GROUP_DESCRIBE

    def member() -> MemberEntry:
        member_id = r.compact_string() or ""
        instance = None if is_share else r.compact_string()
        rack, epoch = r.compact_string(), r.int32()
        client_id, host = r.compact_string() or "", r.compact_string() or ""
        r.compact_array(r.compact_string)  # subscribed topics
        if not is_share:
            r.compact_string()  # subscribed by a pattern
        assignment = _assignment(r)
        if not is_share:
            _assignment(r)  # the target
            if version >= 1:
                r.int8()  # whether its client speaks the classic protocol
        r.tags()
        host = host.removeprefix("/")
        return MemberEntry(member_id, instance, client_id, host, assignment, rack or None, epoch)

    def one() -> Description:
        error, message = r.int16(), r.compact_string() or ""
        group, state = r.compact_string() or "", r.compact_string() or ""
        epoch, _ = r.int32(), r.int32()
        assignor = r.compact_string() or ""
        members = tuple(r.compact_array(member))
        r.int32()  # authorized operations, not asked for
        r.tags()
        return Description(group, error, state, assignor, members, epoch, message)

    with decoding(_NAMES[api_key]):
        r = Reader(body)
        r.int32()  # throttle time
        return r.compact_array(one)


def _assignment(r: Reader) -> dict[str, tuple[int, ...]]:
    def one() -> tuple[str, tuple[int, ...]]:
        r.uuid()
        found = r.compact_string() or "", tuple(r.compact_array(r.int32))
        r.tags()
        return found

    found = dict(r.compact_array(one))
    r.tags()
    return found
