"""Controllers and ZooKeeper servers that are lost: one that leads, then a majority, while brokers go on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.conftest import LocalCluster
from tests.e2e.watching import status_of, watching
from tests.support import wait_for

pytestmark = pytest.mark.e2e

BACK_S = 90.0
MOVED = {"kraft": "controller_moved", "zookeeper": "metadata_leader_moved"}


@pytest.fixture(params=["kraft", "zookeeper"])
def cluster(request: pytest.FixtureRequest) -> Iterator[LocalCluster]:
    found: LocalCluster = request.getfixturevalue(f"{request.param}_cluster")
    found.wait_healthy()
    yield found
    found.wait_healthy()


def leader(cluster: LocalCluster) -> tuple[int, str]:
    """Id and name of the controller or ZooKeeper server that leads, once one says so."""

    def told() -> tuple[int, str] | None:
        _, document = status_of("--local", cluster.name, span="6s", env=cluster.xdg)
        return next(((n["id"], n["name"]) for n in document["nodes"] if n["leader"]), None)

    return wait_for(told, BACK_S, "a leader")


def test_losing_the_leader_and_then_the_quorum_is_named_and_no_broker_is_blamed(
    cluster: LocalCluster,
) -> None:
    with watching("--local", cluster.name, env=cluster.env) as watcher:
        # As long as it takes another session to see who leads, this one has been seeing it.
        first, name = leader(cluster)
        others = [n.id for n in cluster.state.nodes if n.role != "broker" and n.id != first]
        cluster.fail(first, "kill")
        _, lost = watcher.began(name, 30, "metadata_node_lost")
        assert lost["detail"].startswith("it led the quorum")
        assert lost["severity"] == "warn"
        watcher.wait(lambda e: e["kind"] == MOVED[cluster.state.metadata], 30, "another one leads")

        cluster.fail(others[0], "kill")
        _, gone = watcher.began("cluster", 40, "metadata_quorum_lost")
        assert gone["severity"] == "crit"
        assert "of 3" in gone["detail"]

        cluster.resume(first)
        cluster.resume(others[0])
        watcher.ended(gone["id"], BACK_S)
        watcher.ended(lost["id"], BACK_S)
        assert not {s for s in watcher.blamed() if s.startswith("b-")}
