"""Ten quiet minutes without a false word, and hundreds of failures without a missed one."""

from __future__ import annotations

import os
import random
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from msktop.local.settings import How, Settings
from tests.e2e.conftest import LocalCluster, local_cluster
from tests.e2e.watching import Event, status, watching
from tests.support import wait_for

pytestmark = pytest.mark.soak

QUIET_S = float(os.environ.get("MSKTOP_SOAK_QUIET_S", "600"))
FAILURES = int(os.environ.get("MSKTOP_SOAK_FAILURES", "200"))
BACK_S = 90.0


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[LocalCluster]:
    settings = Settings(name="soak", traffic="waves", fast_heal=True)
    with local_cluster(tmp_path, settings) as found:
        _settled(found)
        yield found


def _settled(cluster: LocalCluster) -> None:
    cluster.wait_healthy()
    wait_for(lambda: status(cluster.bootstrap_servers, "1s")[0] == 0, BACK_S, "a healthy cluster")


def test_ten_minutes_of_healthy_load_give_no_false_failure(cluster: LocalCluster) -> None:
    with watching("--local", cluster.name, env=cluster.env) as watcher:
        threading.Event().wait(QUIET_S)
        alarms = [e for _, e in watcher.lines if e["severity"] != "info" and e["kind"] != "host_starved"]
        assert alarms == []
        cluster.fail(2, "kill")
        watcher.began("b-2", 10)  # it was watching all the time


def test_no_failure_of_hundreds_is_missed_and_none_is_laid_on_another(cluster: LocalCluster) -> None:
    rng = random.Random(20261123)
    kinds: dict[How, str] = {"kill": "broker_unreachable", "hang": "broker_hung"}
    with watching("--local", cluster.name, env=cluster.env) as watcher:
        watcher.wait_watching(3)
        for nth in range(FAILURES):
            broker, how = rng.choice((1, 2, 3)), rng.choice(tuple(kinds))
            seen = len(watcher.lines)
            cluster.fail(broker, how)
            _, event = watcher.wait(_begins, 15, f"failure {nth}: {how} of b-{broker}", after=seen)
            assert (event["subject"], event["kind"]) == (f"b-{broker}", kinds[how])
            cluster.resume(broker)
            watcher.ended(event["id"], BACK_S)
            _settled(cluster)


def _begins(event: Event) -> bool:
    return event["severity"] == "crit" and event["ended"] is None
