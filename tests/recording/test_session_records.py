"""How a session records: from any moment on, to one file at a time, and past a full disk."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from msktop.errors import RecordingError
from msktop.model.samples import SessionStarted, Tick
from msktop.recording.reader import Recording
from msktop.session import Session
from tests.model.story import Story
from tests.support import wait_for

from .test_replay_equals_live import folded


@pytest.fixture
def session() -> Session:
    """A session that has seen a healthy cluster."""
    session = Session("demo")
    session.start(None, [])
    story = Story().healthy()
    for sample in story.samples:
        session.emit(sample)
    wait_for(lambda: session.view.cluster.at == story.cluster.at, 10, "the story folded")
    return session


def test_a_recording_from_the_middle_begins_with_what_was_known(session: Session, tmp_path: Path) -> None:
    session.record(tmp_path / "a.msktop")
    session.emit(Tick(at=2000.0))
    recorder = session.stop_recording(timeout_s=5.0)
    assert recorder is not None
    with Recording(recorder.path) as recording:
        samples = list(recording.samples())
        assert recording.header.target == "demo"
    assert isinstance(samples[0], SessionStarted)
    view = folded(samples)
    assert set(view.cluster.brokers) == set(session.view.cluster.brokers)
    assert view.cluster.totals == session.view.cluster.totals
    assert view.cluster.at == 2000.0
    session.stop()


def test_a_recording_that_is_ended_at_once_is_closed(session: Session, tmp_path: Path) -> None:
    begun = session.record(tmp_path / "a.msktop")
    assert session.stop_recording(timeout_s=5.0) is begun
    assert session.recorder is None
    assert session.stop_recording(timeout_s=5.0) is None
    session.stop()


def test_a_second_recording_ends_the_first(session: Session, tmp_path: Path) -> None:
    first, second = session.record(tmp_path / "a.msktop"), session.record(tmp_path / "b.msktop")
    session.emit(Tick(at=2000.0))
    assert session.stop_recording(timeout_s=5.0) is second
    with Recording(first.path) as recording:
        assert Tick(at=2000.0) not in list(recording.samples())
        assert recording.damage is None
    session.stop()


def test_a_file_that_exists_is_refused_and_nothing_is_recorded(session: Session, tmp_path: Path) -> None:
    (tmp_path / "a.msktop").write_text("precious")
    with pytest.raises(RecordingError):
        session.record(tmp_path / "a.msktop")
    assert session.recorder is None
    session.stop()


def test_a_full_disk_ends_the_recording_visibly_and_the_session_goes_on(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = session.record(tmp_path / "a.msktop")
    wait_for(lambda: session.recorder is recorder, 5, "the recording under way")

    def full(file: int, data: memoryview) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    session.emit(Tick(at=2000.0))
    recorder.flush()
    wait_for(lambda: "recorder" in session.view.cluster.sources, 5, "the failure shown")
    assert "No space left" in session.view.cluster.sources["recorder"].reason
    assert session.recorder is None
    session.emit(Tick(at=2001.0))
    wait_for(lambda: session.view.cluster.at == 2001.0, 5, "the session going on")
    monkeypatch.undo()
    session.record(tmp_path / "b.msktop")
    wait_for(
        lambda: session.view.cluster.sources["recorder"].failed_at is None, 5, "a new recording that works"
    )
    session.stop()
