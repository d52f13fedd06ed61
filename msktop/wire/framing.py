"""Kafka's frames: a length of four bytes, then as many bytes. Anything else on the port is told by name."""

from __future__ import annotations

import struct

from msktop.wire.errors import WireError

MAX_FRAME_BYTES = 100_000_000
"""Kafka's own limit of a request (socket.request.max.bytes); 200,000 partitions take about a fifth."""

_LENGTH = struct.Struct(">i")

_FOREIGN = (
    (b"HTTP", "this port speaks HTTP, not Kafka", "Use the broker's port (9092, 9094, 9096 or 9098 on MSK)."),
    (b"SSH-", "this port speaks SSH, not Kafka", "Use the broker's port (9092, 9094, 9096 or 9098 on MSK)."),
)


def framed(payload: bytes) -> bytes:
    r"""The payload with its length before it.

    >>> framed(b"abc")
    b'\x00\x00\x00\x03abc'
    """
    return _LENGTH.pack(len(payload)) + payload


class Frames:
    r"""Cuts a stream of bytes into frames.

    >>> frames = Frames()
    >>> frames.feed(b"\0\0\0\2h")
    []
    >>> frames.feed(b"i\0\0\0\1!")
    [b'hi', b'!']
    """

    def __init__(self, limit_bytes: int = MAX_FRAME_BYTES) -> None:
        self._limit = limit_bytes
        self._buffer = bytearray()

    def feed(self, data: bytes, stage: str = "api_versions") -> list[bytes]:
        """The frames that `data` completes; raises WireError, said of `stage`, when it is no Kafka."""
        buffer = self._buffer
        buffer += data
        frames: list[bytes] = []
        start = 0
        while len(buffer) - start >= _LENGTH.size:
            (size,) = _LENGTH.unpack_from(buffer, start)
            if not 0 <= size <= self._limit:
                raise _not_kafka(stage, bytes(buffer[start : start + 5]), size, self._limit)
            end = start + _LENGTH.size + size
            if len(buffer) < end:
                break
            frames.append(bytes(memoryview(buffer)[start + _LENGTH.size : end]))
            start = end
        if start:
            del buffer[:start]
        return frames


def _not_kafka(stage: str, head: bytes, size: int, limit: int) -> WireError:
    if head[0] == 0x15 and head[1] == 0x03:
        return WireError(
            stage,
            "protocol",
            "this port speaks TLS",
            "Set security.protocol=SSL or SASL_SSL, as the listener has it.",
        )
    for start, reason, advice in _FOREIGN:
        if head.startswith(start):
            return WireError(stage, "protocol", reason, advice)
    return WireError(
        stage,
        "protocol",
        f"the answer is no Kafka (a frame of {size:,} bytes; at most {limit:,} are read)",
        "Does this port belong to another service?",
    )
