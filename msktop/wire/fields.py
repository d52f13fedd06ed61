"""Kafka's primitive types, as far as our own encoders and decoders need them.

"Compact" is what Kafka's flexible versions use: lengths as unsigned varints, plus one, and tagged fields at
the end of each structure. https://kafka.apache.org/protocol#protocol_types
"""

from __future__ import annotations

import base64
import struct
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from msktop.wire.errors import WireError

T = TypeVar("T")

NO_TAGS = b"\0"
NULL_ARRAY = b"\xff\xff\xff\xff"
NULL = b"\0"
"""A compact string or a compact array that is not there."""
_ZERO_ID = bytes(16)


@contextmanager
def decoding(what: str) -> Iterator[None]:
    """Turn what goes wrong in reading past an end, or in reading rubbish, into a WireError said of `what`."""
    try:
        yield
    except (struct.error, IndexError, ValueError, OverflowError) as error:
        raise WireError(
            what,
            "protocol",
            f"the answer to {what} does not follow Kafka's schema ({error})",
            "A proxy in between, or a Kafka that is newer than this program?",
        ) from error


# ------------------------------------------------------------------ encoding


def string(value: str) -> bytes:
    r"""A string with its length in two bytes.

    >>> string("abc")
    b'\x00\x03abc'
    """
    data = value.encode()
    return struct.pack(">h", len(data)) + data


def uvarint(value: int) -> bytes:
    r"""An unsigned varint.

    >>> uvarint(5), uvarint(300)
    (b'\x05', b'\xac\x02')
    """
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def compact_string(value: str) -> bytes:
    r"""A string with its length plus one as a varint.

    >>> compact_string("abc")
    b'\x04abc'
    """
    data = value.encode()
    return uvarint(len(data) + 1) + data


def compact_array(items: Iterable[bytes]) -> bytes:
    r"""Encoded items after their count plus one.

    >>> compact_array([b"a", b"b"]), compact_array(())
    (b'\x03ab', b'\x01')
    """
    parts = list(items)
    return uvarint(len(parts) + 1) + b"".join(parts)


# ------------------------------------------------------------------ decoding


class Reader:
    r"""Reads one structure after the other; raises struct.error, IndexError or ValueError at a bad place.

    >>> r = Reader(b"\0\0\0\7\0\2hi\5")
    >>> r.int32(), r.string(), r.uvarint()
    (7, 'hi', 5)
    """

    __slots__ = ("at", "data")

    def __init__(self, data: bytes, at: int = 0) -> None:
        self.data = data
        self.at = at

    def _int(self, size: int) -> int:
        piece = self.take(size)
        return int.from_bytes(piece, "big", signed=True)

    def take(self, size: int) -> bytes:
        """The next `size` bytes."""
        end = self.at + size
        if size < 0 or end > len(self.data):
            raise ValueError(f"{size} bytes wanted at {self.at} of {len(self.data)}")
        piece = self.data[self.at : end]
        self.at = end
        return piece

    def int8(self) -> int:
        """A signed byte."""
        return self._int(1)

    def int16(self) -> int:
        """Two bytes, signed."""
        return self._int(2)

    def int32(self) -> int:
        """Four bytes, signed."""
        return self._int(4)

    def int64(self) -> int:
        """Eight bytes, signed."""
        return self._int(8)

    def boolean(self) -> bool:
        """One byte."""
        return self._int(1) != 0

    def uvarint(self) -> int:
        """An unsigned varint of at most five bytes."""
        value = 0
        for shift in range(0, 35, 7):
            byte = self.data[self.at]
            self.at += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
        raise ValueError("a varint of more than five bytes")

    def string(self) -> str | None:
        """A string with a two-byte length; None for null."""
        size = self.int16()
        return None if size < 0 else self.take(size).decode()

    def compact_string(self) -> str | None:
        """A string with a varint length; None for null."""
        size = self.uvarint()
        return None if size == 0 else self.take(size - 1).decode()

    def compact_bytes(self) -> bytes:
        """Bytes with a varint length; null is empty."""
        return self.take(max(0, self.uvarint() - 1))

    def uuid(self) -> str:
        """An id as Kafka prints it: base64url without padding; empty for the zero id."""
        return kafka_uuid(self.take(16))

    def array(self, item: Callable[[], T]) -> list[T]:
        """Items after a four-byte count; null is empty."""
        return [item() for _ in range(max(0, self.int32()))]

    def compact_array(self, item: Callable[[], T]) -> list[T]:
        """Items after a varint count; null is empty."""
        return [item() for _ in range(max(0, self.uvarint() - 1))]

    def tags(self) -> dict[int, bytes]:
        """Tagged fields by their number."""
        fields = {}
        for _ in range(self.uvarint()):
            tag = self.uvarint()
            fields[tag] = self.take(self.uvarint())
        return fields


def kafka_uuid(raw: bytes) -> str:
    r"""An id as Kafka prints it; empty for the zero id.

    >>> kafka_uuid(bytes(15) + b"\1")
    'AAAAAAAAAAAAAAAAAAAAAQ'
    """
    if raw == _ZERO_ID:
        return ""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def kafka_uuid_bytes(text: str) -> bytes:
    r"""An id as it is sent; raises ValueError.

    >>> kafka_uuid_bytes("AAAAAAAAAAAAAAAAAAAAAQ") == bytes(15) + b"\1"
    True
    """
    raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if len(raw) != len(_ZERO_ID):
        raise ValueError(f"{text!r} is no id")
    return raw
