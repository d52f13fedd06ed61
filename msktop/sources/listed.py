"""Tells the probe which brokers the control plane lists: Metadata leaves out those that are down."""

from __future__ import annotations

from collections.abc import Callable

from msktop.model.cluster import Cluster
from msktop.wire.bootstrap import addresses
from msktop.wire.minimal import Node


class Listed:
    """Passes on the brokers of the inventory whenever they change.

    `servers` are the bootstrap addresses: on MSK, brokers share their port; where they do not (multi-VPC
    connectivity gives each its own), an address would be a guess, and nothing is told.
    """

    def __init__(self, tell: Callable[[tuple[Node, ...]], None], servers: str) -> None:
        self._tell = tell
        ports = {port for _, port in addresses(servers)}
        self._port = ports.pop() if len(ports) == 1 else None
        self._seen_at: float | None = None
        self._told: tuple[Node, ...] = ()

    def __call__(self, cluster: Cluster) -> None:
        """Look at a new state."""
        if self._port is None or cluster.inventory_at == self._seen_at:
            return
        self._seen_at = cluster.inventory_at
        nodes = nodes_of(cluster, self._port)
        if nodes != self._told:
            self._told = nodes
            self._tell(nodes)


def nodes_of(cluster: Cluster, port: int) -> tuple[Node, ...]:
    """The listed brokers under the names that clients use.

    >>> nodes_of(Cluster(), 9092)
    ()
    """
    listed = (b.inventory for b in cluster.brokers.values() if b.inventory is not None)
    return tuple(
        Node(node.id, host, port, node.zone)
        for node in listed
        if (host := next(iter(node.endpoints), node.address)) is not None
    )
