"""The session's clock: the only place above the sources' own stamps where time is read."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

from msktop.model.samples import ClockStepped, HostStarved, Sample, Tick
from msktop.sources.pump import Stop

TICK_S = 0.25
STEP_S = 0.5
"""A smaller difference between wall clock and monotonic time is drift, not a step."""
STALL_S = 1.0
"""A tick that is this late was held up by the machine, not by us."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """Wall-clock time at one moment of monotonic time; good in every process of this machine.

    >>> anchor = Anchor.take()
    >>> anchor.now() <= anchor.now()
    True
    """

    wall: float
    mono: float

    @classmethod
    def take(cls) -> Anchor:
        """The present moment on both clocks."""
        return cls(time.time(), time.monotonic())

    def now(self) -> float:
        """Unix seconds that no step of the wall clock can bend."""
        return self.wall + (time.monotonic() - self.mono)


class ClockSource:
    """A Tick every 250 ms, and a sample when the wall clock is stepped or this machine stood still."""

    name = "clock"

    def __init__(self, clock: Anchor) -> None:
        self._clock = clock

    def samples(self, stop: Stop) -> Iterator[Sample]:
        """Drift-free ticks until `stop`."""
        offset = time.time() - self._clock.now()
        due = self._clock.now()
        while not stop.wait(max(0.0, due - self._clock.now())):
            now = self._clock.now()
            if now - due > STALL_S:
                yield HostStarved(at=now, lag_ms=(now - due) * 1e3)
                due = now
            moved = time.time() - now - offset
            if abs(moved) > STEP_S:
                offset += moved
                yield ClockStepped(at=now, by_s=moved)
            yield Tick(at=now)
            due += TICK_S
