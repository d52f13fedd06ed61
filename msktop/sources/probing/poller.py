"""A loop over sockets and timers that measures its own lateness.

asyncio would do, but costs 11 MB and 70 ms more at the start of the probe's process, and hides the moment at
which a socket became ready. All times are nanoseconds of the monotonic clock.
"""

from __future__ import annotations

import contextlib
import heapq
import itertools
import selectors
import socket
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

MS = 1_000_000
HEARTBEAT_NS = 50 * MS
"""A stall is seen at the first timer that comes late; this is the longest time without one."""
STALL_NS = 20 * MS
"""Lateness that is not held against whoever we waited for meanwhile."""
_STALLS_KEPT = 256


@dataclass(slots=True, eq=False)
class Timer:
    """One call to come; `cancelled` ones are passed over."""

    at_ns: int
    call: Callable[[], None]
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Stall:
    """From when until when this loop should have run and did not."""

    began_ns: int
    ended_ns: int

    @property
    def lag_ns(self) -> int:
        """How late it ran."""
        return self.ended_ns - self.began_ns


class Poller:
    """Sockets first, then timers: what came during a stall of ours is read before anyone is blamed."""

    def __init__(self, on_stall: Callable[[Stall], None], now: Callable[[], int] = time.monotonic_ns) -> None:
        self._now = now
        self.now_ns = now()
        """When the present turn began: by then, all that is handled in it had happened."""
        self._on_stall = on_stall
        self._selector = selectors.DefaultSelector()
        self._timers: list[tuple[int, int, Timer]] = []
        self._numbers = itertools.count()
        self._stalls: deque[Stall] = deque(maxlen=_STALLS_KEPT)
        self._calls: deque[Callable[[], None]] = deque()
        self._waker, self._wakee = socket.socketpair()
        for end in (self._waker, self._wakee):
            end.setblocking(False)
        self._selector.register(self._wakee, selectors.EVENT_READ, self._woken)
        self._beat()

    def clock_ns(self) -> int:
        """The monotonic clock now, for what is stamped in the middle of a turn."""
        return self._now()

    def at(self, at_ns: int, call: Callable[[], None]) -> Timer:
        """Call at this time, or as soon as can be after it."""
        timer = Timer(max(at_ns, self.now_ns), call)
        heapq.heappush(self._timers, (timer.at_ns, next(self._numbers), timer))
        return timer

    def from_thread(self, call: Callable[[], None]) -> None:
        """Call in the loop's thread; the only method for other threads."""
        self._calls.append(call)
        with contextlib.suppress(OSError):
            self._waker.send(b"!")

    def watch(self, sock: socket.socket, *, write: bool, ready: Callable[[int], None]) -> None:
        """Call `ready` with the selector's events whenever the socket can be read (or written)."""
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if write else 0)
        try:
            self._selector.modify(sock, events, ready)
        except KeyError:
            self._selector.register(sock, events, ready)

    def forget(self, sock: socket.socket) -> None:
        """Watch no longer; before the socket is closed."""
        with contextlib.suppress(KeyError, ValueError):
            self._selector.unregister(sock)

    def turn(self, longest_ns: int = 100 * MS) -> None:
        """Wait for the next event or timer, at most `longest_ns`, and handle all that are due."""
        while self._timers and self._timers[0][2].cancelled:
            heapq.heappop(self._timers)
        due_ns = self._timers[0][0]
        wait_ns = min(due_ns - self._now(), longest_ns)
        events = self._selector.select(max(0, wait_ns) / 1e9)
        self.now_ns = self._now()
        if self.now_ns - due_ns > STALL_NS:
            stall = Stall(due_ns, self.now_ns)
            self._stalls.append(stall)
            self._on_stall(stall)
        for key, mask in events:
            key.data(mask)
        self._run_timers()

    def excused_ns(self, since_ns: int) -> int:
        """How much of the time from `since_ns` until now this loop stood still."""
        return sum(s.ended_ns - max(s.began_ns, since_ns) for s in self._stalls if s.ended_ns > since_ns)

    def worst_lag_ms(self, since_ns: int) -> float:
        """The longest stall that touches the time from `since_ns` until now."""
        return max((s.lag_ns for s in self._stalls if s.ended_ns > since_ns), default=0) / MS

    def close(self) -> None:
        """Close the loop's own sockets; those it watched are their owners'."""
        self._selector.close()
        self._waker.close()
        self._wakee.close()

    def _run_timers(self) -> None:
        while self._timers and self._timers[0][0] <= self.now_ns:
            timer = heapq.heappop(self._timers)[2]
            if not timer.cancelled:
                timer.call()

    def _woken(self, _: int) -> None:
        with contextlib.suppress(BlockingIOError):
            self._wakee.recv(4096)
        while self._calls:
            self._calls.popleft()()

    def _beat(self) -> None:
        self.at(self.now_ns + HEARTBEAT_NS, self._beat)
