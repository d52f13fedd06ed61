"""What screens of incidents share: acknowledge one, or silence it for a time."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import ClassVar

from textual.binding import BindingType

from msktop.errors import MsktopError, UsageError
from msktop.model.incidents import Incident
from msktop.ui.keys import Key, bindings
from msktop.ui.screens.drill import DrillScreen
from msktop.ui.widgets.paint import Paint

log = logging.getLogger(__name__)

TELLING: tuple[Key, ...] = (
    Key("acknowledge", "A", "acknowledge", "seen", "Acknowledge it, or not any more", footer=True),
    Key("silence", "z", "silence", "silence", "Tell nobody of it for a time", footer=True),
)
_LONGEST_S = 365 * 86_400.0


class TellingScreen(DrillScreen):
    """Subclasses say which incident is meant."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(TELLING)]

    @property
    def meant(self) -> Incident | None:
        """The incident that the keys are about."""
        raise NotImplementedError

    def word(self, incident: Incident) -> str:
        """`acknowledged by ann`, `silenced until 14:00Z`, or nothing."""
        desk = self.monitor.feed.desk
        return "" if desk is None else desk.word(incident)

    def action_acknowledge(self) -> None:
        """Somebody has seen it; pressed again: not any more."""
        incident, desk = self._open_one(), self.monitor.feed.desk
        if incident is not None and desk is not None:
            self._do(lambda: desk.acknowledge(incident))

    def action_silence(self) -> None:
        """Ask for how long."""
        incident, desk = self._open_one(), self.monitor.feed.desk
        if incident is None or desk is None:
            return

        def answer(words: str) -> None:
            from msktop.durations import parse_duration

            try:
                seconds = parse_duration(words or "1h")
                if seconds > _LONGEST_S:
                    raise UsageError(f"{words} is too long", "A year is the longest.")
            except UsageError as error:
                self.monitor.say(f"{error.title}. {error.advice}", severity="error")
                return
            self._do(lambda: desk.silence(incident, seconds))

        self.ask("silence for", answer, "30m, 2h, 1d; 0 ends it; nothing is 1h   ↵ ok   esc back")

    def _open_one(self) -> Incident | None:
        """The incident, if something can be said of it; else says why not."""
        incident = self.meant
        if self.monitor.feed.desk is None:
            replayed = self.monitor.feed.replay is not None
            self.monitor.say("a replay tells nobody" if replayed else "not yet: the session begins")
        elif incident is None:
            self.monitor.say("no event is selected")
        elif not incident.open:
            self.monitor.say("it is over")
        else:
            return incident
        return None

    def _do(self, change: Callable[[], str]) -> None:
        """In a thread: it writes a file."""

        def run() -> None:
            try:
                said, wrong = change(), False
            except MsktopError as error:
                said, wrong = f"{error.title}. {error.advice}", True
            except Exception as error:
                log.exception("alerts")
                said, wrong = f"{type(error).__name__}: the log has more", True
            self.monitor.call_from_anywhere(lambda: self._said(said, wrong))

        threading.Thread(target=run, name="mark", daemon=True).start()

    def _said(self, words: str, wrong: bool) -> None:
        self.monitor.say(words, severity="error" if wrong else "information")
        if self.is_active:
            self.fill_now()
            for panel in self.query(Paint):
                panel.repaint()
