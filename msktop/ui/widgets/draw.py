"""The small drawing vocabulary: the head of a panel, meters, split bars, labelled values."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from msktop.ui.theme import Glyph, Severity, sign, token
from msktop.ui.widgets.canvas import Canvas


def title(
    canvas: Canvas,
    y: int,
    text: str,
    note: str | Sequence[str] = "",
    *,
    x: int = 0,
    width: int | None = None,
    focus: bool = False,
    right: str = "",
    right_spec: str = "muted",
) -> None:
    """The only border a panel has: `Title  note ───────────── right`.

    Of several notes those are shown that fit whole, most important first.
    """
    end = canvas.width if width is None else min(canvas.width, x + width)
    px = x
    if focus:
        px = canvas.text(px, y, Glyph.SELECTED, "accent")
    room = end - px - (cell_len(right) + 2 if right else 0)
    px = canvas.text(px, y, text, "strong b", room)
    room = end - px - 4 - cell_len(right)
    words = note if isinstance(note, str) else fitting(note, room)
    if words and room > 4:
        px = canvas.text(px + 2, y, words, "muted", room)
    stop = canvas.right(end, y, right, right_spec) - 1 if right else end
    canvas.text(px + 1, y, Glyph.RULE * max(0, stop - px - 1), "accent" if focus else "rule")


def fitting(facts: Sequence[str], width: int) -> str:
    """Facts in one line, the first ones; none is cut, and one that does not fit is left out.

    >>> fitting(["5 min", "0–8.00k/s", "a cell is 10 s"], 20)
    '5 min · 0–8.00k/s'
    """
    line = ""
    for fact in facts:
        longer = sentence(line, fact)
        if cell_len(longer) <= width:
            line = longer
    return line


def state(canvas: Canvas, x: int, y: int, severity: Severity) -> int:
    """The dot of a severity; returns the x after it."""
    return canvas.text(x, y, sign(severity), token(severity))


def meter(canvas: Canvas, x: int, y: int, width: int, fraction: float | None, spec: str = "muted") -> None:
    """A heavy line over a light one; only the light one where the value is not known."""
    full = 0 if fraction is None else max(0, min(width, round(fraction * width)))
    canvas.text(x, y, Glyph.HEAVY * full, spec)
    canvas.text(x + full, y, Glyph.RULE * (width - full), "rule")


def split_bar(
    canvas: Canvas,
    x: int,
    y: int,
    width: int,
    parts: Sequence[float],
    specs: Sequence[str],
    letters: str = "qlrps",
) -> None:
    """Parts of a whole, in half blocks; letters where colours cannot tell them apart.

    Rounded by largest remainder, so that it always fills its width.
    """
    total = sum(parts)
    if total <= 0:
        canvas.text(x, y, Glyph.DOT, "faint")
        return
    exact = [part / total * width for part in parts]
    cells = [int(e) for e in exact]
    for i in sorted(range(len(exact)), key=lambda i: cells[i] - exact[i])[: width - sum(cells)]:
        cells[i] += 1
    for n, spec, letter in zip(cells, specs, letters, strict=False):
        x = canvas.text(x, y, (letter if canvas.look.plain_bars else Glyph.HALF) * n, spec)


def sentence(*parts: str) -> str:
    """Facts in one line; empty ones are left out.

    >>> sentence("use1-az2", "", "0 offline")
    'use1-az2 · 0 offline'
    """
    return f" {Glyph.DOT} ".join(p for p in parts if p)
