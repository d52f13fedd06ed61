"""The stopwatch of a failure as a small table: each turn, how long it took, and how long it usually takes."""

from __future__ import annotations

from msktop.model.incidents import Incident
from msktop.model.report import Turn, report_of
from msktop.session import View
from msktop.ui.format import UNKNOWN, dur, watch
from msktop.ui.recovery_track import track_of
from msktop.ui.theme import sign, token
from msktop.ui.widgets.canvas import Canvas
from msktop.ui.widgets.draw import title

BESIDE = 110
"""From this width on the report stands beside what is said of the incident."""

_WORDS = {
    "detected": "detected",
    "leaders_moved": "leaders moved",
    "first_write": "first write",
    "answers": "answers",
    "isr_full": "ISR full",
    "leaders_back": "leaders back",
    "latency_back": "latency",
}


def draw_report(canvas: Canvas, incident: Incident, view: View, x: int) -> bool:
    """In the right part, from `x`; False where there is nothing to report of."""
    report = report_of(incident, view.incidents.log, view.cluster.at)
    steps = {step.label: step.severity for step in track_of(incident)}
    if report is None or not steps:
        return False
    earlier = max(len(turn.earlier_s) for turn in report.turns)
    width = canvas.width - x
    note = f"{earlier} earlier" if earlier else "the first of this session"
    title(canvas, 2, "Recovery", note, x=x, width=width)
    y = 3
    for turn in report.turns:
        severity = steps.get(_WORDS[turn.mark])
        if turn.mark == "first_write" and severity is None and y < canvas.height:
            _unknown_write(canvas, x, y, incident)
            y += 1
            continue
        if severity is None or y >= canvas.height:
            continue
        canvas.text(x, y, sign(severity), token(severity))
        canvas.text(x + 2, y, _WORDS[turn.mark], "text" if severity == "ok" else "muted")
        if severity == "heal":
            canvas.right(x + 24, y, watch(view.cluster.at - incident.fell), "heal b")
        else:
            took = f"{'~' if turn.estimated else ''}{dur(turn.after_s).strip()}"
            canvas.right(x + 24, y, took, "strong b" if severity == "ok" else "faint")
        canvas.right(canvas.width, y, _usual(turn), "muted")
        y += 1
    return True


def _unknown_write(canvas: Canvas, x: int, y: int, incident: Incident) -> None:
    """Without a write of ours nobody knows."""
    canvas.text(x, y, sign("none"), token("none"))
    canvas.text(x + 2, y, _WORDS["first_write"], "muted")
    canvas.right(x + 24, y, UNKNOWN, "faint")
    why = "it led nothing that we write to" if incident.watched else "no write probe"
    canvas.right(canvas.width, y, why, "muted")


def _usual(turn: Turn) -> str:
    """The median of earlier ones, and from when to when they came.

    >>> _usual(Turn("answers", 9.0, (12.0, 14.0, 30.0)))
    'usually 14.0 s · 12.0 s to 30.0 s'
    """
    if turn.usual_s is None:
        return ""
    middle = f"usually {dur(turn.usual_s).strip()}"
    if len(turn.earlier_s) < 2:
        return middle
    return f"{middle} · {dur(turn.earlier_s[0]).strip()} to {dur(turn.earlier_s[-1]).strip()}"
