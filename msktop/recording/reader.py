"""Opens recordings: all that is whole, up to the first damage."""

from __future__ import annotations

import math
import os
import stat
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from msktop.errors import RecordingError
from msktop.model.samples import Sample, Tick
from msktop.recording.codec import CodecError, Skipped, decode
from msktop.recording.format import (
    FRAME,
    HEAD,
    MAGIC,
    MOST_FRAME_BYTES,
    MOST_HEAD_BYTES,
    RESTART,
    VERSION,
    FrameHead,
    Header,
    unpack_frame_head,
    unpack_head,
)


class _DamagedError(Exception):
    """From here on the file cannot be read; says why."""


class Recording:
    """An open recording.

    Opening reads the whole file once and checks every frame, but decodes little. `damage` says why reading
    ends before the file does, None where the file is whole. Raises RecordingError when the file cannot be
    read, is no recording, or was written by a newer version.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.header = Header()
        self.samples_count = 0
        """Samples in whole frames, also of kinds that this version does not know."""
        self.ends: float | None = None
        """The newest time in it, in Unix seconds; None without any sample."""
        self.damage: str | None = None
        self.skipped = Skipped()
        """What this version could not understand, as far as it was read."""
        self._file, self._size = _open(path)
        self._starts: list[tuple[int, FrameHead]] = []
        try:
            self._scan()
            self.begins = self._first_now()
        except BaseException:
            self.close()
            raise

    begins: float | None
    """Time of the first Tick, when its session was under way; None without any sample."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; again does nothing."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def samples(self) -> Iterator[Sample]:
        """All samples that can be read, in the order in which they were folded; each call from the start."""
        skipped = Skipped()
        for samples in self._frames(skipped):
            self.skipped = skipped
            yield from samples

    def describe_damage(self) -> str:
        """One sentence for a person, empty where the file is whole.

        `the recording is cut in its head: 812 samples until 2026-01-31 10:00:03 UTC can be read`
        """
        if self.damage is None:
            return ""
        until = (
            ""
            if self.ends is None
            else f" until {datetime.fromtimestamp(self.ends, UTC):%Y-%m-%d %H:%M:%S} UTC"
        )
        return f"the recording {self.damage}: {self.samples_count:,} samples{until} can be read"

    # -------------------------------------------------------------- head and frames

    def _scan(self) -> None:
        """Check head and frames, and remember where frames are."""
        try:
            at = self._read_head()
            while at < self._size:
                head = self._check_frame(at)
                self._starts.append((at + FRAME.size, head))
                self.samples_count += head.samples
                self.ends = head.until
                at += FRAME.size + head.length
        except _DamagedError as damage:
            self.damage = str(damage)

    def _read_head(self) -> int:
        """Read the head; returns where the frames begin."""
        at = len(MAGIC) + HEAD.size
        if self._size < at:
            raise _DamagedError("is cut in its head")
        version, length, crc = HEAD.unpack(self._read(len(MAGIC), HEAD.size))
        if version > VERSION:
            raise RecordingError(
                f"{self.path} was written by a newer msktop, in format {version}",
                f"this msktop reads formats up to {VERSION}: open it with the newest one",
            )
        if length > MOST_HEAD_BYTES:
            raise _DamagedError("is damaged in its head")
        if self._size < at + length:
            raise _DamagedError("is cut in its head")
        header = unpack_head(self._read(at, length), crc)
        if header is None or version < 1:
            raise _DamagedError("is damaged in its head")
        self.header = header
        return int(at + length)

    def _check_frame(self, at: int) -> FrameHead:
        if self._size < at + FRAME.size:
            raise _DamagedError("is cut in the middle of a frame")
        head = unpack_frame_head(self._read(at, FRAME.size))
        if head.length > MOST_FRAME_BYTES or not math.isfinite(head.until):
            raise _DamagedError(f"is damaged {at:,} bytes after its start")
        if self._size < at + FRAME.size + head.length:
            raise _DamagedError("is cut in the middle of a frame")
        if head.crc_of(self._read(at + FRAME.size, head.length)) != head.crc:
            raise _DamagedError(f"is damaged {at:,} bytes after its start")
        return head

    def _frames(self, skipped: Skipped) -> Iterator[list[Sample]]:
        """The samples of each frame."""
        inflate = zlib.decompressobj(wbits=-zlib.MAX_WBITS)
        for at, head in self._starts:
            if head.flags & RESTART:
                inflate = zlib.decompressobj(wbits=-zlib.MAX_WBITS)
            try:
                data = inflate.decompress(self._read(at, head.length), MOST_FRAME_BYTES)
                if inflate.unconsumed_tail:
                    raise CodecError("too large")
                yield decode(data, skipped)
            except (zlib.error, CodecError):
                self.damage = f"cannot be understood {at:,} bytes after its start"
                return
            except _DamagedError as damage:
                self.damage = str(damage)
                return

    def _first_now(self) -> float | None:
        """When the first Tick was; without any, when the first sample was."""
        first: float | None = None
        for samples in self._frames(Skipped()):
            for sample in samples:
                if isinstance(sample, Tick):
                    return sample.at
                first = sample.at if first is None else first
        return first

    def _read(self, at: int, length: int) -> bytes:
        try:
            data = os.pread(self._file, length, at)
        except OSError as error:
            raise _DamagedError(f"cannot be read: {error.strerror or error}") from error
        if len(data) < length:
            raise _DamagedError("became shorter while it was read")
        return data


def _open(path: Path) -> tuple[int, int]:
    """A descriptor of the recording and its size. Raises RecordingError."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise RecordingError(
            f"{path} cannot be read: {error.strerror or error}", "name a file that `msktop record` wrote"
        ) from error
    try:
        state = os.fstat(file)
        if stat.S_ISREG(state.st_mode) and os.pread(file, len(MAGIC), 0) == MAGIC:
            return file, state.st_size
    except OSError as error:
        os.close(file)
        raise RecordingError(f"{path} cannot be read: {error.strerror or error}") from error
    os.close(file)
    raise RecordingError(f"{path} is no recording of msktop", "name a file that `msktop record` wrote")
