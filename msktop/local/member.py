"""One node as it runs: its process, its state, when it answered last, whether healing waits."""

from __future__ import annotations

import asyncio
import os
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from msktop.local import processes, state
from msktop.local.paths import open_private
from msktop.local.plan import EXPORTER_PORT, NODE_EXPORTER_PORT, NodePlan
from msktop.local.settings import How


class AwakeClock:
    """Seconds during which this process could run.

    A supervisor that was starved or stopped must not take its own absence for a node's silence, so a
    step between two ticks counts for no more than two ticks.
    """

    TICK_S = 0.2

    def __init__(self) -> None:
        self.now_s = 0.0

    async def run(self) -> None:
        """Tick until cancelled."""
        last = time.monotonic()
        while True:
            await asyncio.sleep(self.TICK_S)
            now = time.monotonic()
            self.now_s += min(now - last, 2 * self.TICK_S)
            last = now


@dataclass(frozen=True, slots=True)
class Hold:
    """A failure that a person asked for: what was done, and until when (Unix s) healing waits."""

    how: How
    until: float | None


@dataclass(frozen=True, slots=True)
class Software:
    """What a node runs, and on what: changed by a reboot."""

    kafka_version: str
    heap_mb: int
    instance_type: str


class Member:
    """A node's process and what is known of it. Only the supervisor's main thread touches it."""

    def __init__(self, plan: NodePlan, folder: Path, volume_bytes: int, software: Software) -> None:
        self.plan = plan
        self.folder = folder
        self.volume_bytes = volume_bytes
        self.software = software
        self.state: state.NodeState = "STARTING"
        self.hold: Hold | None = None
        self.started_at: float | None = None
        self.starts = 0
        self.ready_at: float | None = None
        """Monotonic time of the first answer of this process."""
        self.heard_at_s = 0.0
        """Awake time of the last answer, or of the start."""
        self.cpu_when_heard_s = 0.0
        self.ended = asyncio.Event()
        self.answered = asyncio.Event()
        """Set by every good probe; whoever waits for the next one clears it first."""
        self.released = asyncio.Event()
        """Set when a person resumes the node."""
        self._process: subprocess.Popen[bytes] | None = None
        self._identity: processes.Identity | None = None

    @property
    def console(self) -> Path:
        """What the JVM itself says, of the last start only."""
        return self.folder / "console.log"

    @property
    def identity(self) -> processes.Identity | None:
        """The process that runs, if one does."""
        return None if self.ended.is_set() else self._identity

    def spawn(self, spawner: processes.Spawner, command: Sequence[str], awake: AwakeClock) -> None:
        """Start the node's process. There must be none."""
        output = open_private(self.console, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        try:
            self._process = spawner(command, output=output, cwd=self.folder)
        finally:
            os.close(output)
        self._identity = processes.identity(self._process.pid)
        self.started_at = time.time()
        self.starts += 1
        self.ready_at = None
        self.heard_at_s = awake.now_s
        self.cpu_when_heard_s = 0.0
        self.ended.clear()
        self.answered.clear()

    def heard(self, awake: AwakeClock) -> None:
        """Note that the node has answered."""
        self.heard_at_s = awake.now_s
        used = self.usage()
        self.cpu_when_heard_s = used.user_s + used.system_s if used else 0.0
        self.ready_at = self.ready_at or time.monotonic()
        self.answered.set()

    def usage(self) -> processes.Usage | None:
        """What the process has used so far."""
        return processes.usage(self._identity.pid) if self.identity and self._identity else None

    def volume(self) -> int:
        """The size of the volume that it pretends to have now (bytes)."""
        return self.volume_bytes

    def reap(self) -> None:
        """See whether the process has ended."""
        if self._process is not None and self._process.poll() is not None:
            self.ended.set()

    @property
    def exit_code(self) -> int | None:
        """How the last process ended: an exit code, or minus a signal's number."""
        return self._process.returncode if self._process else None

    def signal(self, number: int) -> None:
        """Send a signal to the process, if one runs."""
        if self._process is not None:
            self._process.send_signal(number)

    def kill(self) -> None:
        """Kill the process; a stopped one too."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()

    def describe(self) -> state.Node:
        """This node as the state file has it."""
        plan = self.plan
        process = self.identity
        is_broker = plan.role == "broker"
        return state.Node(
            id=plan.id,
            role=plan.role,
            zone=plan.zone,
            address=plan.address,
            port=plan.port,
            metrics_url=f"http://{plan.address}:{EXPORTER_PORT}/metrics" if is_broker else None,
            node_metrics_url=f"http://{plan.address}:{NODE_EXPORTER_PORT}/metrics" if is_broker else None,
            pid=process.pid if process else None,
            process_started_ticks=process.started_ticks if process else None,
            state=self.state,
            storage=state.Storage(str(self.folder / "data"), self.volume_bytes),
            started_at=self.started_at,
            restarts=max(0, self.starts - 1),
            held=self.hold is not None,
            held_until=self.hold.until if self.hold else None,
            ports=plan.client_ports,
            kafka_version=self.software.kafka_version,
            heap_mb=self.software.heap_mb,
            instance_type=self.software.instance_type if is_broker else None,
        )
