"""Durations as people write them: `90s`, `1h30m`, `2d`."""

from __future__ import annotations

import re

from msktop.errors import UsageError

_UNIT_S = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)?")


def parse_duration(text: str) -> float:
    """Seconds in a duration; a number without a unit is seconds. Raises UsageError.

    >>> parse_duration("1h30m"), parse_duration("90"), parse_duration("1.5 s"), parse_duration("250ms")
    (5400.0, 90.0, 1.5, 0.25)
    >>> parse_duration("soon")
    Traceback (most recent call last):
    msktop.errors.UsageError: 'soon' is no duration
    """
    rest = text.replace(" ", "").lower()
    parts = _PART.findall(rest)
    whole = "".join(number + unit for number, unit in parts) == rest
    units = [unit for _, unit in parts]
    if not parts or not whole or (len(parts) > 1 and "" in units) or len(set(units)) < len(units):
        raise UsageError(f"{text!r} is no duration", "write it like 90s, 15m, 1h30m or 2d")
    return sum(float(number) * _UNIT_S[unit or "s"] for number, unit in parts)


def span(seconds: float) -> str:
    """A time span in its two largest units.

    >>> span(12.4), span(250), span(7300), span(200_000)
    ('12s', '4m10s', '2h1m', '2d7h')
    """
    left = max(0, round(seconds))
    for unit, size, smaller, small in (("d", 86400, "h", 3600), ("h", 3600, "m", 60), ("m", 60, "s", 1)):
        if left >= size:
            return f"{left // size}{unit}" + (f"{left % size // small}{smaller}" if left % size else "")
    return f"{left}s"
