"""One broker's failure is one incident, with its consequences and its recovery folded in."""

from __future__ import annotations

import pytest

from msktop.model.fold_metadata import PROBED_WITHIN_S
from msktop.model.incidents import FAILURES, Kind
from msktop.model.report import after_s
from msktop.model.samples import ConfigSeen, HostStarved
from tests.model.story import Story


def killed(story: Story) -> Story:
    return story.later(0.25).resets(2).later(0.01).refuses(2)


def test_a_refused_broker_is_down_at_once() -> None:
    story = killed(Story().healthy())
    assert story.word(2) == "down"
    assert story.only.kind is Kind.BROKER_UNREACHABLE
    assert story.only.subject == "b-2"
    assert story.only.zone == "use1-az2"
    assert story.only.detected - story.only.began < 0.1


def test_silence_is_suspect_first_and_an_incident_after_two_seconds() -> None:
    story = Story().healthy()
    for waited in (0.5, 1.0, 1.5):
        story.later(0.5).silent(2, waited)
        assert story.word(2) == "suspect"
        assert not story.incidents.log
    story.later(0.5).silent(2, 2.0)
    assert story.only.kind is Kind.BROKER_HUNG
    assert story.only.began == pytest.approx(story.at - 2.0)


def test_a_tick_ends_the_wait_when_the_prober_says_no_more() -> None:
    story = Story().healthy().later(0.5).silent(2, 0.5)
    assert not story.later(1.4).tick().incidents.log
    assert story.later(0.2).tick().only.kind is Kind.BROKER_HUNG


def test_the_hung_stage_is_named_once_a_new_connection_has_met_it() -> None:
    story = Story().healthy().later(2.5).silent(2, 2.5).later(0.5).hangs_at(2, "api_versions", 0.5)
    assert story.only.detail == "hung at ApiVersions (TCP answered)"


def test_a_reset_after_which_a_new_connection_works_is_no_failure() -> None:
    story = Story().healthy().later(0.2).resets(2)
    assert story.word(2) == "suspect"
    story.later(0.01).connects(2)
    assert story.word(2) == "up"
    assert story.only.kind is Kind.LOST_CONNECTION
    assert story.only.severity == "info"


def test_a_late_answer_clears_the_suspicion_without_an_incident() -> None:
    story = Story().healthy().later(1.0).silent(2, 1.0).later(0.3).answers(2, ms=1300.0)
    assert story.word(2) == "up"
    assert story.cluster.brokers[2].probe.last_ms == 1300.0
    assert not story.incidents.log


def test_a_new_connection_refused_while_the_open_one_answers_is_no_failure() -> None:
    story = Story().healthy().later(0.1).refuses(2)
    assert story.word(2) == "up"
    assert not story.incidents.log


def test_samples_taken_while_this_machine_starved_blame_nobody() -> None:
    story = Story().healthy().later(3.0).silent(2, 3.0, starved_ms=2800.0)
    assert story.word(2) == "up"
    assert not story.incidents.log


def test_silence_is_counted_anew_after_a_stall_of_this_machine() -> None:
    story = Story().healthy().later(0.5).silent(2, 0.5)
    story.later(5.0).say(HostStarved(at=story.at, lag_ms=5000.0)).tick()
    assert [i.kind for i in story.incidents.log] == [Kind.HOST_STARVED]
    assert story.later(2.1).tick().of(Kind.BROKER_HUNG)


def test_consequences_and_recovery_are_steps_of_the_one_incident() -> None:
    story = killed(Story().healthy())
    story.epoch = 2
    story.later(8.0).metadata(without=[2])
    story.later(4.0).answers(2)
    story.later(0.3).metadata(led_by={1: 3, 4: 3})
    story.epoch = 3
    story.later(30.0).metadata()

    incident = story.only
    assert incident.leaders_lost == 2
    turns = ["last_ok", "detected", "leaders_moved", "answers", "isr_full", "leaders_back"]
    assert list(incident.marks) == turns
    assert [s.text for s in incident.steps] == [
        "fenced · 2 leaders moved to b-3 · 6 under-replicated",
        "answers again · same address",
        "in sync · 0 under-replicated",
        "recovered · 2 of 2 leaders back",
    ]
    assert incident.ended == incident.marks["answers"]
    assert incident.lasted_s == pytest.approx(12.01, abs=0.05)
    assert incident.settled
    assert not incident.planned


def test_it_listens_again_since_between_the_last_attempt_that_failed_and_the_first_that_worked() -> None:
    story = killed(Story().healthy())
    refused = story.later(9.0).refuses(2).at
    back = story.later(1.0).connects(2).at
    assert story.only.ended == story.only.marks["answers"] == pytest.approx((refused + back) / 2)
    looked = story.later(0.5).metadata(out_of_sync=[2]).at
    in_sync = story.later(0.5).metadata().at
    assert story.only.marks["isr_full"] == pytest.approx((looked + in_sync) / 2)


