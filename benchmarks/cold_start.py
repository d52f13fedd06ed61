"""How soon a local cluster of 3 + 3 nodes is usable with a warm cache, beside the JVM's own floor.

The floor is one broker process alone, without the exporter and without a start-up cache, from its start
until it serves: what `java kafka.Kafka` takes on this machine at this moment.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from msktop.local import aot, config, control, jars, java, processes
from msktop.local.plan import KAFKA_PORT, NodePlan, Plan, nets
from msktop.local.settings import Settings, checked

NAME = "bench-cold"
RUNS = 3
WALL_GOAL = 3.0
"""Six JVMs on two cores take the time of three at the least; the start-up cache pays for the election."""

CPU_GOAL = 0.7
"""A node with exporter and start-up cache against the bare broker; steadier than time on a busy host."""

_DEADLINE_S = 120.0
_NODES = 6


@dataclass(frozen=True)
class Took:
    """Seconds until usable: of the clock, and of CPU in the nodes' processes."""

    wall_s: float
    cpu_s: float


def main() -> list[dict[str, Any]]:
    """Medians of a few starts, and their ratios to the floor of the same run."""
    settings = checked(Settings(name=NAME, traffic="none"))
    needed, runtime = jars.ensure(settings.kafka_version), java.runtime()
    cached = aot.cache(runtime, needed, settings.kafka_version).file.exists()
    floors, starts = [], []
    for _ in range(RUNS):
        floors.append(floor(settings, needed, runtime))
        starts.append(cluster(settings))
    wall_s, cpu_s = (statistics.median(getattr(t, what) for t in starts) for what in ("wall_s", "cpu_s"))
    floor_wall_s, floor_cpu_s = (
        statistics.median(getattr(t, what) for t in floors) for what in ("wall_s", "cpu_s")
    )
    detail = (
        f"start-up cache {'used' if cached else 'not made yet'}; {os.cpu_count()} processors, "
        f"load {os.getloadavg()[0]:.1f}; cluster {wall_s:.2f} s and {cpu_s:.2f} s CPU, "
        f"bare broker {floor_wall_s:.2f} s and {floor_cpu_s:.2f} s CPU"
    )
    return [
        row("cold start of 3 brokers and 3 controllers, warm jars", wall_s, "s", None, detail),
        row(
            "cold start of 3 + 3 nodes against one bare broker",
            wall_s / floor_wall_s,
            "ratio",
            WALL_GOAL,
            detail,
        ),
        row(
            "CPU of a node until usable against a bare broker",
            cpu_s / _NODES / floor_cpu_s,
            "ratio",
            CPU_GOAL,
            detail,
        ),
    ]


def row(claim: str, value: float, unit: str, goal: float | None, detail: str) -> dict[str, Any]:
    """One claim and what was measured."""
    ok = None if goal is None else value <= goal
    return {"claim": claim, "value": round(value, 2), "unit": unit, "goal": goal, "ok": ok, "detail": detail}


def cluster(settings: Settings) -> Took:
    """From the wish to a usable cluster."""
    began = time.monotonic()
    state = control.start(settings)
    wall_s = time.monotonic() - began
    cpu_s = sum(cpu_of(node.pid) for node in state.nodes if node.pid)
    control.stop(settings.name)
    return Took(wall_s, cpu_s)


def cpu_of(pid: int) -> float:
    """CPU seconds of a process so far."""
    used = processes.usage(pid)
    return used.user_s + used.system_s if used else 0.0


def floor(settings: Settings, needed: jars.Jars, runtime: java.Runtime) -> Took:
    """From the start of one process, broker and controller in one, until its port takes connections."""
    net = next(nets("bench-floor"))
    node = NodePlan(1, "controller", "use1-az1", f"127.{net}.1.1")
    alone = Plan(net, (node.zone,), (node,), (node,))
    with tempfile.TemporaryDirectory(prefix="msktop-bench-") as home:
        folder = Path(home) / "node"
        config.write_node(folder, node, alone, settings, config.kafka_uuid())
        properties = folder / "server.properties"
        config.make_combined(properties, node)
        words = java.command(runtime, needed, java.KAFKA, properties, logging=folder / "logging.properties")
        began = time.monotonic()
        process = processes.Spawner()(words, output=subprocess.DEVNULL, cwd=folder)
        try:
            while not processes.accepts(node.address, KAFKA_PORT):
                if process.poll() is not None or time.monotonic() > began + _DEADLINE_S:
                    raise RuntimeError(f"the bare broker did not start (exit code {process.poll()})")
                time.sleep(0.02)
            return Took(time.monotonic() - began, cpu_of(process.pid))
        finally:
            process.kill()
            process.wait()
