"""Who writes: DescribeProducers 0 of partitions, ListTransactions 0 and DescribeTransactions 0 of a broker.

From Kafka 3.0 on. A producer without idempotence leaves no trace in these answers.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from msktop.wire.call import Call
from msktop.wire.fields import NO_TAGS, Reader, compact_array, compact_string, decoding

DESCRIBE_PRODUCERS, DESCRIBE_TRANSACTIONS, LIST_TRANSACTIONS = 61, 65, 66


@dataclass(frozen=True, slots=True)
class Producer:
    """One idempotent producer as a partition's leader remembers it; None: it has none of that."""

    id: int
    epoch: int
    last_sequence: int | None
    last_at: float | None
    """Its newest record's time, Unix seconds, by the clock that stamps the topic's records."""
    coordinator_epoch: int | None
    transaction_start: int | None
    """Offset at which its open transaction began in this partition."""


@dataclass(frozen=True, slots=True)
class Writers:
    """Those of one partition."""

    topic: str
    partition: int
    error: int
    message: str
    producers: tuple[Producer, ...]


def describe_producers(partitions: Mapping[str, Iterable[int]]) -> Call:
    """Only a partition's leader knows them."""
    topics = compact_array(
        compact_string(name) + compact_array(struct.pack(">i", n) for n in numbers) + NO_TAGS
        for name, numbers in partitions.items()
    )
    return Call("describe_producers", DESCRIBE_PRODUCERS, 0, topics + NO_TAGS, flexible=True)


def producers(body: bytes) -> list[Writers]:
    """Decode DescribeProducers 0. Raises WireError."""
    with decoding("describe_producers"):
        r = Reader(body)
        r.int32()  # throttle time
        return [one for topic in r.compact_array(lambda: _topic(r)) for one in topic]


def _topic(r: Reader) -> list[Writers]:
    name = r.compact_string() or ""

    def partition() -> Writers:
        number, error, message = r.int32(), r.int16(), r.compact_string() or ""
        found = Writers(name, number, error, message, tuple(r.compact_array(lambda: _producer(r))))
        r.tags()
        return found

    found = r.compact_array(partition)
    r.tags()
    return found


def _known(value: int) -> int | None:
    return value if value >= 0 else None


def _producer(r: Reader) -> Producer:
    number, epoch, sequence, at_ms, coordinator, start = (
        r.int64(), r.int32(), r.int32(), r.int64(), r.int32(), r.int64(),
    )  # fmt: skip
    r.tags()
    at = at_ms / 1e3 if at_ms >= 0 else None
    return Producer(number, epoch, _known(sequence), at, _known(coordinator), _known(start))


# ------------------------------------------------------------------ transactions


@dataclass(frozen=True, slots=True)
class Transaction:
    """One transactional id; what its coordinator did not tell is None."""

    id: str
    producer_id: int
    state: str
    """Kafka's own word: Ongoing, PrepareCommit, CompleteAbort, Empty, …"""
    error: int = 0
    timeout_s: float | None = None
    started_at: float | None = None
    epoch: int | None = None
    topics: Mapping[str, tuple[int, ...]] | None = None


def list_transactions() -> Call:
    """All that this broker coordinates."""
    filters = compact_array(()) + compact_array(())  # states, producers
    return Call("list_transactions", LIST_TRANSACTIONS, 0, filters + NO_TAGS, flexible=True)


def transactions(body: bytes) -> tuple[int, list[Transaction]]:
    """Error code, and what there is. Raises WireError."""
    with decoding("list_transactions"):
        r = Reader(body)
        r.int32()  # throttle time
        error = r.int16()
        r.compact_array(r.compact_string)  # states that the broker does not know

        def one() -> Transaction:
            found = Transaction(r.compact_string() or "", r.int64(), r.compact_string() or "")
            r.tags()
            return found

        return error, r.compact_array(one)


def describe_transactions(ids: Iterable[str]) -> Call:
    """More of these; only their coordinator knows."""
    body = compact_array(compact_string(one) for one in ids) + NO_TAGS
    return Call("describe_transactions", DESCRIBE_TRANSACTIONS, 0, body, flexible=True)


def described_transactions(body: bytes) -> list[Transaction]:
    """Decode DescribeTransactions 0. Raises WireError."""
    with decoding("describe_transactions"):
        r = Reader(body)
        r.int32()  # throttle time
        return r.compact_array(lambda: _described(r))


def _described(r: Reader) -> Transaction:
    error, name, state = r.int16(), r.compact_string() or "", r.compact_string() or ""
    timeout_ms, start_ms, producer, epoch = r.int32(), r.int64(), r.int64(), r.int16()

    def one() -> tuple[str, tuple[int, ...]]:
        found = r.compact_string() or "", tuple(r.compact_array(r.int32))
        r.tags()
        return found

    topics = dict(r.compact_array(one))
    r.tags()
    started_at = start_ms / 1e3 if start_ms >= 0 else None
    return Transaction(name, producer, state, error, timeout_ms / 1e3, started_at, epoch, topics)
