"""A process begun before its source is known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from msktop.model.samples import Sample, Tick
from msktop.sources.clock import Anchor, ClockSource
from msktop.sources.pump import ProcessPump, Stop
from msktop.sources.spare import spawn
from tests.support import wait_for


def test_a_waiting_process_becomes_the_sources_own_and_another_follows_when_it_dies() -> None:
    clock, seen = Anchor.take(), list[Sample]()
    spare = spawn("msktop.sources.clock")
    pump = ProcessPump(ClockSource(clock), seen.append, clock, spare)
    pump.start()
    try:
        wait_for(lambda: any(isinstance(s, Tick) for s in seen), 20, "a tick")
        assert spare.poll() is None
        spare.kill()
        wait_for(lambda: spare.poll() is not None, 10, "its end")
        ticks = sum(isinstance(s, Tick) for s in seen)
        wait_for(lambda: sum(isinstance(s, Tick) for s in seen) > ticks + 2, 20, "ticks of the next process")
    finally:
        pump.stop()


@dataclass
class Complaining:
    """A source that is broken, as a child process runs it."""

    name: str = "complaining"

    def samples(self, stop: Stop) -> Iterator[Sample]:
        """Complain."""
        return map(self._break, range(1))

    def _break(self, _: int) -> Sample:
        raise RuntimeError("this one is broken")


def test_what_a_process_complains_of_gets_into_our_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    pump = ProcessPump(Complaining(), lambda _: None, Anchor.take())
    pump.start()
    try:
        wait_for(lambda: "this one is broken" in caplog.text, 20, "the complaint in our log")
    finally:
        pump.stop()


def test_one_that_is_not_needed_ends_with_its_input() -> None:
    with spawn("msktop.sources.clock") as spare:
        assert spare.stdin is not None
        spare.stdin.close()
        assert spare.wait(20) == 0
