"""Waiting, on a clock that a test moves: deadlines, and stalls that nobody else is blamed for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from msktop.sources.probing.poller import MS, Poller, Stall
from msktop.sources.probing.wait import Wait


class Moved:
    """A loop whose clock only moves when told."""

    def __init__(self) -> None:
        self.now_ns = 1_000_000 * MS
        self.stalls: list[Stall] = []
        self.poller = Poller(self.stalls.append, lambda: self.now_ns)

    def run(self, ms: int, step_ms: int = 10) -> None:
        """Let time pass in steps, as for a loop that gets all the processor it wants."""
        for _ in range(ms // step_ms):
            self.now_ns += step_ms * MS
            self.poller.turn(0)

    def stall(self, ms: int) -> None:
        """Let time pass in which the loop does not run."""
        self.now_ns += ms * MS
        self.poller.turn(0)


@pytest.fixture
def loop() -> Iterator[Moved]:
    moved = Moved()
    yield moved
    moved.poller.close()


def test_silence_is_told_at_each_deadline(loop: Moved) -> None:
    told: list[tuple[float, float]] = []
    wait = Wait(loop.poller, lambda: told.append((wait.waited_ms, wait.starved_ms)))
    wait.begin(loop.poller.now_ns)
    loop.run(1_600)
    assert told == [(500, 0), (1_000, 0), (1_500, 0)]


def test_nothing_is_told_once_the_wait_has_ended(loop: Moved) -> None:
    told: list[float] = []
    wait = Wait(loop.poller, lambda: told.append(wait.waited_ms))
    wait.begin(loop.poller.now_ns)
    loop.run(400)
    wait.end()
    loop.run(1_000)
    assert told == []


def test_a_stall_moves_the_deadline_by_its_length_and_labels_what_comes_next(loop: Moved) -> None:
    told: list[tuple[float, float]] = []
    wait = Wait(loop.poller, lambda: told.append((wait.waited_ms, wait.starved_ms)))
    wait.begin(loop.poller.now_ns)
    loop.run(200)
    loop.stall(5_000)
    assert told == []
    loop.run(200)
    assert told == []
    loop.run(800)
    (first_waited, first_starved), (second_waited, second_starved) = told
    assert first_waited == pytest.approx(500, abs=60)
    assert first_starved > 4_900
    assert second_waited == pytest.approx(1_000, abs=60)
    assert second_starved == 0
    assert wait.starved_all_ms > 4_900


def test_a_loop_in_time_has_no_stalls(loop: Moved) -> None:
    loop.run(2_000)
    assert loop.stalls == []
    loop.stall(300)
    assert [s.lag_ns >= 250 * MS for s in loop.stalls] == [True]


def test_a_timer_that_was_cancelled_is_not_called(loop: Moved) -> None:
    called: list[str] = []
    loop.poller.at(loop.poller.now_ns + 20 * MS, lambda: called.append("one"))
    loop.poller.at(loop.poller.now_ns + 20 * MS, lambda: called.append("two")).cancelled = True
    loop.run(100)
    assert called == ["one"]
