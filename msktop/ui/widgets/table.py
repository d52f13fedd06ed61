"""Live tables: rows of anything, columns as data, one row of the screen a line."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any, ClassVar, Generic, TypeVar

from rich.cells import cell_len
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from msktop.ui.columns import Column, widths
from msktop.ui.format import cut
from msktop.ui.theme import Glyph
from msktop.ui.widgets.canvas import Canvas
from msktop.ui.widgets.paint import Paint

Row = TypeVar("Row")


def table(
    canvas: Canvas,
    x: int,
    y: int,
    width: int,
    columns: list[Column[Row]],
    rows: Sequence[Row],
    *,
    selected: int = -1,
    focus: bool = True,
    sorted_by: Column[Row] | None = None,
    descending: bool = False,
    head: bool = True,
) -> int:
    """Draw a head and as many rows as fit; returns the next free y."""
    shown = widths(columns, width)
    if head:
        px = x
        for column, own in shown:
            on = column is sorted_by
            text = column.head + ((Glyph.DOWN if descending else Glyph.UP) if on else "")
            # The arrow may take a blank of the gap, so that the head stays whole.
            begin, room = (px - on, own + on) if column.align == ">" else (px, own + on)
            _put(canvas, begin, y, room, text, "accent" if on else "muted", column.align)
            px += own + column.gap
        y += 1
    for i, row in enumerate(rows[: max(0, canvas.height - y)]):
        px = x
        for column, own in shown:
            if column.draw is not None:
                column.draw(canvas, px, y, own, row)
            elif column.cell is not None:
                cell = column.cell(row)
                text, spec = (cell, column.spec) if isinstance(cell, str) else cell
                _put(canvas, px, y, own, text, spec, column.align)
            px += own + column.gap
        if i == selected:
            canvas.back(y, "select", x, x + width)
            if x > 0:
                canvas.text(x - 1, y, Glyph.SELECTED, ("accent" if focus else "faint") + " on:select")
        y += 1
    return y


def _put(canvas: Canvas, x: int, y: int, width: int, text: str, spec: str, align: str) -> None:
    text = cut(text, width)
    canvas.text(x + width - cell_len(text) if align == ">" else x, y, text, spec)


class LiveTable(Paint, Generic[Row], can_focus=True):
    """Rows with a cursor that stays on the same row as rows come and go.

    Only visible rows are drawn, so rows may be cheap handles that columns look up. `key` tells rows apart.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("home,g", "to_start", "First", show=False),
        Binding("end,G", "to_end", "Last", show=False),
        Binding("enter", "open", "Open", show=False),
    ]

    class Opened(Message):
        """Enter, or a click on the selected row."""

        def __init__(self, source: LiveTable[Any], row: object) -> None:
            super().__init__()
            self.source = source
            self.row = row

        @property
        def control(self) -> LiveTable[Any]:
            """The table, for `@on(LiveTable.Opened, "#id")`."""
            return self.source

    class Moved(Message):
        """The cursor is on another row."""

        def __init__(self, source: LiveTable[Any], row: object) -> None:
            super().__init__()
            self.source = source
            self.row = row

        @property
        def control(self) -> LiveTable[Any]:
            """The table."""
            return self.source

    def __init__(
        self,
        columns: list[Column[Row]],
        *,
        key: Callable[[Row], Hashable],
        empty: str = "nothing here",
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.columns = columns
        self.empty = empty
        self.sorted_by: Column[Row] | None = None
        self.descending = False
        self.cursor = 0
        self._key = key
        self._top = 0
        self._given: Sequence[Row] = ()
        self._rows: Sequence[Row] = ()

    @property
    def rows(self) -> Sequence[Row]:
        """The rows, in the order shown."""
        return self._rows

    @property
    def current(self) -> Row | None:
        """The row under the cursor."""
        return self._rows[self.cursor] if self._rows else None

    def set_rows(self, rows: Sequence[Row]) -> None:
        """New rows; the cursor stays on the same key, or near its place."""
        self._given = rows
        self._arrange()

    def sort_by(self, column: Column[Row] | None, descending: bool | None = None) -> None:
        """Sort by a column, by its own direction unless told; None: in the order given."""
        self.sorted_by = column
        if column is not None:
            self.descending = column.descending if descending is None else descending
        self._arrange()

    def sort_next(self, by: int = 1) -> None:
        """Sort by the next column that can be sorted by, around."""
        sortable = [None, *(c for c in self.columns if c.sort is not None)]
        at = sortable.index(self.sorted_by) if self.sorted_by in sortable else 0
        self.sort_by(sortable[(at + by) % len(sortable)])

    def _arrange(self) -> None:
        current = self.current
        old = None if current is None else self._key(current)
        rows = self._given
        if self.sorted_by is not None and self.sorted_by.sort is not None:
            sort = self.sorted_by.sort
            there = [r for r in rows if sort(r) is not None]
            missing = [r for r in rows if sort(r) is None]
            rows = [*sorted(there, key=sort, reverse=self.descending), *missing]
        self._rows = rows
        if old is not None and not (self.cursor < len(rows) and self._key(rows[self.cursor]) == old):
            place = next((i for i, r in enumerate(rows) if self._key(r) == old), None)
            self.cursor = min(self.cursor, max(0, len(rows) - 1)) if place is None else place
        self.cursor = min(self.cursor, max(0, len(rows) - 1))
        self.tick()

    def select(self, key: Hashable) -> bool:
        """Put the cursor on a row; False where there is none with this key."""
        for i, row in enumerate(self._rows):
            if self._key(row) == key:
                self._go(i)
                return True
        return False

    def _go(self, to: int) -> None:
        to = max(0, min(len(self._rows) - 1, to))
        if to == self.cursor or not self._rows:
            return
        self.cursor = to
        self.tick()
        self.post_message(self.Moved(self, self._rows[to]))

    @property
    def _page(self) -> int:
        return max(1, self.size.height - 1)

    def action_move(self, by: int) -> None:
        """Move the cursor."""
        self._go(self.cursor + by)

    def action_page(self, by: int) -> None:
        """Move by a page."""
        self._go(self.cursor + by * self._page)

    def action_to_start(self) -> None:
        """To the first row."""
        self._go(0)

    def action_to_end(self) -> None:
        """To the last row."""
        self._go(len(self._rows) - 1)

    def action_open(self) -> None:
        """Open the row under the cursor."""
        if self._rows:
            self.post_message(self.Opened(self, self._rows[self.cursor]))

    def on_click(self, event: events.Click) -> None:
        """Select a row; open the one that is selected already."""
        at = self._top + event.y - 1
        if event.y < 1 or at >= len(self._rows):
            return
        if at == self.cursor:
            self.action_open()
        self._go(at)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Move down."""
        event.stop()
        self._go(self.cursor + 1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Move up."""
        event.stop()
        self._go(self.cursor - 1)

    def watch_has_focus(self, has_focus: bool) -> None:
        """The cursor brightens or fades; `on_focus` would come before it is so."""
        super().watch_has_focus(has_focus)
        self.tick()

    def paint(self, canvas: Canvas) -> None:
        """The head, and the page around the cursor."""
        page = self._page
        self._top = max(self.cursor - page + 1, min(self._top, self.cursor), 0)
        self._top = min(self._top, max(0, len(self._rows) - page))
        table(
            canvas,
            1,
            0,
            canvas.width - 2,
            self.columns,
            self._rows[self._top : self._top + page],
            selected=self.cursor - self._top if self._rows else -1,
            focus=self.has_focus,
            sorted_by=self.sorted_by,
            descending=self.descending,
        )
        if not self._rows:
            canvas.text(1, 1, self.empty, "muted", canvas.width - 2)
