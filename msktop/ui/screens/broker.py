"""One broker: who it is, every stage of a probe, its load, requests, holdings, settings, incidents."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from textual import on
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from msktop.model.broker import Broker
from msktop.model.incidents import Incident
from msktop.model.samples import ConfigEntry
from msktop.session import View
from msktop.ui.format import foreign
from msktop.ui.keys import Key, bindings
from msktop.ui.places import Place
from msktop.ui.rows.incidents import of_broker
from msktop.ui.rows.partitions import Tallies
from msktop.ui.rows.requests import RequestRow, request_rows
from msktop.ui.screens.drill import SORT, DrillScreen
from msktop.ui.screens.live import LiveScreen
from msktop.ui.widgets.broker_graphs import marks, rate_graphs
from msktop.ui.widgets.broker_head import draw_head, place_of
from msktop.ui.widgets.canvas import Canvas
from msktop.ui.widgets.draw import sentence
from msktop.ui.widgets.grid import Ceiling
from msktop.ui.widgets.holdings import Holding, config_columns, draw_dirs, holding_columns, holdings
from msktop.ui.widgets.incident_table import broker_columns as incident_columns
from msktop.ui.widgets.load import load_panel
from msktop.ui.widgets.paced import Paced
from msktop.ui.widgets.paint import Draw
from msktop.ui.widgets.request_table import Clock
from msktop.ui.widgets.request_table import broker_columns as request_columns
from msktop.ui.widgets.stages import probe_height, probe_panel
from msktop.ui.widgets.table import LiveTable
from msktop.ui.widgets.titled import Head, TitledTable
from msktop.ui.widgets.told import DENIED, TURN_ON, page_age, read_age

PANELS = ("requests", "topics", "config")
"""Of these only the one in front has room in a narrow terminal."""
SLIM = 72
"""In fewer cells than this the load panel has no room beside the probe."""
TIGHT = 22
"""In fewer rows than this there is room for one panel at a time."""
ROOMY, TALL = 34, 52
"""Rows from which a line says where AWS has put it, and from which there is one for more of it."""
NO_DETAIL = (
    "Kafka denies us the {what}: the principal needs {right} on the cluster. Grant it with kafka-acls, or"
    " with kafka-cluster:{iam} in the IAM policy."
)


class BrokerScreen(DrillScreen):
    """Enter: its partitions, or what the focused panel lists. `[` and `]`: the broker before, the next."""

    DEFAULT_CSS = """
    BrokerScreen #who { height: 3; }
    BrokerScreen.-h60 #who { height: 4; }
    BrokerScreen.-h24 #who { height: 2; }
    BrokerScreen #top { height: 10; margin-bottom: 1; }
    BrokerScreen.-h24 #top { margin-bottom: 0; }
    BrokerScreen #probe, BrokerScreen #left { width: 3fr; margin: 0 2 0 1; }
    BrokerScreen #load, BrokerScreen #right { width: 2fr; margin: 0 1 0 0; }
    BrokerScreen.-w80 #probe { width: 47; }
    BrokerScreen.-w80 #load { width: 1fr; }
    BrokerScreen #lists { height: 1fr; width: 100%; }
    BrokerScreen #rates { display: none; height: 14; margin: 1 1 0 1; }
    BrokerScreen.-h60 #rates { display: block; }
    BrokerScreen #left, BrokerScreen #right { height: 100%; }
    BrokerScreen #topics { height: 3fr; }
    BrokerScreen #dirs { height: 2; margin: 1 0; }
    BrokerScreen #config { height: 2fr; }
    BrokerScreen #requests { height: 1fr; }
    BrokerScreen #incidents { height: 5; margin: 1 1 0 1; }
    BrokerScreen.-h24 #incidents { height: 4; margin: 0 1; }
    BrokerScreen.-w80 #left, BrokerScreen.-w80 #right { display: none; }
    BrokerScreen.-w80.-requests #left { display: block; width: 1fr; margin: 0 1; }
    BrokerScreen.-w80.-topics #right, BrokerScreen.-w80.-config #right
        { display: block; width: 1fr; margin: 0 1; }
    BrokerScreen.-w80.-topics #config, BrokerScreen.-w80.-config #topics { display: none; }
    BrokerScreen.-w80.-h24 #dirs { display: none; }
    BrokerScreen.-w80.-h24.-config #dirs { display: block; height: 2; margin: 0; }
    BrokerScreen.-slim #load { display: none; }
    BrokerScreen.-slim #probe { width: 1fr; margin: 0 1; }
    BrokerScreen.-tight #lists, BrokerScreen.-tight #incidents { display: none; }
    BrokerScreen.-tight.-paged #top { display: none; }
    BrokerScreen.-tight.-paged #lists { display: block; }
    BrokerScreen.-tight.-paged.-incidents #lists { display: none; }
    BrokerScreen.-tight.-paged.-incidents #incidents { display: block; height: 1fr; }
    """
    SCOPED_CSS = False
    AUTO_FOCUS = "#requests"
    KEYS: ClassVar[tuple[Key, ...]] = (
        Key("broker.before", "left_square_bracket", "other(-1)", "", "The broker before"),
        Key(
            "broker.next", "right_square_bracket", "other(1)", "broker", "The next broker", "[]", footer=True
        ),
        Key("partitions", "enter", "open_partitions", "partitions", "Its partitions", "↵", footer=True),
        Key("panel", "tab", "panel(1)", "panel", "The next panel", footer=True),
        Key("panel.before", "shift+tab", "panel(-1)", "panel", "The panel before"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(KEYS)]

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self._clock = Clock()
        self._tallies = Tallies(place.broker)
        self._ends = Ceiling()
        self.add_class("-requests")

    def all_keys(self) -> tuple[Key, ...]:
        """With what sorts a panel."""
        return (*super().all_keys(), *SORT)

    def body(self) -> Iterable[Widget]:
        """Who, probe and load, the lists, the incidents."""
        yield Draw(lambda c, v: draw_head(c, v, self.broker_in(v)), id="who").data_bind(LiveScreen.view)
        with Horizontal(id="top"):
            yield Paced(self._probe, id="probe").data_bind(LiveScreen.view)
            yield Paced(self._load, id="load").data_bind(LiveScreen.view)
        with Horizontal(id="lists"):
            with Vertical(id="left"):
                yield TitledTable[RequestRow](
                    request_columns(self._clock), key=lambda r: r.api, id="requests"
                )
            with Vertical(id="right"):
                yield TitledTable[Holding](holding_columns(), key=lambda h: h.topic, id="topics")
                yield Paced(self._dirs, id="dirs").data_bind(LiveScreen.view)
                yield TitledTable[ConfigEntry](config_columns(), key=lambda e: e.name, id="config")
        yield Paced(self._rates, id="rates").data_bind(LiveScreen.view)
        yield TitledTable[Incident](incident_columns(self.now), key=lambda i: i.id, id="incidents")

    # -------------------------------------------------------------- what is shown

    def broker_in(self, view: View) -> Broker:
        """The broker of this screen; one that nobody knows is all unknown."""
        number = self.place.broker if self.place.broker is not None else -1
        return view.cluster.brokers.get(number) or Broker(number)

    def _probe(self, canvas: Canvas, view: View) -> None:
        probe_panel(canvas, view.cluster, self.broker_in(view))

    def _load(self, canvas: Canvas, view: View) -> None:
        load_panel(canvas, view.cluster, self.broker_in(view))

    def _rates(self, canvas: Canvas, view: View) -> None:
        at_axis = marks(of_broker(view.incidents.log, self.broker_in(view).id))
        rate_graphs(canvas, view.cluster, self.broker_in(view), self._ends, at_axis)

    def _dirs(self, canvas: Canvas, view: View) -> None:
        draw_dirs(canvas, self.broker_in(view), view.cluster.at)

    def fill(self, view: View) -> None:
        """Rows of the four tables."""
        broker, at = self.broker_in(view), view.cluster.at
        self.set_class(self.size.height < TIGHT, "-tight")
        self.set_class(self.size.width < SLIM, "-slim")
        self._clock.at = at
        if self.size.height >= ROOMY:
            placed = any(place_of(view.cluster, broker))
            self.tall("who", 3 + placed + (self.size.height >= TALL))
        self.tall("top", max(10, probe_height(view.cluster)))
        self.tall("dirs", 1 + max(1, min(3, len(broker.log_dirs or ()))))
        self._fill_requests(broker, at)
        self._fill_topics(view, broker)
        self._fill_config(broker, at)
        table = self._table("incidents")
        log = of_broker(view.incidents.log, broker.id)
        table.head = Head("Incidents", "since the start", right=str(len(log)))
        table.empty = "none while we have been watching"
        table.set_rows(log)

    def _table(self, name: str) -> TitledTable[Any]:
        return self.query_one(f"#{name}", TitledTable)

    def _fill_requests(self, broker: Broker, at: float) -> None:
        rows = [r for r in request_rows([broker]) if self.matches(r.api)]
        self._clock.pace_of = next((r for r in rows if r.histories), None)
        table = self._table("requests")
        unread = broker.jmx.at is None and broker.probe.word == "up"
        advice = (foreign(broker.jmx.advice) or TURN_ON) if unread else ""
        covers = self._clock.note(table.columns, table.size.width) if rows else ""
        note = sentence(page_age(broker.jmx, at), covers)
        table.head = Head("Requests", note, advice=advice)
        table.empty = "no request yet" if not self.filter_text else "nothing matches"
        table.set_rows(rows)

    def _fill_topics(self, view: View, broker: Broker) -> None:
        cluster = view.cluster
        tallies = {n: t for n, t in self._tallies.of(cluster).items() if self.matches(n)}
        rates = {n: cluster.topics[n].rates.get(broker.id) for n in tallies}
        table = self._table("topics")
        counts = broker.counts
        table.head = Head("Partitions", f"{counts.leaders} led, {counts.replicas} held")
        table.empty = "holds none" if not self.filter_text else "nothing matches"
        table.set_rows(holdings(broker, tallies, rates))

    def _fill_config(self, broker: Broker, at: float) -> None:
        table = self._table("config")
        told = read_age(broker.config_at, broker.config_error, at, "config")
        advice = ""
        if broker.config_error in DENIED:
            advice = NO_DETAIL.format(
                what="settings", right="DescribeConfigs", iam="DescribeClusterDynamicConfiguration"
            )
        table.head = Head(
            "Config",
            f"not default, {told}" if not broker.config_error and broker.config is not None else told,
            advice=advice,
        )
        table.empty = "nothing differs" if broker.config is not None else "not read yet"
        entries = [e for e in broker.config or () if self.matches(e.name)]
        table.set_rows(sorted(entries, key=lambda e: e.name))

    # -------------------------------------------------------------- keys

    @on(LiveTable.Opened)
    def _opened(self, message: LiveTable.Opened) -> None:
        row = message.row
        if isinstance(row, Holding):
            self.monitor.drill(Place("partitions", broker=self.place.broker, topic=row.topic))
        elif isinstance(row, Incident):
            self.monitor.drill(Place("incident", incident=row.id))
        else:
            self.action_open_partitions()

    def action_open_partitions(self) -> None:
        """All partitions that it holds."""
        self.monitor.drill(Place("partitions", broker=self.place.broker))

    def action_other(self, by: int) -> None:
        """The broker before or after this one, around."""
        ids = list(self.view.cluster.brokers)
        if not ids or self.place.broker is None:
            return
        at = ids.index(self.place.broker) if self.place.broker in ids else 0
        self.place = Place("broker", broker=ids[(at + by) % len(ids)])
        self._tallies = Tallies(self.place.broker)
        self.fill_now()
        for panel in self.query(Draw):
            panel.tick()

    def action_panel(self, by: int) -> None:
        """Focus the next panel; in a narrow terminal it comes to the front."""
        tight = self.has_class("-tight")
        order = (*(("top",) if tight else ()), *PANELS, "incidents")
        here = self.focused.id if self.focused is not None and self.focused.id in order else ""
        if tight and not self.has_class("-paged"):
            here = "top"
        there = order[((order.index(here) if here in order else -1) + by) % len(order)]
        self.set_class(there != "top", "-paged")
        self.set_class(there == "incidents", "-incidents")
        if there in PANELS:
            for name in PANELS:
                self.set_class(name == there, f"-{name}")
        self.set_focus(None if there == "top" else self._table(there), scroll_visible=False)

    def copied(self) -> str | None:
        """The selected row's name, else the broker's address."""
        table = self.focused
        row = table.current if isinstance(table, LiveTable) else None
        if isinstance(row, Holding):
            return row.topic
        if isinstance(row, ConfigEntry):
            return row.name if row.value is None else f"{row.name}={row.value}"
        broker = self.broker_in(self.view)
        return f"{broker.host}:{broker.port}"
