"""Brokers that the control plane lists before they serve: that they do not answer yet is no failure."""

from __future__ import annotations

from msktop.model.broker import Broker
from msktop.model.cluster import Cluster

NEW_FOR_S = 900.0
"""MSK takes some minutes to start a broker that it lists already."""


def is_being_made(cluster: Cluster, broker: Broker) -> bool:
    """Whether the control plane may still be making it: it never answered us, and holds nothing.

    That it does not answer yet is no failure; it is one from the moment on that the control plane is done.
    """
    listed = broker.inventory
    if listed is None or broker.counts.replicas or broker.probe.last_ok_at is not None:
        return False
    if cluster.state in ("CREATING", "UPDATING"):
        return True  # in ZooKeeper mode it registers before it listens
    if broker.in_metadata or broker.left_metadata_at is not None:
        return False
    return listed.added_at is not None and cluster.at - listed.added_at < NEW_FOR_S
