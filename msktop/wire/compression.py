"""Records that were compressed: gzip by zlib, snappy and lz4 by hand, zstd where Python has it.

Nothing grows beyond the given bound, whatever the data claims to be. Formats: github.com/google/snappy
(format_description.txt), github.com/lz4/lz4 (lz4_Frame_format.md, lz4_Block_format.md).
"""

from __future__ import annotations

import importlib
import struct
import zlib

from msktop.wire.fields import Reader

CODECS = {0: "none", 1: "gzip", 2: "snappy", 3: "lz4", 4: "zstd"}
"""The lowest three bits of a batch's attributes."""

_XERIAL = b"\x82SNAPPY\0"
_LZ4_MAGIC = 0x184D2204
_UNCOMPRESSED = 0x80000000


class CompressionError(ValueError):
    """The data cannot be unpacked here; in words."""


def decompress(codec: int, data: bytes, most: int) -> bytes:
    """The data as it was, at most `most` bytes of it. Raises CompressionError.

    >>> decompress(1, zlib.compress(b"abc" * 9, wbits=31), 100)[:5]
    b'abcab'
    """
    try:
        match codec:
            case 0:
                return data[:most]
            case 1:
                return zlib.decompressobj(wbits=31).decompress(data, most)
            case 2:
                return _snappy(data, most)
            case 3:
                return _lz4(data, most)
            case 4:
                return _zstd(data, most)
    except (zlib.error, struct.error, IndexError, ValueError) as error:
        if isinstance(error, CompressionError):
            raise
        raise CompressionError(f"its {CODECS[codec]} data is damaged ({error})") from error
    raise CompressionError(f"compressed in a way that this version does not know ({codec})")


def _zstd(data: bytes, most: int) -> bytes:
    try:
        zstd = importlib.import_module("compression.zstd")
    except ImportError as error:
        raise CompressionError("compressed with zstd, which Python unpacks from 3.14 on") from error
    try:
        return bytes(zstd.ZstdDecompressor().decompress(data, most))
    except zstd.ZstdError as error:
        raise ValueError(str(error)) from error


# ------------------------------------------------------------------ snappy


def _snappy(data: bytes, most: int) -> bytes:
    """Java's way (blocks behind a head) or a single block."""
    if not data.startswith(_XERIAL):
        return bytes(_snappy_block(data, most))
    out, r = bytearray(), Reader(data, len(_XERIAL) + 8)
    while r.at < len(data) and len(out) < most:
        out += _snappy_block(r.take(r.int32()), most - len(out))
    return bytes(out)


def _snappy_block(data: bytes, most: int) -> bytearray:
    r = Reader(data)
    wanted = min(r.uvarint(), most)
    out = bytearray()
    while len(out) < wanted:
        tag = data[r.at]
        r.at += 1
        kind, size = tag & 3, tag >> 2
        if kind == 0:
            if size >= 60:
                size = int.from_bytes(r.take(size - 59), "little")
            out += r.take(size + 1)
            continue
        if kind == 1:
            size, back = (size & 7) + 4, (tag >> 5) << 8 | r.take(1)[0]
        else:
            size, back = size + 1, int.from_bytes(r.take(2 if kind == 2 else 4), "little")
        _copy(out, back, size)
    return out[:most]


def _copy(out: bytearray, back: int, size: int) -> None:
    """Once more what stands `back` bytes before the end; it may reach into itself."""
    if not 0 < back <= len(out):
        raise ValueError("a copy from before the beginning")
    piece = out[len(out) - back : len(out) - back + size]
    out += (piece * (size // len(piece) + 1))[:size]


# ------------------------------------------------------------------ lz4


def _lz4(data: bytes, most: int) -> bytes:
    """One frame; its checksums are not looked at."""
    magic, flags = struct.unpack_from("<IB", data)
    if magic != _LZ4_MAGIC:
        raise ValueError("no frame")
    at = 6 + (8 if flags & 0x08 else 0) + (4 if flags & 0x01 else 0) + 1
    linked, checksums = not flags & 0x20, bool(flags & 0x10)
    out = bytearray()
    while len(out) < most:
        (size,) = struct.unpack_from("<I", data, at)
        at += 4
        if size == 0:
            break
        length = size & ~_UNCOMPRESSED
        block = data[at : at + length]
        at += length + (4 if checksums else 0)
        if size & _UNCOMPRESSED:
            out += block
        elif linked:
            _lz4_block(block, out, most)
        else:
            alone = bytearray()
            _lz4_block(block, alone, most - len(out))
            out += alone
    return bytes(out[:most])


def _lz4_block(data: bytes, out: bytearray, most: int) -> None:
    at, end = 0, len(data)

    def longer(size: int) -> int:
        nonlocal at
        if size == 15:
            while True:
                byte = data[at]
                at += 1
                size += byte
                if byte != 255:
                    break
        return size

    while at < end and len(out) < most:
        token = data[at]
        at += 1
        size = longer(token >> 4)
        if at + size > end:
            raise ValueError("it ends too early")
        out += data[at : at + size]
        at += size
        if at >= end:
            return
        back = data[at] | data[at + 1] << 8
        at += 2
        size = longer(token & 15) + 4
        _copy(out, back, min(size, max(1, most - len(out))))
