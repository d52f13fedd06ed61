"""Columns of incident tables: when, what, and how long each turn of the recovery took."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from msktop.model.incidents import Incident
from msktop.ui.columns import Cell, Column, Now
from msktop.ui.format import clock, dur, foreign, watch
from msktop.ui.rows.incidents import KIND_WORDS, loudness, recovery_of
from msktop.ui.theme import Severity, sign, token


def severity_of(incident: Incident) -> Severity:
    """The sign of an incident: loud while it lasts, healing until its recovery is complete.

    >>> from msktop.model.incidents import Kind
    >>> severity_of(Incident(1, Kind.BROKER_HUNG, "crit", "b-2", 1.0, 2.0, "", ended=9.0, settled=True))
    'ok'
    """
    if incident.ended is None:
        return loudness(incident)
    if incident.severity == "info":
        return "none"
    return "ok" if incident.settled or "isr_full" in incident.marks or not incident.marks else "heal"


def moment(at: float, now: float) -> str:
    """Time of day, with the day where it was not today; in UTC.

    >>> moment(1_763_908_322.0, 1_763_908_330.0), moment(1_763_708_322.0, 1_763_908_330.0)
    ('14:32:02', '11-21 06:58:42')
    """
    day = datetime.fromtimestamp(at, UTC)
    same = day.date() == datetime.fromtimestamp(now, UTC).date()
    return clock(at) if same else f"{day:%m-%d} {clock(at)}"


def broker_columns(now: Now) -> list[Column[Incident]]:
    """Of one broker."""
    return [
        _state(),
        Column(head="when", width=14, cell=lambda i: (moment(i.began, now.at), "muted")),
        Column(head="what", width=0, cell=what),
        *_recovery(now),
        Column(head="leaders back", width=12, cell=lambda i: _took(i, 4), align=">", min_width=100),
    ]


def cluster_columns(now: Now, word: Callable[[Incident], str]) -> list[Column[Incident]]:
    """Of the whole cluster: with whom it befell, and where. `word`: what a person said of an incident."""
    return [
        _state(),
        Column(head="when", width=14, cell=lambda i: (moment(i.began, now.at), "muted")),
        Column(head="subject", width=12, cell=lambda i: (foreign(i.subject), "strong b"), min_width=70),
        Column(head="zone", width=10, cell=lambda i: (foreign(i.zone or ""), "muted"), min_width=110),
        Column(head="what", width=0, cell=lambda i: quietly(what(i), word(i))),
        *_recovery(now),
        Column(head="leaders back", width=12, cell=lambda i: _took(i, 4), align=">", min_width=130),
    ]


def what(incident: Incident) -> Cell:
    """In words: what was met, or the kind where nothing was said."""
    text = foreign(incident.detail) or KIND_WORDS[incident.kind]
    planned = f"planned: {foreign(incident.planned, 40)} · " if incident.planned else ""
    return planned + text, "text" if incident.severity != "info" else "muted"


def quietly(cell: Cell, word: str) -> Cell:
    """The words, muted and after why nobody is told of them.

    >>> quietly(("disk used 81 %", "text"), "acknowledged by ann")
    ('acknowledged by ann · disk used 81 %', 'muted')
    """
    text = cell[0] if isinstance(cell, tuple) else cell
    return (f"{foreign(word, 60)} · {text}", "muted") if word else cell


def _state() -> Column[Incident]:
    return Column(head="", width=1, cell=lambda i: (sign(severity_of(i)), token(severity_of(i))), gap=1)


def _recovery(now: Now) -> list[Column[Incident]]:
    def lasted(incident: Incident) -> Cell:
        if incident.ended is None:
            return watch(now.at - incident.began), "crit b" if incident.severity == "crit" else "warn b"
        down = recovery_of(incident).answers
        if down is None and incident.ended > incident.began:
            down = incident.ended - incident.began
        return dur(down), "strong b" if incident.severity != "info" else "muted"

    return [
        Column(head="detect", width=7, cell=lambda i: _took(i, 0), align=">", min_width=84),
        Column(head="leaders", width=7, cell=lambda i: _took(i, 1), align=">", min_width=90),
        Column(head="down", width=7, cell=lasted, align=">"),
        Column(head="in sync", width=7, cell=lambda i: _took(i, 3), align=">", min_width=66),
    ]


def _took(incident: Incident, step: int) -> Cell:
    seconds = recovery_of(incident).steps[step]
    moment_only = incident.ended is not None and incident.ended <= incident.began
    if moment_only and step == 0:
        return "", "faint"
    if seconds is None:
        return (dur(None), "faint") if not moment_only else ("", "faint")
    return dur(seconds), "text"
