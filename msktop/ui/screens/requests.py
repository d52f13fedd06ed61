"""Requests of the whole cluster: how many, how long, where the time goes, on which broker, and who sends."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.widget import Widget

from msktop.model.broker import Broker
from msktop.model.cluster import Cluster
from msktop.session import View
from msktop.ui.format import age, foreign
from msktop.ui.keys import Key, bindings
from msktop.ui.places import Place
from msktop.ui.rows.requests import RequestRow, by_broker, request_rows
from msktop.ui.screens.drill import SORT, DrillScreen, column_named
from msktop.ui.screens.live import LiveScreen
from msktop.ui.widgets.canvas import Canvas
from msktop.ui.widgets.clients import draw_clients
from msktop.ui.widgets.draw import sentence
from msktop.ui.widgets.paced import Paced
from msktop.ui.widgets.paint import Draw
from msktop.ui.widgets.request_table import Clock, cluster_columns, legend, of_broker_columns
from msktop.ui.widgets.table import LiveTable
from msktop.ui.widgets.titled import Head, TitledTable
from msktop.ui.widgets.told import TURN_ON

_WAITS = "fetch waits for new data in 'remote': long is normal"


PANEL = Key("panel", "tab", "panel", "panel", "The next panel: by broker, clients and topics", footer=True)


class RequestsScreen(DrillScreen):
    """Below, the selected type by broker, and who is behind the traffic. Enter: the type's history."""

    DEFAULT_CSS = """
    RequestsScreen #all { height: 1fr; width: 100%; }
    RequestsScreen #legend { height: 1; margin: 0 1; }
    RequestsScreen.-h40 #legend, RequestsScreen.-h60 #legend { height: 2; }
    RequestsScreen #by { height: 9; width: 100%; }
    RequestsScreen #clients { height: 9; margin: 1 1 0 1; }
    RequestsScreen.-h24 #by, RequestsScreen.-h24 #clients { display: none; }
    RequestsScreen.-h24.-by #by { display: block; height: 1fr; }
    RequestsScreen.-h24.-by #all { display: none; }
    RequestsScreen.-h24.-clients #clients { display: block; height: 1fr; margin: 0 1; }
    RequestsScreen.-h24.-clients #all, RequestsScreen.-h24.-clients #legend { display: none; }
    RequestsScreen.-h60 #clients { height: 14; }
    """
    SCOPED_CSS = False
    AUTO_FOCUS = "#all"
    KEYS: ClassVar[tuple[Key, ...]] = (
        *SORT,
        PANEL,
        Key(
            "request", "enter", "open", "history", "The history of one type, or one broker", "↵", footer=True
        ),
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings((PANEL,))]

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self._clock, self._by_clock = Clock(), Clock()

    def body(self) -> Iterable[Widget]:
        """All requests, the legend, one request by broker, clients and topics."""
        table = TitledTable[RequestRow](cluster_columns(self._clock), key=lambda r: r.api, id="all", margin=1)
        table.sort_by(column_named(table.columns, "rate/s"))
        yield table
        yield Draw(self._legend, id="legend")
        yield TitledTable[RequestRow](of_broker_columns(self._by_clock), key=_broker_id, id="by", margin=1)
        yield Paced(lambda c, v: draw_clients(c, v.cluster), id="clients").data_bind(LiveScreen.view)

    # -------------------------------------------------------------- what is shown

    @property
    def _all(self) -> TitledTable[RequestRow]:
        return self.query_one("#all", TitledTable)

    @property
    def selected(self) -> str:
        """The request that the lower panels speak of."""
        row = self._all.current
        return row.api if row is not None else "Produce"

    def fill(self, view: View) -> None:
        """Both tables."""
        cluster = view.cluster
        brokers = list(cluster.brokers.values())
        rows = [r for r in request_rows(brokers) if self.matches(r.api)]
        self._clock.at = self._by_clock.at = cluster.at
        self._clock.pace_of = next((r for r in rows if r.histories), None)
        table = self._all
        read = sum(b.jmx.at is not None for b in brokers)
        table.head = Head(
            "Requests",
            sentence(told(cluster), self._clock.note(table.columns, table.size.width - 2)) if read else "",
            right="times in ms, of the slowest broker" if read else "",
            advice=advice(brokers) if not read else "",
        )
        table.empty = "nothing matches" if self.filter_text else "no request yet"
        table.set_rows(rows)
        if self.size.height >= 52:
            self.tall("by", min(len(brokers) + 3, 24))
        self._fill_by(view)

    def _fill_by(self, view: View) -> None:
        brokers = list(view.cluster.brokers.values())
        rows = by_broker(brokers, self.selected)
        self._by_clock.pace_of = next((r for r in rows if r.histories), None)
        by = self.query_one("#by", TitledTable)
        longest = max((sum(r.parts_ms) for r in rows), default=0.0)
        by.columns = of_broker_columns(self._by_clock, longest)
        by.head = Head(f"{self.selected} by broker", "a slow broker has the longest bar")
        by.set_rows(rows)

    def _legend(self, canvas: Canvas, _: View) -> None:
        if not self._all.rows:
            return
        x = legend(canvas, 0, 0)
        if canvas.width >= 98:
            canvas.text(x + 1, 0, _WAITS, "faint", canvas.width - x - 1)

    # -------------------------------------------------------------- keys

    @on(LiveTable.Moved, "#all")
    def _moved(self) -> None:
        self._fill_by(self.view)

    @on(LiveTable.Opened, "#all")
    def _to_history(self) -> None:
        if self._all.rows:
            self.monitor.drill(Place("request", request=self.selected))

    def action_panel(self) -> None:
        """To the next panel; where there is no room for several it comes to the front."""
        small = self.has_class("-h24")
        here = next((name for name in ("by", "clients") if self.has_class(f"-{name}")), "all")
        order = ("all", "by", "clients") if small else ("all", "by")
        there = order[(order.index(here) + 1) % len(order)] if here in order else "all"
        for name in ("by", "clients"):
            self.set_class(name == there, f"-{name}")
        self.set_focus(None if there == "clients" else self.query_one(f"#{there}"), scroll_visible=False)
        if there == "clients":
            self.query_one("#clients", Draw).tick()

    @on(LiveTable.Opened, "#by")
    def _to_broker(self, message: LiveTable.Opened) -> None:
        row = message.row
        if isinstance(row, RequestRow) and row.slowest is not None:
            self.monitor.drill(Place("broker", broker=row.slowest.id))

    def action_back(self) -> None:
        """From another panel to the first one first."""
        if not self._all.has_focus and not self.filter_text:
            self.remove_class("-by", "-clients")
            self._all.focus()
        else:
            super().action_back()

    def copied(self) -> str | None:
        """The request's name."""
        return self.selected if self._all.rows else None


