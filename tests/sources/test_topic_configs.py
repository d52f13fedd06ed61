"""What topics are set to: told once, then only what differs; a new topic at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import TypeVar

import pytest

from msktop.model.cluster import Cluster
from msktop.model.samples import Sample, SourceFailed
from msktop.model.topic import Topic
from msktop.model.topic_samples import TopicConfigEntry, TopicConfigsSeen
from msktop.sources import topic_configs
from msktop.sources.clock import Anchor
from msktop.sources.reach import UnreachableError
from msktop.sources.topic_configs import TopicConfigsSource
from msktop.wire.call import Call
from msktop.wire.errors import WireError
from msktop.wire.security import Security
from tests.wire.test_topics import configs_body

T = TypeVar("T")


class Broker:
    """Stands for all brokers; `value` is every topic's retention.ms."""

    def __init__(self, *_: object) -> None:
        self.value = "1"
        self.error = 0
        self.dead = False
        self.asked: list[tuple[str, ...]] = []

    def ask(self, call: Call, timeout_s: float, read: Callable[[bytes], T]) -> tuple[int, T]:
        if self.dead:
            raise UnreachableError([WireError("tcp", "refused", "connection refused")])
        names = tuple(name for name in ("a", "new") if f"\0{chr(len(name))}{name}".encode() in call.body)
        self.asked.append(names)
        return 1, read(configs_body(*names, value=self.value, error=self.error))

    def saw(self, _: object) -> None:
        """It is the only one."""

    def close(self) -> None:
        """Nothing is open."""


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Broker:
    one = Broker()
    monkeypatch.setattr(topic_configs, "Reach", lambda *_: one)
    monkeypatch.setattr(topic_configs, "LOOK_S", 0.01)
    monkeypatch.setattr(topic_configs, "RETRY_S", 0.01)
    return one


class Watched:
    """A cluster whose topics a test changes, and what the source says of it."""

    def __init__(self, period_s: float = 0.0) -> None:
        self.cluster = Cluster(topics={"a": Topic("a", topic_id="A")})
        source = TopicConfigsSource("b:1", Security(), Anchor.take(), lambda: self.cluster, period_s)
        self._samples: Iterator[Sample] = source.samples(threading.Event())

    def next(self) -> Sample:
        return next(self._samples)

    def told(self) -> tuple[TopicConfigEntry, ...]:
        sample = self.next()
        assert isinstance(sample, TopicConfigsSeen)
        return sample.topics


def test_what_differs_is_told_and_nothing_else(broker: Broker) -> None:
    watched = Watched()
    (first,) = watched.told()
    assert (first.own, first.kept) == (
        {"retention.ms": "1"},
        {"cleanup.policy": "1", "retention.ms": "1"},
    )
    assert watched.told() == ()
    broker.value = "2"
    assert [entry.own for entry in watched.told()] == [{"retention.ms": "2"}]


def test_a_new_topic_is_asked_for_at_once_and_alone(broker: Broker) -> None:
    watched = Watched(period_s=60.0)
    watched.told()
    watched.cluster = Cluster(topics={**watched.cluster.topics, "new": Topic("new", topic_id="N")})
    assert [entry.name for entry in watched.told()] == ["new"]
    assert broker.asked == [("a",), ("new",)]


def test_one_that_was_made_anew_is_told_again(broker: Broker) -> None:
    watched = Watched(period_s=60.0)
    watched.told()
    watched.cluster = Cluster(topics={"a": Topic("a", topic_id="B")})
    assert [(entry.name, entry.topic_id) for entry in watched.told()] == [("a", "B")]


def test_one_that_the_broker_does_not_know_yet_is_asked_for_again(broker: Broker) -> None:
    broker.error = 3
    watched = Watched(period_s=60.0)
    assert watched.told() == ()
    assert watched.told() == ()
    broker.error = 0
    assert [entry.own for entry in watched.told()] == [{"retention.ms": "1"}]


def test_one_that_may_not_be_seen_says_so(broker: Broker) -> None:
    broker.error = 29
    assert [(entry.error, entry.own) for entry in Watched().told()] == [(29, {})]


def test_nobody_answers_and_then_somebody_does(broker: Broker) -> None:
    broker.dead = True
    watched = Watched()
    failed = watched.next()
    assert isinstance(failed, SourceFailed)
    assert failed.source == "topics"
    broker.dead = False
    assert len(watched.told()) == 1
