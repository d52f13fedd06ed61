"""Making and removing the probe topic: leave, audit, whom is asked."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from kafka.protocol.admin import CreateTopicsResponse

from msktop.actions.guard import Permit
from msktop.actions.probe_topic import ProbeTopic, wanted
from msktop.errors import ActionError
from msktop.model.broker import Broker
from msktop.model.cluster import Cluster
from msktop.model.topic import Topic
from msktop.model.writes import PROBE_TOPIC
from msktop.wire.security import Security
from tests.sources.answers import metadata_body
from tests.sources.fake_broker import FakeBroker

CREATE_TOPICS = 19
WRITE = Permit(write=True)


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return tmp_path


def audited(state: Path) -> list[dict[str, Any]]:
    file = state / "msktop" / "audit.jsonl"
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


class Taker:
    """A broker that answers CreateTopics with an error code, and counts those that were not only to check."""

    def __init__(self, error: int = 0) -> None:
        self.error = error
        self.taken = 0
        self.broker = FakeBroker(lambda: metadata_body([]), answers={CREATE_TOPICS: self._answer})

    def _answer(self, request: bytes) -> bytes:
        validate_only = request[-2] == 1
        self.taken += not validate_only
        one = CreateTopicsResponse.CreatableTopicResult(
            name=PROBE_TOPIC,
            error_code=self.error,
            error_message="so it is" if self.error else None,
            topic_config_error_code=0,
            num_partitions=3,
            replication_factor=1,
            configs=[],
        )
        return b"\0" + bytes(CreateTopicsResponse(throttle_time_ms=0, topics=[one]).encode(version=5))


def cluster(*takers: Taker, zones: int = 3) -> Cluster:
    brokers = {
        i: Broker(i, "127.0.0.1", t.broker.port, zone=f"az{i % zones}" if zones else None, in_metadata=True)
        for i, t in enumerate(takers, 1)
    }
    return Cluster(name="orders", cluster_id="c", brokers=brokers, metadata_at=1.0)


def ready(of: Cluster, said: Permit, is_ours: Callable[[str | None], bool] = lambda _: False) -> None:
    servers = ",".join(f"{b.host}:{b.port}" for b in of.brokers.values())
    ProbeTopic(servers, Security(), said, is_ours).ready(of)


def test_it_is_made_and_written_down_before_and_after(state: Path) -> None:
    taker = Taker()
    with taker.broker:
        ready(cluster(taker), WRITE)
    before, after = audited(state)
    assert (before["phase"], before["action"]) == ("before", "Kafka CreateTopics")
    assert before["cluster"] == "orders c"
    assert before["parameters"]["topic"] == PROBE_TOPIC
    assert before["before"] == {"topic": "absent"}
    assert (after["phase"], after["result"], after["id"]) == ("after", "accepted", before["id"])
    assert taker.taken == 1


@pytest.mark.parametrize(
    ("said", "is_ours"),
    [
        (Permit(), True),
        (Permit(write=True, read_only=True), True),
        (Permit(ours=True), False),  # loopback, or a state file, but another cluster answers
        (Permit(ours=True, read_only=True), True),
    ],
)
def test_without_leave_nothing_is_sent(state: Path, said: Permit, is_ours: bool) -> None:
    taker = Taker()
    with taker.broker, pytest.raises(ActionError, match="off"):
        ready(cluster(taker), said, lambda _: is_ours)
    assert (taker.taken, audited(state)) == (0, [])


def test_a_local_cluster_of_ours_needs_no_leave() -> None:
    taker = Taker()
    with taker.broker:
        ready(cluster(taker), Permit(ours=True), lambda cluster_id: cluster_id == "c")
    assert taker.taken == 1


def test_leave_is_asked_for_also_where_the_topic_is_there_already(state: Path) -> None:
    there = Cluster(topics={PROBE_TOPIC: Topic(PROBE_TOPIC)})
    ready(there, WRITE)
    with pytest.raises(ActionError):
        ready(there, Permit())
    assert audited(state) == []


def test_without_an_audit_log_nothing_is_sent(state: Path) -> None:
    (state / "msktop").write_text("in its way")
    taker = Taker()
    with taker.broker, pytest.raises(ActionError, match="audit"):
        ready(cluster(taker), WRITE)
    assert taker.taken == 0


def test_one_that_is_there_meanwhile_is_as_good(state: Path) -> None:
    taker = Taker(error=36)
    with taker.broker:
        ready(cluster(taker), WRITE)
    assert (taker.taken, audited(state)) == (0, [])


def test_what_the_broker_refuses_is_said_and_not_sent(state: Path) -> None:
    taker = Taker(error=29)
    with taker.broker, pytest.raises(ActionError) as refused:
        ready(cluster(taker), WRITE)
    assert "TOPIC_AUTHORIZATION_FAILED" in refused.value.advice
    assert (taker.taken, audited(state)) == (0, [])


@pytest.mark.parametrize(
    ("brokers", "zones", "replicas"), [(3, 3, 3), (4, 2, 2), (3, 0, 3), (1, 1, 1), (6, 3, 3)]
)
def test_there_are_as_many_replicas_as_zones(brokers: int, zones: int, replicas: int) -> None:
    takers = [Taker() for _ in range(brokers)]
    plan = wanted(cluster(*takers, zones=zones))
    for taker in takers:
        taker.broker.__exit__()
    assert (plan.parameters["replication"], plan.parameters["partitions"]) == (replicas, 3 * brokers)
