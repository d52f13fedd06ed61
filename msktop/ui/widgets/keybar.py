"""What the last line of a screen says; drawn also before there is a screen."""

from __future__ import annotations

from rich.cells import cell_len

from msktop.ui.format import cut
from msktop.ui.keys import Key
from msktop.ui.places import VIEWS, ViewName
from msktop.ui.theme import Glyph
from msktop.ui.widgets.canvas import Canvas

WIDE = 110
"""Cells from which there is room for names and not only for signs."""
_ROOMY = 140
"""Cells from which there is room for two blanks between names, and still for every key."""


def draw_prompt(canvas: Canvas, label: str, text: str, note: str) -> None:
    """A line that is being typed."""
    canvas.text(0, 0, " " * canvas.width, "text on:raised")
    x = canvas.text(1, 0, label + " ", "accent on:raised")
    x = canvas.text(x, 0, cut(text, canvas.width - x - 3), "strong b on:raised")
    canvas.text(x, 0, Glyph.SELECTED, "accent on:raised")
    if x + cell_len(note) + 4 < canvas.width:
        canvas.right(canvas.width - 1, 0, note, "muted on:raised")


def draw_footer(canvas: Canvas, here: ViewName, keys: tuple[Key, ...], note: str = "") -> None:
    """Names where there is room, else only numbers; keys leave from the left."""
    canvas.text(0, 0, " " * canvas.width, "text on:raised")
    names = canvas.width >= WIDE
    shared = canvas.width < _ROOMY  # the blank after a view is the one before the next
    x, marked = 1, (1, "")
    for key, view, name in VIEWS:
        label = f" {key} {name} " if names or view == here else f" {key} "
        if view == here:
            marked = x, label
        x = canvas.text(x, 0, label, "muted on:raised") - shared
    canvas.text(marked[0], 0, marked[1], "strong b on:select")
    if note:
        x = canvas.text(x + 1, 0, cut(note, canvas.width - x - 12), "muted on:raised")
    end = canvas.width - 1
    for key_ in reversed(keys):
        written = "ret" if canvas.look.ascii and key_.sign == Glyph.ENTER else key_.written.split(" ")[0]
        need = cell_len(written) + 1 + cell_len(key_.label)
        if end - need < x + 2:
            break
        end = canvas.right(end, 0, key_.label, "muted on:raised")
        end = canvas.right(end - 1, 0, written, "accent on:raised") - 2
