"""A reading against its rule, in words and units."""

from __future__ import annotations

from msktop.model.alert_figures import Figure, Unit
from msktop.model.alert_limits import LIMITS, instance_type
from msktop.model.alert_readings import Reading, Subject
from msktop.model.alert_rule import Compare, Rule
from msktop.model.cluster import Cluster

_OVER: dict[Compare, str] = {">": "over", ">=": "at or over", "<": "under", "<=": "at or under", "!=": "not"}
_PREFIXES = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


def with_unit(value: float, unit: Unit) -> str:
    """A value as a person reads it.

    >>> with_unit(86.234, "%"), with_unit(12_345_678.0, "bytes/s"), with_unit(1204.0, "")
    ('86.2 %', '12.3 MB/s', '1,204')
    >>> with_unit(320.0, "s"), with_unit(7.25, "ms"), with_unit(0.25, "/s")
    ('5m20s', '7.25 ms', '0.25 /s')
    """
    if unit == "s":
        return span(value)
    if unit in ("bytes", "bytes/s"):
        for size, prefix in _PREFIXES:
            if abs(value) >= size:
                return f"{value / size:.3g} {prefix}B{unit[5:]}"
        return f"{value:.3g} B{unit[5:]}"
    number = f"{value:,.0f}" if float(value).is_integer() or abs(value) >= 1000 else f"{value:.3g}"
    return f"{number} {unit}".rstrip()


def span(seconds: float) -> str:
    """A time in its two largest units.

    >>> span(42.0), span(320.0), span(5 * 3600.0), span(30 * 3600.0)
    ('42s', '5m20s', '5h', '1d6h')
    """
    left = max(0, round(seconds))
    for unit, size, smaller, small in (("d", 86400, "h", 3600), ("h", 3600, "m", 60), ("m", 60, "s", 1)):
        if left >= size:
            rest = left % size // small
            return f"{left // size}{unit}" + (f"{rest}{smaller}" if rest else "")
    return f"{left}s"


def describe(
    cluster: Cluster,
    rule: Rule,
    of: Figure,
    subject: Subject,
    reading: Reading,
    threshold: float,
    left_s: float | None,
) -> str:
    """One line: what was read, and against what."""
    value = f"{of.words} {with_unit(reading.value, of.unit)}" + (" (estimated)" if reading.estimated else "")
    if left_s is not None and rule.ahead_s and left_s > 0:
        goal = (
            "full"
            if rule.figure == "disk_used_percent" and threshold == 100
            else with_unit(threshold, of.unit)
        )
        return f"{value}: {goal} in about {_about(left_s)} (estimated)"
    bound = f"{_OVER[rule.compare]} {with_unit(threshold, of.unit)}"
    if rule.limit:
        name = instance_type(cluster, subject.broker) if subject.broker is not None else None
        part = "" if rule.threshold == 100 else f"{rule.threshold:g} % of "
        words = LIMITS[rule.limit][1] if rule.limit in LIMITS else rule.limit
        bound += f", {part}{words}" + (f" ({name})" if name else "")
    return f"{value}, {bound}"


def _about(seconds: float) -> str:
    """Rounded, so that an estimate does not look like a measurement.

    >>> _about(4_000.0), _about(50_000.0), _about(95.0)
    ('65m', '14h', '5m')
    """
    if seconds >= 2 * 3600:
        return f"{round(seconds / 3600)}h"
    return f"{max(1, round(seconds / 300)) * 5}m"
