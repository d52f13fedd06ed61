"""A recorded failure replays to equal incidents and an equal status document, also after seeking back."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from msktop.headless.documents import status_document
from msktop.model.cluster import Cluster
from msktop.model.detect import detect
from msktop.model.incidents import Incidents, Kind
from msktop.model.reduce import reduce
from msktop.model.samples import Sample, Tick
from msktop.session import Session, View
from msktop.sources.clock import Anchor
from msktop.sources.pump import ThreadPump
from msktop.sources.replay import ReplaySource
from tests.model.story import Story
from tests.support import wait_for

from .pictures import pictures_of
from .sessions import written


def a_failure() -> Story:
    """Three brokers; the second dies, its leaders move, it comes back and catches up."""
    story = Story().healthy()
    for _ in range(4):
        story.later(0.25).answers().tick()
    story.later(0.1).resets(2).refuses(2).tick()
    story.later(0.4).metadata(without=[2]).answers(1, 3).tick()
    for _ in range(8):
        story.later(0.25).answers(1, 3).refuses(2).tick()
    story.connects(2).later(0.5).answers().metadata(out_of_sync=[2]).tick()
    story.epoch += 1
    story.later(2.0).answers().metadata().tick()
    for _ in range(4):
        story.later(0.25).answers().tick()
    return story


def folded(samples: Iterable[Sample]) -> View:
    """What these samples lead to."""
    cluster, incidents = Cluster(), Incidents()
    for sample in samples:
        old, cluster = cluster, reduce(cluster, sample)
        incidents = detect(incidents, old, cluster)
    return View(cluster, incidents)


@pytest.fixture
def story() -> Story:
    story = a_failure()
    assert any(i.kind is Kind.BROKER_UNREACHABLE and i.ended is not None for i in story.incidents.log)
    return story


def replayed(path: Path, *then: Callable[[ReplaySource], None]) -> View:
    """What a session shows at the end of a replay at full speed, and after what is done `then`."""
    session = Session("replay")
    source = ReplaySource(path, speed=math.inf, backlog=session.backlog)
    session.start(None, [ThreadPump(source, session.emit, Anchor.take())])
    _settle(source, session)
    for action in then:
        action(source)
        _settle(source, session)
    view = session.view
    session.stop()
    source.close()
    return view


def _settle(source: ReplaySource, session: Session) -> None:
    """Wait until the replay stands and all that it gave is folded."""
    wait_for(
        lambda: source.head.paused and not source.seeking and _all_folded(source, session),
        deadline_s=10,
        what="the replay standing still",
    )


def _all_folded(source: ReplaySource, session: Session) -> bool:
    newest = max(s.at for s in source.recording.samples() if s.at <= source.head.position)
    return session.view.cluster.at == newest


def test_a_replay_ends_with_equal_incidents_and_an_equal_status(story: Story, tmp_path: Path) -> None:
    view = replayed(written(tmp_path / "a.msktop", story.samples))
    assert view.incidents.log == story.incidents.log
    assert status_document(view) == status_document(View(story.cluster, story.incidents))


def test_it_is_equal_again_after_going_back(story: Story, tmp_path: Path) -> None:
    path = written(tmp_path / "a.msktop", story.samples)
    view = replayed(path, _from_its_start)
    assert view.incidents.log == story.incidents.log
    assert status_document(view) == status_document(View(story.cluster, story.incidents))


def test_a_replay_leads_to_an_equal_past_for_the_timeline(story: Story, tmp_path: Path) -> None:
    path = written(tmp_path / "a.msktop", story.samples)
    live = _past(View(story.cluster, story.incidents))
    assert live[0], "the story has a past"
    assert _past(replayed(path)) == live
    assert _past(replayed(path, _from_its_start)) == live


def _past(view: View) -> tuple[object, ...]:
    past = view.cluster.past
    series = (past.under_replicated, past.leaders_moved, past.slowest_ms)
    return (*(list(one.since(0.0)) for one in series), past.states)


async def test_a_replay_ends_with_equal_pictures(story: Story, tmp_path: Path) -> None:
    view = replayed(written(tmp_path / "a.msktop", story.samples))
    live = await pictures_of(View(story.cluster, story.incidents))
    assert await pictures_of(view) == live
    before = await pictures_of(folded(story.samples[: len(story.samples) // 2]))
    assert before != live, "the pictures tell one moment from another"


def _from_its_start(source: ReplaySource) -> None:
    source.head.seek(source.head.begins)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.6, 0.9])
def test_any_moment_can_be_opened_again(story: Story, tmp_path: Path, share: float) -> None:
    path = written(tmp_path / "a.msktop", story.samples)
    first = next(s.at for s in story.samples if isinstance(s, Tick))
    last = story.samples[-1].at
    moment = first + share * (last - first)

    def open_moment(source: ReplaySource) -> None:
        source.head.pause()
        source.head.seek(moment)

    then = folded(s for s in story.samples if s.at <= moment)
    view = replayed(path, open_moment)
    assert view.incidents.log == then.incidents.log
    assert status_document(view) == status_document(then)


def test_a_session_that_records_gives_the_same(story: Story, tmp_path: Path) -> None:
    live = Session("demo")
    recorder = live.record(tmp_path / "a.msktop")
    live.start(None, [])
    for sample in story.samples:
        live.emit(sample)
    wait_for(lambda: live.view.cluster.at == story.cluster.at, 10, "everything folded")
    view = live.view
    live.stop()
    assert recorder.error is None
    again = replayed(recorder.path)
    assert again.incidents.log == view.incidents.log == story.incidents.log
    assert status_document(again) == status_document(view)
