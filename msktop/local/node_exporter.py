"""A reduced node-exporter page for one broker, with the names that MSK's page on port 11002 has.

CPU is the time of the broker's process, shared out over this machine's processors; what the process did not
use counts as idle. The disk is the broker's folder of data against its pretended volume.
"""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from msktop.local.processes import Usage

MOUNT_POINT = "/kafka/datalogs"
"""Where MSK mounts a broker's volume."""

_DISK_AGE_S = 5.0
_TIMEOUT_S = 10.0
_MAX_HEAD_BYTES = 1 << 14


@dataclass(frozen=True, slots=True)
class Figures:
    """What one page tells. CPU times in seconds since the machine was new, sizes in bytes."""

    user_s: float
    system_s: float
    idle_s: float
    volume_bytes: int
    used_bytes: int
    resident_bytes: int | None


def page(figures: Figures) -> str:
    """The figures as an exposition page; memory is missing while there is no process.

    >>> lines = page(Figures(1.5, 0.5, 8.0, 100, 30, None)).splitlines()
    >>> [line for line in lines if not line.startswith("#")][:3]
    ['node_cpu_seconds_total{cpu="0",mode="idle"} 8.0', 'node_cpu_seconds_total{cpu="0",mode="system"} 0.5', \
'node_cpu_seconds_total{cpu="0",mode="user"} 1.5']
    >>> lines[-1]
    'node_filesystem_avail_bytes{mountpoint="/kafka/datalogs"} 70.0'
    """
    free_bytes = max(0, figures.volume_bytes - figures.used_bytes)
    mount = f'{{mountpoint="{MOUNT_POINT}"}}'
    families: list[tuple[str, str, dict[str, float]]] = [
        (
            "node_cpu_seconds_total",
            "counter",
            {
                '{cpu="0",mode="idle"}': figures.idle_s,
                '{cpu="0",mode="system"}': figures.system_s,
                '{cpu="0",mode="user"}': figures.user_s,
            },
        ),
        ("node_filesystem_size_bytes", "gauge", {mount: figures.volume_bytes}),
        ("node_filesystem_free_bytes", "gauge", {mount: free_bytes}),
        ("node_filesystem_avail_bytes", "gauge", {mount: free_bytes}),
    ]
    if figures.resident_bytes is not None:
        families.append(("process_resident_memory_bytes", "gauge", {"": figures.resident_bytes}))
    lines = []
    for name, kind, series in families:
        lines.append(f"# TYPE {name} {kind}")
        lines += [f"{name}{labels} {float(value)!r}" for labels, value in series.items()]
    return "\n".join(lines) + "\n"


class Machine:
    """The machine that a broker pretends to have: its counters survive the replacement of the process."""

    def __init__(
        self, data: Path, volume_bytes: Callable[[], int], usage: Callable[[], Usage | None]
    ) -> None:
        self._data = data
        self._volume_bytes = volume_bytes
        self._usage = usage
        self._processors = os.cpu_count() or 1
        self._born = time.monotonic()
        self._before = (0.0, 0.0)
        self._latest = (0.0, 0.0)
        self._used_bytes = 0
        self._measured_at = float("-inf")

    def figures(self) -> Figures:
        """All figures, now."""
        used = self._usage()
        if used is not None:
            if used.user_s + used.system_s < sum(self._latest):  # another process: go on counting from here
                self._before = (self._before[0] + self._latest[0], self._before[1] + self._latest[1])
            self._latest = (used.user_s, used.system_s)
        user_s = (self._before[0] + self._latest[0]) / self._processors
        system_s = (self._before[1] + self._latest[1]) / self._processors
        return Figures(
            user_s=user_s,
            system_s=system_s,
            idle_s=max(0.0, time.monotonic() - self._born - user_s - system_s),
            volume_bytes=self._volume_bytes(),
            used_bytes=self._disk_bytes(),
            resident_bytes=used.resident_bytes if used else None,
        )

    def _disk_bytes(self) -> int:
        """What the folder takes; walked at most every few seconds."""
        now = time.monotonic()
        if now - self._measured_at >= _DISK_AGE_S:
            self._used_bytes, self._measured_at = used_bytes(self._data), now
        return self._used_bytes


def used_bytes(folder: Path) -> int:
    """The disk space that the files under `folder` take, holes not counted."""
    total = 0
    for root, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):  # Kafka deletes segments meanwhile
                total += os.lstat(os.path.join(root, name)).st_blocks * 512
    return total


async def serve(listening: socket.socket, machine: Machine) -> asyncio.Server:
    """Serve the page to whoever asks, also while the broker's process is dead: the machine is not."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, ValueError, TimeoutError, asyncio.IncompleteReadError):
            async with asyncio.timeout(_TIMEOUT_S):
                await reader.readuntil(b"\r\n\r\n")
                body = page(machine.figures()).encode()
                head = (
                    "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"
                    f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
                )
                writer.write(head.encode() + body)
                await writer.drain()
        writer.close()

    return await asyncio.start_server(answer, sock=listening, limit=_MAX_HEAD_BYTES)
