"""One record that a person writes into a topic, by the same leave and audit as every change.

The audit log says where it went and how large it was: what is in it is nobody's business there.
"""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass

from msktop.actions.audit import Audit
from msktop.actions.kafka import Kafka
from msktop.actions.kafka_perform import RefusedError, sent_once
from msktop.actions.perform import OutcomeUnknownError
from msktop.actions.plan import Plan
from msktop.actions.topic_facts import TopicFacts
from msktop.errors import ActionError, UsageError
from msktop.wire import fetch
from msktop.wire.codes import code_words
from msktop.wire.records import batch_of_one

TIMEOUT_MS = 10_000
_LOOK = "Look into the topic before trying again."
_TOMBSTONE = "Its key is deleted from the compacted topic."
MOST_BYTES = 1_000_000
"""Of key and value together: what a person types or pipes in. A broker's own limit is about as much."""
_UNKNOWN = frozenset({7, 20})
"""Not done in time; written by too few replicas: it may be in the log."""


@dataclass(frozen=True, slots=True)
class NewRecord:
    """What is sent. A value of None is a tombstone."""

    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()


@dataclass(frozen=True, slots=True)
class Landed:
    """Where it is."""

    partition: int
    offset: int


def send_record(facts: TopicFacts, topic: str, record: NewRecord, partition: int | None = None) -> Plan:
    """Check it and choose its partition as Java's producer does. Raises UsageError, ActionError."""
    found = facts.topic(topic)
    if found.internal or topic.startswith("__"):
        raise ActionError(f"{topic} is one of Kafka's own topics", "msktop writes nothing into these.")
    size = len(record.key or b"") + len(record.value or b"")
    if size > MOST_BYTES:
        raise UsageError(f"{size:,} bytes are more than the {MOST_BYTES:,} that are sent from here")
    if partition is None:
        partition = partition_for(record.key, len(found.partitions))
    if partition not in found.partitions:
        raise UsageError(f"{topic} has no partition {partition}", f"It has 0 to {len(found.partitions) - 1}.")
    if found.partitions[partition].leader < 0:
        raise ActionError(
            f"partition {partition} of {topic} has no leader", "Nothing can be written there now."
        )
    compacted = facts.compacted(topic)
    if compacted and record.key is None:
        raise UsageError(f"{topic} is compacted: a record needs a key there")
    unit = "byte" if size == 1 else "bytes"
    return Plan(
        operation="Produce",
        via="kafka",
        parameters={
            "topic": topic,
            "partition": partition,
            "key_bytes": None if record.key is None else len(record.key),
            "value_bytes": None if record.value is None else len(record.value),
            "headers": len(record.headers),
        },
        cluster=facts.cluster,
        title=f"Write one record of {size:,} {unit} into {topic}, partition {partition}",
        steps=("the leader writes it, and answers when all replicas in sync have it",),
        duration="a moment",
        warnings=(
            "It cannot be taken back: whoever reads the topic gets it.",
            *((_TOMBSTONE,) if compacted and record.value is None else ()),
        ),
        after={"partition": str(partition)},
    )


def send(plan: Plan, record: NewRecord, kafka: Kafka, leader: int, audit: Audit) -> Landed:
    """Write it down that it is sent, send it once, write down what came of it.

    Raises ActionError where it was refused, TargetError where it could not be sent, OutcomeUnknownError where
    nobody knows.
    """
    p = plan.parameters
    connection = kafka.connection(leader)
    batch = batch_of_one(record.key, record.value, record.headers, int(time.time() * 1e3))
    call = fetch.produce(p["topic"], p["partition"], batch, TIMEOUT_MS)

    def once() -> fetch.Written:
        return fetch.produced(connection.ask(call, TIMEOUT_MS / 1e3 + 5.0))

    written = sent_once(plan, kafka, audit, once, _LOOK)
    if written.error:
        words = code_words(written.error) + (f" ({written.message})" if written.message else "")
        if written.error in _UNKNOWN:
            audit.after("unknown", error=words)
            raise OutcomeUnknownError(f"it may be written: {words}", _LOOK)
        audit.after("refused", error=words)
        raise RefusedError(f"refused: {plan.title}", words, written.error)
    audit.after("accepted", partition=p["partition"], offset=written.offset)
    return Landed(p["partition"], written.offset)


def partition_for(key: bytes | None, count: int) -> int:
    """As Java's default partitioner chooses by a key; without one, any.

    >>> partition_for(b"orders", 12), partition_for(b"", 12)
    (0, 9)
    """
    if key is None:
        return random.randrange(count)
    return (murmur2(key) & 0x7FFFFFFF) % count


def murmur2(data: Sequence[int]) -> int:
    """The hash of org.apache.kafka.common.utils.Utils.murmur2, unsigned."""
    mix, mask, length = 0x5BD1E995, 0xFFFFFFFF, len(data)
    value = 0x9747B28C ^ length
    for at in range(0, length - length % 4, 4):
        k = int.from_bytes(bytes(data[at : at + 4]), "little") * mix & mask
        k = (k ^ k >> 24) * mix & mask
        value = value * mix & mask ^ k
    rest = bytes(data[length - length % 4 :])
    if rest:
        value = (value ^ int.from_bytes(rest, "little")) * mix & mask
    value = (value ^ value >> 13) * mix & mask
    return value ^ value >> 15
