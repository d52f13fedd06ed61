"""One request type: its history, where its time goes, errors by code, and each broker."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.widget import Widget

from msktop.session import View
from msktop.ui.keys import Key, bindings
from msktop.ui.places import Place
from msktop.ui.rows.requests import RequestRow, by_broker, request_rows
from msktop.ui.screens.drill import SORT, DrillScreen
from msktop.ui.screens.live import LiveScreen
from msktop.ui.widgets.canvas import Canvas
from msktop.ui.widgets.paced import Paced
from msktop.ui.widgets.request_head import draw_head
from msktop.ui.widgets.request_history import HistoryEnds, draw_history
from msktop.ui.widgets.request_table import Clock, of_broker_columns
from msktop.ui.widgets.table import LiveTable
from msktop.ui.widgets.titled import Head, TitledTable


class RequestScreen(DrillScreen):
    """Enter opens a broker; `[` and `]` go to the type before and the next, in the order of the list."""

    DEFAULT_CSS = """
    RequestScreen #who { height: 9; margin: 0 1; }
    RequestScreen #history { height: 1fr; margin: 1 1 0 1; }
    RequestScreen #by { height: 9; width: 100%; }
    RequestScreen.-h24 #history { margin: 0 1; }
    RequestScreen.-h24 #by { display: none; }
    RequestScreen.-h24.-by #by { display: block; height: 1fr; }
    RequestScreen.-h24.-by #history { display: none; }
    """
    SCOPED_CSS = False
    AUTO_FOCUS = "#by"
    KEYS: ClassVar[tuple[Key, ...]] = (
        Key("request.before", "left_square_bracket", "other(-1)", "", "The type before"),
        Key("request.next", "right_square_bracket", "other(1)", "type", "The next type", "[]", footer=True),
        Key("panel", "tab", "panel", "panel", "History or brokers, where there is room for one", footer=True),
        Key("open", "enter", "open", "broker", "To the broker", "↵", footer=True),
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(KEYS[:3])]

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self._clock = Clock()
        self._ends = HistoryEnds()

    def all_keys(self) -> tuple[Key, ...]:
        """With what sorts the table."""
        return (*super().all_keys(), *SORT)

    def body(self) -> Iterable[Widget]:
        """What it is now, its past, the brokers."""
        yield Paced(self._who, id="who").data_bind(LiveScreen.view)
        yield Paced(self._history, id="history").data_bind(LiveScreen.view)
        table = TitledTable[RequestRow](of_broker_columns(self._clock), key=_broker_id, id="by", margin=1)
        yield table

    @property
    def api(self) -> str:
        """The request type."""
        return self.place.request or ""

    def row_in(self, view: View) -> RequestRow:
        """The type over all brokers; one that nobody serves is all unknown."""
        rows = request_rows(view.cluster.brokers.values())
        return next((r for r in rows if r.api == self.api), RequestRow(self.api, None, None, None))

    def _who(self, canvas: Canvas, view: View) -> None:
        draw_head(canvas, view.cluster, self.row_in(view))

    def _history(self, canvas: Canvas, view: View) -> None:
        draw_history(canvas, view, self.api, self._ends)

    def fill(self, view: View) -> None:
        """Its brokers."""
        brokers = list(view.cluster.brokers.values())
        every = zip(brokers, by_broker(brokers, self.api), strict=True)
        rows = [row for broker, row in every if self.matches(broker.name, broker.zone)]
        self._clock.at = view.cluster.at
        self._clock.pace_of = next((r for r in rows if r.histories), None)
        table = self.query_one("#by", TitledTable)
        table.columns = of_broker_columns(self._clock, max((sum(r.parts_ms) for r in rows), default=0.0))
        table.head = Head("By broker", self._clock.note(table.columns, table.size.width - 2))
        table.empty = "nothing matches" if self.filter_text else "no broker is known yet"
        table.set_rows(rows)
        if self.size.height >= 34:
            self.tall("by", min(len(view.cluster.brokers) + 3, 9 if self.size.height < 52 else 16))

    @on(LiveTable.Opened)
    def _to_broker(self, message: LiveTable.Opened) -> None:
        row = message.row
        if isinstance(row, RequestRow) and row.slowest is not None:
            self.monitor.drill(Place("broker", broker=row.slowest.id))

    def action_panel(self) -> None:
        """Brokers in place of the history, and back."""
        self.toggle_class("-by")

    def action_other(self, by: int) -> None:
        """Another type, in the order of the list."""
        apis = [r.api for r in request_rows(self.view.cluster.brokers.values())]
        if not apis:
            return
        at = apis.index(self.api) if self.api in apis else -by
        self.place = Place("request", request=apis[(at + by) % len(apis)])
        self._ends = HistoryEnds()
        for panel in self.query(Paced):
            panel.tick()
        self.fill_now()

    def broker_selected(self) -> int | None:
        """The broker under the cursor."""
        row = self.query_one("#by", TitledTable).current
        return _broker_id(row) if isinstance(row, RequestRow) and row.slowest is not None else None

    def copied(self) -> str | None:
        """The type's name."""
        return self.api


def _broker_id(row: RequestRow) -> int:
    return row.slowest.id if row.slowest is not None else -1
