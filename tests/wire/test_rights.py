"""What a broker lets us do, encoded by classes made from Kafka's schemas and read by ours."""

from __future__ import annotations

import pytest
from kafka.protocol.admin import (
    DescribeClusterRequest,
    DescribeClusterResponse,
    ListGroupsRequest,
    ListGroupsResponse,
)

from msktop.wire import rights
from msktop.wire.errors import WireError


def described(codes: set[int], error: int = 0) -> bytes:
    r = DescribeClusterResponse
    brokers = [r.DescribeClusterBroker(broker_id=1, host="b-1", port=9092, rack=None)]
    answer = r(
        throttle_time_ms=0,
        error_code=error,
        error_message="no" if error else None,
        cluster_id="c",
        controller_id=1,
        brokers=brokers,
        authorized_operations=codes,
    )
    return bytes(answer.encode(version=0))


@pytest.mark.parametrize(("codes", "allowed"), [({8, 10}, {"Describe", "DescribeConfigs"}), (set(), set())])
def test_allowed_operations_are_the_bits_of_their_codes(codes: set[int], allowed: set[str]) -> None:
    assert rights.cluster_operations(described(codes)) == (0, frozenset(allowed))


def test_a_broker_that_does_not_tell_is_not_one_that_allows_nothing() -> None:
    body = described(set())[:-5] + (-(1 << 31)).to_bytes(4, signed=True) + b"\0"
    assert rights.cluster_operations(body) == (0, None)


def test_an_error_is_told_with_whatever_follows_it() -> None:
    assert rights.cluster_operations(described(set(), error=31))[0] == 31


def test_groups_are_listed_by_name() -> None:
    listed = [
        ListGroupsResponse.ListedGroup(group_id=name, protocol_type="consumer") for name in ("billing", "ü")
    ]
    body = ListGroupsResponse(throttle_time_ms=0, error_code=0, groups=listed).encode(version=1)
    assert rights.groups(bytes(body)) == (0, ["billing", "ü"])


def test_questions_are_as_kafkas_schemas_have_them() -> None:
    wanted = DescribeClusterRequest(include_cluster_authorized_operations=True).encode(version=0)
    assert rights.describe_cluster().body == bytes(wanted)
    assert rights.list_groups().body == bytes(ListGroupsRequest().encode(version=1))


def test_half_an_answer_is_no_answer() -> None:
    with pytest.raises(WireError, match="does not follow Kafka's schema"):
        rights.cluster_operations(described(set())[:-3])
