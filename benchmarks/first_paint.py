"""First paint and first whole overview beside a Textual program that shows one word, in turns, in one run."""

from __future__ import annotations

import statistics
import sys
from typing import Any

from benchmarks.terminal import Terminal, compiled

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
_PANELS = "Slowest probe"


def main() -> list[dict[str, Any]]:
    """Seconds from exec to two pictures, both programs in turns; the ratios are of the medians.

    The first picture comes before Textual is there: header, name, what is connected to, keys. The whole one
    has the overview's panels.
    """
    compiled()
    msktop = [sys.executable, "-m", "msktop", "--bootstrap-servers", _NOWHERE]
    first, whole, theirs = list[float](), list[float](), list[float]()
    for _ in range(ROUNDS):
        theirs += _painted([sys.executable, "-c", _ONE_WORD], "word")
        seen = _painted(msktop, "Overview", _PANELS)
        first += seen[:1]
        whole += seen[1:]
    return [
        _row("first paint against a one-word Textual program", first, theirs, 1.3),
        _row("first whole overview against a one-word Textual program", whole, theirs, None),
    ]


def _row(claim: str, ours: list[float], theirs: list[float], most: float | None) -> dict[str, Any]:
    ratio = statistics.median(ours) / statistics.median(theirs) if ours and theirs else None
    return {
        "claim": claim,
        "value": ratio,
        "unit": "ratio",
        "goal": None if most is None else f"<= {most:g}",
        "ok": None if most is None else ratio is not None and ratio <= most,
        "detail": "" if ratio is None else f"{_median(ours)} against {_median(theirs)}, {ROUNDS} rounds",
    }


def _painted(command: list[str], *patterns: str) -> list[float]:
    """Seconds until each of the patterns, as far as they came."""
    with Terminal(command) as terminal:
        seen = [terminal.seconds_until(pattern, DEADLINE_S) for pattern in patterns]
    return [seconds for seconds in seen if seconds is not None]


def _median(seconds: list[float]) -> str:
    return f"{statistics.median(seconds):.2f} s"
