"""A topic's records as they are in the log: bounded, committing nothing, kept nowhere.

What is read here goes to the person who looks and to nobody else: no recording, no snapshot, no log.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from msktop.actions.kafka import Kafka
from msktop.errors import ActionError, TargetError
from msktop.wire import fetch, metadata, offsets
from msktop.wire.call import Call
from msktop.wire.codes import code_words
from msktop.wire.records import Passed, Record, Unread, batches, too_large

MOST_AT_ONCE = 1024 * 1024
"""Bytes that are asked for at a time; a batch that is larger comes whole."""
WAIT_MS = 200
"""How long a leader without anything new may think, while others wait for their turn."""
LEADER_S = 2.0
"""Deadline of one leader's answer beyond that: a hung one holds up the others no longer."""
AGAIN_S = 1.0
"""Until a leader that failed is asked again."""
LOOK_S = 2.0
"""Between two looks at Metadata for partitions that cannot be read."""
_MOVED = frozenset({3, 5, 6, 74, 75, 76, 100})
"""Codes after which Metadata is asked who leads now."""
_OUT_OF_RANGE = 1


@dataclass(frozen=True, slots=True)
class Since:
    """Where to begin. `value`: Unix seconds of a time, an offset, or how many records before the end."""

    kind: Literal["latest", "earliest", "time", "offset", "last"] = "latest"
    value: float = 0.0


@dataclass(frozen=True, slots=True)
class Seen:
    """One record and the partition that it is in."""

    partition: int
    record: Record


@dataclass(frozen=True, slots=True)
class Note:
    """What a person must know about what they do not see."""

    text: str


@dataclass(frozen=True, slots=True)
class AtEnd:
    """Everything that was there at the beginning was read."""


@dataclass(slots=True)
class _Partition:
    """How far one is read; `end`: where it ended when we began."""

    number: int
    leader: int
    offset: int = 0
    end: int = 0
    placed: bool = False


