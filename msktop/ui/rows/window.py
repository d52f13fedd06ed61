"""The part of time that the timeline shows, and the cursor in it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from msktop.ui.widgets.grid import Grid

SPANS_S = (60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0, 10_800.0, 21_600.0)
"""What `z` and `Z` go through."""
_FIRST = 3
_STEPS = (0.25, 0.5, 1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 30, 40, 60, 90, 120, 180, 240, 300, 600, 900, 1800)


@dataclass(frozen=True, slots=True)
class Window:
    """Until the cursor is moved the window ends now and the cursor is at its end; then both stay.

    >>> moved = Window().moved(-1, 1003.0, 100, 0.0)
    >>> moved.end, moved.cursor, moved.on(1003.0, 100).step_s
    (1003.0, 999.0, 6)
    >>> moved.on(2000.0, 100).begin == moved.on(1003.0, 100).begin
    True
    >>> moved.moved(1, 2000.0, 100, 0.0).end
    1003.0
    """

    zoom: int = _FIRST
    """Index of SPANS_S."""
    end: float | None = None
    """None: it ends now."""
    cursor: float | None = None
    """None: in the newest cell."""

    @property
    def follows(self) -> bool:
        """Whether it ends now."""
        return self.end is None

    def on(self, now: float, cells: int) -> Grid:
        """The window as cells."""
        cells = max(1, cells)
        least = SPANS_S[self.zoom] / cells
        step = next((s for s in _STEPS if s >= least * 0.95), float(math.ceil(least / 3600) * 3600))
        return Grid(now if self.end is None else self.end, step, cells)

    def column(self, now: float, cells: int) -> int:
        """The cursor's cell."""
        on = self.on(now, cells)
        return on.cells - 1 if self.cursor is None else min(on.cells - 1, max(0, on.index(self.cursor)))

    def moved(self, by: int, now: float, cells: int, earliest: float) -> Window:
        """The cursor some cells on; beyond the newest one is now again."""
        on = self.on(now, cells)
        return self.to(_middle(on, self.column(now, cells) + by), now, cells, earliest)

    def to(self, at: float, now: float, cells: int, earliest: float) -> Window:
        """The cursor at a time; the window goes along only when that is outside, and then by half of it.

        >>> Window().to(100.0, 10_000.0, 100, 0.0).on(10_000.0, 100).index(100.0)
        50
        >>> Window(end=500.0, cursor=100.0).to(10_000.0, 10_000.0, 100, 0.0)
        Window(zoom=3, end=None, cursor=None)
        >>> Window().to(-50.0, 700.0, 100, 90.0).cursor
        90.0
        """
        newest = Window(self.zoom).on(now, cells)
        if at >= newest.begin + newest.span_s - newest.step_s:
            return Window(self.zoom)
        on = self.on(now, cells)
        if at < on.begin:  # nobody looked before the session, but what is shown can be pointed at
            at = max(at, min(earliest, on.begin))
        end = on.now
        if not 0 <= on.index(at) < on.cells:
            end = min(now, at + on.span_s / 2 - on.step_s)
        return replace(self, end=end, cursor=at)

    def zoomed(self, by: int, now: float, cells: int) -> Window:
        """A shorter (-1) or longer (1) time; the cursor stays where it is on the screen, as far as it can.

        >>> near = Window().moved(-50, 10_000.0, 100, 0.0).zoomed(-1, 10_000.0, 100)
        >>> near.zoom, near.column(10_000.0, 100), round(near.cursor)
        (2, 49, 9699)
        >>> Window(zoom=0).zoomed(-1, 10_000.0, 100)
        Window(zoom=0, end=None, cursor=None)
        """
        zoom = min(len(SPANS_S) - 1, max(0, self.zoom + by))
        if self.end is None or self.cursor is None:
            return replace(self, zoom=zoom)
        column, before = self.column(now, cells), self.on(now, cells)
        step = replace(self, zoom=zoom).on(now, cells).step_s
        end = min(now, self.cursor + (before.cells - 1 - column) * step)
        return Window(zoom, end, self.cursor)


def _middle(on: Grid, index: int) -> float:
    return on.begin + (index + 0.5) * on.step_s
