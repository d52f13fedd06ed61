"""What the write probe knows: how writes to each leader go, and when a partition could not be written to.

An outage of a partition lasts from the first write that was sent and not answered well, or only after
SLOW_WRITE_S, to the next good answer. So it is never longer than what an independent client would see, and
shorter by at most the pause between two writes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from msktop.model.series import Series

PROBE_TOPIC = "__msktop_write_probe"
"""The only topic that msktop ever writes to. Made by msktop, and left out of what it shows of topics."""
WRITES_KEPT = 1300
"""As pings: five minutes at one each 250 ms."""
OUTAGES_KEPT = 20
SLOW_WRITE_S = 0.5
"""A good write that took longer was no service to anybody while it lasted."""


@dataclass(frozen=True, slots=True, eq=False)
class Writes:
    """How writes to one leader go."""

    at: float | None = None
    """When it last said anything."""
    ok_at: float | None = None
    last_ms: float | None = None
    """Of the newest good write, from sending to the word of all in-sync replicas."""
    failing_since: float | None = None
    """When the first write was sent that was not answered well, while none was since."""
    error: int = 0
    reason: str = ""
    p50_ms: float | None = None
    p99_ms: float | None = None
    """Of good writes over the last minute."""
    ms: Series = field(default_factory=lambda: Series(WRITES_KEPT))
    """Of good writes; a gap where one failed."""
    throttle_ms: int = 0
    """Of the newest answer."""
    throttled_at: float | None = None


@dataclass(frozen=True, slots=True)
class Outage:
    """For so long nothing could be written to a partition; `ended` is None while that lasts."""

    partition: int
    leader: int
    """The broker that led it when a write last went well; -1: none ever did."""
    zone: str
    """That broker's zone; empty: not known."""
    began: float
    ended: float | None = None

    def overlaps(self, since: float, until: float) -> bool:
        """Whether any of it lies between the two.

        >>> Outage(0, 1, "a", 5.0, 9.0).overlaps(9.5, 20.0), Outage(0, 1, "a", 5.0).overlaps(9.5, 20.0)
        (False, True)
        """
        return self.began <= until and (self.ended is None or self.ended >= since)


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """One partition of the probe topic that is, or was, written to."""

    partition: int
    leader: int = -1
    """That took the newest good write."""
    zone: str = ""
    ok_at: float | None = None
    outages: tuple[Outage, ...] = ()
    """The newest 20, oldest first."""

    @property
    def open(self) -> Outage | None:
        """The outage that lasts now."""
        return self.outages[-1] if self.outages and self.outages[-1].ended is None else None


def longest_s(outages: Iterable[Outage], now: float) -> float | None:
    """The longest of them; None without any.

    >>> longest_s([Outage(0, 1, "a", 5.0, 9.0), Outage(0, 1, "a", 20.0)], 21.5)
    4.0
    """
    return max(((now if o.ended is None else o.ended) - o.began for o in outages), default=None)


def total_s(outages: Iterable[Outage], now: float) -> float:
    """How long at least one of them lasted: what overlaps counts once.

    >>> total_s([Outage(0, 1, "a", 5.0, 9.0), Outage(1, 2, "a", 8.0, 10.0), Outage(0, 1, "a", 20.0)], 21.0)
    6.0
    """
    total, reached = 0.0, float("-inf")
    for began, ended in sorted((o.began, now if o.ended is None else o.ended) for o in outages):
        total += max(0.0, ended - max(began, reached))
        reached = max(reached, ended)
    return total
