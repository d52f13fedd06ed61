"""A real failure, recorded while it was watched, replays to equal incidents and an equal status."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from msktop import compose, targets
from msktop.headless.documents import status_document
from msktop.model.cluster import Cluster
from msktop.model.detect import detect
from msktop.model.incidents import Incident, Incidents
from msktop.model.reduce import reduce
from msktop.recording.reader import Recording
from msktop.session import Session, View
from tests.e2e.conftest import LocalCluster, in_environment
from tests.recording.pictures import pictures_of
from tests.support import wait_for

pytestmark = pytest.mark.e2e

BACK_S = 60.0
"""A broker's restart on two busy cores."""


@dataclass
class Seen:
    """A recording of a failure, and what the session that made it showed meanwhile."""

    path: Path
    moments: dict[str, View] = field(default_factory=dict)


@pytest.fixture(scope="module")
def seen(kraft_cluster: LocalCluster, tmp_path_factory: pytest.TempPathFactory) -> Seen:
    """Broker 2 of a real cluster is killed and comes back, watched and recorded from the first sample on."""
    kraft_cluster.wait_balanced()
    with in_environment(kraft_cluster.xdg):
        target = targets.local(kraft_cluster.name)
    found = Seen(tmp_path_factory.mktemp("recorded") / "failure.msktop")
    session = Session(target.name)
    recorder = session.record(found.path)
    compose.live(target, session=session)
    try:
        wait_for(lambda: _words(session.view) == ["up"] * 3, 60, "three brokers up")
        wait_for(lambda: _all_told(session.view), 90, "end offsets and a page of every broker")
        found.moments["healthy"] = session.view
        kraft_cluster.fail(2, "kill")
        wait_for(lambda: _words(session.view)[1] == "down", 10, "b-2 down")
        found.moments["down"] = session.view
        kraft_cluster.resume(2)
        wait_for(lambda: _words(session.view) == ["up"] * 3, BACK_S, "b-2 back")
        wait_for(lambda: _calm(session.view), BACK_S, "the cluster as before")
        found.moments["recovered"] = session.view
    finally:
        session.stop()
        recorder.close()
        kraft_cluster.wait_healthy()
    return found


def _words(view: View) -> list[str]:
    return [broker.probe.word for broker in view.cluster.brokers.values()]


def _calm(view: View) -> bool:
    """No incident lasts, every replica is in sync, and the control plane has nothing left to heal."""
    cluster = view.cluster
    return not view.incidents.open and not cluster.totals.under_replicated and cluster.state == "ACTIVE"


def _all_told(view: View) -> bool:
    """Probes, Metadata, end offsets and at least one page, so that the failure meets a full picture."""
    brokers = view.cluster.brokers.values()
    told = all(b.messages.last is not None or not b.counts.leaders for b in brokers)
    return told and all((b.jmx.at or b.node.at) is not None for b in brokers)


def _states(path: Path) -> Iterator[View]:
    """What was true after each sample of a recording."""
    cluster, incidents = Cluster(), Incidents()
    with Recording(path) as recording:
        for sample in recording.samples():
            old, cluster = cluster, reduce(cluster, sample)
            incidents = detect(incidents, old, cluster)
            yield View(cluster, incidents)


def _of(view: View) -> tuple[dict[str, Any], tuple[Incident, ...]]:
    return status_document(view), view.incidents.log


@pytest.mark.parametrize("moment", ["healthy", "down", "recovered"])
async def test_what_was_shown_then_is_what_a_replay_shows(seen: Seen, moment: str) -> None:
    live = seen.moments[moment]
    candidates = [v for v in _states(seen.path) if v.cluster.at == live.cluster.at]
    assert candidates, "the moment is in the recording"
    same = [view for view in candidates if _of(view) == _of(live)]
    if not same:  # then say how they differ
        assert _of(candidates[-1]) == _of(live)
    assert await pictures_of(live) in [await pictures_of(view) for view in same]


def test_a_replay_through_the_session_ends_like_the_recording(seen: Seen) -> None:
    session, source = compose.replay(seen.path, speed=math.inf)
    try:
        *_, last = _states(seen.path)
        wait_for(
            lambda: source.head.finished and session.view.cluster.at == last.cluster.at,
            30,
            "the replay's end",
        )
        assert _of(session.view) == _of(last)
        source.head.pause()
        source.head.seek(seen.moments["down"].cluster.at)
        wait_for(lambda: not source.seeking and _words(session.view)[1] == "down", 30, "the failure again")
    finally:
        session.stop()
        source.close()


def test_the_recording_is_whole_and_holds_the_failure(seen: Seen) -> None:
    with Recording(seen.path) as recording:
        assert recording.damage is None
        kinds = {type(sample).__name__ for sample in recording.samples()}
        assert recording.skipped.total == 0
    assert {"SessionStarted", "Tick", "Probed", "MetadataSeen", "PageScraped", "OffsetsSeen"} <= kinds
    [failure] = [
        i for i in seen.moments["recovered"].incidents.log if i.subject == "b-2" and i.severity == "crit"
    ]
    assert failure.ended is not None
