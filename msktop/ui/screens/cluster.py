"""The cluster as AWS describes it: facts, every node with its place, and what we are not allowed to see."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual import on
from textual.widget import Widget

from msktop.model.cluster import Cluster
from msktop.model.control_samples import PermissionSeen
from msktop.session import View
from msktop.ui.columns import Column
from msktop.ui.format import age, foreign
from msktop.ui.keys import MOVE, Key
from msktop.ui.places import Place
from msktop.ui.rows.account import Fact, denials, denied, facts_of, missing_by
from msktop.ui.screens.drill import DrillScreen
from msktop.ui.screens.live import LiveScreen
from msktop.ui.theme import Glyph, sign, token
from msktop.ui.widgets.canvas import Canvas
from msktop.ui.widgets.draw import sentence, title
from msktop.ui.widgets.node_table import WHOLE, Node, draw_placement, node_columns, nodes_of, placement
from msktop.ui.widgets.paint import Draw
from msktop.ui.widgets.table import LiveTable
from msktop.ui.widgets.titled import Head, TitledTable

_LABEL = 15
_TWO = 110
"""Cells from which facts stand in two columns."""
_LOW, _LOW_FACTS = 34, 8
"""In fewer rows than the first there is room for so many facts."""
_OLD_S = 90.0
NOT_ASKED = (
    "Nobody tells: open the cluster by its name or ARN, with AWS credentials, for what MSK knows of it."
)


class ClusterScreen(DrillScreen):
    """Facts above, nodes below, denials at the end; Enter on a broker opens it."""

    DEFAULT_CSS = """
    ClusterScreen #facts { height: 8; margin: 0 1; }
    ClusterScreen #nodes { height: 1fr; width: 100%; margin-bottom: 1; }
    ClusterScreen.-h24 #nodes { margin-bottom: 0; }
    ClusterScreen #placed { height: 1; width: 100%; margin-bottom: 1; }
    ClusterScreen.-h24 #placed { margin-bottom: 0; }
    ClusterScreen #denied { height: 4; width: 100%; }
    """
    SCOPED_CSS = False
    KEYS: ClassVar[tuple[Key, ...]] = (MOVE[-1],)

    def body(self) -> Iterable[Widget]:
        """Facts, nodes, denials."""
        yield Draw(self._facts, id="facts").data_bind(LiveScreen.view)
        yield TitledTable[Node](node_columns(), key=lambda n: n.name, id="nodes", margin=1)
        yield Draw(self._placed, id="placed").data_bind(LiveScreen.view)
        yield TitledTable[PermissionSeen](_denied_columns(), key=lambda p: p.action, id="denied", margin=1)

    def fill(self, view: View) -> None:
        """Nodes that match by name, zone, address or type; every denial."""
        cluster = view.cluster
        self._fill_nodes(cluster)
        denied_table, told = self.query_one("#denied", TitledTable), denials(cluster)
        denied_table.display = bool(told)
        low = self.size.height < _LOW
        if told:
            denied_table.head = Head("Not allowed", "everything else goes on")
            self.tall("denied", min(len(told), 3 if low else 8) + 2)
        denied_table.set_rows(told)
        self.query_one("#placed").display = self.size.width < WHOLE and any(map(placement, nodes_of(cluster)))
        self.tall("facts", len(self._lines(cluster)) + (1 if low else 2))

    def _placed(self, canvas: Canvas, _: View) -> None:
        """Where the node under the cursor is, as far as the table has no room to say it."""
        row = self.query_one("#nodes", TitledTable).current
        if isinstance(row, Node):
            draw_placement(canvas, row)

    @on(LiveTable.Moved)
    def _moved(self) -> None:
        self.query_one("#placed", Draw).tick()

    def _fill_nodes(self, cluster: Cluster) -> None:
        table = self.query_one("#nodes", TitledTable)
        known = nodes_of(cluster)
        rows = [
            n
            for n in known
            if self.matches(
                n.name, n.zone, n.address, n.endpoints, n.listed.instance_type if n.listed else None
            )
        ]
        table.head = Head(
            "Nodes",
            sentence(
                f"{len(rows)} of {len(known)}" if self.filter_text else str(len(known)) if known else "",
                denied(cluster, "kafka:ListNodes", "ec2:DescribeSubnets"),
            ),
            advice="" if known else _why_none(cluster),
        )
        table.empty = "nothing matches"
        table.set_rows(rows)

    # -------------------------------------------------------------- facts

    def _lines(self, cluster: Cluster) -> list[tuple[Fact, ...]]:
        """State and maintenance alone in their lines, the others two in a line where there is room.

        In a low terminal the first ones.
        """
        known = facts_of(cluster)
        alone = next(i for i, fact in enumerate(known) if fact.label == "maintenance") + 1
        first, facts = known[:alone], known[alone:]
        beside = 2 if self.size.width >= _TWO else 1
        if self.size.height < _LOW:
            facts = facts[: (_LOW_FACTS - alone) * beside]
        lines = -(-len(facts) // beside)
        return [*((fact,) for fact in first), *(tuple(facts[line::lines]) for line in range(lines))]

    def _facts(self, canvas: Canvas, view: View) -> None:
        cluster = view.cluster
        seen = cluster.description
        read_s = None if cluster.inventory_at is None else cluster.at - cluster.inventory_at
        old = f"{age(read_s)} old" if read_s is not None and read_s > _OLD_S else ""
        words = denied(cluster, "kafka:DescribeClusterV2", "kafka:GetBootstrapBrokers")
        note = sentence(words, foreign(seen.arn)) if seen is not None else words
        title(canvas, 0, "Cluster", note, right=old)
        if seen is None and cluster.inventory_at is None:
            canvas.text(2, 1, NOT_ASKED, "muted", canvas.width - 2)
            return
        part = canvas.width // 2 if self.size.width >= _TWO else canvas.width
        for y, facts in enumerate(self._lines(cluster), 1):
            width = canvas.width if len(facts) == 1 else part - 1
            for at, fact in enumerate(facts):
                _fact(canvas, at * part, y, width, fact, stale=bool(old))

    # -------------------------------------------------------------- keys

    @on(LiveTable.Opened)
    def _opened(self, message: LiveTable.Opened) -> None:
        row = message.row
        if isinstance(row, Node):
            self.monitor.drill(Place("broker", broker=row.id) if row.is_broker else Place("quorum"))

    def copied(self) -> str | None:
        """The selected node's ARN or address, the denied action; else the cluster's ARN."""
        table = self.sorted_table
        row = table.current if table is not None else None
        if isinstance(row, Node):
            return foreign((row.listed.node_arn if row.listed else None) or row.address) or row.name
        if isinstance(row, PermissionSeen):
            return foreign(row.action)
        seen = self.view.cluster.description
        return foreign(seen.arn) if seen is not None else None


def _fact(canvas: Canvas, x: int, y: int, width: int, fact: Fact, *, stale: bool) -> None:
    canvas.text(x, y, fact.label, "muted", _LABEL)
    at = x + _LABEL
    if fact.severity != "none":
        at = canvas.text(at, y, sign(fact.severity) + " ", token(fact.severity))
    loud = fact.severity in ("crit", "warn")
    spec = f"{fact.severity} b" if loud else "text" if fact.known and not stale else "faint"
    canvas.text(at, y, fact.text, spec, x + width - at)


def _why_none(cluster: Cluster) -> str:
    told = cluster.permissions.get("kafka:ListNodes")
    if told is not None and not told.allowed:
        return f"denied: kafka:ListNodes. {foreign(told.advice)}"
    if cluster.description is not None and cluster.description.cluster_type == "SERVERLESS":
        return "A serverless cluster has no nodes that one could see: MSK places the partitions itself."
    if cluster.state == "CREATING":
        return "MSK lists the nodes when it has made them."
    source = cluster.sources.get("msk")
    if source is not None and source.failed_at is not None:
        return foreign(f"{source.reason}. {source.advice}")
    return "" if cluster.inventory_at is not None else NOT_ASKED


def _denied_columns() -> list[Column[PermissionSeen]]:
    return [
        Column(head="", width=1, cell=lambda _: (Glyph.NONE, "faint"), gap=1),
        Column(head="action", width=34, cell=lambda p: (foreign(p.action), "strong b")),
        Column(head="so we do not see", width=0, cell=lambda p: (missing_by(p), "muted")),
    ]
