"""Which end offsets to ask of which leader, as ready-made parts of requests. Safe for many threads."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping

from msktop.model.topic import Partition, Topic
from msktop.model.writes import PROBE_TOPIC
from msktop.wire.offsets import request, topic_request

ASK_AGAIN_S = 5.0
"""A partition whose leader refused is asked for again when Metadata moves it, or after this long: what we
know may also be newer than what the leader knows of itself."""

_Partitions = Mapping[int, Partition]


class Plan:
    """Follows the topics; what did not change since the last look costs one comparison a topic.

    >>> led = {0: Partition(0, 1, 0, (1,), (1,)), 1: Partition(1, 2, 0, (2,), (2,))}
    >>> plan = Plan()
    >>> plan.update({"t": Topic("t", partitions=led)}, now=0.0)
    >>> plan.body(1) == request([topic_request("t", [0])])
    True
    >>> plan.drop(1, {"t": [0]}, now=0.0)
    >>> plan.body(1) is None
    True
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: dict[str, _Partitions] = {}
        self._parts: dict[int, dict[str, bytes]] = {}
        self._bodies: dict[int, bytes] = {}
        self._dropped: dict[str, float] = {}

    @property
    def leaders(self) -> int:
        """How many brokers are asked."""
        return len(self._parts)

    def update(self, topics: Mapping[str, Topic], now: float) -> None:
        """Take the newest topics; `now` in seconds."""
        with self._lock:
            for name, dropped_at in list(self._dropped.items()):
                if now - dropped_at >= ASK_AGAIN_S:
                    del self._dropped[name]
                    self._seen.pop(name, None)
            for name, topic in topics.items():
                if self._seen.get(name) is not topic.partitions:
                    self._seen[name] = topic.partitions
                    # What we write ourselves is nobody's traffic.
                    self._split(name, {} if name == PROBE_TOPIC else topic.partitions)
            if len(self._seen) > len(topics):
                for name in self._seen.keys() - topics.keys():
                    del self._seen[name]
                    self._split(name, {})

    def body(self, leader: int) -> bytes | None:
        """The request for this leader; None where it leads nothing."""
        with self._lock:
            body = self._bodies.get(leader)
            parts = self._parts.get(leader)
            if body is None and parts:
                body = self._bodies[leader] = request(parts.values())
            return body

    def drop(self, leader: int, refused: Mapping[str, Iterable[int]], now: float) -> None:
        """The leader says that it does not lead these, or that they are not there."""
        with self._lock:
            for name, numbers in refused.items():
                self._dropped[name] = now
                gone = frozenset(numbers)
                rest = [n for n in self._led(self._seen.get(name, {})).get(leader, ()) if n not in gone]
                self._put(leader, name, rest)

    def _split(self, name: str, partitions: _Partitions) -> None:
        self._dropped.pop(name, None)
        led = self._led(partitions)
        for leader in self._parts.keys() | led.keys():
            if leader in led or name in self._parts.get(leader, ()):
                self._put(leader, name, led.get(leader, ()))

    @staticmethod
    def _led(partitions: _Partitions) -> dict[int, list[int]]:
        led: dict[int, list[int]] = {}
        for partition in partitions.values():
            if partition.leader is not None:
                led.setdefault(partition.leader, []).append(partition.number)
        return led

    def _put(self, leader: int, name: str, numbers: Iterable[int]) -> None:
        self._bodies.pop(leader, None)
        parts = self._parts.setdefault(leader, {})
        asked = list(numbers)
        if asked:
            parts[name] = topic_request(name, asked)
        else:
            parts.pop(name, None)
            if not parts:
                del self._parts[leader]
