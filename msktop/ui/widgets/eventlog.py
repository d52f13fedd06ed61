"""Incidents as a log: one incident's lines joined by a bracket, newest last."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from msktop.model.incidents import Incident, Incidents, Step
from msktop.session import View
from msktop.ui.format import clock, dur, foreign, watch
from msktop.ui.recovery_track import BROKER_KINDS, track_of
from msktop.ui.rows.incidents import kind_words, loudness
from msktop.ui.theme import Glyph, Severity, sign, token
from msktop.ui.widgets.canvas import Canvas
from msktop.ui.widgets.draw import sentence, title
from msktop.ui.widgets.headline import stopwatch_runs
from msktop.ui.widgets.keybar import WIDE
from msktop.ui.widgets.paint import Paint

Mark = Literal["ok", "warn", "crit", "heal", "info"]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the log. `bracket` joins it to its neighbours; `running` counts on."""

    at: float
    mark: Mark
    subject: str
    zone: str
    text: str
    took: str = ""
    bracket: str = ""
    lasting: bool = False
    loud: bool = False
    running: bool = False


def lines_of(view: View) -> list[Line]:
    """All lines; what lasts or heals comes last, so that it is always in sight."""
    incidents = view.incidents
    heads = [i for i in incidents.log if i.parent is None or incidents.get(i.parent) is None]
    heads.sort(key=lambda i: (not i.settled and i.severity != "info", i.began))
    return [line for head in heads for line in _group(view, head)]


def _group(view: View, head: Incident) -> list[Line]:
    """An incident with what followed from it, in order of time."""
    incidents = view.incidents
    lines = [_first(head)]
    rest: list[Line] = []
    for one in (head, *_children(incidents, head)):
        if one is not head:
            rest.append(_first(one))
        rest += [_step(one, step) for step in one.steps]
        if one.ended is not None and one.ended > one.began and not _told_end(one):
            rest.append(_over(one))
    lines += sorted(rest, key=lambda line: line.at)
    if not head.settled and head.severity != "info":
        lines.append(_running(view, head))
    return list(_bracketed(lines, lasting=head.open))


def _children(incidents: Incidents, head: Incident) -> Iterator[Incident]:
    return (i for i in incidents.log if i.parent == head.id)


def _bracketed(lines: list[Line], *, lasting: bool) -> Iterator[Line]:
    from dataclasses import replace

    for i, line in enumerate(lines):
        bracket = ""
        if len(lines) > 1:
            bracket = Glyph.FIRST if i == 0 else Glyph.LAST if i == len(lines) - 1 else Glyph.WALL
        yield replace(line, bracket=bracket, lasting=lasting)


def _first(incident: Incident) -> Line:
    severity = loudness(incident)
    mark: Mark = "info" if severity == "none" else severity
    word = kind_words(incident)
    detail = foreign(incident.detail, 200)
    if incident.kind in BROKER_KINDS and not detail.startswith(word):
        detail = sentence(word, detail)
    planned = f"planned: {foreign(incident.planned, 40)}" if incident.planned else ""
    return Line(
        incident.began,
        mark,
        foreign(incident.subject, 24),
        foreign(incident.zone or "", 16),
        sentence(detail or word, planned),
        loud=severity == "crit",
    )


def _step(incident: Incident, step: Step) -> Line:
    took = dur(step.took_s) if step.took_s is not None else ""
    return Line(
        step.at,
        step.severity,
        foreign(incident.subject, 24),
        foreign(incident.zone or "", 16),
        foreign(step.text, 200),
        took,
        loud=step.severity == "ok",
    )


def _told_end(incident: Incident) -> bool:
    return any(step.at == incident.ended and step.severity in ("heal", "ok") for step in incident.steps)


def _over(incident: Incident) -> Line:
    assert incident.ended is not None
    return Line(
        incident.ended,
        "ok",
        foreign(incident.subject, 24),
        foreign(incident.zone or "", 16),
        f"over: {kind_words(incident)} no more",
        dur(incident.lasted_s),
        loud=True,
    )


def _running(view: View, incident: Incident) -> Line:
    """What is waited for, and for how long already."""
    waiting = next((s.label for s in track_of(incident) if s.severity == "heal"), "")
    subject = foreign(incident.subject, 24)
    words = {
        "leaders moved": f"waiting for {incident.leaders_lost} leaders to move",
        "answers": f"waiting for {subject} to answer; probe every 0.25 s",
        "ISR full": f"waiting for {subject}'s replicas to catch up",
        "latency": f"waiting for {subject} to be as fast as before",
        "leaders back": f"waiting for {incident.leaders_lost} leaders to come back",
    }.get(waiting, f"{kind_words(incident)} still")
    if incident.open and waiting == "leaders moved":
        words += " and for an answer"
    return Line(
        view.cluster.at,
        "heal",
        subject,
        foreign(incident.zone or "", 16),
        words,
        watch(view.cluster.at - incident.fell),
        running=True,
    )


class EventsPanel(Paint):
    """As many lines as fit, the newest ones."""

    EVERY_S = 1.0

    def urgent(self, view: View) -> bool:
        """A stopwatch runs."""
        return stopwatch_runs(view)

    def paint(self, canvas: Canvas) -> None:
        """Title, lines; or that nothing happened."""
        title(canvas, 0, "Events", "newest last", x=1, width=canvas.width - 2)
        lines = lines_of(self.view)
        if not lines:
            since = self.view.cluster.started_at
            words = f"nothing since {clock(since)}Z" if since else ""
            canvas.text(1, 1, words, "faint", canvas.width - 2)
        for y, line in enumerate(lines[-max(0, canvas.height - 1) :], 1):
            draw_line(canvas, y, line)


def draw_line(canvas: Canvas, y: int, line: Line) -> None:
    """Time, bracket and sign, subject, zone where there is room, text, duration at the right."""
    severity: Severity | None = None if line.mark == "info" else line.mark
    canvas.text(1, y, clock(line.at), "muted")
    canvas.text(10, y, line.bracket, "crit" if line.lasting else "faint")
    canvas.text(11, y, sign(severity) if severity else Glyph.DOT, token(severity) if severity else "muted")
    bold = " b" if line.loud or line.running else ""
    subject = "crit" if line.mark == "crit" else "heal" if line.running else "strong" if line.loud else "text"
    zoned = canvas.width >= WIDE and line.zone
    canvas.text(13, y, line.subject, subject + bold, 9 if zoned or canvas.width < WIDE else 20)
    x = 23
    if canvas.width >= WIDE:
        canvas.text(x, y, line.zone, "muted", 10)
        x += 11
    spec = "heal" if line.running else "strong" if line.loud else "text" if severity else "muted"
    end = canvas.width - 1
    canvas.text(x, y, line.text, spec, end - x - (len(line.took) + 2 if line.took else 0))
    canvas.right(end, y, line.took, ("heal" if line.running else "strong" if line.loud else "text") + bold)
