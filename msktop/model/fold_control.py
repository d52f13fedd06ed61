"""What the control plane says, into the state: inventory, operations, permissions, CloudWatch, ZooKeeper."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from msktop.model.cluster import Broker, Cluster, MetadataNode, MetricKey
from msktop.model.control_samples import (
    InventorySeen,
    MetricSeen,
    MetricsSeen,
    NodeSeen,
    OperationsSeen,
    PermissionSeen,
    ZooKeeperSeen,
)
from msktop.model.series import Series

POINTS_KEPT = 400
"""CloudWatch points kept of each series: over six hours at one a minute."""


def inventory_seen(cluster: Cluster, s: InventorySeen) -> Cluster:
    """Brokers that are no longer listed stay until Metadata drops them; metadata nodes go at once."""
    brokers = dict(cluster.brokers)
    nodes = dict(cluster.nodes)
    for node in s.nodes:
        if node.role == "broker":
            brokers[node.id] = _with_inventory(brokers.get(node.id), node)
        else:
            nodes[node.id] = _metadata_node(nodes.get(node.id), node)
    listed = {n.id for n in s.nodes}
    for gone in [n for n in nodes if n not in listed]:
        del nodes[gone]
    return replace(
        cluster,
        name=s.name,
        state=s.state,
        metadata=s.metadata or cluster.metadata,
        kafka_version=s.kafka_version or cluster.kafka_version,
        version_estimated=s.kafka_version is None and cluster.version_estimated,
        zones={zone.id: zone for zone in sorted(s.zones, key=lambda z: z.id)},
        brokers=dict(sorted(brokers.items())),
        nodes=dict(sorted(nodes.items())),
        description=s.description or cluster.description,
        inventory_at=s.at,
    )


def _with_inventory(broker: Broker | None, node: NodeSeen) -> Broker:
    broker = broker or Broker(id=node.id, host=node.address or "", port=node.port or 0)
    return replace(broker, inventory=node, zone=broker.zone or node.zone)


def _metadata_node(known: MetadataNode | None, node: NodeSeen) -> MetadataNode:
    role: Literal["controller", "zookeeper"] = "zookeeper" if node.role == "zookeeper" else "controller"
    return replace(known or MetadataNode(id=node.id, role=role), inventory=node)


def operations_seen(cluster: Cluster, s: OperationsSeen) -> Cluster:
    """The newest list of operations takes the place of the one before."""
    return replace(cluster, operations=s.operations, operations_at=s.at)


def permission_seen(cluster: Cluster, s: PermissionSeen) -> Cluster:
    """The newest word on one action."""
    return replace(cluster, permissions={**cluster.permissions, s.action: s})


def metrics_seen(cluster: Cluster, s: MetricsSeen) -> Cluster:
    """Appends each series' points that are newer than those known; CloudWatch repeats itself.

    >>> seen = MetricSeen(metric="CpuUser", stat="Average", period_s=60.0, broker_id=1, points=((60.0, 5.0),))
    >>> once = metrics_seen(Cluster(), MetricsSeen(at=130.0, series=(seen,), queries=1))
    >>> twice = metrics_seen(once, MetricsSeen(at=190.0, series=(seen,), queries=1))
    >>> series = twice.metrics[MetricKey("CpuUser", 1)]
    >>> series.last, len(series), twice.metrics_queries
    ((120.0, 5.0), 1, 2)
    """
    metrics = dict(cluster.metrics)
    for one in s.series:
        key = MetricKey(one.metric, one.broker_id, tuple(sorted(one.dimensions.items())))
        metrics[key] = _appended(metrics.get(key) or Series(POINTS_KEPT), one)
    queries = cluster.metrics_queries + s.queries
    return replace(cluster, metrics=metrics, metrics_at=s.at, metrics_queries=queries)


def _appended(series: Series, seen: MetricSeen) -> Series:
    newest = series.last
    for began, value in seen.points:
        at = began + seen.period_s
        if newest is None or at > newest[0]:
            series = series.append(at, value)
    return series


def zookeeper_seen(cluster: Cluster, s: ZooKeeperSeen) -> Cluster:
    """What one server says of itself; who leads follows from it."""
    known = cluster.nodes.get(s.node_id) or MetadataNode(id=s.node_id, role="zookeeper")
    node = replace(known, zookeeper=s, leader=s.mode == "leader")
    return replace(cluster, nodes=dict(sorted({**cluster.nodes, s.node_id: node}.items())))
