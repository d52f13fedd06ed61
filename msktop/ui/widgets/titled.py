"""A live table with its own panel head, for screens of several panels."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import TypeVar

from textual import events

from msktop.ui.columns import Column
from msktop.ui.widgets.canvas import Canvas
from msktop.ui.widgets.draw import title
from msktop.ui.widgets.table import LiveTable, table

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Head:
    """What the title line of a panel says."""

    text: str
    note: str = ""
    right: str = ""
    advice: str = ""
    """Said over several lines in place of rows, where there are none."""


class TitledTable(LiveTable[Row]):
    """The title takes the first line; the cursor shows only while the panel has the focus."""

    def __init__(
        self,
        columns: list[Column[Row]],
        *,
        key: Callable[[Row], Hashable],
        id: str | None = None,
        classes: str | None = None,
        margin: int = 0,
    ) -> None:
        super().__init__(columns, key=key, id=id, classes=classes)
        self.head = Head("")
        self._margin = margin
        """Blank cells left and right, where the panel reaches the screen's edge."""

    @property
    def _page(self) -> int:
        return max(1, self.size.height - 2)

    def on_click(self, event: events.Click) -> None:
        """Select a row; open the one that is selected already."""
        at = self._top + event.y - 2
        if event.y < 2 or at >= len(self._rows):
            return
        if at == self.cursor:
            self.action_open()
        self._go(at)

    def paint(self, canvas: Canvas) -> None:
        """Title, head, and the page around the cursor; or why there is nothing."""
        page, x = self._page, self._margin
        width = canvas.width - 2 * x
        self._top = max(self.cursor - page + 1, min(self._top, self.cursor), 0)
        self._top = min(self._top, max(0, len(self._rows) - page))
        head = self.head
        hidden = len(self._rows) - page
        right = head.right or (
            f"{self._top + 1}–{self._top + page} of {len(self._rows)}" if hidden > 0 else ""
        )
        title(canvas, 0, head.text, head.note, x=x, width=width, focus=self.has_focus, right=right)
        if not self._rows and head.advice:
            for y, line in enumerate(wrap(head.advice, width - 2), start=1):
                canvas.text(x + 2, y, line, "muted")
            return
        table(
            canvas,
            x,
            1,
            width,
            self.columns,
            self._rows[self._top : self._top + page],
            selected=self.cursor - self._top if self._rows and self.has_focus else -1,
            sorted_by=self.sorted_by,
            descending=self.descending,
        )
        if not self._rows:
            canvas.text(x + 2, 2, self.empty, "muted", width - 2)


def wrap(text: str, width: int) -> list[str]:
    """Words in lines of at most `width` cells; a longer word is broken.

    >>> wrap("turn on open monitoring", 12), wrap("kafka-cluster", 6)
    (['turn on open', 'monitoring'], ['kafka-', 'cluste', 'r'])
    """
    lines, line, width = [], "", max(1, width)
    for word in text.split():
        if line and len(line) + 1 + len(word) > width:
            lines.append(line)
            line = ""
        line = f"{line} {word}" if line else word
        while len(line) > width:
            lines.append(line[:width])
            line = line[width:]
    return [*lines, line] if line else lines
