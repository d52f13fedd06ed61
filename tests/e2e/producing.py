"""Kafka's own client for Python in a process of its own: `python -m tests.e2e.producing SERVERS TOPIC 0,1,2`.

Writes small records to each of these partitions and prints `PARTITION SECONDS` (monotonic) for each one that
was taken, until its standard input ends.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from itertools import pairwise

PAUSE_S = 0.05
_OUT = threading.Lock()


def main(servers: str, topic: str, partitions: str) -> None:
    """Write until nobody wants it any more."""
    logging.disable(logging.CRITICAL)
    for partition in partitions.split(","):
        threading.Thread(target=_write, args=(servers.split(","), topic, int(partition)), daemon=True).start()
    sys.stdin.read()
    os._exit(0)  # its threads and sockets are of no more use


def _write(servers: list[str], topic: str, partition: int) -> None:
    from kafka import KafkaProducer
    from kafka.errors import KafkaError

    producer = KafkaProducer(
        bootstrap_servers=servers,
        acks="all",
        retries=0,
        enable_idempotence=False,
        request_timeout_ms=1000,
        delivery_timeout_ms=1500,
        max_block_ms=1000,
        metadata_max_age_ms=500,
        retry_backoff_ms=50,
        reconnect_backoff_ms=50,
        reconnect_backoff_max_ms=100,
    )
    while True:
        time.sleep(PAUSE_S)
        try:
            producer.send(topic, b"independent", partition=partition).get(1.5)
        except KafkaError:
            continue
        with _OUT:  # lines of several threads
            print(f"{partition} {time.monotonic()}", flush=True)


class Independent:
    """Such a process, and when each partition took a record."""

    def __init__(self, servers: str, topic: str, partitions: Iterable[int]) -> None:
        self.taken: dict[int, list[float]] = {partition: [] for partition in partitions}
        words = ("-m", "tests.e2e.producing", servers, topic, ",".join(map(str, self.taken)))
        self._process = subprocess.Popen(
            [sys.executable, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                partition, _, at = line.partition(" ")
                self.taken[int(partition)].append(float(at))

    def end(self) -> None:
        """No more records."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)
        self._thread.join(10)

    def longest_s(self, partition: int) -> float:
        """The longest time between two records that were taken."""
        return max(after - before for before, after in pairwise(self.taken[partition]))


if __name__ == "__main__":
    main(*sys.argv[1:])
