"""The local MSK keeps its promise: what fails is seen, replaced with the same identity, and logged."""

from __future__ import annotations

import json
import os
import signal
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from msktop.errors import LocalError
from tests.e2e.conftest import LocalCluster
from tests.support import wait_for

pytestmark = pytest.mark.e2e


@pytest.fixture(params=["kraft", "zookeeper"])
def cluster(request: pytest.FixtureRequest) -> Iterator[LocalCluster]:
    """Each shared cluster in turn, healthy before and after."""
    found: LocalCluster = request.getfixturevalue(f"{request.param}_cluster")
    found.wait_healthy()
    yield found
    found.wait_healthy()


def events_of(cluster: LocalCluster, node: int, since: int) -> list[dict[str, Any]]:
    """The node's events after the first `since` lines of the log."""
    lines = cluster.events_log.read_text().splitlines()[since:]
    return [event for event in map(json.loads, lines) if event["node"] == node]


def length(cluster: LocalCluster) -> int:
    return len(cluster.events_log.read_text().splitlines())


def directory_id(cluster: LocalCluster, node: int) -> str:
    found = cluster.state.node(node)
    assert found is not None
    return (Path(found.storage.path) / "meta.properties").read_text()


def test_a_killed_broker_is_replaced_with_the_same_id_address_and_storage(cluster: LocalCluster) -> None:
    before, identity, seen = cluster.state.node(2), directory_id(cluster, 2), length(cluster)
    assert before is not None
    os.kill(cluster.pid(2), signal.SIGKILL)
    wait_for(lambda: cluster.state.state == "HEALING", 5, "the cluster is HEALING")
    cluster.wait_state(2, "RUNNING")
    after = cluster.state.node(2)
    assert after is not None
    assert after.pid != before.pid
    assert (after.address, after.port, after.zone) == (before.address, before.port, before.zone)
    assert after.storage == before.storage
    assert directory_id(cluster, 2) == identity
    told = events_of(cluster, 2, seen)
    assert [e["event"] for e in told] == ["DETECTED", "REPLACED", "RECOVERED"]
    assert told[0]["how"] == "dead"
    assert 0 < told[2]["after_s"] == pytest.approx(told[2]["at"] - told[0]["at"], abs=0.5)
    wait_for(lambda: cluster.state.state == "ACTIVE", 5, "the cluster is ACTIVE again")


def test_a_hung_broker_is_replaced(cluster: LocalCluster) -> None:
    hung, seen = cluster.pid(3), length(cluster)
    os.kill(hung, signal.SIGSTOP)
    wait_for(lambda: events_of(cluster, 3, seen), 30, "the hang is detected")
    assert events_of(cluster, 3, seen)[0]["how"] == "hung"
    wait_for(lambda: (node := cluster.state.node(3)) and node.pid not in (None, hung), 60, "a new process")
    cluster.wait_state(3, "RUNNING")
    assert [e["event"] for e in events_of(cluster, 3, seen)] == ["DETECTED", "REPLACED", "RECOVERED"]


def test_a_hang_that_was_asked_for_waits_for_resume_and_wakes_the_same_process(cluster: LocalCluster) -> None:
    hung, seen = cluster.pid(1), length(cluster)
    cluster.fail(1, "hang")
    cluster.wait_state(1, "FAILED")
    assert cluster.pid(1) == hung
    cluster.resume(1)
    cluster.wait_state(1, "RUNNING")
    assert cluster.pid(1) == hung
    assert [e["event"] for e in events_of(cluster, 1, seen)] == [
        "INJECTED",
        "DETECTED",
        "RESUMED",
        "RECOVERED",
    ]


def test_a_failure_for_a_time_ends_by_itself(cluster: LocalCluster) -> None:
    cluster.fail(2, "kill", for_s=1)
    cluster.wait_state(2, "FAILED", 5)
    cluster.wait_state(2, "RUNNING")


def test_a_stopped_broker_stays_stopped_until_resumed(cluster: LocalCluster) -> None:
    cluster.fail(3, "stop")
    cluster.wait_state(3, "STOPPED")
    with pytest.raises(LocalError, match="cannot be made to fail"):
        cluster.fail(3, "kill")
    cluster.resume(3)
    cluster.wait_state(3, "RUNNING")


def test_a_killed_metadata_node_is_replaced_too(cluster: LocalCluster) -> None:
    metadata_node = next(n for n in cluster.state.nodes if n.role != "broker")
    os.kill(cluster.pid(metadata_node.id), signal.SIGKILL)
    wait_for(lambda: cluster.state.node(metadata_node.id) != metadata_node, 5, "the death is seen")
    cluster.wait_state(metadata_node.id, "RUNNING")
    assert cluster.pid(metadata_node.id) != metadata_node.pid


def test_every_broker_shows_its_mbeans_and_its_machine_as_msk_does(cluster: LocalCluster) -> None:
    for broker in cluster.state.brokers:
        with urllib.request.urlopen(str(broker.metrics_url), timeout=30) as page:
            assert b"kafka_server_BrokerTopicMetrics_Count{" in page.read()
        with urllib.request.urlopen(str(broker.node_metrics_url), timeout=5) as page:
            text = page.read().decode()
        assert 'node_cpu_seconds_total{cpu="0",mode="user"}' in text
        size = (
            f'node_filesystem_size_bytes{{mountpoint="/kafka/datalogs"}} {float(broker.storage.volume_bytes)}'
        )
        assert size in text


def test_the_state_file_names_every_node_once_in_the_subnet_of_its_zone(cluster: LocalCluster) -> None:
    state = cluster.state
    subnets = {zone.id: zone.subnet_cidr.removesuffix("0/24") for zone in state.zones}
    assert len({node.id for node in state.nodes}) == len(state.nodes) == 6
    assert all(node.address.startswith(subnets[node.zone]) for node in state.nodes)
    assert state.bootstrap_servers == ",".join(f"{b.address}:{b.port}" for b in state.brokers)
    assert sorted(b.zone for b in state.brokers) == ["use1-az1", "use1-az2", "use1-az3"]
