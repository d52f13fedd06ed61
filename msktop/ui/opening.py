"""The first picture: header, verdict and footer as the overview will have them, from very few modules.

Importing Textual takes longer than all that is done before. This is on the screen meanwhile, says what is
known of the cluster as soon as anything is, and nothing of it moves when the overview takes its place.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from rich.color import ColorSystem

from msktop.ui.codes import codes
from msktop.ui.format import cut, foreign
from msktop.ui.keys import ACT, APP, MOVE, SCREEN
from msktop.ui.places import LEAST, TALL
from msktop.ui.theme import Glyph, Look, sign
from msktop.ui.widgets.canvas import Canvas
from msktop.ui.widgets.keybar import draw_footer

if TYPE_CHECKING:
    from msktop.session import View

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


class FirstPicture:
    """The picture on a terminal, from `begin` until something else takes its place."""

    def __init__(
        self, width: int, height: int, look: Look, environ: Mapping[str, str], write: Callable[[str], None]
    ) -> None:
        self._size = width, height
        self._look = look
        self._colors = _colors(environ)
        self._write = write
        self._lock = threading.Lock()
        self._is_shown = False
        self._said = ""

    @property
    def has_room(self) -> bool:
        """Whether there is a picture; a terminal that is too small stays empty."""
        return self._size[0] >= LEAST[0] and self._size[1] >= LEAST[1]

    def begin(self, opening: Opening) -> None:
        """The alternate screen, and on it what is known before anything was asked."""
        width, height = self._size
        rows: Iterable[str] = ()
        if self.has_room:
            canvas = Canvas(width, height, self._look)
            draw_opening(canvas, opening)
            rows = self._rows(canvas, (0, 1, height - 1))
        self._write("".join((ALTERNATE, "\x1b[?25l", self._ink("", "text"), "\x1b[2J", *rows)))
        self._is_shown = self.has_room

    def show(self, view: View) -> None:
        """What a session knows by now, until `end`; for any thread."""
        if not self._is_shown:
            return
        from msktop.ui.widgets.headline import draw_header, draw_said

        width, height = self._size
        verdict = Canvas(width, 3 if height >= TALL else 1, self._look)
        draw_said(verdict, view)
        canvas = Canvas(width, 1 + verdict.height, self._look)
        draw_header(canvas, view, "live")
        canvas.blit(0, 1, verdict)
        said = "".join(self._rows(canvas, range(canvas.height)))
        with self._lock:
            if self._is_shown and said != self._said:
                self._said = said
                self._write(said)

    def end(self) -> None:
        """From now on the terminal belongs to somebody else."""
        with self._lock:
            self._is_shown = False

    def _rows(self, canvas: Canvas, ys: Iterable[int]) -> Iterable[str]:
        for y in ys:
            yield f"\x1b[{y + 1}H"
            yield from (self._ink(text, spec) for text, spec in canvas.runs(y))

    def _ink(self, text: str, spec: str) -> str:
        said = (code for code in codes(self._look.ink(spec), self._colors) if code)
        return f"\x1b[{';'.join(('0', *said))}m{text}"


def _colors(environ: Mapping[str, str]) -> ColorSystem:
    """What Rich will find, but for terminals that nobody has."""
    if environ.get("COLORTERM", "").strip().lower() in ("truecolor", "24bit"):
        return ColorSystem.TRUECOLOR
    return ColorSystem.EIGHT_BIT if "256" in environ.get("TERM", "") else ColorSystem.STANDARD
