"""Sparklines and filled graphs of what lies on a grid."""

from __future__ import annotations

from collections.abc import Sequence

from msktop.ui.theme import Glyph
from msktop.ui.widgets.canvas import Canvas
from msktop.ui.widgets.grid import GAP, Missing, Scale, Value

_DOTS = ((0x40, 0x80), (0x04, 0x20), (0x02, 0x10), (0x01, 0x08))
"""Bits of a braille cell, from the bottom row to the top one."""
_ASCII_EIGHTHS = " _.:-=*##"
_LEVELS = len(Glyph.SPARKS) - 1


def spark(
    canvas: Canvas,
    x: int,
    y: int,
    values: Sequence[Value],
    scale: Scale,
    spec: str = "spark",
    gap: str = "crit",
) -> None:
    """One row, one cell a value, the newest one bright; a gap is a red `✕`, what nobody looked at is `·`."""
    newest = max((i for i, v in enumerate(values) if not isinstance(v, Missing)), default=-1)
    for i, value in enumerate(values):
        if isinstance(value, Missing):
            missing = (Glyph.CRIT, gap) if value is GAP else (Glyph.DOT, "rule")
            canvas.text(x + i, y, *missing)
        else:
            level = int(scale(value) * _LEVELS + 0.5)
            canvas.text(x + i, y, Glyph.SPARKS[level], spec if i == newest else f"{spec}@62")


def area(
    canvas: Canvas,
    x: int,
    y: int,
    width: int,
    height: int,
    values: Sequence[Value],
    scale: Scale,
    spec: str,
    bad: Sequence[bool] = (),
    end: float | None = None,
) -> None:
    """Filled graph of `width` × `height` cells; takes one value a cell, or two (braille's dot columns).

    Brightness grows with height, so that the crest reads as a line and the body stays quiet. Whatever is
    known stands on a floor of at least one dot; a gap is a red `✕`, what nobody looked at is `·`. Where
    `bad` (one flag a value) the whole column is red: something did not answer there. Columns of values over
    `end`, the scale's, are topped with `▲`.
    """
    pairs = [tuple(values[2 * i : 2 * i + 2]) for i in range(width)] if len(values) > width else None
    for i in range(width):
        if pairs is None and i >= len(values):
            break
        pair = pairs[i] if pairs is not None else (values[i], values[i])
        if any(bad[2 * i : 2 * i + 2] if pairs is not None else bad[i : i + 1]):
            _column_bad(canvas, x + i, y, height)
            continue
        if all(isinstance(v, Missing) for v in pair):
            missing = (Glyph.CRIT, "crit") if GAP in pair else (Glyph.DOT, "rule")
            canvas.text(x + i, y + height - 1, *missing)
            continue
        tops = [0.0 if isinstance(v, Missing) else scale(v) * height for v in pair]
        over = end is not None and any(not isinstance(v, Missing) and v > end for v in pair)
        if canvas.look.ascii:
            _column_ascii(canvas, x + i, y, height, max(tops), spec)
        else:
            dots = [
                0 if isinstance(v, Missing) else max(1, round(t * 4)) for v, t in zip(pair, tops, strict=True)
            ]
            _column(canvas, x + i, y, height, dots, spec)
        if over:
            canvas.text(x + i, y, Glyph.WARN, "warn")


def _column(canvas: Canvas, x: int, y: int, height: int, dots: Sequence[int], spec: str) -> None:
    for row in range(height):
        bits = 0
        for side, top in enumerate(dots):
            for dot in range(min(4, top - row * 4)):
                bits |= _DOTS[dot][side]
        if bits:
            bright = 30 + round(55 * (row + 1) / height)
            canvas.text(x, y + height - 1 - row, chr(0x2800 + bits), f"{spec}@{bright}")


def _column_bad(canvas: Canvas, x: int, y: int, height: int) -> None:
    mark = Glyph.CRIT if canvas.look.ascii else "⣿"
    for row in range(height):
        canvas.text(x, y + row, mark, "crit")


def _column_ascii(canvas: Canvas, x: int, y: int, height: int, top: float, spec: str) -> None:
    for row in range(height):
        level = max(0, min(8, round((top - row) * 8)))
        if row == 0:
            level = max(1, level)
        canvas.text(x, y + height - 1 - row, _ASCII_EIGHTHS[level], spec)
