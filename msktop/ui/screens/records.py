"""A topic's live records, newest first; what is shown here is kept nowhere else."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.widget import Widget

from msktop.actions.since import since_of
from msktop.actions.tail import Seen, Since
from msktop.errors import MsktopError
from msktop.model.record_words import HOWS, How, Words, words_of
from msktop.session import View
from msktop.ui.columns import Cell, Column
from msktop.ui.format import clock, foreign, num, size
from msktop.ui.keys import MOVE, Key, bindings
from msktop.ui.places import Place
from msktop.ui.reading import Reading
from msktop.ui.screens.drill import DrillScreen
from msktop.ui.screens.record import RecordScreen
from msktop.ui.theme import sign, token
from msktop.ui.widgets.canvas import Canvas
from msktop.ui.widgets.draw import sentence
from msktop.ui.widgets.paint import Draw
from msktop.ui.widgets.table import LiveTable
from msktop.ui.widgets.titled import Head, TitledTable

_SHOWN = 400
"""Bytes of a key or value that a line can show."""


@dataclass(frozen=True, slots=True)
class Row:
    """One record in words."""

    seen: Seen
    key: Words
    value: Words

    @property
    def id(self) -> tuple[int, int]:
        """Where it is."""
        return self.seen.partition, self.seen.record.offset


class RecordsScreen(DrillScreen):
    """Enter shows all of a record; nothing is committed, and no snapshot is made of it."""

    DEFAULT_CSS = """
    RecordsScreen #records { height: 1fr; }
    RecordsScreen #note { height: 1; }
    """
    SCOPED_CSS = False
    KEYS: ClassVar[tuple[Key, ...]] = (
        Key("records.pause", "space", "hold", "hold", "Stop reading, and go on", "space", footer=True),
        Key(
            "records.from",
            "f",
            "place",
            "from",
            "Begin elsewhere: earliest, -10, an offset, a time",
            footer=True,
        ),
        Key("records.as", "h", "how", "as", "Bytes as text, JSON or hex", footer=True),
        MOVE[-1],
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(KEYS[:3])]
    private = True

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self._since = Since("last", 10)
        self._words = "-10"
        self._how: How = "auto"
        self._reading: Reading | None = None
        self._rows: dict[tuple[int, int], Row] = {}

    def body(self) -> Iterable[Widget]:
        """One table."""
        yield TitledTable[Row](_columns(), key=lambda r: r.id, id="records", margin=1)
        yield Draw(lambda canvas, _: self._below(canvas), id="note")

    def on_mount(self) -> None:
        """Begin to read."""
        super().on_mount()
        self._begin()
        self.set_interval(0.5, self._tick)

    def on_unmount(self) -> None:
        """Whoever leaves takes everything along."""
        self._end()

    def _end(self) -> None:
        reading, self._reading = self._reading, None
        self._rows.clear()
        if reading is not None:
            reading.stop()

    def _begin(self) -> None:
        self._end()
        actor = self.monitor.feed.topics
        if actor is not None and self.place.topic is not None:
            topic, partition, since = self.place.topic, self.place.partition, self._since
            self._reading = Reading(lambda: actor.tail(topic, since, partition))
            self._reading.start()

    def _tick(self) -> None:
        frozen = self.monitor.paused and bool(self._rows)
        if self.is_active and not frozen:
            self.fill_now()

    # -------------------------------------------------------------- what is shown

    def fill(self, view: View) -> None:
        """The newest records that match."""
        table: TitledTable[Row] = self.query_one("#records", TitledTable)
        reading = self._reading
        newest = reading.newest() if reading is not None else []
        rows = [self._row(one) for one in newest]
        self._rows = {row.id: row for row in rows}
        top = table.current is None or (bool(table.rows) and table.current is table.rows[0])
        partition = "" if self.place.partition is None else f" partition {self.place.partition}"
        table.head = Head(
            f"Records of {foreign(self.place.topic or '', 60)}{partition}", self._note(reading), self._right()
        )
        table.empty = self._empty(reading)
        table.set_rows([row for row in rows if self._matches(row)])
        if top:
            table.action_to_start()
        self.query_one("#note", Draw).tick()

    def _below(self, canvas: Canvas) -> None:
        """What one must know about what is not shown."""
        note = self._reading.note if self._reading is not None else ""
        if note:
            x = canvas.text(2, 0, sign("warn") + " ", token("warn"))
            canvas.text(x, 0, foreign(note, 200), "text", canvas.width - x)

    def _row(self, one: Seen) -> Row:
        known = self._rows.get((one.partition, one.record.offset))
        if known is not None and known.seen is one:
            return known
        record = one.record
        return Row(one, words_of(record.key, self._how, _SHOWN), words_of(record.value, self._how, _SHOWN))

    def _matches(self, row: Row) -> bool:
        names = (name for name, _ in row.seen.record.headers)
        return self.matches(row.key.text, row.value.text, *names)

    def _note(self, reading: Reading | None) -> str:
        if reading is None:
            return ""
        held = "held" if reading.paused.is_set() else ""
        counted = f"{num(reading.seen).strip()} read, {size(reading.bytes).strip()}"
        return sentence(held, f"from {self._words}", counted, "none committed")

    def _right(self) -> str:
        return f"space hold  f from  h as {self._how}"

    def _empty(self, reading: Reading | None) -> str:
        error = reading.error if reading is not None else None
        if error is not None:
            return foreign(f"{error.title}. {error.advice}", 200)
        if reading is None:
            return "a recording has no records"
        if self.filter_text and reading.seen:
            return "nothing matches"
        return "no record yet: waiting for the next one" if reading.at_end else "reading …"

    # -------------------------------------------------------------- keys

    def action_hold(self) -> None:
        """Stop reading, or go on where it stopped."""
        if self._reading is not None:
            held = self._reading.paused
            (held.clear if held.is_set() else held.set)()
            self.fill_now()

    def action_how(self) -> None:
        """The next way to show bytes."""
        self._how = HOWS[(HOWS.index(self._how) + 1) % len(HOWS)]
        self._rows.clear()
        self.fill_now()

    def action_place(self) -> None:
        """Ask where to begin."""
        self.ask("from ", self._from, "latest  earliest  -10  OFFSET  5m  2026-01-31T12:00Z")

    def _from(self, text: str) -> None:
        try:
            self._since, self._words = since_of(text, time.time()), foreign(text.strip(), 30)
        except MsktopError as error:
            self.monitor.say(f"{error.title}. {error.advice}", "warning")
            return
        self._begin()
        self.fill_now()

    @on(LiveTable.Opened)
    def _opened(self, message: LiveTable.Opened) -> None:
        if isinstance(message.row, Row):
            self.app.push_screen(RecordScreen(message.row.seen, self._how))

    def copied(self) -> str | None:
        """Where the record is, and not what is in it."""
        row = self.query_one("#records", TitledTable).current
        return None if row is None else f"{foreign(self.place.topic or '')}-{row.id[0]} offset {row.id[1]}"


def _columns() -> list[Column[Row]]:
    return [
        Column(head="part", width=5, cell=lambda r: str(r.seen.partition), align=">"),
        Column(head="offset", width=11, cell=lambda r: (str(r.seen.record.offset), "muted"), align=">"),
        Column(head="time UTC", width=8, cell=lambda r: (clock(r.seen.record.at), "muted")),
        Column(head="size", width=8, cell=lambda r: (size(r.value.size), "faint"), align=">", min_width=100),
        Column(head="schema", width=10, cell=_schema, min_width=140),
        Column(head="headers", width=7, cell=_headers, align=">", min_width=120),
        Column(head="key", width=16, cell=lambda r: _said(r.key)),
        Column(head="value", width=0, cell=lambda r: _said(r.value)),
    ]


def _said(words: Words) -> Cell:
    if words.form in ("null", "empty"):
        return words.form, "faint"
    schema = f"({words.schema[:8]}) " if words.schema else ""
    return foreign(schema + words.text, _SHOWN), "muted" if words.form == "hex" else "text"


def _schema(row: Row) -> Cell:
    schema = row.value.schema or row.key.schema
    return (foreign(schema, 10), "muted") if schema else ("—", "faint")


def _headers(row: Row) -> Cell:
    count = len(row.seen.record.headers)
    return (str(count), "muted") if count else ("0", "faint")
