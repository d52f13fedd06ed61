"""The overview: is it healthy, what broke, where."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.reactive import reactive
from textual.widget import Widget

from msktop.session import View
from msktop.ui.keys import MOVE, Key, bindings
from msktop.ui.places import Place
from msktop.ui.screens.live import LiveScreen
from msktop.ui.widgets.broker_cells import zones_of
from msktop.ui.widgets.cards import CARD_LINES
from msktop.ui.widgets.eventlog import EventsPanel
from msktop.ui.widgets.history import ProbesPanel, RequestsPanel
from msktop.ui.widgets.keybar import WIDE
from msktop.ui.widgets.small_cards import MINI_LINES
from msktop.ui.widgets.tree import FEW, TreePanel, nodes_of
from msktop.ui.widgets.zones import GAP, MOST_PICTURES, ZonesPanel, columns, places

TREE, TREE_WIDE = 25, 29
"""Width of the tree."""


class OverviewScreen(LiveScreen):
    """Tree, zones, graphs, events. One cursor, shown in the tree and in the zones."""

    KEYS: ClassVar[tuple[Key, ...]] = (
        *(k for k in MOVE if k.id != "open"),
        Key("left", "left,h", "across(-1)", "left", "The zone at the left"),
        Key("right", "right,l", "across(1)", "right", "The zone at the right"),
        Key(
            "open",
            "enter",
            "open",
            "open",
            "Open what is selected: zone, broker, topics, incidents",
            "↵",
            True,
        ),
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(KEYS)]
    AUTO_FOCUS: ClassVar[str | None] = ""

    selected: reactive[Hashable] = reactive(None, repaint=False, init=False)

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self._stopgap: Hashable = None
        """Where the cursor stands only because no broker is known yet."""
        self._shares: tuple[int, int, int, bool] | None = None

    def body(self) -> Iterable[Widget]:
        """Tree at the left, zones over graphs at the right, events below."""
        live, cursor = LiveScreen.view, OverviewScreen.selected
        words = LiveScreen.filter_text
        with Horizontal(id="middle"):
            yield TreePanel(id="tree").data_bind(view=live, selected=cursor, filter_text=words)
            with Vertical(id="right"):
                yield ZonesPanel(id="zones").data_bind(view=live, selected=cursor, filter_text=words)
                with Horizontal(id="graphs"):
                    yield RequestsPanel(id="requests").data_bind(live)
                    yield ProbesPanel(id="probes").data_bind(live)
        yield EventsPanel(id="events").data_bind(live)

    def seen(self, view: View) -> None:
        """Make room for what there is; keep the cursor on something that is there."""
        self._share(self.size.width, self.size.height)
        keys = self._keys()
        first = next((k for k in keys if isinstance(k, tuple) and k[0] == "broker"), None)
        if self.selected not in keys or (first is not None and self.selected == self._stopgap):
            self.selected = first or (keys[0] if keys else None)
            self._stopgap = None if first else self.selected

    def on_resize(self, event: events.Resize) -> None:
        """Another size: share it anew."""
        self._share(event.size.width, event.size.height)

    def _share(self, width: int, height: int) -> None:
        """Zones get what their brokers need, as large as leaves the graphs readable."""
        many = len(self.view.cluster.brokers) > FEW
        tree = 0 if many or width < WIDE else TREE_WIDE if width >= 160 else TREE
        log = 7 if height < 34 or (many and height < 52) else 8 if height < 52 else 13
        middle = height - log - (3 if height < 34 else 5)
        zones = zones_height(self.view, width - (tree + 3 if tree else 2), middle)
        shares = (tree, log, zones, height < 34)
        if shares == self._shares:
            return  # even an equal style lays everything out anew
        self._shares = shares
        self.query_one("#tree").display = tree > 0
        self.query_one("#right").styles.margin = (0, 1, 0, 0 if tree else 1)
        self.query_one("#events").styles.height = log
        self.query_one("#zones").styles.height = zones
        self.query_one("#graphs").styles.margin = (0 if height < 34 else 1, 0, 0, 0)

    # -------------------------------------------------------------- the cursor

    def _keys(self) -> list[Hashable]:
        """What the cursor can be on, top to bottom, as shown."""
        if self.query_one("#tree").display and len(self.view.cluster.brokers) <= FEW:
            return [n.key for n in nodes_of(self.view, self.filter_text) if n.key is not None]
        out: list[Hashable] = []
        for zone in zones_of(self.view.cluster):
            out.append(("zone", zone))
            out += [
                ("broker", b.id)
                for b in self.view.cluster.zone_brokers(zone)
                if self.matches(b.name, zone, b.host)
            ]
        return [*out, ("topics",), ("incidents",)]

    def action_move(self, by: int) -> None:
        """Up or down by one."""
        keys = self._keys()
        if keys:
            at = keys.index(self.selected) if self.selected in keys else 0
            self.selected = keys[max(0, min(len(keys) - 1, at + by))]

    def action_to_start(self) -> None:
        """To the first."""
        self.selected = next(iter(self._keys()), None)

    def action_to_end(self) -> None:
        """To the last."""
        self.selected = next(reversed(self._keys()), None)

    def action_across(self, by: int) -> None:
        """To the broker in the same place of the neighbouring zone."""
        cluster, zones = self.view.cluster, zones_of(self.view.cluster)
        if not isinstance(self.selected, tuple) or not zones:
            return
        kind, *rest = self.selected
        zone, row = zones[0], 0
        if kind == "zone":
            zone, row = str(rest[0]), -1
        elif kind == "broker" and (broker := cluster.brokers.get(rest[0])) is not None:
            zone = broker.zone or ""
            row = [b.id for b in cluster.zone_brokers(zone)].index(broker.id)
        at = max(0, min(len(zones) - 1, zones.index(zone) + by))
        there = cluster.zone_brokers(zones[at])
        if row < 0 or not there:
            self.selected = ("zone", zones[at])
        else:
            self.selected = ("broker", there[min(row, len(there) - 1)].id)

    def on_tree_panel_clicked(self, event: TreePanel.Clicked) -> None:
        """A click selects; a second one opens."""
        if event.key == self.selected:
            self.action_open()
        self.selected = event.key

    def action_open(self) -> None:
        """Go deeper."""
        match self.selected:
            case ("zone", str(zone)):
                self.monitor.drill(Place("zone", zone=zone))
            case ("broker", int(broker)):
                self.monitor.drill(Place("broker", broker=broker))
            case ("nodes" | "node", *_):
                self.monitor.drill(Place("quorum"))
            case ("topics",):
                self.monitor.drill(Place("partitions"))
            case ("incidents",):
                self.monitor.drill(Place("incidents"))

    def broker_selected(self) -> int | None:
        """The one under the cursor."""
        match self.selected:
            case ("broker", int(number)):
                return number
        return None

    def copied(self) -> str | None:
        """A broker's address, a zone's id."""
        match self.selected:
            case ("broker", int(number)) if number in self.view.cluster.brokers:
                broker = self.view.cluster.brokers[number]
                return f"{broker.host}:{broker.port}"
            case ("zone", str(zone)):
                return zone or None
            case ("node", int(number)) if number in self.view.cluster.nodes:
                node = self.view.cluster.nodes[number]
                return node.address or node.name
        return None


def zones_height(view: View, width: int, middle: int) -> int:
    """How many of `middle` rows the zones get: for cards, else for three lines each, else for rows."""
    cluster = view.cluster
    zones = zones_of(cluster)
    low = middle < 20
    graphs = 5 if low else 9
    if not zones:
        return max(3, middle - graphs)
    across = columns(len(zones), width)
    floors = -(-len(zones) // across)
    beside = places((width - GAP * (across - 1)) // across)
    most = max(-(-len(cluster.zone_brokers(z)) // beside) for z in zones)
    subnet = not low and any(z.subnet_cidr for z in cluster.zones.values())
    cards = most * (CARD_LINES + 1)
    fullest = max(len(cluster.zone_brokers(z)) for z in zones)
    if fullest > MOST_PICTURES and (fullest + 2) * floors + graphs <= middle:
        return (fullest + 2) * floors
    for lines in (cards + subnet, cards, 1 + most * CARD_LINES, 1 + most * MINI_LINES):
        if lines * floors + graphs <= middle:
            return lines * floors
    return max(3 * floors, min((fullest + 2) * floors, middle - (5 if low else 6)))
