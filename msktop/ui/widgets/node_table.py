"""Columns of every node as its control plane lists it: where it is, and what it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from msktop.model.cluster import Cluster
from msktop.model.control_samples import NodeSeen, ZoneSeen
from msktop.ui.columns import Cell, Column
from msktop.ui.format import UNKNOWN, foreign
from msktop.ui.rows.nodes import severity_of as node_severity
from msktop.ui.theme import Severity, sign, token
from msktop.ui.widgets.broker_cells import severity_of
from msktop.ui.widgets.canvas import Canvas
from msktop.ui.widgets.draw import fitting


@dataclass(frozen=True, slots=True)
class Node:
    """A broker or a metadata node: what its row needs."""

    id: int
    name: str
    severity: Severity
    zone: str | None
    listed: NodeSeen | None
    place: ZoneSeen | None
    """Its zone as EC2 knows it."""
    version: str | None = None
    is_broker: bool = True

    @property
    def address(self) -> str:
        """Its address, as far as it is known."""
        return foreign((self.listed.address if self.listed else None) or "")

    @property
    def endpoints(self) -> str:
        """Host names by which clients reach it."""
        return foreign(", ".join(self.listed.endpoints)) if self.listed else ""


WHOLE = 150
"""Cells from which the table says where each node is; below, a line does of the one under the cursor."""


def placement(node: Node) -> list[str]:
    """Zone, subnet, network interface, volume, configuration; nothing of a node that AWS has not placed.

    >>> from msktop.model.control_samples import NodeSeen
    >>> seen = NodeSeen(id=2, role="broker", subnet_id="subnet-0b", eni_id="eni-2", volume_bytes=1 << 40)
    >>> placement(Node(2, "b-2", "ok", "use1-az2", seen, None))
    ['subnet-0b', 'eni-2', '1,024 GiB']
    """
    seen = node.listed
    if seen is None or not (seen.eni_id or seen.subnet_id):
        return []
    revision = seen.configuration_revision
    words = (
        (node.place.name if node.place else None) or "",
        seen.subnet_id or "",
        seen.eni_id or "",
        f"{seen.volume_bytes / 2**30:,.0f} GiB" if seen.volume_bytes else "",
        f"configuration revision {revision}" if revision is not None else "",
        *seen.endpoints,
    )
    return [foreign(word, 80) for word in words if word]


def draw_placement(canvas: Canvas, node: Node) -> None:
    """One line: whose place it is, and of the place what fits whole."""
    if words := placement(node):
        x = canvas.text(1, 0, node.name, "strong")
        canvas.text(x + 2, 0, fitting(words, canvas.width - x - 3), "muted")


def nodes_of(cluster: Cluster) -> list[Node]:
    """Brokers by id, then what keeps the metadata."""
    places: Mapping[str, ZoneSeen] = cluster.zones
    brokers = [
        Node(
            b.id,
            b.name,
            severity_of(b),
            b.zone,
            b.inventory,
            places.get(b.zone or ""),
            (b.inventory.kafka_version if b.inventory else None) or b.kafka_version,
        )
        for b in cluster.brokers.values()
    ]
    others = [
        Node(n.id, n.name, node_severity(n), n.zone, n.inventory, places.get(n.zone or ""), None, False)
        for n in cluster.nodes.values()
    ]
    return [*brokers, *others]


def _known(value: str | None, spec: str = "text") -> Cell:
    return (foreign(value), spec) if value else (UNKNOWN, "faint")


def node_columns() -> list[Column[Node]]:
    """From the narrowest terminal on: name, zone, address, type, storage, version; then the rest."""

    def instance(node: Node) -> str:
        return ((node.listed.instance_type if node.listed else None) or "").removeprefix("kafka.")

    def subnet(node: Node) -> str | None:
        listed = node.listed.subnet_id if node.listed else None
        return listed or (node.place.subnet_id if node.place else None)

    def storage(node: Node) -> str:
        volume = node.listed.volume_bytes if node.listed else None
        return f"{volume / 2**30:,.0f} GiB" if volume else ""

    def revision(node: Node) -> str:
        told = node.listed.configuration_revision if node.listed else None
        return "" if told is None else str(told)

    return [
        Column(head="", width=1, cell=lambda n: (sign(n.severity), token(n.severity)), gap=1),
        Column(head="node", width=5, cell=lambda n: (n.name, "strong b")),
        Column(head="zone id", width=9, cell=lambda n: _known(n.zone), sort=lambda n: n.zone or ""),
        Column(head="zone", width=11, cell=lambda n: _known(n.place.name if n.place else None), min_width=92),
        Column(head="subnet", width=24, cell=lambda n: _known(subnet(n), "muted"), min_width=116),
        Column(head="address", width=15, cell=lambda n: _known(n.address)),
        Column(
            head="network interface",
            width=21,
            cell=lambda n: _known(n.listed.eni_id if n.listed else None, "muted"),
            min_width=WHOLE,
        ),
        Column(head="type", width=17, cell=lambda n: _known(instance(n)), sort=instance),
        Column(head="storage", width=10, cell=lambda n: _known(storage(n)), align=">", min_width=84),
        Column(head="Kafka", width=11, cell=lambda n: _known(n.version), sort=lambda n: n.version or ""),
        Column(head="rev", width=3, cell=lambda n: _known(revision(n)), align=">", min_width=124),
        Column(head="endpoints", width=0, cell=lambda n: _known(n.endpoints, "muted"), min_width=170),
    ]
