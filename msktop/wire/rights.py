"""What a broker lets us do: DescribeCluster 0 with the operations that are allowed, ListGroups 1.

An answer that Kafka's ACLs cut short looks like an empty one, so these say which of the two it is.
"""

from __future__ import annotations

from msktop.wire.call import Call
from msktop.wire.fields import NO_TAGS, Reader, decoding

DESCRIBE_CLUSTER, LIST_GROUPS = 60, 16

OPERATIONS = {
    3: "Read",
    4: "Write",
    5: "Create",
    6: "Delete",
    7: "Alter",
    8: "Describe",
    9: "ClusterAction",
    10: "DescribeConfigs",
    11: "AlterConfigs",
    12: "IdempotentWrite",
    13: "CreateTokens",
    14: "DescribeTokens",
    15: "TwoPhaseCommit",
}
"""By Kafka's AclOperation codes, which are the bits' numbers."""

_NOT_TOLD = -(1 << 31)


def describe_cluster() -> Call:
    """The cluster, with the operations on it that are allowed to us."""
    return Call("describe_cluster", DESCRIBE_CLUSTER, 0, b"\1" + NO_TAGS, flexible=True)


def cluster_operations(body: bytes) -> tuple[int, frozenset[str] | None]:
    """Error code, and what is allowed on the cluster; None: the broker does not tell. Raises WireError."""
    with decoding("describe_cluster"):
        r = Reader(body)
        r.int32()  # throttle time
        error = r.int16()
        r.compact_string()  # message
        r.compact_string()  # cluster id
        r.int32()  # controller
        r.compact_array(lambda: _broker(r))
        bits = r.int32()
        if bits == _NOT_TOLD:
            return error, None
        return error, frozenset(name for code, name in OPERATIONS.items() if bits >> code & 1)


def _broker(r: Reader) -> None:
    r.int32(), r.compact_string(), r.int32(), r.compact_string()
    r.tags()


def list_groups() -> Call:
    """Every group that this one broker coordinates, as far as we may see them."""
    return Call("list_groups", LIST_GROUPS, 1, b"")


def groups(body: bytes) -> tuple[int, list[str]]:
    """Error code and names. Raises WireError."""
    with decoding("list_groups"):
        r = Reader(body)
        r.int32()  # throttle time
        error = r.int16()
        return error, [name for name, _ in r.array(lambda: (r.string() or "", r.string()))]
