"""Who is to blame follows from all observers together; what was planned is said to be."""

from __future__ import annotations

import pytest

from msktop.model.incidents import Incident, Kind
from msktop.model.samples import ConfigEntry, ConfigSeen, QuorumSeen, SourceFailed, VoterSeen
from tests.model.story import Story


def said(incident: Incident) -> list[tuple[str, str]]:
    return [(e.observer, e.says) for e in incident.evidence]


def silent(story: Story, broker: int, seconds: float, from_s: float = 0.0) -> Story:
    """It gives no answer, while everyone else goes on; Metadata comes every 5 s."""
    waited = from_s
    while waited < from_s + seconds:
        waited += 0.5
        others = [b for b in story.brokers if b != broker]
        story.later(0.5).answers(*others).silent(broker, waited).tick()
        if waited % 5 == 0:
            story.metadata()
    return story


# ------------------------------------------------------------------ cut off from us


def test_silent_for_us_and_well_in_its_peers_metadata_is_cut_off_from_us_only() -> None:
    story = silent(Story().healthy(), 2, 4)
    assert story.only.kind is Kind.BROKER_HUNG
    silent(story, 2, 9, from_s=4)
    assert story.only.kind is Kind.BROKER_HUNG  # its session may last
    silent(story, 2, 9, from_s=13)
    assert (story.only.kind, story.only.severity) == (Kind.BROKER_PARTITIONED, "warn")
    assert said(story.only) == [
        ("our probe", "gone"), ("peers' Metadata", "neutral"), ("peers' Metadata", "alive"),
    ]  # fmt: skip
    story.later(0.2).answers(2)
    assert not story.only.open


def test_a_broker_that_its_peers_drop_in_time_was_hung() -> None:
    story = silent(Story().healthy(), 2, 8)
    story.epoch = 2
    story.later(0.3).metadata(without=[2])
    for _ in range(20):
        story.later(1.0).answers(1, 3).silent(2, 30.0).metadata(without=[2]).tick()
    assert story.only.kind is Kind.BROKER_HUNG
    assert ("peers' Metadata", "gone") in said(story.only)


def test_one_that_its_peers_list_again_before_we_reach_it_is_coming_back() -> None:
    story = silent(Story().healthy(), 2, 8)
    story.epoch = 2
    story.later(0.3).metadata(without=[2])
    silent(story, 2, 8, from_s=8.5)
    story.epoch = 3
    story.later(0.3).metadata(led_by={1: 3, 4: 3})
    assert silent(story, 2, 2, from_s=17).only.kind is Kind.BROKER_HUNG


def test_one_that_its_peers_drop_late_is_gone_after_all() -> None:
    story = silent(Story().healthy(), 2, 21)
    assert story.only.kind is Kind.BROKER_PARTITIONED
    story.epoch = 2
    story.later(0.5).answers(1, 3).metadata(without=[2]).tick()
    assert (story.only.kind, story.only.severity) == (Kind.BROKER_HUNG, "crit")
    assert "now gone for its peers too" in [s.text for s in story.only.steps]


def test_the_clusters_own_session_timeout_is_waited_for_where_it_is_known() -> None:
    story = Story().healthy()
    entry = ConfigEntry(name="broker.session.timeout.ms", value="45000", source="STATIC_BROKER_CONFIG")
    story.say(ConfigSeen(at=story.at, broker_id=2, entries=(entry,)))
    assert silent(story, 2, 40).only.kind is Kind.BROKER_HUNG
    assert silent(story, 2, 20, from_s=40).only.kind is Kind.BROKER_PARTITIONED


def test_an_exporter_that_goes_on_counting_shows_that_it_serves_others() -> None:
    story = Story().healthy().page(2, requests=1000)
    silent(story, 2, 3).page(2, requests=1030)
    assert story.tick().only.kind is Kind.BROKER_HUNG
    silent(story, 2, 3, from_s=3).page(2, requests=1060).tick()
    assert story.only.kind is Kind.BROKER_PARTITIONED
    assert ("exporter page", "alive") in said(story.only)


def test_a_broker_that_keeps_its_session_and_serves_nobody_is_hung() -> None:
    story = Story().healthy().page(2, requests=1000)
    silent(story, 2, 3).page(2, requests=1030)
    silent(story, 2, 3, from_s=3).page(2, requests=1030)
    silent(story, 2, 20, from_s=6).page(2, requests=1030).tick()
    assert story.only.kind is Kind.BROKER_HUNG


def test_metadata_that_nobody_keeps_any_more_proves_nothing() -> None:
    story = Story().healthy()
    voters = tuple(VoterSeen(id=10000 + n, log_end_offset=1, fetch_age_s=0.1) for n in (1, 2, 3))
    story.say(QuorumSeen(at=story.at, leader_id=10001, leader_epoch=1, high_watermark=1, voters=voters))
    story.say(SourceFailed(at=story.at, source="quorum", stage="describe_quorum", reason="none could tell"))
    silent(story, 2, 30)
    assert story.of(Kind.METADATA_QUORUM_LOST)
    assert story.of(Kind.BROKER_HUNG)
    assert not story.of(Kind.BROKER_PARTITIONED)


