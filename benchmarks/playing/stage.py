"""A local cluster with everybody who looks at it: the monitor, the observer, and the ways that can be cut."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError

from benchmarks.playing.truth import Truth
from benchmarks.playing.watch import Watch
from benchmarks.playing.way import Way
from msktop.local import control
from msktop.local.settings import Metadata, Settings
from msktop.local.state import Node

BACK_S = 120.0
WARM_S = 45.0
"""Until the monitor knows what is usual of every broker."""
PROXIED = 2
"""The broker to which the monitor goes by ways of ours."""
_PREFERRED = 0


@dataclass(slots=True)
class Stage:
    """Where scenes are played."""

    name: str
    truth: Truth
    watch: Watch
    kafka: Way
    exporter: Way

    def node(self, node_id: int) -> Node:
        """What the supervisor says of a node now."""
        found = control.require(self.name).node(node_id)
        assert found is not None
        return found

    def metadata_leader(self) -> Node:
        """The controller or ZooKeeper server that leads, by one look of another msktop."""
        look = [sys.executable, "-m", "msktop", "--local", self.name, "status", "--json", "--for", "6s"]
        told = json.loads(subprocess.run(look, capture_output=True, check=False).stdout)
        return self.node(next(n["id"] for n in told["nodes"] if n["leader"]))

    def admin(self) -> KafkaAdminClient:
        """Another client than the monitor; close it."""
        servers = control.require(self.name).bootstrap_servers
        return KafkaAdminClient(bootstrap_servers=servers, request_timeout_ms=10_000)

    def balance(self) -> bool:
        """Have preferred leaders elected, as an operator would; True when all lead and all is in sync."""
        with suppress(KafkaError):
            admin = self.admin()
            try:
                admin.elect_leaders(_PREFERRED, raise_errors=False)
                partitions = [p for t in admin.describe_topics() for p in t["partitions"]]
            finally:
                admin.close()
            return all(
                p["leader_id"] == p["replica_nodes"][0] and len(p["isr_nodes"]) == len(p["replica_nodes"])
                for p in partitions
            )
        return False

    def healthy(self) -> None:
        """Wait until every node runs and every partition is as it should be."""
        for node in control.require(self.name).nodes:
            if node.held:
                control.resume(self.name, node.id)
        until(lambda: all(n.state == "RUNNING" for n in control.require(self.name).nodes), BACK_S)
        until(self.balance, BACK_S)


@contextmanager
def stage(metadata: Metadata, folder: Path, traffic_waves: bool = True) -> Iterator[Stage]:
    """Three brokers with Kafka's own time-outs, watched by a monitor that has had time to learn."""
    name = f"scenes-{metadata}"[:20]
    settings = Settings(name=name, metadata=metadata, traffic="waves" if traffic_waves else "steady")
    with control.running(settings) as state:
        node = next(n for n in state.brokers if n.id == PROXIED)
        page = urlsplit(node.metrics_url or "")
        assert page.hostname is not None
        assert page.port is not None
        kafka, exporter = Way((node.address, node.port)), Way((page.hostname, page.port))
        truth = Truth({n.id: (n.address, n.port) for n in state.brokers})
        watch = Watch(name, (kafka.mapped, exporter.mapped), folder / f"{metadata}.msktop")
        try:
            found = Stage(name, truth, watch, kafka, exporter)
            found.healthy()
            time.sleep(WARM_S)
            yield found
        finally:
            watch.end()
            truth.end()
            kafka.close()
            exporter.close()


def until(done: Callable[[], object], deadline_s: float) -> bool:
    """Wait until it is true; False by the deadline."""
    end = time.monotonic() + deadline_s
    while time.monotonic() < end:
        if done():
            return True
        time.sleep(0.1)
    return False
