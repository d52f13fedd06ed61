"""Consumer groups of every coordinator: who is in them, and what they have committed, as changes.

Each broker lists the groups that it coordinates, so nobody need be asked who coordinates what: two requests
a broker and turn tell all states and all offsets (ListGroups, OffsetFetch of many groups). The ends come from
the offsets source, one more request a leader. Members are asked for in longer turns, where there are any.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator

from msktop.model.cluster import Cluster
from msktop.model.samples import Sample
from msktop.sources.fleet import Emit, Fleet, Peer, Work
from msktop.sources.groups_turn import Coordinated
from msktop.sources.pump import Clock, Stop
from msktop.wire.connection import Connection
from msktop.wire.security import Security

PERIOD_S, PERIOD_MAX_S = 2.0, 60.0
CPU_SHARE = 0.02
"""Of one core, for all coordinators together."""
BROKER_SHARE = 0.05
"""Of the time that a broker may be busy with our questions about groups."""
REQUESTS_PER_S = 2.0
"""To one broker, on average."""
TOOK_KEPT = 5
"""The shortest of so many turns is what a turn takes: a longer one had to wait, here or there. Until there
are so many, nothing is concluded."""
NOBODY_S = 10.0
"""After so long without any answer the source has failed, not one coordinator."""


def period_s(cpu_s: float, took_s: float, requests: int, coordinators: int) -> float:
    """Seconds between the beginnings of two turns at one broker, from what the last one cost.

    >>> period_s(cpu_s=0.001, took_s=0.01, requests=2, coordinators=3)
    2.0
    >>> period_s(cpu_s=0.02, took_s=0.01, requests=2, coordinators=3)
    3.0
    >>> period_s(cpu_s=0.001, took_s=0.01, requests=8, coordinators=3)
    4.0
    """
    wanted = max(cpu_s * coordinators / CPU_SHARE, took_s / BROKER_SHARE, requests / REQUESTS_PER_S)
    return min(max(PERIOD_S, wanted), PERIOD_MAX_S)


class GroupsSource:
    """Each coordinator is asked on a connection and in a thread of its own; a hung one delays no other."""

    name = "groups"

    def __init__(self, security: Security, clock: Clock, cluster: Callable[[], Cluster]) -> None:
        self._security = security
        self._clock = clock
        self._cluster = cluster

    def samples(self, stop: Stop) -> Iterator[Sample]:
        """A GroupsSeen per coordinator and turn, until `stop`."""
        fleet = Fleet(self.name, self._security, self._cluster, self._turner)
        heard_at = time.monotonic()
        for sample in fleet.samples(stop):
            now = time.monotonic()
            if sample is not None:
                heard_at = now
                yield sample
            elif now - heard_at >= NOBODY_S and (
                failed := fleet.silence(
                    self._clock.now(), f"no broker has told of its groups for {NOBODY_S:g} s"
                )
            ):
                heard_at = now
                yield failed

    def _turner(self) -> Work:
        """The work of one coordinator's thread."""
        coordinated = Coordinated()
        took: deque[float] = deque(maxlen=TOOK_KEPT)

        def turn(peer: Peer, connection: Connection, emit: Emit) -> float:
            begun, cpu = time.monotonic(), time.thread_time()
            sample, throttle_s = coordinated.turn(peer.id, connection, self._clock)
            emit(sample)
            took.append(time.monotonic() - begun)
            took_s = min(took) if len(took) == TOOK_KEPT else 0.0
            cpu_s = 0.0 if sample.keyframe else time.thread_time() - cpu  # all is new: no measure of the next
            brokers = max(1, len(self._cluster().brokers))
            period = period_s(cpu_s, took_s, sample.requests, brokers)
            return max(begun + period - time.monotonic(), throttle_s, 0.0)

        return turn
