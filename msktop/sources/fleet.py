"""The same work for every broker, each in a thread of its own: a hung one holds up no other."""

from __future__ import annotations

import logging
import queue
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from msktop.model.cluster import Cluster
from msktop.model.samples import Sample, SourceFailed
from msktop.sources.pump import Stop
from msktop.wire.connection import Connection
from msktop.wire.errors import WireError
from msktop.wire.security import Security

log = logging.getLogger(__name__)

LOOK_S = 0.25
"""How often brokers that came or went are looked for, and how long `stop` may take to be seen."""
OPEN_S = 3.0
BACKOFF_S = (0.5, 1.0, 2.0)
"""Waits before the first and later attempts to connect; the last one stays. A broker that the probe calls
suspect or down is left alone, so that a returned one is asked soon without ever being pressed."""

Emit = Callable[[Sample], None]


@dataclass(frozen=True, slots=True)
class Peer:
    """One broker and where it is."""

    id: int
    host: str
    port: int


Work = Callable[[Peer, Connection, Emit], float]
"""One turn of work on an open connection; returns the seconds until the next. WireError: connect anew."""


class Fleet:
    """One thread for each broker in Metadata, which connects, works, waits and works again.

    A thread ends when its broker has moved or is gone.
    """

    def __init__(
        self,
        name: str,
        security: Security,
        cluster: Callable[[], Cluster],
        work: Callable[[], Work],
    ) -> None:
        self._name = name
        self._security = security
        self._cluster = cluster
        self._work = work
        self._queue: queue.SimpleQueue[Sample] = queue.SimpleQueue()
        self._members: dict[Peer, threading.Event] = {}
        self._failures: dict[Peer, WireError] = {}
        """Whose newest turn went wrong, and how."""

    def samples(self, stop: Stop) -> Iterator[Sample | None]:
        """What all threads emit, until `stop`; None now and then, while there is nothing."""
        context = self._security.context()
        try:
            while not stop.is_set():
                self._muster(context)
                try:
                    yield self._queue.get(timeout=LOOK_S)
                except queue.Empty:
                    yield None
        finally:
            for ended in self._members.values():
                ended.set()
            self._members.clear()

    def silence(self, at: float, what: str) -> SourceFailed | None:
        """That nobody does `what`, for the reason of one of those who fail; None where nobody fails."""
        error = next(iter(self._failures.copy().values()), None)
        if error is None:
            return None
        reason = f"{what}: {error.title}"
        return SourceFailed(at=at, source=self._name, stage=error.stage, reason=reason, advice=error.advice)

    def _muster(self, context: ssl.SSLContext | None) -> None:
        """Start threads for brokers that came, end those of brokers that went or moved."""
        wanted = peers(self._cluster())
        for gone in self._members.keys() - wanted:
            self._members.pop(gone).set()
            self._failures.pop(gone, None)
        for peer in wanted - self._members.keys():
            ended = self._members[peer] = threading.Event()
            threading.Thread(
                target=self._serve,
                args=(peer, context, ended),
                name=f"{self._name} b-{peer.id}",
                daemon=True,
            ).start()

    def _serve(self, peer: Peer, context: ssl.SSLContext | None, ended: threading.Event) -> None:
        work = self._work()
        tries = 0
        while not ended.is_set():
            if self._is_failing(peer):
                ended.wait(BACKOFF_S[0])
                continue
            try:
                with Connection.open(
                    peer.host, peer.port, self._security, OPEN_S, context=context
                ) as connection:
                    while not ended.is_set():
                        pause_s = work(peer, connection, self._queue.put)
                        tries = 0
                        self._failures.pop(peer, None)
                        ended.wait(pause_s)
            except WireError as error:
                if not ended.is_set():
                    self._failures[peer] = error
            except Exception:  # one broker's thread must not die of one odd answer
                log.exception("%s of broker %d", self._name, peer.id)
            ended.wait(BACKOFF_S[min(tries, len(BACKOFF_S) - 1)])
            tries += 1

    def _is_failing(self, peer: Peer) -> bool:
        broker = self._cluster().brokers.get(peer.id)
        return broker is not None and broker.probe.word in ("suspect", "down")


def peers(cluster: Cluster) -> set[Peer]:
    """The brokers in Metadata, and those that left it but whose return is awaited.

    >>> peers(Cluster())
    set()
    """
    return {Peer(b.id, b.host, b.port) for b in cluster.brokers.values() if b.host and b.port}
