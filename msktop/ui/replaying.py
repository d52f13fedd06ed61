"""The keys of a recording that is played: steps, speed, and a time to go to."""

from __future__ import annotations

from msktop.ui.screens.live import LiveScreen
from msktop.ui.shown import Shown


class Replaying(Shown):
    """The part of the monitor that moves the play head; without a recording it does nothing."""

    def action_replay_step(self, seconds: float) -> None:
        """Jump, and stand."""
        if self.feed.replay is not None:
            self.feed.replay.step(seconds)
            self.paused = False

    def action_replay_speed(self, factor: float) -> None:
        """Faster or slower."""
        replay = self.feed.replay
        if replay is not None:
            replay.set_speed(max(0.125, min(64.0, replay.speed * factor)))

    def replay_seek(self, words: str) -> None:
        """Go to a time of day (UTC) of the recording, `HH:MM` or `HH:MM:SS`."""
        replay = self.feed.replay
        if replay is None:
            return
        at = time_within(words, replay.span)
        if at is None:
            self.say(f"{words!r} is no time within the recording", severity="error")
        else:
            replay.seek(at)

    def action_replay_seek(self) -> None:
        """Ask for the time."""
        if self.feed.replay is not None and isinstance(self.screen, LiveScreen):
            self.screen.ask("go to", self.replay_seek, "HH:MM:SS, UTC   ↵ go   esc back")


def time_within(words: str, span: tuple[float, float]) -> float | None:
    """The first moment of `span` with this time of day in UTC; None where there is none.

    >>> time_within("14:32:02", (1_763_907_860.0, 1_763_909_000.0))
    1763908322.0
    >>> time_within("14:32", (1_763_907_860.0, 1_763_909_000.0))
    1763908320.0
    >>> time_within("03:00", (1_763_907_860.0, 1_763_909_000.0)) is None, time_within("x", (0.0, 1.0)) is None
    (True, True)
    """
    parts = words.strip().rstrip("Zz").split(":")
    if len(parts) not in (2, 3) or not all(p.isdigit() for p in parts):
        return None
    hours, minutes, seconds = (*map(int, parts), 0)[:3]
    if hours > 23 or minutes > 59 or seconds > 59:
        return None
    begin, end = span
    midnight = begin // 86400 * 86400
    at = midnight + hours * 3600 + minutes * 60 + seconds
    at += 86400 if at < begin - 1 else 0
    return max(begin, at) if at <= end else None