def test_a_late_answer_on_the_open_connection_is_when_it_answered() -> None:
    story = Story().healthy().later(2.5).silent(2, 2.5).later(0.5).hangs_at(2, "api_versions", 0.5)
    assert story.later(1.0).answers(2).only.ended == story.at


def test_a_short_hang_whose_leaders_never_left_is_over_when_it_is_in_sync() -> None:
    story = Story().healthy().later(2.0).silent(2, 2.0).later(2.0).answers(2).later(0.2).metadata()
    assert [s.text for s in story.only.steps] == [
        "answers again · same address",
        "in sync · 0 under-replicated",
    ]
    assert story.only.settled


def test_leaders_that_left_before_the_broker_went_make_it_a_controlled_shutdown() -> None:
    story = Story().healthy()
    story.epoch = 2
    story.later(0.5).metadata(led_by={1: 3, 4: 3})
    killed(story)
    handed_over, stopped = story.incidents.log
    assert handed_over.kind is Kind.LEADERS_MOVED
    assert stopped.planned == "controlled shutdown"


def test_leaders_that_leave_while_the_connection_closes_were_handed_over_too() -> None:
    story = Story().healthy().later(0.25).resets(2)
    story.epoch = 2
    story.later(0.3).metadata(led_by={1: 3, 4: 3})
    story.later(0.5).refuses(2)
    assert story.of(Kind.BROKER_UNREACHABLE)[0].planned == "controlled shutdown"


def test_leaders_that_leave_a_silent_broker_were_taken_from_it() -> None:
    story = Story().healthy().later(1.9).silent(2, 1.9)
    story.epoch = 2
    story.later(0.05).metadata(without=[2])
    story.later(0.3).silent(2, 2.25)
    assert not story.of(Kind.BROKER_HUNG)[0].planned


def test_leaders_that_are_gone_within_a_second_were_handed_over() -> None:
    story = killed(Story().healthy())
    story.epoch = 2
    story.later(0.3).metadata(without=[2])
    assert story.only.planned == "controlled shutdown"


@pytest.mark.parametrize(("moved_after_s", "planned"), [(4.5, "controlled shutdown"), (7.7, None)])
def test_leaders_that_are_gone_long_before_the_session_ends_were_handed_over(
    moved_after_s: float, planned: str | None
) -> None:
    story = Story().healthy()
    story.say(ConfigSeen(at=story.at, broker_id=2, entries=()))
    killed(story)
    story.epoch = 2
    assert story.later(moved_after_s).metadata(without=[2]).only.planned == planned


@pytest.mark.parametrize("told", ["before it fell", "after its leaders left"])
def test_how_long_sessions_are_may_be_told_by_another_broker_and_late(told: str) -> None:
    story = Story().healthy()
    config = ConfigSeen(at=story.at, broker_id=3, entries=())
    if told == "before it fell":
        story.say(config)
    killed(story)
    story.epoch = 2
    story.later(4.5).metadata(without=[2])
    if told != "before it fell":
        assert story.only.planned is None
        story.say(config).later(2.0).metadata(without=[2])
    assert story.only.planned == "controlled shutdown"


def test_leaders_that_leave_a_broker_silent_for_less_than_any_session_were_handed_over() -> None:
    story = Story().healthy()
    story.say(ConfigSeen(at=story.at, broker_id=2, entries=())).later(1.9).silent(2, 1.9)
    story.epoch = 2
    story.later(0.05).metadata(led_by={1: 3, 4: 3})
    story.later(0.3).refuses(2)
    assert story.of(Kind.BROKER_UNREACHABLE)[0].planned == "controlled shutdown"


def test_leaders_that_had_left_before_it_fell_again_do_not_make_that_planned() -> None:
    story = Story().healthy()
    story.say(ConfigSeen(at=story.at, broker_id=2, entries=()))
    killed(story)
    story.epoch = 2
    story.later(8.0).metadata(without=[2]).later(3.0).answers(2)
    killed(story)
    story.epoch = 3
    assert story.later(2.0).metadata(without=[2]).only.times == 2
    assert not story.only.planned


def test_nobody_says_how_a_broker_went_that_was_never_seen_up() -> None:
    story = Story().metadata().answers(1, 3).refuses(2)
    story.epoch = 2
    story.later(0.3).metadata(without=[2])
    assert story.only.kind is Kind.BROKER_UNREACHABLE
    assert not story.only.planned


def test_down_again_before_it_recovered_is_the_same_incident_that_counts() -> None:
    story = killed(Story().healthy()).later(5.0).answers(2)
    killed(story)
    assert story.only.open
    assert story.only.times == 2
    assert [s.text for s in story.only.steps][-1] == "down again: time 2 in 5 s"
    story.later(4.0).answers(2).later(0.3).metadata()
    assert [round(f.ended - f.began) for f in story.only.falls if f.ended] == [5, 4]
    assert story.only.settled


