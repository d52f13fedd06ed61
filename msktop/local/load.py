"""What the local traffic is: topics, rates, groups, waves, and how it stays small. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass

from msktop.local.settings import Traffic

WAVE_S = 60.0
"""The period of `waves`."""

RISE_AFTER_S = 140.0
"""When `rise` begins to write five times as much as before: a quarter of the rates, then five quarters."""

_WAVE_DEPTH = 0.9
_CALM, _RISEN = 0.25, 1.25
_CPU_GOAL = 0.20
_LOWEST_SCALE = 0.05
_MOST_OWED_S = 2.0


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic and what is written to it: records a second on average, bytes each."""

    name: str
    partitions: int
    records_per_s: float
    value_bytes: int


@dataclass(frozen=True, slots=True)
class Group:
    """A consumer group on one topic; with `records_per_s` each member reads no faster than that."""

    name: str
    topic: str
    members: int
    records_per_s: float | None = None


TOPICS = (
    Topic("orders", 12, 60.0, 800),
    Topic("payments", 6, 30.0, 500),
    Topic("clicks", 6, 120.0, 300),
    Topic("audit", 3, 0.1, 1000),
)

GROUPS = (
    Group("orders-fulfilment", "orders", 2),
    Group("payments-ledger", "payments", 1),
    Group("clicks-analytics", "clicks", 1, records_per_s=100.0),  # the slow one: five sixths of the mean
    Group("audit-archive", "audit", 1),  # the idle one: hardly anything ever comes
)

TOPIC_CONFIG = {"retention.bytes": str(8 << 20), "segment.bytes": str(2 << 20), "retention.ms": "3600000"}
"""Bounds the disk: 27 partitions of at most 10 MiB a replica."""


def rate_per_s(topic: Topic, index: int, traffic: Traffic, elapsed_s: float) -> float:
    """Records a second to write at this moment; with waves, each topic a quarter of a period after the last.

    >>> orders = TOPICS[0]
    >>> rate_per_s(orders, 0, "steady", 15.0)
    60.0
    >>> [round(rate_per_s(orders, 0, "waves", t)) for t in (0, 15, 30, 45)]
    [60, 114, 60, 6]
    >>> rate_per_s(orders, 0, "rise", 100.0), rate_per_s(orders, 0, "rise", 200.0)
    (15.0, 75.0)
    """
    if traffic == "rise":
        return topic.records_per_s * (_RISEN if elapsed_s >= RISE_AFTER_S else _CALM)
    if traffic != "waves":
        return topic.records_per_s
    phase = 2 * math.pi * (elapsed_s / WAVE_S - index / 4)
    return topic.records_per_s * (1 + _WAVE_DEPTH * math.sin(phase))


def linger_ms(traffic: Traffic) -> int:
    """How long a producer gathers records: few requests are cheap, but they would not rise with the records.

    >>> linger_ms("steady"), linger_ms("rise")
    (200, 10)
    """
    return 10 if traffic == "rise" else 200


class Pacer:
    """Turns a rate into whole records.

    After a stall it catches up on two seconds at most.

    >>> pacer = Pacer()
    >>> [pacer.due(10.0, 0.25) for _ in range(4)]
    [2, 3, 2, 3]
    >>> pacer.due(10.0, 60.0)
    20
    """

    def __init__(self) -> None:
        self._owed = 0.0

    def due(self, rate_per_s: float, elapsed_s: float) -> int:
        """How many records to write now, `elapsed_s` after the last call."""
        self._owed = min(self._owed + rate_per_s * elapsed_s, max(1.0, rate_per_s * _MOST_OWED_S))
        whole = int(self._owed)
        self._owed -= whole
        return whole


def next_scale(scale: float, cpu_share: float) -> float:
    """The share of the full rates to go on with, after `cpu_share` of one core was used at `scale`.

    >>> next_scale(1.0, 0.05), next_scale(0.5, 0.10)
    (1.0, 0.55)
    >>> next_scale(1.0, 0.40)
    0.5
    """
    if cpu_share > _CPU_GOAL:
        return max(_LOWEST_SCALE, scale * _CPU_GOAL / cpu_share)
    return min(1.0, round(scale * 1.1, 6))
