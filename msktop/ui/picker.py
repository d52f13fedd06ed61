"""Which cluster? What can be opened from here, as it becomes known; Enter opens one."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.driver import Driver
from textual.screen import Screen
from textual.widgets import Input

from msktop.choices import Listing, TargetChoice
from msktop.session import View
from msktop.ui.acting import Actor
from msktop.ui.format import foreign
from msktop.ui.rows.choices import columns, names_of, note, trouble_line
from msktop.ui.theme import Look
from msktop.ui.themed import ThemedApp
from msktop.ui.widgets.canvas import Canvas
from msktop.ui.widgets.draw import sentence
from msktop.ui.widgets.paint import Draw
from msktop.ui.widgets.table import LiveTable
from msktop.ui.widgets.titled import Head, TitledTable, wrap

_LOOK_S = 0.1
_TROUBLE_LINES = 8
_NOTHING = "No cluster is known here. msktop demo starts one on this machine and watches it."

Listings = Callable[[threading.Event], Iterator[Listing]]
"""The list as it grows; may block, and ends early once the event is set."""
Creator = Callable[[TargetChoice | None], Actor]
"""Who makes a new cluster, where the cursor is on this one."""


class Picker(ThemedApp[TargetChoice]):
    """Ends with what was chosen, or with None. The only choice there is opens by itself."""

    TITLE = "msktop"
    WHAT = "the list of clusters"
    ENABLE_COMMAND_PALETTE = False
    CSS = """
    Screen { background: $background; }
    #head, #foot { height: 1; }
    #choices { height: 1fr; margin-top: 1; }
    #troubles { height: 0; }
    #filter { display: none; height: 1; border: none; padding: 0 1; background: $msk-raised; }
    #filter.on { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q,ctrl+c", "leave", "quit", priority=False),
        Binding("slash", "filter", "find"),
        Binding("escape", "up", "back"),
        Binding("r", "again", "read again"),
        Binding("a,c", "create", "create"),
    ]

    def __init__(
        self,
        listings: Listings,
        *,
        look: Look | None = None,
        driver_class: type[Driver] | None = None,
        leaving: Callable[[], None] | None = None,
        creator: Creator | None = None,
    ) -> None:
        super().__init__(look, driver_class, leaving)
        self._listings = listings
        self._creator = creator
        self._stop = threading.Event()
        self._newest = self._shown = Listing()
        self._touched = False
        self._over = False
        self._words = ""

    def compose(self) -> ComposeResult:
        """Title, table, troubles, keys."""
        yield Draw(self._head, id="head")
        yield TitledTable[TargetChoice](columns(time.time()), key=_key, id="choices", margin=1)
        yield Draw(self._troubles, id="troubles")
        yield Input(placeholder="names that contain …", id="filter")
        yield Draw(self._foot, id="foot")

    def on_mount(self) -> None:
        """The picture first; then ask."""
        self._show()
        self._table.focus()
        self.set_interval(_LOOK_S, self._look_again)
        self.call_after_refresh(self._begin)

    @property
    def _table(self) -> TitledTable[TargetChoice]:
        return self._base.query_one("#choices", TitledTable)

    @property
    def _base(self) -> Screen[object]:
        """The list's own screen: a form may stand over it."""
        return self.screen_stack[0]

    # -------------------------------------------------------------- the list

    def _begin(self) -> None:
        self._stop = stop = threading.Event()
        threading.Thread(target=self._ask, args=(stop,), name="picker", daemon=True).start()

    def _ask(self, stop: threading.Event) -> None:
        for listing in self._listings(stop):
            if stop.is_set():
                return
            self._newest = listing

    def _look_again(self) -> None:
        if self._newest is self._shown or self._over:
            return
        self._shown = self._newest
        self._show()
        only = self._shown.choices if self._shown.complete and not self._touched else ()
        if len(only) == 1 and not self._shown.troubles:
            self._end(only[0])

    def _show(self) -> None:
        listing, table = self._shown, self._table
        wanted = self._words.casefold()
        rows = [c for c in listing.choices if any(wanted in name.casefold() for name in names_of(c))]
        table.columns = columns(time.time())
        table.head = Head(
            "Clusters",
            sentence(*note(listing, len(rows))),
            advice=_NOTHING if listing.complete and not listing.choices else "",
        )
        table.empty = "nothing matches" if wanted and listing.choices else "looking …"
        table.set_rows(rows)
        self._base.query_one("#troubles", Draw).styles.height = min(_TROUBLE_LINES, len(self._lines()))
        for panel in self._base.query(Draw):
            panel.tick()

    def _lines(self) -> list[str]:
        width = max(20, self.size.width - 4)
        return [line for trouble in self._shown.troubles for line in wrap(trouble_line(trouble), width)]

    # -------------------------------------------------------------- drawing

    def _head(self, canvas: Canvas, _: View) -> None:
        x = canvas.text(1, 0, "msktop", "strong b")
        canvas.text(x + 2, 0, "which cluster?", "muted")

    def _troubles(self, canvas: Canvas, _: View) -> None:
        for y, line in enumerate(self._lines()[: canvas.height]):
            canvas.text(2, y, line, "warn", canvas.width - 3)

    def _foot(self, canvas: Canvas, _: View) -> None:
        canvas.text(0, 0, " " * canvas.width, "text on:raised")
        x = 1
        enter = "ret" if self.look.ascii else "↵"
        keys = [(enter, "open"), ("/", "find"), ("r", "read again"), ("q", "quit")]
        if self._creator is not None:
            keys.insert(3, ("c", "create"))
        for key, word in keys:
            x = canvas.text(x, 0, key, "accent on:raised")
            x = canvas.text(x + 1, 0, word, "muted on:raised") + 2

    # -------------------------------------------------------------- keys

    @on(LiveTable.Opened)
    def _opened(self, message: LiveTable.Opened) -> None:
        if isinstance(message.row, TargetChoice):
            self._end(message.row)

    @on(LiveTable.Moved)
    def _moved(self) -> None:
        self._touched = True

    def action_filter(self) -> None:
        """Type a part of a name."""
        self._touched = True
        line = self._base.query_one("#filter", Input)
        line.add_class("on")
        line.focus()

    @on(Input.Changed)
    def _filtered(self, message: Input.Changed) -> None:
        self._words = message.value
        self._show()

    @on(Input.Submitted)
    def _kept(self) -> None:
        self._table.focus()

    def action_up(self) -> None:
        """End the filter; at the top, leave."""
        line = self._base.query_one("#filter", Input)
        if line.has_class("on"):
            line.value = ""
            line.remove_class("on")
            self._table.focus()
        else:
            self._end(None)

    def action_again(self) -> None:
        """Read everything again."""
        self._touched = True
        self._stop.set()
        self._begin()

    def action_create(self) -> None:
        """Make a new cluster, where the one under the cursor is: on its local MSK, else in the account."""
        if self._creator is None:
            return
        from msktop.ui.form_create import CREATE
        from msktop.ui.screens.form import FormScreen

        self._touched = True
        actor = self._creator(self._table.current)
        form = FormScreen(CREATE, actor, open_cluster=False, announce=self._announce)
        self.push_screen(form, lambda _: self.action_again())

    def _announce(self, words: str, wrong: bool) -> None:
        self.notify(
            foreign(words, 300), severity="error" if wrong else "information", timeout=8, markup=False
        )

    def action_leave(self) -> None:
        """Choose nothing."""
        self._end(None)

    def on_resize(self) -> None:
        """Troubles are wrapped anew."""
        if not self._over:
            self._show()

    def _end(self, chosen: TargetChoice | None) -> None:
        self._over = True
        self._stop.set()
        if chosen is None:
            self.told_to_leave()
        self.exit(chosen)

    def told_to_leave(self) -> None:
        """Nothing is asked or shown any more."""
        self._over = True
        self._stop.set()
        super().told_to_leave()


def _key(choice: TargetChoice) -> tuple[str, str]:
    return choice.origin, choice.arn or choice.name