def test_each_fall_begins_the_stopwatch_anew_while_the_incident_keeps_its_first_beginning() -> None:
    story = killed(Story().healthy())
    began = story.only.began
    story.later(5.0).answers(2).later(50.0).answers(2)
    killed(story)
    assert story.only.began == began
    assert story.at - story.only.fell < 1.0
    assert (after_s(story.only, "detected") or 0.0) < 1.0
    story.later(4.0).answers(2)
    assert after_s(story.only, "answers") == pytest.approx(4.0, abs=1.0)


def test_what_is_done_on_purpose_soon_after_a_failure_is_an_incident_of_its_own() -> None:
    story = Story().healthy().supervised().later(1.0)
    story.resets(2).refuses(2)
    story.later(3.0).connects(2).answers()
    story.later(5.0).supervised(b2="REBOOTING").later(0.3).resets(2).refuses(2)
    crashed, rebooted = story.of(*FAILURES)
    assert (crashed.times, crashed.planned, crashed.settled) == (1, None, True)
    assert (rebooted.times, rebooted.planned) == (1, "reboot")


def test_a_broker_that_flaps_is_one_incident() -> None:
    story = Story().healthy()
    for _ in range(5):
        story.later(2.0).silent(2, 2.0).later(1.0).answers(2).later(0.2).metadata().later(20.0).answers(2)
    assert (story.only.times, story.only.open) == (5, False)


def test_a_failure_long_after_the_last_one_had_recovered_is_another() -> None:
    story = killed(Story().healthy()).later(5.0).answers(2).later(0.3).metadata()
    story.later(70.0).answers(2)
    killed(story)
    first, second = story.incidents.log
    assert (first.settled, second.open, second.times) == (True, True, 1)


def test_a_broker_that_answers_us_but_not_its_peers_is_fenced() -> None:
    story = Story().healthy()
    story.epoch = 2
    story.later(1.0).metadata(without=[2]).answers(2)
    assert not story.of(Kind.BROKER_FENCED)
    story.later(3.5).answers(2).tick()
    (fenced,) = story.of(Kind.BROKER_FENCED)
    assert fenced.open
    story.later(1.0).metadata()
    assert not story.of(Kind.BROKER_FENCED)[0].open


def test_a_broker_that_only_replica_lists_name_is_down_until_it_registers() -> None:
    story = Story().answers(1, 3)
    story.metadata(without=[2])
    assert story.word(2) == "down"
    assert story.only.subject == "b-2"
    assert story.only.detail.startswith("not registered")
    story.later(5.0).metadata().answers(2)
    assert story.word(2) == "up"
    assert not story.only.open


def test_a_listed_broker_that_is_away_from_the_start_is_what_our_probe_finds() -> None:
    for hangs in (True, False):
        story = Story().supervised().answers(1, 3).metadata(without=[2])
        assert (story.word(2), story.incidents.log) == ("unknown", ())
        if hangs:
            story.later(0.5).hangs_at(2, "api_versions", 0.5).later(2.0).hangs_at(2, "api_versions", 2.5)
        else:
            story.later(0.5).refuses(2)
        assert story.only.kind is (Kind.BROKER_HUNG if hangs else Kind.BROKER_UNREACHABLE)
        assert not story.only.detail.startswith("not registered")


def test_a_listed_broker_of_which_our_probe_says_nothing_is_down_by_kafkas_word() -> None:
    story = Story().supervised().answers(1, 3).metadata(without=[2])
    story.later(PROBED_WITHIN_S).metadata(without=[2])
    assert story.word(2) == "down"
    assert story.only.detail.startswith("not registered")


def test_a_broker_that_leaves_before_it_was_probed_is_down() -> None:
    story = Story().answers(1, 3)
    story.metadata()
    assert story.word(2) == "unknown"
    story.later(2.0).metadata(without=[2])
    assert story.word(2) == "down"
    assert story.only.subject == "b-2"


def test_all_brokers_down_is_one_incident_with_the_brokers_under_it() -> None:
    story = Story().healthy().later(0.2)
    for broker in (1, 2, 3):
        story.resets(broker).refuses(broker)
    (whole,) = story.of(Kind.CLUSTER_UNREACHABLE)
    assert {i.parent for i in story.of(Kind.BROKER_UNREACHABLE)} == {whole.id}
    story.later(3.0).answers(1)
    assert story.of(Kind.CLUSTER_UNREACHABLE)[0].ended == story.at


def test_a_zone_of_two_brokers_that_goes_is_said_for_the_zone() -> None:
    story = Story(brokers=(1, 2, 3, 4), zones=2).healthy().later(0.2)
    story.resets(1).refuses(1)
    assert not story.of(Kind.ZONE_DOWN)
    story.resets(3).refuses(3)
    (zone,) = story.of(Kind.ZONE_DOWN)
    assert zone.subject == "use1-az1"
    assert {i.parent for i in story.of(Kind.BROKER_UNREACHABLE)} == {zone.id}
    story.later(3.0).answers(3)
    assert not story.of(Kind.ZONE_DOWN)[0].open


def test_one_broker_of_a_zone_is_no_zone() -> None:
    assert not killed(Story().healthy()).of(Kind.ZONE_DOWN)
