"""Names and ARNs of the pretended account, and what of a cluster's name becomes a path. Pure."""

from __future__ import annotations

import hashlib
import re
import secrets
import string
import uuid

ACCOUNT = "000000000000"
REGION = "us-east-1"

_LOCAL_CHARACTERS = 32
_VERSION_CHARACTERS = 13
_CLUSTER_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,63}")
_CONFIGURATION_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,255}")
_TOPIC_NAME = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9._-]{1,249}")
_LOCAL_NAME = re.compile(rf"[a-z0-9][a-z0-9-]{{0,{_LOCAL_CHARACTERS - 1}}}")


def is_cluster_name(name: str) -> bool:
    """Whether MSK would take this name of a cluster.

    >>> is_cluster_name("Orders-2"), is_cluster_name("../etc"), is_cluster_name("a" * 65)
    (True, False, False)
    """
    return _CLUSTER_NAME.fullmatch(name) is not None


def is_configuration_name(name: str) -> bool:
    """Whether MSK would take this name of a configuration."""
    return _CONFIGURATION_NAME.fullmatch(name) is not None


def is_topic_name(name: str) -> bool:
    """Whether Kafka would take this name of a topic."""
    return _TOPIC_NAME.fullmatch(name) is not None


def is_cluster_arn(text: str) -> bool:
    """Whether this has the form of a cluster's ARN, of whatever account.

    >>> is_cluster_arn(cluster_arn("demo", "7-1")), is_cluster_arn("demo")
    (True, False)
    """
    return re.fullmatch(r"arn:aws[\w-]*:kafka:[\w-]+:\d{12}:cluster/[^/]+/[^/]+", text) is not None


def new_uid() -> str:
    """The last part of a new ARN: as MSK writes it, a UUID and a number."""
    return f"{uuid.uuid4()}-{secrets.randbelow(25) + 1}"


def new_version() -> str:
    """A new `CurrentVersion`, which means nothing but itself."""
    letters = string.ascii_uppercase + string.digits
    return "K" + "".join(secrets.choice(letters) for _ in range(_VERSION_CHARACTERS))


def cluster_arn(name: str, uid: str) -> str:
    """The ARN of a cluster."""
    return _arn(f"cluster/{name}/{uid}")


def configuration_arn(name: str, uid: str) -> str:
    """The ARN of a configuration."""
    return _arn(f"configuration/{name}/{uid}")


def operation_arn(cluster: str) -> str:
    """The ARN of a new operation of the cluster with this ARN."""
    return f"{_part_of(cluster, 'cluster-operation')}/{uuid.uuid4()}"


def topic_arn(cluster: str, topic: str) -> str:
    """The ARN of a topic of the cluster with this ARN.

    >>> topic_arn(cluster_arn("demo", "7-1"), "orders")
    'arn:aws:kafka:us-east-1:000000000000:topic/demo/7-1/orders'
    """
    return f"{_part_of(cluster, 'topic')}/{topic}"


def broker_arn(cluster: str, broker_id: int) -> str:
    """The ARN of a node; the same for as long as the broker belongs to the cluster."""
    return f"{_part_of(cluster, 'broker')}/{uuid.uuid5(uuid.NAMESPACE_URL, f'{cluster}#{broker_id}')}"


def interface_id(address: str) -> str:
    """The id of the network interface that has this address."""
    return f"eni-0{hashlib.sha256(address.encode()).hexdigest()[:16]}"


def local_name(cluster: str, uid: str, is_free: bool) -> str:
    """What the local cluster is called: the cluster's own name where that can be a path and is free.

    >>> local_name("orders", "1234abcd-5", True), local_name("Orders", "1234abcd-5", True)
    ('orders', 'orders-1234abcd')
    """
    if is_free and _LOCAL_NAME.fullmatch(cluster):
        return cluster
    short = uid.partition("-")[0]
    return f"{cluster.lower()[: _LOCAL_CHARACTERS - 1 - len(short)]}-{short}"


def _arn(rest: str) -> str:
    return f"arn:aws:kafka:{REGION}:{ACCOUNT}:{rest}"


def _part_of(cluster: str, kind: str) -> str:
    return cluster.replace(":cluster/", f":{kind}/", 1)
