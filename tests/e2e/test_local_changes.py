"""A running local cluster grows, shrinks, reboots and takes other settings, and says what it cannot do."""

from __future__ import annotations

import os
import re
import signal
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient, NewTopic

from msktop.errors import LocalError, MsktopError
from msktop.local import control
from msktop.local.patience import back_off_s
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


@contextmanager
def kafka(cluster: LocalCluster) -> Iterator[KafkaAdminClient]:
    """Kafka's own word."""
    admin = KafkaAdminClient(bootstrap_servers=cluster.bootstrap_servers)
    try:
        yield admin
    finally:
        admin.close()


def registered(admin: KafkaAdminClient) -> set[int]:
    return {broker["broker_id"] for broker in admin.describe_cluster()["brokers"]}


def setting(admin: KafkaAdminClient, broker: int, name: str) -> str:
    """What the running broker has."""
    resource = ConfigResource(ConfigResourceType.BROKER, str(broker))
    found = admin.describe_configs([resource], config_filter="all")
    return str(found["broker"][str(broker)][name]["value"])


def test_a_broker_joins_and_leaves_once_it_is_empty(cluster: LocalCluster) -> None:
    before = cluster.state
    with cluster.here() as name:
        assert control.add_brokers(name, 1) == [4]
        joining = cluster.state
        assert joining.state == "UPDATING"
        assert [n.address for n in joining.brokers[:3]] == [n.address for n in before.brokers]
        cluster.wait_state(4, "RUNNING")
        new = cluster.state.node(4)
        assert new is not None
        assert (new.zone, new.ports) == (before.brokers[0].zone, before.brokers[0].ports)
        with urllib.request.urlopen(str(new.node_metrics_url), timeout=30) as page:
            assert b"node_cpu_seconds_total" in page.read()

        with kafka(cluster) as admin:
            wait_for(lambda: registered(admin) == {1, 2, 3, 4}, 30, "Kafka has four brokers")
            admin.create_topics([NewTopic("only-on-4", replica_assignments={0: [4], 1: [4]})])
            with pytest.raises(LocalError, match="broker 4 still has 2 partitions: only-on-4-"):
                control.remove_broker(name, 4)
            admin.delete_topics(["only-on-4"])
            wait_for(lambda: removed(name), 30, "an empty broker may leave")
            leaving = cluster.state.node(4)
            assert leaving is None or leaving.state == "REMOVING"
            wait_for(lambda: cluster.state.node(4) is None, 30, "it is gone")
            wait_for(lambda: registered(admin) == {1, 2, 3}, 30, "Kafka has forgotten it")
    assert not Path(new.storage.path).parent.exists()
    assert cluster.state.bootstrap_servers == before.bootstrap_servers


def removed(name: str) -> bool:
    """Whether broker 4 may leave; else it must be for what is on it."""
    try:
        control.remove_broker(name, 4)
    except LocalError as error:
        if "still has" not in error.title:
            raise
        return False
    return True


def test_what_is_impossible_is_refused(zookeeper_cluster: LocalCluster) -> None:
    zookeeper_cluster.wait_healthy()
    with zookeeper_cluster.here() as name:
        for act, reason in (
            (lambda: control.add_brokers(name, 0), "0 brokers cannot be added"),
            (lambda: control.add_brokers(name, 28), "28 brokers cannot be added to 3"),
            (lambda: control.remove_broker(name, 9), "there is no node 9"),
            (lambda: control.remove_broker(name, 10001), "zookeeper 10001 cannot be removed"),
            (lambda: control.reboot(name, 1, kafka_version="4.1.1"), "4.1.1 is not offered with zookeeper"),
            (lambda: control.reboot(name, 1, heap_mb=1), "a heap of 1 MB"),
            (lambda: control.resize(name, 0), "a volume of 0 bytes"),
            (lambda: control.configure(name, {"listeners": "PLAINTEXT://:1"}), "'listeners' cannot be set"),
            (lambda: control.configure(name, {"a": "1\nb=2"}), "cannot be written"),
        ):
            with pytest.raises(MsktopError, match=re.escape(reason)):
                act()
        zookeeper_cluster.fail(1, "hang")
        with pytest.raises(LocalError, match="broker 1 is RUNNING and held, not RUNNING"):
            control.reboot(name, 1)
        zookeeper_cluster.resume(1)


