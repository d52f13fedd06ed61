"""What brokers say of themselves, encoded by classes made from Kafka's schemas and read by ours."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from kafka.protocol.admin import (
    DescribeConfigsRequest,
    DescribeConfigsResponse,
    DescribeLogDirsRequest,
    DescribeLogDirsResponse,
    DescribeQuorumRequest,
    DescribeQuorumResponse,
)
from kafka.protocol.metadata import ApiVersionsRequest, ApiVersionsResponse

from msktop.wire import describe
from msktop.wire.describe import LOG_DIRS_PLAIN, LOG_DIRS_WITH_VOLUME, LogDir, QuorumReplica, Setting
from msktop.wire.errors import WireError


def api_versions_body(throttle_ms: int = 0) -> bytes:
    r = ApiVersionsResponse
    supported = [r.SupportedFeatureKey(name="metadata.version", min_version=7, max_version=27)]
    finalized = [r.FinalizedFeatureKey(name="metadata.version", max_version_level=25, min_version_level=25)]
    answer = r(
        error_code=0,
        api_keys=[r.ApiVersion(api_key=3, min_version=0, max_version=13)],
        throttle_time_ms=throttle_ms,
        supported_features=supported,
        finalized_features_epoch=1,
        finalized_features=finalized,
    )
    return bytes(answer.encode(version=describe.API_VERSIONS_VERSION))


def configs_body(error: int = 0, throttle_ms: int = 0) -> bytes:
    r = DescribeConfigsResponse.DescribeConfigsResult
    settings = [("a", "1", 4, False), ("password", "secret", 4, True), ("b", None, 5, False)]
    configs = [
        r.DescribeConfigsResourceResult(
            name=name, value=value, read_only=True, config_source=source, is_sensitive=sensitive, synonyms=[]
        )
        for name, value, source, sensitive in settings
    ]
    result = r(
        error_code=error,
        error_message=None,
        resource_type=4,
        resource_name="1",
        configs=[] if error else configs,
    )
    answer = DescribeConfigsResponse(throttle_time_ms=throttle_ms, results=[result])
    return bytes(answer.encode(version=describe.DESCRIBE_CONFIGS_VERSION))


def log_dirs_body(
    version: int = LOG_DIRS_WITH_VOLUME, *, empty: bool = False, error: int = 0, throttle_ms: int = 0
) -> bytes:
    r = DescribeLogDirsResponse.DescribeLogDirsResult
    t = r.DescribeLogDirsTopic
    partitions = [
        t.DescribeLogDirsPartition(
            partition_index=p, partition_size=100 + p, offset_lag=0, is_future_key=False
        )
        for p in range(3)
    ]
    results = [
        r(
            error_code=0,
            log_dir="/data",
            topics=[t(name="orders", partitions=partitions)],
            total_bytes=1000,
            usable_bytes=400,
        ),
        r(error_code=56, log_dir="/broken", topics=[], total_bytes=-1, usable_bytes=-1),
    ]
    answer = DescribeLogDirsResponse(
        throttle_time_ms=throttle_ms, error_code=error, results=[] if empty else results
    )
    return bytes(answer.encode(version=version))


def quorum_body(error: int = 0) -> bytes:
    r = DescribeQuorumResponse
    t = r.TopicData
    voters = [
        t.PartitionData.ReplicaState(
            replica_id=i, log_end_offset=50 - i, last_fetch_timestamp=ts, last_caught_up_timestamp=caught
        )
        for i, ts, caught in [(1, -1, 9000), (2, 8500, 8400), (3, -1, -1)]
    ]
    partition = t.PartitionData(
        partition_index=0,
        error_code=0,
        leader_id=1,
        leader_epoch=4,
        high_watermark=48,
        current_voters=voters,
        observers=[],
    )
    topics = [t(topic_name="__cluster_metadata", partitions=[partition])]
    answer = r(error_code=error, topics=[] if error else topics)
    return bytes(answer.encode(version=describe.DESCRIBE_QUORUM_VERSION))


def test_supported_and_finalized_features_are_told_apart() -> None:
    software = describe.api_versions(api_versions_body())
    assert software.apis == {3: (0, 13)}
    assert software.features == {"metadata.version": (7, 27)}
    assert software.finalized == {"metadata.version": 25}


def test_settings_are_read_and_a_sensitive_value_is_dropped() -> None:
    assert describe.configs(configs_body()) == (
        0,
        [
            Setting("a", "1", "STATIC_BROKER_CONFIG", False),
            Setting("password", None, "STATIC_BROKER_CONFIG", True),
            Setting("b", None, "DEFAULT_CONFIG", False),
        ],
    )


def test_the_throttle_time_is_read_of_every_answer_that_has_one() -> None:
    assert describe.throttle_ms(configs_body(throttle_ms=70)) == 70
    assert describe.throttle_ms(log_dirs_body(throttle_ms=80)) == 80
    assert describe.throttle_ms(log_dirs_body(LOG_DIRS_PLAIN, throttle_ms=90)) == 90
    assert describe.api_versions(api_versions_body(throttle_ms=60)).throttle_ms == 60


def test_denied_settings_carry_their_error() -> None:
    assert describe.configs(configs_body(error=31)) == (31, [])


def test_log_dirs_are_summed_by_topic_with_the_volume_where_it_is_told() -> None:
    assert describe.log_dirs(log_dirs_body(), LOG_DIRS_WITH_VOLUME) == (
        0,
        [LogDir("/data", 0, {"orders": (3, 303)}, 1000, 400), LogDir("/broken", 56, {}, None, None)],
    )
    assert describe.log_dirs(log_dirs_body(LOG_DIRS_PLAIN), LOG_DIRS_PLAIN) == (
        0,
        [LogDir("/data", 0, {"orders": (3, 303)}, None, None), LogDir("/broken", 56, {}, None, None)],
    )


def test_denied_log_dirs_are_never_taken_for_none() -> None:
    assert describe.log_dirs(log_dirs_body(empty=True, error=31), LOG_DIRS_WITH_VOLUME) == (31, [])
    assert describe.log_dirs(log_dirs_body(LOG_DIRS_PLAIN, empty=True), LOG_DIRS_PLAIN) == (31, [])


def test_the_quorum_is_read_and_an_unknown_time_is_none() -> None:
    quorum = describe.quorum(quorum_body())
    assert (quorum.error, quorum.leader_id, quorum.leader_epoch, quorum.high_watermark) == (0, 1, 4, 48)
    assert quorum.voters == (
        QuorumReplica(1, 49, None, 9000),
        QuorumReplica(2, 48, 8500, 8400),
        QuorumReplica(3, 47, None, None),
    )


def test_a_denied_quorum_carries_its_error() -> None:
    assert describe.quorum(quorum_body(error=31)).error == 31


def test_requests_are_what_kafkas_schemas_make() -> None:
    hello = ApiVersionsRequest(client_software_name="msktop", client_software_version="1.2")
    assert describe.api_versions_request("1.2") == bytes(hello.encode(version=describe.API_VERSIONS_VERSION))
    resource = DescribeConfigsRequest.DescribeConfigsResource(
        resource_type=4, resource_name="7", configuration_keys=None
    )
    configs = DescribeConfigsRequest(resources=[resource])
    assert describe.configs_request(7) == bytes(configs.encode(version=describe.DESCRIBE_CONFIGS_VERSION))
    for version in (LOG_DIRS_PLAIN, LOG_DIRS_WITH_VOLUME):
        log_dirs = DescribeLogDirsRequest(topics=None)
        assert describe.log_dirs_request(version) == bytes(log_dirs.encode(version=version))
    topic = DescribeQuorumRequest.TopicData
    quorum = DescribeQuorumRequest(
        topics=[topic(topic_name="__cluster_metadata", partitions=[topic.PartitionData(partition_index=0)])]
    )
    assert describe.quorum_request() == bytes(quorum.encode(version=describe.DESCRIBE_QUORUM_VERSION))


@pytest.mark.parametrize(
    ("whole", "read"),
    [
        (api_versions_body(), describe.api_versions),
        (configs_body(), describe.configs),
        (log_dirs_body(), lambda body: describe.log_dirs(body, LOG_DIRS_WITH_VOLUME)),
        (quorum_body(), describe.quorum),
    ],
    ids=["api_versions", "configs", "log_dirs", "quorum"],
)
def test_every_cut_answer_is_refused(whole: bytes, read: Callable[[bytes], object]) -> None:
    for size in range(len(whole) - 3):  # the ends are empty tagged fields
        with pytest.raises(WireError, match="does not follow"):
            read(whole[:size])
