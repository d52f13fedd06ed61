"""Where every node lives: ids, zones, addresses, ports. Pure."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from msktop.local.settings import Settings

Role = Literal["broker", "controller", "zookeeper"]

KAFKA_PORT = 9092
CONTROLLER_PORT = 9093
ZOOKEEPER_PORT = 2181
ZOOKEEPER_PEER_PORTS = (2888, 3888)
EXPORTER_PORT = 11001
NODE_EXPORTER_PORT = 11002
"""The ports that MSK uses, except that MSK shows no controllers."""

METADATA_NODES = 3
FIRST_METADATA_ID = 10001

_FIRST_NET, _NETS, _STRIDE, _TRIES = 16, 224, 29, 12


@dataclass(frozen=True, slots=True)
class NodePlan:
    """One node's id, role, zone and address; for a ZooKeeper server, `id` is ours and not its `myid`."""

    id: int
    role: Role
    zone: str
    address: str

    @property
    def port(self) -> int:
        """The port on which clients speak to this node."""
        return {"broker": KAFKA_PORT, "controller": CONTROLLER_PORT, "zookeeper": ZOOKEEPER_PORT}[self.role]

    @property
    def ports(self) -> tuple[int, ...]:
        """Every port that the node's own process listens on."""
        return {
            "broker": (KAFKA_PORT, EXPORTER_PORT),
            "controller": (CONTROLLER_PORT,),
            "zookeeper": (ZOOKEEPER_PORT, *ZOOKEEPER_PEER_PORTS),
        }[self.role]

    @property
    def folder(self) -> str:
        """The node's folder under the cluster's data folder."""
        return f"{self.role}-{self.id}"


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole cluster on the loopback net 127.`net`.0.0/16."""

    net: int
    zones: tuple[str, ...]
    brokers: tuple[NodePlan, ...]
    metadata_nodes: tuple[NodePlan, ...]

    @property
    def nodes(self) -> tuple[NodePlan, ...]:
        """Metadata nodes first: brokers need them."""
        return (*self.metadata_nodes, *self.brokers)

    @property
    def bootstrap_servers(self) -> str:
        """What a client is given: every broker, HOST:PORT, comma between."""
        return ",".join(f"{b.address}:{b.port}" for b in self.brokers)

    def subnet_cidr(self, zone: str) -> str:
        """The zone's subnet, as ListNodes and DescribeCluster would have it."""
        return f"127.{self.net}.{self.zones.index(zone) + 1}.0/24"


def nets(name: str) -> Iterator[int]:
    """Second bytes of loopback nets to try for a cluster of this name; the same ones each time.

    >>> list(nets("demo")) == list(nets("demo")), len(set(nets("demo")))
    (True, 12)
    """
    first = zlib.crc32(name.encode())
    for n in range(_TRIES):
        yield _FIRST_NET + (first + n * _STRIDE) % _NETS


def plan(settings: Settings, net: int) -> Plan:
    """Lay the nodes out over the zones, as MSK does: broker i in zone (i - 1) mod zones.

    >>> p = plan(Settings(brokers=4, zones=2), 16)
    >>> [(b.id, b.zone, b.address) for b in p.brokers][:2]
    [(1, 'use1-az1', '127.16.1.1'), (2, 'use1-az2', '127.16.2.2')]
    >>> [(c.id, c.address) for c in p.metadata_nodes]
    [(10001, '127.16.1.201'), (10002, '127.16.2.202'), (10003, '127.16.1.203')]
    """
    zones = tuple(f"use1-az{z}" for z in range(1, settings.zones + 1))

    def node(index: int, first_id: int, role: Role, host: int) -> NodePlan:
        zone = index % len(zones)
        return NodePlan(first_id + index, role, zones[zone], f"127.{net}.{zone + 1}.{host + index}")

    role: Role = "controller" if settings.metadata == "kraft" else "zookeeper"
    return Plan(
        net=net,
        zones=zones,
        brokers=tuple(node(i, 1, "broker", 1) for i in range(settings.brokers)),
        metadata_nodes=tuple(node(i, FIRST_METADATA_ID, role, 201) for i in range(METADATA_NODES)),
    )