@dataclass(slots=True)
class Tail:
    """Reads one topic. Not for use by two threads; `stop` may be set by any."""

    kafka: Kafka
    topic: str
    since: Since = field(default_factory=Since)
    only: int | None = None
    """One partition; None: all."""
    committed: bool = False
    """Without records of transactions that are open."""
    stop: threading.Event = field(default_factory=threading.Event)
    _known: dict[int, _Partition] = field(default_factory=dict)
    _quiet: dict[int, float] = field(default_factory=dict)
    """Leaders that failed, and until when they are left alone."""
    _said: dict[str, float] = field(default_factory=dict)
    _looked_at: float = 0.0
    """When Metadata was asked last."""
    _ended: bool = False

    def read(self) -> Iterator[Seen | Note | AtEnd]:
        """Records as they come, those of one partition in their order, until `stop`.

        Raises TargetError where no broker answers at the beginning, ActionError where nothing can be read.
        """
        self._find()
        while not self.stop.is_set():
            began, some = time.monotonic(), False
            yield from self._lost()
            yield from self._place()
            for leader, asked in self._by_leader().items():
                if self.stop.is_set():
                    return
                for one in self._ask(leader, asked):
                    some = some or isinstance(one, Seen)
                    yield one
            if not self._ended and all(p.placed and p.offset >= p.end for p in self._known.values()):
                self._ended = True
                yield AtEnd()
            if not some:
                self.stop.wait(max(0.0, WAIT_MS / 1e3 - (time.monotonic() - began)))

    # -------------------------------------------------------------- who leads, and where to begin

    def _find(self) -> None:
        """Who leads which partition."""
        self._looked_at = time.monotonic()
        asked = metadata.request([self.topic.encode()])
        call = Call("metadata", metadata.API_KEY, metadata.VERSION, asked, flexible=True)
        answer = metadata.split(self.kafka.ask(call), {})
        piece = answer.topics.get(self.topic.encode())
        entry = metadata.topic(piece) if piece is not None else None
        if entry is None or entry.error:
            why = code_words(entry.error) if entry is not None else "the cluster does not list it"
            raise ActionError(f"{self.topic} cannot be read", why)
        if self.only is not None and self.only not in entry.partitions:
            raise ActionError(f"{self.topic} has no partition {self.only}")
        for number, found in entry.partitions.items():
            if self.only in (None, number):
                self._known.setdefault(number, _Partition(number, found.leader)).leader = found.leader

    def _lost(self) -> Iterator[Note]:
        """Ask anew who leads what nobody leads, or what its leader did not give a place to begin at."""
        lost = [p for p in self._known.values() if p.leader < 0 or not p.placed]
        if not lost or time.monotonic() < self._looked_at + LOOK_S:
            return
        for partition in lost:
            if partition.leader < 0:
                yield from self._once(f"partition {partition.number}: it has no leader")
        self._look_again()

    def _place(self) -> Iterator[Note]:
        """Put those that have no place yet at their beginning; where a leader does not say, later."""
        for leader, asked in self._by_leader(placed=False).items():
            try:
                starts = self._offsets(leader, asked, offsets.EARLIEST)
                ends = self._offsets(leader, asked, offsets.LATEST)
                by_time: dict[int, int] = {}
                if self.since.kind == "time":
                    by_time = self._offsets(leader, asked, max(0, int(self.since.value * 1e3)))
            except TargetError as failed:
                self._quiet[leader] = time.monotonic() + AGAIN_S
                yield from self._once(f"b-{leader} cannot be read: {failed.title}")
                continue
            for partition in asked:
                number = partition.number
                if number in starts and number in ends and (number in by_time or self.since.kind != "time"):
                    partition.end, partition.placed = ends[number], True
                    partition.offset = self._begin(starts[number], ends[number], by_time.get(number, -1))

    def _begin(self, start: int, end: int, by_time: int) -> int:
        match self.since.kind:
            case "latest":
                return end
            case "earliest":
                return start
            case "offset":
                return int(min(max(start, self.since.value), end))
            case "last":
                return int(max(start, end - self.since.value))
            case "time":
                return by_time if by_time >= 0 else end

    def _offsets(self, leader: int, asked: list[_Partition], at_ms: int) -> dict[int, int]:
        """Of those that this broker leads."""
        part = offsets.topic_request(self.topic, [p.number for p in asked], at_ms)
        body = self.kafka.ask(offsets.list_offsets([part]), leader, LEADER_S)
        return offsets.changed(body, {}).ends.get(self.topic, {})

    # -------------------------------------------------------------- reading

    def _by_leader(self, *, placed: bool = True) -> dict[int, list[_Partition]]:
        """Who is asked for what, and in which order: whoever gave something comes last the next time."""
        now = time.monotonic()
        found: dict[int, list[_Partition]] = {}
        for partition in self._known.values():
            if (
                partition.placed is placed
                and partition.leader >= 0
                and self._quiet.get(partition.leader, 0.0) <= now
            ):
                found.setdefault(partition.leader, []).append(partition)
        return found

    def _ask(self, leader: int, asked: list[_Partition]) -> Iterator[Seen | Note]:
        begin = {p.number: p.offset for p in asked}
        call = fetch.fetch(self.topic, begin, MOST_AT_ONCE, WAIT_MS, committed=self.committed)
        try:
            error, pieces = fetch.fetched(self.kafka.ask(call, leader, WAIT_MS / 1e3 + LEADER_S))
        except TargetError as failed:
            self._quiet[leader] = time.monotonic() + AGAIN_S
            yield from self._once(f"b-{leader} cannot be read: {failed.title}")
            self._look_again()
            return
        if error:
            self._quiet[leader] = time.monotonic() + AGAIN_S
            yield from self._once(f"b-{leader}: {code_words(error)}")
        for piece in pieces:
            partition = self._known.get(piece.partition)
            if partition is not None:
                yield from self._take(partition, piece)

    def _take(self, partition: _Partition, piece: fetch.Piece) -> Iterator[Seen | Note]:
        if piece.error == _OUT_OF_RANGE:
            yield from self._pass_over(partition)
            return
        if piece.error:
            yield from self._once(f"partition {partition.number}: {code_words(piece.error)}")
            if piece.error in _MOVED:
                self._look_again()
            else:
                self._quiet[partition.leader] = time.monotonic() + AGAIN_S
            return
        if piece.data:  # others first, the next time
            self._known[partition.number] = self._known.pop(partition.number)
        for one in batches(piece.data, partition.offset):
            if isinstance(one, Record):
                partition.offset = one.offset + 1
                yield Seen(partition.number, one)
            elif isinstance(one, Unread):
                partition.offset = one.last + 1
                many = f"{one.first} to {one.last}" if one.last > one.first else str(one.first)
                yield Note(f"partition {partition.number}, offset {many}: {one.why}")
            elif isinstance(one, Passed):
                partition.offset = max(partition.offset, one.last + 1)
            if self.stop.is_set():
                return
        if (large := too_large(piece.data, MOST_AT_ONCE)) is not None:
            yield from self._once(f"partition {partition.number}: {large.reason}; it comes in its turn")

    def _pass_over(self, partition: _Partition) -> Iterator[Note]:
        """Go on where the log begins by now, or ends: an answer with this error does not tell where."""
        number, lost = partition.number, partition.offset
        try:
            start = self._offsets(partition.leader, [partition], offsets.EARLIEST).get(number)
            end = self._offsets(partition.leader, [partition], offsets.LATEST).get(number)
        except TargetError:
            start = end = None
        if start is None or end is None:  # asked again, with the records
            self._quiet[partition.leader] = time.monotonic() + AGAIN_S
            return
        partition.offset = min(max(start, lost), end)
        yield Note(f"partition {number}: offset {lost} is gone, goes on at {partition.offset}")

    def _look_again(self) -> None:
        """Metadata, a little later than at once; where nobody answers the old knowledge stays."""
        if self.stop.wait(0.2):
            return
        try:
            self.kafka.refresh()
            self._find()
        except (TargetError, ActionError):
            return

    def _once(self, text: str, every_s: float = 10.0) -> Iterator[Note]:
        """The same sentence only now and then."""
        now = time.monotonic()
        if now - self._said.get(text, -every_s) >= every_s:
            self._said[text] = now
            yield Note(text)
