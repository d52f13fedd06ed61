"""Metadata answers, encoded by kafka-python's own classes, which are made from Kafka's schemas."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from kafka.protocol.metadata import MetadataResponse

from msktop.wire.metadata import VERSION, Answer, split


@dataclass(frozen=True)
class P:
    """One partition."""

    number: int
    leader: int = 1
    epoch: int = 0
    replicas: tuple[int, ...] = (1, 2, 3)
    isr: tuple[int, ...] = (1, 2, 3)
    offline: tuple[int, ...] = ()
    error: int = 0


@dataclass(frozen=True)
class T:
    """One topic."""

    name: str
    partitions: tuple[P, ...] = (P(0),)
    id: uuid.UUID = field(default_factory=lambda: uuid.UUID(int=7))
    internal: bool = False
    error: int = 0

    def but(self, number: int, partition: P) -> T:
        """The same with another partition `number`."""
        return replace(
            self, partitions=tuple(partition if p.number == number else p for p in self.partitions)
        )


def metadata_body(
    topics: Iterable[T],
    brokers: Sequence[int] = (1, 2, 3),
    cluster_id: str | None = "cluster",
    racks: bool = True,
) -> bytes:
    """The body of a Metadata response, without its header."""
    r = MetadataResponse
    answer = r(
        throttle_time_ms=0,
        brokers=[
            r.MetadataResponseBroker(
                node_id=i, host=f"b-{i}", port=9092, rack=f"use1-az{i}" if racks else None
            )
            for i in brokers
        ],
        cluster_id=cluster_id,
        controller_id=brokers[0] if brokers else -1,
        topics=[_topic(t) for t in topics],
    )
    return bytes(answer.encode(version=VERSION))


def _topic(t: T) -> object:
    r = MetadataResponse.MetadataResponseTopic
    return r(
        error_code=t.error,
        name=t.name,
        topic_id=t.id,
        is_internal=t.internal,
        partitions=[
            r.MetadataResponsePartition(
                error_code=p.error,
                partition_index=p.number,
                leader_id=p.leader,
                leader_epoch=p.epoch,
                replica_nodes=list(p.replicas),
                isr_nodes=list(p.isr),
                offline_replicas=list(p.offline),
            )
            for p in t.partitions
        ],
    )


def answer(topics: Iterable[T], known: dict[bytes, bytes] | None = None) -> Answer:
    """The answer as our decoder cuts it."""
    return split(metadata_body(topics), known or {})


def some_topics(rng: random.Random, count: int, partitions: int) -> list[T]:
    """Topics of random shape; some names and lists are long enough for varints of two bytes."""
    return [_some_topic(rng, number, partitions) for number in range(count)]


def _some_topic(rng: random.Random, number: int, partitions: int) -> T:
    name = f"t{number}-" + rng.choice(["a", "ü", "x" * 200, "orders.eu"])
    found = []
    for p in range(rng.randint(0, partitions)):
        replicas = tuple(rng.sample(range(1, 300), rng.choice([0, 1, 3, 3, 130])))
        isr = tuple(r for r in replicas if rng.random() < 0.8)
        offline = tuple(r for r in replicas if r not in isr and rng.random() < 0.5)
        leader, epoch = rng.choice([-1, 1, 2, 3]), rng.randint(-1, 1 << 30)
        found.append(P(p, leader, epoch, replicas, isr, offline, rng.choice([0, 5, 9])))
    return T(
        name, tuple(found), uuid.UUID(int=rng.getrandbits(128)), rng.random() < 0.2, rng.choice([0, 0, 3])
    )
