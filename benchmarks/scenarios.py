"""Ten failures and ten quiet scenes on real clusters in both metadata modes, and what is said of each.

`MSKTOP_BENCH_SCENES=killed,clock_stepped` plays only those; `MSKTOP_BENCH_MODES=kraft` only that mode.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from itertools import chain, zip_longest
from pathlib import Path
from typing import Any, get_args

from benchmarks.playing.failures import FAILURES
from benchmarks.playing.judge import SLACK_S, Played, Verdict, judge
from benchmarks.playing.quiet import QUIET
from benchmarks.playing.stage import Stage, stage
from benchmarks.playing.watch import incidents_at
from msktop.local.settings import Metadata

Scene = Callable[[Stage], Played]


def main() -> list[dict[str, Any]]:
    """A row for each scene, and one for each mode."""
    rows = []
    for mode in get_args(Metadata):
        if mode in os.environ.get("MSKTOP_BENCH_MODES", mode):
            rows += _play(mode)
    return rows


def _play(mode: Metadata) -> list[dict[str, Any]]:
    """Failures and quiet scenes in turn: a broker has time to settle before it fails again."""
    wanted = os.environ.get("MSKTOP_BENCH_SCENES", "")
    every: list[Scene] = [s for s in chain(*zip_longest(FAILURES, QUIET)) if s is not None]
    scenes = [s for s in every if not wanted or s.__name__ in wanted.split(",")]
    with tempfile.TemporaryDirectory() as folder:
        with stage(mode, Path(folder)) as on:
            played = []
            for scene in scenes:
                print(f"  {mode}: {scene.__name__}", file=sys.stderr)
                played.append(scene(on))
        logs = incidents_at(Path(folder) / f"{mode}.msktop", [one.ended for one in played])
    verdicts = [judge(one, log) for one, log in zip(played, logs, strict=True)]
    return [*(_row(mode, v) for v in verdicts), _sum(mode, verdicts)]


def _row(mode: Metadata, verdict: Verdict) -> dict[str, Any]:
    apart = verdict.furthest_s
    marks = ", ".join(f"{mark} {by:+.2f}" for mark, by in verdict.apart_s.items())
    said = "; ".join(f"{i.kind} {i.subject}: {i.detail}"[:80] for i in verdict.false)
    facts = [
        f"{verdict.seen} of {verdict.expected} seen",
        f"{len(verdict.false)} false" + (f" ({said})" if said else ""),
        "blame right" if verdict.blame else "BLAME WRONG",
        f"stopwatch less truth: {marks}" if marks else "",
    ]
    return {
        "claim": f"{mode}: {verdict.name}",
        "value": verdict.detected_s,
        "unit": "s to detect" if verdict.expected else "",
        "goal": "all right, none false" + (f", within {SLACK_S:g} s of the truth" if marks else ""),
        "ok": verdict.right and (apart is None or apart <= SLACK_S),
        "detail": ", ".join(fact for fact in facts if fact),
    }


def _sum(mode: Metadata, verdicts: list[Verdict]) -> dict[str, Any]:
    right = sum(v.right for v in verdicts)
    false = sum(len(v.false) for v in verdicts)
    seen, expected = sum(v.seen for v in verdicts), sum(v.expected for v in verdicts)
    return {
        "claim": f"{mode}: all scenes",
        "value": right,
        "unit": f"of {len(verdicts)} right",
        "goal": "all",
        "ok": right == len(verdicts),
        "detail": f"{seen} of {expected} incidents seen, {false} false",
    }
