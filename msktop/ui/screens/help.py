"""The keys of a view, made from the same tables as the bindings."""

from __future__ import annotations

from typing import ClassVar

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

from msktop.ui.keys import ACT, APP, GOTO, REPLAY, SNAPSHOT, Key, bindings
from msktop.ui.theme import Glyph
from msktop.ui.widgets.canvas import Canvas
from msktop.ui.widgets.grid import USUAL_STEPS
from msktop.ui.widgets.paint import Paint

LEGEND: tuple[tuple[str, str, str], ...] = (
    (Glyph.OK, "ok", "answers, in sync"),
    (Glyph.WARN, "warn", "look at it"),
    (Glyph.CRIT, "crit", "broken; in a graph: no answer"),
    (Glyph.HEAL, "heal", "on its way"),
    (Glyph.NONE, "faint", "nothing known yet"),
    (Glyph.UNKNOWN, "text", "not known, which is not 0"),
    (Glyph.SPARKS[2], "spark", f"sparkline: as usual; {Glyph.SPARKS[5]} over {USUAL_STEPS[-1]:g} times that"),
)


class HelpScreen(ModalScreen[None]):
    """Keys of the view below, then those that work everywhere, then the signs."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,enter,q", "dismiss", "Close", show=False),
        Binding("down,j", "scroll(1)", "Down", show=False),
        Binding("up,k", "scroll(-1)", "Up", show=False),
        *bindings((SNAPSHOT,)),
    ]

    def __init__(self, keys: tuple[Key, ...], *, replay: bool = False) -> None:
        super().__init__()
        self._groups = [("This view", keys), ("Everywhere", (*GOTO, *(() if replay else ACT), *APP))]
        if replay:
            self._groups.append(("Replay", REPLAY))

    def compose(self) -> ComposeResult:
        """One panel."""
        yield HelpPanel(self._groups)

    def action_scroll(self, by: int) -> None:
        """Where the keys do not fit."""
        self.query_one(HelpPanel).scroll_lines(by)


class HelpPanel(Paint):
    """A bordered list of keys."""

    def __init__(self, groups: list[tuple[str, tuple[Key, ...]]]) -> None:
        super().__init__(id="help")
        self._groups = groups
        self._top = 0

    def scroll_lines(self, by: int) -> None:
        """Move the list."""
        self._top = max(0, min(len(self._lines()) - self.size.height + 2, self._top + by))
        self.tick()

    def _lines(self) -> list[tuple[str, str, str, str]]:
        """(key, its spec, words, their spec) by line."""
        out: list[tuple[str, str, str, str]] = []
        for name, keys in self._groups:
            out.append(("", "text", name, "strong b"))
            out += [(key.written, "accent", key.help, "text") for key in keys]
            out.append(("", "text", "", "text"))
        out.append(("", "text", "Signs", "strong b"))
        out += [(mark, spec, words, "text") for mark, spec, words in LEGEND]
        return out

    def paint(self, canvas: Canvas) -> None:
        """Keys right-aligned in a column of their own, words beside them."""
        lines = self._lines()
        column = max(cell_len(key) for key, *_ in lines)
        for y, (key, key_spec, words, spec) in enumerate(lines[self._top : self._top + canvas.height]):
            if words and not key:
                canvas.text(1, y, words, spec)
                continue
            canvas.right(2 + column, y, key, key_spec)
            canvas.text(4 + column, y, words, spec, canvas.width - 5 - column)
        if self._top + canvas.height < len(lines):
            canvas.right(canvas.width, canvas.height - 1, f" {Glyph.DOWN} more ", "muted")
