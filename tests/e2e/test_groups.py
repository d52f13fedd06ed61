"""Consumer groups on a real Kafka: lag is the tool's own, each played verdict is right, changes are made."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from subprocess import CompletedProcess
from typing import Any

import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient, NewTopic
from kafka.errors import KafkaError
from kafka.structs import OffsetAndMetadata

from benchmarks.kafka_tool import lags
from msktop.model import rules
from msktop.model.groups import Group
from msktop.model.incidents import Kind
from msktop.session import Session
from msktop.sources import groups as groups_source
from msktop.sources.clock import Anchor, ClockSource
from msktop.sources.groups import GroupsSource
from msktop.sources.metadata import MetadataSource
from msktop.sources.offsets import OffsetsSource
from msktop.sources.pump import Source, ThreadPump
from msktop.wire.security import Security
from tests.command import run_here
from tests.e2e.conftest import LocalCluster, in_environment
from tests.e2e.test_cluster_cli import audit_lines
from tests.support import wait_for

pytestmark = pytest.mark.e2e

POLL_MS = 1000
"""Longer than joining takes on a busy machine: kafka-python 3.0 forgets a join that ends between two polls,
and joins anew."""


@pytest.fixture
def cluster(kraft_cluster: LocalCluster) -> LocalCluster:
    kraft_cluster.wait_healthy()
    return kraft_cluster


def make_topic(servers: str, name: str, partitions: int) -> None:
    admin = KafkaAdminClient(bootstrap_servers=servers)
    admin.create_topics([NewTopic(name, num_partitions=partitions, replication_factor=3)])
    admin.close()


def write(servers: str, topic: str, records: dict[int, int]) -> None:
    producer = KafkaProducer(bootstrap_servers=servers, enable_idempotence=False)
    for partition, count in records.items():
        for _ in range(count):
            producer.send(topic, b"x", partition=partition)
    producer.flush(20)
    producer.close()


def commit(servers: str, group: str, topic: str, offsets: dict[int, int]) -> None:
    consumer = KafkaConsumer(bootstrap_servers=servers, group_id=group, enable_auto_commit=False)
    consumer.assign([TopicPartition(topic, p) for p in offsets])
    consumer.commit({TopicPartition(topic, p): OffsetAndMetadata(o, "", -1) for p, o in offsets.items()})
    consumer.close()


@contextmanager
def watching(servers: str) -> Iterator[Session]:
    session, clock, security = Session(), Anchor.take(), Security()
    sources: list[Source] = [
        ClockSource(clock),
        MetadataSource(servers, security, clock, session.cluster),
        OffsetsSource(security, clock, session.cluster),
        GroupsSource(security, clock, session.cluster),
    ]
    session.start(None, [ThreadPump(source, session.emit, clock) for source in sources])
    try:
        yield session
    finally:
        session.stop()


def group_of(session: Session, name: str) -> Group | None:
    return session.cluster().groups.by_name.get(name)


# ------------------------------------------------------------------ lag


@pytest.mark.parametrize("mode", ["kraft", "zookeeper"])
def test_lag_is_that_of_kafkas_own_tool(mode: str, request: pytest.FixtureRequest) -> None:
    cluster: LocalCluster = request.getfixturevalue(f"{mode}_cluster")
    cluster.wait_healthy()
    servers = cluster.bootstrap_servers
    make_topic(servers, "lag-told", 6)
    write(servers, "lag-told", {0: 50, 1: 10, 3: 7})
    commit(servers, "lag-a", "lag-told", {0: 20, 1: 10, 2: 0})
    commit(servers, "lag-b", "lag-told", dict.fromkeys(range(6), 0))
    theirs = lags(cluster.state.kafka_version, servers, "lag-a", "lag-b")
    assert len(theirs) == 9

    with watching(servers) as session:

        def ours() -> dict[tuple[str, str, int], tuple[int, int, int]] | None:
            found = {}
            for name in ("lag-a", "lag-b"):
                group = group_of(session, name)
                for (topic, number), held in group.partitions() if group is not None else ():
                    if held.end is None or held.lag is None:
                        return None
                    found[name, topic, number] = (held.committed, held.end, held.lag)
            return found if len(found) == len(theirs) else None

        assert wait_for(ours, 10, "both groups told") == theirs
    told = json.loads(named(cluster, "describe", "lag-a", "--json").stdout)
    assert {
        ("lag-a", o["topic"], o["partition"]): (o["committed"], o["end"], o["lag"]) for o in told["offsets"]
    } == {key: value for key, value in theirs.items() if key[0] == "lag-a"}


# ------------------------------------------------------------------ verdicts


class Reader(threading.Thread):
    """A consumer that does what a test wants of it, and comes back when it was put out of its group."""

    def __init__(self, servers: str, group: str, topic: str, name: str = "c") -> None:
        super().__init__(daemon=True)
        self._made = {"bootstrap_servers": servers, "group_id": group, "client_id": name}
        self._topic = topic
        self.commits = threading.Event()
        self.commits.set()
        self.rewind = threading.Event()
        self.end = threading.Event()
        self.start()

    def run(self) -> None:
        while not self.end.is_set():
            with suppress(KafkaError):
                consumer = KafkaConsumer(
                    self._topic, enable_auto_commit=False, auto_offset_reset="earliest", **self._made
                )
                try:
                    while not self.end.is_set():
                        with suppress(KafkaError):
                            self._turn(consumer)
                finally:
                    consumer.close()

    def _turn(self, consumer: KafkaConsumer) -> None:
        consumer.poll(POLL_MS)
        if self.rewind.is_set() and consumer.assignment():
            self.rewind.clear()
            self.commits.clear()
            consumer.commit({p: OffsetAndMetadata(0, "", -1) for p in consumer.assignment()})
        elif self.commits.is_set():
            consumer.commit()


class Writer(threading.Thread):
    """Writes to every partition, all the time, by one producer that outlives what is refused."""

    def __init__(self, servers: str, topic: str, partitions: int) -> None:
        super().__init__(daemon=True)
        self._servers, self._topic, self._partitions = servers, topic, partitions
        self.end = threading.Event()
        self.start()

    def run(self) -> None:
        while not self.end.is_set():
            with suppress(KafkaError):
                producer = KafkaProducer(bootstrap_servers=self._servers, enable_idempotence=False)
                try:
                    while not self.end.wait(0.2):
                        with suppress(KafkaError):
                            for partition in range(self._partitions):
                                producer.send(self._topic, b"x", partition=partition)
                finally:
                    producer.close(timeout=5)


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Turns twice a second, and little patience."""
    monkeypatch.setattr(groups_source, "PERIOD_S", 0.5)
    monkeypatch.setattr(groups_source, "REQUESTS_PER_S", 10.0)
    monkeypatch.setattr(rules, "GROUP_STANDS_S", 3.0)


