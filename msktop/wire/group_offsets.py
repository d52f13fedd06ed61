"""Committed offsets: OffsetFetch 8 of many groups at once, OffsetCommit 8.

Most groups' answer is the same bytes as before: those are compared, not decoded.
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
)

OFFSET_COMMIT, OFFSET_FETCH = 8, 9
OFFSET_COMMIT_VERSION, OFFSET_FETCH_VERSION = 8, 8

Offsets = Mapping[str, Mapping[int, int]]
"""Offset by topic and partition."""

_ALL_TOPICS = NULL
_NOT_ONLY_STABLE = b"\0"
_OFFSET = struct.Struct(">iqi")
"""Partition, offset, leader epoch."""
_NO_GENERATION = struct.pack(">i", -1)


# ------------------------------------------------------------------ fetch


def fetch_request(groups: Iterable[str]) -> Call:
    """The question for all offsets that these groups, which one broker coordinates, have committed."""
    asked = compact_array(compact_string(g) + _ALL_TOPICS + NO_TAGS for g in groups)
    body = asked + _NOT_ONLY_STABLE + NO_TAGS
    return Call("offset_fetch", OFFSET_FETCH, OFFSET_FETCH_VERSION, body, flexible=True)


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer cut into groups."""

    pieces: Mapping[bytes, bytes]
    """By the group's name: what the next answer is compared with."""
    changed: tuple[bytes, ...]
    """Names of the groups whose bytes differ from the answer before."""
    throttle_ms: int


def split(body: bytes, before: Mapping[bytes, bytes]) -> Fetched:
    """Cut an answer into groups; an equal piece is the same object as before. Raises WireError."""
    with decoding("offset_fetch"):
        r = Reader(body)
        throttle_ms = r.int32()
        pieces: dict[bytes, bytes] = {}
        changed = []
        for _ in range(r.uvarint() - 1):
            start = r.at
            name = r.take(r.uvarint() - 1)
            piece = before.get(name)
            if piece is not None and body.startswith(piece, start):
                r.at = start + len(piece)
            else:
                _skip_group(body, r)
                piece = body[start : r.at]
                changed.append(name)
            pieces[name] = piece
        return Fetched(pieces, tuple(changed), throttle_ms)


def _skip_group(body: bytes, r: Reader) -> None:
    """Go from behind the name to behind the group."""
    for _ in range(r.uvarint() - 1):
        size = r.uvarint() - 1  # of the topic's name
        r.at += size
        for _ in range(r.uvarint() - 1):
            r.at += _OFFSET.size
            size = max(0, r.uvarint() - 1)  # of the metadata
            r.at += size + 2  # and the error
            _skip_tags(body, r)
        _skip_tags(body, r)
    r.at += 2  # error
    _skip_tags(body, r)
    if r.at > len(body):
        raise ValueError("a group ends behind the answer's end")


def _skip_tags(body: bytes, r: Reader) -> None:
    if body[r.at]:
        r.tags()
    else:
        r.at += 1


@dataclass(frozen=True, slots=True)
class GroupOffsets:
    """What one group has committed."""

    group: str
    error: int
    offsets: dict[str, dict[int, int]]
    """Without partitions in which nothing is committed."""
    errors: dict[str, dict[int, int]]
    """Kafka's error code of single partitions."""


def group(piece: bytes) -> GroupOffsets:
    """Decode one piece of `Fetched.pieces`. Raises WireError."""
    with decoding("offset_fetch"):
        r = Reader(piece)
        name = r.compact_string() or ""
        offsets: dict[str, dict[int, int]] = {}
        errors: dict[str, dict[int, int]] = {}
        for _ in range(r.uvarint() - 1):
            topic = r.compact_string() or ""
            for _ in range(r.uvarint() - 1):
                partition, offset, _epoch = _OFFSET.unpack(r.take(_OFFSET.size))
                size = max(0, r.uvarint() - 1)  # of the metadata
                r.at += size
                error = r.int16()
                _skip_tags(piece, r)
                if error:
                    errors.setdefault(topic, {})[partition] = error
                elif offset >= 0:
                    offsets.setdefault(topic, {})[partition] = offset
            _skip_tags(piece, r)
        return GroupOffsets(name, r.int16(), offsets, errors)


# ------------------------------------------------------------------ change


def commit_request(group_id: str, offsets: Offsets) -> Call:
    """The order to set a group's offsets from outside (no member, no generation): it must be empty."""

    def partition(number: int, offset: int) -> bytes:
        return _OFFSET.pack(number, offset, -1) + compact_string("") + NO_TAGS

    topics = compact_array(
        compact_string(topic) + compact_array(partition(n, o) for n, o in wanted.items()) + NO_TAGS
        for topic, wanted in offsets.items()
    )
    body = compact_string(group_id) + _NO_GENERATION + compact_string("") + NULL + topics + NO_TAGS
    return Call("offset_commit", OFFSET_COMMIT, OFFSET_COMMIT_VERSION, body, flexible=True)


def committed(body: bytes) -> dict[tuple[str, int], int]:
    """Decode OffsetCommit 8: error code by topic and partition. Raises WireError."""
    found: dict[tuple[str, int], int] = {}
    with decoding("offset_commit"):
        r = Reader(body)
        r.int32()  # throttle time
        for _ in range(r.uvarint() - 1):
            topic = r.compact_string() or ""
            for _ in range(r.uvarint() - 1):
                number = r.int32()
                found[topic, number] = r.int16()
                r.tags()
            r.tags()
        return found
