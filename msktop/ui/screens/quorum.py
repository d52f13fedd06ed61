"""What keeps the metadata: KRaft controllers or ZooKeeper servers, and the brokers that follow them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual import on
from textual.widget import Widget

from msktop.model.cluster import Cluster, MetadataNode
from msktop.session import View
from msktop.ui.format import foreign
from msktop.ui.keys import MOVE, Key
from msktop.ui.places import Place
from msktop.ui.rows.nodes import Follower, address_of, followers, summary_of
from msktop.ui.screens.drill import DrillScreen
from msktop.ui.screens.live import LiveScreen
from msktop.ui.theme import sign, token
from msktop.ui.widgets.canvas import Canvas
from msktop.ui.widgets.draw import sentence, title
from msktop.ui.widgets.paint import Draw
from msktop.ui.widgets.quorum_tables import follower_columns, server_columns, session_columns, voter_columns
from msktop.ui.widgets.table import LiveTable
from msktop.ui.widgets.titled import Head, TitledTable, wrap

_FACTS = 5
_LABEL = 16


class QuorumScreen(DrillScreen):
    """Summary, nodes, brokers; Enter on a broker opens it."""

    DEFAULT_CSS = """
    QuorumScreen #summary { height: 7; margin: 0 1; }
    QuorumScreen #nodes { height: 6; margin-top: 1; width: 100%; }
    QuorumScreen #followers { height: 1fr; margin-top: 1; width: 100%; }
    """
    SCOPED_CSS = False
    KEYS: ClassVar[tuple[Key, ...]] = (MOVE[-1],)

    def body(self) -> Iterable[Widget]:
        """How the whole does, each node, each broker."""
        yield Draw(self._summary, id="summary").data_bind(LiveScreen.view)
        yield TitledTable[MetadataNode]([], key=lambda n: n.id, id="nodes", margin=1)
        yield TitledTable[Follower]([], key=lambda f: f.broker.id, id="followers", margin=1)

    def fill(self, view: View) -> None:
        """Nodes and brokers that match by name, zone or address."""
        cluster = view.cluster
        self._servers(cluster)
        self._followers(cluster)

    def _servers(self, cluster: Cluster) -> None:
        table = self.query_one("#nodes", TitledTable)
        known = list(cluster.nodes.values())
        rows = [n for n in known if self.matches(n.name, n.zone or "", address_of(n))]
        is_zookeeper = cluster.metadata == "zookeeper"
        table.columns = server_columns(self.now) if is_zookeeper else voter_columns()
        table.head = Head(
            "ZooKeeper" if is_zookeeper else "Controllers",
            sentence(
                f"{len(rows)} of {len(known)}" if self.filter_text else str(len(known)) if known else ""
            ),
            advice=_why_none(cluster),
        )
        table.empty = "nothing matches"
        table.set_rows(rows)
        summary = summary_of(cluster)
        self.tall("nodes", max(4, len(known) + 2 if known else 4))
        self.tall("summary", min(_FACTS, len(summary.facts)) + 2)

    def _followers(self, cluster: Cluster) -> None:
        table = self.query_one("#followers", TitledTable)
        is_zookeeper = cluster.metadata == "zookeeper"
        rows = [
            f for f in followers(cluster) if self.matches(f.broker.name, f.broker.zone or "", f.broker.host)
        ]
        table.columns = session_columns(cluster) if is_zookeeper else follower_columns(cluster)
        table.head = Head(
            "Brokers",
            "their sessions with ZooKeeper" if is_zookeeper else "how they follow the metadata log",
        )
        table.empty = "nothing matches" if self.filter_text else "no broker is known"
        table.set_rows(rows)

    def _summary(self, canvas: Canvas, view: View) -> None:
        cluster = view.cluster
        summary = summary_of(cluster)
        kind = {"kraft": "KRaft quorum", "zookeeper": "ZooKeeper ensemble"}
        title(canvas, 0, kind.get(cluster.metadata or "", "Metadata quorum"), summary.note)
        x = canvas.text(0, 1, sign(summary.severity) + " ", token(summary.severity))
        canvas.text(x, 1, summary.head, "strong b", canvas.width - x)
        y = 2
        for label, text in summary.facts[:_FACTS]:
            canvas.text(2, y, label, "muted", _LABEL)
            width = canvas.width - _LABEL - 3
            canvas.text(3 + _LABEL, y, (wrap(text, width) or [""])[0], "text", width)
            y += 1

    @on(LiveTable.Opened)
    def _opened(self, message: LiveTable.Opened) -> None:
        if isinstance(message.row, Follower):
            self.monitor.drill(Place("broker", broker=message.row.broker.id))

    def copied(self) -> str | None:
        """The address of the selected node or broker."""
        table = self.sorted_table
        row = table.current if table is not None else None
        if isinstance(row, MetadataNode):
            return foreign(address_of(row)) or row.name
        if isinstance(row, Follower):
            return f"{row.broker.host}:{row.broker.port}"
        return None


def _why_none(cluster: Cluster) -> str:
    denied = cluster.permissions.get("kafka:ListNodes")
    if cluster.metadata == "kraft":
        return "The quorum has not told of itself yet."
    if denied is not None and not denied.allowed:
        return f"denied: kafka:ListNodes. {foreign(denied.advice)}"
    if cluster.metadata is None:
        return "Whether KRaft or ZooKeeper keeps the metadata is not known yet."
    return (
        "Kafka's protocol does not tell of ZooKeeper. Open the cluster by its name or ARN: then MSK lists its"
        " servers, and they are asked where they can be reached."
    )