def test_a_port_that_nobody_listens_on_is_no_partition_whatever_metadata_says() -> None:
    story = Story().healthy().later(0.2).resets(2).refuses(2)
    for _ in range(30):
        story.later(1.0).answers(1, 3).refuses(2).metadata().tick()
    assert story.only.kind is Kind.BROKER_UNREACHABLE


# ------------------------------------------------------------------ restarted, replaced


def test_a_new_process_after_a_failure_is_a_restart_and_part_of_it() -> None:
    story = Story().healthy().supervised().later(0.2).resets(2).refuses(2)
    story.later(8.0).supervised(b2="STARTING@1008").later(1.0).answers(2).later(0.2).metadata()
    assert story.only.came_back == "restarted"
    assert "restarted · a new process" in [s.text for s in story.only.steps]


def test_a_broker_that_the_control_plane_mended_was_replaced() -> None:
    story = Story().healthy().supervised().later(0.2).resets(2).refuses(2)
    story.later(4.0).supervised("HEALING", b2="HEALING").later(0.1).supervised("HEALING", b2="HEALING@1004")
    story.later(5.0).answers(2).supervised(b2="RUNNING@1004").later(0.2).metadata()
    assert story.only.came_back == "replaced"
    assert "replaced by the control plane · a new process" in [s.text for s in story.only.steps]


def test_counters_that_began_anew_tell_of_the_restart_a_minute_later() -> None:
    story = Story().healthy().page(2, bytes_in=9e6, messages_in=9e4).later(0.2).resets(2).refuses(2)
    story.later(8.0).answers(2).later(0.2).metadata().later(40.0).page(2, bytes_in=5e5, messages_in=5e3)
    assert story.only.came_back == "restarted"
    assert ("exporter page", "neutral") in said(story.only)


def test_a_restart_that_was_not_seen_as_a_failure_is_an_event_of_its_own() -> None:
    story = Story().healthy().page(2, bytes_in=9e6, messages_in=9e4)
    story.later(60.0).page(2, bytes_in=5e5, messages_in=5e3)
    assert (story.only.kind, story.only.subject, story.only.open) == (Kind.BROKER_RESTARTED, "b-2", False)


def test_a_hung_broker_that_wakes_is_the_same_process() -> None:
    story = Story().healthy().supervised().page(2, bytes_in=9e6)
    story.later(2.0).silent(2, 2.0).later(1.0).answers(2).supervised().page(2, bytes_in=9.1e6)
    assert story.later(0.2).metadata().only.came_back == "resumed"


# ------------------------------------------------------------------ planned


def test_a_failure_within_an_operation_bears_its_name() -> None:
    story = Story().healthy().operation("REBOOT_NODE").later(3.0).resets(2).refuses(2)
    assert story.only.planned == "REBOOT_NODE"
    story.later(20.0).operation("REBOOT_NODE", state="REBOOT_COMPLETE", ended_at=story.at)
    story.later(400.0).resets(3).refuses(3)
    assert story.incidents.log[-1].planned is None


def test_an_operation_that_becomes_known_later_explains_what_it_did() -> None:
    story = Story().healthy()
    story.operation_at = story.at
    story.later(3.0).resets(2).refuses(2)
    assert story.only.planned is None
    assert story.later(4.0).operation("SECURITY_PATCHING").only.planned == "SECURITY_PATCHING"


def test_leaders_that_were_handed_over_before_a_stop_are_part_of_it_and_waited_for() -> None:
    story = Story().healthy()
    story.epoch = 2
    story.later(0.5).metadata(led_by={1: 3, 4: 3}).later(2.0).resets(2).later(0.01).refuses(2)
    moved, stopped = story.incidents.log
    assert (stopped.leaders_lost, moved.parent) == (2, stopped.id)
    assert stopped.marks["leaders_moved"] == moved.began
    story.epoch = 3
    story.later(9.0).answers(2).later(0.3).metadata(led_by={1: 3, 4: 3})
    assert story.incidents.active
    story.later(60.0).metadata()
    assert "leaders_back" in story.incidents.log[1].marks


def test_leaders_handed_over_by_an_operation_and_the_stop_after_it_are_planned() -> None:
    story = Story().healthy().operation("UPDATE_CLUSTER_KAFKA_VERSION")
    story.epoch = 2
    story.later(0.5).metadata(led_by={1: 3, 4: 3}).later(0.25).resets(2).later(0.01).refuses(2)
    assert {i.planned for i in story.incidents.log} == {"UPDATE_CLUSTER_KAFKA_VERSION"}


def test_a_state_in_which_brokers_are_worked_on_is_reason_enough() -> None:
    story = Story().healthy().supervised("MAINTENANCE").later(3.0).resets(2).refuses(2)
    assert story.of(Kind.BROKER_UNREACHABLE)[0].planned == "MAINTENANCE"


def test_a_reboot_that_the_supervisor_carries_out_is_planned() -> None:
    story = Story().healthy().supervised().later(1.0).supervised(b2="REBOOTING").later(0.3)
    assert story.resets(2).refuses(2).only.planned == "reboot"
    assert story.later(1.0).operation("REBOOT_NODE").only.planned == "REBOOT_NODE"


@pytest.mark.parametrize("state", ["ACTIVE", "HEALING"])
def test_healing_answers_a_failure_and_plans_none(state: str) -> None:
    story = Story().healthy().supervised(state).later(3.0).resets(2).refuses(2)
    assert story.of(Kind.BROKER_UNREACHABLE)[0].planned is None
