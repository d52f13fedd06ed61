"""First paint beside a Textual program that shows one word, in turns, in the same run."""

from __future__ import annotations

import statistics
import sys
from typing import Any

from benchmarks.terminal import Terminal

ROUNDS = 7
DEADLINE_S = 20.0
_ONE_WORD = """
from textual.app import App
from textual.widgets import Static
class One(App):
    def compose(self):
        yield Static("word")
One().run()
"""
_NOWHERE = "127.0.0.1:1"
"""Nobody listens there: what is timed is the first picture, not a cluster."""


def main() -> list[dict[str, Any]]:
    """Seconds from exec to the first picture, both programs in turns; the ratio is of the medians."""
    ours, theirs = [], []
    for _ in range(ROUNDS):
        theirs.append(_painted([sys.executable, "-c", _ONE_WORD], "word"))
        ours.append(_painted([sys.executable, "-m", "msktop", "--bootstrap-servers", _NOWHERE], "Overview"))
    known = [s for s in ours if s is not None], [s for s in theirs if s is not None]
    ratio = statistics.median(known[0]) / statistics.median(known[1]) if all(known) else None
    detail = "" if ratio is None else f"{_median(known[0])} against {_median(known[1])}, {ROUNDS} rounds"
    return [
        {
            "claim": "first paint against a one-word Textual program",
            "value": ratio,
            "unit": "ratio",
            "goal": "<= 1.3",
            "ok": ratio is not None and ratio <= 1.3,
            "detail": detail,
        }
    ]


def _painted(command: list[str], pattern: str) -> float | None:
    with Terminal(command) as terminal:
        return terminal.seconds_until(pattern, DEADLINE_S)


def _median(seconds: list[float]) -> str:
    return f"{statistics.median(seconds):.2f} s"
