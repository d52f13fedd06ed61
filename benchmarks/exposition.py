"""The exporter page of a real broker, read by ours and by prometheus_client, in turns."""

from __future__ import annotations

import statistics
import time
import urllib.request
from collections.abc import Callable
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from msktop.local import control
from msktop.local.settings import Settings
from msktop.wire.exposition import parse

NAME = "bench-exposition"
ROUNDS = 7


def main() -> list[dict[str, Any]]:
    """MB/s of both on the same page; the ratio is of the medians."""
    with control.running(Settings(name=NAME, brokers=1, traffic="none")) as state:
        broker = next(n for n in state.nodes if n.role == "broker")
        with urllib.request.urlopen(str(broker.metrics_url), timeout=60) as response:
            page = response.read()
    text = page.decode()
    ours, theirs = [], []
    for _ in range(ROUNDS):
        ours.append(_seconds(lambda: parse(page, "jmx")))
        theirs.append(_seconds(lambda: [f.samples for f in text_string_to_metric_families(text)]))
    size = len(page) / 1e6
    fast, slow = statistics.median(ours), statistics.median(theirs)
    ratio = slow / fast
    return [
        {
            "claim": "exporter page parsed, against prometheus_client",
            "value": ratio,
            "unit": "times as fast",
            "goal": ">= 30",
            "ok": ratio >= 30,
            "detail": f"{size / fast:.0f} against {size / slow:.1f} MB/s on {size:.2f} MB",
        }
    ]


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
