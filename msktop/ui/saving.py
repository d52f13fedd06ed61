"""The keys that take something with them: the clipboard, a recording, a snapshot."""

from __future__ import annotations

from msktop.errors import MsktopError
from msktop.ui.screens.live import LiveScreen
from msktop.ui.shown import Shown


class Saving(Shown):
    """The part of the monitor that keeps what it shows."""

    def action_copy(self) -> None:
        """Copy what is selected, by OSC 52: it reaches the clipboard also over SSH."""
        value = self.screen.copied() if isinstance(self.screen, LiveScreen) else None
        if value is None:
            self.say("nothing is selected")
            return
        self.copy_to_clipboard(value)
        self.say(f"copied {value}")

    def action_record(self) -> None:
        """Begin or end a recording."""
        try:
            self.say(self.feed.record_toggle())
        except MsktopError as error:
            self.say(f"{error.title}. {error.advice}", severity="error")

    def action_snapshot(self) -> None:
        """Save picture and state."""
        if self.private:
            self.say("records are never saved: leave this screen first", "warning")
            return
        from msktop.ui.picture import rows_of
        from msktop.ui.snapshot import save

        try:
            picture, state = save(self.view, rows_of(self.screen), self.look)
        except OSError as error:
            self.say(f"cannot save the snapshot: {error}", severity="error")
            return
        self.say(f"saved {picture} and {state.name}")
