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
            min_width=150,
        ),
        Column(head="type", width=17, cell=lambda n: _known(instance(n)), sort=instance),
        Column(head="storage", width=10, cell=lambda n: _known(storage(n)), align=">", min_width=84),
        Column(head="Kafka", width=11, cell=lambda n: _known(n.version), sort=lambda n: n.version or ""),
        Column(head="rev", width=3, cell=lambda n: _known(revision(n)), align=">", min_width=124),
        Column(head="endpoints", width=0, cell=lambda n: _known(n.endpoints, "muted"), min_width=170),
    ]
