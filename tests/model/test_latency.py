"""Latency above its own baseline: one broker's, or everybody's; and what is none."""

from __future__ import annotations

import random

import pytest

from msktop.model.incidents import Kind
from msktop.model.samples import HostStarved
from tests.model.story import Story


class Pinging(Story):
    """Brokers that are asked four times a second, with the noise of a busy machine."""

    def __init__(self, brokers: int = 3) -> None:
        super().__init__(brokers=range(1, brokers + 1))
        self._random = random.Random(11)
        self.slower: dict[int, float] = {}
        self.healthy()

    def ping_ms(self, broker: int) -> float:
        spike = 8.0 if self._random.random() < 0.1 else 1.0
        return self._random.uniform(0.7, 1.6) * spike + self.slower.get(broker, 0.0)

    def run(self, seconds: float, *without: int) -> Pinging:
        for _ in range(round(seconds * 4)):
            self.later(0.25)
            for broker in self.brokers:
                if broker not in without:
                    self.answers(broker, ms=self.ping_ms(broker))
            self.tick()
        return self


def slow(story: Story) -> list[str]:
    return [i.subject for i in story.of(Kind.LATENCY_HIGH)]


def test_a_broker_that_becomes_slow_is_named_with_what_is_usual() -> None:
    story = Pinging().run(120)
    story.slower[2] = 40.0
    story.run(20)
    assert slow(story) == ["b-2"]
    assert story.only.broker == 2
    assert story.only.detail.startswith("answers in 4")
    assert "usually 1." in story.only.detail
    assert story.only.detected - 1120 < 14
    story.slower.clear()
    story.run(15)
    assert not story.only.open


@pytest.mark.parametrize("added_ms", [0.0, 3.0, 8.0])
def test_noise_spikes_and_a_little_more_are_not_slow(added_ms: float) -> None:
    story = Pinging().run(120)
    story.slower[2] = added_ms
    assert not story.run(300).incidents.log


def test_a_spike_of_seconds_is_not_slow() -> None:
    story = Pinging().run(120)
    for _ in range(5):
        story.slower[2] = 200.0
        story.run(3).slower.clear()
        story.run(20)
    assert not story.incidents.log


def test_slow_answers_are_not_judged_in_the_first_half_minute() -> None:
    story = Pinging()
    story.slower[2] = 80.0
    assert not story.run(25).incidents.log


def test_most_brokers_slow_together_are_one_incident_of_no_broker() -> None:
    story = Pinging().run(120)
    story.slower = {1: 40.0, 2: 40.0, 3: 40.0}
    story.run(60)
    assert slow(story) == ["cluster"]
    assert "or our way there" in story.only.detail
    story.slower.clear()
    assert not story.run(30).only.open


def test_nobody_is_slow_while_this_machine_stood_still() -> None:
    story = Pinging().run(120)
    story.slower[2] = 40.0
    for _ in range(8):
        story.run(4).say(HostStarved(at=story.at, lag_ms=300.0))
    assert not story.incidents.log


def test_what_stays_slow_for_half_an_hour_is_the_new_usual() -> None:
    story = Pinging(2).run(120)
    story.slower[2] = 40.0
    story.run(1900)
    assert (slow(story), story.only.open) == (["b-2"], False)


def test_brokers_that_are_slow_while_another_is_down_are_part_of_its_failure() -> None:
    story = Pinging().run(120)
    story.later(0.1).resets(2).refuses(2)
    story.slower = {1: 40.0}
    story.run(20, 2)
    assert story.only.subject == "b-2"
    assert ("probe of b-1", "slower than usual meanwhile") in [
        (e.observer, e.text) for e in story.only.evidence
    ]


def test_a_recovery_is_complete_when_latency_is_at_its_baseline_again() -> None:
    story = Pinging().run(120)
    story.later(0.1).resets(2).refuses(2)
    story.epoch = 2
    story.run(8, 2).metadata(without=[2])
    story.run(4, 2)
    story.slower[2] = 60.0
    story.run(2).metadata(led_by={1: 3, 4: 3})
    story.epoch = 3
    story.run(3).metadata()
    assert "leaders_back" in story.only.marks
    assert story.incidents.active
    story.run(5).slower.clear()
    calm_from = story.at
    story.run(12)
    assert story.only.marks["latency_back"] == pytest.approx(calm_from, abs=3)
    assert not story.incidents.active
    assert story.only.before is not None
    assert story.only.before.baseline_ms == pytest.approx(1.2, abs=0.4)
