"""The state file: what the supervisor says about its cluster, and all that others read of it.

`docs/local.md` describes the fields. Written anew, whole, at every change.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import msgspec

from msktop.local.paths import Folders, open_private
from msktop.local.settings import Listener

NodeState = Literal["STARTING", "RUNNING", "FAILED", "HEALING", "STOPPED", "REBOOTING", "REMOVING"]
ClusterState = Literal["CREATING", "ACTIVE", "UPDATING", "HEALING", "DELETING", "FAILED"]


@dataclass(frozen=True, slots=True)
class Zone:
    """An availability zone and its loopback subnet."""

    id: str
    subnet_cidr: str


@dataclass(frozen=True, slots=True)
class Storage:
    """A node's folder of data, and the size of the volume that it pretends to be."""

    path: str
    volume_bytes: int


@dataclass(frozen=True, slots=True)
class Node:
    """A broker, controller or ZooKeeper server.

    `pid` is None while there is no process; `process_started_ticks` tells the process from a later one
    with the same pid. `held` says that healing waits, `held_until` (Unix s) for how long. `ports` has the
    port of each listener that clients can use. `kafka_version` and `heap_mb` are of its present process.
    """

    id: int
    role: Literal["broker", "controller", "zookeeper"]
    zone: str
    address: str
    port: int
    metrics_url: str | None
    node_metrics_url: str | None
    pid: int | None
    process_started_ticks: int | None
    state: NodeState
    storage: Storage
    started_at: float | None
    restarts: int = 0
    held: bool = False
    held_until: float | None = None
    ports: Mapping[str, int] = field(default_factory=dict)
    kafka_version: str = ""
    heap_mb: int = 0
    instance_type: str | None = None


@dataclass(frozen=True, slots=True)
class Child:
    """A process of the supervisor that is no node: the traffic, or the training of a start-up cache."""

    what: str
    pid: int
    process_started_ticks: int | None


@dataclass(frozen=True, slots=True)
class State:
    """The whole cluster. `healing` tells whether the supervisor replaces what fails.

    `properties` are the Kafka settings that every broker has, or gets at its next reboot. `servers` has the
    bootstrap servers of each listener, `client_properties` the path of a client.properties for those that
    need one. `endpoint_url` is where the MSK API is served, if it is.
    """

    name: str
    state: ClusterState
    metadata: Literal["kraft", "zookeeper"]
    kafka_version: str
    cluster_id: str | None
    bootstrap_servers: str
    zones: tuple[Zone, ...]
    nodes: tuple[Node, ...]
    traffic: Literal["steady", "waves", "rise", "none"]
    healing: bool
    fast_heal: bool
    started_at: float
    supervisor_pid: int
    supervisor_started_ticks: int | None
    owner_pid: int | None
    control_socket: str
    events_log: str
    children: tuple[Child, ...] = field(default=())
    properties: Mapping[str, str] = field(default_factory=dict)
    servers: Mapping[Listener, str] = field(default_factory=dict)
    client_properties: Mapping[Listener, str] = field(default_factory=dict)
    endpoint_url: str | None = None

    def node(self, node_id: int) -> Node | None:
        """The node with this id."""
        return next((n for n in self.nodes if n.id == node_id), None)

    @property
    def brokers(self) -> tuple[Node, ...]:
        """The brokers alone."""
        return tuple(n for n in self.nodes if n.role == "broker")


def write(folders: Folders, state: State) -> None:
    """Put the state file in place in one step: a reader sees the old one or the new one."""
    temporary = folders.state / ".state.json.new"
    handle = open_private(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    with os.fdopen(handle, "wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(state), indent=2) + b"\n")
    os.replace(temporary, folders.state_file)


def read(path: Path) -> State | None:
    """The state in the file, or None where there is no file or no whole one."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=State)
    except (OSError, msgspec.MsgspecError):
        return None
