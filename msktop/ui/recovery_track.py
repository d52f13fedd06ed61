"""The turns of a recovery: what came, what is waited for, what is to come; plain data, no drawing."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from msktop.model.incidents import FAILURES, Incident, Incidents, Kind
from msktop.ui.theme import Severity

BROKER_KINDS = frozenset({*FAILURES, Kind.BROKER_FENCED})


@dataclass(frozen=True, slots=True)
class TrackStep:
    """One turn of a recovery; `after_s` counts from the beginning of the failure, or its newest fall."""

    severity: Severity
    label: str
    after_s: float | None = None


_TURNS = (
    ("detected", "detected"),
    ("leaders_moved", "leaders moved"),
    ("first_write", "first write"),
    ("answers", "answers"),
    ("isr_full", "ISR full"),
    ("leaders_back", "leaders back"),
    ("latency_back", "latency"),
)


def track_of(incident: Incident) -> tuple[TrackStep, ...]:
    """The turns of a recovery in order: what came, with its time; what is waited for; what is to come."""
    if incident.kind not in BROKER_KINDS and incident.kind is not Kind.ZONE_DOWN:
        return ()
    marks = {**incident.marks, "detected": incident.noticed}
    if incident.ended is not None:
        marks.setdefault("answers", incident.ended)
    turns = [(m, label) for m, label in _TURNS if m in marks or expected(incident, m)]
    steps: list[TrackStep] = []
    waiting = True
    for done, group in groupby(turns, key=lambda turn: turn[0] in marks):
        for mark, label in group:
            if done:
                steps.append(TrackStep("ok", label, max(0.0, marks[mark] - incident.fell)))
            else:
                steps.append(TrackStep("heal" if waiting and not incident.settled else "none", label))
                waiting = False
    return tuple(steps)


def expected(incident: Incident, mark: str) -> bool:
    """Whether a turn that has not come may still come."""
    if mark in ("leaders_moved", "leaders_back"):
        return incident.leaders_lost > 0
    if mark == "latency_back":
        return incident.before is not None and incident.before.calm_ms is not None
    if mark == "first_write":
        return any(w.leader == incident.broker for w in incident.watched)
    return True


def usual_recovery(incidents: Incidents, kind: Kind) -> tuple[float, float] | None:
    """Shortest and longest time that earlier failures of this kind lasted here; None before two of them."""
    lasted = [i.lasted_s for i in incidents.log if i.kind is kind and i.lasted_s is not None]
    known = [s for s in lasted if s is not None]
    return (min(known), max(known)) if len(known) > 1 else None
