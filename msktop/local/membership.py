"""What brokers are asked when one of them is to leave: what is left on it, and to forget it."""

from __future__ import annotations

from collections.abc import Iterable

from msktop.errors import LocalError
from msktop.local.asking import ask_any, ask_each
from msktop.local.plan import NodePlan
from msktop.wire import membership, metadata
from msktop.wire.call import Call


async def partitions_on(brokers: Iterable[NodePlan], broker_id: int) -> list[str]:
    """The partitions that have a replica on this broker, as TOPIC-PARTITION. Raises LocalError.

    Every one of `brokers` is asked, as each hears of new topics in its own time.
    """
    call = Call("metadata", metadata.API_KEY, metadata.VERSION, metadata.request(None), flexible=True)
    found: dict[str, None] = {}
    for body in await ask_each(brokers, call):
        topics = [metadata.topic(piece) for piece in metadata.split(body, {}).topics.values()]
        for t in topics:
            found |= {f"{t.name}-{n}": None for n, p in t.partitions.items() if broker_id in p.replicas}
    return list(found)


async def unregister(brokers: Iterable[NodePlan], broker_id: int) -> None:
    """KRaft: take a stopped broker out of the cluster. Raises LocalError."""
    body = await ask_any(brokers, membership.unregister(broker_id))
    error, message = membership.unregistered(body)
    if error not in (0, membership.BROKER_ID_NOT_REGISTERED):
        raise LocalError(f"broker {broker_id} cannot be unregistered: error {error} {message}")
