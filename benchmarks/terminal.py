"""Runs a terminal program as its user would see it, and counts what it costs."""

from __future__ import annotations

import compileall
import fcntl
import os
import pty
import queue
import re
import select
import signal
import struct
import termios
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import pyte

_TICK_S = 1 / os.sysconf("SC_CLK_TCK")
_PAGE_KIB = os.sysconf("SC_PAGE_SIZE") // 1024
_LOOK_S = 0.2


def compiled() -> None:
    """Give msktop its byte code, as installed programs have theirs: a working copy may have none.

    Where PYTHONDONTWRITEBYTECODE is set, each start would else compile all of our source and none of theirs.
    """
    compileall.compile_dir(Path(__file__).parents[1] / "msktop", quiet=1)


class Terminal:
    """One program under a pseudo terminal of its own; ended with everything it started."""

    def __init__(
        self, command: Sequence[str], columns: int = 120, rows: int = 40, env: dict[str, str] | None = None
    ) -> None:
        self.started = time.monotonic()
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            os.environ.update(TERM="xterm-256color", COLORTERM="truecolor", **(env or {}))
            os.execvp(command[0], list(command))
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.bytes_sent = 0
        self._drawn_at = self.started
        self._arrived: queue.SimpleQueue[tuple[float, bytes]] = queue.SimpleQueue()
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def _read(self) -> None:
        while True:
            try:
                ready, _, _ = select.select([self._fd], [], [], 1.0)
                data = os.read(self._fd, 65536) if ready else b" "[:0]
            except OSError:
                return
            if ready and not data:
                return
            if data:
                self.bytes_sent += len(data)
                self._arrived.put((time.monotonic(), data))

    def text(self) -> str:
        """What the screen shows now."""
        while not self._arrived.empty():
            self._stream.feed(self._arrived.get()[1])
        return "\n".join(self._screen.display)

    def seconds_until(self, pattern: str, deadline_s: float) -> float | None:
        """Seconds from start until a line of the screen showed the pattern; None when none ever did.

        What arrived is drawn now and then and judged by when it arrived: drawing costs the program no time.
        """
        wanted = re.compile(pattern)
        if any(wanted.search(line) for line in self._screen.display):
            return self._drawn_at - self.started
        while time.monotonic() - self.started < deadline_s:
            time.sleep(_LOOK_S)
            while not self._arrived.empty():
                at, data = self._arrived.get()
                self._stream.feed(data)
                self._drawn_at = at
                if any(wanted.search(line) for line in self._screen.display):
                    return at - self.started
        return None

    def send(self, keys: str) -> None:
        """Type."""
        os.write(self._fd, keys.encode())

    def tree(self) -> list[int]:
        """Process ids of the program and all that it started."""
        found, todo = [], [self.pid]
        while todo:
            pid = todo.pop()
            found.append(pid)
            for task in Path(f"/proc/{pid}/task").glob("*/children"):
                try:
                    todo += [int(child) for child in task.read_text().split()]
                except OSError:
                    continue
        return found

    def cpu_s(self) -> float:
        """CPU seconds of all its processes so far."""
        return sum(_cpu_s(pid) for pid in self.tree())

    def rss_mib(self, pid: int | None = None) -> float:
        """Resident memory of one process, by default the program itself."""
        try:
            fields = Path(f"/proc/{pid or self.pid}/statm").read_text().split()
        except OSError:
            return 0.0
        return int(fields[1]) * _PAGE_KIB / 1024

    def end(self) -> None:
        """Stop it and what it started."""
        pids = self.tree()
        for number in (signal.SIGTERM, signal.SIGKILL):
            for pid in pids:
                try:
                    os.kill(pid, number)
                except ProcessLookupError:
                    continue
            until = time.monotonic() + 2.0
            while time.monotonic() < until:
                if os.waitpid(self.pid, os.WNOHANG)[0]:
                    os.close(self._fd)
                    return
                time.sleep(0.02)


def _cpu_s(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) * _TICK_S
