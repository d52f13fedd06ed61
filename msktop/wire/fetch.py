"""Fetch 11 of one topic and Produce 8 of one record: Kafka 2.4 to today. Nothing is committed."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass

from msktop.wire.call import Call
from msktop.wire.fields import Reader, decoding, string

PRODUCE, FETCH = 0, 1
_ALL = -1


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a partition's log, as far as anybody may read it."""

    partition: int
    error: int
    high_watermark: int
    last_stable: int
    log_start: int
    data: bytes


def fetch(
    topic: str, offsets: Mapping[int, int], most_bytes: int, wait_ms: int, *, committed: bool = False
) -> Call:
    """From these offsets on; the broker answers at once when there is a byte, else after `wait_ms`.

    The first batch of the first partition that has one comes whole, however large: the order of `offsets` is
    that of the question. `committed`: without records of open transactions.
    """
    body = struct.pack(">iiiibii", -1, wait_ms, 1, most_bytes, committed, 0, -1)
    body += struct.pack(">i", 1) + string(topic) + struct.pack(">i", len(offsets))
    for partition, offset in offsets.items():
        body += struct.pack(">iiqqi", partition, -1, offset, -1, most_bytes)
    return Call("fetch", FETCH, 11, body + struct.pack(">i", 0) + string(""))


def fetched(body: bytes) -> tuple[int, list[Piece]]:
    """Error code of the whole, and what there is of each partition. Raises WireError."""
    with decoding("fetch"):
        r = Reader(body)
        r.int32()  # throttle time
        error = r.int16()
        r.int32()  # session
        found = []
        for _ in range(max(0, r.int32())):
            r.string()
            found += r.array(lambda: _piece(r))
        return error, found


def _piece(r: Reader) -> Piece:
    number, error, high, stable, start = r.int32(), r.int16(), r.int64(), r.int64(), r.int64()
    for _ in range(max(0, r.int32())):  # aborted transactions
        r.int64(), r.int64()
    r.int32()  # preferred replica
    size = r.int32()
    return Piece(number, error, high, stable, start, r.take(size) if size > 0 else b"")


@dataclass(frozen=True, slots=True)
class Written:
    """Where a record went; with an `error`, nowhere."""

    error: int
    message: str
    offset: int
    throttle_ms: int = 0
    """For how long the broker mutes this client: a quota is exceeded."""


def produce(topic: str, partition: int, batch: bytes, timeout_ms: int) -> Call:
    """One batch, acknowledged by every replica in sync."""
    body = struct.pack(">hhi", -1, _ALL, timeout_ms)
    body += struct.pack(">i", 1) + string(topic) + struct.pack(">iii", 1, partition, len(batch)) + batch
    return Call("produce", PRODUCE, 8, body)


def produced(body: bytes) -> Written:
    """Decode Produce 8 of one partition. Raises WireError."""
    with decoding("produce"):
        r = Reader(body)
        if r.int32() < 1:
            return Written(-1, "", -1)
        r.string()
        if r.int32() < 1:
            return Written(-1, "", -1)
        r.int32()
        error, offset = r.int16(), r.int64()
        r.int64(), r.int64()  # append time, log start

        def of_record() -> str | None:
            r.int32()
            return r.string()

        said = r.array(of_record)
        message = r.string()
        throttle_ms = r.int32()
        return Written(error, next((one for one in said if one), message or ""), offset, throttle_ms)
