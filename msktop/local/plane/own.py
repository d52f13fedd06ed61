"""The cluster that a local MSK is started with: registered by what its supervisor says."""

from __future__ import annotations

from typing import Any

from msktop.local.plane import names, places, security
from msktop.local.plane.records import Cluster, Software
from msktop.local.plane.registry import Registry
from msktop.local.state import State

_GIB = 1 << 30


def net_of(found: State) -> int:
    """The second byte of the addresses of the cluster's nodes."""
    return int(found.nodes[0].address.split(".")[1])


def register(registry: Registry, found: State) -> Cluster:
    """The record of the cluster of this state, made when there is none."""
    with registry.lock:
        known = next((c for c in registry.clusters() if c.local_name == found.name), None)
        if known is None:
            known = _record(found)
            registry.put(known)
        return known


def _record(found: State) -> Cluster:
    first = found.brokers[0]
    subnet_of = {subnet.zone_id: subnet.id for subnet in places.subnets(net_of(found))}
    zone_ids = tuple(zone.id for zone in found.zones)
    return Cluster(
        arn=names.cluster_arn(found.name, names.new_uid()),
        name=found.name,
        local_name=found.name,
        created_at=found.started_at,
        version=names.new_version(),
        phase="ACTIVE",
        metadata=found.metadata,
        subnets=tuple(subnet_of[zone] for zone in zone_ids),
        zone_ids=zone_ids,
        brokers=len(found.brokers),
        instance_type=first.instance_type or "kafka.t3.small",
        volume_gib=max(1, first.storage.volume_bytes // _GIB),
        target=Software(found.kafka_version),
        kept={
            "BrokerNodeGroupInfo": {"SecurityGroups": [places.security_group(net_of(found))]},
            "OpenMonitoring": open_monitoring(jmx=True, node=True),
            **security.of_listeners(first.ports),
        },
    )


def open_monitoring(*, jmx: bool, node: bool) -> dict[str, Any]:
    """OpenMonitoring with each of the two exporters on or off."""
    return {
        "Prometheus": {"JmxExporter": {"EnabledInBroker": jmx}, "NodeExporter": {"EnabledInBroker": node}}
    }
