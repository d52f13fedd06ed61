"""Fills a local cluster: 1,200 partitions in 200 topics, and 200 consumer groups with offsets, or others."""

from __future__ import annotations

import time

from kafka.admin import KafkaAdminClient, NewTopic

from msktop.wire import group_offsets, groups
from msktop.wire.bootstrap import addresses
from msktop.wire.connection import Connection
from msktop.wire.security import Security

TOPICS = 200
PARTITIONS_EACH = 6
GROUPS = 200
_REPLICAS_AT_ONCE = 400
_SETTLED_S = 60.0
_COORDINATED_S = 30.0
_AT_ONCE = 200
_PASSING = frozenset({3, 14, 15, 16})
"""It has not heard of the topic, loads, is not there yet, or is another one: topics are only being made."""


def fill(
    bootstrap_servers: str,
    topics: int = TOPICS,
    partitions_each: int = PARTITIONS_EACH,
    group_count: int = GROUPS,
    replicas: int = 3,
) -> None:
    """Create topics and groups; returns when all partitions are in sync. Group n has committed in topic n."""
    admin = KafkaAdminClient(bootstrap_servers=bootstrap_servers, request_timeout_ms=60_000)
    names = [f"bench-{n:03d}" for n in range(topics)]
    batch = max(1, _REPLICAS_AT_ONCE // (partitions_each * replicas))
    for start in range(0, topics, batch):
        admin.create_topics(
            [
                NewTopic(name, num_partitions=partitions_each, replication_factor=replicas)
                for name in names[start : start + batch]
            ],
            timeout_ms=60_000,
        )
    _wait_settled(admin, set(names), topics * partitions_each, replicas)
    admin.close()
    committed = {
        f"bench-group-{n:03d}": {names[n % topics]: dict.fromkeys(range(partitions_each), 0)}
        for n in range(group_count)
    }
    _commit(bootstrap_servers, committed)


def _wait_settled(admin: KafkaAdminClient, names: set[str], wanted: int, replicas: int) -> None:
    until = time.monotonic() + _SETTLED_S
    while time.monotonic() < until:
        topics = [t for t in admin.describe_topics() if (t.get("name") or t.get("topic")) in names]
        partitions = [p for t in topics for p in t["partitions"]]
        full = all(len(p.get("isr_nodes", p.get("isr", ()))) == replicas for p in partitions)
        if len(partitions) == wanted and full:
            return
        time.sleep(0.5)


def _commit(bootstrap_servers: str, offsets: dict[str, dict[str, dict[int, int]]]) -> None:
    """One request a group, from outside, as the tool's reset does it."""
    opened: dict[tuple[str, int], Connection] = {}
    first = Connection.open(*addresses(bootstrap_servers)[0], Security())
    waiting, until = list(offsets), time.monotonic() + _COORDINATED_S
    try:
        while waiting:
            refused = []
            for start in range(0, len(waiting), _AT_ONCE):
                some = waiting[start : start + _AT_ONCE]
                found = groups.coordinators(first.ask(groups.find_coordinators(some), 10.0))
                refused += [one.group for one in found if one.error or not _took(one, opened, offsets)]
            if len(refused) < len(waiting):
                until = time.monotonic() + _COORDINATED_S
            waiting = refused
            if waiting and time.monotonic() >= until:
                raise RuntimeError(f"{len(waiting)} groups have no coordinator: {waiting[0]}")
            time.sleep(0.5 if waiting else 0.0)
    finally:
        for connection in (first, *opened.values()):
            connection.close()


def _took(
    one: groups.Coordinator,
    opened: dict[tuple[str, int], Connection],
    offsets: dict[str, dict[str, dict[int, int]]],
) -> bool:
    """Whether its coordinator has taken the offsets; not while it takes over the group."""
    where = (one.host, one.port)
    if where not in opened:
        opened[where] = Connection.open(*where, Security())
    body = opened[where].ask(group_offsets.commit_request(one.group, offsets[one.group]), 30.0)
    bad = {code for code in group_offsets.committed(body).values() if code}
    if bad - _PASSING:
        raise RuntimeError(f"{one.group}: Kafka's errors {bad}")
    return not bad
