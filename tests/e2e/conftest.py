"""One shared local cluster per metadata mode, started when the first test asks for it."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError

from msktop.local import control
from msktop.local.settings import LISTENERS, How, Settings
from msktop.local.state import State
from tests.support import wait_for

_PREFERRED = 0
_HERE = Path(__file__).parent
_LEFT: Counter[str] = Counter()
"""By metadata mode: tests of this run that are still to use its shared cluster."""
_ENDS: dict[str, ExitStack] = {}
"""By metadata mode: what ends its shared cluster, where this process has started it."""


@pytest.hookimpl(
    tryfirst=True
)  # before the marks are read, also where this file was named on the command line
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of one shared cluster stay together in one process; those of the other run beside them."""
    for item in items:
        for mode in _modes(item):
            item.add_marker(pytest.mark.xdist_group(mode))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Count who will use which cluster."""
    _LEFT.clear()
    _LEFT.update(mode for item in session.items for mode in _modes(item))


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item) -> None:
    """A shared cluster ends with the last test that uses it: those that follow have its share of the CPU."""
    for mode in _modes(item):
        _LEFT[mode] -= 1
        if not _LEFT[mode] and mode in _ENDS:
            _ENDS.pop(mode).close()


def _modes(item: pytest.Item) -> list[str]:
    """Whose shared clusters a test uses."""
    if not item.path.is_relative_to(_HERE):
        return []
    wanted = {*getattr(item, "fixturenames", ()), *_parameters(item)}
    return [mode for mode in ("kraft", "zookeeper") if mode in wanted or f"{mode}_cluster" in wanted]


def _parameters(item: pytest.Item) -> list[str]:
    found = getattr(item, "callspec", None)
    return [] if found is None else [v for v in found.params.values() if isinstance(v, str)]


@dataclass(frozen=True)
class LocalCluster:
    """A running local cluster. `env` is what a child process needs to find it by name."""

    name: str
    xdg: dict[str, str]

    @property
    def env(self) -> dict[str, str]:
        """This process's environment with the cluster's own folders."""
        return {**os.environ, **self.xdg}

    @property
    def state(self) -> State:
        """What the state file says now."""
        with in_environment(self.xdg):
            return control.require(self.name)

    @property
    def bootstrap_servers(self) -> str:
        """Every broker, HOST:PORT, comma between."""
        return self.state.bootstrap_servers

    @property
    def events_log(self) -> Path:
        """JSON lines of what the supervisor saw."""
        return Path(self.state.events_log)

    def fail(self, node: int, how: How, for_s: float | None = None) -> None:
        """Make a node fail; without `for_s`, healing waits for `resume`."""
        with in_environment(self.xdg):
            control.fail(self.name, node, how, for_s)

    def resume(self, node: int) -> None:
        """Let the node come back."""
        with in_environment(self.xdg):
            control.resume(self.name, node)

    @contextmanager
    def here(self) -> Iterator[str]:
        """Its folders for this process inside the block; gives the name that `control` wants."""
        with in_environment(self.xdg):
            yield self.name

    def events_of(self, node: int, since: int = 0) -> list[dict[str, Any]]:
        """The node's events after the first `since` lines of the log."""
        lines = self.events_log.read_text().splitlines()[since:]
        return [event for event in map(json.loads, lines) if event["node"] == node]

    def events_so_far(self) -> int:
        """How many lines the log has."""
        return len(self.events_log.read_text().splitlines())

    def pid(self, node: int) -> int:
        """The pid of the node's process, which must run."""
        found = self.state.node(node)
        assert found is not None
        assert found.pid is not None
        return found.pid

    def wait_state(self, node: int, state: str, deadline_s: float = 120) -> None:
        """Wait until the supervisor says that the node is in this state."""

        def reached() -> bool:
            found = self.state.node(node)
            return found is not None and found.state == state

        wait_for(reached, deadline_s, f"node {node} {state}")

    def wait_healthy(self, deadline_s: float = 120) -> State:
        """Resume whatever a test still holds, then wait until every node runs."""
        for node in self.state.nodes:
            if node.held:
                self.resume(node.id)
        wait_for(
            lambda: all(n.state == "RUNNING" for n in self.state.nodes),
            deadline_s,
            "every node running again",
        )
        return self.state

    def wait_balanced(self, deadline_s: float = 120) -> State:
        """Wait until every node runs, every replica is in sync and every preferred leader leads."""
        self.wait_healthy(deadline_s)
        wait_for(self._elect_preferred, deadline_s, "every preferred leader leading")
        return self.state

    def _elect_preferred(self) -> bool:
        try:
            admin = KafkaAdminClient(
                bootstrap_servers=self.bootstrap_servers, bootstrap_timeout_ms=5000, request_timeout_ms=5000
            )
        except KafkaError:
            return False
        try:
            admin.elect_leaders(_PREFERRED, raise_errors=False)
            partitions = [p for t in admin.describe_topics() for p in t["partitions"]]
        except KafkaError:
            return False
        finally:
            admin.close()
        return all(
            p["leader_id"] == p["replica_nodes"][0] and len(p["isr_nodes"]) == len(p["replica_nodes"])
            for p in partitions
        )


@contextmanager
def in_environment(values: dict[str, str]) -> Iterator[None]:
    """These environment variables, inside the block only."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in values.items():
            patch.setenv(name, value)
        yield


@contextmanager
def local_cluster(folder: Path, settings: Settings) -> Iterator[LocalCluster]:
    """A cluster with folders of its own and the jars of this machine; it ends with the block or with us."""
    xdg = {"XDG_STATE_HOME": str(folder / "state"), "XDG_DATA_HOME": str(folder / "data")}
    with in_environment(xdg):
        running = control.running(settings)
        found = running.__enter__()
    try:
        yield LocalCluster(found.name, xdg)
    finally:
        with in_environment(xdg):
            running.__exit__(None, None, None)


@pytest.fixture(scope="session")
def kraft_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCluster]:
    """Three brokers and three controllers, Kafka's default time-outs, steady traffic, every listener."""
    settings = Settings(name="kraft", metadata="kraft", traffic="steady", listeners=LISTENERS)
    yield from _shared(tmp_path_factory.mktemp("kraft"), settings)


@pytest.fixture(scope="session")
def zookeeper_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCluster]:
    """Three brokers and three ZooKeeper servers, time-outs of 2 s, steady traffic, every listener."""
    settings = Settings(
        name="zookeeper", metadata="zookeeper", traffic="steady", fast_heal=True, listeners=LISTENERS
    )
    yield from _shared(tmp_path_factory.mktemp("zookeeper"), settings)


def _shared(folder: Path, settings: Settings) -> Iterator[LocalCluster]:
    with ExitStack() as ends:
        _ENDS[settings.metadata] = ends
        yield ends.enter_context(local_cluster(folder, settings))
