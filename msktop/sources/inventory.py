"""The local MSK's state file, as often as it changes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import msgspec

from msktop.model.control_samples import InventorySeen, NodeSeen, ZoneSeen
from msktop.model.samples import Sample
from msktop.sources.pump import Clock, SourceError, Stop

LOOK_S = 0.25


class _Zone(msgspec.Struct):
    id: str
    subnet_cidr: str | None = None


class _Storage(msgspec.Struct):
    volume_bytes: int | None = None


class _Node(msgspec.Struct):
    id: int
    role: Literal["broker", "controller", "zookeeper"]
    zone: str | None = None
    address: str | None = None
    port: int | None = None
    metrics_url: str | None = None
    node_metrics_url: str | None = None
    state: str | None = None
    storage: _Storage | None = None
    started_at: float | None = None
    kafka_version: str | None = None
    instance_type: str | None = None


class _State(msgspec.Struct):
    """What the monitor reads of the file that docs/local.md describes."""

    name: str
    state: str | None = None
    metadata: Literal["kraft", "zookeeper"] | None = None
    kafka_version: str | None = None
    zones: tuple[_Zone, ...] = ()
    nodes: tuple[_Node, ...] = ()


class InventorySource:
    """Reads the file when it was replaced; looks every 250 ms."""

    name = "inventory"

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock

    def samples(self, stop: Stop) -> Iterator[Sample]:
        """The whole inventory after each change; SourceError where there is no such file, or no longer."""
        last: tuple[int, int, int] | None = None
        while not stop.is_set():
            version, data = self._read(last)
            if data is not None:
                yield inventory_seen(data, self._clock.now())
            last = version
            stop.wait(LOOK_S)

    def _read(self, last: tuple[int, int, int] | None) -> tuple[tuple[int, int, int], bytes | None]:
        """The file's version, and what is in it where that is not `last`."""
        try:
            with self._path.open("rb") as file:
                found = os.fstat(file.fileno())
                version = (found.st_ino, found.st_mtime_ns, found.st_size)
                return version, None if version == last else file.read()
        except OSError as error:
            raise SourceError(
                "read",
                f"the local MSK's state file cannot be read ({error.strerror})",
                "Was it stopped? `msktop local status` tells.",
            ) from error


def inventory_seen(data: bytes, at: float) -> InventorySeen:
    """The sample of a state file's text. Raises SourceError.

    >>> inventory_seen(b'{"name": "demo", "zones": [{"id": "use1-az1"}], "nodes": []}', 1.0).zones[0].id
    'use1-az1'
    """
    try:
        state = msgspec.json.decode(data, type=_State)
    except msgspec.MsgspecError as error:
        raise SourceError(
            "decode",
            f"the local MSK's state file cannot be understood ({error})",
            "Is it written by another version of msktop?",
        ) from error
    return InventorySeen(
        at=at,
        name=state.name,
        state=state.state,
        metadata=state.metadata,
        kafka_version=state.kafka_version,
        zones=tuple(ZoneSeen(id=zone.id, subnet_cidr=zone.subnet_cidr) for zone in state.zones),
        nodes=tuple(_node_seen(node) for node in state.nodes),
    )


def _node_seen(node: _Node) -> NodeSeen:
    return NodeSeen(
        id=node.id,
        role=node.role,
        zone=node.zone,
        address=node.address,
        port=node.port,
        state=node.state,
        metrics_url=node.metrics_url,
        node_metrics_url=node.node_metrics_url,
        volume_bytes=node.storage.volume_bytes if node.storage and node.role == "broker" else None,
        started_at=node.started_at,
        kafka_version=node.kafka_version or None,
        instance_type=node.instance_type,
    )
