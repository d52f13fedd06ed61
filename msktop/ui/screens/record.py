"""All of one record, over the screen that lists them."""

from __future__ import annotations

from typing import ClassVar

from rich.cells import chop_cells
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

from msktop.actions.tail import Seen
from msktop.model.record_words import HOWS, How, moment, words_of
from msktop.model.text import plain
from msktop.ui.format import foreign
from msktop.ui.keys import SNAPSHOT, bindings
from msktop.ui.theme import Glyph
from msktop.ui.widgets.canvas import Canvas
from msktop.ui.widgets.dialog import EDGE, Line, box, keys_line, page, put, put_right
from msktop.ui.widgets.paint import Draw

MOST_SHOWN = 64 * 1024
"""Bytes of a key or value that can be scrolled through."""
HEADERS_SHOWN, MOST_OF_HEADER = 100, 2048
"""So many headers, and so many bytes of each."""


class RecordScreen(ModalScreen[None]):
    """Scrolls; `h` shows its bytes in another way."""

    DEFAULT_CSS = """
    RecordScreen { align: center middle; background: $background 60%; }
    RecordScreen #record { width: 90%; height: 90%; background: $msk-raised; }
    """
    SCOPED_CSS = False
    private = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter,ctrl+c", "dismiss", "Close", show=False),
        Binding("down,j", "roll(1)", "Down", show=False),
        Binding("up,k", "roll(-1)", "Up", show=False),
        Binding("pagedown,space", "roll(15)", "Page down", show=False),
        Binding("pageup", "roll(-15)", "Page up", show=False),
        Binding("h", "how", "As", show=False),
        *bindings((SNAPSHOT,)),
    ]

    def __init__(self, seen: Seen, how: How) -> None:
        super().__init__()
        self._seen = seen
        self._how = how
        self._top = 0
        self._lines: tuple[int, How, list[Line]] | None = None

    def compose(self) -> ComposeResult:
        """One box."""
        yield Draw(lambda canvas, _: self._draw(canvas), id="record")

    def _draw(self, canvas: Canvas) -> None:
        record = self._seen.record
        box(canvas, f"Partition {self._seen.partition}, offset {record.offset}", "none")
        width, room = canvas.width - 2 * EDGE, canvas.height - 5
        if self._lines is None or self._lines[:2] != (width, self._how):
            self._lines = (width, self._how, self._all(width))
        lines = self._lines[2]
        self._top, shown = page(lines, self._top, room)
        for y, line in enumerate(lines[self._top : self._top + room], start=2):
            put(canvas, y, line)
        if self._top + len(shown) < len(lines):
            put_right(canvas, canvas.height - 1, [(f" PgDn {Glyph.DOWN} more ", "muted")])
        keys_line(canvas, canvas.height - 2, [("esc", "close"), ("h", f"as {self._how}"), ("↑ ↓", "scroll")])

    def _all(self, width: int) -> list[Line]:
        record = self._seen.record
        stamp = "—" if record.at is None else f"{moment(record.at)} UTC"
        lines: list[Line] = [
            [("time      ", "muted"), (stamp, "text")],
            [("packed    ", "muted"), (record.codec, "text")],
        ]
        if record.producer_id is not None:
            kind = ", in a transaction" if record.transactional else ""
            lines.append([("producer  ", "muted"), (f"id {record.producer_id}{kind}", "text")])
        lines += [[], *self._part("Key", record.key, MOST_SHOWN, width)]
        lines += [[], *self._part("Value", record.value, MOST_SHOWN, width)]
        for name, value in record.headers[:HEADERS_SHOWN]:
            lines += [[], *self._part(f"Header {foreign(name, 60)}", value, MOST_OF_HEADER, width)]
        if len(record.headers) > HEADERS_SHOWN:
            lines += [[], [(f"headers that are not shown: {len(record.headers) - HEADERS_SHOWN:,}", "muted")]]
        return lines

    def _part(self, name: str, data: bytes | None, most: int, width: int) -> list[Line]:
        """A key, a value or a header; at most so many bytes of it."""
        words = words_of(data, self._how, most)
        schema = f"  schema {foreign(words.schema, 40)}" if words.schema else ""
        cut = f", the first {most:,}" if words.cut else ""
        head: Line = [(name, "strong b"), (f"  {words.form}, {words.size:,} bytes{cut}{schema}", "muted")]
        text = foreign_all(words.text)
        return [head, *([(piece, "text")] for piece in (chop_cells(text, max(1, width)) if text else ()))]

    def action_roll(self, by: int) -> None:
        """Up or down."""
        self._top += by
        self.query_one(Draw).tick()

    def action_how(self) -> None:
        """The next way."""
        self._how = HOWS[(HOWS.index(self._how) + 1) % len(HOWS)]
        self.query_one(Draw).tick()


def foreign_all(text: str) -> str:
    """Made harmless however long it is."""
    return plain(text, max(1, len(text)))
