"""Child processes that cannot outlive this one, and processes known by more than their number."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from msktop.errors import LocalError

_PR_SET_PDEATHSIG = 1
_STAT_STATE, _STAT_UTIME, _STAT_STIME, _STAT_STARTED, _STAT_RSS = 0, 11, 12, 19, 21
"""Places in /proc/PID/stat, counted after the command's closing parenthesis."""

TICKS_PER_S = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Identity:
    """A process: pid, and the start time that tells it from a later process with that pid."""

    pid: int
    started_ticks: int | None


@dataclass(frozen=True, slots=True)
class Usage:
    """What a process has used: CPU seconds in user and kernel mode, resident bytes; and its state letter."""

    user_s: float
    system_s: float
    resident_bytes: int
    state: str

    @property
    def stopped(self) -> bool:
        """Whether a signal or a tracer has stopped it."""
        return self.state in "Tt"


def check_platform() -> None:
    """Raise LocalError where the kernel has no loopback subnets and no death signals."""
    if not Path("/proc/self/stat").exists():
        raise LocalError(
            "the local MSK needs Linux",
            "It gives every broker a loopback address of its own and ties processes together, as only "
            "Linux can. On other systems run it in a container or virtual machine.",
        )


def _stat(pid: int) -> list[str] | None:
    try:
        text = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except OSError:
        return None
    return text.rpartition(")")[2].split()


def identity(pid: int) -> Identity:
    """The identity of the process that has this pid now."""
    stat = _stat(pid)
    return Identity(pid, int(stat[_STAT_STARTED]) if stat else None)


def usage(pid: int) -> Usage | None:
    """What the process has used so far, or None when it is gone."""
    stat = _stat(pid)
    if stat is None:
        return None
    return Usage(
        user_s=int(stat[_STAT_UTIME]) / TICKS_PER_S,
        system_s=int(stat[_STAT_STIME]) / TICKS_PER_S,
        resident_bytes=int(stat[_STAT_RSS]) * PAGE_BYTES,
        state=stat[_STAT_STATE],
    )


def is_alive(known: Identity) -> bool:
    """Whether this very process still runs; a zombie does not."""
    stat = _stat(known.pid)
    return stat is not None and stat[_STAT_STATE] != "Z" and int(stat[_STAT_STARTED]) == known.started_ticks


def kill_all(known: Iterable[Identity], deadline_s: float = 5.0) -> list[Identity]:
    """Kill those of these very processes that still run, wait until they are gone; return the killed."""
    killed = [p for p in known if is_alive(p)]
    for process in killed:
        try:
            os.kill(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    until = time.monotonic() + deadline_s
    while any(map(is_alive, killed)) and time.monotonic() < until:
        time.sleep(0.01)
    return killed


def accepts(address: str, port: int, timeout_s: float = 1.0) -> bool:
    """Whether something takes connections there."""
    try:
        socket.create_connection((address, port), timeout_s).close()
    except OSError:
        return False
    return True


class Spawner:
    """Starts children that the kernel kills when the thread that started them ends, however it ends.

    Make it and use it in the main thread: the death signal follows the *thread* that spawned.
    """

    def __init__(self) -> None:
        self._prctl = ctypes.CDLL(None, use_errno=True).prctl
        self._pid = os.getpid()

    def __call__(
        self, command: Sequence[str], *, output: int, cwd: Path, nice: int = 0
    ) -> subprocess.Popen[bytes]:
        """Start `command` in a session of its own, both outputs to the descriptor `output`."""
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=cwd,
            start_new_session=True,
            preexec_fn=lambda: self._in_child(nice),  # noqa: PLW1509 (this process has one thread)
        )

    def _in_child(self, nice: int) -> None:
        self._prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != self._pid:  # it died before the line above: nobody would tell us
            os._exit(1)
        if nice:
            os.nice(nice)
