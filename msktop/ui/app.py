"""The monitor as a Textual app: polls the feed, publishes its view, goes from place to place."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib import import_module
from typing import Any, ClassVar, cast

from rich.console import RenderableType
from textual._compositor import CompositorUpdate
from textual.app import App, SystemCommand
from textual.binding import BindingType
from textual.driver import Driver
from textual.reactive import reactive
from textual.screen import Screen

from msktop.session import View
from msktop.ui.changing import Changing
from msktop.ui.feed import Feed, Mode
from msktop.ui.format import num
from msktop.ui.keys import ACT, APP, GOTO, REPLAY, Key, bindings
from msktop.ui.opening import FirstPicture
from msktop.ui.places import LEAST, SCREENS, TALL, Place, ViewName
from msktop.ui.replaying import Replaying
from msktop.ui.saving import Saving
from msktop.ui.screens.live import LiveScreen
from msktop.ui.sparing import Sparing
from msktop.ui.theme import PALETTE_NAMES, Look, PaletteName
from msktop.ui.widgets.chrome import Footer
from msktop.ui.widgets.paint import Paint

POLL_S = 0.25
"""How often the feed is looked at: the pace of its ticks, and of stopwatches."""
EARLY_POLL_S = 0.02
"""The same until the first broker has answered: then somebody waits for a first picture with data."""
PACES = (0.25, 0.5, 1.0, 2.0, 5.0, 10.0)
"""Seconds between pictures of what is not a stopwatch."""

WIDTHS = ((0, "-narrow"), (LEAST[0], "-w80"), (110, "-w120"), (160, "-w200"))
HEIGHTS = ((0, "-low"), (LEAST[1], "-h24"), (TALL, "-h40"), (52, "-h60"))
"""Classes of a screen by its size, for the style sheet."""


class MsktopApp(Replaying, Changing, Saving):
    """Shows what a feed publishes. Knows no source; ends without waiting for anything."""

    CSS_PATH = "msktop.tcss"
    TITLE = "msktop"
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(APP), *bindings(GOTO)]

    view: reactive[View] = reactive(View, repaint=False, init=False)

    def __init__(
        self,
        feed: Feed,
        *,
        look: Look | None = None,
        first: Place | None = None,
        driver_class: type[Driver] | None = None,
        leaving: Callable[[], None] | None = None,
        first_picture: FirstPicture | None = None,
    ) -> None:
        super().__init__(look, driver_class, leaving)
        self.HORIZONTAL_BREAKPOINTS = list(WIDTHS)
        self.VERTICAL_BREAKPOINTS = list(HEIGHTS)
        self.feed = feed
        self.pace = 1.0
        self.first_picture = first_picture
        """What the terminal shows already; it stays until there is a whole one."""
        self._sparing = Sparing()
        self.paused = False
        self.header_note = ""
        self.footer_note = ""
        self.link_shown = False
        self.mouse_ours = True
        self._first = first
        self.set_reactive(MsktopApp.view, feed.view)
        self.stylesheet.set_variables(self.get_css_variables())
        for binding in bindings(self._own_keys):
            self._bindings.bind(binding.key, binding.action, binding.description, show=False)

    @property
    def _own_keys(self) -> tuple[Key, ...]:
        """What works everywhere, of what depends on whether it happens now."""
        return ACT if self.feed.replay is None else REPLAY

    @property
    def mode(self) -> Mode:
        """Whether this is happening now."""
        return self.feed.mode

    def on_mount(self) -> None:
        """Begin at the overview."""
        self.set_interval(POLL_S, self._poll)
        self._early = self.set_interval(EARLY_POLL_S, self._poll_early, repeat=150)
        self.push_screen(self._screen(Place("overview")))
        if self._first is not None and self._first.view != "overview":
            self.drill(self._first)

    def _ring(self) -> None:
        """Bells and notifications, between two pictures."""
        desk, driver = self.feed.desk, self._driver
        if desk is not None and driver is not None and (sequence := desk.take_terminal()):
            driver.write(sequence)
            driver.flush()

    def _poll(self) -> None:
        self._ring()
        replay = self.feed.replay
        if replay is not None:
            self.paused = replay.paused
            self.header_note = f"{replay.speed:g}×" if replay.speed != 1 else ""
            self.view = self.feed.view
        elif not self.paused:
            self.view = self.feed.view
        self._tell_what_is_shown()
        if self.feed.recording is not None:
            self.header_note = "● rec"
        elif replay is None:
            self.header_note = ""
        self._mind_the_link()
        if self.link_shown:
            self._show_link()

    def _tell_what_is_shown(self) -> None:
        """CloudWatch is asked only for what the screen in front shows."""
        switch = self.feed.cloudwatch
        screen = next((s for s in reversed(self.screen_stack) if isinstance(s, LiveScreen)), None)
        if switch is not None and screen is not None and switch.shown != screen.metered:
            switch.shown = screen.metered

    def action_cloudwatch(self) -> None:
        """Ask CloudWatch, or stop asking: each metric that is asked for costs."""
        switch = self.feed.cloudwatch
        if switch is None:
            self.say("CloudWatch is not asked about this cluster: open it by its name or ARN")
            return
        switch.turn(not switch.on)
        self.say(
            "CloudWatch on" if switch.on else "CloudWatch off: nothing more is asked, nothing more costs"
        )
        if isinstance(self.screen, LiveScreen):
            self.screen.on_screen_resume()

    def _poll_early(self) -> None:
        self._poll()
        if any(broker.probe.last_ok_at is not None for broker in self.view.cluster.brokers.values()):
            self._early.stop()

    def _mind_the_link(self) -> None:
        """Draw less often while the terminal cannot take what is sent."""
        if getattr(self._driver, "behind", 0) > 2 and self.pace < PACES[-1]:
            self.pace = next(p for p in PACES if p > self.pace)
            self.say(f"slow link: a new picture every {self.pace:g} s")

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
        self.ansi_color = self.look.own_colors
        self.theme = f"msk-{palette}"
        self._repaint()

    def _repaint(self) -> None:
        for panel in self.screen.query(Paint):
            panel.repaint()

    def action_mouse(self) -> None:
        """Leave the mouse to the terminal, or take it back."""
        self.mouse_ours = not self.mouse_ours
        switch = getattr(self._driver, "set_mouse", None)
        if switch is not None:
            switch(self.mouse_ours)
        self.say("mouse on" if self.mouse_ours else "mouse off: the terminal selects text; m takes it back")

    def action_link(self) -> None:
        """Show what the link costs, or hide it."""
        self.link_shown = not self.link_shown
        self._show_link()

    def _show_link(self) -> None:
        meter = getattr(self._driver, "meter", None)
        note = ""
        if self.link_shown:
            sent = "—" if meter is None else f"{num(meter.per_s()).strip()}B/s"
            busy = "—" if meter is None else f"{meter.busy():.1%}"
            note = f"link {sent}  cpu {busy}  picture every {self.pace:g} s"
        if note != self.footer_note:
            self.footer_note = note
            for footer in self.screen.query(Footer):
                footer.tick()

    # -------------------------------------------------------------- output

    def _display(self, screen: Screen[Any], renderable: object) -> None:
        """Send only what differs from what the terminal shows."""
        if self.first_picture is not None and not self._batch_count:
            if not whole(screen):
                return
            self.first_picture.end()
            self.first_picture = None
            renderable = screen._compositor.render_full_update()
        if isinstance(renderable, CompositorUpdate):
            renderable = self._sparing.wrap(renderable)
        super()._display(screen, cast("RenderableType | None", renderable))

    def on_resize(self) -> None:
        """The terminal has moved what it showed."""
        self._sparing.forget()

    def action_redraw(self) -> None:
        """Send everything again: something else has written over the screen."""
        self._sparing.forget()
        self.refresh(layout=True)

    # -------------------------------------------------------------- leaving

    async def action_quit(self) -> None:
        """Leave; whatever hangs is left behind."""
        self.told_to_leave()
        self.exit()

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """The palette holds the same keys, by name."""
        keys = (*screen.all_keys(), *GOTO, *APP) if isinstance(screen, LiveScreen) else (*GOTO, *APP)
        keys = (*keys, *self._own_keys)
        for key in keys:
            if key.id != "palette":
                target = self if key.action.startswith("app.") else screen

                async def run(action: str = key.action, target: App[None] | Screen[Any] = target) -> None:
                    await self.run_action(action, target)

                yield SystemCommand(f"{key.help}", f"key {key.written}", run)


def whole(screen: Screen[Any]) -> bool:
    """Whether a screen is worth the place of the first picture: Textual begins with empty ones."""
    if isinstance(screen, LiveScreen):  # what is not drawn yet will be, with all of the screen
        return any(panel.display and panel.size for panel in screen.query(Paint))
    return type(screen) is not Screen
