"""The topic operations: read by Metadata, changed by Kafka's own admin protocol."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from msktop.errors import LocalError
from msktop.local.api.messages import ApiError, Call
from msktop.local.plane import asked, names, shapes, waiting
from msktop.local.plane.records import Cluster, Member
from msktop.local.plane.registry import Registry
from msktop.local.plane.topic_admin import configs_of, open_admin, set_configs
from msktop.local.state import State
from msktop.wire.metadata import TopicEntry

Answer = dict[str, Any]


class Topics:
    """XTopic, ListTopics, DescribeTopicPartitions."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def list_topics(self, call: Call, **given: Member) -> Answer:
        """The topics whose names begin as asked for, Kafka's own ones too."""
        cluster, state = asked.running(self._registry, given["ClusterArn"])
        prefix = given.get("TopicNameFilter", "")
        found = [t for t in _topics(state) if t.name.startswith(prefix)]
        return asked.page("Topics", [shapes.topic(cluster, t.name, t.partitions) for t in found], given)

    def describe_topic(self, call: Call, **given: Member) -> Answer:
        """One topic; `Configs` has what is not the default, as name=value lines in Base64."""
        cluster, state = asked.running(self._registry, given["ClusterArn"])
        topic = _topic(state, given["TopicName"])
        shape = shapes.topic(cluster, topic.name, topic.partitions)
        del shape["OutOfSyncReplicaCount"]
        with open_admin(state) as admin:
            configs = configs_of(admin, topic.name)
        return {**shape, "Configs": encoded(configs), "Status": "ACTIVE"}

    def describe_topic_partitions(self, call: Call, **given: Member) -> Answer:
        """The partitions of one topic."""
        _, state = asked.running(self._registry, given["ClusterArn"])
        topic = _topic(state, given["TopicName"])
        listed = [
            {"Partition": p.partition, "Leader": p.leader, "Replicas": list(p.replicas), "Isr": list(p.isr)}
            for _, p in sorted(topic.partitions.items())
        ]
        return asked.page("Partitions", listed, given)

    def create_topic(self, call: Call, **given: Member) -> Answer:
        """Create a topic."""
        cluster, state = asked.running(self._registry, given["ClusterArn"])
        name = given["TopicName"]
        if not names.is_topic_name(name):
            raise asked.bad_request("topicName", "The topic name is not valid.")
        if given["ReplicationFactor"] > len(state.brokers):
            raise asked.bad_request("replicationFactor", "There are fewer brokers than replicas.")
        wanted = {
            "num_partitions": given["PartitionCount"],
            "replication_factor": given["ReplicationFactor"],
            "configs": decoded(given.get("Configs", "")),
        }
        with open_admin(state) as admin:
            admin.create_topics({name: wanted})
        return _changed(cluster, name, "CREATING")

    def update_topic(self, call: Call, **given: Member) -> Answer:
        """Give a topic more partitions, other settings, or both."""
        cluster, state = asked.running(self._registry, given["ClusterArn"])
        topic = _topic(state, given["TopicName"])
        configs, count = decoded(given.get("Configs", "")), given.get("PartitionCount")
        if count is not None and count < len(topic.partitions):
            raise asked.bad_request("partitionCount", "A topic cannot have fewer partitions than it has.")
        with open_admin(state) as admin:
            if configs:
                set_configs(admin, topic.name, configs)
            if count is not None and count > len(topic.partitions):
                admin.create_partitions({topic.name: count})
        return _changed(cluster, topic.name, "UPDATING")

    def delete_topic(self, call: Call, **given: Member) -> Answer:
        """Delete a topic with its records."""
        cluster, state = asked.running(self._registry, given["ClusterArn"])
        topic = _topic(state, given["TopicName"])
        with open_admin(state) as admin:
            admin.delete_topics([topic.name])
        return _changed(cluster, topic.name, "DELETING")


def encoded(configs: Mapping[str, str]) -> str:
    """Settings of a topic as the API has them.

    >>> encoded({"retention.ms": "1000"})
    'cmV0ZW50aW9uLm1zPTEwMDA='
    """
    return base64.b64encode("\n".join(f"{k}={v}" for k, v in configs.items()).encode()).decode()


def decoded(text: str) -> dict[str, str]:
    """The settings in such a text; raises ApiError.

    >>> decoded("cmV0ZW50aW9uLm1zPTEwMDA=")
    {'retention.ms': '1000'}
    """
    try:
        lines = base64.b64decode(text, validate=True).decode("ascii").splitlines()
        pairs = [line.split("=", 1) for line in lines if line.strip()]
        return {key.strip(): value.strip() for key, value in pairs}
    except (binascii.Error, ValueError):
        raise asked.bad_request("configs", "The configs are not name=value lines in Base64.") from None


def _topics(state: State) -> list[TopicEntry]:
    try:
        return waiting.topics(waiting.ask(state.brokers))
    except LocalError as e:
        raise ApiError("ServiceUnavailableException", f"No broker answers: {e.title}") from e


def _topic(state: State, name: str) -> TopicEntry:
    found = next((topic for topic in _topics(state) if topic.name == name), None)
    if found is None:
        raise asked.not_found("topicName", "The topic does not exist.")
    return found


def _changed(cluster: Cluster, name: str, status: str) -> Answer:
    return {"TopicArn": names.topic_arn(cluster.arn, name), "TopicName": name, "Status": status}
