"""Output that sends only cells that differ from what the terminal shows, and only the colours that change.

Textual sends a changed part of a row from the beginning of its widget, and for each segment all of its
colours. Over SSH each byte counts, so what goes out is compared with what was sent before.
"""

from __future__ import annotations

from rich.cells import cell_len
from rich.color import ColorSystem
from rich.console import Console
from rich.style import Style
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.strip import Strip

from msktop.ui.codes import codes

Cell = tuple[str, Style]
"""What is in a cell; the second half of a wide character holds an empty text."""

_NULL = Style.null()
_UNKNOWN: Cell = ("\0", _NULL)
_HOP = 4
"""A hop over unchanged cells costs four bytes: fewer cells than that are sent again."""


class Sparing:
    """Knows what the terminal shows, and wraps updates so that only the difference is sent."""

    def __init__(self) -> None:
        self._rows: list[list[Cell]] = []

    def forget(self) -> None:
        """What the terminal shows is not known any more: the next picture is sent whole."""
        self._rows = []

    def wrap(self, update: CompositorUpdate) -> CompositorUpdate:
        """An update that renders to the difference; others than the two known kinds stay as they are."""
        if isinstance(update, (ChopsUpdate, LayoutUpdate)):
            return _Difference(self, update)
        self.forget()
        return update

    def difference(self, update: ChopsUpdate | LayoutUpdate, console: Console) -> str:
        """The bytes that bring the terminal up to date."""
        pen = _Pen(console._color_system)
        if isinstance(update, LayoutUpdate):
            region = update.region
            for y, line in enumerate(update.strips, region.y):
                cells = [cell for strip in line for cell in _cells(strip)]
                self._row(pen, y, region.x, cells)
        else:
            for y, x1, x2 in update.spans:
                for x, strip in update.chops[y].items():
                    if strip is not None and x < x2 and x + strip.cell_length > x1:
                        cells = _cells(strip)
                        start, stop = max(0, x1 - x), min(len(cells), x2 - x)
                        self._row(pen, y, x + start, cells[start:stop])
        return pen.done()

    def _row(self, pen: _Pen, y: int, x: int, cells: list[Cell]) -> None:
        while len(self._rows) <= y:
            self._rows.append([])
        row = self._rows[y]
        end = x + len(cells)
        if len(row) < end:
            row += [_UNKNOWN] * (end - len(row))
        for i, cell in enumerate(cells, x):
            if row[i] != cell:
                text, style = cell
                if text:
                    pen.put(i, y, text, style, row)
                elif i > x:  # the second half changed: its character is sent again
                    lead, lead_style = cells[i - x - 1]
                    pen.put(i - 1, y, lead, lead_style, row)
                row[i] = cell


class _Difference(CompositorUpdate):
    """Stands for an update until it is rendered."""

    def __init__(self, sparing: Sparing, update: ChopsUpdate | LayoutUpdate) -> None:
        self._sparing = sparing
        self._update = update

    def render_segments(self, console: Console) -> str:
        """What Textual asks for."""
        return self._sparing.difference(self._update, console)


class _Pen:
    """Writes cells, moving and changing colours only where it must."""

    def __init__(self, colors: ColorSystem | None) -> None:
        self._colors = colors
        self._out: list[str] = []
        self._x = self._y = -1
        self._fore = self._back = self._attributes = ""

    def put(self, x: int, y: int, text: str, style: Style, row: list[Cell]) -> None:
        """One character at a place; `row` is what is shown between the pen and there."""
        if y == self._y and 0 < x - self._x < _HOP:
            for between in row[self._x : x]:
                self._write(*between)
        elif y != self._y or x != self._x:
            ahead = x - self._x
            self._out.append(f"\x1b[{ahead}C" if y == self._y and ahead > 0 else f"\x1b[{y + 1};{x + 1}H")
        self._y = y
        self._x = x
        self._write(text, style)

    def _write(self, text: str, style: Style) -> None:
        fore, back, attributes = codes(style, self._colors)
        said = []
        if attributes != self._attributes:
            said = ["0", *(c for c in (attributes, fore, back) if c)]
        else:
            if fore != self._fore:
                said.append(fore or "39")
            if back != self._back:
                said.append(back or "49")
        if said:
            self._out.append(f"\x1b[{';'.join(said)}m")
            self._fore, self._back, self._attributes = fore, back, attributes
        self._out.append(text)
        self._x += _width(text)

    def done(self) -> str:
        """Everything written, with colours as they were before."""
        if self._fore or self._back or self._attributes:
            self._out.append("\x1b[0m")
        return "".join(self._out)


def _width(text: str) -> int:

    return 1 if text.isascii() else cell_len(text)


def _cells(strip: Strip) -> list[Cell]:
    out: list[Cell] = []
    for segment in strip:
        if segment.control:
            continue
        style = segment.style or _NULL
        text = segment.text
        if text.isascii() or segment.cell_length == len(text):
            out += [(char, style) for char in text]
        else:
            out += _wide_cells(text, style)
    return out


def _wide_cells(text: str, style: Style) -> list[Cell]:
    """Cells of a text with wide or combining characters."""
    out: list[Cell] = []
    for char in text:
        cells = _width(char)
        if cells == 0 and out:
            at = len(out) - 1
            while at > 0 and not out[at][0]:
                at -= 1
            out[at] = (out[at][0] + char, style)
        else:
            out.append((char, style))
            out += [("", style)] * (cells - 1)
    return out
