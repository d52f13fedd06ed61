"""msktop beside kaskade and kafkatop on one real cluster of 1,200 partitions and 200 groups."""

from __future__ import annotations

import os
import statistics
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.crowd import fill
from benchmarks.peers import PEERS, program
from benchmarks.terminal import Terminal, compiled
from msktop.local import control
from msktop.local.settings import Settings

NAME = "bench-peers"
ROUNDS = 5
DEADLINE_S = 40.0
WARM_S = 20.0
STEADY_S = 60.0
_HEADER = r"brokers 3/3"
"""First live data: all brokers that Metadata names have answered a probe."""
_PANEL = r"probe\s+\d+\.\d+"
"""The whole overview: a probe's latency in a zone's panel."""
_WHOLE = "its whole overview"


def main() -> list[dict[str, Any]]:
    """First live data against the faster peer; steady cost at 120×40 and 1 Hz."""
    programs = {name: program(name) for name in PEERS}
    with control.running(Settings(name=NAME, traffic="steady")) as state:
        servers = state.bootstrap_servers
        fill(servers)
        time.sleep(10.0)
        compiled()
        commands = {"msktop": _msktop(servers, _HEADER), _WHOLE: _msktop(servers, _PANEL)}
        commands |= {name: _command(name, path, servers) for name, path in programs.items() if path}
        return [_against(_first(commands)), *_steady(_msktop(servers, _PANEL))]


def _msktop(servers: str, pattern: str) -> tuple[list[str], str]:
    return [sys.executable, "-m", "msktop", "--bootstrap-servers", servers], pattern


def _command(name: str, program: Path, servers: str) -> tuple[list[str], str]:
    if name == "kaskade":
        return [str(program), "admin", "-b", servers], r"bench-0\d\d"
    return [str(program), "--all", "--kafka-broker", servers], r"poll: \d+"  # below its first table


def _first(commands: dict[str, tuple[list[str], str]]) -> dict[str, float]:
    """Seconds to first live data, of those that showed any: medians of rounds in which all take turns."""
    seen: dict[str, list[float]] = {}
    for _ in range(ROUNDS):
        for name, (command, pattern) in commands.items():
            with Terminal(command) as terminal:
                seconds = terminal.seconds_until(pattern, DEADLINE_S)
            if seconds is not None:
                seen.setdefault(name, []).append(seconds)
    return {name: statistics.median(found) for name, found in seen.items()}


def _against(first: dict[str, float]) -> dict[str, Any]:
    peers = [seconds for name, seconds in first.items() if name in PEERS]
    ratio = first["msktop"] / min(peers) if "msktop" in first and peers else None
    not_seen = [name for name in ("msktop", _WHOLE, *PEERS) if name not in first]
    words = [f"{name} {seconds:.2f} s" for name, seconds in first.items()]
    detail = ", ".join(words + [f"{name} not seen" for name in not_seen])
    return _row("first live data against the faster of kaskade, kafkatop", ratio, "ratio", 0.4, detail)


def _steady(command: tuple[list[str], str]) -> list[dict[str, Any]]:
    with Terminal(command[0]) as terminal:
        terminal.seconds_until(command[1], DEADLINE_S)
        for _ in range(2):
            terminal.send("-")  # from the screens' own rate down to 1 Hz
        time.sleep(WARM_S)
        cpu, sent, began = terminal.cpu_s(), terminal.bytes_sent, time.monotonic()
        time.sleep(STEADY_S)
        span = time.monotonic() - began
        busy = (terminal.cpu_s() - cpu) / span * 100
        rate = (terminal.bytes_sent - sent) / span / 1000
        memory = {pid: terminal.rss_mib(pid) for pid in terminal.tree()}
        main_mib = memory.pop(terminal.pid)
    others = ", ".join(f"{mib:.0f}" for mib in memory.values())
    cores = os.cpu_count()
    return [
        _row("steady CPU, all processes", busy, "% of a core", 5.0, f"{span:.0f} s on {cores} cores"),
        _row("memory of the main process", main_mib, "MiB", 80.0, f"others: {others} MiB"),
        _row("terminal output at 120x40", rate, "kB/s", 4.0, "at 1 Hz"),
    ]


def _row(claim: str, value: float | None, unit: str, most: float, detail: str) -> dict[str, Any]:
    return {
        "claim": claim,
        "value": value,
        "unit": unit,
        "goal": f"<= {most:g}",
        "ok": value is not None and value <= most,
        "detail": detail,
    }
