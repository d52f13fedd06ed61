"""From a node to its process: writes its files once, knows its command line."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from msktop.local import aot, config, java
from msktop.local.jars import Jars
from msktop.local.plan import EXPORTER_PORT, NodePlan, Plan
from msktop.local.settings import Settings


@dataclass(frozen=True, slots=True)
class Launcher:
    """How the nodes of one cluster are started."""

    runtime: java.Runtime
    jars: Jars
    settings: Settings
    plan: Plan
    data: Path
    cluster_id: str
    cache: aot.Cache

    def folder(self, node: NodePlan) -> Path:
        """The node's folder."""
        return self.data / node.folder

    def prepare(self) -> None:
        """Write every node's files; the data folder must be empty."""
        for node in self.plan.nodes:
            config.write_node(self.folder(node), node, self.plan, self.settings, self.cluster_id)

    def command(self, node: NodePlan) -> list[str]:
        """The words that start the node."""
        folder = self.folder(node)
        options = [] if node.role == "zookeeper" else self.cache.options()
        if node.role == "broker":
            rules = folder / "exporter.yml"
            options.append(java.exporter_option(self.jars, node.address, EXPORTER_PORT, rules))
        return java.command(
            self.runtime,
            self.jars,
            java.ZOOKEEPER if node.role == "zookeeper" else java.KAFKA,
            folder / "server.properties",
            logging=folder / "logging.properties",
            options=options,
        )
