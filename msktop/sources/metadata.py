"""Kafka's own word on brokers, topics and partitions, from one good broker, as changes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from msktop.model.cluster import Cluster
from msktop.model.samples import BrokerSeen, MetadataSeen, Sample
from msktop.sources.metadata_changes import Changes, Known
from msktop.sources.metadata_pace import Pace
from msktop.sources.pump import Clock, Stop
from msktop.sources.reach import Reach, UnreachableError
from msktop.wire import metadata
from msktop.wire.bootstrap import addresses
from msktop.wire.call import Call
from msktop.wire.errors import WireError
from msktop.wire.metadata import Answer
from msktop.wire.security import Security

LOOK_S = 0.25
"""How often the state is looked at for suspects."""
FOLLOWED_TOPICS = 50
FOLLOWED_PARTITIONS = 500
SEARCHED_TOPICS = 2000
"""Bounds of what is asked for every 250 ms, and of the search for it: a suspect's replicas are everywhere,
so a part of them shows when leaders move and when the ISR is full again."""


class MetadataSource:
    """Full Metadata every 2 to 5 s by what it costs; while a broker is suspect, what it holds every 250 ms.

    Emits changes, with a keyframe at the start, after another cluster answered, and every 60 s. Every
    answer gives a sample, also one that changed nothing: so its age is known. Without any broker it says so
    once a second, and goes on as soon as one comes.
    """

    name = "metadata"

    def __init__(
        self, bootstrap_servers: str, security: Security, clock: Clock, cluster: Callable[[], Cluster]
    ) -> None:
        self._clock = clock
        self._cluster = cluster
        self._reach = Reach(addresses(bootstrap_servers), security, cluster)
        self._known = Known()
        self._pace = Pace()
        self._cluster_id: str | None = None
        self._via: int | None = None
        self._suspects: frozenset[int] = frozenset()
        self._followed: tuple[bytes, ...] = ()

    def samples(self, stop: Stop) -> Iterator[Sample]:
        """What each answer changed, until `stop`."""
        self._pace = Pace()
        try:
            while not stop.is_set():
                now = time.monotonic()
                self._watch_suspects(now)
                full = self._pace.full_is_due(now)
                if full or self._pace.partial_is_due(now):
                    sample = self._look(now, full)
                    if sample is not None:
                        yield sample
                    continue
                soon = min(self._pace.full_at, max(now, self._pace.partial_at) + LOOK_S, now + LOOK_S)
                stop.wait(max(0.0, soon - now))
        finally:
            self._reach.close()

    def _look(self, begun: float, full: bool) -> Sample | None:
        """Ask one broker; None when it failed and the next one is to be asked at once."""
        names = None if full else self._followed
        try:
            via, answer = self._reach.ask(_call(names), self._pace.deadline_s, self._read)
        except WireError:
            return None
        except UnreachableError as error:
            self._pace.nobody_answered(begun)
            return error.sample(self._clock.now(), self.name)
        if answer.cluster_id != self._cluster_id:
            self._begin_anew(answer.cluster_id)
            if not full:
                return None
        sample = self._sample(answer, via, full=full, begun=begun)
        self._pace.throttled(begun, answer.throttle_ms / 1e3)
        return sample

    def _read(self, body: bytes) -> Answer:
        answer = metadata.split(body, self._known.pieces)
        if not answer.brokers:
            raise WireError(
                "metadata",
                "protocol",
                "the broker has only just started: it knows of no broker yet",
                "It is asked again; this passes within seconds.",
            )
        return answer

    def _begin_anew(self, cluster_id: str | None) -> None:
        self._cluster_id = cluster_id
        self._known = Known()
        self._followed = ()
        self._reach.forget()
        self._pace.begin_anew()

    def _sample(self, answer: Answer, via: int, *, full: bool, begun: float) -> MetadataSeen:
        self._reach.saw((b.id, (b.host, b.port)) for b in answer.brokers)
        first = not self._known.pieces
        changes = self._known.update(answer, full=full, trusted=via == self._via)
        at, cost_s = self._clock.now(), time.monotonic() - begun
        keyframe = full and self._pace.keyframe_is_due(begun)
        topics = self._known.everything() if keyframe and not first else changes.topics
        changed = bool(changes.topics or changes.removed) and not keyframe
        self._pace.answered(begun, cost_s, full=full, changed=changed)
        if keyframe:
            self._pace.keyframe_made(begun, time.monotonic() - begun)
        if full:
            self._via = via
        if changed:
            self._follow(begun, changes)
        return MetadataSeen(
            at=at,
            via=via,
            keyframe=keyframe,
            cluster_id=answer.cluster_id,
            controller_id=answer.controller_id,
            brokers=tuple(BrokerSeen(id=b.id, host=b.host, port=b.port, rack=b.rack) for b in answer.brokers),
            topics=topics,
            removed=() if keyframe else changes.removed,
            took_ms=cost_s * 1e3,
            bytes=answer.size,
            throttle_ms=answer.throttle_ms,
        )

    # -------------------------------------------------------------- what to look at closely

    def _watch_suspects(self, now: float) -> None:
        brokers = self._cluster().brokers.values()
        suspects = frozenset(b.id for b in brokers if b.probe.word in ("suspect", "down"))
        if suspects == self._suspects:
            return
        self._pace.event(now, suspects=bool(suspects))
        if suspects:
            self._followed = concerned(self._known, suspects)
        self._suspects = suspects

    def _follow(self, now: float, changes: Changes) -> None:
        """Leaders or replicas are changing: look at these topics, and go on with those looked at before."""
        self._pace.event(now, suspects=bool(self._suspects))
        names = dict.fromkeys(changes.names[: FOLLOWED_TOPICS // 2] + self._followed)
        self._followed = tuple(name for name in names if name in self._known.pieces)[:FOLLOWED_TOPICS]


def concerned(known: Known, brokers: frozenset[int]) -> tuple[bytes, ...]:
    """A bounded number of topics with replicas on these brokers."""
    found: list[bytes] = []
    partitions = 0
    for name in list(known.pieces)[:SEARCHED_TOPICS]:
        entry = known.entry(name)
        if any(not brokers.isdisjoint(p.replicas) for p in entry.partitions.values()):
            found.append(name)
            partitions += len(entry.partitions)
            if len(found) >= FOLLOWED_TOPICS or partitions >= FOLLOWED_PARTITIONS:
                break
    return tuple(found)


def _call(names: tuple[bytes, ...] | None) -> Call:
    return Call("metadata", metadata.API_KEY, metadata.VERSION, metadata.request(names), flexible=True)
