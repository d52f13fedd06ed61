"""What brokers are asked when one of them is to leave: what is left on it, and to forget it."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Iterable

from msktop.errors import LocalError, MsktopError
from msktop.local import health
from msktop.local.plan import NodePlan
from msktop.wire import membership, metadata, minimal
from msktop.wire.call import Call
from msktop.wire.framing import MAX_FRAME_BYTES, framed

_TIMEOUT_S = 4.0


async def partitions_on(brokers: Iterable[NodePlan], broker_id: int) -> list[str]:
    """The partitions that have a replica on this broker, as TOPIC-PARTITION. Raises LocalError.

    The first of `brokers` that answers is believed.
    """
    call = Call("metadata", metadata.API_KEY, metadata.VERSION, metadata.request(None), flexible=True)
    answer = metadata.split(await _ask_any(brokers, call), {})
    topics = [metadata.topic(piece) for piece in answer.topics.values()]
    return [
        f"{t.name}-{p.partition}" for t in topics for p in t.partitions.values() if broker_id in p.replicas
    ]


async def unregister(brokers: Iterable[NodePlan], broker_id: int) -> None:
    """KRaft: take a stopped broker out of the cluster. Raises LocalError."""
    body = await _ask_any(brokers, membership.unregister(broker_id))
    error, message = membership.unregistered(body)
    if error not in (0, membership.BROKER_ID_NOT_REGISTERED):
        raise LocalError(f"broker {broker_id} cannot be unregistered: error {error} {message}")


async def _ask_any(brokers: Iterable[NodePlan], call: Call) -> bytes:
    """The body of the first answer that one of the brokers gives."""
    problem: object = "there is none"
    for broker in brokers:
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                return await _ask(broker, call)
        except (*health.NO_ANSWER, MsktopError) as error:
            problem = f"{broker.address}:{broker.port}: {str(error) or 'silent'}"
    raise LocalError(f"no broker answers {call.name} ({problem})", "Try again once one runs.")


async def _ask(broker: NodePlan, call: Call) -> bytes:
    async with health.connection(broker.address, broker.port, _TIMEOUT_S) as (reader, writer):

        async def roundtrip(payload: bytes) -> bytes:
            writer.write(framed(payload))
            (size,) = struct.unpack(">i", await reader.readexactly(4))
            if not 4 <= size <= MAX_FRAME_BYTES:
                raise EOFError(f"a frame of {size} bytes")
            return await reader.readexactly(size)

        offered = minimal.api_versions_response(await roundtrip(minimal.api_versions_request(1)))
        return call.answer(await roundtrip(call.payload(2, offered.ranges)))
