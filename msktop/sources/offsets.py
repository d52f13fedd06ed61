"""End offsets of all partitions once a second, one request per leader: message rates between scrapes."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping

from msktop.model.cluster import Cluster
from msktop.model.samples import OffsetsSeen, Sample
from msktop.sources.fleet import Emit, Fleet, Peer, Work
from msktop.sources.offsets_plan import Plan
from msktop.sources.pump import Clock, Stop
from msktop.wire import offsets
from msktop.wire.call import Call
from msktop.wire.connection import Connection
from msktop.wire.security import Security

PERIOD_S, PERIOD_MAX_S = 1.0, 30.0
CPU_SHARE = 0.02
"""Of one core, for all leaders together."""
BROKER_SHARE = 0.1
"""Of the time that a broker may be busy with our questions."""
TOOK_KEPT = 5
"""The shortest of so many answers is what an answer takes: a longer one had to wait, here or there. Until
there are so many, nothing is concluded."""
TIMEOUT_S = 2.0
PLAN_S = 0.25
NOBODY_S = 5.0
"""After so long without any answer the source has failed, not one leader."""

_REFUSED = frozenset({3, 6, 29})
"""Unknown partition, not its leader, denied. Other errors pass: the partition goes on being asked for."""


def period_s(cpu_s: float, took_s: float, leaders: int) -> float:
    """Seconds between two requests to one leader, from what the last one cost here and there.

    >>> period_s(cpu_s=0.001, took_s=0.01, leaders=3)
    1.0
    >>> period_s(cpu_s=0.02, took_s=0.01, leaders=3)
    3.0
    >>> period_s(cpu_s=0.001, took_s=0.2, leaders=3)
    2.0
    """
    return min(max(PERIOD_S, cpu_s * leaders / CPU_SHARE, took_s / BROKER_SHARE), PERIOD_MAX_S)


class OffsetsSource:
    """Each leader is asked on a connection and in a thread of its own; a hung one delays no other."""

    name = "offsets"

    def __init__(self, security: Security, clock: Clock, cluster: Callable[[], Cluster]) -> None:
        self._security = security
        self._clock = clock
        self._cluster = cluster
        self._plan = Plan()

    def samples(self, stop: Stop) -> Iterator[Sample]:
        """An OffsetsSeen per leader and sweep, until `stop`."""
        fleet = Fleet(self.name, self._security, self._cluster, self._sweeper)
        planned_at, heard_at = 0.0, time.monotonic()
        for sample in fleet.samples(stop):
            now = time.monotonic()
            if now - planned_at >= PLAN_S:
                self._plan.update(self._cluster().topics, now)
                planned_at = now
            if sample is not None:
                heard_at = now
                yield sample
            elif (
                now - heard_at >= NOBODY_S
                and self._plan.leaders
                and (
                    failed := fleet.silence(
                        self._clock.now(), f"no leader has told its end offsets for {NOBODY_S:g} s"
                    )
                )
            ):
                heard_at = now
                yield failed

    def _sweeper(self) -> Work:
        """The work of one leader's thread."""
        pieces: Mapping[bytes, bytes] = {}
        took: deque[float] = deque(maxlen=TOOK_KEPT)

        def sweep(peer: Peer, connection: Connection, emit: Emit) -> float:
            nonlocal pieces
            begun, cpu = time.monotonic(), time.thread_time()
            body = self._plan.body(peer.id)
            if body is None:
                return PLAN_S
            call = Call("list_offsets", offsets.API_KEY, offsets.VERSION, body)
            answer = connection.ask(call, TIMEOUT_S)
            took_s = time.monotonic() - begun
            first = not pieces
            read = offsets.changed(answer, pieces)
            pieces = read.pieces
            emit(
                OffsetsSeen(
                    at=self._clock.now(),
                    leader_id=peer.id,
                    ends=read.ends,
                    took_ms=took_s * 1e3,
                    throttle_ms=read.throttle_ms,
                )
            )
            self._after(peer.id, read, begun)
            took.append(took_s)
            cost_s = min(took) if len(took) == TOOK_KEPT else 0.0
            cpu_s = (
                0.0 if first else time.thread_time() - cpu
            )  # once, everything is new: no measure of the next
            period = period_s(cpu_s, cost_s, self._plan.leaders)
            return max(begun + period - time.monotonic(), read.throttle_ms / 1e3, 0.0)

        return sweep

    def _after(self, leader: int, read: offsets.Ends, now: float) -> None:
        refused = {
            name: [number for number, code in errors.items() if code in _REFUSED]
            for name, errors in read.errors.items()
        }
        if any(refused.values()):
            self._plan.drop(leader, refused, now)
