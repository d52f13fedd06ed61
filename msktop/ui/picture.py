"""A screen as an SVG of our own: blocks, braille and lines are shapes, as modern terminals draw them."""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator

from rich.cells import get_character_cell_size
from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.screen import Screen

from msktop.ui.theme import PALETTES, Look

CELL_WIDTH, CELL_HEIGHT, FONT_SIZE = 9, 20, 15
FONT = "JetBrains Mono, DejaVu Sans Mono, Menlo, Consolas, monospace"

_ANSI = (
    "#000000", "#cd3131", "#0dbc79", "#e5e510", "#2472c8", "#bc3fbc", "#11a8cd", "#cccccc",
    "#666666", "#f14c4c", "#23d18b", "#f5f543", "#3b8eea", "#d670d6", "#29b8db", "#ffffff",
)  # fmt: skip
_BRAILLE = ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3))

Row = list[Segment]


def rows_of(screen: Screen[object]) -> list[Row]:
    """What a screen shows now, with everything below and above it, as rows of segments."""
    app = screen.app
    update = screen._compositor.render_update(full=True, screen_stack=app._background_screens)
    strips = getattr(update, "strips", [])
    return [[segment for part in line for segment in part if not segment.control] for line in strips]


def text_of(rows: Iterable[Row]) -> list[str]:
    """Only the characters, without blanks at the end."""
    return ["".join(s.text for s in row).rstrip() for row in rows]


def svg_of(rows: list[Row], look: Look) -> str:
    """The picture, in the look's own colours."""
    colors = PALETTES[look.palette] if look.palette in ("night", "day") else None
    back = colors["bg"] if colors else "#101010"
    fore = colors["text"] if colors else "#cccccc"
    width = max((sum(s.cell_length for s in row) for row in rows), default=0)
    body = "".join(part for y, row in enumerate(rows) for part in _row(row, y, fore, back))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width * CELL_WIDTH}"'
        f' height="{len(rows) * CELL_HEIGHT}" font-family="{FONT}" font-size="{FONT_SIZE}"'
        ' xml:space="preserve">'
        f'<rect width="100%" height="100%" fill="{back}"/>{body}</svg>\n'
    )


def _row(row: Row, y: int, fore: str, back: str) -> Iterator[str]:
    x, top = 0, y * CELL_HEIGHT
    for segment in row:
        style = segment.style or Style.null()
        front, behind = _hex(style.color, fore), _hex(style.bgcolor, back)
        if style.reverse:
            front, behind = behind, front
        if style.dim:
            front = _mix(front, behind, 0.45)
        cells = segment.cell_length
        if behind != back:
            yield _rect(x * CELL_WIDTH, top, cells * CELL_WIDTH, CELL_HEIGHT, behind)
        yield from _runs(segment.text, x, top, front, style)
        x += cells


def _runs(text: str, x: int, top: int, color: str, style: Style) -> Iterator[str]:
    """Letters together, so that the font can space them; everything that fills its cell as a shape."""
    run, run_x = "", x
    for char in text:
        cells = get_character_cell_size(char)
        shape = _shape(char, x * CELL_WIDTH, top, color) if cells == 1 else None
        if shape is not None or char == " " or cells == 2:
            if run:
                yield _text(run, run_x, top, color, style)
            run = ""
            if shape is not None:
                yield shape
            elif cells == 2:
                yield _text(char, x, top, color, style)
        else:
            run_x = run_x if run else x
            run += char
        x += cells
    if run:
        yield _text(run, run_x, top, color, style)


def _text(run: str, x: int, top: int, color: str, style: Style) -> str:
    bold = ' font-weight="700"' if style.bold else ""
    line = ' text-decoration="underline"' if style.underline else ""
    # The length keeps cells in their places also where the viewer has another font.
    length = sum(get_character_cell_size(c) for c in run) * CELL_WIDTH
    return (
        f'<text x="{x * CELL_WIDTH}" y="{top + 15}" textLength="{length}" fill="{color}"{bold}{line}>'
        f"{html.escape(run)}</text>"
    )


def _hex(color: Color | None, default: str) -> str:
    if color is None or color.is_default:
        return default
    if color.triplet is not None:
        return color.triplet.hex
    return _ANSI[color.number] if color.number is not None and color.number < 16 else default


def _mix(a: str, b: str, share: float) -> str:
    pairs = ((int(a[i : i + 2], 16), int(b[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(x * (1 - share) + y * share):02x}" for x, y in pairs)


def _rect(x: float, y: float, width: float, height: float, color: str) -> str:
    return f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" fill="{color}"/>'


def _shape(char: str, x: int, y: int, color: str) -> str | None:
    """A character that fills its cell, as a shape; None for a letter."""
    code = ord(char)
    if 0x2801 <= code <= 0x28FF:
        return "".join(
            _rect(x + 0.6 + cx * 4.5, y + 0.9 + cy * 5, 3.3, 3.5, color)
            for i, (cx, cy) in enumerate(_BRAILLE)
            if (code - 0x2800) >> i & 1
        )
    if 0x2581 <= code <= 0x2588:
        height = (code - 0x2580) * CELL_HEIGHT / 8
        return _rect(x, y + CELL_HEIGHT - height, CELL_WIDTH, height, color)
    boxes = {
        "▌": (0, 0, 4, CELL_HEIGHT), "─": (0, 9.5, CELL_WIDTH, 1), "━": (0, 8.5, CELL_WIDTH, 3),
        "│": (4, 0, 1, CELL_HEIGHT), "▮": (1.5, 5, 5, 10),
    }  # fmt: skip
    if char in boxes:
        dx, dy, width, height = boxes[char]
        return _rect(x + dx, y + dy, width, height, color)
    return _sign(char, x, y, color)


def _sign(char: str, x: int, y: int, color: str) -> str | None:
    cx, cy = x + 4.5, y + 10
    if char in "╭╮╰╯":
        side = x + CELL_WIDTH if char in "╭╰" else x
        end = y + CELL_HEIGHT if char in "╭╮" else y
        return f'<path d="M{cx},{end} Q{cx},{cy} {side},{cy}" fill="none" stroke="{color}"/>'
    paths = {
        "●": f'<circle cx="{cx}" cy="{cy}" r="3.6" fill="{color}"/>',
        "○": f'<circle cx="{cx}" cy="{cy}" r="3.2" fill="none" stroke="{color}" stroke-width="1.2"/>',
        "◐": f'<circle cx="{cx}" cy="{cy}" r="3.3" fill="none" stroke="{color}" stroke-width="1.2"/>'
        f'<path d="M{cx},{cy - 3.4} A3.4,3.4 0 0 0 {cx},{cy + 3.4} Z" fill="{color}"/>',
        "✕": f'<path d="M{x + 1.2},{y + 6.4} l6.6,7.2 M{x + 7.8},{y + 6.4} l-6.6,7.2"'
        f' stroke="{color}" stroke-width="1.9"/>',
        "▲": f'<path d="M{cx},{y + 5.6} L{x + 8.6},{y + 13.6} L{x + 0.4},{y + 13.6} Z" fill="{color}"/>',
        "◆": f'<path d="M{cx},{y + 5.6} l4,4.4 l-4,4.4 l-4,-4.4 Z" fill="{color}"/>',
    }
    return paths.get(char)
