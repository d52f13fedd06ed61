"""How a recording plays: order, pace, pause, step and seek, on a clock of the test's own."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from msktop.errors import RecordingError
from msktop.model.samples import Probed, Sample, SessionStarted, SourceFailed, Tick
from msktop.sources.replay import MOST_AHEAD, ReplaySource
from tests.recording.sessions import START, framed, quiet_session, written

TICK_S = 0.25


class ScriptedTime:
    """Time that passes only while the replay waits; `script` runs an action at its moment."""

    def __init__(self) -> None:
        self.t = 0.0
        self.script: list[tuple[float, Callable[[], None]]] = []

    def now(self) -> float:
        return self.t

    def wait(self, wake: threading.Event, timeout_s: float) -> None:
        assert self.t < 1000, "the replay waits for ever"
        if wake.is_set():
            return
        until = self.t + timeout_s
        if self.script and self.script[0][0] <= until:
            self.t, action = self.script.pop(0)
            action()
        else:
            self.t = until


class Player:
    """A replay under scripted time, and what it gave."""

    def __init__(self, path: Path, speed: float = 1.0) -> None:
        self.time = ScriptedTime()
        self.stop = threading.Event()
        self.source = ReplaySource(path, speed=speed, waiting=self.time)
        self.head = self.source.head
        self.given: list[tuple[float, Sample]] = []

    def at(self, seconds: float, action: Callable[[], None]) -> None:
        """Do `action` when this much time has passed."""
        self.time.script.append((seconds, action))

    def play(self, until: float) -> list[tuple[float, Sample]]:
        """Play for `until` seconds; what was given, with the moment."""
        self.at(until, self.stop.set)
        self.given = [(self.time.t, sample) for sample in self.source.samples(self.stop)]
        return self.given

    def ticks(self) -> list[tuple[float, float]]:
        """The moments of ticks and the times that they stand for, since the start of the recording."""
        return [(round(t, 3), s.at - START) for t, s in self.given if isinstance(s, Tick)]


@pytest.fixture
def ten_seconds(tmp_path: Path) -> Path:
    """A recording with nothing but its start and 41 ticks."""
    first = SessionStarted(at=START, name="demo", bootstrap_servers="127.18.1.1:9092")
    return written(tmp_path / "a.msktop", [first, *(Tick(at=START + n * TICK_S) for n in range(41))])


class TestPace:
    def test_samples_come_in_order_at_the_pace_of_the_recording(self, tmp_path: Path) -> None:
        samples = list(quiet_session(5))
        player = Player(written(tmp_path / "a.msktop", samples))
        given = player.play(until=10)
        assert [s for _, s in given] == samples
        newest = START
        for moment, sample in given:
            newest = max(newest, sample.at)
            assert moment == pytest.approx(newest - START, abs=1e-6)

    @pytest.mark.parametrize("speed", [0.5, 4.0, 100.0])
    def test_speed_stretches_time(self, ten_seconds: Path, speed: float) -> None:
        player = Player(ten_seconds, speed)
        player.play(until=30)
        assert [t for t, _ in player.ticks()] == pytest.approx(
            [n * TICK_S / speed for n in range(41)], abs=1e-3
        )

    def test_infinite_speed_waits_for_nothing(self, ten_seconds: Path) -> None:
        player = Player(ten_seconds, math.inf)
        player.play(until=1)
        assert {t for t, _ in player.ticks()} == {0.0}

    def test_a_new_speed_holds_from_now_on(self, ten_seconds: Path) -> None:
        player = Player(ten_seconds)
        player.at(4.1, lambda: player.head.set_speed(2.0))
        player.play(until=20)
        assert (4.0, 4.0) in player.ticks()
        assert (4.175, 4.25) in player.ticks()
        assert player.ticks()[-1] == (7.05, 10.0)

    @pytest.mark.parametrize("speed", [0.0, -1.0, math.nan])
    def test_a_speed_that_is_none_is_refused(self, ten_seconds: Path, speed: float) -> None:
        with pytest.raises(ValueError, match="above zero"):
            ReplaySource(ten_seconds, speed=speed)

    def test_what_was_known_before_the_first_tick_comes_at_once(self, tmp_path: Path) -> None:
        old = SourceFailed(at=START - 3600, source="exporter", stage="tcp", reason="refused")
        player = Player(written(tmp_path / "a.msktop", [old, Tick(at=START), Tick(at=START + 1)]))
        player.play(until=5)
        assert [round(t, 3) for t, _ in player.given] == [0.0, 0.0, 1.0]

    def test_full_speed_waits_for_the_fold(self, ten_seconds: Path) -> None:
        backlog = MOST_AHEAD + 1
        waiting = ScriptedTime()
        stop = threading.Event()
        source = ReplaySource(ten_seconds, math.inf, backlog=lambda: backlog, waiting=waiting)
        waiting.script.append((5.0, stop.set))
        assert list(source.samples(stop)) == []
        stop.clear()
        backlog = 0
        waiting.script.append((6.0, stop.set))
        assert len(list(source.samples(stop))) == 42


class TestControls:
    def test_a_pause_costs_no_time_of_the_recording(self, ten_seconds: Path) -> None:
        player = Player(ten_seconds)
        player.at(2.1, player.head.pause)
        player.at(50.1, player.head.resume)
        player.play(until=80)
        assert [t for t, _ in player.ticks() if 2.0 < t < 50.1] == []
        assert player.ticks()[9] == (50.25, 2.25)
        assert player.ticks()[-1] == (58.0, 10.0)

    def test_seeking_forward_gives_everything_between_at_once_and_goes_on_from_there(
        self, ten_seconds: Path
    ) -> None:
        player = Player(ten_seconds)
        player.at(1.0, lambda: player.head.seek(START + 8.0))
        player.play(until=20)
        assert len(player.ticks()) == 41
        assert {t for t, at in player.ticks() if 1.0 < at <= 8.0} == {1.0}
        assert (1.25, 8.25) in player.ticks()

    def test_seeking_back_begins_again_with_the_sample_that_resets_the_fold(self, ten_seconds: Path) -> None:
        player = Player(ten_seconds)
        player.at(5.1, lambda: player.head.seek(START + 3.0))
        player.play(until=30)
        again = [n for n, (_, s) in enumerate(player.given) if isinstance(s, SessionStarted)]
        assert len(again) == 2
        rest = player.given[again[1] :]
        assert [s.at - START for _, s in rest[1:]] == [n * TICK_S for n in range(41)]
        assert {round(t, 3) for t, s in rest if s.at <= START + 3.0} == {5.1}
        assert player.ticks()[-1] == (12.1, 10.0)

    def test_a_seek_in_a_pause_stays_paused_at_the_new_place(self, ten_seconds: Path) -> None:
        player = Player(ten_seconds)
        player.at(1.1, player.head.pause)
        player.at(2.0, lambda: player.head.seek(START + 6.1))
        player.play(until=30)
        assert player.ticks()[-1] == (2.0, 6.0)
        assert player.head.position == START + 6.1
        assert (player.head.paused, player.head.seeking) == (True, False)

    def test_a_step_goes_to_the_next_tick_and_pauses_there(self, tmp_path: Path) -> None:
        player = Player(written(tmp_path / "a.msktop", quiet_session(5)))
        player.at(1.01, player.head.pause)
        player.at(2.0, player.head.step)
        player.at(3.0, player.head.step)
        player.play(until=10)
        assert player.ticks()[-2:] == [(2.0, 1.25), (3.0, 1.5)]
        assert isinstance(player.given[-1][1], Tick)
        assert any(isinstance(s, Probed) for t, s in player.given if round(t, 3) == 3.0)

    def test_steps_of_seconds_add_up_and_go_back_too(self, ten_seconds: Path) -> None:
        player = Player(ten_seconds)
        player.at(1.01, lambda: player.head.step(2.0))
        player.at(1.01, lambda: player.head.step(2.0))
        player.at(2.0, lambda: player.head.step(-1.0))
        player.play(until=10)
        assert (1.01, 5.0) in player.ticks()
        assert player.head.position == START + 4.0
        assert player.head.paused

    def test_a_skip_goes_on_playing(self, ten_seconds: Path) -> None:
        player = Player(ten_seconds)
        player.at(1.01, lambda: player.head.skip(5.0))
        player.play(until=3.1)
        assert player.ticks()[-1] == (3.01, 8.0)

    @pytest.mark.parametrize("far", [-1e9, 1e9])
    def test_no_seek_leaves_the_recording(self, ten_seconds: Path, far: float) -> None:
        player = Player(ten_seconds)
        player.at(1.1, player.head.pause)
        player.at(1.2, lambda: player.head.seek(START + far))
        player.play(until=5)
        assert player.head.position == (START if far < 0 else START + 10.0)


class TestEnd:
    def test_at_its_end_it_stays_and_says_so(self, ten_seconds: Path) -> None:
        player = Player(ten_seconds)
        seen: list[str] = []
        player.at(9.9, lambda: seen.append(player.source.notice))
        player.at(99.0, lambda: seen.append(player.source.notice))
        player.play(until=100)
        assert seen == ["", "the recording ends here"]
        assert (player.head.finished, player.head.paused) == (True, True)

    def test_from_its_end_one_can_go_back(self, ten_seconds: Path) -> None:
        player = Player(ten_seconds)
        player.at(20.0, lambda: player.head.seek(START + 9.0))
        player.play(until=20.6)
        assert player.ticks()[-1] == (20.5, 9.5)
        assert (player.head.finished, player.head.paused) == (False, False)

    def test_resuming_or_stepping_at_the_end_does_nothing(self, ten_seconds: Path) -> None:
        player = Player(ten_seconds)
        player.at(20.0, player.head.resume)
        player.at(21.0, player.head.step)
        player.at(22.0, lambda: player.head.skip(5.0))
        player.play(until=30)
        assert len(player.given) == 42
        assert player.head.finished
        assert not player.head.seeking

    def test_a_damaged_recording_plays_up_to_the_damage_and_says_so(self, tmp_path: Path) -> None:
        path = framed(tmp_path / "a.msktop", [Tick(at=START)], [Tick(at=START + 1)], [Tick(at=START + 2)])
        path.write_bytes(path.read_bytes()[:-1])
        player = Player(path)
        samples = [s for _, s in player.play(until=10)]
        assert samples[:2] == [Tick(at=START), Tick(at=START + 1)]
        assert isinstance(samples[2], SourceFailed)
        assert (samples[2].source, samples[2].at) == ("replay", START + 1)
        assert "cut" in samples[2].reason
        assert "2 samples" in player.source.notice

    def test_a_recording_without_samples_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(RecordingError, match="no sample"):
            ReplaySource(written(tmp_path / "a.msktop", []))


class TestThreads:
    """With the machine's own clock, since here threads meet."""

    def test_stop_and_controls_are_noticed_at_once_in_a_pause(self, tmp_path: Path) -> None:
        path = written(tmp_path / "a.msktop", [Tick(at=START), Tick(at=START + 3600)])
        source, stop = ReplaySource(path), threading.Event()
        given: list[Sample] = []
        thread = threading.Thread(target=_drain, args=(source.samples(stop), given), daemon=True)
        thread.start()
        _until(lambda: len(given) == 1)
        source.head.pause()
        began = time.monotonic()
        source.head.seek(START + 3600)
        _until(lambda: len(given) == 2)
        assert time.monotonic() - began < 0.2
        began = time.monotonic()
        stop.set()
        thread.join(2.0)
        assert not thread.is_alive()
        assert time.monotonic() - began < 0.5


def _drain(samples: Iterator[Sample], into: list[Sample]) -> None:
    for sample in samples:
        into.append(sample)


def _until(condition: Callable[[], bool], deadline_s: float = 5.0) -> None:
    give_up = time.monotonic() + deadline_s
    while not condition():
        assert time.monotonic() < give_up, "it did not come true in time"
        threading.Event().wait(0.005)