@pytest.mark.usefixtures("hasty")
def test_a_group_that_stalls_stops_goes_back_or_is_idle(cluster: LocalCluster) -> None:
    servers = cluster.bootstrap_servers
    make_topic(servers, "played", 2)
    make_topic(servers, "played-idle", 1)
    names = ("p-fine", "p-stalled", "p-stopped", "p-rewound")
    readers = {name: Reader(servers, name, "played", name) for name in names}
    readers["p-idle"] = Reader(servers, "p-idle", "played-idle")
    writer = Writer(servers, "played", 2)
    write(servers, "played-idle", {0: 3})
    try:
        with watching(servers) as session:

            def verdict(name: str) -> str:
                group = group_of(session, name)
                return group.verdict if group is not None and group.alive_at is not None else ""

            def moves(name: str) -> bool:
                group = group_of(session, name)
                return group is not None and any(len(h.commits) > 1 for _, h in group.partitions())

            wait_for(lambda: all(moves(name) for name in names), 120, "all groups at work")
            wait_for(lambda: verdict("p-idle") == "OK", 60, "the idle group known")
            readers["p-stalled"].commits.clear()
            readers["p-stopped"].end.set()
            readers["p-rewound"].rewind.set()
            wait_for(lambda: verdict("p-rewound") == "REWIND", 60, "REWIND")
            wait_for(lambda: verdict("p-stalled") == "STALL", 60, "STALL")
            wait_for(lambda: verdict("p-stopped") == "STOP", 60, "STOP")
            assert verdict("p-idle") == "OK"
            assert verdict("p-fine") in ("OK", "WARN")
            told = {(i.kind, i.subject) for i in session.view.incidents.log if i.severity == "warn"}
            assert told >= {
                (Kind.GROUP_STALLED, "p-stalled"),
                (Kind.GROUP_STOPPED, "p-stopped"),
                (Kind.GROUP_REWOUND, "p-rewound"),
            }
            assert not {subject for _, subject in told} & {"p-fine", "p-idle"}

            second = readers["second"] = Reader(servers, "p-fine", "played", "second")
            wait_for(lambda: _rebalanced(session, "p-fine"), 20, "a rebalance")
            wait_for(lambda: _members(session, "p-fine") == 2, 15, "two members")
            second.end.set()
    finally:
        writer.end.set()
        for reader in readers.values():
            reader.end.set()
        for thread in (*readers.values(), writer):
            thread.join(10)


