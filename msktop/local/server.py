"""Commands to a running supervisor: one JSON object a line, over a socket that only its owner can open."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Literal, Protocol

import msgspec

from msktop.errors import LocalError, MsktopError
from msktop.local.clients import Access
from msktop.local.exchange import MAX_LINE_BYTES, TIMEOUT_S, Refusal, exchange, short
from msktop.local.fleet import Fleet
from msktop.local.settings import How, Listener

SOCKET = "control.sock"


class Command(msgspec.Struct, frozen=True):
    """What a client asks for."""

    command: Literal[
        "fail", "resume", "stop", "add_brokers", "remove_broker", "reboot", "configure", "listen", "resize"
    ]
    node: int = 0
    how: How = "kill"
    for_s: float | None = None
    count: int = 0
    kafka_version: str = ""
    heap_mb: int = 0
    instance_type: str = ""
    properties: Mapping[str, str] = {}
    volume_bytes: int = 0
    listeners: tuple[Listener, ...] = ()


class Answer(Refusal, frozen=True):
    """What it gets. `nodes`: the ids of new nodes."""

    nodes: tuple[int, ...] = ()


class Commanded(Protocol):
    """What carries the commands out."""

    @property
    def stopping(self) -> asyncio.Event:
        """Set to stop the cluster."""

    @property
    def fleet(self) -> Fleet:
        """The cluster's nodes."""

    @property
    def access(self) -> Access:
        """What clients need to get in."""


async def serve(commanded: Commanded, folder: Path) -> asyncio.Server:
    """Listen in `folder`, with the process's umask keeping others out."""
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    (folder / SOCKET).unlink(missing_ok=True)
    with short(folder, SOCKET) as path:
        listening.bind(path)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, ValueError, TimeoutError):
            async with asyncio.timeout(TIMEOUT_S):
                line = await reader.readline()
                writer.write(msgspec.json.encode(await _obey(commanded, line)) + b"\n")
                await writer.drain()
        writer.close()

    return await asyncio.start_unix_server(talk, sock=listening, limit=MAX_LINE_BYTES)


async def _obey(commanded: Commanded, line: bytes) -> Answer:
    """Carry out one command; what goes wrong becomes the answer."""
    try:
        wanted = msgspec.json.decode(line, type=Command)
        if wanted.command == "stop":
            commanded.stopping.set()
            return Answer()
        return Answer(nodes=await _act(commanded, wanted))
    except MsktopError as e:
        return Answer(e.title, e.advice)
    except msgspec.MsgspecError as e:
        return Answer(f"the supervisor does not understand: {e}", "Use the msktop that started the cluster.")


async def _act(commanded: Commanded, wanted: Command) -> tuple[int, ...]:
    """Hand the command on; returns the ids of new nodes."""
    fleet = commanded.fleet
    match wanted.command:
        case "fail":
            fleet.keeper(wanted.node).fail(wanted.how, wanted.for_s)
        case "resume":
            fleet.keeper(wanted.node).resume()
        case "add_brokers":
            return await fleet.add_brokers(wanted.count)
        case "remove_broker":
            await fleet.remove_broker(wanted.node)
        case "reboot":
            fleet.reboot(wanted.node, wanted.kafka_version, wanted.heap_mb, wanted.instance_type)
        case "configure":
            fleet.configure(wanted.properties)
        case "listen":
            await fleet.listen(wanted.listeners, commanded.access)
        case "resize":
            fleet.resize(wanted.volume_bytes, wanted.node)
    return ()


def ask(folder: Path, command: Command) -> Answer:
    """Send one command to the supervisor in `folder`; raise LocalError when it refuses or is silent."""
    silent = LocalError(
        f"the supervisor of the local cluster {folder.name!r} does not answer",
        f"End it and its brokers with: msktop local stop --name {folder.name}",
    )
    return exchange(folder, SOCKET, command, Answer, silent)
