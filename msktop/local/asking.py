"""One question to a broker's plaintext listener, on a connection of its own."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Iterable

from msktop.errors import LocalError, MsktopError
from msktop.local import health
from msktop.local.plan import NodePlan
from msktop.wire import minimal
from msktop.wire.call import Call
from msktop.wire.framing import MAX_FRAME_BYTES, framed

_TIMEOUT_S = 4.0


async def ask_any(brokers: Iterable[NodePlan], call: Call) -> bytes:
    """The body of the first answer that one of the brokers gives. Raises LocalError."""
    problem = "there is none"
    for broker in brokers:
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                return await _ask(broker, call)
        except (*health.NO_ANSWER, MsktopError) as error:
            problem = f"{broker.address}:{broker.port}: {str(error) or 'silent'}"
    raise LocalError(f"no broker answers {call.name} ({problem})", "Try again once one runs.")


async def ask_each(brokers: Iterable[NodePlan], call: Call) -> list[bytes]:
    """The bodies of all answers, each broker asked by itself. Raises LocalError where there is none."""
    problem = LocalError(f"no broker answers {call.name} (there is none)", "Try again once one runs.")

    async def one(broker: NodePlan) -> bytes | None:
        nonlocal problem
        try:
            return await ask_any((broker,), call)
        except LocalError as error:
            problem = error
            return None

    answers = [body for body in await asyncio.gather(*map(one, brokers)) if body is not None]
    if not answers:
        raise problem
    return answers


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
