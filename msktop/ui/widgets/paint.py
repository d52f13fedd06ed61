"""The base of everything live on a screen: paints a Canvas, and redraws only the cells that changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import ClassVar

from textual.geometry import Region, Size
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from msktop.model.incidents import Incidents
from msktop.session import View
from msktop.ui.theme import Look
from msktop.ui.widgets.canvas import Canvas

_JOIN = 8
"""Changed parts of a row with fewer unchanged cells between them are drawn as one: a jump costs as much."""


WARM_S = 3.0
"""In the first seconds of a session every view is drawn: each brings something for the first time."""


class Paint(ScrollView, can_focus=False):
    """Write `paint(canvas)`; call `tick()` when what it shows may have changed.

    `view` is what the panel shows, bound by its screen: `Paint(...).data_bind(LiveScreen.view)`.
    """

    DEFAULT_CSS = "Paint { background: $background; scrollbar-size: 0 0; }"

    view: reactive[View] = reactive(View, repaint=False, init=False)
    EVERY_S: ClassVar[float | None] = None
    """How often a new view is worth a new picture, in seconds of the view's own time at the app's normal
    pace; None: every view. What happens to the incidents is drawn at once."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._strips: list[Strip] | None = None
        self._painted_at: float | None = None
        self._told: Incidents | None = None

    def paint(self, canvas: Canvas) -> None:
        """Draw everything; pure in what the panel was given."""
        raise NotImplementedError

    @property
    def look(self) -> Look:
        """What the terminal can show."""
        look = getattr(self.app, "look", None)
        return look if isinstance(look, Look) else Look()

    @property
    def drawn(self) -> bool:
        """Whether what it shows now was drawn."""
        return self._strips is not None

    # -------------------------------------------------------------- when

    def watch_view(self, view: View) -> None:
        """A new state: draw it if it is time."""
        at, before = view.cluster.at, self._painted_at
        news = view.incidents is not self._told
        paced = self.EVERY_S is not None and at - (view.cluster.started_at or at) >= WARM_S
        if paced and before is not None and not news:
            pace = getattr(self.app, "pace", 1.0)
            if before <= at < before + (self.EVERY_S or 0.0) * pace - 0.05 and not self.urgent(view):
                return
        self._painted_at, self._told = at, view.incidents
        self.tick()

    def urgent(self, view: View) -> bool:
        """Whether to draw each view now, because a stopwatch runs."""
        return False

    def tick(self) -> None:
        """Draw anew, and send only what differs."""
        old = self._strips
        if not self.is_attached or not self.size:
            return
        if old is None or not self.screen.is_active:
            self.repaint()
            return
        self._strips = new = self._build()
        if len(old) != len(new):
            self.refresh()
            return
        for y, (before, after) in enumerate(zip(old, new, strict=True)):
            for x, width in changed(before, after):
                self.refresh(Region(x, y, width, 1))

    def repaint(self) -> None:
        """Forget what was drawn and draw everything: after a new size or look."""
        self._strips = None
        self.refresh()

    def on_resize(self) -> None:
        """Everything moves."""
        self.virtual_size = Size(self.size.width, self.size.height)
        self.repaint()

    # -------------------------------------------------------------- what

    def _build(self) -> list[Strip]:
        canvas = Canvas(self.size.width, self.size.height, self.look)
        self.paint(canvas)
        return canvas.strips()

    def render_line(self, y: int) -> Strip:
        """One row, for Textual."""
        if self._strips is None or len(self._strips) != self.size.height:
            self._strips = self._build()
        return self._strips[y] if y < len(self._strips) else Strip.blank(self.size.width)


class Draw(Paint):
    """Paints with a function: `Draw(lambda canvas, view: …)`."""

    def __init__(
        self,
        draw: Callable[[Canvas, View], None],
        *,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._draw = draw

    def paint(self, canvas: Canvas) -> None:
        """Call the function."""
        self._draw(canvas, self.view)


def changed(before: Strip, after: Strip) -> Iterator[tuple[int, int]]:
    """Which cells of a row differ: (x, width) parts, from the left.

    >>> from rich.segment import Segment
    >>> list(changed(Strip([Segment("b-1  0.91 ms")]), Strip([Segment("b-1  1.02 ms")])))
    [(5, 4)]
    """
    if before == after:
        return
    old, new = _cells(before), _cells(after)
    if len(old) != len(new):
        yield 0, max(len(old), len(new))
        return
    begin = end = -1
    for x, (a, b) in enumerate(zip(old, new, strict=True)):
        if a == b:
            continue
        if begin >= 0 and x - end > _JOIN:
            yield begin, end - begin
            begin = x
        begin = x if begin < 0 else begin
        end = x + 1
    if begin >= 0:
        yield begin, end - begin


def _cells(strip: Strip) -> list[tuple[str, object]]:
    """One entry a cell; a wide character fills as many as it covers."""
    out: list[tuple[str, object]] = []
    for segment in strip:
        style = segment.style
        if segment.text.isascii() or segment.cell_length == len(segment.text):
            out += [(char, style) for char in segment.text]
        else:
            out += [(segment.text, style)] * segment.cell_length
    return out
