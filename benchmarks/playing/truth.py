"""An observer that shares nothing with the monitor: bare sockets, and kafka-python's decoding of Metadata."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from kafka.protocol.metadata import MetadataRequest, MetadataResponse

_EVERY_S = 0.1
_TIMEOUT_S = 0.4
_API_VERSIONS = struct.pack(">ihhih", 10, 18, 0, 7, -1)
"""ApiVersions v0, correlation id 7, no client id."""
_METADATA = 3
_METADATA_VERSION = 1

Address = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Told:
    """What one Metadata answer says, by broker: partitions led, and replicas out of sync."""

    at: float
    led: Mapping[int, int]
    out_of_sync: Mapping[int, int]


class Truth:
    """Asks every broker's port, and any broker's Metadata, ten times a second, and keeps what changed."""

    def __init__(self, brokers: Mapping[int, Address]) -> None:
        self._brokers = dict(brokers)
        self._stop = threading.Event()
        self.answered: dict[int, list[tuple[float, bool]]] = {b: [] for b in brokers}
        """By broker: when it began to answer (True) and when it ceased to."""
        self.told: list[Told] = []
        self._threads = [threading.Thread(target=self._port, args=(b,), daemon=True) for b in brokers]
        self._threads.append(threading.Thread(target=self._metadata, daemon=True))
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        """Ask no more."""
        self._stop.set()
        for thread in self._threads:
            thread.join(5)

    def ceased_since(self, broker: int, since: float) -> float | None:
        """When its port first ceased to answer since then."""
        return next((at for at, up in self.answered[broker] if at >= since and not up), None)

    def answers_since(self, broker: int, since: float) -> float | None:
        """When its port first answered after it had ceased to since then."""
        down = self.ceased_since(broker, since)
        turns = self.answered[broker]
        return None if down is None else next((at for at, up in turns if up and at > down), None)

    def first(self, wanted: Callable[[Told], bool], since: float) -> float | None:
        """When Metadata first said so, after `since`."""
        return next((t.at for t in list(self.told) if t.at >= since and wanted(t)), None)

    # -------------------------------------------------------------- one broker's port

    def _port(self, broker: int) -> None:
        turns, up = self.answered[broker], None
        while not self._stop.wait(_EVERY_S):
            begun = time.time()
            now = answers(self._brokers[broker])
            if now != up:
                turns.append((time.time() if now else begun, now))
                up = now

    # -------------------------------------------------------------- Metadata

    def _metadata(self) -> None:
        order = list(self._brokers.values())
        while not self._stop.wait(_EVERY_S):
            for address in tuple(order):
                try:
                    found = ask_metadata(address)
                except (OSError, ValueError):
                    continue
                order.sort(key=address.__ne__)  # the one that answers is asked first from now on
                led: dict[int, int] = dict.fromkeys(self._brokers, 0)
                out: dict[int, int] = dict.fromkeys(self._brokers, 0)
                for topic in found.topics:
                    for partition in topic.partitions:
                        led[partition.leader_id] = led.get(partition.leader_id, 0) + 1
                        for replica in set(partition.replica_nodes) - set(partition.isr_nodes):
                            out[replica] = out.get(replica, 0) + 1
                told = Told(time.time(), led, out)
                if not self.told or (self.told[-1].led, self.told[-1].out_of_sync) != (led, out):
                    self.told.append(told)
                break


def answers(address: Address) -> bool:
    """Whether a new connection is answered."""
    try:
        with socket.create_connection(address, _TIMEOUT_S) as connection:
            connection.settimeout(_TIMEOUT_S)
            connection.sendall(_API_VERSIONS)
            return len(exactly(connection, 8)) == 8
    except OSError:
        return False


def ask_metadata(address: Address) -> MetadataResponse:
    """All topics, as one broker tells them. OSError where it does not."""
    with socket.create_connection(address, _TIMEOUT_S) as connection:
        connection.settimeout(_TIMEOUT_S)
        head = struct.pack(">hhih", _METADATA, _METADATA_VERSION, 7, -1)
        body = head + bytes(MetadataRequest(topics=None).encode(version=_METADATA_VERSION))
        connection.sendall(struct.pack(">i", len(body)) + body)
        (size,) = struct.unpack(">i", exactly(connection, 4))
        return MetadataResponse.decode(exactly(connection, size)[4:], version=_METADATA_VERSION)


def exactly(connection: socket.socket, size: int) -> bytes:
    """So many bytes. OSError where the connection ends before."""
    got = b""
    while len(got) < size:
        part = connection.recv(size - len(got))
        if not part:
            raise OSError("closed")
        got += part
    return got
