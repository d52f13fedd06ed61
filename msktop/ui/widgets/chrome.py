"""What frames every screen: header, verdict with the recovery track, footer."""

from __future__ import annotations

from msktop.session import View
from msktop.ui.keys import Key
from msktop.ui.places import ViewName
from msktop.ui.widgets.canvas import Canvas
from msktop.ui.widgets.headline import draw_header, draw_said, stopwatch_runs
from msktop.ui.widgets.keybar import draw_footer, draw_prompt
from msktop.ui.widgets.paint import Paint


class Header(Paint):
    """The cluster in one line, and at the right how old the data is, the clock and the mode."""

    DEFAULT_CSS = "Header { height: 1; }"
    EVERY_S = 1.0

    def paint(self, canvas: Canvas) -> None:
        """One row."""
        app = self.app
        draw_header(
            canvas,
            self.view,
            getattr(app, "mode", "live"),
            paused=bool(getattr(app, "paused", False)),
            note=str(getattr(app, "header_note", "")),
        )


class VerdictLine(Paint):
    """The verdict, and under it the recovery track or the last incident. Always takes its space."""

    DEFAULT_CSS = "VerdictLine { height: 3; }"
    EVERY_S = 1.0

    def urgent(self, view: View) -> bool:
        """A stopwatch runs."""
        return stopwatch_runs(view)

    def paint(self, canvas: Canvas) -> None:
        """One row, or two and a blank one."""
        draw_said(canvas, self.view)


class Footer(Paint):
    """Views at the left, this screen's keys at the right; the filter's line while one is typed."""

    DEFAULT_CSS = "Footer { height: 1; }"
    can_focus = False

    def __init__(self, here: ViewName, keys: tuple[Key, ...]) -> None:
        super().__init__(id="footer")
        self._here = here
        self._keys = keys

    def watch_view(self, view: object) -> None:
        """Only what it is told changes it."""
        self.tick()

    def paint(self, canvas: Canvas) -> None:
        """One row."""
        prompt = getattr(self.screen, "prompt", None)
        if prompt:
            draw_prompt(canvas, *prompt)
            return
        note = str(getattr(self.app, "footer_note", ""))
        draw_footer(canvas, self._here, self._keys, note)
