"""A tail whose leaders fail, move and lose what was to be read: it goes on, and says so."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator

import pytest
from kafka.protocol.consumer import FetchResponse, ListOffsetsResponse

from msktop.actions import tail as tail_module
from msktop.actions.kafka import ANY, ASK_S, Kafka
from msktop.actions.tail import AtEnd, Note, Seen, Since, Tail
from msktop.errors import ActionError
from msktop.wire.call import Call
from msktop.wire.errors import WireError
from msktop.wire.records import batch_of_one
from msktop.wire.security import Security
from tests.sources.answers import P, T, metadata_body


class Scripted(Kafka):
    """Two brokers, each with a partition of `orders`: what is in their logs, and what they refuse."""

    def __init__(self) -> None:
        super().__init__("127.0.0.1:1", Security())
        self.leaders = {0: 1, 1: 2}
        self.logs: dict[int, list[bytes]] = {0: [b"a0", b"a1"], 1: [b"b0"]}
        self.start = 0
        self.dead: set[int] = set()
        self.error: dict[int, int] = {}
        self.asked: list[str] = []

    def ask(self, call: Call, broker: int = ANY, timeout_s: float = ASK_S) -> bytes:
        self.asked.append(call.name)
        if broker in self.dead:
            raise WireError(call.name, "timeout", "no answer").at(f"b-{broker}")
        match call.name:
            case "metadata":
                topic = T("orders", tuple(P(n, leader) for n, leader in self.leaders.items()))
                return metadata_body([topic])
            case "list_offsets":
                return self._offsets(call)
        return self._fetch(call)

    def refresh(self) -> None:
        """Who is there does not change."""

    def _offsets(self, call: Call) -> bytes:
        r = ListOffsetsResponse.ListOffsetsTopicResponse
        numbers = [n for n, *_ in struct.iter_unpack(">iiq", call.body[-16 * self._count(call, 16) :])]
        earliest = struct.unpack(">q", call.body[-8:])[0] == -2
        parts = [
            r.ListOffsetsPartitionResponse(
                partition_index=n,
                error_code=0,
                timestamp=-1,
                offset=self.start if earliest else len(self.logs[n]),
                leader_epoch=0,
            )
            for n in numbers
        ]
        answer = ListOffsetsResponse(throttle_time_ms=0, topics=[r(name="orders", partitions=parts)])
        return bytes(answer.encode(version=5))

    @staticmethod
    def _count(call: Call, size: int) -> int:
        at = call.body.index(b"orders") + 6
        return int(struct.unpack_from(">i", call.body, at)[0])

    def _fetch(self, call: Call) -> bytes:
        at = call.body.index(b"orders") + 10
        r = FetchResponse.FetchableTopicResponse
        parts = []
        for n in range(self._count(call, 28)):
            number, _, offset, _, _ = struct.unpack_from(">iiqqi", call.body, at + 28 * n)
            log = self.logs[number]
            error = self.error.pop(number, 0)
            data = b"" if error or offset >= len(log) else self._batch(offset, log[offset])
            parts.append(
                r.PartitionData(
                    partition_index=number,
                    error_code=error,
                    high_watermark=len(log),
                    last_stable_offset=len(log),
                    log_start_offset=-1 if error else self.start,
                    aborted_transactions=[],
                    preferred_read_replica=-1,
                    records=data,
                )
            )
        answer = FetchResponse(
            throttle_time_ms=0, error_code=0, session_id=0, responses=[r(topic="orders", partitions=parts)]
        )
        return bytes(answer.encode(version=11))

    @staticmethod
    def _batch(offset: int, value: bytes) -> bytes:
        return struct.pack(">q", offset) + batch_of_one(None, value, [], 1000)[8:]


def until(tail: Tail, enough: Callable[[list[object]], bool], most: int = 200) -> list[object]:
    """What a tail gives, until it is enough."""
    given: list[object] = []
    reader: Iterator[object] = tail.read()
    for one in reader:
        given.append(one)
        if enough(given) or len(given) >= most:
            break
    tail.stop.set()
    return given


def values(given: list[object]) -> list[bytes | None]:
    return [one.record.value for one in given if isinstance(one, Seen)]


def notes(given: list[object]) -> str:
    return " ".join(one.text for one in given if isinstance(one, Note))


def test_everything_from_the_beginning_to_the_end() -> None:
    given = until(Tail(Scripted(), "orders", Since("earliest")), lambda g: isinstance(g[-1], AtEnd))
    assert sorted(values(given), key=str) == [b"a0", b"a1", b"b0"]


def test_one_partition_and_the_last_of_it() -> None:
    given = until(Tail(Scripted(), "orders", Since("last", 1), only=0), lambda g: isinstance(g[-1], AtEnd))
    assert values(given) == [b"a1"]


def test_a_leader_that_does_not_answer_takes_nothing_else_down_and_begins_at_its_end_later() -> None:
    kafka = Scripted()
    kafka.dead.add(2)
    tail = Tail(kafka, "orders", Since("latest"))
    reader = tail.read()
    first = next(reader)
    assert isinstance(first, Note)
    assert "b-2 cannot be read" in first.text
    kafka.logs[0].append(b"a2")
    assert values([next(reader)]) == [b"a2"]
    kafka.dead.clear()
    while not isinstance(next(reader), AtEnd):
        pass
    kafka.logs[1].append(b"b1")
    assert values([next(reader)]) == [b"b1"]
    tail.stop.set()


def test_a_partition_that_another_leads_now_is_asked_there() -> None:
    kafka = Scripted()
    kafka.error[1] = 6
    kafka.leaders[1] = 1
    given = until(Tail(kafka, "orders", Since("earliest")), lambda g: isinstance(g[-1], AtEnd))
    assert b"b0" in values(given)
    assert "NOT_LEADER_OR_FOLLOWER" in notes(given)
    assert kafka.asked.count("metadata") == 2


def test_a_partition_without_a_leader_is_said_and_read_once_it_has_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tail_module, "LOOK_S", 0.0)
    kafka = Scripted()
    kafka.leaders[1] = -1
    tail = Tail(kafka, "orders", Since("earliest"))
    reader = tail.read()
    first = next(reader)
    assert isinstance(first, Note)
    assert first.text == "partition 1: it has no leader"
    kafka.leaders[1] = 2
    given = list[object]()
    while not given or not isinstance(given[-1], AtEnd):
        given.append(next(reader))
    assert sorted(values(given), key=str) == [b"a0", b"a1", b"b0"]
    tail.stop.set()


def test_a_partition_whose_leader_died_before_it_was_asked_is_read_from_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tail_module, "LOOK_S", 0.0)
    kafka = Scripted()
    kafka.dead.add(2)
    tail = Tail(kafka, "orders", Since("earliest"))
    reader = tail.read()
    given: list[object] = [next(reader)]
    kafka.leaders[1] = 1
    while not isinstance(given[-1], AtEnd):
        given.append(next(reader))
    assert sorted(values(given), key=str) == [b"a0", b"a1", b"b0"]
    tail.stop.set()


def test_what_is_gone_is_said_and_passed_over() -> None:
    kafka = Scripted()
    kafka.error[0] = 1
    kafka.start = 1
    given = until(Tail(kafka, "orders", Since("offset", 0), only=0), lambda g: isinstance(g[-1], AtEnd))
    assert "is gone, goes on at 1" in notes(given)
    assert values(given) == [b"a1"]


def test_what_was_cut_off_at_the_end_is_not_begun_anew() -> None:
    kafka = Scripted()
    tail = Tail(kafka, "orders", Since("offset", 1), only=0)
    reader = tail.read()
    assert values([next(reader)]) == [b"a1"]
    kafka.logs[0] = [b"a0"]
    kafka.error[0] = 1
    assert notes([next(reader) for _ in range(2)]) == "partition 0: offset 2 is gone, goes on at 1"
    kafka.logs[0].append(b"c1")
    assert values([next(reader)]) == [b"c1"]
    tail.stop.set()


@pytest.mark.parametrize(
    ("since", "first"),
    [(Since("offset", 9e99), b"a2"), (Since("last", 9e99), b"a0"), (Since("offset", 1), b"a1")],
)
def test_a_place_outside_of_the_log_is_its_nearest(since: Since, first: bytes) -> None:
    kafka = Scripted()
    reader = Tail(kafka, "orders", since, only=0).read()
    one = next(reader)
    kafka.logs[0].append(b"a2")
    while not isinstance(one, Seen):
        one = next(reader)
    assert one.record.value == first


def test_a_topic_or_partition_that_is_not_there() -> None:
    with pytest.raises(ActionError, match="no partition 7"):
        next(iter(Tail(Scripted(), "orders", only=7).read()))
    with pytest.raises(ActionError, match="cannot be read"):
        next(iter(Tail(Scripted(), "missing").read()))
