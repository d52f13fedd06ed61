"""What the probe adds to a round trip, and costs, while the monitor beside it is busy.

Both ask the same brokers of one real cluster at the same time, four times a second each: our ProbeSource in
its spawned process under a parent that computes as a screen does, and a process that does nothing but send
ApiVersions on blocking sockets.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from msktop.local import control
from msktop.local.settings import Settings
from msktop.model.samples import Probed, Sample
from msktop.sources.clock import Anchor
from msktop.sources.probe import ProbeSource
from msktop.sources.pump import ProcessPump
from msktop.wire.bootstrap import addresses
from msktop.wire.security import Security

SECONDS = float(os.environ.get("MSKTOP_BENCH_PROBE_S", "40"))
WARM_S = 3.0
BUSY_S, IDLE_S = 0.03, 0.07
"""The parent's interpreter computes 30 % of the time."""

_BARE = """
import json, socket, struct, sys, time
request = struct.pack(">ihhih", 16, 18, 1, 1, 6) + b"msktop"
socks = [socket.create_connection((host, port)) for host, port in json.loads(sys.argv[1])]
for sock in socks:
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
took, end, turn = [], time.monotonic() + float(sys.argv[2]), 0
while time.monotonic() < end:
    sock = socks[turn % len(socks)]
    turn += 1
    began = time.perf_counter()
    sock.sendall(request)
    left = struct.unpack(">i", sock.recv(4, socket.MSG_WAITALL))[0]
    sock.recv(left, socket.MSG_WAITALL)
    took.append((time.perf_counter() - began) * 1e3)
    time.sleep(0.25 / len(socks))
print(json.dumps(took))
"""


def main() -> list[dict[str, Any]]:
    """p50 and p90 beside a bare-socket process, CPU and memory of the probe's process."""
    servers = os.environ.get("MSKTOP_BENCH_BOOTSTRAP")
    if servers:
        return _measure(servers)
    with control.running(Settings(name="bench-probe", traffic="steady")) as state:
        return _measure(state.bootstrap_servers)


def _measure(servers: str) -> list[dict[str, Any]]:
    said: list[Sample] = []
    pump = ProcessPump(ProbeSource(servers, Security(), Anchor.take()), said.append, Anchor.take())
    over = threading.Event()
    threading.Thread(target=_compute, args=(over,), daemon=True).start()
    began = time.monotonic()
    pump.start()
    try:
        _until(lambda: any(isinstance(s, Probed) for s in said), "a first probe")
        first_s = time.monotonic() - began
        brokers = json.dumps(addresses(servers))
        bare = subprocess.Popen(
            [sys.executable, "-c", _BARE, brokers, str(SECONDS)], stdout=subprocess.PIPE, text=True
        )
        time.sleep(WARM_S)
        child = _child_of(os.getpid())
        since, cpu_s = time.monotonic(), _cpu_s(child)
        out, _ = bare.communicate()
        cpu = (_cpu_s(child) - cpu_s) / (time.monotonic() - since) * 100
        memory = _rss_mib(child)
    finally:
        over.set()
        pump.stop()
    theirs = json.loads(out)
    ours = [s.stages[0][1] for s in said if isinstance(s, Probed) and s.how == "ping" and s.outcome == "ok"]
    return [
        _added("probe p50 beside a bare socket, busy parent", _p(ours, 50), _p(theirs, 50), 0.2),
        _added("probe p90 beside a bare socket, busy parent", _p(ours, 90), _p(theirs, 90), 1.0),
        _row("probe process: CPU", cpu, "% of a core", 1.0, f"{len(addresses(servers))} brokers"),
        _row("probe process: memory", memory, "MiB", 40.0, "resident"),
        _row("probe process: start to first probe", first_s, "s", 1.0, "spawned, busy parent"),
    ]


def _compute(over: threading.Event) -> None:
    while not over.is_set():
        until = time.perf_counter() + BUSY_S
        while time.perf_counter() < until:
            sum(range(500))
        over.wait(IDLE_S)


def _until(condition: Callable[[], bool], what: str, deadline_s: float = 30.0) -> None:
    end = time.monotonic() + deadline_s
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(what)
        time.sleep(0.005)


def _p(values: list[float], percent: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def _added(claim: str, ours: float, theirs: float, most: float) -> dict[str, Any]:
    return _row(claim, ours - theirs, "ms", most, f"{ours:.2f} ms against {theirs:.2f} ms, {SECONDS:.0f} s")


def _row(claim: str, value: float, unit: str, most: float, detail: str) -> dict[str, Any]:
    return {
        "claim": claim,
        "value": round(value, 3),
        "unit": unit,
        "goal": f"<= {most:g}",
        "ok": value <= most,
        "detail": detail,
    }


def _child_of(pid: int) -> int:
    """The probe's process among our children."""
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            if b"msktop.sources.child" in Path(f"/proc/{child}/cmdline").read_bytes():
                return int(child)
    raise ProcessLookupError("the probe's process")


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _rss_mib(pid: int) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