def _rebalanced(session: Session, name: str) -> bool:
    log = session.view.incidents.log
    return any(i.kind is Kind.GROUP_REBALANCED and i.subject == name for i in log)


def _members(session: Session, name: str) -> int:
    group = group_of(session, name)
    return len(group.members or ()) if group is not None else 0


# ------------------------------------------------------------------ changes


def named(cluster: LocalCluster, *words: str) -> CompletedProcess[str]:
    with in_environment(cluster.xdg):
        return run_here("group", *words, "--local", cluster.name)


def offsets(cluster: LocalCluster, name: str) -> dict[int, int]:
    told: dict[str, Any] = json.loads(named(cluster, "describe", name, "--json").stdout)
    return {o["partition"]: o["committed"] for o in told["offsets"]}


def test_a_group_is_reset_and_deleted(cluster: LocalCluster) -> None:
    servers, home = cluster.bootstrap_servers, cluster.xdg["XDG_STATE_HOME"]
    make_topic(servers, "reset-told", 2)
    write(servers, "reset-told", {0: 30, 1: 5})
    commit(servers, "reset-me", "reset-told", {0: 10, 1: 5})

    dry = named(cluster, "reset", "reset-me", "--to", "earliest", "--dry-run", "--json")
    assert dry.returncode == 0, dry.stderr
    assert json.loads(dry.stdout)["after"] == {"reset-told-0": "0", "reset-told-1": "0"}
    assert offsets(cluster, "reset-me") == {0: 10, 1: 5}
    assert named(cluster, "reset", "reset-me", "--to", "earliest").returncode == 1  # nobody to ask

    for place, then in (
        ("latest", {0: 30, 1: 5}),
        ("-8", {0: 22, 1: 0}),
        ("1h", {0: 0, 1: 0}),
        ("4", {0: 4, 1: 4}),
    ):
        done = named(cluster, "reset", "reset-me", "--to", place, "--yes")
        assert done.returncode == 0, done.stderr
        assert offsets(cluster, "reset-me") == then, place
    line, result = audit_lines(home)[-2:]
    assert (line["action"], line["before"]) == (
        "Kafka OffsetCommit",
        {"reset-told-0": "0", "reset-told-1": "0"},
    )
    assert result["result"] == "accepted"

    refused = named(cluster, "reset", "orders-fulfilment", "--to", "latest", "--yes")
    assert refused.returncode == 1
    assert "only an empty group" in refused.stderr
    gone = named(cluster, "delete", "reset-me", "--yes", "--json")
    assert json.loads(gone.stdout)["accepted"], gone.stderr
    assert "no group 'reset-me'" in named(cluster, "describe", "reset-me").stderr
