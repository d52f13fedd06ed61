"""`msktop topic …` on a real Kafka: checked by the broker, refused without leave, written down."""

from __future__ import annotations

import json
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from tests.command import run_here
from tests.e2e.conftest import LocalCluster, in_environment
from tests.e2e.test_cluster_cli import audit_lines
from tests.support import wait_for

pytestmark = pytest.mark.e2e


@pytest.fixture
def cluster(kraft_cluster: LocalCluster) -> LocalCluster:
    kraft_cluster.wait_healthy()
    return kraft_cluster


def topic(cluster: LocalCluster, *words: str, state: Path | None = None) -> CompletedProcess[str]:
    with in_environment({**cluster.xdg, **({"XDG_STATE_HOME": str(state)} if state else {})}):
        return run_here("topic", *words)


def named(cluster: LocalCluster, *words: str) -> CompletedProcess[str]:
    return topic(cluster, *words, "--local", cluster.name)


def described(cluster: LocalCluster, name: str, partitions: int) -> dict[str, Any]:
    """Once the broker that is asked has heard of it."""

    def seen() -> dict[str, Any] | None:
        ended = named(cluster, "describe", name, "--json")
        found: dict[str, Any] = json.loads(ended.stdout) if ended.returncode == 0 else {}
        return found if len(found.get("partitions", ())) == partitions else None

    return wait_for(seen, 10, f"{name} with {partitions} partitions")


def names(cluster: LocalCluster) -> list[str]:
    return [one["name"] for one in json.loads(named(cluster, "list", "--json").stdout)]


@pytest.mark.parametrize("mode", ["kraft", "zookeeper"])
def test_a_topic_is_made_changed_and_ended(mode: str, request: pytest.FixtureRequest) -> None:
    cluster: LocalCluster = request.getfixturevalue(f"{mode}_cluster")
    cluster.wait_healthy()
    home = cluster.xdg["XDG_STATE_HOME"]
    wanted = ("create", "cli-life", "--partitions", "3", "--replication-factor", "3")
    config = ("--config", "min.insync.replicas=2")
    dry = named(cluster, *wanted, *config, "--dry-run", "--json")
    assert dry.returncode == 0, dry.stderr
    assert json.loads(dry.stdout)["checked_by_broker"]
    assert "cli-life" not in names(cluster)

    made = named(cluster, *wanted, *config, "--yes")
    assert made.returncode == 0, made.stderr
    first, second = audit_lines(home)[-2:]
    assert (first["phase"], first["action"], first["parameters"]["topic"]) == (
        "before",
        "Kafka CreateTopics",
        "cli-life",
    )
    assert (second["result"], second["id"]) == ("accepted", first["id"])
    seen = described(cluster, "cli-life", 3)
    assert "in 3 zones" in seen["zones_spread"]
    assert {s["name"]: s["value"] for s in seen["config"] if s["source"] == "DYNAMIC_TOPIC_CONFIG"} == {
        "min.insync.replicas": "2"
    }

    grown = named(cluster, "alter", "cli-life", "--partitions", "5", "--yes")
    assert grown.returncode == 0, grown.stderr
    described(cluster, "cli-life", 5)
    changed = named(
        cluster,
        *(
            "alter",
            "cli-life",
            "--config",
            "retention.ms=3600000",
            "--default",
            "min.insync.replicas",
            "--yes",
        ),
    )
    assert changed.returncode == 0, changed.stderr
    assert "retention.ms: 604800000 → 3600000" in changed.stdout
    seen = described(cluster, "cli-life", 5)
    own = {s["name"] for s in seen["config"] if s["source"] == "DYNAMIC_TOPIC_CONFIG"}
    assert own == {"retention.ms"}

    ended = named(cluster, "delete", "cli-life", "--yes")
    assert ended.returncode == 0, ended.stderr
    wait_for(lambda: "cli-life" not in names(cluster), 10, "it is gone")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("create", "cli-no", "--replication-factor", "9"), 64, "9 replicas"),
        (("create", "cli/no"), 64, "cannot be the name"),
        (
            ("create", "cli-no", "--config", "min.insync.replicas=4", "--replication-factor", "3"),
            64,
            "acks=all",
        ),
        (("create", "cli-no", "--config", "no.such=1", "--dry-run"), 1, "INVALID_CONFIG"),
        (("create", "cli-no", "--config", "retention.ms=soon", "--yes"), 1, "the broker refuses it"),
        (("create", "cli-no"), 1, "give --yes"),
        (("create", "cli-no", "--yes", "--read-only"), 1, "--read-only"),
        (("delete", "cli-no", "--yes"), 1, "has no topic"),
        (("alter", "cli-no"), 64, "either partitions or settings"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_made(
    cluster: LocalCluster, words: tuple[str, ...], code: int, said: str
) -> None:
    audited = audit_lines(cluster.xdg["XDG_STATE_HOME"])
    ended = named(cluster, *words)
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr
    assert ended.returncode == code
    assert "cli-no" not in names(cluster)
    assert audit_lines(cluster.xdg["XDG_STATE_HOME"]) == audited


def test_an_address_that_is_loopback_is_not_local_and_needs_leave(
    cluster: LocalCluster, tmp_path: Path
) -> None:
    servers = ("--bootstrap-servers", cluster.bootstrap_servers)
    refused = topic(cluster, "create", "cli-no", "--yes", *servers, state=tmp_path)
    assert refused.returncode == 1
    assert "needs --write" in refused.stderr
    made = topic(cluster, "create", "cli-leave", "--yes", "--write", *servers, state=tmp_path)
    assert made.returncode == 0, made.stderr
    wait_for(lambda: named(cluster, "delete", "cli-leave", "--yes").returncode == 0, 10, "it is there")


def test_without_an_audit_line_no_topic_is_made(cluster: LocalCluster, tmp_path: Path) -> None:
    (tmp_path / "msktop" / "audit.jsonl").mkdir(parents=True)
    servers = ("--bootstrap-servers", cluster.bootstrap_servers)
    ended = topic(cluster, "create", "cli-no", "--yes", "--write", *servers, state=tmp_path)
    assert ended.returncode == 1
    assert "audit log cannot be written" in ended.stderr
    assert "cli-no" not in names(cluster)
