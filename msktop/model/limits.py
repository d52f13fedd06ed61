"""What MSK allows and advises for each instance type and cluster, as AWS's developer guide had it in 2026.

Figures marked so in the guide are quotas that can be raised on request; what is advice is called so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Family = Literal["standard", "express"]

MOST_BROKERS = {"zookeeper": 30, "kraft": 60}
"""Brokers of one cluster; adjustable."""
LEAST_VOLUME_GIB, MOST_VOLUME_GIB = 1, 16_384
"""Of each standard broker."""
STORAGE_COOL_DOWN_S = 6 * 3600.0
"""A volume that was enlarged takes no other change for so long."""
IAM_CONNECTIONS = 3_000
"""TCP connections by IAM to one broker; adjustable by listener.name.client_iam.max.connections."""
IAM_CONNECTIONS_PER_S, IAM_CONNECTIONS_PER_S_T3 = 100, 4
"""New TCP connections by IAM to one broker in a second."""
MINUTES_A_BROKER = (5, 15)
"""What a rolling restart takes for each broker, typically."""
MINUTES_A_RESIZE = (10, 15)
"""The same where the instance type changes."""

_SIZES = (
    "small", "large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge", "24xlarge",
)  # fmt: skip
_FAMILIES = {
    "kafka.t3": ("small",),
    "kafka.m5": ("large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge", "24xlarge"),
    "kafka.m7g": ("large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge"),
    "express.m7g": ("large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge"),
}


@dataclass(frozen=True, slots=True)
class Partitions:
    """Partitions of one broker, replicas included."""

    advised: int
    most: int
    """Above it, standard brokers refuse a new configuration or a smaller type; express ones enforce it."""


_STANDARD = {
    "small": Partitions(300, 300),
    "large": Partitions(1_000, 1_500),
    "xlarge": Partitions(1_000, 1_500),
}
_STANDARD_2X, _STANDARD_LARGER = Partitions(2_000, 3_000), Partitions(4_000, 6_000)
_EXPRESS = {
    "large": Partitions(1_000, 1_500),
    "xlarge": Partitions(1_000, 2_000),
    "2xlarge": Partitions(2_500, 4_000),
    "4xlarge": Partitions(6_000, 8_000),
    "8xlarge": Partitions(12_000, 16_000),
    "12xlarge": Partitions(16_000, 24_000),
    "16xlarge": Partitions(20_000, 32_000),
}


def instance_types() -> tuple[str, ...]:
    """Every type that MSK has for brokers.

    >>> instance_types()[:2], "express.m7g.large" in instance_types()
    (('kafka.t3.small', 'kafka.m5.large'), True)
    """
    return tuple(f"{family}.{size}" for family, sizes in _FAMILIES.items() for size in sizes)


def family(instance_type: str) -> Family | None:
    """Standard or express; None for a name that is neither.

    >>> family("kafka.m7g.large"), family("express.m7g.large"), family("m5.large")
    ('standard', 'express', None)
    """
    families: dict[str, Family] = {"kafka": "standard", "express": "express"}
    return families.get(instance_type.partition(".")[0])


def size(instance_type: str) -> int | None:
    """Where a type stands among the sizes, smaller first; None for an unknown one.

    >>> size("kafka.m5.large") < size("kafka.m5.2xlarge"), size("kafka.m5.huge")
    (True, None)
    """
    name = instance_type.rpartition(".")[2]
    return _SIZES.index(name) if name in _SIZES else None


def partitions(instance_type: str) -> Partitions | None:
    """How many partitions one broker may hold; None for a type that is not known.

    >>> partitions("kafka.m5.2xlarge"), partitions("kafka.m7g.16xlarge").most, partitions("kafka.x.y")
    (Partitions(advised=2000, most=3000), 6000, None)
    """
    if instance_type not in instance_types():
        return None
    name = instance_type.rpartition(".")[2]
    if family(instance_type) == "express":
        return _EXPRESS[name]
    return _STANDARD.get(name) or (_STANDARD_2X if name == "2xlarge" else _STANDARD_LARGER)


def most_brokers(metadata: Literal["kraft", "zookeeper"] | None) -> int:
    """Brokers that a cluster may have, without a raised quota.

    >>> most_brokers("zookeeper"), most_brokers(None)
    (30, 60)
    """
    return MOST_BROKERS[metadata or "kraft"]


# ------------------------------------------------------------------ throughput

MB, MIB = 1_000_000.0, 1_048_576.0


@dataclass(frozen=True, slots=True)
class Throughput:
    """Bytes per second that an express broker takes in and gives out.

    Above what is sustained latency suffers; at the most MSK throttles.
    """

    in_sustained: float
    in_most: float
    out_sustained: float
    out_most: float


_EXPRESS_MB = {
    "large": (15.6, 23.4, 31.2, 58.5),
    "xlarge": (31.2, 46.8, 62.5, 117.0),
    "2xlarge": (62.5, 93.7, 125.0, 234.2),
    "4xlarge": (124.9, 187.5, 249.8, 468.7),
    "8xlarge": (250.0, 375.0, 500.0, 937.5),
    "12xlarge": (375.0, 562.5, 750.0, 1406.2),
    "16xlarge": (500.0, 750.0, 1000.0, 1875.0),
}
_EBS_MIB = {
    "kafka.m5": {
        "large": 81.0, "xlarge": 144.0, "2xlarge": 250.0, "4xlarge": 593.75, "8xlarge": 850.0,
        "12xlarge": 1000.0, "16xlarge": 1000.0, "24xlarge": 1000.0,
    },
    "kafka.m7g": {
        "large": 78.75, "xlarge": 156.25, "2xlarge": 312.5, "4xlarge": 625.0, "8xlarge": 1000.0,
        "12xlarge": 1000.0, "16xlarge": 1000.0,
    },
}  # fmt: skip
_GP2_LEAST_MIB, _GP2_MOST_MIB, _GP2_MIB_A_GIB = 128.0, 250.0, 0.75


def express_throughput(instance_type: str) -> Throughput | None:
    """What an express type sustains and takes at most; None for every other type.

    >>> express_throughput("express.m7g.large").in_sustained, express_throughput("kafka.m7g.large")
    (15600000.0, None)
    """
    if family(instance_type) != "express" or instance_type not in instance_types():
        return None
    return Throughput(*(mb * MB for mb in _EXPRESS_MB[instance_type.rpartition(".")[2]]))


def volume_throughput(
    instance_type: str, volume_gib: float, provisioned_mib: float | None = None
) -> float | None:
    """Bytes per second, read and written, of a standard broker's volume: the lower of its own and its host's.

    Without provisioned throughput a volume has 0.75 MiB/s for each GiB, at least 128 and at most 250.

    >>> [volume_throughput("kafka.m5.4xlarge", gib) / MIB for gib in (100, 200, 1000)]
    [128.0, 150.0, 250.0]
    >>> volume_throughput("kafka.m7g.large", 1000) / MIB
    78.75
    >>> volume_throughput("kafka.m5.4xlarge", 1000, provisioned_mib=500) / MIB
    500.0
    >>> volume_throughput("kafka.t3.small", 100) is None
    True
    """
    name, _, size_name = instance_type.rpartition(".")
    host = _EBS_MIB.get(name, {}).get(size_name)
    if host is None:
        return None
    own = provisioned_mib or min(_GP2_MOST_MIB, max(_GP2_LEAST_MIB, _GP2_MIB_A_GIB * volume_gib))
    return min(own, host) * MIB


def iam_connections_per_s(instance_type: str) -> int:
    """New connections by IAM that one broker takes in a second.

    >>> iam_connections_per_s("kafka.t3.small"), iam_connections_per_s("express.m7g.large")
    (4, 100)
    """
    return IAM_CONNECTIONS_PER_S_T3 if instance_type.startswith("kafka.t3.") else IAM_CONNECTIONS_PER_S
