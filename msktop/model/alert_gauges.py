"""How far each figure is from its rule's threshold: one gauge a rule, of whoever is nearest to it."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal

from msktop.model.alert_figures import Figure
from msktop.model.alert_readings import Reading, Subject, fresh
from msktop.model.alert_rule import Compare, Rule, meets
from msktop.model.alert_subjects import subjects
from msktop.model.cluster import Cluster
from msktop.model.detect_limits import plan, rules_of, seconds_to, threshold_of
from msktop.model.incidents import Incidents

State = Literal["firing", "met", "calm", "unknown"]
"""An incident is open; met but not for long enough; not met; nothing can be read, or no limit is known."""


@dataclass(frozen=True, slots=True)
class Gauge:
    """One rule now."""

    rule: Rule
    of: Figure
    state: State
    subject: str = ""
    """Who is nearest to the threshold, of all that can be read."""
    broker: int | None = None
    value: float | None = None
    at: float | None = None
    estimated: bool = False
    threshold: float | None = None
    share: float | None = None
    """0: as far as can be, 1: at the threshold; more beyond it."""
    left_s: float | None = None
    """Until its trend reaches the threshold, estimated; None: it does not go there, or that is not known."""
    read: int = 0
    """Of how many it could be read."""


def gauges(cluster: Cluster, incidents: Incidents) -> tuple[Gauge, ...]:
    """One for each rule in force, in the rules' order.

    >>> [g.state for g in gauges(Cluster(), Incidents())][:2]
    ['unknown', 'unknown']
    """
    firing = {key for key, watch in incidents.watches.items() if watch.firing}
    return tuple(_gauge(cluster, incidents, rule, of, firing) for rule, of in plan(rules_of(cluster)))


def _gauge(
    cluster: Cluster, incidents: Incidents, rule: Rule, of: Figure, firing: set[tuple[str, str]]
) -> Gauge:
    found: list[tuple[float, Subject, Reading, float]] = []
    for subject in subjects(cluster, of.of):
        if rule.subjects and not any(fnmatchcase(subject.name, pattern) for pattern in rule.subjects):
            continue
        reading, threshold = fresh(cluster, of.read(cluster, subject)), threshold_of(cluster, rule, subject)
        if reading is not None and threshold is not None:
            part = share(rule.compare, reading.value, threshold, percent=of.unit == "%")
            found.append((part, subject, reading, threshold))
    fires = any(name == rule.name for name, _ in firing)
    if not found:
        return Gauge(rule, of, "firing" if fires else "unknown")
    part, subject, reading, threshold = max(found, key=lambda one: one[0])
    left_s = seconds_to(cluster, rule, of, subject, threshold)
    met = (rule.name, subject.name) in incidents.watches
    return Gauge(
        rule,
        of,
        "firing" if fires else "met" if met else "calm",
        subject=subject.name,
        broker=subject.broker.id if subject.broker is not None else None,
        value=reading.value,
        at=reading.at,
        estimated=reading.estimated,
        threshold=threshold,
        share=part,
        left_s=left_s if not meets(rule.compare, reading.value, threshold) else None,
        read=len(found),
    )


def share(compare: Compare, value: float, threshold: float, *, percent: bool = False) -> float:
    """How much of the way to the threshold is gone.

    >>> share(">", 30.0, 60.0), share(">", 3.0, 0.0), share(">", 0.0, 0.0)
    (0.5, 1.0, 0.0)
    >>> share("<", 65.0, 30.0, percent=True), share("<=", 400.0, 100.0), share("!=", 1.0, 1.0)
    (0.5, 0.25, 0.0)
    """
    if compare == "!=" or threshold == 0:
        return 1.0 if meets(compare, value, threshold) else 0.0
    if compare in (">", ">="):
        return max(0.0, value / threshold)
    if percent and threshold < 100:
        return max(0.0, (100.0 - value) / (100.0 - threshold))
    return threshold / value if value > 0 else 1.0
