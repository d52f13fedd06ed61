"""The write probe on a real cluster, beside an independent producer."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from msktop import compose, targets
from msktop.model.impact import Impact
from msktop.model.incidents import FAILURES, Incident
from msktop.model.report import report_of
from msktop.model.writes import PROBE_TOPIC
from msktop.session import Session
from tests.command import run_here
from tests.e2e.conftest import LocalCluster, in_environment
from tests.e2e.producing import Independent
from tests.support import wait_for

pytestmark = pytest.mark.e2e

AGREES_S = 0.5


@pytest.fixture(params=["kraft", "zookeeper"])
def cluster(request: pytest.FixtureRequest) -> LocalCluster:
    found = request.getfixturevalue(f"{request.param}_cluster")
    assert isinstance(found, LocalCluster)
    found.wait_balanced()
    return found


@contextmanager
def written(cluster: LocalCluster) -> Iterator[Session]:
    """A session that has written to every broker lately."""
    with in_environment(cluster.xdg):
        target = replace(targets.local(cluster.name), write_probe=True)
        session = Session(target.name)
        compose.live(target, session=session)
        try:
            wait_for(lambda: _all_written(session), 30, "a good write to every broker")
            yield session
        finally:
            session.stop()


def _all_written(session: Session) -> bool:
    cluster = session.cluster()
    brokers = cluster.brokers.values()
    fresh = [
        b
        for b in brokers
        if b.writes.ok_at is not None and cluster.at - b.writes.ok_at < 2 and b.writes.failing_since is None
    ]
    return len(fresh) == 3 and len({t.leader for t in cluster.writes.values()}) == 3


def test_every_broker_is_written_to_the_topic_is_audited_and_can_be_removed(cluster: LocalCluster) -> None:
    with written(cluster) as session:
        brokers = session.cluster().brokers.values()
        assert all(b.writes.last_ms is not None for b in brokers)
        topic = wait_for(lambda: session.cluster().topics.get(PROBE_TOPIC), 10, "the topic in Metadata")
        assert {len(p.replicas) for p in topic.partitions.values()} == {3}
    with in_environment(cluster.xdg):
        done = run_here("topic", "delete", PROBE_TOPIC, "--local", cluster.name, "--yes")
    assert (done.returncode, done.stderr) == (0, "")
    assert "done" in done.stdout
    lines = (Path(cluster.xdg["XDG_STATE_HOME"]) / "msktop" / "audit.jsonl").read_text().splitlines()
    begun = (line for line in map(json.loads, lines) if line["phase"] == "before")
    told = [line["action"] for line in begun if line["parameters"].get("topic") == PROBE_TOPIC]
    assert told[-2:] == ["Kafka CreateTopics", "Kafka DeleteTopics"]


@pytest.mark.soak  # most of a minute: a killed broker is fenced only after its session
def test_the_impact_of_a_killed_broker_agrees_with_an_independent_producer(cluster: LocalCluster) -> None:
    with written(cluster) as session:
        partitions = list(session.cluster().writes)
        independent = Independent(cluster.bootstrap_servers, PROBE_TOPIC, partitions)
        try:
            wait_for(lambda: all(len(t) > 5 for t in independent.taken.values()), 30, "independent records")
            cluster.fail(2, "kill")
            wait_for(lambda: "first_write" in _failure(session).marks, 60, "the first write")
            wait_for(lambda: _calm(session, independent), 30, "both write to every partition")
        finally:
            independent.end()
        failure, impact = _failure(session), _impact(session)
    assert {z.zone for z in impact.zones} == {"use1-az1", "use1-az2", "use1-az3"}
    assert failure.marks["first_write"] >= failure.marks["detected"]
    found = {
        one.partition: (one.longest_s, independent.longest_s(one.partition)) for one in impact.partitions
    }
    assert all(abs(ours - theirs) < AGREES_S for ours, theirs in found.values()), found
    cluster.wait_balanced()


def _calm(session: Session, independent: Independent) -> bool:
    """Both have written to everything in the last second."""
    now, cluster = time.monotonic(), session.cluster()
    theirs = all(now - times[-1] < 1 for times in independent.taken.values())
    return theirs and all(t.open is None and cluster.at - (t.ok_at or 0) < 1 for t in cluster.writes.values())


def _failure(session: Session) -> Incident:
    return wait_for(lambda: _newest(session), 15, "b-2 down")


def _newest(session: Session) -> Incident | None:
    log = session.view.incidents.log
    return next((i for i in reversed(log) if i.kind in FAILURES and i.broker == 2), None)


def _impact(session: Session) -> Impact:
    report = report_of(_failure(session), session.view.incidents.log, session.cluster().at)
    assert report is not None
    assert report.impact is not None
    assert report.impact.by == "write probe"
    return report.impact
