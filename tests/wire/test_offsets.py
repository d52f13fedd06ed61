"""End offsets: what Kafka's schema says is read, and only what changed is told."""

from __future__ import annotations

import pytest
from kafka.protocol.consumer import ListOffsetsRequest, ListOffsetsResponse

from msktop.wire.errors import WireError
from msktop.wire.offsets import VERSION, changed, request, topic_request


def body(topics: dict[str, dict[int, int]], errors: dict[tuple[str, int], int] | None = None) -> bytes:
    r = ListOffsetsResponse.ListOffsetsTopicResponse
    answer = ListOffsetsResponse(
        throttle_time_ms=0,
        topics=[
            r(
                name=name,
                partitions=[
                    r.ListOffsetsPartitionResponse(
                        partition_index=p,
                        error_code=(errors or {}).get((name, p), 0),
                        timestamp=-1,
                        offset=offset,
                        leader_epoch=3,
                    )
                    for p, offset in ends.items()
                ],
            )
            for name, ends in topics.items()
        ],
    )
    return bytes(answer.encode(version=VERSION))


def test_the_request_is_what_kafkas_schema_makes() -> None:
    t = ListOffsetsRequest.ListOffsetsTopic

    def partition(index: int) -> object:
        return t.ListOffsetsPartition(partition_index=index, current_leader_epoch=-1, timestamp=-1)

    wanted = ListOffsetsRequest(
        replica_id=-1,
        isolation_level=0,
        topics=[t(name="a", partitions=[partition(0), partition(5)]), t(name="ü", partitions=[partition(2)])],
    )
    ours = request([topic_request("a", (0, 5)), topic_request("ü", (2,))])
    assert ours == bytes(wanted.encode(version=VERSION))


def test_only_partitions_that_moved_are_told() -> None:
    first = changed(body({"a": {0: 10, 1: 20}, "b": {0: 5}}), {})
    assert first.ends == {"a": {0: 10, 1: 20}, "b": {0: 5}}
    second = changed(body({"a": {0: 10, 1: 23}, "b": {0: 5}}), first.pieces)
    assert second.ends == {"a": {1: 23}}
    assert changed(body({"a": {0: 10, 1: 23}, "b": {0: 5}}), second.pieces).ends == {}


def test_an_error_is_told_instead_of_an_offset() -> None:
    first = changed(body({"a": {0: 10, 1: 20}}), {})
    second = changed(body({"a": {0: -1, 1: 21}}, {("a", 0): 6}), first.pieces)
    assert (second.ends, second.errors) == ({"a": {1: 21}}, {"a": {0: 6}})


def test_every_cut_answer_is_refused() -> None:
    whole = body({"a": {0: 10, 1: 20}})
    for size in range(len(whole)):
        with pytest.raises(WireError, match="does not follow"):
            changed(whole[:size], {})
