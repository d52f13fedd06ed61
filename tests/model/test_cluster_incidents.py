"""Zones, metadata nodes, sources, partitions and this machine."""

from __future__ import annotations

from typing import Any, cast

import pytest

from msktop.model.control_samples import InventorySeen, NodeSeen, ZooKeeperSeen
from msktop.model.incidents import Kind
from msktop.model.rules import QUORUM_LOST_AFTER_S, VOTER_LOST_AFTER_S
from msktop.model.samples import OffsetsSeen, QuorumSeen, ScrapeFailed, SourceFailed, VoterSeen
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
        SourceFailed(at=story.at, source="offsets", stage="list_offsets", reason="no answer")
    )
    story.later(10.0).tick()
    assert not story.incidents.log
    story.later(6.0).tick()
    assert story.only.kind is Kind.SOURCE_STALE
    assert story.only.subject == "source offsets"
    story.later(1.0).say(OffsetsSeen(at=story.at, leader_id=1, ends={})).tick()
    assert not story.only.open


def _unscraped(story: Story) -> Story:
    return story.say(ScrapeFailed(at=story.at, broker_id=2, page="jmx", reason="connection refused"))


def test_an_exporter_that_was_away_with_its_broker_is_stale_only_long_after_the_broker_answers() -> None:
    story = Story().healthy().page(2)
    story.later(1.0).resets(2).refuses(2)
    _unscraped(story.later(10.0)).later(60.0)
    story.connects(2).answers().metadata()
    _unscraped(story.later(20.0)).answers().tick()
    assert not story.of(Kind.SOURCE_STALE)
    _unscraped(story.later(45.0)).answers().tick()
    assert [i.subject for i in story.of(Kind.SOURCE_STALE)] == ["exporter b-2"]


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


# ------------------------------------------------------------------ leader and quorum


def test_a_leader_that_is_lost_is_said_to_have_led_and_the_new_one_is_named() -> None:
    story = quorum(Story().healthy(), 10001)
    quorum(story.later(2.0), 10002)
    story.say(replace_voter(story, leader=10002, unheard=10001)).later(VOTER_LOST_AFTER_S + 0.5).tick()
    (lost,) = story.of(Kind.METADATA_NODE_LOST)
    assert lost.subject == "c-1"
    assert lost.detail.startswith("it led the quorum")
    assert story.of(Kind.CONTROLLER_MOVED)[0].detail == "active controller moved from c-1 to c-2"
    assert not story.of(Kind.METADATA_QUORUM_LOST)


def replace_voter(story: Story, leader: int, unheard: int) -> QuorumSeen:
    """As a new leader sees it: it knows nothing of a voter that never fetched from it."""
    voters = tuple(
        VoterSeen(id=i, log_end_offset=100, fetch_age_s=None if i in (leader, unheard) else 0.1)
        for i in (10001, 10002, 10003)
    )
    return QuorumSeen(at=story.at, leader_id=leader, leader_epoch=2, high_watermark=100, voters=voters)


def test_a_majority_of_controllers_that_is_gone_is_a_lost_quorum() -> None:
    story = inventory(quorum(Story().healthy(), 10001))
    inventory(story.later(1.0), c1="FAILED").later(6.0).tick()
    assert not story.of(Kind.METADATA_QUORUM_LOST)
    inventory(story, c1="FAILED", c3="FAILED").later(QUORUM_LOST_AFTER_S + 0.5).tick()
    (lost,) = story.of(Kind.METADATA_QUORUM_LOST)
    assert (lost.severity, lost.detail.partition(":")[0]) == ("crit", "2 of 3 controllers lost")
    inventory(story.later(1.0), c1="FAILED")
    assert not story.of(Kind.METADATA_QUORUM_LOST)[0].open


def test_brokers_that_answer_while_no_controller_does_have_lost_the_quorum() -> None:
    story = quorum(Story().healthy(), 10001)
    silent = SourceFailed(
        at=story.later(4.0).at, source="quorum", stage="describe_quorum", reason="none could tell"
    )
    story.say(silent).later(QUORUM_LOST_AFTER_S - 1).answers().tick()
    assert not story.of(Kind.METADATA_QUORUM_LOST)
    story.later(1.5).answers().tick()
    assert story.of(Kind.METADATA_QUORUM_LOST)[0].open
    quorum(story.later(1.0), 10002)
    assert not story.of(Kind.METADATA_QUORUM_LOST)[0].open


def test_not_being_allowed_to_see_the_quorum_is_not_its_loss() -> None:
    story = quorum(Story().healthy(), 10001)
    story.say(SourceFailed(at=story.at, source="quorum", stage="authorization", reason="not allowed"))
    story.later(10.0).answers().tick()
    assert not story.of(Kind.METADATA_QUORUM_LOST)


def zookeeper(story: Story, **modes: str) -> Story:
    """What each server says: a mode, `none` for no quorum, `dead` for no answer, `deaf` for never one."""
    for name, mode in modes.items():
        answered = mode not in ("dead", "deaf")
        story.say(
            ZooKeeperSeen(
                at=story.at,
                node_id=int(name[1:]),
                mode=cast("Any", mode) if mode in ("leader", "follower") else None,
                serving=mode in ("leader", "follower") if answered else None,
                last_ok_at=None if mode == "deaf" else story.at if answered else 1.0,
                error="" if answered else "no answer",
            )
        )
    return story


def zookeeper_cluster() -> Story:
    servers = tuple(NodeSeen(id=n, role="zookeeper", zone=f"use1-az{n}") for n in (1, 2, 3))
    story = Story().healthy()
    story.say(InventorySeen(at=story.at, name="demo", state="ACTIVE", metadata="zookeeper", nodes=servers))
    return zookeeper(story, z1="leader", z2="follower", z3="follower")


def test_a_zookeeper_leader_that_dies_is_named_and_so_is_its_successor() -> None:
    story = zookeeper(zookeeper_cluster().later(5.0), z1="dead", z2="follower", z3="leader").later(1.0).tick()
    (lost,) = story.of(Kind.METADATA_NODE_LOST)
    assert (lost.subject, lost.detail) == ("zk-1", "it led the quorum; no longer answers: no answer")
    assert story.of(Kind.METADATA_LEADER_MOVED)[0].detail == "ZooKeeper's leader moved from zk-1 to zk-3"
    zookeeper(story.later(5.0), z1="follower")
    assert not story.of(Kind.METADATA_NODE_LOST)[0].open


@pytest.mark.parametrize("rest", ["none", "dead"])
def test_zookeeper_servers_without_a_quorum_are_said_to_be(rest: str) -> None:
    story = zookeeper(zookeeper_cluster().later(5.0), z1="dead", z2=rest, z3="none")
    story.later(QUORUM_LOST_AFTER_S + 0.5).tick()
    (lost,) = story.of(Kind.METADATA_QUORUM_LOST)
    assert (lost.severity, lost.open) == ("crit", True)
    zookeeper(story.later(5.0), z2="follower", z3="leader").tick()
    assert not story.of(Kind.METADATA_QUORUM_LOST)[0].open


def test_zookeeper_servers_that_never_answered_are_not_lost() -> None:
    story = Story().healthy()
    zookeeper(story, z1="deaf", z2="deaf", z3="deaf").later(20.0).tick()
    assert not story.of(Kind.METADATA_NODE_LOST, Kind.METADATA_QUORUM_LOST)
