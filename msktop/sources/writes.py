"""Writes one small record about four times a second to one partition led by each broker, acks=all.

Only to the probe topic, and only where `ready` gives leave, which also makes it. Each broker has a connection
and a thread of its own, with one request on its way at a time; a hung one holds up no other.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from msktop.errors import ActionError, MsktopError
from msktop.model.cluster import Cluster
from msktop.model.samples import Sample, SourceFailed
from msktop.model.topic import Topic
from msktop.model.write_samples import WroteSeen
from msktop.model.writes import PROBE_TOPIC
from msktop.sources.fleet import LOOK_S, Emit, Fleet, Peer, Work
from msktop.sources.pump import Clock, SourceError, Stop
from msktop.sources.write_plan import Place, WritePlan
from msktop.wire import metadata
from msktop.wire.call import Call
from msktop.wire.connection import Connection
from msktop.wire.errors import WireError
from msktop.wire.fetch import produce, produced
from msktop.wire.records import batch_of_one
from msktop.wire.security import Security

ACKS_WITHIN_MS = 1000
"""For so long a leader waits for its followers; then it says so (error 7), and is asked again."""
DEADLINE_S = 10.0
"""A leader that hangs is waited for: its late answer tells when it went on. Kafka fences it sooner."""
WAITING_S = 1.5
WAITING_AGAIN_S = 1.0
"""A write that is not answered by then is told of, and again each second."""
METADATA_S = 1.0
UNREACHED_AGAIN_S, REFUSED_AGAIN_S = 5.0, 60.0
READY_TRIES = 5
"""How soon the topic is tried for again where nobody answered; and where it was refused, and how often."""
GONE_S = 5.0
"""A topic that Metadata does not know for so long was removed: it is not made again."""

_VALUE = b"msktop write probe"
_UNKNOWN_TOPIC = 3
_DENIED = {29, 31}

Ready = Callable[[Cluster], None]
"""Returns where the probe topic is there and may be written to; raises MsktopError where it may not."""


class WriteSource:
    """Writes, and tells how each went, until `stop`."""

    name = "writes"

    def __init__(
        self, security: Security, clock: Clock, cluster: Callable[[], Cluster], ready: Ready
    ) -> None:
        self._security = security
        self._clock = clock
        self._cluster = cluster
        self._ready = ready
        self._plan = WritePlan()
        self._flying: dict[int, tuple[float, int]] = {}
        """By broker: what is on its way to it, and since when."""
        self._missing_since: float | None = None
        self._denied = False

    def samples(self, stop: Stop) -> Iterator[Sample]:
        """A WroteSeen for each write, and for those that stay unanswered."""
        yield from self._made_ready(stop)
        self._plan = WritePlan()
        self._missing_since, self._denied = None, False
        fleet = Fleet(self.name, self._security, self._cluster, self._writer)
        seen: Topic | None = None
        told: dict[int, float] = {}
        cluster_id = self._cluster().cluster_id
        for sample in fleet.samples(stop):
            if self._cluster().cluster_id != cluster_id:  # leave was for that one: it is asked for anew
                raise SourceError("cluster", "another cluster answers at these addresses")
            if sample is not None:
                yield sample
            topic = self._cluster().topics.get(PROBE_TOPIC)
            if topic is not None and topic is not seen:
                seen = topic
                self._plan.learn(_places(topic))
            yield from self._waiting(told)
            if self._is_gone():
                yield self._failed(f"{PROBE_TOPIC} is gone", "It is made again when msktop is started anew.")
                return
            if self._denied:
                yield self._failed(f"Kafka denies us to write to {PROBE_TOPIC}", "Grant Write on that topic.")
                return

    def _made_ready(self, stop: Stop) -> Iterator[Sample]:
        """Wait until the topic is there; say why not, and end the source where it is not to be."""
        while not self._cluster().connected:
            if stop.wait(LOOK_S):
                return
        refused = 0
        while refused < READY_TRIES:
            again_s = UNREACHED_AGAIN_S
            try:
                self._ready(self._cluster())
                return
            except MsktopError as error:
                yield self._failed(error.title, error.advice)
                if isinstance(error, ActionError):
                    refused, again_s = refused + 1, REFUSED_AGAIN_S
            if stop.wait(again_s):
                return
        stop.wait()

    def _is_gone(self) -> bool:
        missing = self._missing_since
        return missing is not None and time.monotonic() - missing > GONE_S

    def _failed(self, reason: str, advice: str) -> SourceFailed:
        return SourceFailed(
            at=self._clock.now(), source=self.name, stage="topic", reason=reason, advice=advice
        )

    # -------------------------------------------------------------- the threads

    def _writer(self) -> Work:
        def turn(peer: Peer, connection: Connection, emit: Emit) -> float:
            todo = self._plan.await_turn(peer.id, LOOK_S)
            if todo.refresh:
                self._refresh(peer, connection)
            for partition in todo.partitions:  # one at a time: the stall of one is none of another's
                self._write(peer, connection, emit, partition)
            return 0.0

        return turn

    def _write(self, peer: Peer, connection: Connection, emit: Emit, partition: int) -> None:
        begun = time.monotonic()
        record = batch_of_one(None, _VALUE, (), int(self._clock.now() * 1e3))
        call = produce(PROBE_TOPIC, partition, record, ACKS_WITHIN_MS)
        self._flying[peer.id] = (begun, partition)
        error, reason, throttle_ms = 0, "its answer was not understood", 0
        try:
            answer = produced(connection.ask(call, DEADLINE_S))
            error, reason, throttle_ms = answer.error, "", answer.throttle_ms
        except WireError as failure:
            reason = failure.reason
            raise
        finally:
            self._flying.pop(peer.id, None)
            good = not error and not reason
            self._denied = self._denied or error in _DENIED
            self._plan.answered(partition, good=good)
            self._plan.pause(peer.id, throttle_ms / 1e3)
            emit(
                WroteSeen(
                    at=self._clock.now(),
                    broker_id=peer.id,
                    partition=partition,
                    outcome="ok" if good else "failed",
                    took_ms=(time.monotonic() - begun) * 1e3,
                    error=error,
                    reason=reason,
                    throttle_ms=throttle_ms,
                )
            )

    def _refresh(self, peer: Peer, connection: Connection) -> None:
        """Ask this broker who leads what."""
        names = [PROBE_TOPIC.encode()]
        call = Call("metadata", metadata.API_KEY, metadata.VERSION, metadata.request(names), flexible=True)
        answer = metadata.split(connection.ask(call, METADATA_S), {})
        self._plan.pause(peer.id, answer.throttle_ms / 1e3)
        piece = answer.topics.get(names[0])
        entry = metadata.topic(piece) if piece is not None else None
        if entry is None or entry.error == _UNKNOWN_TOPIC:
            self._missing_since = self._missing_since or time.monotonic()
        elif not entry.error:
            self._missing_since = None
            self._plan.learn(
                {
                    p.partition: Place(p.leader, p.leader_epoch, p.replicas[0] if p.replicas else -1)
                    for p in entry.partitions.values()
                }
            )

    def _waiting(self, told: dict[int, float]) -> Iterator[Sample]:
        """Writes that are not answered yet, once a second each."""
        now = time.monotonic()
        for broker, (begun, partition) in list(self._flying.items()):
            if now - begun < WAITING_S or now - told.get(broker, 0.0) < WAITING_AGAIN_S:
                continue
            told[broker] = now
            yield WroteSeen(
                at=self._clock.now(),
                broker_id=broker,
                partition=partition,
                outcome="waiting",
                took_ms=(now - begun) * 1e3,
                reason="no answer yet",
            )


def _places(topic: Topic) -> dict[int, Place]:
    return {
        p.number: Place(
            -1 if p.leader is None else p.leader, p.leader_epoch, p.replicas[0] if p.replicas else -1
        )
        for p in topic.partitions.values()
    }
