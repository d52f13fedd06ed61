"""What many tests need: waiting for a condition with a deadline, never for a time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

_LOOK_S = 0.05


def wait_for(condition: Callable[[], T | None], deadline_s: float, what: str) -> T:
    """Return the first true answer of `condition`; fail when `what` has not happened in `deadline_s`."""
    until = time.monotonic() + deadline_s
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() >= until:
            raise AssertionError(f"not within {deadline_s:g} s: {what} (last answer: {found!r})")
        time.sleep(_LOOK_S)
