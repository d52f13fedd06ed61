"""From a node to its process: writes its files, knows its command line."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from msktop.local import aot, config, java
from msktop.local.jars import Jars
from msktop.local.member import Software
from msktop.local.plan import EXPORTER_PORT, NodePlan, Plan
from msktop.local.settings import Settings


@dataclass(frozen=True, slots=True)
class Release:
    """One Kafka version on this machine."""

    jars: Jars
    cache: aot.Cache


@dataclass(slots=True)
class Launcher:
    """How the nodes of one cluster are started. `plan` and `settings` follow the cluster's growth."""

    runtime: java.Runtime
    settings: Settings
    plan: Plan
    data: Path
    cluster_id: str
    releases: dict[str, Release]
    """By Kafka version."""

    def folder(self, node: NodePlan) -> Path:
        """The node's folder."""
        return self.data / node.folder

    def prepare(self, nodes: Iterable[NodePlan]) -> None:
        """Write these nodes' files; their folders must not exist."""
        for node in nodes:
            config.write_node(self.folder(node), node, self.plan, self.settings, self.cluster_id)

    def configure(self) -> None:
        """Write the brokers' properties anew; they are read at each broker's next start."""
        for node in self.plan.brokers:
            config.write_properties(self.folder(node), node, self.plan, self.settings)

    def provide(self, kafka_version: str, jars: Jars) -> Release:
        """Make a version known, so that nodes can be started with it."""
        cache = aot.cache(self.runtime, jars, kafka_version)
        release = self.releases[kafka_version] = Release(jars, cache)
        return release

    def forget_caches(self) -> None:
        """Start without them the next time."""
        for release in self.releases.values():
            release.cache.forget()

    def known_cluster_id(self) -> str | None:
        """Kafka's own id of the cluster; in ZooKeeper mode the first broker makes it."""
        if self.settings.metadata == "kraft":
            return self.cluster_id
        for broker in self.plan.brokers:
            with suppress(OSError):
                text = (self.folder(broker) / "data" / "meta.properties").read_text("utf-8")
                lines = (line.partition("=") for line in text.splitlines())
                return next((value for key, _, value in lines if key == "cluster.id"), None)
        return None

    def command(self, node: NodePlan, software: Software) -> list[str]:
        """The words that start the node."""
        folder = self.folder(node)
        release = self.releases[software.kafka_version]
        options = [java.heap_option(software.heap_mb)]
        if node.role != "zookeeper":
            options += release.cache.options()
        if node.role == "broker":
            rules = folder / "exporter.yml"
            options.append(java.exporter_option(release.jars, node.address, EXPORTER_PORT, rules))
        return java.command(
            self.runtime,
            release.jars,
            java.ZOOKEEPER if node.role == "zookeeper" else java.KAFKA,
            folder / "server.properties",
            logging=folder / "logging.properties",
            options=options,
        )
