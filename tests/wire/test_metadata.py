"""Our Metadata decoder reads what Kafka's schema says, and never more than is there."""

from __future__ import annotations

import random
from contextlib import suppress

import pytest
from kafka.protocol.metadata import MetadataRequest

from msktop.wire.errors import WireError
from msktop.wire.fields import kafka_uuid
from msktop.wire.metadata import VERSION, request, split, topic
from tests.sources.answers import P, T, metadata_body, some_topics


@pytest.mark.parametrize("seed", range(20))
def test_any_answer_is_read_as_it_was_written(seed: int) -> None:
    topics = some_topics(random.Random(seed), count=20, partitions=9)
    read = split(metadata_body(topics), {})
    assert [name.decode() for name in read.topics] == [t.name for t in topics]
    for wanted, piece in zip(topics, read.topics.values(), strict=True):
        found = topic(piece)
        assert (found.name, found.internal, found.error) == (wanted.name, wanted.internal, wanted.error)
        assert found.topic_id == kafka_uuid(wanted.id.bytes)
        assert [
            P(p.partition, p.leader, p.leader_epoch, p.replicas, p.isr, p.offline, p.error)
            for p in found.partitions.values()
        ] == list(wanted.partitions)


def test_brokers_racks_cluster_and_controller_are_read() -> None:
    read = split(metadata_body([], brokers=(4, 5)), {})
    assert [(b.id, b.host, b.port, b.rack) for b in read.brokers] == [
        (4, "b-4", 9092, "use1-az4"),
        (5, "b-5", 9092, "use1-az5"),
    ]
    assert (read.cluster_id, read.controller_id) == ("cluster", 4)
    bare = split(metadata_body([], brokers=(4,), cluster_id=None, racks=False), {})
    assert (bare.cluster_id, bare.brokers[0].rack) == (None, None)


def test_a_topic_that_stayed_as_it_was_is_the_same_object_wherever_it_stands() -> None:
    a, b, c = T("a"), T("b", (P(0), P(1))), T("c")
    known = dict(split(metadata_body([a, b, c]), {}).topics)
    again = split(metadata_body([c, b.but(1, P(1, leader=2, epoch=1)), a]), known).topics
    assert again[b"a"] is known[b"a"]
    assert again[b"c"] is known[b"c"]
    assert topic(again[b"b"]).partitions[1].leader == 2


def test_one_topic_being_the_beginning_of_another_is_no_confusion() -> None:
    short, long = T("a", (P(0),)), T("a", (P(0), P(1)))
    known = dict(split(metadata_body([short]), {}).topics)
    assert len(topic(split(metadata_body([long]), known).topics[b"a"]).partitions) == 2


def test_every_cut_answer_is_refused_with_a_sentence() -> None:
    whole = metadata_body(some_topics(random.Random(3), count=2, partitions=3))
    for size in range(len(whole)):
        with pytest.raises(WireError, match="does not follow Kafka's schema"):
            split(whole[:size], {})


@pytest.mark.parametrize("seed", range(50))
def test_a_damaged_answer_is_read_or_refused_but_nothing_else(seed: int) -> None:
    rng = random.Random(seed)
    body = bytearray(metadata_body(some_topics(rng, count=3, partitions=3)))
    for _ in range(5):
        body[rng.randrange(len(body))] = rng.randrange(256)
    with suppress(WireError):  # and nothing else
        for piece in split(bytes(body), {}).topics.values():
            topic(piece)


def test_the_request_is_what_kafkas_schema_makes() -> None:
    everything = MetadataRequest(topics=None, allow_auto_topic_creation=False)
    assert request(None) == bytes(everything.encode(version=VERSION))
    nothing = MetadataRequest(topics=[], allow_auto_topic_creation=False)
    assert request(()) == bytes(nothing.encode(version=VERSION))
    asked = MetadataRequest.MetadataRequestTopic
    some = MetadataRequest(topics=[asked(name="a"), asked(name="ü" * 100)], allow_auto_topic_creation=False)
    assert request((b"a", ("ü" * 100).encode())) == bytes(some.encode(version=VERSION))
