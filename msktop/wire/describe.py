"""What a broker says of itself: ApiVersions 3, DescribeConfigs 1, DescribeLogDirs 1 or 4, DescribeQuorum 1.

The smallest versions that tell what we show; each is offered by every Kafka from 3.3 to today.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from msktop.wire.fields import NO_TAGS, NULL_ARRAY, Reader, compact_string, decoding, string, uvarint

LIST_OFFSETS, METADATA, API_VERSIONS, DESCRIBE_CONFIGS, DESCRIBE_LOG_DIRS, DESCRIBE_QUORUM = (
    2,
    3,
    18,
    32,
    35,
    55,
)

API_VERSIONS_VERSION = 3
DESCRIBE_CONFIGS_VERSION = 1
LOG_DIRS_WITH_VOLUME = 4
"""Kafka 3.3 and later tell the volume's size."""
LOG_DIRS_PLAIN = 1
DESCRIBE_QUORUM_VERSION = 1

_BROKER_RESOURCE = 4
_METADATA_LOG = "__cluster_metadata"


# ------------------------------------------------------------------ ApiVersions


@dataclass(frozen=True, slots=True)
class Software:
    """What a broker supports. `features`: supported levels by name; `finalized`: the cluster's levels."""

    error: int
    apis: dict[int, tuple[int, int]]
    features: dict[str, tuple[int, int]]
    finalized: dict[str, int]
    throttle_ms: int = 0


def api_versions_request(version: str) -> bytes:
    """The body of ApiVersions 3; brokers count clients by name and version."""
    return compact_string("msktop") + compact_string(version or "0") + NO_TAGS


def api_versions(body: bytes) -> Software:
    """Decode ApiVersions 3. Raises WireError."""
    with decoding("api_versions"):
        r = Reader(body)
        error = r.int16()
        if error:
            return Software(error, {}, {}, {})
        apis = {}
        for _ in range(r.uvarint() - 1):
            api_key, low, high = r.int16(), r.int16(), r.int16()
            r.tags()
            apis[api_key] = (low, high)
        throttle_ms = r.int32()
        tags = r.tags()
        features = {name: (low, high) for name, low, high in _features(tags.get(0))}
        finalized = {name: high for name, high, _low in _features(tags.get(2))}
        return Software(error, apis, features, finalized, throttle_ms)


def throttle_ms(body: bytes) -> int:
    """The throttle time that answers to DescribeConfigs and DescribeLogDirs begin with. Raises WireError."""
    with decoding("throttle_time"):
        return Reader(body).int32()


def _features(raw: bytes | None) -> list[tuple[str, int, int]]:
    if raw is None:
        return []
    r = Reader(raw)

    def feature() -> tuple[str, int, int]:
        entry = (r.compact_string() or "", r.int16(), r.int16())
        r.tags()
        return entry

    return r.compact_array(feature)


# ------------------------------------------------------------------ DescribeConfigs

_SOURCES = {
    1: "DYNAMIC_TOPIC_CONFIG",
    2: "DYNAMIC_BROKER_CONFIG",
    3: "DYNAMIC_DEFAULT_BROKER_CONFIG",
    4: "STATIC_BROKER_CONFIG",
    5: "DEFAULT_CONFIG",
    6: "DYNAMIC_BROKER_LOGGER_CONFIG",
}
DEFAULT = "DEFAULT_CONFIG"


@dataclass(frozen=True, slots=True)
class Setting:
    """One broker setting; `source` is Kafka's name for where it was set."""

    name: str
    value: str | None
    source: str
    sensitive: bool


def configs_request(broker_id: int) -> bytes:
    """The body that asks for all settings of one broker; only that broker can answer."""
    resource = struct.pack(">b", _BROKER_RESOURCE) + string(str(broker_id)) + NULL_ARRAY
    return struct.pack(">i", 1) + resource + b"\0"


def configs(body: bytes) -> tuple[int, list[Setting]]:
    """Error code and settings. A sensitive value is None, whatever the broker sent. Raises WireError."""
    with decoding("describe_configs"):
        r = Reader(body)
        r.int32()  # throttle time
        if r.int32() < 1:
            return 0, []
        error = r.int16()
        r.string()  # message
        r.int8()
        r.string()
        return error, r.array(lambda: setting(r)[0])


def setting(r: Reader) -> tuple[Setting, list[tuple[str, str | None]]]:
    """One setting; and, where asked for, where it was set to what, most particular first."""
    name, value = r.string() or "", r.string()
    r.boolean()  # read-only
    source = r.int8()
    sensitive = r.boolean()

    def synonym() -> tuple[str, str | None]:
        r.string()
        other, where = r.string(), r.int8()
        return _SOURCES.get(where, str(where)), None if sensitive else other

    synonyms = r.array(synonym)
    return Setting(name, None if sensitive else value, _SOURCES.get(source, str(source)), sensitive), synonyms


