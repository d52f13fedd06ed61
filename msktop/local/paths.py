"""Where the local MSK keeps things: state, data, jars. All folders 0700, all files 0600."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from msktop.errors import LocalError
from msktop.local.settings import checked_name


def _base(variable: str, fallback: str) -> Path:
    """The XDG base folder; the specification says to ignore a relative one."""
    value = os.environ.get(variable, "")
    return Path(value) if value.startswith("/") else Path.home() / fallback


def state_root() -> Path:
    """The folder that has one folder for each local cluster of this user."""
    return _base("XDG_STATE_HOME", ".local/state") / "msktop" / "local"


def cache_root() -> Path:
    """The folder of what can be made or fetched again: jars, archives of loaded classes."""
    return _base("XDG_CACHE_HOME", ".cache") / "msktop"


@dataclass(frozen=True, slots=True)
class Folders:
    """The files of the cluster `name`."""

    name: str
    state: Path
    data: Path

    @property
    def state_file(self) -> Path:
        """What `msktop local status --json` prints; written by the supervisor alone."""
        return self.state / "state.json"

    @property
    def lock(self) -> Path:
        """Held by the supervisor as long as it lives. Outside the folder, so that it is never replaced."""
        return self.state.parent / f".{self.name}.lock"

    @property
    def events(self) -> Path:
        """JSON lines: what failed, was replaced, recovered."""
        return self.state / "events.log"

    @property
    def supervisor_log(self) -> Path:
        """What the supervisor has to say when something unforeseen happens."""
        return self.state / "supervisor.log"

    @property
    def traffic_log(self) -> Path:
        """What the producers and consumers have to say."""
        return self.state / "traffic.log"


def folders(name: str) -> Folders:
    """The folders of the cluster `name`; makes none of them."""
    state = state_root() / checked_name(name)
    data_home = os.environ.get("XDG_DATA_HOME", "")
    data = Path(data_home) / "msktop" / "local" / name if data_home.startswith("/") else state / "data"
    return Folders(name, state, data)


def private(path: Path) -> Path:
    """Make `path` and what is missing above it, 0700; refuse a link or another user's folder."""
    try:
        for folder in (*reversed(path.parents), path):
            if not folder.exists():
                folder.mkdir(mode=0o700, exist_ok=True)
        found = path.lstat()
    except OSError as e:
        raise LocalError(f"cannot make the folder {path}: {e.strerror}", "Choose another XDG folder.") from e
    if path.is_symlink() or not path.is_dir() or found.st_uid != os.getuid():
        raise LocalError(f"{path} is not a folder of yours", "Move it away and try again.")
    return path


def remove(found: Folders) -> None:
    """Remove the cluster's state and data, nothing else; links are not followed."""
    for path in (found.data, found.state):
        shutil.rmtree(path, ignore_errors=True)


@contextmanager
def only_one(lock: Path) -> Iterator[bool]:
    """Whether this process is the one that holds `lock` inside the block; does not wait."""
    handle = open_private(lock, os.O_RDWR | os.O_CREAT)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(handle)


def open_private(path: Path, flags: int = os.O_WRONLY | os.O_CREAT | os.O_APPEND) -> int:
    """Open for the owner alone, never through a link. Returns a file descriptor."""
    return os.open(path, flags | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
