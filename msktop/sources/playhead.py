"""Where a replay stands and when its next sample is due: the controls of a player, without any file."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable


class Playhead:
    """Speed, pause, step and seek over a span of time. Every method may be called from any thread.

    `now` gives monotonic seconds; all other times are the recording's, in Unix seconds. The player calls
    `begin` at the start of the file, `due_in` before and `gave` after each sample, and `end` after the last;
    the rest is for people. `changed` is set whenever a control was used. Raises ValueError for a speed that
    is not above zero; infinite is allowed.
    """

    def __init__(self, begins: float, ends: float, speed: float, now: Callable[[], float]) -> None:
        self.begins = begins
        self.ends = ends
        self.changed = threading.Event()
        self._now = now
        self._lock = threading.Lock()
        self._speed = _checked(speed)
        self._paused = False
        self._finished = False
        self._position = begins
        self._target: float | None = None
        self._to_tick = False
        self._again = False
        self._free_since = now()
        self._free_from = begins

    # -------------------------------------------------------------- what is so now

    @property
    def position(self) -> float:
        """Up to here everything was given."""
        return self._position

    @property
    def speed(self) -> float:
        """Seconds of the recording per second."""
        return self._speed

    @property
    def paused(self) -> bool:
        """Whether it stands: on request, or at the end."""
        return self._paused or self._finished

    @property
    def finished(self) -> bool:
        """Whether all was given."""
        return self._finished

    @property
    def seeking(self) -> bool:
        """Whether it is on its way to where it was told to go."""
        return self._again or self._to_tick or self._target is not None

    # -------------------------------------------------------------- controls

    def pause(self) -> None:
        """Stand still."""
        with self._lock:
            self._rebase()
            self._paused = True
        self.changed.set()

    def resume(self) -> None:
        """Go on."""
        with self._lock:
            self._rebase()
            self._paused = False
        self.changed.set()

    def set_speed(self, speed: float) -> None:
        """From now on `speed` seconds of the recording in one second."""
        speed = _checked(speed)
        with self._lock:
            self._rebase()
            self._speed = speed
        self.changed.set()

    def seek(self, at: float) -> None:
        """Go to a time, at most to the beginning or the end; a pause stays a pause."""
        with self._lock:
            self._seek(at)
        self.changed.set()

    def skip(self, seconds: float) -> None:
        """Go `seconds` further, or back when negative, from where it stands or is going."""
        with self._lock:
            self._seek((self._position if self._target is None else self._target) + seconds)
        self.changed.set()

    def step(self, seconds: float | None = None) -> None:
        """Pause `seconds` further on (negative: back); without a number, after the next Tick."""
        with self._lock:
            self._rebase()
            self._paused = True
            if seconds is None:
                self._to_tick = not self._finished
        if seconds is not None:
            self.skip(seconds)
        self.changed.set()

    # -------------------------------------------------------------- for the player

    def begin(self) -> None:
        """The next sample is the first of the file."""
        with self._lock:
            self._again = self._finished = False
            self._position = self._free_from = self.begins
            self._free_since = self._now()

    def due_in(self, at: float) -> float | None:
        """Seconds until a sample of the time `at` is due, infinite in a pause; None: begin again."""
        with self._lock:
            if self._again:
                return None
            if self._target is not None:
                if at <= self._target:
                    return 0.0
                self._arrive(self._target)
            if self._to_tick or at <= self._position:
                return 0.0
            if self._paused:
                return math.inf
            return max(0.0, (at - self._free_time()) / self._speed) if math.isfinite(self._speed) else 0.0

    def gave(self, at: float, tick: bool) -> None:
        """A sample of the time `at` was given."""
        with self._lock:
            self._position = max(self._position, at)
            if tick and self._to_tick:
                self._to_tick = False
                self._arrive(self._position)

    def end(self) -> None:
        """The last sample was given."""
        with self._lock:
            if not self._again:
                self._finished = True
                self._to_tick = False
                self._arrive(self.ends)

    @property
    def again(self) -> bool:
        """Whether the player must begin at the start of the file."""
        return self._again

    # -------------------------------------------------------------- under the lock

    def _seek(self, at: float) -> None:
        at = min(max(at, self.begins), self.ends)
        self._again = self._again or at < self._position
        self._target = at if self._again or not self._finished else None
        self._to_tick = False

    def _arrive(self, at: float) -> None:
        self._target = None
        self._position = max(self._position, at)
        self._free_since, self._free_from = self._now(), self._position

    def _free_time(self) -> float:
        """The time that free play has reached."""
        return self._free_from + (self._now() - self._free_since) * self._speed

    def _rebase(self) -> None:
        """Count free play from now on; a pause costs no time and a new speed does not reach back."""
        free = not self.paused and math.isfinite(self._speed)
        self._free_from = self._free_time() if free else max(self._free_from, self._position)
        self._free_since = self._now()


def _checked(speed: float) -> float:
    """A speed above zero. Raises ValueError.

    >>> _checked(8.0)
    8.0
    """
    if not speed > 0:
        raise ValueError(f"a replay's speed must be above zero, not {speed}")
    return speed
