"""One Availability Zone: its brokers beside each other on one scale, and its metadata nodes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.widget import Widget

from msktop.model.broker import Broker
from msktop.model.cluster import Cluster, MetadataNode
from msktop.session import View
from msktop.ui.format import foreign
from msktop.ui.keys import MOVE, Key, bindings
from msktop.ui.places import Place
from msktop.ui.rows.nodes import role_of
from msktop.ui.rows.nodes import severity_of as node_severity
from msktop.ui.screens.drill import SORT, DrillScreen
from msktop.ui.screens.live import LiveScreen
from msktop.ui.theme import Severity, sign, token
from msktop.ui.widgets.broker_graphs import probe_graphs, request_graphs
from msktop.ui.widgets.broker_table import Frame, columns
from msktop.ui.widgets.canvas import Canvas
from msktop.ui.widgets.draw import sentence, title
from msktop.ui.widgets.grid import Ceiling
from msktop.ui.widgets.paced import Paced
from msktop.ui.widgets.paint import Draw
from msktop.ui.widgets.table import LiveTable
from msktop.ui.widgets.titled import Head, TitledTable


class ZoneScreen(DrillScreen):
    """Enter opens a broker; `[` and `]` go to the zone before and the next."""

    DEFAULT_CSS = """
    ZoneScreen #who { height: 2; }
    ZoneScreen #brokers { height: 8; width: 100%; margin-bottom: 1; }
    ZoneScreen #graphs { height: 1fr; width: 100%; }
    ZoneScreen #latency { width: 1fr; margin: 0 2 0 1; }
    ZoneScreen #requests { width: 1fr; margin: 0 1 0 0; }
    ZoneScreen #nodes { height: auto; max-height: 6; margin: 0 1; }
    ZoneScreen.-h24 #brokers { margin-bottom: 0; }
    ZoneScreen.-h40 #nodes, ZoneScreen.-h60 #nodes { margin: 1 1 0 1; }
    ZoneScreen.-h24 #who { height: 1; }
    """
    SCOPED_CSS = False
    KEYS: ClassVar[tuple[Key, ...]] = (
        Key("zone.before", "left_square_bracket", "other(-1)", "", "The zone before"),
        Key("zone.next", "right_square_bracket", "other(1)", "zone", "The next zone", "[]", footer=True),
        *SORT,
        MOVE[-1],
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(KEYS[:2])]

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self._frame = Frame()
        self._slowest, self._busiest = Ceiling(1.0), Ceiling()

    def body(self) -> Iterable[Widget]:
        """Who, the brokers, their graphs, the metadata nodes."""
        yield Draw(self._who, id="who").data_bind(LiveScreen.view)
        yield TitledTable[Broker](
            columns(self._frame, zone=False), key=lambda b: b.id, id="brokers", margin=1
        )
        yield from self._graphs()
        yield Paced(self._draw_nodes, id="nodes").data_bind(LiveScreen.view)

    def _graphs(self) -> ComposeResult:
        with Horizontal(id="graphs"):
            yield Paced(self._latency, id="latency").data_bind(LiveScreen.view)
            yield Paced(self._requests, id="requests").data_bind(LiveScreen.view)

    # -------------------------------------------------------------- what is shown

    def brokers_in(self, cluster: Cluster) -> list[Broker]:
        """The brokers of this zone."""
        return list(cluster.zone_brokers(self.place.zone or ""))

    def fill(self, view: View) -> None:
        """Its brokers that match."""
        brokers = self.brokers_in(view.cluster)
        self._frame.begin(view, brokers)
        table = self.query_one("#brokers", TitledTable)
        low = self.size.height < 34
        self.tall("brokers", max(4, min(len(brokers) + 2, self.size.height // 3)))
        self.tall("nodes", 2 if low else min(6, len(self.nodes_in(view.cluster)) + 1))
        table.head = Head("Brokers", f"{len(brokers)} in this zone")
        table.empty = "nothing matches" if self.filter_text and brokers else "none"
        table.set_rows([b for b in brokers if self.matches(b.name, b.host)])

    def _who(self, canvas: Canvas, view: View) -> None:
        cluster, name = view.cluster, self.place.zone or ""
        brokers = self.brokers_in(cluster)
        up = sum(b.probe.word == "up" for b in brokers)
        severity: Severity = (
            "none" if not brokers else "ok" if up == len(brokers) else "crit" if not up else "warn"
        )
        x = canvas.text(1, 0, sign(severity) + " ", token(severity))
        x = canvas.text(x, 0, foreign(name, 24) or "no zone", "strong b")
        seen = cluster.zones.get(name)
        facts = (
            f"{up} of {len(brokers)} brokers answer",
            f"subnet {foreign(seen.subnet_cidr, 24)}" if seen and seen.subnet_cidr else "",
            foreign(seen.subnet_id, 30) if seen and seen.subnet_id else "",
            near(cluster, name),
        )
        canvas.text(x + 2, 0, sentence(*facts), "muted", canvas.width - x - 3)

    def _latency(self, canvas: Canvas, view: View) -> None:
        probe_graphs(canvas, view, self.brokers_in(view.cluster), self._slowest)

    def _requests(self, canvas: Canvas, view: View) -> None:
        request_graphs(canvas, view, self.brokers_in(view.cluster), self._busiest)

    def nodes_in(self, cluster: Cluster) -> list[MetadataNode]:
        """Controllers or ZooKeeper nodes of this zone."""
        return [n for n in cluster.nodes.values() if (n.zone or "") == (self.place.zone or "")]

    def _draw_nodes(self, canvas: Canvas, view: View) -> None:
        nodes = self.nodes_in(view.cluster)
        kind = "ZooKeeper" if any(n.role == "zookeeper" for n in nodes) else "Controllers"
        title(canvas, 0, kind, f"{len(nodes)} in this zone" if nodes else "none known in this zone")
        for y, node in enumerate(nodes[: canvas.height - 1], start=1):
            severity = node_severity(node)
            x = canvas.text(0, y, sign(severity) + " ", token(severity))
            x = canvas.text(x, y, node.name, "strong b")
            lag = "" if node.lag is None else f"lag {node.lag} records"
            words = (
                role_of(node),
                lag,
                foreign(node.address or "", 40),
                foreign(node.state or ""),
            )
            canvas.text(x + 2, y, sentence(*words), "muted", canvas.width - x - 2)

    # -------------------------------------------------------------- keys

    @on(LiveTable.Opened)
    def _opened(self, message: LiveTable.Opened) -> None:
        if isinstance(message.row, Broker):
            self.monitor.drill(Place("broker", broker=message.row.id))

    def action_other(self, by: int) -> None:
        """The zone before or after this one, around."""
        zones = sorted(
            {b.zone or "" for b in self.view.cluster.brokers.values()} | set(self.view.cluster.zones)
        )
        if not zones:
            return
        here = self.place.zone or ""
        at = zones.index(here) if here in zones else 0
        self.place = Place("zone", zone=zones[(at + by) % len(zones)])
        self.fill_now()
        for panel in self.query(Draw):
            panel.tick()

    def broker_selected(self) -> int | None:
        """The one under the cursor."""
        broker = self.query_one("#brokers", TitledTable).current
        return broker.id if isinstance(broker, Broker) else None

    def copied(self) -> str | None:
        """The selected broker's address."""
        broker = self.query_one("#brokers", TitledTable).current
        return f"{broker.host}:{broker.port}" if isinstance(broker, Broker) else None


def near(cluster: Cluster, zone: str) -> str:
    """Whether latency of this zone has a zone's border in it.

    >>> near(Cluster(client_rack="use1-az1"), "use1-az2")
    'cross-zone latency from this host'
    """
    if not cluster.client_rack:
        return "this host's zone is not known (--client-rack)"
    if cluster.client_rack == zone:
        return "same-zone latency from this host"
    return "cross-zone latency from this host"
