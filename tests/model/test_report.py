"""The report of a failure: turns beside earlier ones, address, storage."""

from __future__ import annotations

import pytest

from msktop.model.incidents import Incident
from msktop.model.report import Report, report_of
from msktop.model.samples import LogDirSeen, LogDirsSeen
from tests.model.story import Story

HELD = 1_000_000_000


def fails(story: Story, down_s: float, *, copied: float | None = None, anew: bool = True) -> Incident:
    """b-2 is killed, its leaders move after 8 s, it is back after `down_s`, and led again 30 s later."""
    story.later(0.25).resets(2).later(0.01).refuses(2)
    story.epoch += 1
    story.later(8.0).metadata(without=[2]).later(down_s - 8).answers(2).later(0.5).metadata(
        led_by={1: 3, 4: 3}
    )
    story.epoch += 1
    story.later(30.0).metadata()
    if copied is not None:
        story.later(1.0).page(2, replication_bytes_in=copied, bytes_in=1.0 if anew else 9e9)
    return story.incidents.log[-1]


def began() -> Story:
    story = Story().healthy()
    dirs = (LogDirSeen(path="/kafka", topics={"orders": (6, HELD)}),)
    story.say(LogDirsSeen(at=story.at, broker_id=2, dirs=dirs))
    story.page(2, replication_bytes_in=5e9, bytes_in=9e9)
    return story.later(10.0).page(2, replication_bytes_in=5.01e9, bytes_in=9.02e9)


def report(story: Story, incident: Incident) -> Report:
    found = report_of(incident, story.incidents.log)
    assert found is not None
    return found


def test_turns_are_timed_from_the_beginning_and_beside_earlier_ones() -> None:
    story = Story().healthy()
    for down_s in (12.0, 16.0):
        fails(story, down_s)
        story.later(100.0).answers()
    third = report(story, fails(story, 20.0))
    turns = {turn.mark: turn for turn in third.turns}
    assert turns["answers"].after_s == pytest.approx(20.0, abs=0.1)
    assert turns["answers"].earlier_s == pytest.approx((12.0, 16.0), abs=0.1)
    assert turns["answers"].usual_s == pytest.approx(14.0, abs=0.1)
    assert turns["leaders_moved"].after_s == pytest.approx(8.0, abs=0.1)
    assert turns["first_write"].after_s is None
    assert turns["latency_back"].after_s is None
    assert third.leaderless_s == pytest.approx(8.0, abs=0.1)
    assert third.same_address


def test_a_broker_that_copied_little_of_what_it_held_has_its_storage_again() -> None:
    story = began()
    incident = fails(story, 12.0, copied=60e6)
    assert incident.replicated_bytes == 60e6
    assert report(story, incident).storage == "reused"


def test_one_that_copied_most_of_it_has_lost_its_storage() -> None:
    story = began()
    assert report(story, fails(story, 12.0, copied=1.05e9)).storage == "copied"


def test_what_was_written_meanwhile_is_copied_in_any_case() -> None:
    story = began()  # a megabyte a second
    assert report(story, fails(story, 600.0, copied=650e6)).storage == "reused"


def test_a_process_that_went_on_counts_on() -> None:
    story = began()
    incident = fails(story, 12.0, copied=5.08e9, anew=False)
    assert incident.replicated_bytes == pytest.approx(70e6)
    assert report(story, incident).storage == "reused"


def test_without_log_dirs_or_exporter_nobody_knows() -> None:
    story = Story().healthy()
    assert report(story, fails(story, 12.0)).storage is None
    story = Story().healthy().page(2, replication_bytes_in=5e9)
    assert report(story, fails(story, 12.0, copied=1e6)).storage is None


def test_a_flapping_broker_was_down_for_the_sum_of_its_falls() -> None:
    story = Story().healthy()
    for down_s in (2.5, 4.0):
        story.later(2.0).silent(2, 2.0).later(down_s - 2.0).answers(2).later(0.2).metadata().later(
            10
        ).answers(2)
    found = report(story, story.only)
    assert found.down_s == pytest.approx(6.5, abs=0.1)
    assert found.longest_s == pytest.approx(4.0, abs=0.1)
