"""Columns of request tables, and the legend of where the time goes."""

from __future__ import annotations

from collections.abc import Callable

from msktop.ui.columns import Cell, Column, figure, widths
from msktop.ui.format import dec, foreign, ms, num, pct, rate
from msktop.ui.rows.requests import RequestRow
from msktop.ui.theme import Glyph, sign, token
from msktop.ui.widgets.broker_head import state_of
from msktop.ui.widgets.canvas import Canvas
from msktop.ui.widgets.draw import split_bar
from msktop.ui.widgets.grid import Grid
from msktop.ui.widgets.row_sparks import rate_grid, rate_spark, usual_note

SPLIT = (("queue", "q1"), ("local", "q2"), ("remote", "q3"), ("resp queue", "q4"), ("send", "q5"))
"""Parts of a request's time by the names of the legend, in the order of rows.requests.PARTS."""
LETTERS = "qlrps"
ERRORS_WORTH_A_MARK_PER_S = 1.0


class Clock:
    """What sparklines in rows need beside their row: the time of the view, and one grid for all rows."""

    def __init__(self) -> None:
        self.at = 0.0
        self.pace_of: RequestRow | None = None

    def note(self, columns: list[Column[RequestRow]], width: int) -> str:
        """What the sparklines of these columns cover in a table of this width; empty where there are none."""
        cells = next((own for c, own in widths(columns, width) if c.draw is not None and not c.head), 0)
        return usual_note(self.grid(cells)) if cells else ""

    def grid(self, cells: int) -> Grid:
        """A grid for all rows of the table."""
        return rate_grid(self.at, cells, self.pace_of.histories if self.pace_of is not None else ())


def broker_columns(clock: Clock) -> list[Column[RequestRow]]:
    """Of one broker: rate, its history, times, errors."""
    return [
        Column(head="type", width=16, cell=lambda r: r.api, sort=lambda r: r.api),
        _rate(),
        _history(clock, 0),
        Column(head="p50", width=5, cell=lambda r: (dec(r.p50_ms), "muted"), align=">"),
        _p99(" ms"),
        _errors(),
    ]


def cluster_columns(clock: Clock) -> list[Column[RequestRow]]:
    """Of all brokers: with where the p99 goes, and the broker that it was seen on."""
    return [
        Column(head="type", width=16, cell=lambda r: r.api, sort=lambda r: r.api),
        _rate(),
        _share(),
        _history(clock, 14, min_width=90),
        Column(head="p50", width=5, cell=lambda r: (dec(r.p50_ms), "muted"), align=">"),
        _p99(),
        Column(head="on", width=5, cell=_slowest, spec="muted", min_width=90),
        Column(head="where the p99 goes", width=0, draw=draw_split),
        Column(head="throttle", width=8, cell=_throttle, align=">", min_width=90),
        _bytes(),
        _errors(),
        Column(head="", width=1, cell=_mark),
        Column(head="errors by code", width=34, cell=_codes, min_width=150),
    ]


def of_broker_columns(clock: Clock, longest_ms: float = 0.0) -> list[Column[RequestRow]]:
    """One request on each broker; bars on one scale, so that the slow broker's is the longest."""

    def bar(canvas: Canvas, x: int, y: int, width: int, row: RequestRow) -> None:
        draw_split(canvas, x, y, round(width * sum(row.parts_ms) / longest_ms) if longest_ms else width, row)

    return [
        Column(head="", width=1, cell=_state, gap=1),
        Column(head="broker", width=6, cell=lambda r: _slowest(r, always=True)),
        Column(head="zone", width=9, cell=_zone, spec="muted"),
        _rate(),
        _share(min_width=90),
        _history(clock, 14, min_width=110),
        Column(head="p50", width=5, cell=lambda r: (dec(r.p50_ms), "muted"), align=">"),
        _p99(),
        Column(head="", width=0, draw=bar),
        *(
            Column(head=head, width=6, cell=_part(i), align=">", min_width=100 if i < 3 else 150)
            for i, head in enumerate(("queue", "local", "remote", "resp q", "send"))
        ),
        Column(head="throttle", width=8, cell=_throttle, align=">", min_width=150),
        _bytes(min_width=150),
        _errors(),
        Column(head="errors by code", width=34, cell=_codes, min_width=180),
    ]


