"""The stopwatch beside the supervisor's own log; a broker that only we cannot reach. On a real cluster."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from benchmarks.playing.way import Way
from msktop import compose, targets
from msktop.model.incidents import FAILURES, Incident, Kind
from msktop.model.report import report_of
from msktop.session import Session, View
from msktop.settings import Target
from msktop.wire.network import parse_addresses
from tests.e2e.conftest import LocalCluster, in_environment
from tests.support import wait_for

pytestmark = pytest.mark.e2e

BACK_S = 120.0
WARM_S = 120.0


@contextmanager
def watched(target: Target) -> Iterator[Session]:
    """A session that has seen every broker for long enough to know what is usual."""
    session = Session(target.name)
    compose.live(target, session=session)
    try:
        wait_for(lambda: _warm(session.view), WARM_S, "a baseline and two pages of every broker")
        yield session
    finally:
        session.stop()


def _warm(view: View) -> bool:
    brokers = view.cluster.brokers.values()
    return len(brokers) == 3 and all(b.probe.baseline and b.jmx.rates and b.log_dirs for b in brokers)


def failure_of(session: Session, broker: int) -> Incident | None:
    """The newest failure of a broker."""
    found = [i for i in session.view.incidents.log if i.kind in FAILURES and i.broker == broker]
    return found[-1] if found else None


def local(cluster: LocalCluster) -> Target:
    with in_environment(cluster.xdg):
        return targets.local(cluster.name)


@pytest.mark.soak  # a minute: what is usual must be known first
def test_the_stopwatch_of_a_killed_broker_agrees_with_the_supervisor(kraft_cluster: LocalCluster) -> None:
    kraft_cluster.wait_balanced()
    with watched(local(kraft_cluster)) as session:
        before = kraft_cluster.events_so_far()
        kraft_cluster.fail(2, "kill")
        wait_for(lambda: failure_of(session, 2), 15, "b-2 down")
        wait_for(lambda: "leaders_moved" in _marks(session), 60, "its leaders moved")
        kraft_cluster.resume(2)
        wait_for(lambda: {"answers", "isr_full"} <= _marks(session).keys(), BACK_S, "b-2 back")
        wait_for(lambda: _failure(session).replicated_bytes is not None, 60, "a page since")
        told = {e["event"]: e["at"] for e in kraft_cluster.events_of(2, before)}
        failure = _failure(session)

    assert abs(failure.began - told["INJECTED"]) < 0.5
    assert failure.marks["last_ok"] <= failure.began
    assert abs(failure.marks["answers"] - told["RECOVERED"]) < 1.5  # our next attempt comes within a second
    turns = ("detected", "leaders_moved", "answers", "isr_full")
    assert sorted(turns, key=lambda turn: failure.marks[turn]) == list(turns)
    assert failure.came_back == "replaced"
    report = report_of(failure, (failure,))
    assert report is not None
    assert report.same_address
    assert {e.observer for e in failure.evidence} >= {"our probe", "peers' Metadata", "supervisor"}


def _failure(session: Session) -> Incident:
    found = failure_of(session, 2)
    assert found is not None
    return found


def _marks(session: Session) -> dict[str, float]:
    return dict(_failure(session).marks)


# ------------------------------------------------------------------ cut off from us


@contextmanager
def by_a_way(cluster: LocalCluster) -> Iterator[tuple[Session, Way]]:
    """A session whose only way to b-2 is one that can be cut or slowed; its exporter is reached straight."""
    cluster.wait_balanced()
    node = cluster.state.node(2)
    assert node is not None
    way = Way((node.address, node.port))
    target = local(cluster)
    addresses = parse_addresses(f"{node.address}:{node.port}=127.0.0.1:{way.port}")
    network = replace(target.security.network, addresses=addresses)
    try:
        with watched(replace(target, security=replace(target.security, network=network))) as session:
            yield session, way
    finally:
        way.close()


@pytest.mark.soak  # a minute and a half: only what is usual can be exceeded
def test_a_broker_whose_way_to_us_is_slow_or_cut_is_not_blamed_for_long(kraft_cluster: LocalCluster) -> None:
    with by_a_way(kraft_cluster) as (session, way):
        way.later_s = 0.08
        wait_for(lambda: _slow(session) == ["b-2"], 60, "b-2 slower than usual")
        way.later_s = 0.0
        wait_for(lambda: not session.view.incidents.open, 60, "b-2 as fast as usual")

        way.cut()
        wait_for(lambda: failure_of(session, 2), 15, "b-2 silent")
        assert _failure(session).kind is Kind.BROKER_HUNG
        wait_for(lambda: _failure(session).kind is Kind.BROKER_PARTITIONED, 60, "b-2 alive for its peers")
        alive = {e.observer for e in _failure(session).evidence if e.says == "alive"}
        way.mend()
        wait_for(lambda: not _failure(session).open, 30, "b-2 answers again")
        assert _failure(session).kind is Kind.BROKER_PARTITIONED
        assert _failure(session).severity == "warn"
        assert alive & {"peers' Metadata", "exporter page"}
        assert {i.broker for i in session.view.incidents.log if i.kind in FAILURES} == {2}


def _slow(session: Session) -> list[str]:
    return [i.subject for i in session.view.incidents.log if i.kind is Kind.LATENCY_HIGH]
