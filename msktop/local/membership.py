"""What brokers are asked when one of them is to leave: what is left on it, and to forget it."""

from __future__ import annotations

from collections.abc import Iterable

from msktop.errors import LocalError
from msktop.local.asking import ask_any
from msktop.local.plan import NodePlan
from msktop.wire import membership, metadata
from msktop.wire.call import Call


async def partitions_on(brokers: Iterable[NodePlan], broker_id: int) -> list[str]:
    """The partitions that have a replica on this broker, as TOPIC-PARTITION. Raises LocalError.

    The first of `brokers` that answers is believed.
    """
    call = Call("metadata", metadata.API_KEY, metadata.VERSION, metadata.request(None), flexible=True)
    answer = metadata.split(await ask_any(brokers, call), {})
    topics = [metadata.topic(piece) for piece in answer.topics.values()]
    return [
        f"{t.name}-{p.partition}" for t in topics for p in t.partitions.values() if broker_id in p.replicas
    ]


async def unregister(brokers: Iterable[NodePlan], broker_id: int) -> None:
    """KRaft: take a stopped broker out of the cluster. Raises LocalError."""
    body = await ask_any(brokers, membership.unregister(broker_id))
    error, message = membership.unregistered(body)
    if error not in (0, membership.BROKER_ID_NOT_REGISTERED):
        raise LocalError(f"broker {broker_id} cannot be unregistered: error {error} {message}")
