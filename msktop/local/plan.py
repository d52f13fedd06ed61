"""Where every node lives: ids, zones, addresses, ports. Pure."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from msktop.local.settings import Listener, Settings

Role = Literal["broker", "controller", "zookeeper"]

KAFKA_PORT = 9092
LISTENER_PORTS: dict[Listener, int] = {"plaintext": KAFKA_PORT, "tls": 9094, "scram": 9096}
CONTROLLER_PORT = 9093
ZOOKEEPER_PORT = 2181
ZOOKEEPER_PEER_PORTS = (2888, 3888)
EXPORTER_PORT = 11001
NODE_EXPORTER_PORT = 11002
"""The ports that MSK uses, except that MSK shows no controllers."""

METADATA_NODES = 3
FIRST_METADATA_ID = 10001
MAX_BROKER_ID = 200
"""A broker's id is the last byte of its address; metadata nodes follow."""

_FIRST_METADATA_HOST = 201

_FIRST_NET, _NETS, _STRIDE, _TRIES = 16, 224, 29, 12


@dataclass(frozen=True, slots=True)
class NodePlan:
    """One node's id, role, zone and address; for a ZooKeeper server, `id` is ours and not its `myid`."""

    id: int
    role: Role
    zone: str
    address: str
    listeners: tuple[Listener, ...] = ("plaintext",)
    """A broker's; other roles have one port for all."""

    @property
    def port(self) -> int:
        """The port on which clients speak to this node."""
        return {"broker": KAFKA_PORT, "controller": CONTROLLER_PORT, "zookeeper": ZOOKEEPER_PORT}[self.role]

    @property
    def client_ports(self) -> dict[str, int]:
        """The port of each listener, by its name; of other roles the one port, by the role."""
        if self.role != "broker":
            return {self.role: self.port}
        return {name: LISTENER_PORTS[name] for name in self.listeners}

    @property
    def ports(self) -> tuple[int, ...]:
        """Every port that the node's own process listens on."""
        more = {"broker": (EXPORTER_PORT,), "controller": (), "zookeeper": ZOOKEEPER_PEER_PORTS}[self.role]
        return (*self.client_ports.values(), *more)

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
        return self.servers["plaintext"]

    @property
    def servers(self) -> dict[Listener, str]:
        """The same for each listener."""
        return {
            name: ",".join(f"{b.address}:{LISTENER_PORTS[name]}" for b in self.brokers)
            for name in self.brokers[0].listeners
        }

    def subnet_cidr(self, zone: str) -> str:
        """The zone's subnet, as ListNodes and DescribeCluster would have it."""
        return f"127.{self.net}.{self.zones.index(zone) + 1}.0/24"

    def grown(self, count: int) -> Plan:
        """The plan with `count` more brokers, whose ids follow the highest one.

        A broker's id alone decides its zone and address, so nothing that is there already moves.

        >>> [(b.id, b.address) for b in plan(Settings(brokers=2, zones=2), 16).grown(2).brokers]
        [(1, '127.16.1.1'), (2, '127.16.2.2'), (3, '127.16.1.3'), (4, '127.16.2.4')]
        """
        first = max(b.id for b in self.brokers) + 1
        listeners = self.brokers[0].listeners
        new = (_broker(self.net, self.zones, n, listeners) for n in range(first, first + count))
        return replace(self, brokers=(*self.brokers, *new))

    def listening(self, listeners: tuple[Listener, ...]) -> Plan:
        """The plan with other listeners; plaintext must be among them."""
        return replace(self, brokers=tuple(replace(b, listeners=listeners) for b in self.brokers))

    def node(self, node_id: int) -> NodePlan:
        """The node with this id; raises KeyError."""
        return {node.id: node for node in self.nodes}[node_id]

    def without(self, broker_id: int) -> Plan:
        """The plan without this broker; the others stay where they are."""
        return replace(self, brokers=tuple(b for b in self.brokers if b.id != broker_id))


def nets(name: str) -> Iterator[int]:
    """Second bytes of loopback nets to try for a cluster of this name; the same ones each time.

    >>> list(nets("demo")) == list(nets("demo")), len(set(nets("demo")))
    (True, 12)
    """
    first = zlib.crc32(name.encode())
    for n in range(_TRIES):
        yield _FIRST_NET + (first + n * _STRIDE) % _NETS


def broker_addresses(net: int, zones: int) -> tuple[str, ...]:
    """Every address that a broker of a cluster on this net may ever get.

    >>> broker_addresses(16, 3)[:4]
    ('127.16.1.1', '127.16.2.2', '127.16.3.3', '127.16.1.4')
    """
    return tuple(_address(net, zones, n - 1, n) for n in range(1, MAX_BROKER_ID + 1))


def plan(settings: Settings, net: int) -> Plan:
    """Lay the nodes out over the zones, as MSK does: broker i in zone (i - 1) mod zones.

    >>> p = plan(Settings(brokers=4, zones=2), 16)
    >>> [(b.id, b.zone, b.address) for b in p.brokers][:2]
    [(1, 'use1-az1', '127.16.1.1'), (2, 'use1-az2', '127.16.2.2')]
    >>> [(c.id, c.address) for c in p.metadata_nodes]
    [(10001, '127.16.1.201'), (10002, '127.16.2.202'), (10003, '127.16.1.203')]
    """
    zones = settings.zone_ids or tuple(f"use1-az{z}" for z in range(1, settings.zones + 1))
    role: Role = "controller" if settings.metadata == "kraft" else "zookeeper"
    return Plan(
        net=net,
        zones=zones,
        brokers=tuple(_broker(net, zones, n, settings.listeners) for n in range(1, settings.brokers + 1)),
        metadata_nodes=tuple(
            NodePlan(
                FIRST_METADATA_ID + i,
                role,
                zones[i % len(zones)],
                _address(net, len(zones), i, _FIRST_METADATA_HOST + i),
            )
            for i in range(METADATA_NODES)
        ),
    )


def _broker(net: int, zones: tuple[str, ...], broker_id: int, listeners: tuple[Listener, ...]) -> NodePlan:
    index = broker_id - 1
    address = _address(net, len(zones), index, broker_id)
    return NodePlan(broker_id, "broker", zones[index % len(zones)], address, listeners)


def _address(net: int, zones: int, index: int, host: int) -> str:
    return f"127.{net}.{index % zones + 1}.{host}"
