"""Groups and their offsets: what Kafka's schema says is asked, and read."""

from __future__ import annotations

import struct

import pytest
from kafka.protocol.admin import (
    DeleteGroupsRequest,
    DeleteGroupsResponse,
    DescribeGroupsRequest,
    DescribeGroupsResponse,
    ListGroupsRequest,
    ListGroupsResponse,
)
from kafka.protocol.consumer import (
    OffsetCommitRequest,
    OffsetCommitResponse,
    OffsetFetchRequest,
    OffsetFetchResponse,
)
from kafka.protocol.metadata import FindCoordinatorRequest, FindCoordinatorResponse

from msktop.wire import group_members, group_offsets, groups
from msktop.wire.errors import WireError
from msktop.wire.fields import compact_array, compact_string

ODD = "ü→\n\x1b[2J"


def test_find_coordinator() -> None:
    ours = groups.find_coordinators(["a", ODD])
    wanted = FindCoordinatorRequest(key_type=0, coordinator_keys=["a", ODD])
    assert ours.body == bytes(wanted.encode(version=ours.version))
    c = FindCoordinatorResponse.Coordinator
    answer = FindCoordinatorResponse(
        throttle_time_ms=0,
        coordinators=[
            c(key="a", node_id=2, host="h", port=9092, error_code=0, error_message=None),
            c(key=ODD, node_id=-1, host="", port=-1, error_code=15, error_message="not yet"),
        ],
    )
    assert groups.coordinators(bytes(answer.encode(version=ours.version))) == [
        groups.Coordinator("a", 2, "h", 9092, 0),
        groups.Coordinator(ODD, -1, "", -1, 15, "not yet"),
    ]


@pytest.mark.parametrize("version", [4, 5])
def test_list_groups(version: int) -> None:
    ours = groups.list_groups(version)
    assert ours.body == bytes(ListGroupsRequest(states_filter=[], types_filter=[]).encode(version=version))
    g = ListGroupsResponse.ListedGroup
    answer = ListGroupsResponse(
        throttle_time_ms=0,
        error_code=0,
        groups=[g(group_id=ODD, protocol_type="consumer", group_state="Stable", group_type="classic")],
    )
    kind = "classic" if version == 5 else ""
    found = groups.listed(bytes(answer.encode(version=version)), version)
    assert found == (0, [groups.Listed(ODD, "consumer", "Stable", kind)])


def describe_answer() -> bytes:
    d = DescribeGroupsResponse.DescribedGroup
    assignment = struct.pack(">hi", 0, 1) + b"\0\1t" + struct.pack(">iiii", 2, 0, 5, -1)
    member = d.DescribedGroupMember(
        member_id="m-1",
        group_instance_id=None,
        client_id="c",
        client_host="/10.0.0.1",
        member_metadata=b"xyz",
        member_assignment=assignment,
    )
    answer = DescribeGroupsResponse(
        throttle_time_ms=0,
        groups=[
            d(
                error_code=0,
                group_id="g",
                group_state="Stable",
                protocol_type="consumer",
                protocol_data="range",
                members=[member],
                authorized_operations=[],
            )
        ],
    )
    return bytes(answer.encode(version=groups.DESCRIBE_GROUPS_VERSION))


def test_describe_groups() -> None:
    ours = groups.describe_groups(["g"])
    wanted = DescribeGroupsRequest(groups=["g"], include_authorized_operations=False)
    assert ours.body == bytes(wanted.encode(version=ours.version))
    member = groups.MemberEntry("m-1", None, "c", "10.0.0.1", {"t": (0, 5)})
    assert groups.described(describe_answer()) == [
        groups.Description("g", 0, "Stable", "range", (member,)),
    ]


def test_delete_groups() -> None:
    ours = groups.delete_groups(["a", "b"])
    assert ours.body == bytes(DeleteGroupsRequest(groups_names=["a", "b"]).encode(version=ours.version))
    r = DeleteGroupsResponse.DeletableGroupResult
    answer = DeleteGroupsResponse(
        throttle_time_ms=0, results=[r(group_id="a", error_code=0), r(group_id="b", error_code=68)]
    )
    assert groups.deleted(bytes(answer.encode(version=ours.version))) == {"a": 0, "b": 68}


def test_offset_fetch_asks_for_all_topics_of_many_groups() -> None:
    ours = group_offsets.fetch_request(["a", ODD])
    g = OffsetFetchRequest.OffsetFetchRequestGroup
    wanted = OffsetFetchRequest(
        groups=[g(group_id="a", topics=None), g(group_id=ODD, topics=None)], require_stable=False
    )
    assert ours.body == bytes(wanted.encode(version=ours.version))


def fetched(offsets: dict[str, dict[str, dict[int, tuple[int, int]]]], errors: dict[str, int]) -> bytes:
    g = OffsetFetchResponse.OffsetFetchResponseGroup
    t = g.OffsetFetchResponseTopics
    answer = OffsetFetchResponse(
        throttle_time_ms=7,
        groups=[
            g(
                group_id=name,
                error_code=errors.get(name, 0),
                topics=[
                    t(
                        name=topic,
                        partitions=[
                            t.OffsetFetchResponsePartitions(
                                partition_index=n,
                                committed_offset=offset,
                                committed_leader_epoch=-1,
                                metadata="why" * 60 if n else None,
                                error_code=error,
                            )
                            for n, (offset, error) in partitions.items()
                        ],
                    )
                    for topic, partitions in topics.items()
                ],
            )
            for name, topics in offsets.items()
        ],
    )
    return bytes(answer.encode(version=group_offsets.OFFSET_FETCH_VERSION))


