"""What the loud line says; plain data, no drawing."""

from __future__ import annotations

from dataclasses import dataclass

from msktop.model.incidents import Incident
from msktop.ui.theme import Severity


@dataclass(frozen=True, slots=True)
class Verdict:
    """`head` is bold, `facts` follow, most important first; `about` is the incident whose track is shown."""

    severity: Severity
    head: str
    facts: tuple[str, ...] = ()
    about: Incident | None = None
    second: str = ""
    """The line below, where there is no recovery to show."""
