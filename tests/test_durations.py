"""How durations may be written."""

from __future__ import annotations

import pytest

from msktop.durations import parse_duration
from msktop.errors import UsageError


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1h", 3600),
        ("1h30m", 5400),
        ("90s", 90),
        ("90", 90),
        ("2d", 172_800),
        ("250ms", 0.25),
        ("1H 5M", 3900),
    ],
)
def test_durations_are_read_in_seconds(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "h", "1x", "1h30", "-5s", "1h1h", "5 minutes", "1e9", "∞", "0x10"])
def test_anything_else_is_wrong_usage(text: str) -> None:
    with pytest.raises(UsageError, match="is no duration") as caught:
        parse_duration(text)
    assert "1h30m" in caught.value.advice
