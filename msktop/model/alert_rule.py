"""What one rule of alerting is: plain data, part of recordings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Compare = Literal[">", ">=", "<", "<=", "!="]
Severity = Literal["crit", "warn", "info"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """When a figure is worth an incident. Rules of one group about one subject share the incident."""

    name: str
    kind: str
    """A word of incidents.Kind."""
    figure: str
    """A name in alert_figures.FIGURES, or `page:KEY`, `rate:KEY`, `cloudwatch:METRIC` of a broker."""
    compare: Compare
    threshold: float
    """In the figure's unit; with `limit` in percent of that limit."""
    severity: Severity
    source: str
    """Who says so."""
    advice: str = ""
    limit: str = ""
    """A name in alert_limits.LIMITS; where that is not known of a broker, the rule says nothing of it."""
    for_s: float = 0.0
    """How long every reading must meet it."""
    clear: float | None = None
    """A reading ends it only on this side of its own threshold; None: the same. As `threshold` else."""
    clear_for_s: float = 60.0
    """How long every reading must not meet it."""
    ahead_s: float = 0.0
    """Above 0: what counts is whether the figure's trend reaches the threshold within so many seconds."""
    subjects: tuple[str, ...] = ()
    """Names or patterns (`b-1`, `orders-*`); empty: all."""
    origin: str = "default"
    """`default`, or the file that changed or added it."""

    @property
    def group(self) -> str:
        """Rules of one group about one subject share an incident: those of a kind, each of kind `rule`."""
        return self.name if self.kind == "rule" else self.kind


def meets(compare: Compare, value: float, threshold: float) -> bool:
    """Whether a value stands to the threshold as the rule says.

    >>> meets(">=", 85.0, 85.0), meets("<", 85.0, 85.0), meets("!=", 0.0, 1.0)
    (True, False, True)
    """
    match compare:
        case ">":
            return value > threshold
        case ">=":
            return value >= threshold
        case "<":
            return value < threshold
        case "<=":
            return value <= threshold
        case "!=":
            return value != threshold