def test_a_controller_reboots_in_good_order(kraft_cluster: LocalCluster) -> None:
    kraft_cluster.wait_healthy()
    seen, before = kraft_cluster.events_so_far(), kraft_cluster.pid(10003)
    with kraft_cluster.here() as name:
        control.reboot(name, 10003, heap_mb=200)
    assert kraft_cluster.state.state == "UPDATING"
    kraft_cluster.wait_state(10003, "RUNNING", 60)
    after = kraft_cluster.state.node(10003)
    assert after is not None
    assert after.pid != before
    assert after.heap_mb == 200
    assert b"-Xmx200m" in Path(f"/proc/{after.pid}/cmdline").read_bytes()
    events = [e["event"] for e in kraft_cluster.events_of(10003, seen)]
    assert events == ["REBOOTING", "ENDED", "REBOOTED"]


def test_a_node_that_hangs_is_rebooted_all_the_same(kraft_cluster: LocalCluster) -> None:
    kraft_cluster.wait_healthy()
    seen = kraft_cluster.events_so_far()
    os.kill(kraft_cluster.pid(10002), signal.SIGSTOP)
    with kraft_cluster.here() as name:
        control.reboot(name, 10002)
    kraft_cluster.wait_state(10002, "RUNNING", 60)
    ended = next(e for e in kraft_cluster.events_of(10002, seen) if e["event"] == "ENDED")
    assert ended["exit_code"] == -signal.SIGKILL
    assert ended["after_s"] < 5


def test_settings_are_taken_at_the_next_reboot_and_a_volume_grows_at_once(
    zookeeper_cluster: LocalCluster,
) -> None:
    cluster = zookeeper_cluster
    cluster.wait_healthy()
    before = cluster.state.brokers[1]
    with cluster.here() as name, kafka(cluster) as admin:
        control.configure(name, {"log.retention.hours": "7"})
        assert cluster.state.properties == {"log.retention.hours": "7"}
        control.reboot(name, 2)
        assert cluster.state.brokers[1].state == "REBOOTING"
        cluster.wait_state(2, "RUNNING", 60)
        assert (setting(admin, 1, "log.retention.hours"), setting(admin, 2, "log.retention.hours")) == (
            "168",
            "7",
        )
        assert cluster.state.brokers[1].storage == before.storage

        control.resize(name, 5 << 30, 2)
        with urllib.request.urlopen(str(before.node_metrics_url), timeout=30) as page:
            assert f"{float(5 << 30)}" in page.read().decode()
        assert [b.storage.volume_bytes >> 30 for b in cluster.state.brokers] == [1, 5, 1]
        control.resize(name, 1 << 30)
        control.configure(name, {})


def test_a_crash_loop_backs_off_and_ends_with_its_cause(zookeeper_cluster: LocalCluster) -> None:
    cluster = zookeeper_cluster
    cluster.wait_healthy()
    seen = cluster.events_so_far()

    def deaths() -> int:
        return [e["event"] for e in cluster.events_of(3, seen)].count("DETECTED")

    with cluster.here() as name:
        control.configure(name, {"num.io.threads": "-1"})
        control.reboot(name, 3)
        wait_for(lambda: deaths() == 2, 30, "it has died twice of a wrong setting")
        assert cluster.state.state == "HEALING"
        control.configure(name, {})
        cluster.wait_state(3, "RUNNING", 60)
    events = cluster.events_of(3, seen)
    waits = [
        later["at"] - earlier["at"]
        for earlier, later in pairwise(events)
        if (earlier["event"], later["event"]) == ("DETECTED", "REPLACED")
    ]
    assert len(waits) == 2
    for count, waited in enumerate(waits, start=1):
        assert back_off_s(count) <= waited < back_off_s(count) + 1
    assert events[-1]["event"] == "RECOVERED"
