"""ListOffsets, version 5 (Kafka 2.2 to today): end offsets, with a fixed width per partition.

An idle topic's answer is the same bytes as before, so it is compared, not decoded.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from msktop.wire.call import Call
from msktop.wire.fields import Reader, decoding, string

API_KEY = 2
VERSION = 5

LATEST, EARLIEST = -1, -2
_CONSUMER = struct.pack(
    ">ib", -1, 0
)  # replica id of a client; read_uncommitted: the end, not the last stable
_ASKED = struct.Struct(">iiq")
_ANSWERED = struct.Struct(">ihqqi")


def topic_request(name: str, partitions: Iterable[int], timestamp: int = LATEST) -> bytes:
    """One topic's part of a request for the end offsets of these partitions; good for many requests.

    With another `timestamp` for the earliest offsets, or for the first record at or after that many
    milliseconds since 1970.
    """
    asked = [_ASKED.pack(partition, -1, timestamp) for partition in partitions]
    return string(name) + struct.pack(">i", len(asked)) + b"".join(asked)


def request(topics: Iterable[bytes]) -> bytes:
    """The body for these parts."""
    parts = list(topics)
    return _CONSUMER + struct.pack(">i", len(parts)) + b"".join(parts)


def list_offsets(topics: Iterable[bytes]) -> Call:
    """The question for these parts; each partition's leader knows."""
    return Call("list_offsets", API_KEY, VERSION, request(topics))


@dataclass(frozen=True, slots=True)
class Ends:
    """What changed since the answer before; `pieces` is what the next answer is compared with."""

    ends: dict[str, dict[int, int]]
    errors: dict[str, dict[int, int]]
    """Kafka's error code by topic and partition, whether it is new or not."""
    pieces: Mapping[bytes, bytes]
    throttle_ms: int


def changed(body: bytes, before: Mapping[bytes, bytes]) -> Ends:
    """Decode the topics whose bytes differ from `before`. Raises WireError.

    An error is repeated in every answer until the partition is no longer asked for.
    """
    with decoding("list_offsets"):
        r = Reader(body)
        throttle_ms = r.int32()
        ends: dict[str, dict[int, int]] = {}
        errors: dict[str, dict[int, int]] = {}
        pieces: dict[bytes, bytes] = {}
        for _ in range(r.int32()):
            name = r.take(r.int16())
            piece = r.take(_ANSWERED.size * r.int32())
            pieces[name] = piece
            if piece != before.get(name):
                _topic(name.decode(), piece, before.get(name, b""), ends, errors)
        return Ends(ends, errors, pieces, throttle_ms)


def _topic(
    name: str,
    piece: bytes,
    old_piece: bytes,
    ends: dict[str, dict[int, int]],
    errors: dict[str, dict[int, int]],
) -> None:
    old = {entry[0]: entry[3] for entry in _ANSWERED.iter_unpack(old_piece)}
    for partition, error, _timestamp, offset, _epoch in _ANSWERED.iter_unpack(piece):
        if error:
            errors.setdefault(name, {})[partition] = error
        elif old.get(partition) != offset:
            ends.setdefault(name, {})[partition] = offset
