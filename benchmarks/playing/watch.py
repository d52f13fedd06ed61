"""A headless msktop that records what it sees, and the incidents that follow from its recording."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from msktop.model.cluster import Cluster
from msktop.model.fold import fold
from msktop.model.incidents import Incident, Incidents
from msktop.recording.reader import Recording


class Watch:
    """`msktop record` on a local cluster; its wall clock can be stepped, and it can be paused."""

    def __init__(self, cluster: str, ways: tuple[str, ...], out: Path) -> None:
        mapped = ("--dns-map", ",".join(ways)) if ways else ()
        command = ("record", "--local", cluster, *mapped, "--out", str(out))
        self._out = out
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.playing.stepping", *command], stdout=subprocess.DEVNULL
        )

    @contextmanager
    def paused(self) -> Iterator[None]:
        """All of its processes stand still, as on a host that was suspended."""
        pids = [self._process.pid, *_children(self._process.pid)]
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in pids:
                os.kill(pid, signal.SIGCONT)

    def step_clock(self) -> None:
        """Its wall clock jumps."""
        self._process.send_signal(signal.SIGUSR1)

    def end(self) -> Path:
        """Interrupt it, as a person would; gives the recording."""
        self._process.send_signal(signal.SIGINT)
        self._process.wait(20)
        return self._out


def _children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task").glob("*/children")
    own = [int(word) for path in found for word in path.read_text("ascii").split()]
    return [*own, *(grand for child in own for grand in _children(child))]


def incidents_at(recording: Path, times: Sequence[float]) -> list[tuple[Incident, ...]]:
    """Every incident so far, as the fold told it at each of these times (ascending), oldest first."""
    cluster, incidents = Cluster(), Incidents()
    known: dict[int, Incident] = {}
    told: list[tuple[Incident, ...]] = []
    with Recording(recording) as opened:
        for sample in opened.samples():
            while len(told) < len(times) and sample.at > times[len(told)]:
                told.append(tuple(known.values()))
            before = incidents.log
            cluster, incidents = fold(cluster, incidents, sample)
            if incidents.log is not before:
                known.update((incident.id, incident) for incident in incidents.log)
    return [*told, *[tuple(known.values())] * (len(times) - len(told))]
