"""Requests about topics, compared with what classes made from Kafka's schemas encode, and their answers."""

from __future__ import annotations

import uuid

from kafka.protocol.admin import (
    CreatePartitionsRequest,
    CreatePartitionsResponse,
    CreateTopicsRequest,
    CreateTopicsResponse,
    DeleteTopicsRequest,
    DeleteTopicsResponse,
    DescribeConfigsRequest,
    DescribeConfigsResponse,
    ElectLeadersRequest,
    ElectLeadersResponse,
    IncrementalAlterConfigsRequest,
    IncrementalAlterConfigsResponse,
)

from msktop.wire import topic_configs, topics
from msktop.wire.fields import kafka_uuid
from msktop.wire.topics import Said

ID = uuid.UUID(int=7)


def test_create_topics() -> None:
    t = CreateTopicsRequest.CreatableTopic
    wanted = CreateTopicsRequest(
        topics=[
            t(
                name="orders",
                num_partitions=6,
                replication_factor=3,
                assignments=[],
                configs=[t.CreatableTopicConfig(name="retention.ms", value="1000")],
            )
        ],
        timeout_ms=5000,
        validate_only=True,
    )
    call = topics.create_topic("orders", 6, 3, {"retention.ms": "1000"}, 5000, validate_only=True)
    assert call.body == bytes(wanted.encode(version=call.version))
    r = CreateTopicsResponse.CreatableTopicResult
    answer = CreateTopicsResponse(
        throttle_time_ms=0,
        topics=[
            r(
                name="orders",
                error_code=36,
                error_message="there",
                num_partitions=6,
                replication_factor=3,
                configs=[
                    r.CreatableTopicConfigs(
                        name="a", value=None, read_only=False, config_source=5, is_sensitive=False
                    )
                ],
            )
        ],
    )
    assert topics.created(bytes(answer.encode(version=call.version))) == [Said("orders", 36, "there")]


def test_create_partitions() -> None:
    t = CreatePartitionsRequest.CreatePartitionsTopic
    wanted = CreatePartitionsRequest(
        topics=[t(name="ü", count=9, assignments=None)], timeout_ms=5000, validate_only=False
    )
    call = topics.create_partitions("ü", 9, 5000, validate_only=False)
    assert call.body == bytes(wanted.encode(version=call.version))
    r = CreatePartitionsResponse.CreatePartitionsTopicResult
    answer = CreatePartitionsResponse(
        throttle_time_ms=0, results=[r(name="ü", error_code=37, error_message="fewer")]
    )
    assert topics.partitions_created(bytes(answer.encode(version=call.version))) == [Said("ü", 37, "fewer")]


def test_delete_topics_by_id_and_by_name() -> None:
    t = DeleteTopicsRequest.DeleteTopicState
    by_id = topics.delete_topic("orders", kafka_uuid(ID.bytes), 5000)
    wanted = DeleteTopicsRequest(topics=[t(name=None, topic_id=ID)], timeout_ms=5000)
    assert by_id.body == bytes(wanted.encode(version=by_id.version))
    by_name = topics.delete_topic("orders", "", 5000)
    wanted = DeleteTopicsRequest(topic_names=["orders"], timeout_ms=5000)
    assert by_name.body == bytes(wanted.encode(version=by_name.version))
    r = DeleteTopicsResponse.DeletableTopicResult
    answer = DeleteTopicsResponse(
        throttle_time_ms=0, responses=[r(name="orders", topic_id=ID, error_code=100, error_message="gone")]
    )
    for call, said in ((by_id, "gone"), (by_name, "")):
        body = bytes(answer.encode(version=call.version))
        assert topics.deleted(body, call.version) == [Said("orders", 100, said)]


