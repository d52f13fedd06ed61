"""`msktop doctor` on real brokers: every step is passed and timed, and what Kafka allows is told."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.e2e.conftest import LocalCluster
from tests.support import wait_for

pytestmark = pytest.mark.e2e


def doctor(cluster: LocalCluster, *words: str) -> tuple[int, dict[str, dict[str, Any]]]:
    done = subprocess.run(
        [sys.executable, "-m", "msktop", "doctor", "--json", *words],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**cluster.env, "AWS_EC2_METADATA_DISABLED": "true"},
    )
    assert not done.stderr
    document = json.loads(done.stdout)
    assert document["ok"] == (done.returncode == 0)
    return done.returncode, {check["name"]: check for check in document["checks"]}


@pytest.mark.parametrize("mode", ["kraft", "zookeeper"])
def test_every_step_to_a_healthy_cluster_passes(mode: str, request: pytest.FixtureRequest) -> None:
    cluster: LocalCluster = request.getfixturevalue(f"{mode}_cluster")
    cluster.wait_healthy()
    servers = cluster.bootstrap_servers.partition(",")[0]

    def with_traffic() -> dict[str, dict[str, Any]] | None:
        code, checks = doctor(cluster, "--bootstrap-servers", servers)
        assert code == 0, checks
        return checks if {checks["topics"]["state"], checks["groups"]["state"]} == {"ok"} else None

    checks = wait_for(with_traffic, 60, "topics and groups of the traffic")
    for name in ("port 9092 (plaintext)", "port 11001 (JMX exporter)", "topics", "groups", "DescribeLogDirs"):
        assert checks[name]["state"] == "ok", checks[name]
        assert checks[name]["took_ms"] is not None
    assert {"Describe", "DescribeConfigs"} <= set(checks["allowed on the cluster"]["detail"].split(", "))
    assert checks["DescribeQuorum"]["state"] == ("ok" if mode == "kraft" else "skipped")
