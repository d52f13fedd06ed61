"""What ListNodes says, and a cluster's connect string, as samples."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from ipaddress import ip_address, ip_network

from msktop.model.control_samples import NodeSeen
from msktop.sources.msk_shapes import Answer, Subnets, iso_seconds, volume_gib

GIB = 1 << 30
_FIRST_CONTROLLER = 10001
"""MSK numbers KRaft controllers from here; ListNodes gives them no id."""
_NUMBERED = re.compile(r"[a-z]+-(\d+)\.")
ZOOKEEPER_PORT = 2181


def nodes_seen(cluster: Answer, listed: Iterable[Answer], known: Subnets) -> tuple[NodeSeen, ...]:
    """ListNodes as brokers, controllers and ZooKeeper servers.

    KRaft controllers come without BrokerNodeInfo and without an id: it is in their endpoint's name, else they
    are numbered in order. ZooKeeper servers that are not listed are those of the connect string.
    """
    group = (cluster.get("Provisioned") or {}).get("BrokerNodeGroupInfo") or {}
    gib = volume_gib(group)
    brokers: list[NodeSeen] = []
    controllers: list[NodeSeen] = []
    zookeepers: list[NodeSeen] = []
    for node in listed:
        if "BrokerNodeInfo" in node:
            brokers.append(_broker(node, known, gib))
        elif "ZookeeperNodeInfo" in node:
            zookeepers.append(_zookeeper(node, known))
        elif "ControllerNodeInfo" in node:
            controllers.append(_controller(node, known, _FIRST_CONTROLLER + len(controllers)))
    if not zookeepers:
        zookeepers = zookeepers_of_connect_string(cluster, known)
    return (*brokers, *controllers, *zookeepers)


def _broker(node: Answer, known: Subnets, gib: int | None) -> NodeSeen:
    info = node["BrokerNodeInfo"]
    software = info.get("CurrentBrokerSoftwareInfo") or {}
    subnet = known.get(info.get("ClientSubnet", ""))
    address = info.get("ClientVpcIpAddress")
    return NodeSeen(
        id=int(info["BrokerId"]),  # a double in the model
        role="broker",
        zone=subnet.zone_id if subnet else zone_of(address, known),
        address=address,
        instance_type=node.get("InstanceType"),
        volume_bytes=gib * GIB if gib is not None else None,
        subnet_id=info.get("ClientSubnet"),
        eni_id=info.get("AttachedENIId"),
        endpoints=tuple(info.get("Endpoints") or ()),
        node_arn=node.get("NodeARN"),
        kafka_version=software.get("KafkaVersion"),
        configuration_revision=software.get("ConfigurationRevision"),
        added_at=iso_seconds(node.get("AddedToClusterTime")),
    )


def _controller(node: Answer, known: Subnets, otherwise: int) -> NodeSeen:
    endpoints = tuple(node["ControllerNodeInfo"].get("Endpoints") or ())
    address = endpoints[0] if endpoints else None
    return NodeSeen(
        id=_number(endpoints, otherwise),
        role="controller",
        zone=zone_of(address, known),
        address=address,
        instance_type=node.get("InstanceType"),
        endpoints=endpoints,
        node_arn=node.get("NodeARN"),
        added_at=iso_seconds(node.get("AddedToClusterTime")),
    )


def _zookeeper(node: Answer, known: Subnets) -> NodeSeen:
    info = node["ZookeeperNodeInfo"]
    endpoints = tuple(info.get("Endpoints") or ())
    address = info.get("ClientVpcIpAddress") or (endpoints[0] if endpoints else None)
    return NodeSeen(
        id=int(info.get("ZookeeperId") or _number(endpoints, 0)),
        role="zookeeper",
        zone=zone_of(address, known),
        address=address,
        port=ZOOKEEPER_PORT,
        instance_type=node.get("InstanceType"),
        eni_id=info.get("AttachedENIId"),
        endpoints=endpoints,
        node_arn=node.get("NodeARN"),
        added_at=iso_seconds(node.get("AddedToClusterTime")),
    )


def zookeepers_of_connect_string(cluster: Answer, known: Subnets) -> list[NodeSeen]:
    """The servers of ZookeeperConnectString.

    >>> cluster = {"Provisioned": {"ZookeeperConnectString": "z-2.x:2181,z-1.x:2181/c"}}
    >>> [(n.id, n.address, n.port) for n in zookeepers_of_connect_string(cluster, {})]
    [(2, 'z-2.x', 2181), (1, 'z-1.x', 2181)]
    """
    text = (cluster.get("Provisioned") or {}).get("ZookeeperConnectString") or ""
    found = []
    for place, server in enumerate(filter(None, text.partition("/")[0].split(",")), 1):
        host, _, port = server.strip().rpartition(":")
        found.append(
            NodeSeen(
                id=_number((host,), place),
                role="zookeeper",
                zone=zone_of(host, known),
                address=host,
                port=int(port) if port.isdecimal() else ZOOKEEPER_PORT,
                endpoints=(host,),
            )
        )
    return found


def _number(endpoints: Sequence[str], otherwise: int) -> int:
    """The number in a host name such as `c-10001.…`."""
    found = _NUMBERED.match(endpoints[0]) if endpoints else None
    return int(found[1]) if found else otherwise


def zone_of(address: str | None, known: Subnets) -> str | None:
    """The zone whose subnet holds an address; None for a name, or outside of all.

    >>> from msktop.sources.msk_shapes import Subnet
    >>> zone_of("10.0.1.9", {"s": Subnet("s", "use1-az2", None, "10.0.1.0/24")})
    'use1-az2'
    >>> zone_of("c-10001.example", {}) is None
    True
    """
    try:
        found = ip_address(address or "")
    except ValueError:
        return None
    for subnet in known.values():
        if subnet.cidr and found in ip_network(subnet.cidr, strict=False):
            return subnet.zone_id
    return None
