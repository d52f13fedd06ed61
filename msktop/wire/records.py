"""Record batches of magic 2; older ones are said to be there and not read.

Format: https://kafka.apache.org/documentation/#recordbatch. The broker that stores a batch checks it: its
checksum is not computed again here.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from msktop.wire.compression import CODECS, CompressionError, decompress
from msktop.wire.errors import WireError

_HEAD = struct.Struct(">qiibIhiqqqhii")
"""Base offset, length, leader epoch, magic, checksum, attributes, last delta, times, producer, count."""
_BEFORE_LENGTH = 12
_MAGIC_AT = 16
MOST_UNPACKED = 16 * 1024 * 1024
"""Bytes that one batch may become."""
_CONTROL, _TRANSACTIONAL, _LOG_APPEND = 0x20, 0x10, 0x08


@dataclass(frozen=True, slots=True)
class Record:
    """One record as it is in the log."""

    offset: int
    at: float | None
    """Its timestamp, Unix seconds; None: it has none."""
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...] = ()
    codec: str = "none"
    producer_id: int | None = None
    transactional: bool = False


@dataclass(frozen=True, slots=True)
class Unread:
    """A batch that cannot be read here, from its first offset to its last, and why."""

    first: int
    last: int
    why: str


@dataclass(frozen=True, slots=True)
class Passed:
    """A batch without records for people: a transaction's end."""

    last: int


def batches(data: bytes, since: int = 0) -> Iterator[Record | Unread | Passed]:
    """The records of a piece of a log from offset `since` on; a batch that was cut off is left out."""
    at = 0
    while len(data) - at >= _MAGIC_AT + 1:
        first, length = struct.unpack_from(">qi", data, at)
        end = at + _BEFORE_LENGTH + length
        if length <= 0 or end > len(data):
            return
        if data[at + _MAGIC_AT] != 2:
            yield Unread(first, first, "written in the format before Kafka 0.11")
        elif end - at < _HEAD.size:
            yield Unread(first, first, "damaged (shorter than its head)")
        else:
            yield from _batch(data[at:end], since)
        at = end


def size_of_first(data: bytes) -> int | None:
    """Bytes of the first batch, however much of it there is; None where there is not even its head."""
    if len(data) < _BEFORE_LENGTH:
        return None
    return _BEFORE_LENGTH + int(struct.unpack_from(">i", data, 8)[0])


def _batch(data: bytes, since: int) -> Iterator[Record | Unread | Passed]:
    first, _, _, _, _, attributes, delta, base_ms, most_ms, producer, _, _, count = _HEAD.unpack_from(data)
    last = first + delta
    if attributes & _CONTROL:
        yield Passed(last)
        return
    codec = attributes & 7
    try:
        body = decompress(codec, data[_HEAD.size :], MOST_UNPACKED)
        yield from (
            one
            for one in _records(body, count, first, base_ms, most_ms, attributes, producer, CODECS[codec])
            if one.offset >= since
        )
    except CompressionError as error:
        yield Unread(first, last, str(error))
    except (IndexError, ValueError) as error:
        too_large = codec and len(body) >= MOST_UNPACKED
        yield Unread(first, last, "more than can be unpacked here" if too_large else f"damaged ({error})")
    yield Passed(last)


def _records(
    body: bytes,
    count: int,
    first: int,
    base_ms: int,
    most_ms: int,
    attributes: int,
    producer: int,
    codec: str,
) -> Iterator[Record]:
    at = 0
    for _ in range(count):
        size, at = _varint(body, at)
        end = at + size
        if size < 0 or end > len(body):
            raise ValueError("a record ends behind its batch")
        at += 1  # attributes, not used
        delta_ms, at = _varint(body, at)
        delta, at = _varint(body, at)
        key, at = _bytes(body, at)
        value, at = _bytes(body, at)
        headers = []
        many, at = _varint(body, at)
        for _ in range(min(many, size)):
            name, at = _bytes(body, at)
            content, at = _bytes(body, at)
            headers.append(((name or b"").decode("utf-8", "replace"), content))
        stamp = most_ms if attributes & _LOG_APPEND else base_ms + delta_ms
        yield Record(
            offset=first + delta,
            at=stamp / 1e3 if stamp >= 0 else None,
            key=key,
            value=value,
            headers=tuple(headers),
            codec=codec,
            producer_id=producer if producer >= 0 else None,
            transactional=bool(attributes & _TRANSACTIONAL),
        )
        at = end


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return (value >> 1) ^ -(value & 1), at
        shift += 7
        if shift > 63:
            raise ValueError("a varint of more than ten bytes")


def _bytes(data: bytes, at: int) -> tuple[bytes | None, int]:
    size, at = _varint(data, at)
    if size < 0:
        return None, at
    if at + size > len(data):
        raise ValueError("a field ends behind its batch")
    return data[at : at + size], at + size


# ------------------------------------------------------------------ one record to send


def _zigzag(value: int) -> bytes:
    value = (value << 1) ^ (value >> 63)
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _field(value: bytes | None) -> bytes:
    return _zigzag(-1) if value is None else _zigzag(len(value)) + value


def batch_of_one(
    key: bytes | None, value: bytes | None, headers: Sequence[tuple[str, bytes]], at_ms: int
) -> bytes:
    """A batch with this one record, not compressed, of a producer without an id."""
    body = b"\0" + _zigzag(0) + _zigzag(0) + _field(key) + _field(value) + _zigzag(len(headers))
    body += b"".join(_field(name.encode()) + _field(content) for name, content in headers)
    record = _zigzag(len(body)) + body
    checked = struct.pack(">hiqqqhii", 0, 0, at_ms, at_ms, -1, -1, -1, 1) + record
    rest = struct.pack(">ibI", -1, 2, crc32c(checked)) + checked
    return struct.pack(">qi", 0, len(rest)) + rest


def _table() -> Iterable[int]:
    for byte in range(256):
        value = byte
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
        yield value


_CRC32C: list[int] = []


def crc32c(data: bytes) -> int:
    """Castagnoli's checksum, as batches have it.

    >>> hex(crc32c(b"123456789"))
    '0xe3069283'
    """
    if not _CRC32C:
        _CRC32C.extend(_table())
    value = 0xFFFFFFFF
    for byte in data:
        value = _CRC32C[(value ^ byte) & 0xFF] ^ value >> 8
    return value ^ 0xFFFFFFFF


def too_large(data: bytes, most: int) -> WireError | None:
    """Why nothing of this piece can be read, where its first batch is larger than what was asked for."""
    size = size_of_first(data)
    if size is None or size <= len(data):
        return None
    return WireError(
        "fetch", "protocol", f"a batch of {size:,} bytes is more than the {most:,} that are read"
    )
