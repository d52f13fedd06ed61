"""What makes, changes and ends topics: CreateTopics, CreatePartitions, DeleteTopics, IncrementalAlterConfigs.

And ElectLeaders. Each version used is offered by every Kafka from 2.4 (DeleteTopics 6: from 2.8) to today.
All go to the controller that Metadata names: other brokers of a ZooKeeper cluster refuse them.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from msktop.wire.call import Call
from msktop.wire.fields import (
    NO_TAGS,
    NULL,
    Reader,
    compact_array,
    compact_string,
    decoding,
    kafka_uuid_bytes,
)

CREATE_TOPICS, DELETE_TOPICS, CREATE_PARTITIONS, ELECT_LEADERS, ALTER_CONFIGS = 19, 20, 37, 43, 44
_BY_ID, _BY_NAME = 6, 4
_TOPIC_RESOURCE = 2
_SET, _DELETE = 0, 1
_PREFERRED = 0
ELECTION_NOT_NEEDED = 84


@dataclass(frozen=True, slots=True)
class Said:
    """What came of one topic, or of one partition of it: Kafka's error code and its own words."""

    name: str
    error: int
    message: str = ""
    partition: int | None = None


def _nullable(value: str | None) -> bytes:
    return NULL if value is None else compact_string(value)


# ------------------------------------------------------------------ requests


def create_topic(
    name: str,
    partitions: int,
    replication: int,
    config: Mapping[str, str],
    timeout_ms: int,
    *,
    validate_only: bool,
) -> Call:
    """One new topic; -1 partitions or replicas: as the brokers' default says."""
    settings = compact_array(
        compact_string(key) + compact_string(value) + NO_TAGS for key, value in config.items()
    )
    topic = (
        compact_string(name)
        + struct.pack(">ih", partitions, replication)
        + compact_array(())
        + settings
        + NO_TAGS
    )
    body = compact_array([topic]) + struct.pack(">i?", timeout_ms, validate_only) + NO_TAGS
    return Call("create_topics", CREATE_TOPICS, 5, body, flexible=True)


def create_partitions(name: str, count: int, timeout_ms: int, *, validate_only: bool) -> Call:
    """`count` partitions in all; the cluster chooses where the new ones are."""
    topic = compact_string(name) + struct.pack(">i", count) + NULL + NO_TAGS
    body = compact_array([topic]) + struct.pack(">i?", timeout_ms, validate_only) + NO_TAGS
    return Call("create_partitions", CREATE_PARTITIONS, 2, body, flexible=True)


def delete_topic(name: str, topic_id: str, timeout_ms: int) -> Call:
    """Exactly the topic with this id, and no other that has its name by now; by name where it has no id."""
    if topic_id:
        body = compact_array([NULL + kafka_uuid_bytes(topic_id) + NO_TAGS])
        version = _BY_ID
    else:
        body, version = compact_array([compact_string(name)]), _BY_NAME
    return Call(
        "delete_topics", DELETE_TOPICS, version, body + struct.pack(">i", timeout_ms) + NO_TAGS, flexible=True
    )


def alter_config(name: str, changes: Mapping[str, str | None], *, validate_only: bool) -> Call:
    """Set these settings of a topic; None gives one back to its default. Others stay as they are."""
    settings = compact_array(
        compact_string(key)
        + struct.pack(">b", _DELETE if value is None else _SET)
        + _nullable(value)
        + NO_TAGS
        for key, value in changes.items()
    )
    topic = struct.pack(">b", _TOPIC_RESOURCE) + compact_string(name) + settings + NO_TAGS
    body = compact_array([topic]) + struct.pack(">?", validate_only) + NO_TAGS
    return Call("incremental_alter_configs", ALTER_CONFIGS, 1, body, flexible=True)


def elect_leaders(partitions: Mapping[str, Iterable[int]], timeout_ms: int) -> Call:
    """The preferred (first) replica of each of these shall lead, if it is in sync."""
    topics = compact_array(
        compact_string(name) + compact_array(struct.pack(">i", n) for n in numbers) + NO_TAGS
        for name, numbers in partitions.items()
    )
    body = struct.pack(">b", _PREFERRED) + topics + struct.pack(">i", timeout_ms) + NO_TAGS
    return Call("elect_leaders", ELECT_LEADERS, 2, body, flexible=True)


# ------------------------------------------------------------------ answers


def created(body: bytes) -> list[Said]:
    """Decode CreateTopics 5. Raises WireError."""
    with decoding("create_topics"):
        r = Reader(body)
        r.int32()  # throttle time
        return r.compact_array(lambda: _created(r))


def _created(r: Reader) -> Said:
    said = Said(r.compact_string() or "", r.int16(), r.compact_string() or "")
    r.int32(), r.int16()  # partitions, replicas
    r.compact_array(lambda: _config_of_created(r))
    r.tags()
    return said


def _config_of_created(r: Reader) -> None:
    r.compact_string(), r.compact_string()
    r.boolean(), r.int8(), r.boolean()
    r.tags()


def partitions_created(body: bytes) -> list[Said]:
    """Decode CreatePartitions 2. Raises WireError."""
    with decoding("create_partitions"):
        r = Reader(body)
        r.int32()  # throttle time
        return r.compact_array(lambda: _plain(r))


def _plain(r: Reader) -> Said:
    said = Said(r.compact_string() or "", r.int16(), r.compact_string() or "")
    r.tags()
    return said


def deleted(body: bytes, version: int) -> list[Said]:
    """Decode DeleteTopics in the version of its request. Raises WireError."""
    with decoding("delete_topics"):
        r = Reader(body)
        r.int32()  # throttle time
        return r.compact_array(lambda: _deleted(r, version))


def _deleted(r: Reader, version: int) -> Said:
    name = r.compact_string() or ""
    if version >= _BY_ID:
        r.uuid()
    error = r.int16()
    message = (r.compact_string() or "") if version > _BY_NAME else ""
    r.tags()
    return Said(name, error, message)


def altered(body: bytes) -> list[Said]:
    """Decode IncrementalAlterConfigs 1. Raises WireError."""
    with decoding("incremental_alter_configs"):
        r = Reader(body)
        r.int32()  # throttle time
        return r.compact_array(lambda: _altered(r))


def _altered(r: Reader) -> Said:
    error, message = r.int16(), r.compact_string() or ""
    r.int8()
    said = Said(r.compact_string() or "", error, message)
    r.tags()
    return said


def elected(body: bytes) -> list[Said]:
    """Decode ElectLeaders 2: one for each partition; one without a name where all of it was refused.

    Raises WireError.
    """
    with decoding("elect_leaders"):
        r = Reader(body)
        r.int32()  # throttle time
        error = r.int16()
        found = [one for topic in r.compact_array(lambda: _elected(r)) for one in topic]
        return [Said("", error)] if error else found


def _elected(r: Reader) -> list[Said]:
    name = r.compact_string() or ""

    def partition() -> Said:
        number, error, message = r.int32(), r.int16(), r.compact_string() or ""
        r.tags()
        return Said(name, error, message, number)

    found = r.compact_array(partition)
    r.tags()
    return found
