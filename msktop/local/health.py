"""Whether a node answers: ApiVersions on an open connection, ZooKeeper's `ruok`, and broker registration.

Only what a supervisor needs; every function raises OSError, TimeoutError or EOFError when it gets no answer.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from msktop.local.plan import NodePlan

_CLIENT_ID = b"msktop-local"
_API_VERSIONS, _METADATA = 18, 3
_MAX_FRAME_BYTES = 1 << 20

NO_ANSWER = (OSError, TimeoutError, EOFError)
"""What a node that does not answer raises here (EOFError covers asyncio.IncompleteReadError)."""

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@asynccontextmanager
async def connection(address: str, port: int, timeout_s: float) -> AsyncIterator[Streams]:
    """A TCP connection that is closed at the end without waiting for the peer."""
    async with asyncio.timeout(timeout_s):
        reader, writer = await asyncio.open_connection(address, port)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


def _request(api: int, version: int, correlation: int, body: bytes = b"") -> bytes:
    """One request with header version 1, framed."""
    header = struct.pack(">hhih", api, version, correlation, len(_CLIENT_ID)) + _CLIENT_ID
    return struct.pack(">i", len(header) + len(body)) + header + body


async def _answer(streams: Streams, request: bytes, timeout_s: float) -> bytes:
    reader, writer = streams
    writer.write(request)
    async with asyncio.timeout(timeout_s):
        (size,) = struct.unpack(">i", await reader.readexactly(4))
        if not 4 <= size <= _MAX_FRAME_BYTES:
            raise EOFError(f"a frame of {size} bytes")
        return await reader.readexactly(size)


async def api_versions(streams: Streams, correlation: int, timeout_s: float) -> None:
    """One ApiVersions round trip, the cheapest question that every Kafka listener answers."""
    await _answer(streams, _request(_API_VERSIONS, 0, correlation), timeout_s)


async def registered_brokers(streams: Streams, timeout_s: float) -> set[int]:
    """The ids that this broker's Metadata names: those that are registered and not fenced."""
    no_topics = struct.pack(">i", 0) + b"\0"
    return broker_ids(await _answer(streams, _request(_METADATA, 7, 1, no_topics), timeout_s))


def broker_ids(answer: bytes) -> set[int]:
    r"""The broker ids in a Metadata v7 answer: correlation, throttle, then [id, host, port, rack].

    >>> one = b"\0\0\0\x05" + b"\0\1h" + b"\0\0\x23\x84" + b"\xff\xff"
    >>> broker_ids(b"\0" * 8 + b"\0\0\0\1" + one)
    {5}
    """
    (count,) = struct.unpack_from(">i", answer, 8)
    at, ids = 12, set()
    for _ in range(count):
        (broker_id,) = struct.unpack_from(">i", answer, at)
        at = _after_string(answer, at + 4)  # host
        at = _after_string(answer, at + 4)  # port, rack
        ids.add(broker_id)
    return ids


def _after_string(data: bytes, at: int) -> int:
    length: int = struct.unpack_from(">h", data, at)[0]
    return at + 2 + max(0, length)


async def four_letters(node: NodePlan, word: bytes, timeout_s: float) -> bytes:
    """ZooKeeper's answer to a four-letter word."""
    async with connection(node.address, node.port, timeout_s) as (reader, writer):
        writer.write(word)
        async with asyncio.timeout(timeout_s):
            return await reader.read(_MAX_FRAME_BYTES)


async def zookeeper_serves(node: NodePlan, timeout_s: float) -> None:
    """Return when this server runs and belongs to a quorum."""
    answer = await four_letters(node, b"srvr", timeout_s)
    if b"Mode:" not in answer:
        raise EOFError("not serving requests")


async def broker_session_lives(servers: tuple[NodePlan, ...], broker_id: int, timeout_s: float) -> bool:
    """Whether any ZooKeeper server still holds this broker's ephemeral node; only the leader knows."""
    for server in servers:
        with suppress(*NO_ANSWER):
            answer = await four_letters(server, b"dump", timeout_s)
            if f"/brokers/ids/{broker_id}\n".encode() in answer:
                return True
    return False
