"""The base of every screen that shows a live state: frame, keys, filter, sizes, and the way of the view."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, cast

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.reactive import reactive
from textual.screen import Screen
from textual.widget import Widget

from msktop.session import View
from msktop.ui.keys import ACT, APP, SCREEN, Key, bindings
from msktop.ui.places import LEAST, Place, view_above
from msktop.ui.widgets.canvas import Canvas
from msktop.ui.widgets.chrome import Footer, Header, VerdictLine
from msktop.ui.widgets.paint import Paint

if TYPE_CHECKING:
    from msktop.ui.app import MsktopApp


@dataclass(frozen=True, slots=True)
class _Line:
    """A line that is being typed; without `answer` it is the filter, which follows each key."""

    label: str
    note: str
    text: str
    answer: Callable[[str], None] | None


_LEAVE = ("q", "ctrl+c")
"""Nothing is waited for to leave."""


class LiveScreen(Screen[None]):
    """A screen of panels. Subclasses give `body()`, their `KEYS`, and react to `view` and `filter_text`.

    Panels are Paint widgets, bound where they are made: `Panel().data_bind(LiveScreen.view)`. Every one of
    them shows the screen's frozen view; hidden screens stay current without drawing.
    """

    AUTO_FOCUS: ClassVar[str | None] = "*"
    KEYS: ClassVar[tuple[Key, ...]] = ()
    """This screen's own keys, most used first; the first few with `footer` stand in the footer."""
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(SCREEN)]

    view: reactive[View] = reactive(View, repaint=False, init=False)
    filter_text: reactive[str] = reactive("", repaint=False, init=False)
    """What `/` asked for; names that do not contain it are hidden."""

    def __init__(self, place: Place) -> None:
        super().__init__()
        self.place = place
        self._typing: _Line | None = None
        self._early: list[events.Key] | None = []
        """Keys that were typed before there was anything that they could be meant for."""

    @property
    def metered(self) -> frozenset[str]:
        """What this screen shows of CloudWatch beyond what every screen does, in the source's words."""
        return frozenset()

    @property
    def monitor(self) -> MsktopApp:
        """The app."""
        return cast("MsktopApp", self.app)

    @property
    def drawn(self) -> bool:
        """Whether all of it was drawn once: Textual shows an empty screen first."""
        shown = [panel for panel in self.query(Paint) if panel.display and panel.size]
        return bool(shown) and all(panel.drawn for panel in shown)

    def on_mount(self) -> None:
        """Follow the app's view, from now on and also while hidden."""
        self.set_reactive(LiveScreen.view, self.monitor.view)
        self.watch(self.app, "view", self._follow, init=False)
        for panel in self.query(Paint):
            panel.set_reactive(Paint.view, self.view)
        self.call_after_refresh(self._first_seen)

    def _first_seen(self) -> None:
        self.seen(self.view)
        early, self._early = self._early, None
        for key in early or ():
            key.set_sender(self.app)  # or it would end here on its way up to the app's own keys
            self.app.post_message(key)

    def _follow(self, view: View) -> None:
        self.view = view
        self.seen(view)

    def seen(self, view: View) -> None:
        """A new view is here: subclasses give their tables new rows."""

    def compose(self) -> ComposeResult:
        """Header, verdict, the body, footer."""
        yield Header().data_bind(LiveScreen.view)
        yield VerdictLine().data_bind(LiveScreen.view)
        yield from self.body()
        yield Footer(view_above(self.place.view), self.footer_keys())
        yield TooSmall(id="too-small").data_bind(LiveScreen.view)

    def body(self) -> Iterable[Widget]:
        """What is between the verdict and the footer."""
        return ()

    def all_keys(self) -> tuple[Key, ...]:
        """Every key that works here, for the help."""
        return (*self.KEYS, *SCREEN)

    def footer_keys(self) -> tuple[Key, ...]:
        """What the footer shows, in order."""
        feed = self.monitor.feed
        act = ACT if feed.changeable or (self.of_topics and feed.topics is not None) else ()
        return tuple(k for k in (*self.KEYS, *SCREEN, *act, *APP) if k.footer)

    def on_screen_resume(self) -> None:
        """Shown again: what was painted while hidden is old."""
        for panel in self.query(Paint):
            panel.repaint()

    def broker_selected(self) -> int | None:
        """The broker that `a` would act on; None where none is selected."""
        return self.place.broker

    @property
    def of_topics(self) -> bool:
        """Whether `a` changes topics here, and not the cluster."""
        return self.place.topic is not None or self.place.view == "topics"

    def topic_selected(self) -> str | None:
        """The topic that `a` would change."""
        return self.place.topic

    def copied(self) -> str | None:
        """The value that `y` copies; None where nothing is selected."""
        return None

    # -------------------------------------------------------------- back and filter

    def action_back(self) -> None:
        """End the filter, or go up."""
        if self.filter_text:
            self.filter_text = ""
        else:
            self.monitor.action_up()

    def action_filter(self) -> None:
        """Type a filter in the footer's place."""
        self._typing = _Line("/", "↵ keep   esc clear", self.filter_text, None)
        self._footer_changed()

    def ask(self, label: str, answer: Callable[[str], None], note: str = "↵ ok   esc back") -> None:
        """Have a line typed in the footer's place; `answer` gets it, unless Esc ends it."""
        self._typing = _Line(label, note, "", answer)
        self._footer_changed()

    @property
    def prompt(self) -> tuple[str, str, str] | None:
        """What stands in the footer instead of keys: label, text, note."""
        line = self._typing
        if line is not None:
            return line.label, line.text, line.note
        return ("/", self.filter_text, "/ change   esc clear") if self.filter_text else None

    def _footer_changed(self) -> None:
        for footer in self.query(Footer):
            footer.tick()

    def watch_filter_text(self, _: str) -> None:
        """Show what is left."""
        self._footer_changed()
        self.seen(self.view)

    async def on_event(self, event: events.Event) -> None:
        """Keys wait for the first picture; while a filter is typed they belong to it before any binding."""
        if self._early is not None and isinstance(event, events.Key) and event.key not in _LEAVE:
            event.stop()
            event.prevent_default()
            self._early.append(events.Key(event.key, event.character))
            return
        if self._typing is not None and isinstance(event, events.Key):
            event.stop()
            event.prevent_default()
            self._typed(self._typing, event)
            return
        await super().on_event(event)

    def _typed(self, line: _Line, event: events.Key) -> None:
        text = line.text
        if event.key == "enter":
            self._typing = None
            if line.answer is not None:
                line.answer(text)
        elif event.key in ("escape", "ctrl+c"):
            self._typing, text = None, ""
        elif event.key in ("backspace", "ctrl+h"):
            text = text[:-1]
        elif event.key == "ctrl+u":
            text = ""
        elif event.is_printable and event.character:
            text += event.character
        if self._typing is not None:
            self._typing = replace(line, text=text)
        if line.answer is None:
            self.filter_text = text
        self._footer_changed()

    def matches(self, *names: str | None) -> bool:
        """Whether any of the names contains the filter, in any case."""
        wanted = self.filter_text.casefold()
        return not wanted or any(wanted in name.casefold() for name in names if name)


class TooSmall(Paint):
    """Takes the screen's place where there is no room for it."""

    def paint(self, canvas: Canvas) -> None:
        """As many words as fit, most important first."""
        from msktop.ui.verdict import verdict_of

        verdict = verdict_of(self.view)
        words = f"{verdict.head}. Needs {LEAST[0]}x{LEAST[1]}, q quits".split()
        x = y = 0
        for word in words:
            if x and x + len(word) > canvas.width:
                x, y = 0, y + 1
            x = canvas.text(x, y, word, "strong b" if y == 0 else "text") + 1
