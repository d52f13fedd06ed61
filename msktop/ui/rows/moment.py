"""What was going on in one cell of the timeline, in words: the worst first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from msktop.model.incidents import Incident
from msktop.session import View
from msktop.ui.format import dur, foreign
from msktop.ui.rows.incidents import KIND_WORDS, kind_words, loudness
from msktop.ui.rows.timeline import operation_spans
from msktop.ui.theme import Glyph, Severity
from msktop.ui.widgets.grid import Grid

_ORDER: tuple[Severity, ...] = ("crit", "warn", "heal", "ok", "none")
_STEPS: dict[str, Severity] = {"crit": "crit", "warn": "warn", "heal": "heal", "ok": "ok", "info": "none"}


@dataclass(frozen=True, slots=True)
class Fact:
    """One line: who, and what was the matter."""

    severity: Severity
    who: str
    text: str


def facts_at(view: View, on: Grid, index: int) -> list[Fact]:
    """Incidents and operations that lasted in that cell, and turns that came in it.

    >>> from msktop.model.incidents import Incidents, Kind, Step
    >>> hung = Incident(1, Kind.BROKER_HUNG, "crit", "b-2", 12.0, 14.1, "hung at ApiVersions",
    ...                 ended=31.0, settled=True,
    ...                 steps=(Step(at=20.0, severity="heal", text="12 leaders moved"),))
    >>> view = View(incidents=Incidents(log=(hung,)))
    >>> for f in facts_at(view, Grid(59.0, 10.0, 6), 2):
    ...     print(f"{f.severity} {f.who}: {f.text}")
    crit b-2: for 18.0 s of 19.0 s · hung at ApiVersions
    heal b-2: 12 leaders moved after 8.0 s
    >>> facts_at(view, Grid(59.0, 10.0, 6), 5)
    []
    """
    begin = on.begin + index * on.step_s
    end = begin + on.step_s
    facts: list[Fact] = []
    for incident in reversed(view.incidents.log):
        facts += _of(incident, begin, end, view.cluster.at)
    for span in operation_spans(view.cluster):
        if span.began < end and (span.ended is None or span.ended >= begin):
            facts.append(Fact(span.severity, "operation", span.words))
    return sorted(facts, key=lambda fact: _ORDER.index(fact.severity))


def _of(incident: Incident, begin: float, end: float, now: float) -> Iterator[Fact]:
    who = foreign(incident.subject)
    if incident.began < end and (incident.ended is None or incident.ended >= begin):
        text = foreign(incident.detail) or KIND_WORDS[incident.kind]
        if incident.planned:
            text = f"planned: {foreign(incident.planned, 40)} {Glyph.DOT} {text}"
        until = min(end, now if incident.ended is None else incident.ended)
        if until > incident.began:
            lasted = incident.lasted_s if incident.ended is not None and until < incident.ended else None
            of = "" if lasted is None else f" of {dur(lasted).strip()}"
            text = f"for {dur(until - incident.began).strip()}{of} {Glyph.DOT} {text}"
        yield Fact(loudness(incident), who, text)
    for step in incident.steps:
        if begin <= step.at < end:
            took = step.at - incident.began if step.took_s is None else step.took_s
            after = f" after {dur(took).strip()}" if took > 0 else ""
            yield Fact(_STEPS[step.severity], who, foreign(step.text) + after)
    if incident.ended is not None and incident.ended < begin and not incident.settled:
        yield Fact("heal", who, f"{kind_words(incident)} is over, not all of its recovery yet")
