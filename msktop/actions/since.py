"""Where to begin to read, as a person types it."""

from __future__ import annotations

from datetime import UTC, datetime

from msktop.actions.tail import Since
from msktop.durations import parse_duration
from msktop.errors import UsageError


def since_of(text: str, now: float) -> Since:
    """Where to begin: latest, earliest, `-10` (the last ten of each partition), an offset, a time or an age.

    Raises UsageError.

    >>> since_of("-10", 0.0), since_of("17", 0.0)
    (Since(kind='last', value=10.0), Since(kind='offset', value=17.0))
    >>> since_of("5m", 1000.0), since_of("2026-01-01T00:00:00Z", 0.0).value
    (Since(kind='time', value=700.0), 1767225600.0)
    """
    word = text.strip()
    if word == "latest":
        return Since("latest")
    if word == "earliest":
        return Since("earliest")
    if word.removeprefix("-").isdecimal():
        return Since("last", float(word[1:])) if word.startswith("-") else Since("offset", float(word))
    try:
        at = datetime.fromisoformat(word)
    except ValueError:
        try:
            return Since("time", now - parse_duration(word))
        except UsageError as error:
            raise UsageError(
                f"{text!r} is no place to begin",
                "Give latest, earliest, an offset, -10, an age such as 5m, or 2026-01-31T12:00:00Z.",
            ) from error
    return Since("time", (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp())