def _part(index: int) -> Callable[[RequestRow], Cell]:
    return lambda row: (dec(row.parts_ms[index], 6) if row.parts_ms else Glyph.UNKNOWN, "muted")


def _state(row: RequestRow) -> Cell:
    severity = state_of(row.slowest) if row.slowest is not None else "none"
    return sign(severity), token(severity)


def _zone(row: RequestRow) -> Cell:
    return foreign((row.slowest.zone if row.slowest else None) or Glyph.UNKNOWN)


def legend(canvas: Canvas, x: int, y: int) -> int:
    """The colours of the split bars, with their letters where colours do not do."""
    for (name, spec), letter in zip(SPLIT, LETTERS, strict=True):
        x = canvas.text(x, y, letter if canvas.look.plain_bars else Glyph.HALF * 2, spec)
        x = canvas.text(x + 1, y, name, "muted") + 2
    return x


def draw_split(canvas: Canvas, x: int, y: int, width: int, row: RequestRow) -> None:
    """A request's time by part; the part that waits by design is dimmed."""
    if not row.parts_ms:
        canvas.text(x, y, Glyph.UNKNOWN, "faint")
        return
    specs = ["q3@45" if row.waits and spec == "q3" else spec for _, spec in SPLIT]
    split_bar(canvas, x, y, width, row.parts_ms, specs, LETTERS)


def _rate() -> Column[RequestRow]:
    return figure("rate/s", 6, lambda r: rate(r.per_s), lambda r: r.per_s, gap=1)


def _share(min_width: int = 0) -> Column[RequestRow]:
    return figure(
        "share", 5, lambda r: (_percent(r.share), "muted"), lambda r: r.share, min_width=min_width, gap=1
    )


def _percent(share: float | None) -> str:
    """Whole percents; what is less than one is not nothing."""
    return "<1%".rjust(5) if share is not None and 0 < share < 0.005 else pct(share, 5)


def _bytes(min_width: int = 90) -> Column[RequestRow]:
    return figure(
        "B/s",
        5,
        lambda r: (num(r.bytes_per_s), "muted" if r.bytes_per_s else "faint"),
        lambda r: r.bytes_per_s,
        min_width=min_width,
    )


def _codes(row: RequestRow) -> Cell:
    told = ", ".join(f"{foreign(code)} {rate(per_s).strip()}" for code, per_s in row.codes)
    return told or Glyph.DOT, "warn" if row.codes else "faint"


def _history(clock: Clock, width: int, min_width: int = 0) -> Column[RequestRow]:
    return Column(
        head="",
        width=width,
        draw=lambda canvas, x, y, cells, r: rate_spark(canvas, x, y, clock.grid(cells), r.histories),
        min_width=min_width,
    )


def _p99(unit: str = "") -> Column[RequestRow]:
    return Column(
        head="p99" + unit,
        width=5 + (1 if unit else 0),
        cell=lambda r: (dec(r.p99_ms), "muted" if r.waits else "text"),
        align=">",
        sort=lambda r: r.p99_ms,
        descending=True,
    )


def _errors() -> Column[RequestRow]:
    return Column(
        head="err/s",
        width=5,
        cell=_errors_cell,
        align=">",
        sort=lambda r: r.errors_per_s,
        descending=True,
    )


def _errors_cell(row: RequestRow) -> Cell:
    if row.errors_per_s == 0:
        return "0", "faint"
    loud = row.errors_per_s is not None and row.errors_per_s > ERRORS_WORTH_A_MARK_PER_S
    return rate(row.errors_per_s), "warn" if loud else "text"


def _mark(row: RequestRow) -> Cell:
    loud = row.errors_per_s is not None and row.errors_per_s > ERRORS_WORTH_A_MARK_PER_S
    return (Glyph.WARN, "warn") if loud else " "


def _throttle(row: RequestRow) -> Cell:
    if row.throttle_ms == 0:
        return "0", "faint"
    return ms(row.throttle_ms), "text" if row.throttle_ms else "faint"


def _slowest(row: RequestRow, always: bool = False) -> Cell:
    there = row.slowest is not None and (always or row.p99_ms is not None)
    return row.slowest.name if row.slowest is not None and there else Glyph.UNKNOWN
