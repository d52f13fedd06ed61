"""The write probe against brokers that say what a test tells them to."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

import pytest
from kafka.protocol.producer import ProduceResponse

from msktop.errors import ActionError
from msktop.model.broker import Broker
from msktop.model.cluster import Cluster
from msktop.model.samples import Sample, SourceFailed
from msktop.model.topic import Topic
from msktop.model.write_samples import WroteSeen
from msktop.model.writes import PROBE_TOPIC
from msktop.sources import writes
from msktop.sources.clock import Anchor
from msktop.sources.pump import SourceError
from msktop.sources.writes import WriteSource
from msktop.wire.security import Security
from tests.sources.answers import P, T, metadata_body
from tests.sources.fake_broker import FakeBroker
from tests.sources.watching import Watching, watching
from tests.support import wait_for

PRODUCE = 0


class Leader:
    """A broker that leads partition `number`; `error` is what it answers to a write."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.error = 0
        self.throttle_ms = 0
        self.leaders = {0: 1, 1: 2}
        self.epoch = 0
        self.exists = True
        self.late = threading.Event()
        self.late.set()
        self.broker = FakeBroker(self._metadata, answers={PRODUCE: self._written})

    def _metadata(self) -> bytes:
        partitions = tuple(P(n, leader=leader, epoch=self.epoch) for n, leader in self.leaders.items())
        return metadata_body([T(PROBE_TOPIC, partitions, error=0 if self.exists else 3)])

    def _written(self, request: bytes) -> bytes:
        self.late.wait(5)
        r = ProduceResponse.TopicProduceResponse
        partition = int.from_bytes(request[request.index(PROBE_TOPIC.encode()) + len(PROBE_TOPIC) + 4 :][:4])
        one = r.PartitionProduceResponse(
            index=partition, error_code=self.error, base_offset=1, log_append_time_ms=-1, log_start_offset=0
        )
        answer = ProduceResponse(
            responses=[r(name=PROBE_TOPIC, partition_responses=[one])], throttle_time_ms=self.throttle_ms
        )
        return bytes(answer.encode(version=8))


class Pair:
    """Two brokers, as Metadata has them."""

    def __init__(self) -> None:
        self.leaders = (Leader(1), Leader(2))
        brokers = {
            i: Broker(i, "127.0.0.1", leader.broker.port, in_metadata=True)
            for i, leader in enumerate(self.leaders, 1)
        }
        self.cluster = Cluster(metadata_at=1.0, brokers=brokers, cluster_id="c")

    def source(self, ready: Callable[[Cluster], None] = lambda _: None) -> WriteSource:
        return WriteSource(Security(), Anchor.take(), lambda: self.cluster, ready)

    def __enter__(self) -> Pair:
        return self

    def __exit__(self, *_: object) -> None:
        for leader in self.leaders:
            leader.late.set()
            leader.broker.__exit__()


def wrote(seen: Watching, **wanted: object) -> list[WroteSeen]:
    found = [s for s in list(seen.said) if isinstance(s, WroteSeen)]
    return [s for s in found if all(getattr(s, name) == value for name, value in wanted.items())]


def wait_wrote(seen: Watching, since: int = 0, **wanted: object) -> WroteSeen:
    return wait_for(lambda: wrote(seen, **wanted)[since:], 5, f"a write with {wanted}")[0]


def test_every_broker_takes_one_partition_and_says_how_long_it_took() -> None:
    with Pair() as pair, watching(pair.source()) as seen:
        first, second = wait_wrote(seen, broker_id=1), wait_wrote(seen, broker_id=2)
    assert [(s.partition, s.outcome, s.error) for s in (first, second)] == [(0, "ok", 0), (1, "ok", 0)]
    assert first.took_ms > 0


def test_an_error_and_the_throttle_time_are_told() -> None:
    with Pair() as pair:
        pair.leaders[0].error, pair.leaders[0].throttle_ms = 19, 300
        with watching(pair.source()) as seen:
            failed = wait_wrote(seen, broker_id=1)
    assert (failed.outcome, failed.error, failed.throttle_ms) == ("failed", 19, 300)


