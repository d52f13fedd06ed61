"""Limits that depend on the broker: by its instance type, its volume, its settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from msktop.model import limits
from msktop.model.broker import Broker
from msktop.model.cluster import Cluster

GIB = 1 << 30
_IAM_SETTINGS = ("listener.name.client_iam.max.connections", "listener.name.client_iam_vpce.max.connections")

Limit = Callable[[Cluster, Broker], "float | None"]


def instance_type(cluster: Cluster, broker: Broker) -> str | None:
    """The broker's type by its whole name; MSK's list of nodes leaves the part before the family out.

    >>> from msktop.model.control_samples import NodeSeen
    >>> listed = NodeSeen(id=1, role="broker", instance_type="m7g.large")
    >>> instance_type(Cluster(), Broker(id=1, inventory=listed))
    'kafka.m7g.large'
    """
    whole = cluster.description.instance_type if cluster.description is not None else None
    own = broker.inventory.instance_type if broker.inventory is not None else None
    if own is None or limits.family(own) is not None:
        return own or whole
    return f"{'express' if whole and limits.family(whole) == 'express' else 'kafka'}.{own}"


def _by_type(figure: Callable[[str], float | None]) -> Limit:
    def limit(cluster: Cluster, broker: Broker) -> float | None:
        name = instance_type(cluster, broker)
        return figure(name) if name is not None else None

    return limit


def _partitions(which: str) -> Limit:
    def figure(name: str) -> float | None:
        found = limits.partitions(name)
        return None if found is None else float(found.advised if which == "advised" else found.most)

    return _by_type(figure)


def _express(which: str) -> Limit:
    def figure(name: str) -> float | None:
        found = limits.express_throughput(name)
        value: float | None = getattr(found, which, None)
        return value

    return _by_type(figure)


def _iam_connections(_: Cluster, broker: Broker) -> float | None:
    raised = [
        int(entry.value)
        for entry in broker.config or ()
        if entry.name in _IAM_SETTINGS and entry.value is not None and entry.value.isdecimal()
    ]
    return float(min(raised)) if raised else float(limits.IAM_CONNECTIONS)


def _volume_throughput(cluster: Cluster, broker: Broker) -> float | None:
    name, seen = instance_type(cluster, broker), cluster.description
    size = broker.inventory.volume_bytes if broker.inventory is not None else None
    gib = size / GIB if size else float(seen.volume_gib) if seen is not None and seen.volume_gib else None
    if name is None or gib is None:
        return None
    provisioned = seen.volume_throughput_mib_per_s if seen is not None else None
    return limits.volume_throughput(name, gib, provisioned)


LIMITS: Mapping[str, tuple[Limit, str]] = MappingProxyType(
    {
        "partitions.advised": (_partitions("advised"), "partitions that AWS advises for the instance type"),
        "partitions.most": (_partitions("most"), "partitions that the instance type may hold"),
        "iam_connections": (_iam_connections, "IAM connections to one broker, 3,000 where not raised"),
        "iam_connections_per_s": (
            _by_type(limits.iam_connections_per_s),
            "new IAM connections that the instance type takes in a second",
        ),
        "express_in.sustained": (
            _express("in_sustained"),
            "bytes per second in that an express type sustains",
        ),
        "express_in.most": (_express("in_most"), "bytes per second in at which an express type throttles"),
        "express_out.sustained": (
            _express("out_sustained"),
            "bytes per second out that an express type sustains",
        ),
        "express_out.most": (_express("out_most"), "bytes per second out at which an express type throttles"),
        "volume_throughput": (
            _volume_throughput,
            "bytes per second of a standard broker's volume, or of its instance type where that is lower",
        ),
    }
)
"""By the name that a rule gives: the limit, in its figure's unit, and in words."""


def limit_of(name: str, cluster: Cluster, broker: Broker | None) -> float | None:
    """A limit of one broker; None where it is not known."""
    found = LIMITS.get(name)
    return None if found is None or broker is None else found[0](cluster, broker)
