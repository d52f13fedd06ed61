"""The monitor as a Textual app: polls the feed, publishes its view, goes from place to place."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import Any, ClassVar, Literal

from textual.app import App, SystemCommand
from textual.binding import BindingType
from textual.driver import Driver
from textual.reactive import reactive
from textual.screen import Screen

from msktop.errors import MsktopError
from msktop.session import View
from msktop.ui.feed import Feed, Mode
from msktop.ui.keys import APP, GOTO, REPLAY, bindings
from msktop.ui.places import SCREENS, Place, ViewName
from msktop.ui.screens.live import LEAST, LiveScreen
from msktop.ui.theme import NIGHT, PALETTE_NAMES, Look, PaletteName, themes
from msktop.ui.widgets.paint import Paint

POLL_S = 0.25
"""How often the feed is looked at: the pace of its ticks, and of stopwatches."""
PACES = (0.25, 0.5, 1.0, 2.0, 5.0, 10.0)
"""Seconds between pictures of what is not a stopwatch."""

WIDTHS = ((0, "-narrow"), (LEAST[0], "-w80"), (110, "-w120"), (160, "-w200"))
HEIGHTS = ((0, "-low"), (LEAST[1], "-h24"), (34, "-h40"), (52, "-h60"))
"""Classes of a screen by its size, for the style sheet."""


class MsktopApp(App[None]):
    """Shows what a feed publishes. Knows no source; ends without waiting for anything."""

    CSS_PATH = "msktop.tcss"
    TITLE = "msktop"
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(APP), *bindings(GOTO)]

    view: reactive[View] = reactive(View, init=False)

    def __init__(
        self,
        feed: Feed,
        *,
        look: Look | None = None,
        first: Place | None = None,
        driver_class: type[Driver] | None = None,
    ) -> None:
        super().__init__(driver_class=driver_class)
        self.HORIZONTAL_BREAKPOINTS = list(WIDTHS)
        self.VERTICAL_BREAKPOINTS = list(HEIGHTS)
        self.feed = feed
        self.look = look or Look()
        self.pace = 1.0
        self.paused = False
        self.header_note = ""
        self.footer_note = ""
        self._first = first
        self.set_reactive(MsktopApp.view, feed.view)
        for theme in themes():
            self.register_theme(theme)
        self.set_reactive(App.theme, f"msk-{self.look.palette}")
        self.stylesheet.set_variables(self.get_css_variables())
        if feed.replay is not None:
            for binding in bindings(REPLAY):
                self._bindings.bind(binding.key, binding.action, binding.description, show=False)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """The tokens, so that the style sheet may name them before a theme is chosen."""
        return {f"msk-{name}": color for name, color in NIGHT.items()}

    @property
    def mode(self) -> Mode:
        """Whether this is happening now."""
        return self.feed.mode

    def on_mount(self) -> None:
        """Begin at the overview."""
        self.set_interval(POLL_S, self._poll)
        self.push_screen(self._screen(Place("overview")))
        if self._first is not None and self._first.view != "overview":
            self.drill(self._first)

    def _poll(self) -> None:
        if not self.paused:
            self.view = self.feed.view

    # -------------------------------------------------------------- places

    def _screen(self, place: Place) -> LiveScreen:
        module, name = SCREENS[place.view]
        screen = getattr(import_module(module), name)(place)
        assert isinstance(screen, LiveScreen)
        return screen

    def drill(self, place: Place) -> None:
        """Go deeper; Esc comes back here."""
        self.push_screen(self._screen(place))

    def goto(self, place: Place) -> None:
        """Go to a view; Esc goes to the overview from there."""
        live = [s for s in self.screen_stack if isinstance(s, LiveScreen)]
        while len(live) > 1:
            self.pop_screen()
            live.pop()
        if place.view != "overview":
            self.push_screen(self._screen(place))

    def action_goto(self, view: ViewName) -> None:
        """A number was pressed."""
        if isinstance(self.screen, LiveScreen) and self.screen.place == Place(view):
            return
        self.goto(Place(view))

    def action_up(self) -> None:
        """Back to where one came from; nothing at the top."""
        if sum(isinstance(s, LiveScreen) for s in self.screen_stack) > 1:
            self.pop_screen()

    def action_help(self) -> None:
        """The keys of this view."""
        from msktop.ui.screens.help import HelpScreen

        if isinstance(self.screen, LiveScreen):
            self.push_screen(HelpScreen(self.screen.all_keys(), replay=self.feed.replay is not None))

    # -------------------------------------------------------------- what keys do

    def action_pause(self) -> None:
        """Freeze or go on."""
        self.paused = not self.paused
        if self.feed.replay is not None:
            self.feed.replay.pause(self.paused)
        self._poll()
        self._repaint()

    def action_pace(self, by: int) -> None:
        """Draw more or less often."""
        now = min(range(len(PACES)), key=lambda i: abs(PACES[i] - self.pace))
        self.pace = PACES[max(0, min(len(PACES) - 1, now + by))]
        self.say(f"a new picture every {self.pace:g} s")

    def action_next_theme(self) -> None:
        """The next look."""
        at = PALETTE_NAMES.index(self.look.palette)
        palette: PaletteName = PALETTE_NAMES[(at + 1) % len(PALETTE_NAMES)]
        self.look = Look(palette, self.look.ascii)
        self.theme = f"msk-{palette}"
        self._repaint()

    def _repaint(self) -> None:
        for panel in self.screen.query(Paint):
            panel.repaint()

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

    async def action_quit(self) -> None:
        """Leave."""
        self.exit()

    def say(self, text: str, severity: Literal["information", "warning", "error"] = "information") -> None:
        """A short message over the screen."""
        from msktop.ui.format import foreign

        self.notify(foreign(text, 300), severity=severity, timeout=4, markup=False)

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """The palette holds the same keys, by name."""
        keys = (*screen.all_keys(), *GOTO, *APP) if isinstance(screen, LiveScreen) else (*GOTO, *APP)
        if self.feed.replay is not None:
            keys = (*keys, *REPLAY)
        for key in keys:
            if key.id != "palette":
                target = self if key.action.startswith("app.") else screen

                async def run(action: str = key.action, target: App[None] | Screen[Any] = target) -> None:
                    await self.run_action(action, target)

                yield SystemCommand(f"{key.help}", f"key {key.written}", run)
