"""The exporter page of a real broker, read by ours and by prometheus_client, in turns.

CPU time of the reading thread, so that other work on the machine bends neither.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from msktop.local import control
from msktop.local.settings import Settings
from msktop.sources.page_fetch import fetch
from msktop.wire.exposition import parse

NAME = "bench-exposition"
ROUNDS = 11
GOAL = 30


def main() -> list[dict[str, Any]]:
    """How many times as fast as prometheus_client, and MB/s; the ratio is of the medians."""
    with control.running(Settings(name=NAME, brokers=1)) as state:
        url = next(n.metrics_url for n in state.nodes if n.role == "broker")
        assert url is not None
        page = fetch(url).body
    text = page.decode()
    ours, theirs = [], []
    for _ in range(ROUNDS):
        ours.append(_cpu_seconds(lambda: parse(page, "jmx")))
        theirs.append(_cpu_seconds(lambda: [f.samples for f in text_string_to_metric_families(text)]))
    size_mb, first = len(page) / 1e6, ours[0]
    fast, slow = statistics.median(ours), statistics.median(theirs)
    lines = page.count(b"\n")
    return [
        {
            "claim": "exporter page parsed, against prometheus_client",
            "value": slow / fast,
            "unit": "times as fast",
            "goal": f">= {GOAL}",
            "ok": slow / fast >= GOAL,
            "detail": f"{size_mb / fast:.0f} against {size_mb / slow:.1f} MB/s of CPU time; {lines} lines",
        },
        {
            "claim": "exporter page parsed",
            "value": fast * 1e3,
            "unit": "ms of CPU",
            "goal": "<= 15",
            "ok": fast <= 0.015,
            "detail": f"{size_mb:.2f} MB; {first * 1e3:.1f} ms the first time; theirs {slow * 1e3:.0f} ms",
        },
    ]


def _cpu_seconds(work: Callable[[], object]) -> float:
    began = time.thread_time()
    work()
    return time.thread_time() - began
