"""The file format of a recording, version 1: a head, then frames, appended only. See docs/recording.md.

    head   magic (8 bytes), version u16, length u32, CRC-32 u32, JSON of that length
    frame  flags u8, length u32, samples u32, until f64, CRC-32 u32, payload of that length

Numbers are big-endian. A CRC-32 covers all that stands between the magic or the frame's start and the end
of JSON or payload, but itself. The payloads are pieces of one raw deflate stream, each ended by a sync
flush, so that a frame costs little although it holds only a second; a frame with RESTART begins a new
stream. Inflated, a payload is what codec.join makes.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

import msgspec

MAGIC = b"\x89msktop\n"
VERSION = 1
HEAD = struct.Struct(">HII")
FRAME = struct.Struct(">BIIdI")
RESTART = 1
"""Flag of a frame that can be inflated without the one before."""
MOST_HEAD_BYTES = 65_536
MOST_FRAME_BYTES = 256 * 1024 * 1024
"""Of a payload, deflated or inflated: more than that is damage, and never allocated."""

_HEAD_COVERED = struct.Struct(">HI")
_FRAME_COVERED = struct.Struct(">BIId")


@dataclass(frozen=True, slots=True)
class Header:
    """What a recording says of itself."""

    created: float | None = None
    """Unix seconds; None where the head is damaged."""
    msktop: str = ""
    """Version of the msktop that wrote it."""
    target: str = ""
    """Name of what was watched; never an address with credentials."""


def pack_head(header: Header) -> bytes:
    """The first bytes of a recording."""
    text = msgspec.json.encode(header)
    crc = zlib.crc32(text, zlib.crc32(_HEAD_COVERED.pack(VERSION, len(text))))
    return MAGIC + HEAD.pack(VERSION, len(text), crc) + text


def unpack_head(text: bytes, crc: int) -> Header | None:
    """The header in the JSON of a head of this version; None where it is damaged.

    >>> made = pack_head(Header(created=1.5, msktop="0.1.0", target="demo"))
    >>> version, length, crc = HEAD.unpack_from(made, len(MAGIC))
    >>> unpack_head(made[-length:], crc)
    Header(created=1.5, msktop='0.1.0', target='demo')
    >>> unpack_head(made[-length:-1] + b"]", crc) is None
    True
    """
    if zlib.crc32(text, zlib.crc32(_HEAD_COVERED.pack(VERSION, len(text)))) != crc:
        return None
    try:
        return msgspec.json.decode(text, type=Header)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


@dataclass(frozen=True, slots=True)
class FrameHead:
    """What stands before a payload."""

    flags: int
    length: int
    samples: int
    until: float
    """The newest `at` so far in the recording, in Unix seconds."""
    crc: int = 0

    def crc_of(self, payload: bytes) -> int:
        """The CRC-32 that this frame must have."""
        covered = _FRAME_COVERED.pack(self.flags, self.length, self.samples, self.until)
        return zlib.crc32(payload, zlib.crc32(covered))


def pack_frame(payload: bytes, samples: int, until: float, restart: bool) -> bytes:
    """One whole frame."""
    head = FrameHead(RESTART if restart else 0, len(payload), samples, until)
    return FRAME.pack(head.flags, head.length, samples, until, head.crc_of(payload)) + payload


def unpack_frame_head(data: bytes) -> FrameHead:
    """The head in the first bytes of a frame; its CRC is not checked yet."""
    return FrameHead(*FRAME.unpack(data))
