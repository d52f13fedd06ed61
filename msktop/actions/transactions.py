"""Transactions of the whole cluster, as their coordinators tell: which are open, and which hang."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from msktop.actions.kafka import Kafka
from msktop.errors import TargetError
from msktop.wire import producers
from msktop.wire.codes import code_words
from msktop.wire.producers import Transaction

OPEN = frozenset({"Ongoing", "PrepareCommit", "PrepareAbort", "PrepareEpochFence"})
"""Kafka's words for one that has begun and not ended."""
GRACE_S = 60.0
"""A coordinator aborts what is over its time-out within a minute; what is open for longer hangs."""
AT_ONCE = 100
"""Transactions that are described in one request."""


@dataclass(frozen=True, slots=True)
class OpenTransaction:
    """One that has begun and not ended; None: its coordinator did not say."""

    id: str
    coordinator: int
    producer_id: int
    epoch: int | None
    state: str
    open_s: float | None
    timeout_s: float | None
    topics: Mapping[str, tuple[int, ...]]

    @property
    def hangs(self) -> bool:
        """Open for longer than its coordinator would let it be.

        >>> of = OpenTransaction("a", 1, 7, 0, "Ongoing", 200.0, 60.0, {})
        >>> of.hangs
        True
        """
        if self.open_s is None or self.timeout_s is None:
            return False
        return self.open_s > self.timeout_s + GRACE_S


@dataclass(frozen=True, slots=True)
class Transactions:
    """What every coordinator said."""

    known: int
    """Transactional ids in all."""
    open: tuple[OpenTransaction, ...]
    silent: tuple[str, ...]
    """Brokers that did not tell, each with why."""


def transactions(kafka: Kafka, now: float) -> Transactions:
    """Ask every broker; `now` in Unix seconds. One that is silent takes only its own figures down."""
    known, found, silent = 0, [], []
    for node in kafka.brokers.nodes:
        try:
            error, listed = producers.transactions(kafka.ask(producers.list_transactions(), node.id))
            if error:
                silent.append(f"b-{node.id}: {code_words(error)}")
                continue
            known += len(listed)
            found += _described(kafka, node.id, [one for one in listed if one.state in OPEN], now)
        except TargetError as failed:
            silent.append(f"b-{node.id}: {failed.title}")
    found.sort(key=lambda one: -(one.open_s or 0.0))
    return Transactions(known, tuple(found), tuple(silent))


def _described(kafka: Kafka, broker: int, listed: list[Transaction], now: float) -> list[OpenTransaction]:
    found = []
    for at in range(0, len(listed), AT_ONCE):
        ids = [one.id for one in listed[at : at + AT_ONCE]]
        call = producers.describe_transactions(ids)
        for one in producers.described_transactions(kafka.ask(call, broker)):
            if one.error or one.state not in OPEN:
                continue  # it has ended meanwhile
            open_s = None if one.started_at is None else max(0.0, now - one.started_at)
            found.append(
                OpenTransaction(
                    one.id,
                    broker,
                    one.producer_id,
                    one.epoch,
                    one.state,
                    open_s,
                    one.timeout_s,
                    one.topics or {},
                )
            )
    return found