# ------------------------------------------------------------------ DescribeLogDirs


_REPLICA, _TAGGED_REPLICA = struct.Struct(">iqq?"), struct.Struct(">iqq?B")
"""Partition, bytes, lag, whether it is a future one; behind it the count of tagged fields."""


@dataclass(frozen=True, slots=True)
class LogDir:
    """One log directory; `topics`: name → (replicas, bytes). Volume sizes are None where not told."""

    path: str
    error: int
    topics: dict[str, tuple[int, int]]
    total_bytes: int | None
    usable_bytes: int | None


def log_dirs_request(version: int) -> bytes:
    """The body that asks for all topics."""
    return uvarint(0) + NO_TAGS if version >= LOG_DIRS_WITH_VOLUME else NULL_ARRAY


def log_dirs(body: bytes, version: int) -> tuple[int, list[LogDir]]:
    """Error code and directories. Raises WireError.

    Version 1 has no error code of its own: to who may not see, it says nothing at all. A broker has at least
    one directory, so no directory is taken for error 31, CLUSTER_AUTHORIZATION_FAILED.
    """
    with decoding("describe_log_dirs"):
        r = Reader(body)
        r.int32()  # throttle time
        if version >= LOG_DIRS_WITH_VOLUME:
            return r.int16(), r.compact_array(lambda: _log_dir(r))
        dirs = r.array(lambda: _plain_log_dir(r))
        return (0 if dirs else 31), dirs


def _log_dir(r: Reader) -> LogDir:
    error, path = r.int16(), r.compact_string() or ""
    topics = {}
    for _ in range(r.uvarint() - 1):
        name = r.compact_string() or ""
        topics[name] = _sizes(r, max(0, r.uvarint() - 1), _TAGGED_REPLICA)
        r.tags()
    total, usable = r.int64(), r.int64()
    r.tags()
    return LogDir(path, error, topics, total if total >= 0 else None, usable if usable >= 0 else None)


def _plain_log_dir(r: Reader) -> LogDir:
    error, path = r.int16(), r.string() or ""
    topics = {}
    for _ in range(max(0, r.int32())):
        name = r.string() or ""
        topics[name] = _sizes(r, max(0, r.int32()), _REPLICA)
    return LogDir(path, error, topics, None, None)


def _sizes(r: Reader, count: int, shape: struct.Struct) -> tuple[int, int]:
    """How many replicas, and their bytes."""
    entries = list(shape.iter_unpack(r.take(count * shape.size)))
    if any(entry[4] for entry in entries if len(entry) > 4):
        raise ValueError("tagged fields that nobody defined")
    return count, sum(entry[1] for entry in entries)


# ------------------------------------------------------------------ DescribeQuorum


@dataclass(frozen=True, slots=True)
class QuorumReplica:
    """One replica of the metadata log. Times are ms of the quorum leader's own clock, None: not known."""

    id: int
    log_end_offset: int
    fetched_ms: int | None
    caught_up_ms: int | None


@dataclass(frozen=True, slots=True)
class Quorum:
    """The KRaft quorum as its leader sees it; with an `error`, nothing else counts."""

    error: int
    leader_id: int = -1
    leader_epoch: int = -1
    high_watermark: int = -1
    voters: tuple[QuorumReplica, ...] = ()
    observers: tuple[QuorumReplica, ...] = ()


def quorum_request() -> bytes:
    """The body that asks for the one partition of the metadata log."""
    partitions = uvarint(2) + struct.pack(">i", 0) + NO_TAGS
    return uvarint(2) + compact_string(_METADATA_LOG) + partitions + NO_TAGS + NO_TAGS


def quorum(body: bytes) -> Quorum:
    """Decode DescribeQuorum 1. Raises WireError."""
    with decoding("describe_quorum"):
        r = Reader(body)
        error = r.int16()
        if error or r.uvarint() < 2:
            return Quorum(error or -1)
        r.compact_string()
        if r.uvarint() < 2:
            return Quorum(-1)
        r.int32()  # partition
        error = r.int16()
        leader_id, epoch, high_watermark = r.int32(), r.int32(), r.int64()
        voters = tuple(r.compact_array(lambda: _quorum_replica(r)))
        observers = tuple(r.compact_array(lambda: _quorum_replica(r)))
        return Quorum(error, leader_id, epoch, high_watermark, voters, observers)


def _quorum_replica(r: Reader) -> QuorumReplica:
    replica_id, end, fetched, caught_up = r.int32(), r.int64(), r.int64(), r.int64()
    r.tags()
    return QuorumReplica(
        replica_id, end, fetched if fetched >= 0 else None, caught_up if caught_up >= 0 else None
    )
