"""All brokers, over zones."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.widget import Widget

from msktop.model.broker import Broker
from msktop.session import View
from msktop.ui.keys import MOVE, Key, bindings
from msktop.ui.places import Place
from msktop.ui.screens.drill import SORT, DrillScreen
from msktop.ui.screens.live import LiveScreen
from msktop.ui.widgets.broker_graphs import probe_graphs, request_graphs
from msktop.ui.widgets.broker_table import Frame, columns
from msktop.ui.widgets.canvas import Canvas
from msktop.ui.widgets.grid import Ceiling
from msktop.ui.widgets.paced import Paced
from msktop.ui.widgets.table import LiveTable
from msktop.ui.widgets.titled import Head, TitledTable

_GRAPHS_NEED = 20
"""Rows of the screen that the table must leave for graphs to be worth it: they take what is not chrome."""


class BrokersScreen(DrillScreen):
    """Enter opens a broker, `z` its zone."""

    DEFAULT_CSS = """
    BrokersScreen #brokers { height: 1fr; width: 100%; }
    BrokersScreen.-roomy #brokers { height: 8; margin-bottom: 1; }
    BrokersScreen #graphs { display: none; height: 1fr; }
    BrokersScreen.-roomy #graphs { display: block; }
    BrokersScreen #latency { width: 1fr; margin: 0 2 0 1; }
    BrokersScreen #requests { width: 1fr; margin: 0 1 0 0; }
    """
    SCOPED_CSS = False
    KEYS: ClassVar[tuple[Key, ...]] = (
        Key("zone", "z", "zone", "zone", "The zone of this broker", footer=True),
        *SORT,
        MOVE[-1],
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(KEYS[:1])]

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self._frame = Frame()
        self._slowest, self._busiest = Ceiling(1.0), Ceiling()

    def body(self) -> Iterable[Widget]:
        """The table; graphs under it where there is room."""
        yield TitledTable[Broker](columns(self._frame), key=lambda b: b.id, id="brokers", margin=1)
        with Horizontal(id="graphs"):
            yield Paced(self._latency, id="latency").data_bind(LiveScreen.view)
            yield Paced(self._requests, id="requests").data_bind(LiveScreen.view)

    def _latency(self, canvas: Canvas, view: View) -> None:
        probe_graphs(canvas, view, list(view.cluster.brokers.values()), self._slowest)

    def _requests(self, canvas: Canvas, view: View) -> None:
        request_graphs(canvas, view, list(view.cluster.brokers.values()), self._busiest)

    def fill(self, view: View) -> None:
        """All brokers whose name, zone or address matches."""
        brokers = list(view.cluster.brokers.values())
        shown = [b for b in brokers if self.matches(b.name, b.zone, b.host)]
        self._frame.begin(view, brokers)
        up = sum(b.probe.word == "up" for b in brokers)
        table = self._table
        rows = len(brokers) + 2
        self.set_class(rows + _GRAPHS_NEED <= self.size.height, "-roomy")
        self.tall("brokers", rows if self.has_class("-roomy") else "1fr")
        table.head = Head("Brokers", f"{up} of {len(brokers)} answer" if brokers else "")
        table.empty = "nothing matches" if self.filter_text and brokers else "no broker is known yet"
        table.set_rows(shown)

    @property
    def _table(self) -> TitledTable[Broker]:
        return self.query_one("#brokers", TitledTable)

    @on(LiveTable.Opened)
    def _opened(self, message: LiveTable.Opened) -> None:
        if isinstance(message.row, Broker):
            self.monitor.drill(Place("broker", broker=message.row.id))

    def action_zone(self) -> None:
        """The zone of the selected broker."""
        broker = self._table.current
        if broker is not None:
            self.monitor.drill(Place("zone", zone=broker.zone or ""))

    def broker_selected(self) -> int | None:
        """The one under the cursor."""
        broker = self._table.current
        return None if broker is None else broker.id

    def copied(self) -> str | None:
        """The address."""
        broker = self._table.current
        return None if broker is None else f"{broker.host}:{broker.port}"
