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
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.lines.append((time.time(), json.loads(line)))

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
        """Interrupt it as a person would: its exit code, and what it wrote to standard error."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
        code = self._process.wait(10)
        self._thread.join(5)
        assert self._process.stderr is not None
        with self._process.stderr as stream:
            errors = stream.read()
        if self._process.stdout is not None:
            self._process.stdout.close()
        return code, errors


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