def told(cluster: Cluster) -> str:
    """From how many brokers, and how old the oldest page is that counts.

    >>> from msktop.model.broker import Page
    >>> told(Cluster(at=9.0, brokers={1: Broker(1, jmx=Page(at=5.0)), 2: Broker(2)}))
    '1 of 2 brokers, metrics up to 4 s old'
    """
    pages = [b.jmx.at for b in cluster.brokers.values() if b.jmx.at is not None]
    if not pages:
        return "no metrics"
    return f"{len(pages)} of {len(cluster.brokers)} brokers, metrics up to {age(cluster.at - min(pages))} old"


def advice(brokers: list[Broker]) -> str:
    r"""Why there are no metrics, and what to do.

    >>> from msktop.model.broker import Page, Probe
    >>> odd = Broker(1, probe=Probe(word="up"), jmx=Page(failed_at=1.0, error="HTTP 500 \x1b[2J"))
    >>> advice([odd]).partition(".")[0]
    'b-1: HTTP 500 \ufffd[2J'
    """
    failed = next((b for b in brokers if b.jmx.failed_at is not None and b.probe.word == "up"), None)
    if failed is None:
        return "No page of metrics has been read yet. " + TURN_ON
    return f"{failed.name}: {foreign(failed.jmx.error)}. {foreign(failed.jmx.advice)} {TURN_ON}"


def _broker_id(row: RequestRow) -> int:
    return row.slowest.id if row.slowest is not None else -1
