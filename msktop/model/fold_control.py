"""What the control plane says, into the state: inventory, operations, permissions, CloudWatch, ZooKeeper."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Literal, TypeVar

from msktop.model.broker import Broker
from msktop.model.cluster import Cluster, MetadataNode, MetricKey
from msktop.model.control_samples import (
    InventorySeen,
    MetricSeen,
    MetricsSeen,
    NodeSeen,
    OperationsSeen,
    PermissionSeen,
    WayChosen,
    ZoneSeen,
    ZooKeeperSeen,
)
from msktop.model.series import Series

_Seen = TypeVar("_Seen", NodeSeen, ZoneSeen)

POINTS_KEPT = 400
"""CloudWatch points kept of each series: over six hours at one a minute."""


_UNDER_WAY = ("UPDATING", "REBOOTING_BROKER", "MAINTENANCE", "DELETING")
"""What only the MSK API knows; of everything else a local MSK's state file knows sooner."""


def inventory_seen(cluster: Cluster, s: InventorySeen) -> Cluster:
    """One picture of the control plane, over what the other way of seeing it has told.

    Brokers that are no longer listed stay until Metadata drops them; metadata nodes go at once.
    """
    brokers, nodes = dict(cluster.brokers), dict(cluster.nodes)
    listed: set[int] = set()
    for node in s.nodes:
        if node.role == "broker":
            if s.via == "api" and "inventory" in cluster.sources and node.id not in brokers:
                continue  # the file, which is ahead, knows nothing of it
            brokers[node.id] = _with_inventory(brokers.get(node.id), node)
            listed.add(node.id)
        else:
            number = _known_as(nodes, node)
            nodes[number] = _metadata_node(nodes.get(number), replace(node, id=number))
            listed.add(number)
    if s.nodes_listed:
        _drop(cluster, s, brokers, nodes, listed)
    seen = replace(
        cluster,
        name=s.name,
        state=_state(cluster, s),
        metadata=s.metadata or cluster.metadata,
        kafka_version=s.kafka_version or cluster.kafka_version,
        version_estimated=s.kafka_version is None and cluster.version_estimated,
        zones=_zones(cluster, s),
        brokers=dict(sorted(brokers.items())),
        nodes=dict(sorted(nodes.items())),
        description=s.description or cluster.description,
        inventory_at=s.at,
    )
    return without_departed(seen)


def _drop(
    cluster: Cluster,
    s: InventorySeen,
    brokers: dict[int, Broker],
    nodes: dict[int, MetadataNode],
    listed: set[int],
) -> None:
    """Forget what is gone. The API may list no metadata nodes at all, and then says nothing of them."""
    if s.via == "file" or any(node.role != "broker" for node in s.nodes):
        for gone in nodes.keys() - listed:
            del nodes[gone]
    for missing in brokers.keys() - listed:
        brokers[missing] = replace(brokers[missing], inventory=None)
    if not cluster.connected:  # no Metadata will ever drop them
        for gone in brokers.keys() - listed:
            del brokers[gone]


def _state(cluster: Cluster, s: InventorySeen) -> str | None:
    """The control plane's word. A local MSK's file is ahead of the API, but knows of no operations."""
    if s.via == "file":
        told = cluster.description.state if cluster.description else None
        return told if s.state == "ACTIVE" and told in _UNDER_WAY else s.state
    if "inventory" not in cluster.sources or s.state in _UNDER_WAY or cluster.state in _UNDER_WAY:
        return s.state
    return cluster.state


def _zones(cluster: Cluster, s: InventorySeen) -> dict[str, ZoneSeen]:
    if not s.zones:
        return dict(cluster.zones)
    zones = {z.id: _over(cluster.zones.get(z.id), z) for z in s.zones}
    return dict(sorted(zones.items()))


def _known_as(nodes: Mapping[int, MetadataNode], node: NodeSeen) -> int:
    """The id of a metadata node; ListNodes gives controllers none, but their addresses."""
    if node.id in nodes or not node.address:
        return node.id
    for known in nodes.values():
        here = known.role == node.role and known.address in (node.address, *node.endpoints)
        if here and known.inventory is not None and node.port in (None, known.inventory.port):
            return known.id
    return node.id


def _over(old: _Seen | None, new: _Seen) -> _Seen:
    """What was seen now, and of the rest what was seen before: each way of seeing tells only its part."""
    if old is None:
        return new
    absent = {f.name: getattr(old, f.name) for f in fields(new) if getattr(new, f.name) in (None, ())}
    return replace(new, **absent)


def without_departed(cluster: Cluster) -> Cluster:
    """Forget brokers that neither the control plane nor Metadata lists any more: removed is not down."""
    listed = any(broker.inventory is not None for broker in cluster.brokers.values())
    gone = {b.id for b in cluster.brokers.values() if listed and _departed(b)}
    if not gone:
        return cluster
    return replace(cluster, brokers={b.id: b for b in cluster.brokers.values() if b.id not in gone})


def _departed(broker: Broker) -> bool:
    return broker.inventory is None and not broker.in_metadata and not broker.counts.replicas


def _with_inventory(broker: Broker | None, node: NodeSeen) -> Broker:
    host = node.endpoints[0] if node.endpoints else node.address or ""
    broker = broker or Broker(id=node.id, host=host, port=node.port or 0)
    return replace(broker, inventory=_over(broker.inventory, node), zone=broker.zone or node.zone)


def _metadata_node(known: MetadataNode | None, node: NodeSeen) -> MetadataNode:
    role: Literal["controller", "zookeeper"] = "zookeeper" if node.role == "zookeeper" else "controller"
    known = known or MetadataNode(id=node.id, role=role)
    return replace(known, inventory=_over(known.inventory, node))


def way_chosen(cluster: Cluster, s: WayChosen) -> Cluster:
    """How the brokers are reached, once that is known."""
    return replace(cluster, bootstrap_servers=s.bootstrap_servers, security_protocol=s.security_protocol)


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
    ends = [began + one.period_s for one in s.series for began, _ in one.points[-1:]]
    newest = max((*ends, cluster.metrics_newest_at or 0.0))
    for one in s.series:
        key = MetricKey(one.metric, one.broker_id, tuple(sorted(one.dimensions.items())))
        metrics[key] = _appended(metrics.get(key) or Series(POINTS_KEPT), one)
    return replace(
        cluster,
        metrics=metrics,
        metrics_at=s.at,
        metrics_newest_at=newest or None,
        metrics_queries=cluster.metrics_queries + s.queries,
        metrics_queries_per_hour=s.queries_per_hour,
        brokers=_brokers_of_metrics(cluster, s),
    )


def _brokers_of_metrics(cluster: Cluster, s: MetricsSeen) -> Mapping[int, Broker]:
    """The brokers; where neither Kafka nor the MSK API tells of any, those that CloudWatch has points of."""
    if cluster.connected or any(b.inventory is not None for b in cluster.brokers.values()):
        return cluster.brokers
    new = {m.broker_id for m in s.series if m.broker_id is not None and m.points} - cluster.brokers.keys()
    return (
        dict(sorted({**cluster.brokers, **{n: Broker(id=n) for n in new}}.items()))
        if new
        else cluster.brokers
    )


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
    return replace(
        cluster,
        nodes=dict(sorted({**cluster.nodes, s.node_id: node}.items())),
        zookeeper_leader=s.node_id if node.leader else cluster.zookeeper_leader,
    )
