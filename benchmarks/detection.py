"""How soon `msktop events` says that a broker of a real cluster was killed or hangs, and that it is back."""

from __future__ import annotations

import json
import signal
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from kafka import KafkaAdminClient

from benchmarks.playing.load import Load
from msktop.local import control
from msktop.local.settings import How, Settings
from msktop.local.state import State

NAME = "bench-detection"
KILLS = 10
HANGS = 5
LOADED_KILLS, LOADED_HANGS = 4, 2
LOAD_PER_S = 24_000
"""Records of 100 bytes a second, beside the local traffic: 20,000 are taken also while a broker is away."""


class Events:
    """A running `msktop events --json`, with the time at which each line came."""

    def __init__(self, bootstrap_servers: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "msktop", "--bootstrap-servers", bootstrap_servers, "events", "--json"],
            stdout=subprocess.PIPE,
            text=True,
        )
        self.lines: list[tuple[float, dict[str, Any]]] = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.lines.append((time.time(), json.loads(line)))

    def wait(self, wanted: Callable[[dict[str, Any]], bool], since: float, deadline_s: float) -> float | None:
        """When the first wanted line after `since` came; None by the deadline."""
        while time.time() < since + deadline_s:
            for at, event in list(self.lines):
                if at >= since and wanted(event):
                    return at
            time.sleep(0.005)
        return None

    def end(self) -> None:
        """Interrupt it, as a person would."""
        self._process.send_signal(signal.SIGINT)
        self._process.wait(10)


def main() -> list[dict[str, Any]]:
    """Kill and hang brokers in turn; every figure is a median in seconds."""
    with control.running(Settings(name=NAME, fast_heal=True, traffic="steady")) as state:
        rows = _broken_in_turn(state, KILLS, HANGS, "")
        load = _loaded(state)
        try:
            time.sleep(10.0)
            before, began = sum(load.written.values()), time.monotonic()
            loaded = _broken_in_turn(state, LOADED_KILLS, LOADED_HANGS, " under load")
            per_s = (sum(load.written.values()) - before) / (time.monotonic() - began)
        finally:
            load.end()
    said = f"{per_s:,.0f} records/s taken meanwhile, failures included"
    return [*rows, *({**row, "detail": f"{row['detail']}; {said}"} for row in loaded)]


def _broken_in_turn(state: State, kills: int, hangs: int, when: str) -> list[dict[str, Any]]:
    events = Events(state.bootstrap_servers)
    try:
        time.sleep(5.0)  # a warm session, as an operator has it
        killed = [_once(events, 1 + i % 3, "kill") for i in range(kills)]
        hung = [_once(events, 1 + i % 3, "hang") for i in range(hangs)]
    finally:
        events.end()
    return [
        _row(f"SIGKILL until the event is out{when}", [d for d, _ in killed], 1.0),
        _row(f"SIGSTOP until the event is out{when}", [d for d, _ in hung], 3.0),
        _row(f"port answers again until the recovery is out{when}", [r for _, r in killed + hung], 1.0),
    ]


def _loaded(state: State) -> Load:
    """A topic over all brokers that is written to as fast as LOAD_PER_S."""
    admin = KafkaAdminClient(bootstrap_servers=state.bootstrap_servers)
    admin.create_topics({"load": {"num_partitions": 12, "configs": {"retention.bytes": str(8 << 20)}}})
    admin.close()
    return Load({n.id: (n.address, n.port) for n in state.brokers}, "load", LOAD_PER_S)


def _once(events: Events, broker: int, how: How) -> tuple[float | None, float | None]:
    """Break one broker and mend it: seconds to the event, and from its first answer to the recovery."""
    at = time.time()
    control.fail(NAME, broker, how)
    seen = events.wait(lambda e: e["broker"] == broker and e["severity"] == "crit" and not e["ended"], at, 15)
    time.sleep(1.0)
    back = time.time()
    control.resume(NAME, broker)
    answered = _first_answer(broker, back)
    ended = events.wait(lambda e: e["broker"] == broker and e["severity"] == "crit" and e["ended"], back, 60)
    time.sleep(4.0)
    detect = None if seen is None else seen - at
    return detect, None if ended is None or answered is None else max(0.0, ended - answered)


def _first_answer(broker: int, since: float) -> float | None:
    """When the broker's port first answered ApiVersions again, by an observer of our own."""
    from msktop.wire.connection import Connection
    from msktop.wire.errors import WireError
    from msktop.wire.security import Security

    state = control.require(NAME)
    node = next(n for n in state.nodes if n.id == broker)
    while time.time() < since + 60:
        try:
            Connection.open(node.address, node.port, Security(), 0.5).close()
        except WireError:
            time.sleep(0.02)
        else:
            return time.time()
    return None


def _row(claim: str, seconds: list[float | None], goal: float) -> dict[str, Any]:
    known = [s for s in seconds if s is not None]
    missed = len(seconds) - len(known)
    value = statistics.median(known) if known else None
    detail = f"{len(seconds)} times, {missed} missed"
    if known:
        detail += f", {min(known):.2f} to {max(known):.2f} s"
    return {
        "claim": claim,
        "value": value,
        "unit": "s, median",
        "goal": f"<= {goal:g}",
        "ok": value is not None and not missed and value <= goal,
        "detail": detail,
    }
