"""Metadata, version 10 (Kafka 2.8 and later): split by topic first, decode only what is wanted.

A response of 200,000 partitions is mostly what the one before was. So it is cut into one piece of bytes per
topic; where the bytes are those of the known piece, one comparison stands for the whole topic.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from msktop.wire.fields import NO_TAGS, Reader, compact_string, decoding, kafka_uuid, uvarint

API_KEY = 3
VERSION = 10
"""The first version with topic ids, without which a topic that was made anew cannot be told from its past."""

_ANY_TOPIC_ID = bytes(16)
_PARTITION = struct.Struct(">hiii")


class Node(NamedTuple):
    """One broker as Metadata lists it."""

    id: int
    host: str
    port: int
    rack: str | None


class PartitionEntry(NamedTuple):
    """One partition; `leader` is -1 where there is none."""

    partition: int
    leader: int
    leader_epoch: int
    replicas: tuple[int, ...]
    isr: tuple[int, ...]
    offline: tuple[int, ...]
    error: int


@dataclass(frozen=True, slots=True)
class TopicEntry:
    """One topic, decoded; partitions by index."""

    name: str
    topic_id: str
    internal: bool
    error: int
    partitions: Mapping[int, PartitionEntry]


@dataclass(frozen=True, slots=True)
class Answer:
    """A response cut into topics: `topics` maps the name's bytes to the topic's bytes, in their order."""

    brokers: tuple[Node, ...]
    cluster_id: str | None
    controller_id: int
    topics: Mapping[bytes, bytes]
    throttle_ms: int
    size: int


def request(topics: Iterable[bytes] | None) -> bytes:
    """The body that asks for these topics by name, or for all (None); never creates one."""
    if topics is None:
        asked = uvarint(0)
    else:
        entries = [_ANY_TOPIC_ID + compact_string(name.decode()) + NO_TAGS for name in topics]
        asked = uvarint(len(entries) + 1) + b"".join(entries)
    auto_create = cluster_operations = topic_operations = b"\0"
    return asked + auto_create + cluster_operations + topic_operations + NO_TAGS


def split(body: bytes, known: Mapping[bytes, bytes]) -> Answer:
    """Cut a response into topics. `known`: pieces of an earlier answer; an equal piece is that same object.

    Raises WireError.
    """
    with decoding("metadata"):
        r = Reader(body)
        throttle_ms = r.int32()
        brokers = tuple(r.compact_array(lambda: _node(r)))
        cluster_id = r.compact_string()
        controller_id = r.int32()
        topics = _pieces(body, r, known)
        r.int32()  # authorized operations, not asked for
        r.tags()
        return Answer(brokers, cluster_id, controller_id, topics, throttle_ms, len(body))


def _node(r: Reader) -> Node:
    node = Node(r.int32(), r.compact_string() or "", r.int32(), r.compact_string())
    r.tags()
    return node


def _pieces(body: bytes, r: Reader, known: Mapping[bytes, bytes]) -> dict[bytes, bytes]:
    topics: dict[bytes, bytes] = {}
    for _ in range(r.uvarint() - 1):
        start = r.at
        r.at += 2  # error code
        name = r.take(r.uvarint() - 1)
        piece = known.get(name)
        if piece is not None and body.startswith(piece, start):
            r.at = start + len(piece)
        else:
            _skip_topic(body, r)
            piece = body[start : r.at]
        topics[name] = piece
    return topics


def _skip_topic(body: bytes, r: Reader) -> None:
    """Go from behind the name to behind the topic."""
    r.at += 17  # id, internal
    for _ in range(r.uvarint() - 1):
        r.at += _PARTITION.size
        for _ in range(3):
            count = r.uvarint()
            r.at += 4 * max(0, count - 1)
        if body[r.at]:
            r.tags()
        else:
            r.at += 1
    r.at += 4  # authorized operations
    r.tags()
    if r.at > len(body):
        raise ValueError("a topic ends behind the response's end")


def topic(piece: bytes) -> TopicEntry:
    """Decode one topic of `Answer.topics`. Raises WireError."""
    with decoding("metadata"):
        r = Reader(piece)
        error = r.int16()
        name = r.compact_string() or ""
        topic_id = kafka_uuid(r.take(16))
        internal = r.boolean()
        partitions = _partitions(piece, r)
        return TopicEntry(name, topic_id, internal, error, partitions)


def _partitions(piece: bytes, r: Reader) -> dict[int, PartitionEntry]:
    """The partitions, by number. Equal lists of ids become one tuple."""
    partitions = {}
    shared: dict[bytes, tuple[int, ...]] = {}
    for _ in range(r.uvarint() - 1):
        error, partition, leader, leader_epoch = _PARTITION.unpack_from(piece, r.at)
        r.at += _PARTITION.size
        lists = []
        for _ in range(3):
            count = piece[r.at]
            if count < 0x80:  # nearly always one byte: not worth a call
                r.at += 1
            else:
                count = r.uvarint()
            end = r.at + 4 * (count - 1) if count else r.at
            raw = piece[r.at : end]
            r.at = end
            ids = shared.get(raw)
            if ids is None:
                ids = shared[raw] = struct.unpack(f">{max(0, count - 1)}i", raw)
            lists.append(ids)
        if piece[r.at]:
            r.tags()
        else:
            r.at += 1
        replicas, isr, offline = lists
        partitions[partition] = PartitionEntry(partition, leader, leader_epoch, replicas, isr, offline, error)
    return partitions
