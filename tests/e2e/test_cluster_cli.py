"""`msktop cluster …` on a local MSK: looks at it, checks a change, and makes it only where it may."""

from __future__ import annotations

import json
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from msktop.local.plane import environment
from tests.command import run_here
from tests.e2e.conftest import LocalCluster, in_environment
from tests.support import wait_for

pytestmark = pytest.mark.e2e


@pytest.fixture
def cluster(kraft_cluster: LocalCluster) -> LocalCluster:
    kraft_cluster.wait_healthy()
    return kraft_cluster


def command(cluster: LocalCluster, *words: str, state: Path | None = None) -> CompletedProcess[str]:
    """As a script runs it: with what `msktop local env` prints and without a terminal."""
    with in_environment(cluster.xdg):
        variables = environment.variables(cluster.state)
    with in_environment({**cluster.xdg, **variables, **({"XDG_STATE_HOME": str(state)} if state else {})}):
        return run_here("cluster", *words)


def audit_lines(state_home: str | Path) -> list[dict[str, Any]]:
    file = Path(state_home) / "msktop" / "audit.jsonl"
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def started_at(cluster: LocalCluster, broker: int) -> float | None:
    node = cluster.state.node(broker)
    assert node is not None
    return node.started_at


def test_it_lists_and_describes(cluster: LocalCluster) -> None:
    listed = json.loads(command(cluster, "list", "--json").stdout)
    assert [one["name"] for one in listed] == [cluster.name]
    described = json.loads(command(cluster, "describe", cluster.name, "--json").stdout)
    assert described["broker_count"] == len(cluster.state.brokers)
    assert described["broker_ids"] == [node.id for node in cluster.state.brokers]
    assert described["metadata"] == "kraft"


def test_a_dry_run_shows_the_plan_and_changes_nothing(cluster: LocalCluster) -> None:
    before, audited = started_at(cluster, 1), audit_lines(cluster.xdg["XDG_STATE_HOME"])
    ended = command(cluster, "reboot-broker", cluster.name, "1", "--dry-run", "--json")
    assert ended.returncode == 0, ended.stderr
    planned = json.loads(ended.stdout)
    assert (planned["operation"], planned["dry_run"], planned["operation_arn"]) == (
        "RebootBroker",
        True,
        None,
    )
    assert started_at(cluster, 1) == before
    assert audit_lines(cluster.xdg["XDG_STATE_HOME"]) == audited


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("update-broker-count", "{}", "4"), 64, "cannot be spread evenly"),
        (("update-broker-type", "{}", "kafka.m5.huge"), 64, "no instance type"),
        (("reboot-broker", "{}", "99"), 64, "has no broker 99"),
        (("reboot-broker", "{}", "1"), 1, "give --yes"),
        (("reboot-broker", "{}", "1", "--yes", "--read-only"), 1, "--read-only"),
        (("describe", "no-such-cluster"), 1, "no-such-cluster"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_sent(
    cluster: LocalCluster, words: tuple[str, ...], code: int, said: str
) -> None:
    audited = audit_lines(cluster.xdg["XDG_STATE_HOME"])
    ended = command(cluster, *(word.format(cluster.name) for word in words))
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr
    assert ended.returncode == code
    assert audit_lines(cluster.xdg["XDG_STATE_HOME"]) == audited


def test_a_reboot_is_written_down_sent_and_followed_to_its_end(cluster: LocalCluster) -> None:
    before = started_at(cluster, 2)
    ended = command(cluster, "reboot-broker", cluster.name, "2", "--yes", "--wait", "--json")
    assert ended.returncode == 0, ended.stderr
    told = json.loads(ended.stdout)
    assert told["ended"]["state"] == "REBOOT_COMPLETE"
    assert started_at(cluster, 2) != before
    first, second = audit_lines(cluster.xdg["XDG_STATE_HOME"])[-2:]
    assert (first["phase"], first["action"], first["parameters"]["BrokerIds"]) == (
        "before",
        "kafka:RebootBroker",
        ["2"],
    )
    assert (second["phase"], second["result"], second["id"]) == ("after", "accepted", first["id"])
    (newest, *_) = json.loads(command(cluster, "operations", cluster.name, "--json").stdout)
    assert (newest["arn"], newest["state"]) == (told["operation_arn"], "REBOOT_COMPLETE")
    wait_for(lambda: all(n.state == "RUNNING" for n in cluster.state.brokers), 60, "all brokers run")


def test_without_an_audit_line_nothing_is_changed(cluster: LocalCluster, tmp_path: Path) -> None:
    before = started_at(cluster, 3)
    (tmp_path / "msktop").mkdir()
    (tmp_path / "msktop" / "audit.jsonl").mkdir()
    ended = command(cluster, "reboot-broker", cluster.name, "3", "--yes", "--write", state=tmp_path)
    assert ended.returncode == 1
    assert "audit log cannot be written" in ended.stderr
    assert started_at(cluster, 3) == before
