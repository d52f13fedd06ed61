"""Fills a local cluster: 1,200 partitions in 200 topics, and 200 consumer groups with offsets."""

from __future__ import annotations

import time

from kafka import KafkaConsumer, TopicPartition
from kafka.admin import KafkaAdminClient, NewTopic
from kafka.structs import OffsetAndMetadata

TOPICS = 200
PARTITIONS_EACH = 6
GROUPS = 200
_BATCH = 20
_SETTLED_S = 60.0


def fill(bootstrap_servers: str) -> None:
    """Create topics and groups; returns when all partitions are in sync."""
    admin = KafkaAdminClient(bootstrap_servers=bootstrap_servers, request_timeout_ms=60_000)
    names = [f"bench-{n:03d}" for n in range(TOPICS)]
    for start in range(0, TOPICS, _BATCH):
        admin.create_topics(
            [
                NewTopic(name, num_partitions=PARTITIONS_EACH, replication_factor=3)
                for name in names[start : start + _BATCH]
            ],
            timeout_ms=60_000,
        )
    _wait_settled(admin, set(names))
    admin.close()
    for n in range(GROUPS):
        _commit(bootstrap_servers, f"bench-group-{n:03d}", names[n])


def _wait_settled(admin: KafkaAdminClient, names: set[str]) -> None:
    until = time.monotonic() + _SETTLED_S
    while time.monotonic() < until:
        topics = [t for t in admin.describe_topics() if (t.get("name") or t.get("topic")) in names]
        partitions = [p for t in topics for p in t["partitions"]]
        full = all(len(p.get("isr_nodes", p.get("isr", ()))) == 3 for p in partitions)
        if len(partitions) == TOPICS * PARTITIONS_EACH and full:
            return
        time.sleep(0.5)


def _commit(bootstrap_servers: str, group: str, topic: str) -> None:
    consumer = KafkaConsumer(
        bootstrap_servers=bootstrap_servers,
        group_id=group,
        enable_auto_commit=False,
        client_id="msktop-bench",
    )
    partitions = [TopicPartition(topic, p) for p in range(PARTITIONS_EACH)]
    consumer.assign(partitions)
    consumer.commit({p: OffsetAndMetadata(0, "", -1) for p in partitions})
    consumer.close()
