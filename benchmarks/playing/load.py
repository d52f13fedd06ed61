"""Tens of thousands of records a second at little cost: batches that are encoded once, and sent again."""

from __future__ import annotations

import itertools
import socket
import struct
import threading
import time
from collections.abc import Mapping
from contextlib import suppress

from kafka.record import MemoryRecordsBuilder

from benchmarks.playing.truth import Address, ask_metadata, exactly

RECORDS = 200
_VALUE = b"x" * 100
_TIMEOUT_S = 1.0
_REFRESH_S = 1.0
_PRODUCE_V3 = struct.pack(">hhih", 0, 3, 1, -1)


class Load:
    """Writes so many records a second to a topic, each broker's share by a thread of its own, until `end`."""

    def __init__(self, brokers: Mapping[int, Address], topic: str, per_s: int) -> None:
        self._brokers = dict(brokers)
        self._topic = topic.encode()
        self._per_s = per_s
        self._stop = threading.Event()
        self._leaders: dict[int, int] = {}
        self._batch = _batch()
        self.written = dict.fromkeys(brokers, 0)
        """By leader: records that it has taken."""
        self._threads = [threading.Thread(target=self._write, args=(b,), daemon=True) for b in brokers]
        self._threads.append(threading.Thread(target=self._follow, daemon=True))
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        """Write no more."""
        self._stop.set()
        for thread in self._threads:
            thread.join(5)

    def _follow(self) -> None:
        """Who leads which partition, once a second."""
        while not self._stop.wait(_REFRESH_S):
            for address in self._brokers.values():
                with suppress(OSError, ValueError):
                    found = ask_metadata(address)
                    topics = [t for t in found.topics if t.name.encode() == self._topic]
                    self._leaders = {p.partition_index: p.leader_id for t in topics for p in t.partitions}
                    break

    def _write(self, broker: int) -> None:
        due, connection = time.monotonic(), None
        for turn in itertools.count():
            led = [p for p, leader in self._leaders.items() if leader == broker]
            share = len(led) / max(1, len(self._leaders))
            pause_s = RECORDS / (self._per_s * share) if led else _REFRESH_S
            due = max(due + pause_s, time.monotonic() - 1.0)  # catches up a second at most
            if self._stop.wait(max(0.0, due - time.monotonic())):
                break
            if led:
                connection = self._send(connection, broker, led[turn % len(led)])
        if connection is not None:
            connection.close()

    def _send(self, connection: socket.socket | None, leader: int, partition: int) -> socket.socket | None:
        """Send a batch and wait for its answer; the connection to go on with."""
        name = struct.pack(">h", len(self._topic)) + self._topic
        one = struct.pack(">iii", 1, partition, len(self._batch)) + self._batch
        body = _PRODUCE_V3 + struct.pack(">hhii", -1, 1, 1000, 1) + name + one
        try:
            if connection is None:
                connection = socket.create_connection(self._brokers[leader], _TIMEOUT_S)
                connection.settimeout(_TIMEOUT_S)
            connection.sendall(struct.pack(">i", len(body)) + body)
            (size,) = struct.unpack(">i", exactly(connection, 4))
            (error,) = struct.unpack_from(">h", exactly(connection, size), 4 + 4 + len(name) + 4 + 4)
        except OSError:
            if connection is not None:
                connection.close()
            return None
        self.written[leader] += RECORDS if error == 0 else 0
        return connection


def _batch() -> bytes:
    builder = MemoryRecordsBuilder(magic=2, compression_type=0, batch_size=1 << 20)
    for _ in range(RECORDS):
        builder.append(timestamp=int(time.time() * 1000), key=None, value=_VALUE, headers=[])
    builder.close()
    return bytes(builder.buffer())
