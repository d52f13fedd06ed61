"""Where a group's offsets shall be set to, as a person writes it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from msktop.durations import parse_duration
from msktop.errors import UsageError

_SHIFT = re.compile(r"[+-]\d+")
_AGE = re.compile(r"[\d.]+(ms|s|m|h|d)[\d.a-z]*")


@dataclass(frozen=True, slots=True)
class Place:
    """`value`: an offset, a number of records, or milliseconds since 1970."""

    kind: Literal["earliest", "latest", "offset", "shift", "time"]
    value: int = 0

    @property
    def words(self) -> str:
        """For a sentence.

        >>> place_of("-100", 0.0).words, place_of("2026-01-01T00:00:00Z", 0.0).words
        ('back by 100 records', 'to 2026-01-01T00:00:00Z')
        """
        if self.kind == "shift":
            return f"{'back' if self.value < 0 else 'on'} by {abs(self.value):,} records"
        if self.kind == "time":
            return "to " + datetime.fromtimestamp(self.value / 1e3, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return f"to offset {self.value:,}" if self.kind == "offset" else f"to the {self.kind}"


def place_of(text: str, now: float) -> Place:
    """What was written: earliest, latest, an offset, +n, -n, an age (2h), a time (ISO 8601; UTC unless said).

    Raises UsageError.

    >>> place_of("earliest", 0.0), place_of("+5", 0.0), place_of("42", 0.0), place_of("1h", 7200.0)
    (Place(kind='earliest', value=0), Place(kind='shift', value=5), Place(kind='offset', value=42), \
Place(kind='time', value=3600000))
    """
    said = text.strip()
    if said == "earliest":
        return Place("earliest")
    if said == "latest":
        return Place("latest")
    if said.isascii() and said.isdecimal():
        return Place("offset", int(said))
    if _SHIFT.fullmatch(said):
        return Place("shift", int(said))
    if _AGE.fullmatch(said):
        return _time(now - parse_duration(said))
    try:
        at = datetime.fromisoformat(said)
    except ValueError:
        raise UsageError(
            f"{text!r} is no place in a log",
            "Give earliest, latest, an offset, +100, -100, an age such as 2h, or a time such as "
            "2026-01-31T12:00:00Z.",
        ) from None
    return _time((at if at.tzinfo is not None else at.replace(tzinfo=UTC)).timestamp())


def _time(at: float) -> Place:
    """Nothing is older than 1970: Kafka has other meanings for times below zero."""
    return Place("time", max(0, int(at * 1e3)))


def partitions_of(words: tuple[str, ...]) -> dict[str, tuple[int, ...]]:
    """TOPIC or TOPIC:0,3 by topic; none means all of them. Raises UsageError.

    >>> partitions_of(("orders", "audit:0,3", "audit:3,1", "orders:5"))
    {'orders': (), 'audit': (0, 3, 1)}
    """
    found: dict[str, tuple[int, ...]] = {}
    for word in words:
        topic, _, numbers = word.partition(":")
        before = found.get(topic)
        try:
            said = tuple(int(n) for n in numbers.split(",")) if numbers else ()
        except ValueError:
            raise UsageError(f"{word!r} is no TOPIC or TOPIC:0,3") from None
        everything = not said or before == ()
        found[topic] = () if everything else tuple(dict.fromkeys((*(before or ()), *said)))
    return found