def test_a_write_whose_answer_is_not_understood_is_none_that_went_well(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def odd(_: bytes) -> None:
        raise ValueError("odd")

    with Pair() as pair, watching(pair.source()) as seen:
        wait_wrote(seen, broker_id=1, outcome="ok")
        monkeypatch.setattr(writes, "produced", odd)
        told = wait_wrote(seen, broker_id=1, outcome="failed")
        assert (told.error, told.reason) == (0, "its answer was not understood")


def test_a_leader_that_is_silent_holds_up_no_other_and_its_late_answer_has_its_true_time() -> None:
    with Pair() as pair, watching(pair.source()) as seen:
        wait_wrote(seen, broker_id=1)
        wait_wrote(seen, broker_id=2)
        pair.leaders[1].late.clear()
        waiting = wait_wrote(seen, broker_id=2, outcome="waiting")
        others = len(wrote(seen, broker_id=1, outcome="ok"))
        pair.leaders[1].late.set()
        late = wait_for(
            lambda: [s for s in wrote(seen, broker_id=2, outcome="ok") if s.took_ms > 1000], 5, "an answer"
        )[0]
    assert waiting.took_ms >= writes.WAITING_S * 1e3
    assert others >= 4
    assert late.took_ms >= waiting.took_ms


def test_a_partition_whose_leader_is_gone_is_written_to_on_the_new_one() -> None:
    with Pair() as pair, watching(pair.source()) as seen:
        wait_wrote(seen, broker_id=2)
        pair.leaders[0].leaders = {0: 1, 1: 1}
        pair.leaders[0].epoch = 1
        pair.leaders[1].broker.__exit__()
        assert wait_wrote(seen, partition=1, outcome="failed").broker_id == 2
        moved = wait_wrote(seen, partition=1, broker_id=1)
    assert moved.outcome == "ok"


def test_without_leave_nothing_is_sent_and_it_is_said_why() -> None:
    def refuse(_: Cluster) -> None:
        raise ActionError("the write probe is off", "It needs --write.")

    with Pair() as pair, watching(pair.source(refuse)) as seen:
        said: Sample = wait_for(lambda: list(seen.said), 5, "a word")[0]
        asked = [leader.broker.asked for leader in pair.leaders]
    assert isinstance(said, SourceFailed)
    assert (said.source, said.advice) == ("writes", "It needs --write.")
    assert asked == [0, 0]


def test_leave_is_asked_for_anew_when_another_cluster_answers() -> None:
    with Pair() as pair:
        said = pair.source().samples(threading.Event())
        assert next(said).at > 0
        pair.cluster = replace(pair.cluster, cluster_id="another")
        with pytest.raises(SourceError, match="another cluster"):
            for _ in said:
                pass


def test_nothing_is_asked_for_before_the_cluster_is_known() -> None:
    with Pair() as pair:
        known, pair.cluster = pair.cluster, Cluster()
        ready: list[Cluster] = []
        with watching(pair.source(ready.append)) as seen:
            assert not ready
            pair.cluster = known
            wait_wrote(seen, broker_id=1)
        assert ready == [known]


def test_a_topic_that_was_removed_is_not_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writes, "GONE_S", 0.3)
    with Pair() as pair:
        made: list[Cluster] = []
        for leader in pair.leaders:
            leader.error, leader.exists = 3, False
        with watching(pair.source(made.append)) as seen:
            gone = wait_for(lambda: [s for s in seen.said if isinstance(s, SourceFailed)], 5, "its end")
    assert "is gone" in gone[0].reason
    assert len(made) == 1


def test_where_writing_is_denied_it_is_said_once_and_ends() -> None:
    with Pair() as pair:
        for leader in pair.leaders:
            leader.error = 29
        with watching(pair.source()) as seen:
            denied = wait_for(lambda: [s for s in seen.said if isinstance(s, SourceFailed)], 5, "a word")
    assert "denies" in denied[0].reason
    assert len(denied) == 1


def test_leaders_that_metadata_tells_of_are_taken_from_the_session_too() -> None:
    with Pair() as pair, watching(pair.source()) as seen:
        wait_wrote(seen, broker_id=2)
        topic = Topic(PROBE_TOPIC)
        pair.cluster = replace(pair.cluster, topics={PROBE_TOPIC: topic})
        wait_wrote(seen, since=len(wrote(seen, broker_id=2)), broker_id=2)
