"""Incidents as lines: one as each begins and one as it ends."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import TextIO

from msktop.headless.documents import event
from msktop.model.incidents import Incident
from msktop.model.text import plain
from msktop.session import View


class EventLines:
    """Prints each incident as it begins and as it ends, and again when it comes back; a moment once."""

    def __init__(self, out: TextIO, as_json: bool) -> None:
        self._out = out
        self._line: Callable[[Incident], str] = event_json if as_json else event_text
        self._said: dict[int, int] = {}
        self.broken = False
        """Whoever read the lines has gone."""

    def __call__(self, view: View) -> None:
        """Say what is new in this view."""
        try:
            self._say(view)
        except (BrokenPipeError, ValueError):
            self.broken = True

    def _say(self, view: View) -> None:
        kept = view.incidents.log
        for incident in kept:
            turn = 2 * incident.times + (incident.ended is not None)
            if self._said.get(incident.id, 0) < turn:
                self._said[incident.id] = turn
                self._out.write(self._line(incident) + "\n")
                self._out.flush()
        if len(self._said) > 2 * len(kept) + 100:
            self._said = {i.id: self._said[i.id] for i in kept if i.id in self._said}


def event_json(incident: Incident) -> str:
    """One line of JSON."""
    return json.dumps(event(incident), separators=(",", ":"))


def event_text(incident: Incident) -> str:
    """One line for a person."""
    at = incident.fell
    at = at if incident.ended is None else incident.ended
    moment = incident.ended == incident.began
    word = "" if moment else "began" if incident.ended is None else f"ended after {incident.lasted_s:.1f} s"
    if incident.times > 1:
        word += f", time {incident.times}"
    parts = [_clock(at), incident.severity.ljust(4), plain(incident.subject).ljust(10)]
    parts.append(" · ".join(p for p in (incident.kind.value, plain(incident.detail), word) if p))
    if incident.planned:
        parts.append(f"(planned: {plain(incident.planned)})")
    return "  ".join(parts)


def _clock(at: float) -> str:
    return time.strftime("%H:%M:%SZ", time.gmtime(at))
