"""Rates that rise for good, and what is none. benchmarks/rises.py has many more courses and seeds."""

from __future__ import annotations

import pytest

from benchmarks.rises import SCENARIOS, play
from msktop.model.incidents import Kind
from msktop.model.samples import OffsetsSeen, PageScraped
from tests.model.story import BROKERS, Story

BY_NAME = {scenario.name: scenario for scenario in SCENARIOS}


@pytest.mark.parametrize(
    ("name", "within_s"), [("3× at once, no exporter", 180), ("2× within 30 min, a page each 60 s", 1800)]
)
def test_a_rise_is_told_once_with_what_is_behind_it(name: str, within_s: float) -> None:
    [played] = play(BY_NAME[name], [7])
    assert played.found is not None
    assert (len(played.incidents), played.false, played.found.subject) == (1, 0, "cluster")
    assert (played.after_s or 0.0) < within_s
    assert "topic orders +" in played.found.detail
    if BY_NAME[name].pages:
        assert played.found.detail.startswith("Produce ")
        assert "kafka-python 3.0.12 +" in played.found.detail


@pytest.mark.parametrize(
    "name", ["waves ±50 % of 10 min, no exporter", "waves ±50 % of 3 min, a page each 60 s"]
)
def test_traffic_that_only_waves_is_no_rise(name: str) -> None:
    [played] = play(BY_NAME[name], [3])
    assert played.incidents == []


class Busy(Story):
    """Pages each 10 s with the requests that each broker serves, and end offsets."""

    def __init__(self) -> None:
        super().__init__()
        self.per_s = dict.fromkeys(BROKERS, 100.0)
        self._served = dict.fromkeys(BROKERS, 0.0)
        self._end = dict.fromkeys(BROKERS, 0.0)
        self.healthy()

    def run(self, seconds: float) -> Busy:
        for n in range(round(seconds / 5)):
            self.later(5).answers()
            for broker in BROKERS:
                self._served[broker] += 5 * self.per_s[broker]
                self._end[broker] += 50 * self.per_s[broker]
                if n % 2:
                    values = {"requests/Produce": self._served[broker]}
                    self.say(PageScraped(at=self.at, broker_id=broker, page="jmx", values=values))
                ends = {"orders": {broker - 1: int(self._end[broker])}}
                self.say(OffsetsSeen(at=self.at, leader_id=broker, ends=ends))
            self.tick()
        return self


def test_one_broker_that_serves_more_is_named_and_ends_when_it_is_usual_again() -> None:
    story = Busy().run(900)
    story.per_s[2] = 400.0
    story.run(300)
    assert [(i.subject, i.broker) for i in story.of(Kind.REQUEST_RATE_RISE)] == [("b-2", 2)]
    assert story.only.detail.startswith(
        "Produce 400/s, usually 100 (4.0×); topic orders +3000/s; also messages 4.0×"
    )
    assert story.only.began == pytest.approx(1900, abs=60)
    story.per_s[2] = 100.0
    assert not story.run(200).only.open


def test_a_broker_that_took_over_leaders_serves_more_and_that_is_no_rise() -> None:
    story = Busy().run(900)
    story.epoch = 2
    story.metadata(led_by={0: 2, 3: 2})
    story.per_s = {1: 10.0, 2: 390.0, 3: 100.0}
    story.run(400)
    assert story.of(Kind.REQUEST_RATE_RISE) == []


def test_in_its_first_minutes_only_four_times_as_much_is_a_rise() -> None:
    for times, found in ((3.0, 0), (6.0, 1)):
        story = Busy().run(240)
        story.per_s = dict.fromkeys(BROKERS, 100.0 * times)
        assert len(story.run(240).of(Kind.REQUEST_RATE_RISE)) == found


def test_what_stays_high_for_half_an_hour_is_the_new_usual() -> None:
    story = Busy().run(900)
    story.per_s = dict.fromkeys(BROKERS, 300.0)
    story.run(2400)
    assert story.only.ended is not None
