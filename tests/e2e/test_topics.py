"""What anybody does to topics of a real Kafka, as events; and who writes into one."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from kafka import KafkaProducer

from msktop.actions.kafka import Kafka
from msktop.actions.topic_facts import topic_facts
from msktop.actions.topic_looking import look
from msktop.model.incidents import Kind
from msktop.session import Session
from msktop.sources.clock import Anchor
from msktop.sources.metadata import MetadataSource
from msktop.sources.pump import Source, ThreadPump
from msktop.sources.topic_configs import TopicConfigsSource
from msktop.wire.security import Security
from tests.e2e.conftest import LocalCluster
from tests.e2e.test_topic_cli import named
from tests.support import wait_for

pytestmark = pytest.mark.e2e

TOPIC = "seen-by-all"
TRAFFIC = {"orders", "payments", "clicks", "audit", "__consumer_offsets"}
"""Made as the cluster starts: with ours among them, they would be told in one line."""


@pytest.fixture
def cluster(kraft_cluster: LocalCluster) -> LocalCluster:
    kraft_cluster.wait_healthy()
    return kraft_cluster


@pytest.fixture
def session(cluster: LocalCluster) -> Iterator[Session]:
    """One that sees topics and their settings once a second."""
    clock, session, servers = Anchor.take(), Session(), cluster.bootstrap_servers
    sources: list[Source] = [
        MetadataSource(servers, Security(), clock, session.cluster),
        TopicConfigsSource(servers, Security(), clock, session.cluster, 1.0),
    ]
    session.start(None, [ThreadPump(source, session.emit, clock) for source in sources])
    wait_for(
        lambda: session.cluster().topics.keys() >= TRAFFIC, 60, "the traffic's topics, made at the start"
    )
    wait_for(lambda: session.cluster().topic_configs_at, 30, "topics and their settings are known")
    yield session
    session.stop()


def told(session: Session, kind: Kind) -> str:
    """Waits for what was told of our topic."""
    return wait_for(
        lambda: next(
            (i.detail for i in session.view.incidents.log if i.kind is kind and i.subject == TOPIC), None
        ),
        30,
        f"{kind} of {TOPIC}",
    )


def test_what_is_done_to_a_topic_is_an_event(cluster: LocalCluster, session: Session) -> None:
    assert session.cluster().topics["orders"].setting("cleanup.policy") == "delete"
    assert named(cluster, "create", TOPIC, "--partitions", "2", "--yes").returncode == 0
    assert told(session, Kind.TOPIC_CREATED) == "created: 2 partitions, RF 3"
    wait_for(lambda: session.cluster().topics[TOPIC].settings, 30, "what it is set to")
    assert named(cluster, "alter", TOPIC, "--config", "retention.ms=1000", "--yes").returncode == 0
    assert told(session, Kind.TOPIC_RECONFIGURED) == "retention.ms 604800000 → 1000"
    assert named(cluster, "alter", TOPIC, "--partitions", "3", "--yes").returncode == 0
    assert told(session, Kind.TOPIC_RESIZED) == "partitions 2 → 3"
    assert named(cluster, "delete", TOPIC, "--yes").returncode == 0
    assert told(session, Kind.TOPIC_DELETED) == "deleted: 3 partitions, RF 3"


def _in_transaction(kafka: Kafka) -> bool:
    found = look(kafka, topic_facts(kafka, "x"), "written").producers
    return any(writer.transaction_start is not None for writer in found)


def test_a_producer_and_its_open_transaction_are_seen(cluster: LocalCluster) -> None:
    assert named(cluster, "create", "written", "--partitions", "1", "--yes").returncode == 0
    producer = KafkaProducer(bootstrap_servers=cluster.bootstrap_servers, transactional_id="payer")
    try:
        producer.init_transactions()
        producer.begin_transaction()
        producer.send("written", b"v").get(15)
        with Kafka(cluster.bootstrap_servers, Security()) as kafka:
            (writer,) = look(kafka, topic_facts(kafka, "x", configs_of=("written",)), "written").producers
        assert (writer.transaction_start, writer.last_sequence) == (0, 0)
        listed = json.loads(named(cluster, "transactions", "--json").stdout)
        (open_one,) = [one for one in listed["open"] if one["id"] == "payer"]
        assert (open_one["state"], open_one["hangs"], open_one["topics"]) == (
            "Ongoing",
            False,
            {"written": [0]},
        )
        assert listed["silent"] == []
        uncommitted = named(cluster, "tail", "written", "--from", "earliest", "--no-follow", "--json")
        assert json.loads(uncommitted.stdout)["value"] == "v"
        words = ("--from", "earliest", "--committed", "--for", "1s")
        assert named(cluster, "tail", "written", *words).stdout == ""
        producer.commit_transaction()
        with Kafka(cluster.bootstrap_servers, Security()) as kafka:
            wait_for(lambda: not _in_transaction(kafka), 10, "the end of the transaction is in the log")
    finally:
        producer.close(timeout=5)
        named(cluster, "delete", "written", "--yes")
