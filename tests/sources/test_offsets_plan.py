"""Which end offsets are asked of which leader."""

from __future__ import annotations

from dataclasses import replace

from msktop.model.topic import Partition, Topic
from msktop.model.writes import PROBE_TOPIC
from msktop.sources.offsets_plan import ASK_AGAIN_S, Plan
from msktop.wire.offsets import request, topic_request


def topic(name: str, *leaders: int | None) -> Topic:
    """A topic whose partitions are led so."""
    return Topic(
        name, partitions={n: Partition(n, lead, 0, (1, 2), (1, 2)) for n, lead in enumerate(leaders)}
    )


def asked(**partitions: list[int]) -> bytes:
    """The request for these."""
    return request([topic_request(name, numbers) for name, numbers in partitions.items()])


def test_every_leader_is_asked_for_what_it_leads_and_nobody_for_what_has_no_leader() -> None:
    plan = Plan()
    plan.update({"a": topic("a", 1, 2, None), "b": topic("b", 2)}, now=0)
    assert plan.body(1) == asked(a=[0])
    assert plan.body(2) == asked(a=[1], b=[0])
    assert plan.body(3) is None
    assert plan.leaders == 2


def test_a_moved_leader_moves_the_question() -> None:
    plan = Plan()
    plan.update({"a": topic("a", 1, 2)}, now=0)
    plan.update({"a": topic("a", 2, 2)}, now=1)
    assert plan.body(1) is None
    assert plan.body(2) == asked(a=[0, 1])


def test_new_offsets_of_a_topic_change_no_request() -> None:
    plan, before = Plan(), topic("a", 1)
    plan.update({"a": before}, now=0)
    body = plan.body(1)
    plan.update({"a": replace(before, ends={0: 7})}, now=1)
    assert plan.body(1) is body


def test_a_removed_topic_is_no_longer_asked_for() -> None:
    plan = Plan()
    plan.update({"a": topic("a", 1), "b": topic("b", 1)}, now=0)
    plan.update({"b": topic("b", 1)}, now=1)
    assert plan.body(1) == asked(b=[0])


def test_a_refused_partition_is_asked_for_again_when_metadata_moves_it_or_after_a_while() -> None:
    plan, topics = Plan(), {"a": topic("a", 1, 1)}
    plan.update(topics, now=0)
    plan.drop(1, {"a": [0]}, now=0)
    assert plan.body(1) == asked(a=[1])
    plan.update(topics, now=ASK_AGAIN_S - 1)
    assert plan.body(1) == asked(a=[1])
    plan.update(topics, now=ASK_AGAIN_S)
    assert plan.body(1) == asked(a=[0, 1])
    plan.drop(1, {"a": [0]}, now=ASK_AGAIN_S)
    plan.update({"a": topic("a", 2, 1)}, now=ASK_AGAIN_S)
    assert (plan.body(1), plan.body(2)) == (asked(a=[1]), asked(a=[0]))


def test_what_we_write_ourselves_is_not_asked_for_and_hides_no_topic_that_went() -> None:
    plan = Plan()
    plan.update({PROBE_TOPIC: topic(PROBE_TOPIC, 1), "a": topic("a", 1)}, now=0)
    assert plan.body(1) == asked(a=[0])
    plan.update({PROBE_TOPIC: topic(PROBE_TOPIC, 1)}, now=1)
    assert plan.body(1) is None
