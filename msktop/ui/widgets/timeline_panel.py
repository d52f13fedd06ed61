"""The timeline: lanes, a cursor in time and lane, and in words what was going on there."""

from __future__ import annotations

from textual import events

from msktop.session import View
from msktop.ui.format import clock, dur
from msktop.ui.places import Place
from msktop.ui.rows.lanes import lanes_of
from msktop.ui.rows.moment import facts_at
from msktop.ui.rows.timeline import Lane
from msktop.ui.rows.window import Window
from msktop.ui.theme import Glyph, sign, token
from msktop.ui.widgets.canvas import Canvas
from msktop.ui.widgets.draw import title
from msktop.ui.widgets.grid import Grid
from msktop.ui.widgets.paint import Paint
from msktop.ui.widgets.strips import span_word
from msktop.ui.widgets.timeline import (
    Cursor,
    Graphs,
    Legend,
    Placed,
    draw_axis,
    draw_isr,
    draw_legend,
    draw_spans,
    label_cells,
    placed,
)

_ABOVE = 2
"""Title and axis."""
_KEYS = "←→ ↑↓ cursor  z Z zoom  n N event"


class TimelinePanel(Paint):
    """Lanes, and below them what was going on at the cursor."""

    EVERY_S = 1.0

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.window = Window()
        self.wanted = ""
        self.selected = ""
        """Key of a lane; empty: that of the incidents."""
        self._graphs = Graphs()

    def watch_view(self, view: View) -> None:
        """A replay that goes back takes the window along."""
        if self.window.end is not None and self.window.end > view.cluster.at:
            self.window = Window(self.window.zoom)
        super().watch_view(view)

    # -------------------------------------------------------------- where

    @property
    def cells(self) -> int:
        """Cells of the time axis."""
        return max(1, self.size.width - label_cells(self.size.width))

    @property
    def on(self) -> Grid:
        """The time that is shown."""
        return self.window.on(self.view.cluster.at, self.cells)

    @property
    def column(self) -> int:
        """The cursor's cell."""
        return self.window.column(self.view.cluster.at, self.cells)

    @property
    def _detail(self) -> int:
        """Rows for the moment of the cursor."""
        height = self.size.height
        return 3 if height < 17 else 4 if height < 28 else 8 if height < 48 else 10

    @property
    def _bottom(self) -> int:
        """The row after the lanes; a blank one divides them from the words where there is room."""
        return self.size.height - self._detail - (self._detail >= 8)

    @property
    def lanes(self) -> list[Lane]:
        """Every lane that can be selected."""
        return [lane for lane in self._lanes() if not lane.heading]

    def _lanes(self) -> list[Lane]:
        room = max(1, self._bottom - _ABOVE)
        brokers = None
        if self.wanted:
            text = self.wanted.casefold()
            named = self.view.cluster.brokers.values()
            brokers = [b.id for b in named if text in b.name or text in (b.zone or "").casefold()]
        return lanes_of(self.view, room, brokers)

    @property
    def lane(self) -> Lane | None:
        """The selected one; while it is folded away, that of the incidents."""
        lanes = self.lanes
        return next((lane for lane in lanes if lane.key == self.selected), lanes[-1] if lanes else None)

    @property
    def pointed(self) -> Place | None:
        """What Enter opens."""
        lane = self.lane
        if lane is None:
            return None
        span = lane.at(self.on, self.column)
        return span.place if span is not None and span.place is not None else lane.place

    def select(self, by: int) -> None:
        """The lane so many below."""
        lanes, lane = self.lanes, self.lane
        at = next((i for i, one in enumerate(lanes) if lane is not None and one.key == lane.key), 0)
        self.selected = lanes[max(0, min(len(lanes) - 1, at + by))].key
        self.tick()

    def zoom(self, by: int) -> None:
        """A shorter or longer time, on scales of its own."""
        self.window = self.window.zoomed(by, self.view.cluster.at, self.cells)
        self._graphs = Graphs()
        self.tick()

    def on_click(self, event: events.Click) -> None:
        """Point at a time."""
        x = event.x - label_cells(self.size.width)
        cluster = self.view.cluster
        if 0 <= x < self.cells and self._on_lanes(event.y):
            self.window = self.window.moved(
                x - self.column, cluster.at, self.cells, cluster.started_at or 0.0
            )
            self.tick()

    def _on_lanes(self, y: int) -> bool:
        """Whether a row is one of the axis or a lane."""
        return 1 <= y < self.size.height - self._detail

    # -------------------------------------------------------------- what

    def paint(self, canvas: Canvas) -> None:
        """All of it."""
        on, column, window = self.on, self.column, self.window
        stays = _KEYS if window.follows else f"ends {clock(on.now)}, G: now"
        notes = (span_word(on), f"a cell is {on.step_s:g} s", "UTC")
        title(canvas, 0, "Timeline", notes, right=stays)
        if self.view.cluster.started_at is None:
            return
        at = Cursor(label_cells(canvas.width), on, column, window.follows)
        draw_axis(canvas, 1, at)
        self._paint_lanes(canvas, self._bottom, at)
        self._paint_moment(canvas, canvas.height - self._detail, on, column)

    def _paint_lanes(self, canvas: Canvas, bottom: int, at: Cursor) -> None:
        lane = self.lane
        chosen = lane.key if lane is not None else ""
        y, mine = _ABOVE, at.x + at.column
        for one in _visible(placed(self._lanes(), bottom - _ABOVE), bottom - _ABOVE, chosen):
            if y + one.height > bottom:
                break
            for row in range(y, y + one.height):
                canvas.text(mine, row, Glyph.WALL, "accent")
            if one.lane is not None:
                self._paint_lane(canvas, y, one.lane, one.height, at, one.lane.key == chosen)
            for row in range(y, y + one.height):
                canvas.back(row, "select", mine, mine + 1)
            y += one.height

    def _paint_lane(self, canvas: Canvas, y: int, lane: Lane, height: int, at: Cursor, chosen: bool) -> None:
        cluster, legend = self.view.cluster, Legend(lane.name)
        if lane.kind == "requests":
            legend = self._graphs.requests(canvas, y, height, cluster, at)
        elif lane.kind == "probe":
            legend = self._graphs.probe(canvas, y, height, cluster, at)
        elif lane.kind == "isr":
            legend = draw_isr(canvas, y, cluster, lane, at)
        elif not lane.heading:
            draw_spans(canvas, y, lane, at)
        worst = lane.at(at.on, at.column)
        loud = worst is not None and worst.severity == "crit" and lane.kind in ("broker", "zone")
        spec = "crit b" if loud else "strong b" if chosen else "faint" if lane.heading else "muted"
        draw_legend(canvas, y, height, legend, at.x, spec)
        if chosen:
            canvas.back(y, "select", 0, at.x - 1)
            canvas.text(0, y, Glyph.SELECTED, "accent on:select")

    def _paint_moment(self, canvas: Canvas, y: int, on: Grid, column: int) -> None:
        """The cursor's time, and what was going on then."""
        cluster = self.view.cluster
        at = on.begin + column * on.step_s
        ago = "" if self.window.follows else f"{dur(max(0.0, cluster.at - at)).strip()} ago"
        head = "Now" if self.window.follows else f"At {clock(at)}"
        title(canvas, y, head, ago)
        facts = facts_at(self.view, on, column)
        room = canvas.height - y - 1
        shown = facts if len(facts) <= room else facts[: max(0, room - 1)]
        for fact in shown:
            y += 1
            canvas.text(0, y, sign(fact.severity), token(fact.severity))
            canvas.text(2, y, fact.who, "strong b", 12)
            canvas.text(15, y, fact.text, "text", canvas.width - 15)
        if len(shown) < len(facts):
            canvas.text(
                2, y + 1, f"and {len(facts) - len(shown)} more: a shorter time (z) tells them apart", "muted"
            )
        elif not facts:
            watched = cluster.started_at is not None and at + on.step_s > cluster.started_at
            words = "no incident, no operation" if watched else "before this session: nobody looked"
            canvas.text(0, y + 1, sign("ok" if watched else "none"), token("ok" if watched else "none"))
            canvas.text(2, y + 1, words, "muted")


def _visible(all_of_them: list[Placed], room: int, chosen: str) -> list[Placed]:
    """From the first on, or so far down that the selected one is seen."""
    below = 0
    for i, one in enumerate(all_of_them):
        below += one.height
        if one.lane is not None and one.lane.key == chosen and below > room:
            heights, first = 0, i
            while first >= 0 and heights + all_of_them[first].height <= room:
                heights += all_of_them[first].height
                first -= 1
            return all_of_them[first + 1 :]
    return all_of_them
