"""What our apps have in common: themes, and an end without a traceback over the terminal."""

from __future__ import annotations

import gc
import logging
import traceback
from collections.abc import Callable
from typing import TypeVar

from rich.console import RenderableType
from textual.app import App
from textual.driver import Driver

from msktop.ui.theme import NIGHT, Look, themes

log = logging.getLogger(__name__)

Result = TypeVar("Result")

STARTED_AFTER_S = 2.0
"""When garbage is looked for, which `terminal` has put off."""


def collect_garbage() -> None:
    """From now on, and never in what there is by now: nearly all of it stays, and a look takes 40 ms."""
    gc.freeze()
    gc.enable()


class ThemedApp(App[Result]):
    """Knows our themes; a crash is kept for the log, and leaves at once."""

    WHAT = "the monitor"
    """What it is called where it crashed."""

    def __init__(
        self, look: Look | None, driver_class: type[Driver] | None, leaving: Callable[[], None] | None
    ) -> None:
        self.look = look or Look()
        super().__init__(driver_class=driver_class, ansi_color=self.look.own_colors)
        self.crash: Exception | None = None
        """What ended the app, if it was not the person."""
        self._leaving = leaving
        for theme in themes():
            self.register_theme(theme)
        self.set_reactive(App.theme, f"msk-{self.look.palette}")

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """The tokens, so that the style sheet may name them before a theme is chosen."""
        return {f"msk-{name}": color for name, color in NIGHT.items()}

    def call_from_anywhere(self, what: Callable[[], object]) -> None:
        """Have something done in the app's own thread, from a signal handler or another thread."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(what)

    def on_mount(self) -> None:
        """Soon the start is over."""
        if not gc.isenabled():
            self.set_timer(STARTED_AFTER_S, collect_garbage)

    def leave(self) -> None:
        """Leave without asking; from any thread, or a signal."""
        self.call_from_anywhere(self.exit)

    def told_to_leave(self) -> None:
        """Say that the person wants to leave: from now on it may not take long."""
        if self._leaving is not None:
            self._leaving()

    @property
    def private(self) -> bool:
        """Whether records are on the screen, on top or behind a menu: these are kept nowhere."""
        return any(getattr(screen, "private", False) for screen in self.screen_stack)

    def _handle_exception(self, error: Exception) -> None:
        """Keep what happened for the log; the terminal gets one line and no traceback."""
        kept = error
        if self.private:  # what an error says may be what it met in a record: only where it was is told
            where = "".join(traceback.format_tb(error.__traceback__))
            log.critical("%s crashed: %s\n%s", self.WHAT, type(error).__name__, where)
            kept = RuntimeError(f"{type(error).__name__} while records were looked at")
        else:
            log.critical("%s crashed", self.WHAT, exc_info=error)  # leaving may end us before anyone can
        self.crash = self.crash or kept
        self.told_to_leave()
        super()._handle_exception(error)

    def _fatal_error(self) -> None:
        """Leave at once: Textual's own picture of a traceback with all locals takes many seconds here."""
        self._close_messages_no_wait()

    def panic(self, *_: RenderableType) -> None:
        """The same for errors that can draw themselves."""
        self._close_messages_no_wait()
