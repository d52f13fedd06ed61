"""Recorders of real processes: killed in the middle, and at the end of what the system lets them write."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from msktop.model.samples import Tick
from msktop.recording.reader import Recording
from tests.support import wait_for

_RECORD = """
import resource, sys, threading
from pathlib import Path
from msktop.recording.writer import Recorder
from tests.recording.sessions import quiet_session

limit = int(sys.argv[2])
if limit:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
recorder = Recorder(Path(sys.argv[1]))
for n, sample in enumerate(quiet_session(3600)):
    recorder.write(sample)
    if n % 50 == 49:
        recorder.flush()
    if recorder.error is not None:
        print(recorder.error.title, flush=True)
        break
else:
    threading.Event().wait(60)
recorder.close()
"""


def _recorder(path: Path, limit: int = 0) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", _RECORD, str(path), str(limit)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_a_killed_recorder_leaves_a_recording_that_opens(tmp_path: Path) -> None:
    path = tmp_path / "a.msktop"
    with _recorder(path) as process:
        wait_for(lambda: path.exists() and path.stat().st_size > 20_000, 30, "something recorded")
        process.kill()
    with Recording(path) as recording:
        assert sum(1 for _ in recording.samples()) == recording.samples_count > 100
        assert recording.damage in (None, "is cut in the middle of a frame")


def test_where_nothing_more_may_be_written_all_that_was_whole_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.msktop"
    with _recorder(path, limit=20_000) as process:
        said, _ = process.communicate(timeout=30)
    assert "the recording has stopped: File too large" in said
    assert process.returncode == 0
    with Recording(path) as recording:
        assert recording.damage is None
        assert any(isinstance(sample, Tick) for sample in recording.samples())
    assert path.stat().st_size <= 20_000
