"""The file of acknowledgements and silences: `$XDG_STATE_HOME/msktop/alerts.json`, 0600, replaced as a whole.

Several monitors and commands share it: each change is read, made and written under a lock, and a reader looks
at the file again when it has changed.
"""

from __future__ import annotations

import fcntl
import os
import stat
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

from msktop.alerting.marks import Marks
from msktop.errors import MsktopError

MOST_BYTES = 4 << 20


class StateError(MsktopError):
    """The file of acknowledgements and silences cannot be read or written."""


def alerts_file() -> Path:
    """Where it is, whether it exists or not."""
    home = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    return home / "msktop" / "alerts.json"


class Store:
    """The marks as the file has them. For any thread."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or alerts_file()
        self._lock = threading.Lock()
        self._stamp: tuple[int, int, int] | None = None
        self._marks = Marks()

    def marks(self) -> Marks:
        """What the file says now, read again only where it has changed. Raises StateError."""
        with self._lock:
            stamp = self._stamp_now()
            if stamp != self._stamp:
                self._marks = self._read()
                self._stamp = stamp
            return self._marks

    def change(self, change: Callable[[Marks], Marks]) -> Marks:
        """Read, change and write; returns what is true now. Raises StateError."""
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with self._locked():
                before = self._read()
                marks = change(before)
                if marks != before:
                    self._write(marks)
        except OSError as error:
            raise StateError(
                f"{self.path} cannot be written: {error.strerror or error}",
                "See that the folder is yours and has room.",
            ) from error
        with self._lock:
            self._marks, self._stamp = marks, self._stamp_now()
        return marks

    def _stamp_now(self) -> tuple[int, int, int] | None:
        try:
            found = os.stat(self.path, follow_symlinks=False)
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size

    def _read(self) -> Marks:
        try:
            handle = os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except FileNotFoundError:
            return Marks()
        except OSError as error:
            raise StateError(
                f"{self.path} cannot be read: {error.strerror}", "It must be a file of yours."
            ) from error
        with os.fdopen(handle, "rb") as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode) or found.st_uid != os.getuid():
                raise StateError(f"{self.path} is no regular file of yours", "Look who made it.")
            data = file.read(MOST_BYTES + 1)
        try:
            if len(data) > MOST_BYTES:
                raise ValueError("it is too large")
            return msgspec.json.decode(data, type=Marks)
        except (msgspec.DecodeError, ValueError) as error:
            raise StateError(
                f"{self.path} is damaged: {error}", "Remove it: acknowledgements and silences begin anew."
            ) from error

    def _write(self, marks: Marks) -> None:
        """Beside it first, then in its place: a reader sees the old or the new, never a half."""
        handle, name = tempfile.mkstemp(dir=self.path.parent, prefix=".alerts.")  # 0600, never through a link
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(msgspec.json.format(msgspec.json.encode(marks), indent=1) + b"\n")
                file.flush()
                os.fsync(file.fileno())
            os.replace(name, self.path)
        except BaseException:
            with suppress(OSError):
                os.unlink(name)
            raise

    @contextmanager
    def _locked(self) -> Iterator[None]:
        lock = self.path.with_name(".alerts.lock")
        handle = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)
