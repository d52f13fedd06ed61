"""One record: where it goes, what is refused, and that its contents are written down nowhere."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from kafka.partitioner.default import murmur2 as oracle

from msktop.actions.send import NewRecord, murmur2, partition_for, send_record
from msktop.errors import ActionError, UsageError
from tests.actions.test_topics import entry, facts, settings


def test_keys_go_where_javas_producer_puts_them() -> None:
    rng = random.Random(3)
    for size in range(40):
        key = rng.randbytes(size)
        assert murmur2(key) == oracle(key) & 0xFFFFFFFF
    assert 0 <= partition_for(None, 3) < 3


def test_the_plan_tells_sizes_and_no_contents() -> None:
    plan = send_record(facts(), "orders", NewRecord(b"secret-key", b"secret-value", (("h", b"secret"),)))
    assert "secret" not in repr(plan)
    assert (plan.parameters["key_bytes"], plan.parameters["value_bytes"]) == (10, 12)


@pytest.mark.parametrize(
    ("topic", "record", "partition", "said"),
    [
        ("nothing", NewRecord(None, b""), None, "has no topic"),
        ("__consumer_offsets", NewRecord(None, b""), None, "Kafka's own"),
        ("orders", NewRecord(None, bytes(1_000_001)), None, "more than"),
        ("orders", NewRecord(None, b""), 3, "no partition 3"),
    ],
)
def test_what_cannot_be_written_is_refused(
    topic: str, record: NewRecord, partition: int | None, said: str
) -> None:
    with pytest.raises((ActionError, UsageError), match=said):
        send_record(facts(), topic, record, partition)


def test_compacted_topics_and_partitions_without_a_leader() -> None:
    compacted = facts(config=settings(cleanup_policy="compact"))
    with pytest.raises(UsageError, match="needs a key"):
        send_record(compacted, "orders", NewRecord(None, b"v"))
    tombstone = send_record(compacted, "orders", NewRecord(b"k", None))
    assert "deleted from the compacted topic" in tombstone.warnings[-1]
    leaderless = replace(facts(), topics={"orders": entry("orders", leader=-1)})
    with pytest.raises(ActionError, match="no leader"):
        send_record(leaderless, "orders", NewRecord(None, b"v"))
