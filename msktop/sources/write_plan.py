"""Which partition of the probe topic is written to on which leader, and when. Safe for many threads.

Each broker has a home: one partition that it led when that was chosen. It is written to wherever its leader
is, so that the first write on a new leader is seen; another is chosen once the broker leads again, but not
its home. What could not be written to is followed until it can.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

LEAST_S, MOST_S = 0.25, 1.0
PER_BROKER_S = 0.025
"""Between two writes to one leader: of all brokers together at most 40 a second, but one a second of each."""
REFRESH_S, REFRESH_LATE_S = 0.2, 2.0
REFRESH_SOON_FOR_S = 60.0
"""While something cannot be written to, Metadata of this one topic is asked for so often: at first, later."""


class Place(NamedTuple):
    """Where a partition is led."""

    leader: int
    """-1: nowhere."""
    epoch: int
    preferred: int


@dataclass(frozen=True, slots=True)
class Turn:
    """What a broker's thread is to do now."""

    partitions: tuple[int, ...] = ()
    """To write to, those first that took the write before."""
    refresh: bool = False
    """Ask this broker for Metadata first: somebody has to."""


def period_s(brokers: int) -> float:
    """Seconds between two writes to one leader.

    >>> period_s(3), period_s(30), period_s(300)
    (0.25, 0.75, 1.0)
    """
    return min(max(LEAST_S, brokers * PER_BROKER_S), MOST_S)


class WritePlan:
    """Follows the leaders of the topic's partitions.

    >>> now = iter((0.0, 0.1, 0.3)).__next__
    >>> plan = WritePlan(now)
    >>> plan.learn({0: Place(1, 0, 1), 1: Place(2, 0, 2), 2: Place(1, 0, 1)})
    >>> plan.turn(1).partitions, plan.turn(1).partitions, plan.turn(1).partitions
    ((0,), (), (0,))
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._changed = threading.Condition()
        self._places: dict[int, Place] = {}
        self._homes: dict[int, int] = {}
        self._bad: dict[int, float] = {}
        """Partitions whose newest write was not good, and since when."""
        self._followed: set[int] = set()
        """Bad ones that are no home any more."""
        self._due: dict[int, float] = {}
        self._refreshed_at = float("-inf")

    def learn(self, places: Mapping[int, Place]) -> None:
        """Take what Metadata says; what is older than what is known is left out."""
        with self._changed:
            for partition, place in places.items():
                known = self._places.get(partition)
                if known is not None and 0 <= place.epoch < known.epoch:
                    continue
                self._places[partition] = place
                if known is not None and known.leader != place.leader:
                    self._due.pop(place.leader, None)  # its first write there is waited for
            self._choose()
            self._changed.notify_all()

    def _choose(self) -> None:
        led: dict[int, list[int]] = {}
        for partition, place in sorted(self._places.items(), key=_preferred_first):
            led.setdefault(place.leader, []).append(partition)
        for broker in led.keys() - {-1}:
            home = self._homes.get(broker)
            if home is not None and self._places[home].leader == broker:
                continue
            taken = set(self._homes.values())
            free = [partition for partition in led[broker] if partition not in taken]
            if not free:
                continue
            if home is not None and home in self._bad:
                self._followed.add(home)
            self._homes[broker] = free[0]

    # -------------------------------------------------------------- for the threads

    def await_turn(self, broker: int, timeout_s: float) -> Turn:
        """What to do now, as soon as there is something, at the latest after `timeout_s`."""
        with self._changed:
            turn = self.turn(broker)
            if turn == Turn():
                due = self._due.get(broker, self._now() + timeout_s)
                self._changed.wait(min(timeout_s, max(0.0, due - self._now()) or timeout_s))
                turn = self.turn(broker)
            return turn

    def turn(self, broker: int) -> Turn:
        """What to do now. What is told is thought done: the next write is due a period later."""
        now = self._now()
        refresh = self._refresh_is_due(now)
        if now < self._due.get(broker, now):
            return Turn(refresh=refresh)
        written = {*self._homes.values(), *self._followed}
        led = [p for p in written if self._places[p].leader == broker]
        if led:
            self._due[broker] = now + period_s(len(self._homes))
        return Turn(tuple(sorted(led, key=lambda p: (p in self._bad, p))), refresh)

    def _refresh_is_due(self, now: float) -> bool:
        since = min(self._bad.values(), default=now if not self._places else None)
        if since is None:
            return False
        every_s = REFRESH_S if now - since < REFRESH_SOON_FOR_S else REFRESH_LATE_S
        if now - self._refreshed_at < every_s:
            return False
        self._refreshed_at = now
        return True

    def answered(self, partition: int, *, good: bool) -> None:
        """How a write went; one that began before this plan did counts for nothing."""
        with self._changed:
            if partition not in self._places:
                return
            if not good:
                self._bad.setdefault(partition, self._now())
                self._changed.notify_all()
                return
            self._followed.discard(partition)
            if self._bad.pop(partition, None) is not None:
                self._choose()

    def pause(self, broker: int, seconds: float) -> None:
        """The broker wants nothing for so long."""
        if seconds > 0:
            with self._changed:
                now = self._now()
                self._due[broker] = max(self._due.get(broker, now), now + seconds)


def _preferred_first(item: tuple[int, Place]) -> tuple[bool, int]:
    partition, place = item
    return place.preferred != place.leader, partition
