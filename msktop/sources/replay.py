"""A recording as one more source: the same samples in the same order, at a chosen pace.

The recording's own Ticks are the "now" of a replay, so it needs no clock source. Going back is reading from
the start again at full speed: the first sample, SessionStarted, resets the fold.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

from msktop.errors import RecordingError
from msktop.model.samples import Sample, SourceFailed, Tick
from msktop.recording.reader import Recording
from msktop.sources.playhead import Playhead
from msktop.sources.pump import Stop

NOTICE_S = 0.25
"""How long it may take to notice `stop`; a control is noticed at once."""
MOST_AHEAD = 5_000
"""Samples that may wait to be folded before a replay at full speed waits for the fold."""
AHEAD_S = 0.005


class Waiting(Protocol):
    """Monotonic time, and a wait that an event ends early."""

    def now(self) -> float:
        """Seconds."""

    def wait(self, wake: threading.Event, timeout_s: float) -> None:
        """Until `wake` is set, at most `timeout_s`."""


class RealWaiting:
    """The machine's monotonic clock."""

    def now(self) -> float:
        """Seconds."""
        return time.monotonic()

    def wait(self, wake: threading.Event, timeout_s: float) -> None:
        """Until `wake` is set, at most `timeout_s`."""
        wake.wait(timeout_s)


class ReplaySource:
    """Plays a recording; `head` has the controls: pause, resume, step, skip, seek, set_speed.

    At the end it stays, and so does what is shown. `backlog` tells how many samples wait to be folded, so
    that full speed does not fill the memory. Raises RecordingError when the file cannot be read, is no
    recording, or holds no sample.
    """

    name = "replay"

    def __init__(
        self,
        path: Path,
        speed: float = 1.0,
        backlog: Callable[[], int] = lambda: 0,
        waiting: Waiting | None = None,
    ) -> None:
        self.recording = Recording(path)
        begins, ends = self.recording.begins, self.recording.ends
        if begins is None or ends is None:
            self.recording.close()
            raise RecordingError(
                f"{path} holds no sample that can be replayed", self.recording.describe_damage()
            )
        self._backlog = backlog
        self._waiting = waiting or RealWaiting()
        self.head = Playhead(begins, max(begins, ends), speed, self._waiting.now)

    @property
    def seeking(self) -> bool:
        """Whether what is shown is not yet what was asked for."""
        return self.head.seeking or self._backlog() > MOST_AHEAD // 10

    @property
    def notice(self) -> str:
        """One line for the header: empty, or that the recording has ended, and why if it is damaged."""
        if not self.head.finished:
            return ""
        return self.recording.describe_damage() or "the recording ends here"

    def samples(self, stop: Stop) -> Iterator[Sample]:
        """The recording's samples when they are due, again after each seek back, until `stop`."""
        while not stop.is_set():
            self.head.begin()
            yield from self._once(stop)

    def close(self) -> None:
        """Close the file."""
        self.recording.close()

    def _once(self, stop: Stop) -> Iterator[Sample]:
        """From the start of the file until `stop` or a seek back."""
        for sample in self.recording.samples():
            if not self._wait_until_due(sample.at, stop):
                return
            yield sample
            self.head.gave(sample.at, isinstance(sample, Tick))
        if damage := self.recording.describe_damage():
            yield SourceFailed(at=self.head.ends, source=self.name, stage="file", reason=damage)
        self.head.end()
        while not stop.is_set() and not self.head.again:
            self.head.changed.clear()
            if not self.head.again:
                self._waiting.wait(self.head.changed, NOTICE_S)

    def _wait_until_due(self, at: float, stop: Stop) -> bool:
        """Wait for the time of a sample and for the fold; False when it must not be given."""
        while not stop.is_set():
            self.head.changed.clear()
            due_s = self.head.due_in(at)
            if due_s is None:
                return False
            if due_s > 0.0:
                self._waiting.wait(self.head.changed, min(due_s, NOTICE_S))
            elif self._backlog() > MOST_AHEAD:
                self._waiting.wait(self.head.changed, AHEAD_S)
            else:
                return True
        return False
