"""A running `msktop events --json`, as a script would use it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.command import run_here
from tests.support import wait_for

Event = dict[str, Any]


class Watcher:
    """Lines of `msktop events --json`, with the wall-clock time at which each came."""

    def __init__(self, *target: str, env: dict[str, str] | None = None) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "msktop", *target, "events", "--json"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=env,
        )
        self.lines: list[tuple[float, Event]] = []
        self.errors: list[str] = []
        """Lines of standard error."""
        self._threads = [threading.Thread(target=read, daemon=True) for read in (self._read, self._listen)]
        for thread in self._threads:
            thread.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.lines.append((time.time(), json.loads(line)))

    def _listen(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self.errors.append(line)

    def wait_watching(self, brokers: int, deadline_s: float = 60) -> None:
        """Wait until it says that it watches so many brokers."""
        wanted = f" of {brokers} brokers answer\n"
        wait_for(lambda: any(line.endswith(wanted) for line in self.errors), deadline_s, f"watching{wanted}")

    def wait(
        self, wanted: Callable[[Event], bool], deadline_s: float, what: str, after: int = 0
    ) -> tuple[float, Event]:
        """The first line that is wanted, not counting the first `after`, and when it came."""
        return wait_for(
            lambda: next(((at, e) for at, e in self.lines[after:] if wanted(e)), None),
            deadline_s,
            f"{what} among {[e for _, e in self.lines[after:]]}",
        )

    def began(self, subject: str, deadline_s: float, *kinds: str) -> tuple[float, Event]:
        """The beginning of an incident of this subject (and one of these kinds)."""
        return self.wait(
            lambda e: e["subject"] == subject and e["ended"] is None and (not kinds or e["kind"] in kinds),
            deadline_s,
            f"{subject} begins",
        )

    def ended(self, number: int, deadline_s: float) -> tuple[float, Event]:
        """The end of an incident."""
        return self.wait(
            lambda e: e["id"] == number and e["ended"] is not None, deadline_s, f"incident {number} ends"
        )

    def blamed(self) -> set[str]:
        """Who was said to have failed; other tests' partitions of one replica go offline with it."""
        crit = (e for _, e in self.lines if e["severity"] == "crit")
        return {e["subject"] for e in crit if e["kind"] != "offline_partitions"}

    def end(self) -> tuple[int, str]:
        """Interrupt it as a person would: its exit code, and what went wrong by its standard error."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
        code = self._process.wait(10)
        for thread in self._threads:
            thread.join(5)
        for stream in (self._process.stdout, self._process.stderr):
            if stream is not None:
                stream.close()
        return code, "".join(line for line in self.errors if not line.startswith("watching "))


@contextmanager
def watching(*target: str, env: dict[str, str] | None = None) -> Iterator[Watcher]:
    """Watch for the length of the block; it must end cleanly and silently."""
    watcher = Watcher(*target, env=env)
    try:
        yield watcher
    finally:
        code, errors = watcher.end()
    assert errors == ""
    assert code == 0


def status(bootstrap_servers: str, span: str = "3s") -> tuple[int, Event]:
    """`msktop status --json` by the brokers alone: exit code and document."""
    return status_of("--bootstrap-servers", bootstrap_servers, span=span)


def status_of(*target: str, span: str = "3s", env: dict[str, str] | None = None) -> tuple[int, Event]:
    """`msktop status --json` of a target, in these folders: exit code and document."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (env or {}).items():
            patch.setenv(name, value)
        done = run_here(*target, "status", "--json", "--for", span)
    assert done.stderr == ""
    return done.returncode, json.loads(done.stdout)
