"""Columns of live tables as data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

from msktop.ui.widgets.canvas import Canvas

Row = TypeVar("Row")
Cell = str | tuple[str, str]
"""A text, or a text with its token spec."""


@dataclass(frozen=True, kw_only=True)
class Column(Generic[Row]):
    """One column: what heads it, how wide it is, what a row shows in it.

    Give `cell`, or `draw(canvas, x, y, width, row)` for sparklines and bars. `width` 0 takes what is left.
    """

    head: str
    width: int
    cell: Callable[[Row], Cell] | None = None
    draw: Callable[[Canvas, int, int, int, Row], None] | None = None
    align: Literal["<", ">"] = "<"
    spec: str = "text"
    min_width: int = 0
    """Hidden where the table is narrower than this."""
    gap: int = 2
    """Blanks after it."""
    sort: Callable[[Row], Any] | None = None
    """Sorts rows by this column; None: it cannot be sorted by."""
    descending: bool = False
    """Largest first when it is first sorted by."""


def widths(columns: list[Column[Row]], width: int) -> list[tuple[Column[Row], int]]:
    """The columns that have room in `width` cells, and how wide each is."""
    shown = [c for c in columns if width >= c.min_width]
    taken = sum(c.width for c in shown) + sum(c.gap for c in shown[:-1])
    flexible = sum(c.width == 0 for c in shown)
    share, rest = divmod(max(0, width - taken), flexible) if flexible else (0, 0)
    out = []
    for column in shown:
        own = column.width
        if own == 0:
            own = share + (1 if rest > 0 else 0)
            rest -= 1
        out.append((column, own))
    return out


def figure(
    head: str,
    width: int,
    cell: Callable[[Row], Cell],
    sort: Callable[[Row], Any],
    *,
    min_width: int = 0,
    gap: int = 2,
) -> Column[Row]:
    """A column of numbers: at the right, and the largest first when it is sorted by.

    >>> of = figure("lag", 5, str, abs)
    >>> of.align, of.descending
    ('>', True)
    """
    return Column(
        head=head,
        width=width,
        cell=cell,
        align=">",
        sort=sort,
        descending=True,
        min_width=min_width,
        gap=gap,
    )


class Now:
    """The time of the view, for the words of rows."""

    def __init__(self) -> None:
        self.at = 0.0
