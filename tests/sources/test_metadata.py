"""Metadata through whichever broker answers; the answers are made by a scripted one."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from msktop.model.broker import Broker, Probe
from msktop.model.cluster import Cluster
from msktop.model.samples import MetadataSeen, Sample, SourceFailed
from msktop.sources.clock import Anchor
from msktop.sources.metadata import MetadataSource, concerned
from msktop.sources.metadata_changes import Known
from msktop.wire.security import Security
from tests.sources.answers import P, T, answer, metadata_body
from tests.sources.fake_broker import FakeBroker


@pytest.fixture
def stop() -> Iterator[threading.Event]:
    """Ends what a test began."""
    event = threading.Event()
    yield event
    event.set()


def watch(servers: str, stop: threading.Event, cluster: Callable[[], Cluster] = Cluster) -> Iterator[Sample]:
    return MetadataSource(servers, Security(), Anchor.take(), cluster).samples(stop)


def seen(samples: Iterator[Sample]) -> MetadataSeen:
    """The next sample, which must be an answer."""
    sample = next(samples)
    assert isinstance(sample, MetadataSeen), sample
    return sample


def failed(samples: Iterator[Sample]) -> SourceFailed:
    """The next sample, which must be a failure."""
    sample = next(samples)
    assert isinstance(sample, SourceFailed), sample
    return sample


def test_the_first_answer_is_a_keyframe_and_the_next_tells_changes(stop: threading.Event) -> None:
    topics = [T("a"), T("b")]
    with FakeBroker(lambda: metadata_body(topics)) as broker:
        samples = watch(broker.address, stop)
        first = seen(samples)
        assert (first.keyframe, [t.name for t in first.topics]) == (True, ["a", "b"])
        assert first.throttle_ms == 0
        topics[1] = T("b", (P(0, leader=2, epoch=1),))
        second = seen(samples)
        assert (second.keyframe, [t.name for t in second.topics]) == (False, ["b"])


def test_without_any_broker_it_says_so_every_second_and_goes_on_when_one_comes(stop: threading.Event) -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    samples = watch(f"127.0.0.1:{port}", stop)
    first, second = failed(samples), failed(samples)
    assert "refused" in first.reason
    assert 0.9 < second.at - first.at < 3
    with FakeBroker(lambda: metadata_body([T("a")]), port):
        assert seen(samples).keyframe


def test_a_broker_that_has_just_started_is_not_believed(stop: threading.Event) -> None:
    brokers: tuple[int, ...] = ()
    with FakeBroker(lambda: metadata_body([], brokers=brokers)) as broker:
        samples = watch(broker.address, stop)
        assert "only just started" in failed(samples).reason
        brokers = (1, 2, 3)
        assert seen(samples).keyframe


def test_a_hung_broker_costs_one_deadline_and_the_next_one_answers(stop: threading.Event) -> None:
    with (
        FakeBroker(lambda: metadata_body([T("a")])) as hung,
        FakeBroker(lambda: metadata_body([T("a")])) as good,
    ):
        samples = watch(f"{hung.address},{good.address}", stop)
        seen(samples)
        assert (hung.asked, good.asked) == (1, 0)
        hung.hung.set()
        begun = time.monotonic()
        assert not seen(samples).keyframe
        assert good.asked == 1
        assert time.monotonic() - begun < 2.0 + 1.0 + 2.0  # period, deadline, this machine


def test_another_cluster_at_the_same_address_begins_with_a_keyframe(stop: threading.Event) -> None:
    body = metadata_body([T("a", (P(0, epoch=9),))], cluster_id="one")
    with FakeBroker(lambda: body) as broker:
        samples = watch(broker.address, stop)
        seen(samples)
        body = metadata_body([T("a", (P(0, leader=3, epoch=0),))], cluster_id="two")
        other = seen(samples)
        assert (other.cluster_id, other.keyframe) == ("two", True)
        assert other.topics[0].partitions[0].leader == 3


def test_while_a_broker_is_suspect_its_topics_are_asked_for_four_times_a_second(
    stop: threading.Event,
) -> None:
    calm = Cluster(brokers={1: Broker(id=1), 2: Broker(id=2)})
    suspect = replace(calm, brokers={1: Broker(id=1), 2: Broker(id=2, probe=Probe(word="suspect"))})
    now = calm
    with FakeBroker(lambda: metadata_body([T("a")])) as broker:
        samples = watch(broker.address, stop, lambda: now)
        seen(samples)
        now = suspect
        times = [seen(samples).at for _ in range(6)]
        assert times[-1] - times[0] < 2.0


def test_only_a_bounded_number_of_topics_with_replicas_on_the_suspect_are_concerned() -> None:
    known = Known()
    here = [T(f"here-{i}", (P(0, replicas=(1, 2)),)) for i in range(80)]
    known.update(answer([T("elsewhere", (P(0, replicas=(1, 3)),)), *here]), full=True)
    found = concerned(known, frozenset({2}))
    assert b"elsewhere" not in found
    assert len(found) == 50
