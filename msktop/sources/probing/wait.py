"""Waiting for somebody, and saying so at each deadline."""

from __future__ import annotations

from collections.abc import Callable

from msktop.sources.probing.poller import MS, Poller, Timer

DEADLINE_NS = 500 * MS
"""An answer on an open connection takes 1 to 10 ms; a healthy broker's pauses stay below this."""


class Wait:
    """Calls `overdue` at every 500 ms of waiting. Time in which our own loop stood still is not counted."""

    def __init__(self, poller: Poller, overdue: Callable[[], None]) -> None:
        self._poller = poller
        self._overdue = overdue
        self._since_ns = poller.now_ns
        self._window_ns = self._since_ns
        self._deadlines = 0
        self._timer: Timer | None = None

    @property
    def deadlines(self) -> int:
        """How many have passed."""
        return self._deadlines

    @property
    def waited_ms(self) -> float:
        """For how long the other side has had time to answer."""
        return self._waited_ns() / MS

    @property
    def starved_ms(self) -> float:
        """The worst stall of our own since the last deadline: what was waited before is vouched for."""
        return self._poller.worst_lag_ms(self._window_ns)

    @property
    def starved_all_ms(self) -> float:
        """The worst stall of our own in the whole wait."""
        return self._poller.worst_lag_ms(self._since_ns)

    def begin(self, since_ns: int) -> None:
        """Begin to wait, or begin anew."""
        self.end()
        self._since_ns = self._window_ns = since_ns
        self._deadlines = 0
        self._arm()

    def end(self) -> None:
        """Wait no longer."""
        if self._timer is not None:
            self._timer.cancelled = True
            self._timer = None

    def _waited_ns(self) -> int:
        now_ns = self._poller.now_ns
        return max(0, now_ns - self._since_ns - self._poller.excused_ns(self._since_ns))

    def _left_ns(self) -> int:
        return (self._deadlines + 1) * DEADLINE_NS - self._waited_ns()

    def _arm(self) -> None:
        self._timer = self._poller.at(self._poller.now_ns + self._left_ns(), self._fired)

    def _fired(self) -> None:
        self._timer = None
        if self._left_ns() > 0:
            self._arm()
            return
        self._deadlines += 1
        self._arm()
        self._overdue()
        self._window_ns = self._poller.now_ns