def test_only_groups_whose_offsets_moved_are_decoded() -> None:
    first = group_offsets.split(fetched({"a": {"t": {0: (5, 0), 1: (7, 0)}}, ODD: {}}, {ODD: 30}), {})
    assert (first.changed, first.throttle_ms) == ((b"a", ODD.encode()), 7)
    assert group_offsets.group(first.pieces[b"a"]).offsets == {"t": {0: 5, 1: 7}}
    assert group_offsets.group(first.pieces[ODD.encode()]).error == 30
    moved = fetched({"a": {"t": {0: (5, 0), 1: (9, 0)}}, ODD: {}}, {ODD: 30})
    second = group_offsets.split(moved, first.pieces)
    assert second.changed == (b"a",)
    assert second.pieces[ODD.encode()] is first.pieces[ODD.encode()]
    assert group_offsets.split(moved, second.pieces).changed == ()


def test_nothing_committed_and_an_error_are_no_offsets() -> None:
    found = group_offsets.split(fetched({"a": {"t": {0: (-1, 0), 1: (-1, 29), 2: (0, 0)}}}, {}), {})
    group = group_offsets.group(found.pieces[b"a"])
    assert (group.offsets, group.errors) == ({"t": {2: 0}}, {"t": {1: 29}})


def test_commit_from_outside() -> None:
    ours = group_offsets.commit_request("g", {"t": {0: 5, 3: 0}, ODD: {1: 9}})
    t = OffsetCommitRequest.OffsetCommitRequestTopic

    def partition(number: int, offset: int) -> object:
        return t.OffsetCommitRequestPartition(
            partition_index=number,
            committed_offset=offset,
            committed_leader_epoch=-1,
            committed_metadata="",
        )

    wanted = OffsetCommitRequest(
        group_id="g",
        generation_id_or_member_epoch=-1,
        member_id="",
        group_instance_id=None,
        topics=[
            t(name="t", partitions=[partition(0, 5), partition(3, 0)]),
            t(name=ODD, partitions=[partition(1, 9)]),
        ],
    )
    assert ours.body == bytes(wanted.encode(version=ours.version))
    r = OffsetCommitResponse.OffsetCommitResponseTopic
    answer = OffsetCommitResponse(
        throttle_time_ms=0,
        topics=[r(name="t", partitions=[r.OffsetCommitResponsePartition(partition_index=3, error_code=25)])],
    )
    assert group_offsets.committed(bytes(answer.encode(version=ours.version))) == {("t", 3): 25}


def new_protocol_answer(api_key: int, version: int) -> bytes:
    """By KIP-848's and KIP-932's schemas; kafka-python knows neither."""
    null, no_tags, is_share = b"\0", b"\0", api_key == group_members.SHARE_GROUP_DESCRIBE
    topic = bytes(15) + b"\1" + compact_string("t") + compact_array([struct.pack(">i", 4)]) + no_tags
    assignment = compact_array([topic]) + no_tags
    member = compact_string("m") + (b"" if is_share else null) + compact_string("use1-az1")
    member += struct.pack(">i", 3) + compact_string("c") + compact_string("/h")
    member += compact_array([compact_string("t")]) + (b"" if is_share else null) + assignment
    member += (b"" if is_share else assignment + (b"\1" if version else b"")) + no_tags
    group = struct.pack(">h", 0) + null + compact_string("g") + compact_string("Stable")
    group += struct.pack(">ii", 3, 3) + compact_string("uniform") + compact_array([member])
    return struct.pack(">i", 0) + compact_array([group + struct.pack(">i", -1) + no_tags]) + no_tags


@pytest.mark.parametrize(("api_key", "version"), [(69, 0), (69, 1), (77, 1)])
def test_groups_of_the_newer_protocols(api_key: int, version: int) -> None:
    member = groups.MemberEntry("m", None, "c", "h", {"t": (4,)}, "use1-az1", 3)
    found = group_members.described(new_protocol_answer(api_key, version), api_key, version)
    assert found == [groups.Description("g", 0, "Stable", "uniform", (member,), 3)]


def test_every_cut_answer_is_refused() -> None:
    whole = fetched({"a": {"t": {0: (5, 0), 1: (7, 0)}}}, {})[:-1]
    for size in range(len(whole)):
        with pytest.raises(WireError, match="does not follow"):
            group_offsets.split(whole[:size], {})
    members = describe_answer()[:-1]
    for size in range(len(members)):
        with pytest.raises(WireError, match="does not follow"):
            groups.described(members[:size])
    newer = new_protocol_answer(69, 1)[:-1]
    for size in range(len(newer)):
        with pytest.raises(WireError, match="does not follow"):
            group_members.described(newer[:size], 69, 1)
