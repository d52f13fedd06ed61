"""Whether a supervisor lives, and what one that was killed has left behind."""

from __future__ import annotations

import fcntl
import os
import time

from msktop.local import paths, processes, state

_LOOK_S = 0.02


def is_locked(folders: paths.Folders) -> bool:
    """Whether a supervisor holds the cluster's lock."""
    try:
        handle = paths.open_private(folders.lock, os.O_RDWR)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


def wait_unlocked(folders: paths.Folders, deadline_s: float) -> bool:
    """Wait until no supervisor holds the lock; False when one still does."""
    until = time.monotonic() + deadline_s
    while time.monotonic() < until:
        if not is_locked(folders):
            return True
        time.sleep(_LOOK_S)
    return False


def family(found: state.State) -> list[processes.Identity]:
    """Every process of a cluster but its supervisor's."""
    known = [processes.Identity(n.pid, n.process_started_ticks) for n in found.nodes if n.pid]
    return known + [processes.Identity(c.pid, c.process_started_ticks) for c in found.children]


def wait_ended(found: state.State, deadline_s: float = 5.0) -> None:
    """Wait for the last process of a cluster whose supervisor has let go of its lock."""
    known = [processes.Identity(found.supervisor_pid, found.supervisor_started_ticks), *family(found)]
    until = time.monotonic() + deadline_s
    while any(map(processes.is_alive, known)) and time.monotonic() < until:
        time.sleep(_LOOK_S)


def end_orphans(folders: paths.Folders) -> bool:
    """Kill what a supervisor that was killed may have left; True when there was such a cluster."""
    found = state.read(folders.state_file)
    if found is None:
        return False
    processes.kill_all(family(found))
    return True


def clean(folders: paths.Folders) -> bool:
    """Remove what an earlier cluster of this name left; True when there was something."""
    found = end_orphans(folders) or folders.state.exists()
    paths.remove(folders)
    return found
