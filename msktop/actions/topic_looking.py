"""One topic from close by: partitions with their offsets, settings with their defaults, who writes it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from msktop.actions.kafka import Kafka
from msktop.actions.topic_facts import TopicFacts
from msktop.errors import TargetError
from msktop.wire import offsets, producers
from msktop.wire.codes import code_words
from msktop.wire.topic_configs import TopicSetting


@dataclass(frozen=True, slots=True)
class LookedPartition:
    """One partition; None: its leader did not say."""

    number: int
    leader: int | None
    leader_epoch: int
    replicas: tuple[tuple[int, str | None], ...]
    """Broker and zone, the preferred one first."""
    isr: tuple[int, ...]
    start: int | None = None
    end: int | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class Writer:
    """One idempotent producer that a partition's leader remembers."""

    partition: int
    id: int
    epoch: int
    last_sequence: int | None
    last_at: float | None
    transaction_start: int | None
    now: float

    @property
    def last_words(self) -> str | None:
        """How long ago it wrote, by its own records' times."""
        return None if self.last_at is None else f"{max(0.0, self.now - self.last_at):.0f} s ago"


@dataclass(frozen=True, slots=True)
class Looked:
    """All of it."""

    name: str
    topic_id: str
    internal: bool
    partitions: tuple[LookedPartition, ...]
    settings: tuple[TopicSetting, ...]
    config_error: str
    producers: tuple[Writer, ...]
    producers_error: str
    spread: str
    """Whether each partition's replicas are in different zones, in words."""


def look(kafka: Kafka, facts: TopicFacts, name: str) -> Looked:
    """Ask every leader; one that does not answer takes only its own figures down. Raises ActionError."""
    topic = facts.topic(name)
    led: dict[int, list[int]] = {}
    for p in topic.partitions.values():
        if p.leader >= 0:
            led.setdefault(p.leader, []).append(p.partition)
    starts: dict[int, int] = {}
    ends: dict[int, int] = {}
    failed: dict[int, str] = {}
    writers: list[Writer] = []
    silent: list[str] = []
    for leader, numbers in led.items():
        try:
            _offsets(kafka, leader, name, numbers, starts, ends, failed)
        except TargetError as error:
            failed |= dict.fromkeys(numbers, error.title)
            continue
        said = _writers(kafka, leader, name, numbers, writers)
        silent += [said] if said else []
    config = facts.configs.get(name)
    return Looked(
        name=name,
        topic_id=topic.topic_id,
        internal=topic.internal,
        partitions=tuple(
            LookedPartition(
                p.partition,
                p.leader if p.leader >= 0 else None,
                p.leader_epoch,
                tuple((b, facts.zones.get(b)) for b in p.replicas),
                p.isr,
                starts.get(p.partition),
                ends.get(p.partition),
                failed.get(p.partition, "" if p.leader >= 0 else "no leader"),
            )
            for p in sorted(topic.partitions.values())
        ),
        settings=() if config is None else tuple(sorted(config.settings.values(), key=lambda s: s.name)),
        config_error="" if config is None or not config.error else code_words(config.error),
        producers=tuple(sorted(writers, key=lambda w: (w.partition, w.id))),
        producers_error="; ".join(dict.fromkeys(silent)),
        spread=spread_words(facts, name),
    )


def _offsets(
    kafka: Kafka,
    leader: int,
    name: str,
    numbers: Sequence[int],
    starts: dict[int, int],
    ends: dict[int, int],
    failed: dict[int, str],
) -> None:
    for at, into in ((offsets.EARLIEST, starts), (offsets.LATEST, ends)):
        part = offsets.topic_request(name, numbers, at)
        told = offsets.changed(kafka.ask(offsets.list_offsets([part]), leader), {})
        into.update(told.ends.get(name, {}))
        failed.update((number, code_words(code)) for number, code in told.errors.get(name, {}).items())


def _writers(kafka: Kafka, leader: int, name: str, numbers: Sequence[int], into: list[Writer]) -> str:
    """Why they are not known; empty where they are."""
    try:
        answer = producers.producers(kafka.ask(producers.describe_producers({name: numbers}), leader))
    except TargetError as error:
        return f"b-{leader}: {error.title}"
    now = time.time()
    for one in answer:
        into += [
            Writer(one.partition, p.id, p.epoch, p.last_sequence, p.last_at, p.transaction_start, now)
            for p in one.producers
        ]
    return next((code_words(one.error) for one in answer if one.error), "")


def spread_words(facts: TopicFacts, name: str) -> str:
    """Whether replicas of one partition share a zone."""
    if not facts.zone_count:
        return "not known: the brokers have no broker.rack"
    partitions = facts.topic(name).partitions.values()
    together = 0
    for p in partitions:
        zones = [facts.zones.get(b) for b in p.replicas]
        together += len(set(zones)) < min(len(zones), facts.zone_count)
    if together:
        return f"{together} of {len(partitions)} partitions have replicas together in one zone"
    return f"replicas of each partition are in {min(facts.zone_count, facts.replication(name))} zones"
