"""A rectangle of cells to draw on; everything clips, nothing wraps."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.cells import cell_len, get_character_cell_size

from msktop.ui.format import cut
from msktop.ui.theme import TO_ASCII, Look

if TYPE_CHECKING:
    from textual.strip import Strip


class Canvas:
    """`width` × `height` cells, each a character and a token spec (see Look.ink).

    A character of two cells fills its first cell, and the one after it holds nothing; combining characters
    stay with the one before them. Half a wide character never stays behind.
    """

    __slots__ = ("_chars", "_specs", "height", "look", "width")

    def __init__(self, width: int, height: int, look: Look | None = None) -> None:
        self.width = width
        self.height = height
        self.look = look or Look()
        self._chars = [[" "] * width for _ in range(height)]
        self._specs = [["text"] * width for _ in range(height)]

    def text(self, x: int, y: int, text: str, spec: str = "text", width: int | None = None) -> int:
        """Write at (x, y); with `width`, cut with an ellipsis. Returns the x after the text."""
        if width is not None:
            text = cut(text, width)
        if not text.isascii():
            if self.look.ascii:
                text = to_ascii(text)
            elif (cells := cell_len(text)) != len(text):
                self._wide(x, y, text, spec)
                return x + cells
        end = x + len(text)
        if not 0 <= y < self.height:
            return end
        start, stop = max(0, x), min(self.width, end)
        if start < stop:
            row = self._chars[y]
            self._mend(row, start, stop)
            row[start:stop] = text[start - x : stop - x]
            self._specs[y][start:stop] = [spec] * (stop - start)
        return end

    def _mend(self, row: list[str], start: int, stop: int) -> None:
        """Blank the outer half of wide characters that are about to lose one."""
        if row[start] == "":
            row[start - 1] = " "
        if stop < self.width and row[stop] == "":
            row[stop] = " "

    def _wide(self, x: int, y: int, text: str, spec: str) -> None:
        if not 0 <= y < self.height:
            return
        row, specs = self._chars[y], self._specs[y]
        last = -1
        for char in text:
            cells = get_character_cell_size(char)
            if cells == 0:
                if last >= 0:
                    row[last] += char
                continue
            last = -1
            if x >= 0 and x + cells <= self.width:
                self._mend(row, x, x + cells)
                row[x], last = char, x
                row[x + 1 : x + cells] = [""] * (cells - 1)
                specs[x : x + cells] = [spec] * cells
            x += cells

    def right(self, x_end: int, y: int, text: str, spec: str = "text") -> int:
        """Write so that it ends before `x_end`; returns where it begins."""
        x = x_end - (len(text) if text.isascii() else cell_len(text))
        self.text(x, y, text, spec)
        return x

    def spans(self, x: int, y: int, *parts: tuple[str, str]) -> int:
        """Write (text, spec) parts one after the other; returns the x after them."""
        for text, spec in parts:
            x = self.text(x, y, text, spec)
        return x

    def back(self, y: int, token: str, x0: int = 0, x1: int | None = None) -> None:
        """Give a row, or a part of it, a background; its text stays."""
        if 0 <= y < self.height:
            specs = self._specs[y]
            for x in range(max(0, x0), self.width if x1 is None else min(x1, self.width)):
                base = " ".join(p for p in specs[x].split() if not p.startswith("on:"))
                specs[x] = f"{base} on:{token}"

    def blit(self, x: int, y: int, other: Canvas) -> None:
        """Put another canvas on this one; what does not fit is left out."""
        for row in range(max(0, -y), min(other.height, self.height - y)):
            start, stop = max(0, x), min(self.width, x + other.width)
            if start < stop:
                self._chars[y + row][start:stop] = other._chars[row][start - x : stop - x]
                self._specs[y + row][start:stop] = other._specs[row][start - x : stop - x]

    def sub(self, width: int, height: int) -> Canvas:
        """An empty canvas of the same look, to be drawn on and put somewhere."""
        return Canvas(max(0, width), max(0, height), self.look)

    def strips(self) -> list[Strip]:
        """The rows, as Textual renders them; neighbours of equal style become one segment."""
        from rich.segment import Segment
        from textual.strip import Strip

        ink = self.look.ink
        return [
            Strip([Segment(text, ink(spec)) for text, spec in self.runs(y)], self.width)
            for y in range(self.height)
        ]

    def runs(self, y: int) -> Iterator[tuple[str, str]]:
        """A row as (text, spec) parts, from the left."""
        chars, specs = self._chars[y], self._specs[y]
        begin = 0
        for x in range(1, self.width + 1):
            if x == self.width or specs[x] != specs[begin]:
                yield "".join(chars[begin:x]), specs[begin]
                begin = x


def to_ascii(text: str) -> str:
    """The same number of cells in ASCII; letters lose their accents, the rest becomes `?`.

    >>> to_ascii("● b-1 · café 注"), cell_len("● b-1 · café 注")
    ('+ b-1 | cafe ??', 15)
    """
    text = text.translate(TO_ASCII)
    if text.isascii():
        return text
    out = []
    for char in text:
        base = unicodedata.normalize("NFKD", char)[0]
        cells = get_character_cell_size(char)
        out.append(base if base.isascii() and cells == 1 else "?" * cells)
    return "".join(out)
