"""What stands over a screen: a raised box with a border, the only one there is; lines of words within."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from msktop.ui.theme import Glyph, Severity, sign, token
from msktop.ui.widgets.canvas import Canvas
from msktop.ui.widgets.titled import wrap

Line = list[tuple[str, str]]
"""(text, spec) parts from the left."""

EDGE = 3
"""Cells between the border and the words."""
_ON = " on:raised"


def box(canvas: Canvas, title: str, severity: Severity = "warn") -> None:
    """The border, with the title in it, and the raised ground; all of the canvas."""
    width, height = canvas.width, canvas.height
    line = token(severity) + _ON
    canvas.text(0, 0, Glyph.FIRST + Glyph.RULE * (width - 2) + "╮", line)
    for y in range(1, height - 1):
        canvas.text(0, y, Glyph.WALL + " " * (width - 2) + Glyph.WALL, line)
    canvas.text(0, height - 1, Glyph.LAST + Glyph.RULE * (width - 2) + "╯", line)
    x = canvas.text(EDGE, 0, f" {sign(severity)} ", f"{token(severity)} b" + _ON)
    canvas.text(x, 0, title + " ", "strong b" + _ON, width - x - EDGE)


def put(canvas: Canvas, y: int, line: Line, x: int = EDGE) -> int:
    """Parts of a line one after the other, cut at the border; returns the x after them."""
    end = canvas.width - EDGE
    for text, spec in line:
        on = spec if "on:" in spec else spec + _ON
        x = canvas.text(x, y, text, on, max(0, end - x))
    return x


def put_right(canvas: Canvas, y: int, line: Line) -> None:
    """The same, ending at the border."""
    put(canvas, y, line, canvas.width - EDGE - sum(cell_len(text) for text, _ in line))


def words(text: str, width: int, *, mark: Line | None = None, spec: str = "text") -> list[Line]:
    """Wrapped words; `mark` stands before the first line, the others are indented as far.

    >>> words("it is done", 9, mark=[("· ", "muted")])
    [[('· ', 'muted'), ('it is', 'text')], [('  ', 'text'), ('done', 'text')]]
    """
    first = mark or []
    indent = sum(cell_len(part) for part, _ in first)
    lines = wrap(text, width - indent) or [""]
    rest: Line = [(" " * indent, "text")] if indent else []
    return [[*(first if i == 0 else rest), (line, spec)] for i, line in enumerate(lines)]


def page(lines: Sequence[Line], top: int, height: int) -> tuple[int, Sequence[Line]]:
    """The lines from `top` that have room, and the `top` that is possible."""
    top = max(0, min(top, len(lines) - height))
    return top, lines[top : top + height]


def keys_line(canvas: Canvas, y: int, keys: Sequence[tuple[str, str]]) -> int:
    """`esc cancel   ↵ send`: keys in accent; returns the x after them."""
    x = EDGE
    for key, word in keys:
        written = "ret" if canvas.look.ascii and key == Glyph.ENTER else key
        x = put(canvas, y, [(written, "accent"), (f" {word}", "muted")], x) + 3
    return x
