"""This machine loses its network, or stands still: then no broker is blamed."""

from __future__ import annotations

import pytest

from msktop.model.incidents import Kind
from msktop.model.samples import HostStarved, SourceFailed, SourceWorks
from tests.model.story import Story


def cut(story: Story, seconds: float, *brokers: int, from_s: float = 0.0) -> Story:
    """The network is away: pings stay unanswered, and no new connection reaches anybody."""
    waited = from_s
    while waited < from_s + seconds:
        waited += 0.5
        story.later(0.5)
        for broker in brokers or story.brokers:
            story.silent(broker, waited)
            if waited >= 2.0:
                story.lost_on_the_way(broker, 0.5)
        story.tick()
    return story


def test_brokers_that_fall_out_of_reach_together_are_our_own_network_and_none_is_blamed() -> None:
    story = cut(Story().healthy(), 3.5)
    assert not story.incidents.log
    cut(story, 1.5, from_s=3.5)
    assert (story.only.kind, story.only.subject) == (Kind.HOST_OFFLINE, "this host")
    assert story.only.began == pytest.approx(1000.25)
    assert cut(story, 60, from_s=5).only.open
    story.later(0.2).answers(1)
    assert not story.only.open
    story.later(1.0).answers(2, 3).later(6.0).answers().tick()
    assert len(story.incidents.log) == 1


def test_a_broker_that_is_not_back_with_the_network_is_blamed_then() -> None:
    story = cut(Story().healthy(), 8).answers(1, 3)
    cut(story, 4, 2, from_s=8)
    assert not story.of(Kind.BROKER_HUNG)
    cut(story.answers(1, 3), 3, 2, from_s=12)
    (failure,) = story.of(Kind.BROKER_HUNG)
    assert failure.subject == "b-2"
    assert failure.began > 1008


def test_no_route_at_all_is_ours_too_and_what_was_said_before_is_taken_back() -> None:
    story = Story().healthy().later(0.1)
    for broker in (1, 2, 3):
        story.later(0.05).no_route(broker)
    for _ in range(20):
        story.later(0.25)
        for broker in (1, 2, 3):
            story.no_route(broker)
        story.tick()
    (offline,) = story.of(Kind.HOST_OFFLINE)
    assert offline.open
    assert story.incidents.log == (offline,)


def test_what_was_said_of_a_broker_before_its_fellows_fell_too_is_taken_back() -> None:
    story = Story().healthy()
    for waited in (0.5, 1.0, 1.5, 2.0):  # b-2 two seconds before the others
        story.later(0.5).silent(2, waited).answers(1, 3).tick()
    assert story.only.kind is Kind.BROKER_HUNG
    for step in range(1, 10):
        story.later(0.5).silent(2, 2.0 + step / 2).silent(1, step / 2).silent(3, step / 2)
        story.lost_on_the_way(2, 0.5).tick()
    early, offline = story.incidents.log
    assert (offline.kind, early.open, early.severity, early.parent) == (
        Kind.HOST_OFFLINE, False, "info", offline.id,
    )  # fmt: skip


def test_brokers_that_all_hang_have_accepted_a_connection_and_are_blamed() -> None:
    story = Story().healthy()
    for waited in (0.5, 1.0, 1.5, 2.0, 2.5):
        story.later(0.5)
        for broker in story.brokers:
            story.silent(broker, waited)
            if waited == 2.0:
                story.hangs_at(broker, "api_versions", 0.5)
        story.tick()
    assert not story.of(Kind.HOST_OFFLINE)
    assert {i.subject for i in story.of(Kind.BROKER_HUNG)} == {"b-1", "b-2", "b-3"}
    assert story.of(Kind.CLUSTER_UNREACHABLE)


def test_brokers_that_are_all_refused_are_dead_and_the_network_is_there() -> None:
    story = Story().healthy().later(0.2)
    for broker in story.brokers:
        story.resets(broker).refuses(broker)
    assert story.of(Kind.CLUSTER_UNREACHABLE)
    assert not story.of(Kind.HOST_OFFLINE)


def test_one_broker_out_of_reach_while_others_answer_is_blamed_without_delay() -> None:
    story = Story().healthy()
    for waited in (0.5, 1.0, 1.5, 2.0):
        story.later(0.5).silent(2, waited).answers(1, 3)
    assert story.only.kind is Kind.BROKER_HUNG


def test_aws_that_answers_meanwhile_clears_our_network() -> None:
    story = Story().healthy()
    cut(story, 2.0).say(SourceWorks(at=story.at, source="msk"))
    cut(story, 4.0, from_s=2.0)
    assert not story.of(Kind.HOST_OFFLINE)
    assert story.of(Kind.CLUSTER_UNREACHABLE)


def test_the_only_broker_and_aws_away_together_are_our_own_network() -> None:
    story = Story(brokers=(1,), zones=1).healthy()
    story.say(SourceFailed(at=story.later(0.5).at, source="msk", stage="tcp", reason="no route"))
    assert cut(story, 5.0).of(Kind.HOST_OFFLINE)


def test_the_only_broker_is_blamed_where_nothing_else_can_be_compared() -> None:
    story = Story(brokers=(1,), zones=1).healthy()
    assert cut(story, 3.0).of(Kind.BROKER_HUNG)


def test_two_brokers_that_fall_while_the_third_answers_are_blamed_both() -> None:
    story = Story().healthy()
    for waited in (0.5, 1.0, 1.5, 2.0, 2.5, 3.0):
        story.later(0.5).silent(2, waited).silent(3, waited).answers(1).tick()
    assert [i.subject for i in story.of(Kind.BROKER_HUNG)] == ["b-2", "b-3"]


def test_a_pause_of_this_machine_is_ours_and_no_network_is_missed() -> None:
    story = Story().healthy().later(10.0)
    for broker in story.brokers:
        story.silent(broker, 10.0, starved_ms=9900.0)
    story.say(HostStarved(at=story.at, lag_ms=9900.0)).later(0.1).answers().tick()
    assert [i.kind for i in story.incidents.log] == [Kind.HOST_STARVED]
