"""What the parts of the monitor have of each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from msktop.ui.themed import ThemedApp

if TYPE_CHECKING:
    from msktop.session import View
    from msktop.ui.feed import Feed
    from msktop.ui.places import Place


class Shown(ThemedApp[None]):
    """A feed, the view of it that is shown, and a word to the person."""

    feed: Feed
    view: View
    paused: bool

    def goto(self, place: Place) -> None:
        """Go to a view; Esc goes to the overview from there."""
        raise NotImplementedError

    def say(self, text: str, severity: Literal["information", "warning", "error"] = "information") -> None:
        """A short message over the screen."""
        from msktop.ui.format import foreign

        self.notify(foreign(text, 300), severity=severity, timeout=4, markup=False)
