"""The recorder: every sample to a file of its own, at a cost that allows it to be always on."""

from __future__ import annotations

import contextlib
import logging
import math
import os
import threading
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import msktop
from msktop.errors import RecordingError
from msktop.model.samples import Sample
from msktop.recording.codec import encode_one, join
from msktop.recording.format import Header, pack_frame, pack_head

log = logging.getLogger(__name__)

FLUSH_S = 1.0
"""A sample is in the file, as far as the operating system is concerned, within this time."""
FLUSH_BYTES = 4 * 1024 * 1024
"""What is waiting is written at once when it is more than that."""
MOST_WAITING_BYTES = 64 * 1024 * 1024
"""A disk that lets more than that pile up is given up."""
RESTART_BYTES = 16 * 1024 * 1024
"""Encoded samples after which the compression begins anew."""
CLOSE_S = 5.0
"""How long `close` waits for the disk."""


class Recorder:
    """Appends samples to a new file; a thread of its own talks to the disk.

    `write` never blocks and never raises. What ends a recording early (a full or dead disk) is in `error`,
    and `on_stop` is called with it, once, from whichever thread notices; the file keeps all whole frames.
    Raises RecordingError when the file cannot be made: it must not exist, and is never made through a link.
    """

    def __init__(
        self, path: Path, target: str = "", on_stop: Callable[[RecordingError], None] | None = None
    ) -> None:
        self.path = path
        self.error: RecordingError | None = None
        self.bytes = 0
        """Size of the file."""
        self.samples = 0
        """Samples in the file."""
        self.unwritable = 0
        """Samples that could not be encoded; a defect, and logged."""
        self._on_stop = on_stop
        self._file = create(path)
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._disk = threading.Lock()
        self._closing = False
        self._waiting: list[bytes] = []
        self._waiting_bytes = 0
        self._until = 0.0
        self._deflate = zlib.compressobj(wbits=-zlib.MAX_WBITS)
        self._since_restart = 0
        self._begin(Header(created=time.time(), msktop=msktop.__version__, target=target))
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._thread.start()

    def write(self, sample: Sample) -> None:
        """Add one sample; after the end of the recording, nothing."""
        if self._closing or self.error is not None:
            return
        try:
            item = encode_one(sample)
        except (TypeError, ValueError, OverflowError, RecursionError):
            log.exception("a sample of kind %s cannot be recorded", type(sample).__name__)
            self.unwritable += 1
            return
        with self._lock:
            self._waiting.append(item)
            self._waiting_bytes += len(item)
            if sample.at > self._until and math.isfinite(sample.at):
                self._until = sample.at
            waiting = self._waiting_bytes
        if waiting > MOST_WAITING_BYTES:
            self._give_up("the disk is too slow")
        if waiting > FLUSH_BYTES:
            self._wake.set()

    def flush(self) -> None:
        """Write what waits, at once and in the calling thread; may block on the disk, never raises."""
        with self._disk:
            if self._file >= 0 and self.error is None:
                try:
                    self._flush()
                except OSError as error:
                    self._give_up(error.strerror or str(error))

    def close(self, timeout_s: float = CLOSE_S) -> None:
        """Write what is left and close the file; waits for the disk at most `timeout_s`."""
        self._closing = True
        self._wake.set()
        self._thread.join(timeout_s)

    def _begin(self, header: Header) -> None:
        """Write the head. Raises RecordingError, and leaves no file then."""
        try:
            self._append(pack_head(header))
        except OSError as error:
            os.close(self._file)
            self.path.unlink(missing_ok=True)
            raise RecordingError(
                f"{self.path} cannot be written: {error.strerror or error}", "record to another place"
            ) from error

    # -------------------------------------------------------------- the recorder's thread

    def _run(self) -> None:
        while self.error is None and not self._closing:
            self._wake.wait(FLUSH_S)
            self._wake.clear()
            self.flush()
        self.flush()
        with self._disk:
            file, self._file = self._file, -1
            with contextlib.suppress(OSError):
                os.fsync(file)
            os.close(file)

    def _flush(self) -> None:
        """Write all that waits as one frame. Raises OSError."""
        with self._lock:
            items, self._waiting, self._waiting_bytes = self._waiting, [], 0
            until = self._until
        if not items:
            return
        data = join(items)
        restart = self._since_restart == 0 or self._since_restart > RESTART_BYTES
        if restart:
            self._deflate = zlib.compressobj(wbits=-zlib.MAX_WBITS)
            self._since_restart = 0
        self._since_restart += len(data)
        payload = self._deflate.compress(data) + self._deflate.flush(zlib.Z_SYNC_FLUSH)
        self._append(pack_frame(payload, len(items), until, restart))
        self.samples += len(items)

    def _append(self, data: bytes) -> None:
        """Add `data` as a whole, or nothing of it. Raises OSError."""
        left = memoryview(data)
        try:
            while left:
                left = left[os.write(self._file, left) :]
        except OSError:
            os.ftruncate(self._file, self.bytes)
            raise
        self.bytes += len(data)

    def _give_up(self, reason: str) -> None:
        with self._lock:
            if self.error is not None:
                return
            self.error = error = RecordingError(
                f"the recording has stopped: {reason} ({self.path})",
                "what was recorded until then can be replayed; record to another place",
            )
            self._waiting, self._waiting_bytes = [], 0
        log.error("%s", error.title)
        self._wake.set()
        if self._on_stop is not None:
            self._on_stop(error)


def create(path: Path) -> int:
    """Open a new file for writing, 0600, in a folder that is made 0700 where there is none.

    Raises RecordingError: never over another file, never through a link.
    """
    try:
        _make_folder(path.parent)
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        raise RecordingError(
            f"{path} exists already", "msktop never writes over a file: choose another name"
        ) from None
    except OSError as error:
        raise RecordingError(
            f"{path} cannot be made: {error.strerror or error}", "choose a folder that you may write to"
        ) from error


def _make_folder(folder: Path) -> None:
    """Make what is missing of `folder`, each 0700."""
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
