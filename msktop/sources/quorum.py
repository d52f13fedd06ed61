"""The KRaft quorum as its leader sees it, every two seconds; slow or silent, it holds up nothing else."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from msktop.model.cluster import Cluster
from msktop.model.samples import QuorumSeen, Sample, SourceFailed, VoterSeen
from msktop.sources.pump import Clock, Stop
from msktop.sources.reach import Reach, UnreachableError
from msktop.wire import describe
from msktop.wire.bootstrap import addresses
from msktop.wire.call import Call
from msktop.wire.describe import DESCRIBE_QUORUM, Quorum, QuorumReplica
from msktop.wire.errors import WireError
from msktop.wire.security import Security

PERIOD_S = 2.0
TIMEOUT_S = 2.0
"""A broker passes the question on to the active controller: it is that one which is slow."""
SILENT_AFTER = 2
"""So many brokers must have been asked in vain before the controller is blamed."""
WITHOUT_QUORUM_S = 60.0
"""In ZooKeeper mode there is none; it is looked for again, for a cluster can be migrated."""
SOME_DOWN_S = 15.0
"""The same, where some brokers do not answer at all."""
RETRY_S = 1.0

_CALL = Call(
    "describe_quorum",
    DESCRIBE_QUORUM,
    describe.DESCRIBE_QUORUM_VERSION,
    describe.quorum_request(),
    flexible=True,
)
_DENIED = 31


class QuorumSource:
    """DescribeQuorum from one good broker; nothing in ZooKeeper mode.

    A hung active controller leaves brokers, Metadata and produce green: that nobody answers this question
    is its first sign, so it is a failure of this source with a name of its own.
    """

    name = "quorum"

    def __init__(
        self, bootstrap_servers: str, security: Security, clock: Clock, cluster: Callable[[], Cluster]
    ) -> None:
        self._clock = clock
        self._cluster = cluster
        self._reach = Reach(addresses(bootstrap_servers), security, cluster)
        self._silent = 0

    def samples(self, stop: Stop) -> Iterator[Sample]:
        """The quorum, until `stop`."""
        try:
            while not stop.is_set():
                begun = time.monotonic()
                self._reach.saw(
                    (b.id, (b.host, b.port)) for b in self._cluster().brokers.values() if b.host and b.port
                )
                sample, period_s = self._look()
                if sample is not None:
                    yield sample
                stop.wait(max(0.0, begun + period_s - time.monotonic()))
        finally:
            self._reach.close()

    def _look(self) -> tuple[Sample | None, float]:
        """A sample, if there is one, and how long after the beginning to look again."""
        begun = time.monotonic()
        try:
            _, quorum = self._reach.ask(_CALL, TIMEOUT_S, describe.quorum)
        except WireError as error:
            return self._failed(error)
        except UnreachableError as error:
            self._silent = 0
            if any(_is_unknown(e) for e in error.failures):
                everybody = all(_is_unknown(e) for e in error.failures)
                return None, WITHOUT_QUORUM_S if everybody else SOME_DOWN_S
            if all(_is_silence(e) for e in error.failures):
                return self._controller_is_silent(), RETRY_S
            return error.sample(self._clock.now(), self.name), RETRY_S
        self._silent = 0
        if quorum.error:
            return self._refused(quorum.error), PERIOD_S
        return quorum_seen(quorum, self._clock.now(), (time.monotonic() - begun) * 1e3), PERIOD_S

    def _failed(self, error: WireError) -> tuple[Sample | None, float]:
        """One broker failed: the next one at once, unless it is the controller that is silent."""
        if not _is_silence(error):
            return None, 0.0
        self._silent += 1
        return (self._controller_is_silent() if self._silent >= SILENT_AFTER else None), 0.0

    def _controller_is_silent(self) -> SourceFailed:
        return self._source_failed(
            f"brokers answer, but none could tell the quorum within {TIMEOUT_S:g} s",
            "The active controller may hang: brokers pass this question on to it.",
        )

    def _refused(self, code: int) -> SourceFailed:
        if code == _DENIED:
            return self._source_failed(
                "not allowed to see the quorum (CLUSTER_AUTHORIZATION_FAILED)",
                "Grant DescribeCluster, or Describe on the cluster.",
                stage="authorization",
            )
        return self._source_failed(f"the quorum has no answer (Kafka error {code})", "It is asked again.")

    def _source_failed(self, reason: str, advice: str, stage: str = _CALL.name) -> SourceFailed:
        return SourceFailed(at=self._clock.now(), source=self.name, stage=stage, reason=reason, advice=advice)


def _is_silence(error: WireError) -> bool:
    """The connection was there, this question was not answered."""
    return error.stage == _CALL.name and error.outcome == "timeout"


def _is_unknown(error: WireError) -> bool:
    """The broker answers, but knows no quorum."""
    return error.stage == _CALL.name and error.outcome == "protocol"


def quorum_seen(quorum: Quorum, at: float, took_ms: float) -> QuorumSeen:
    """The sample. Ages stay within the leader's own clock: its caught-up time is its "now".

    >>> leader, follower = QuorumReplica(1, 90, None, 10_000), QuorumReplica(2, 88, 9_750, 9_500)
    >>> seen = quorum_seen(Quorum(0, 1, 3, 88, (leader, follower)), 5.0, 1.0)
    >>> seen.voters[1].fetch_age_s, seen.voters[1].caught_up_age_s, seen.voters[0].fetch_age_s
    (0.25, 0.5, None)
    """
    leader = next((v for v in quorum.voters if v.id == quorum.leader_id), None)
    now_ms = leader.caught_up_ms if leader is not None else None
    return QuorumSeen(
        at=at,
        leader_id=quorum.leader_id,
        leader_epoch=quorum.leader_epoch,
        high_watermark=quorum.high_watermark,
        voters=tuple(_voter_seen(v, now_ms) for v in quorum.voters),
        observers=tuple(_voter_seen(v, now_ms) for v in quorum.observers),
        took_ms=took_ms,
    )


def _voter_seen(replica: QuorumReplica, now_ms: int | None) -> VoterSeen:
    return VoterSeen(
        id=replica.id,
        log_end_offset=replica.log_end_offset,
        fetch_age_s=_age_s(replica.fetched_ms, now_ms),
        caught_up_age_s=_age_s(replica.caught_up_ms, now_ms),
    )


def _age_s(then_ms: int | None, now_ms: int | None) -> float | None:
    return None if then_ms is None or now_ms is None else max(0, now_ms - then_ms) / 1e3