def test_incremental_alter_configs() -> None:
    t = IncrementalAlterConfigsRequest.AlterConfigsResource
    configs = [
        t.AlterableConfig(name="retention.ms", config_operation=0, value="5"),
        t.AlterableConfig(name="cleanup.policy", config_operation=1, value=None),
    ]
    wanted = IncrementalAlterConfigsRequest(
        resources=[t(resource_type=2, resource_name="orders", configs=configs)], validate_only=True
    )
    call = topics.alter_config("orders", {"retention.ms": "5", "cleanup.policy": None}, validate_only=True)
    assert call.body == bytes(wanted.encode(version=call.version))
    r = IncrementalAlterConfigsResponse.AlterConfigsResourceResponse
    answer = IncrementalAlterConfigsResponse(
        throttle_time_ms=0,
        responses=[r(error_code=40, error_message="no", resource_type=2, resource_name="orders")],
    )
    assert topics.altered(bytes(answer.encode(version=call.version))) == [Said("orders", 40, "no")]


def test_elect_leaders() -> None:
    t = ElectLeadersRequest.TopicPartitions
    wanted = ElectLeadersRequest(
        election_type=0, topic_partitions=[t(topic="orders", partitions=[0, 2])], timeout_ms=5000
    )
    call = topics.elect_leaders({"orders": [0, 2]}, 5000)
    assert call.body == bytes(wanted.encode(version=call.version))
    r = ElectLeadersResponse.ReplicaElectionResult
    result = r(
        topic="orders",
        partition_result=[r.PartitionResult(partition_id=2, error_code=84, error_message="led already")],
    )
    answer = ElectLeadersResponse(throttle_time_ms=0, error_code=0, replica_election_results=[result])
    assert topics.elected(bytes(answer.encode(version=2))) == [Said("orders", 84, "led already", 2)]
    answer = ElectLeadersResponse(throttle_time_ms=0, error_code=31, replica_election_results=[])
    assert topics.elected(bytes(answer.encode(version=2))) == [Said("", 31)]


def configs_body(*named: str, value: str = "1", error: int = 0) -> bytes:
    r = DescribeConfigsResponse.DescribeConfigsResult
    s = r.DescribeConfigsResourceResult.DescribeConfigsSynonym

    def one(name: str, source: int) -> object:
        return r.DescribeConfigsResourceResult(
            name=name,
            value=value,
            read_only=False,
            config_source=source,
            is_sensitive=False,
            synonyms=[
                s(name=name, value=value, source=source),
                s(name=f"log.{name}", value="9", source=5),
            ],
        )

    results = [
        r(
            error_code=error,
            error_message="no" if error else None,
            resource_type=2,
            resource_name=name,
            configs=[] if error else [one("retention.ms", 1), one("cleanup.policy", 5)],
        )
        for name in named
    ]
    answer = DescribeConfigsResponse(throttle_time_ms=0, results=results)
    return bytes(answer.encode(version=1))


def test_configs_of_topics_are_asked_for_and_cut_by_topic() -> None:
    t = DescribeConfigsRequest.DescribeConfigsResource
    wanted = DescribeConfigsRequest(
        resources=[
            t(resource_type=2, resource_name="a", configuration_keys=None),
            t(resource_type=2, resource_name="ü", configuration_keys=None),
        ],
        include_synonyms=True,
    )
    assert topic_configs.request(["a", "ü"], defaults=True).body == bytes(wanted.encode(version=1))
    first = topic_configs.split(configs_body("a", "ü"), {})
    second = topic_configs.split(configs_body("a", "ü"), first)
    assert all(second[name] is first[name] for name in ("a", "ü"))
    read = topic_configs.config(first["ü"])
    assert (read.settings["retention.ms"].own, read.settings["retention.ms"].default) == (True, "9")
    assert not read.settings["cleanup.policy"].own
    changed = topic_configs.split(configs_body("a", "ü", value="2"), first)
    assert topic_configs.config(changed["a"]).settings["retention.ms"].value == "2"


def test_a_topic_that_may_not_be_seen_has_an_error_and_no_settings() -> None:
    read = topic_configs.config(topic_configs.split(configs_body("a", error=29), {})["a"])
    assert (read.error, read.message, read.settings) == (29, "no", {})
