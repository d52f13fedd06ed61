"""The first picture: header, verdict and footer as the overview will have them, from very few modules.

Importing Textual takes longer than all that is done before. This is on the screen meanwhile, and
nothing of it moves when the overview takes its place.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from rich.color import ColorSystem

from msktop.ui.codes import codes
from msktop.ui.format import cut, foreign
from msktop.ui.keys import ACT, APP, MOVE, SCREEN
from msktop.ui.places import LEAST
from msktop.ui.theme import Glyph, Look, sign
from msktop.ui.widgets.canvas import Canvas
from msktop.ui.widgets.keybar import draw_footer

ALTERNATE = "\x1b[?1049h"


class Opening(NamedTuple):
    """What is opened."""

    name: str
    bootstrap_servers: str
    changeable: bool
    """Whether there is a control plane, and so a key to change something."""


def draw_opening(canvas: Canvas, opening: Opening) -> None:
    """Header and verdict at the top, the footer at the bottom."""
    width = canvas.width
    canvas.text(0, 0, " " * width, "text on:raised")
    canvas.text(1, 0, foreign(opening.name or "msktop", 32), "strong b on:raised")
    x = canvas.right(width - 1, 0, "live", "text on:raised")
    canvas.right(x - 1, 0, Glyph.OK, "ok on:raised")
    x = canvas.text(1, 1, sign("heal") + " ", "heal b")
    x = canvas.text(x, 1, "Connecting", "strong b")
    if opening.bootstrap_servers:
        canvas.text(x + 3, 1, cut(f"trying {foreign(opening.bootstrap_servers, 60)}", width - x - 4))
    act = ACT if opening.changeable else ()
    keys = (*(k for k in MOVE if k.id == "open"), *SCREEN, *act, *APP)
    footer = canvas.sub(width, 1)
    draw_footer(footer, "overview", tuple(k for k in keys if k.footer))
    canvas.blit(0, canvas.height - 1, footer)


def frame(width: int, height: int, look: Look, opening: Opening, environ: Mapping[str, str]) -> str:
    """What to write to the terminal: the alternate screen with the picture; too small a one stays empty."""
    colors = _colors(environ)

    def ink(text: str, spec: str) -> str:
        said = (code for code in codes(look.ink(spec), colors) if code)
        return f"\x1b[{';'.join(('0', *said))}m{text}"

    rows: list[str] = []
    if width >= LEAST[0] and height >= LEAST[1]:
        canvas = Canvas(width, height, look)
        draw_opening(canvas, opening)
        for y in (0, 1, height - 1):
            rows += [f"\x1b[{y + 1}H", *(ink(*run) for run in canvas.runs(y))]
    return "".join((ALTERNATE, "\x1b[?25l", ink("", "text"), "\x1b[2J", *rows))


def _colors(environ: Mapping[str, str]) -> ColorSystem:
    """What Rich will find, but for terminals that nobody has."""
    if environ.get("COLORTERM", "").strip().lower() in ("truecolor", "24bit"):
        return ColorSystem.TRUECOLOR
    return ColorSystem.EIGHT_BIT if "256" in environ.get("TERM", "") else ColorSystem.STANDARD
