"""Records of a real Kafka: sent, looked at from every place and in every compression, and kept nowhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from kafka import TopicPartition
from kafka.admin import KafkaAdminClient

from msktop.actions.kafka import Kafka
from msktop.actions.tail import Note, Seen, Since, Tail
from msktop.wire.security import Security
from tests.e2e.conftest import LocalCluster
from tests.e2e.test_cluster_cli import audit_lines
from tests.e2e.test_topic_cli import named
from tests.support import wait_for

pytestmark = pytest.mark.e2e

TOPIC = "tail-me"
SECRET = "the-card-number"


@pytest.fixture(scope="module")
def cluster(kraft_cluster: LocalCluster) -> Iterator[LocalCluster]:
    kraft_cluster.wait_healthy()
    make(kraft_cluster, TOPIC, "--partitions", "2")
    yield kraft_cluster
    named(kraft_cluster, "delete", TOPIC, "--yes")


def make(cluster: LocalCluster, topic: str, *words: str) -> None:
    made = named(cluster, "create", topic, *words, "--yes")
    assert made.returncode == 0, made.stderr
    wait_for(lambda: named(cluster, "describe", topic).returncode == 0, 10, "it is there")


def sent(cluster: LocalCluster, *words: str) -> dict[str, Any]:
    ended = named(cluster, "send", TOPIC, *words, "--yes", "--json")
    assert ended.returncode == 0, ended.stderr
    landed: dict[str, Any] = json.loads(ended.stdout)
    return landed


def looked(cluster: LocalCluster, *words: str) -> list[dict[str, Any]]:
    ended = named(cluster, "tail", TOPIC, "--json", "--no-follow", *words)
    assert ended.returncode == 0, ended.stderr
    return [json.loads(line) for line in ended.stdout.splitlines()]


def test_a_record_is_sent_and_seen_and_its_contents_are_written_down_nowhere(cluster: LocalCluster) -> None:
    before = audit_lines(cluster.xdg["XDG_STATE_HOME"])
    words = (
        "--key",
        SECRET,
        "--value",
        json.dumps({"card": SECRET}),
        "--header",
        f"trace={SECRET}",
        "--header",
        "trace=2",
    )
    landed = sent(cluster, *words)
    (seen,) = looked(cluster, "--from", str(landed["offset"]), "--partition", str(landed["partition"]))
    assert (seen["key"], json.loads(seen["value"])) == (SECRET, {"card": SECRET})
    assert seen["headers"] == [{"name": "trace", "value": SECRET}, {"name": "trace", "value": "2"}]
    lines = audit_lines(cluster.xdg["XDG_STATE_HOME"])[len(before) :]
    assert [(line["phase"], line.get("result")) for line in lines] == [
        ("before", None),
        ("after", "accepted"),
    ]
    assert lines[0]["action"] == "Kafka Produce"
    for file in Path(cluster.xdg["XDG_STATE_HOME"]).rglob("*.jsonl"):
        assert SECRET not in file.read_text()


def test_a_dry_run_tells_its_plan_and_sends_nothing(cluster: LocalCluster) -> None:
    before = looked(cluster, "--from", "earliest")
    dry = named(cluster, "send", TOPIC, "--key", SECRET, "--value", "v", "--dry-run", "--json")
    assert dry.returncode == 0, dry.stderr
    planned = json.loads(dry.stdout)
    assert (planned["operation"], planned["dry_run"], planned["accepted"]) == ("Produce", True, False)
    assert SECRET not in dry.stdout
    assert looked(cluster, "--from", "earliest") == before


@pytest.mark.parametrize("compression", ["gzip", "snappy", "lz4", "zstd"])
def test_what_the_broker_compresses_is_read_or_said(cluster: LocalCluster, compression: str) -> None:
    topic = f"tail-{compression}"  # of its own: a broker hears of another setting later than who sets it
    make(cluster, topic, "--partitions", "1", "--config", f"compression.type={compression}")
    value = "".join(f"row {n} of {compression}; " for n in range(3000))
    assert named(cluster, "send", topic, "--value", value, "--yes").returncode == 0
    ended = named(cluster, "tail", topic, "--json", "--no-follow", "--from", "earliest")
    named(cluster, "delete", topic, "--yes")
    if compression == "zstd" and "zstd, which Python unpacks from 3.14 on" in ended.stderr:
        return
    (seen,) = [json.loads(line) for line in ended.stdout.splitlines()]
    assert (seen["compression"], seen["value"]) == (compression, value)


def test_it_begins_where_it_is_told_to(cluster: LocalCluster) -> None:
    landed = [sent(cluster, "--partition", "1", "--value", f"value {n}") for n in range(3)]
    assert [seen["value"] for seen in looked(cluster, "--from", "-2", "--partition", "1")] == [
        "value 1",
        "value 2",
    ]
    assert looked(cluster, "--from", "latest") == []
    everything = looked(cluster, "--from", "earliest", "--partition", "1")
    assert {seen["offset"] for seen in everything} >= {one["offset"] for one in landed}
    at = next(seen["at"] for seen in everything if seen["offset"] == landed[1]["offset"])
    stamp = datetime.fromtimestamp(at, UTC).isoformat()
    since = looked(cluster, "--from", stamp, "--partition", "1")
    assert [seen["value"] for seen in since][-2:] == ["value 1", "value 2"]
    (found,) = looked(cluster, "--from", "earliest", "--grep", "VALUE 2")
    assert found["value"] == "value 2"


def test_what_was_deleted_while_nobody_read_on_is_passed_over(cluster: LocalCluster) -> None:
    landed = [sent(cluster, "--partition", "0", "--value", f"{n}" * 900_000)["offset"] for n in range(3)]
    with Kafka(cluster.bootstrap_servers, Security()) as kafka:
        reader = Tail(kafka, TOPIC, Since("offset", landed[0]), 0).read()
        assert offset_of(next(reader)) == landed[0]
        admin = KafkaAdminClient(bootstrap_servers=cluster.bootstrap_servers)
        admin.delete_records({TopicPartition(TOPIC, 0): landed[2]})
        admin.close()
        said = next(reader)
        assert isinstance(said, Note)
        assert said.text == f"partition 0: offset {landed[1]} is gone, goes on at {landed[2]}"
        assert offset_of(next(reader)) == landed[2]


def offset_of(one: object) -> int:
    assert isinstance(one, Seen), one
    return one.record.offset


def test_large_and_binary_ones_are_clear_and_harmless(cluster: LocalCluster) -> None:
    landed = sent(cluster, "--partition", "1", "--key", "\x1b[31m\u202e", "--value", "x" * 900_000)
    ended = named(cluster, "tail", TOPIC, "--no-follow", "--partition", "1", "--from", str(landed["offset"]))
    assert "\x1b" not in ended.stdout
    assert "of 900,000 bytes" in ended.stdout
    assert len(ended.stdout) < 10_000


def test_what_is_not_there_is_said(cluster: LocalCluster) -> None:
    missing = named(cluster, "tail", "no-such", "--no-follow")
    assert (missing.returncode, "cannot be read" in missing.stderr) == (1, True)
    nowhere = named(cluster, "tail", TOPIC, "--partition", "9", "--no-follow")
    assert "no partition 9" in nowhere.stderr
    wrong = named(cluster, "tail", TOPIC, "--from", "soon")
    assert wrong.returncode == 64
