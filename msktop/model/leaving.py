"""Brokers that the control plane may be removing without having said so: not loud before it is asked."""

from __future__ import annotations

from msktop.model.broker import Broker
from msktop.model.cluster import Cluster

ASKED_WITHIN_S = 8.0
"""The control plane is asked at once when a broker goes down; by then it has answered, or will not soon."""
_HOLDS_NOTHING = "; holds no partition: MSK may be removing it"
_OF_FILE = "inventory"
"""A local MSK's state file tells of a removal before it begins."""


def may_be_leaving(cluster: Cluster, broker: Broker, fell_at: float) -> bool:
    """Whether a broker that fell may be one that a smaller broker count removes.

    MSK removes only brokers that hold no partition, and the API says so some seconds after we see them go.
    Once it has been read after the fall, what it says counts; where it says nothing the broker has failed.
    """
    if broker.inventory is None or _OF_FILE in cluster.sources or cluster.metadata_at is None:
        return False
    if broker.counts.replicas or cluster.at - fell_at >= ASKED_WITHIN_S:
        return False
    return cluster.inventory_at is None or cluster.inventory_at <= fell_at


def saying_so(detail: str) -> str:
    """What was met, and that it may be a removal.

    >>> said_before(saying_so("connection refused"))
    'connection refused'
    """
    return detail + _HOLDS_NOTHING


def said_before(detail: str) -> str:
    """What was met, where it was said that it may be a removal; nothing where it was not."""
    return detail.removesuffix(_HOLDS_NOTHING) if detail.endswith(_HOLDS_NOTHING) else ""
