"""Zones, metadata nodes, sources, partitions and this machine."""

from __future__ import annotations

from msktop.model.control_samples import InventorySeen, NodeSeen
from msktop.model.incidents import Kind
from msktop.model.samples import QuorumSeen, SourceFailed, VoterSeen
from tests.model.story import Story


def quorum(story: Story, leader: int, **silent_s: float) -> Story:
    voters = tuple(
        VoterSeen(id=10000 + n, log_end_offset=100, fetch_age_s=silent_s.get(f"c{n}", 0.1)) for n in (1, 2, 3)
    )
    return story.say(
        QuorumSeen(at=story.at, leader_id=leader, leader_epoch=1, high_watermark=100, voters=voters)
    )


def inventory(story: Story, state: str = "ACTIVE", *, brokers: tuple[int, ...] = (), **states: str) -> Story:
    controllers = tuple(
        NodeSeen(id=10000 + n, role="controller", zone=f"use1-az{n}", state=states.get(f"c{n}", "RUNNING"))
        for n in (1, 2, 3)
    )
    nodes = (*controllers, *(NodeSeen(id=b, role="broker", zone=f"use1-az{b}") for b in brokers))
    return story.say(InventorySeen(at=story.at, name="demo", state=state, nodes=nodes))


def test_a_zone_whose_broker_and_controller_are_gone_is_down_as_a_whole() -> None:
    story = inventory(Story().healthy())
    story.later(0.2).resets(2).refuses(2)
    assert not story.of(Kind.ZONE_DOWN)
    inventory(story.later(0.3), "HEALING", c2="FAILED").later(0.3).tick()
    (zone,) = story.of(Kind.ZONE_DOWN)
    assert zone.subject == "use1-az2"
    assert {i.parent for i in story.of(Kind.BROKER_UNREACHABLE, Kind.METADATA_NODE_LOST)} == {zone.id}
    story.later(5.0).answers(2).tick()
    assert not story.of(Kind.ZONE_DOWN)[0].open


def test_the_active_controller_moved_is_an_event() -> None:
    story = quorum(Story().healthy(), 10001)
    quorum(story.later(1.0), 10002)
    assert story.only.kind is Kind.CONTROLLER_MOVED
    assert story.only.detail == "active controller moved from c-1 to c-2"


def test_a_voter_that_stopped_fetching_is_lost_until_it_fetches_again() -> None:
    story = quorum(quorum(Story().healthy(), 10001).later(2.0), 10001, c3=5.5)
    assert story.only.kind is Kind.METADATA_NODE_LOST
    assert story.only.subject == "c-3"
    assert story.only.open
    quorum(story.later(2.0), 10001)
    assert not story.only.open


def test_offline_partitions_outlast_an_election_and_belong_to_the_failure() -> None:
    story = Story().healthy().later(0.2)
    story.resets(2).refuses(2)
    story.epoch = 2
    story.later(2.0).metadata(without=[2], led_by={1: -1})
    assert not story.of(Kind.OFFLINE_PARTITIONS)
    story.later(1.1).tick()
    failure, offline = story.incidents.log
    assert offline.kind is Kind.OFFLINE_PARTITIONS
    assert offline.severity == "crit"
    assert offline.parent == failure.id
    story.epoch = 3
    story.later(1.0).metadata()
    assert not story.of(Kind.OFFLINE_PARTITIONS)[0].open


def test_under_replication_without_a_failure_is_said_only_when_it_lasts() -> None:
    story = Story().healthy().metadata(out_of_sync=[3])
    story.later(4.0).tick()
    assert not story.incidents.log
    story.later(1.5).tick()
    assert story.only.kind is Kind.UNDER_REPLICATED
    assert story.only.began == story.at - 5.5
    story.later(1.0).metadata()
    assert not story.only.open


def test_a_source_that_fails_for_long_is_stale_and_ends_with_its_next_good_sample() -> None:
    story = quorum(Story().healthy(), 10001)
    story.later(1.0).say(
        SourceFailed(at=story.at, source="quorum", stage="describe_quorum", reason="no answer")
    )
    story.later(10.0).tick()
    assert not story.incidents.log
    story.later(6.0).tick()
    assert story.only.kind is Kind.SOURCE_STALE
    assert story.only.subject == "source quorum"
    quorum(story.later(1.0), 10001).tick()
    assert not story.only.open


def test_a_cluster_that_was_never_reached_is_said_with_its_cause() -> None:
    story = Story()
    story.later(0.5).say(
        SourceFailed(at=story.at, source="metadata", stage="tcp", reason="connection refused")
    )
    assert story.only.kind is Kind.CLUSTER_UNREACHABLE
    assert story.only.detail == "connection refused"
    story.later(3.0).healthy()
    assert not story.only.open


def test_a_state_of_the_control_plane_that_answers_a_failure_is_a_step_of_it() -> None:
    story = inventory(Story().healthy()).later(0.2)
    story.resets(2).refuses(2)
    inventory(story.later(0.2), "HEALING")
    assert [s.text for s in story.only.steps] == ["state ACTIVE → HEALING"]


def test_a_state_that_answers_nothing_is_an_event_of_its_own() -> None:
    story = inventory(inventory(Story().healthy()).later(1.0), "UPDATING")
    assert story.only.kind is Kind.CLUSTER_STATE


def test_a_broker_that_was_removed_is_forgotten_and_not_down() -> None:
    story = inventory(Story().healthy(), brokers=(1, 2, 3))
    story.later(1.0).resets(3).later(0.1).refuses(3)
    story.epoch, story.brokers = 2, (1, 2)
    story.later(0.1).metadata()
    (failure,) = story.of(Kind.BROKER_UNREACHABLE)
    assert failure.open
    inventory(story.later(1.0), brokers=(1, 2)).later(0.1).tick()
    assert sorted(story.cluster.brokers) == [1, 2]
    (failure,) = story.of(Kind.BROKER_UNREACHABLE)
    assert (failure.open, failure.steps[-1].text) == (False, "removed from the cluster")
    story.later(0.2).refuses(3)  # one that was on its way
    assert sorted(story.cluster.brokers) == [1, 2]
