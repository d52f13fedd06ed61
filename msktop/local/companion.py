"""A child of the supervisor that is no node: started when the cluster is up, and again when it ends."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from msktop.local import paths, processes, state

_RESTART_S = 5.0
_LIMIT_LOOK_S = 0.25
_BURST_S = 0.4


class Companion:
    """One child process at a time, known as `what`; `changed` is called when it starts or ends."""

    def __init__(
        self,
        what: str,
        spawner: processes.Spawner,
        log: Path,
        changed: Callable[[], None],
        nice: int = 0,
        restart_s: float = _RESTART_S,
    ) -> None:
        self.what = what
        self._spawner = spawner
        self._log = log
        self._changed = changed
        self._nice = nice
        self._restart_s = restart_s
        self._ended = asyncio.Event()
        self._process: subprocess.Popen[bytes] | None = None

    async def keep(self, command: Sequence[str]) -> None:
        """Run the command for ever."""
        while True:
            await self.once(command)
            await asyncio.sleep(self._restart_s)

    async def once(self, command: Sequence[str]) -> int:
        """Run the command once; returns its exit code."""
        output = paths.open_private(self._log)
        try:
            self._ended.clear()
            self._process = self._spawner(command, output=output, cwd=self._log.parent, nice=self._nice)
        finally:
            os.close(output)
        self._changed()
        await self._ended.wait()
        self._changed()
        return self._process.returncode

    async def limit(self, share: float) -> None:
        """Keep the process to `share` of a core, by stopping it for as long as it is ahead of that.

        kafka-python spins while a broker hangs with batches or a coordinator of its own; nothing in the
        process itself can hold that back. A short burst is allowed.
        """
        pid, credit_s, used_s, last, stopped = 0, 0.0, 0.0, time.monotonic(), False
        while True:
            await asyncio.sleep(_LIMIT_LOOK_S)
            now = time.monotonic()
            process = self._process
            usage = processes.usage(process.pid) if process and process.poll() is None else None
            if process is None or usage is None:
                continue
            total_s = usage.user_s + usage.system_s
            if process.pid != pid:
                pid, credit_s, used_s, stopped = process.pid, _BURST_S, 0.0, False
            credit_s = min(_BURST_S, credit_s + share * (now - last)) - (total_s - used_s)
            used_s, last = total_s, now
            if stopped != (credit_s < 0):
                stopped = not stopped
                process.send_signal(signal.SIGSTOP if stopped else signal.SIGCONT)

    def reap(self) -> None:
        """See whether the process has ended."""
        if self._process is not None and self._process.poll() is not None:
            self._ended.set()

    def terminate(self) -> None:
        """Ask the process to end."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()

    def kill(self) -> None:
        """Kill the process, if one runs."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def describe(self) -> tuple[state.Child, ...]:
        """The process as the state file has it: one, or none."""
        if self._process is None or self._process.poll() is not None:
            return ()
        known = processes.identity(self._process.pid)
        return (state.Child(self.what, known.pid, known.started_ticks),)
