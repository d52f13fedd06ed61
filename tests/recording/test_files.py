"""What the recorder writes, and what opening it promises."""

from __future__ import annotations

import os
import random
import stat
import threading
import zlib
from pathlib import Path

import msgspec
import pytest

from msktop.errors import RecordingError
from msktop.model.samples import HostStarved, Sample, SourceFailed, Tick
from msktop.recording import writer
from msktop.recording.codec import join
from msktop.recording.format import FRAME, HEAD, MAGIC, VERSION, Header, pack_frame, pack_head
from msktop.recording.reader import Recording
from msktop.recording.writer import Recorder

from .builder import random_samples
from .sessions import START, framed, quiet_session, written


def read(path: Path) -> tuple[list[Sample], str | None]:
    """Everything in a recording, and the damage."""
    with Recording(path) as recording:
        return list(recording.samples()), recording.damage


def flat(frames: list[list[Sample]]) -> list[Sample]:
    """The samples of all frames."""
    return [sample for frame in frames for sample in frame]


class TestRoundTrip:
    def test_every_kind_comes_back_in_order(self, tmp_path: Path) -> None:
        samples = random_samples(random.Random(7), each=20)
        assert read(written(tmp_path / "a.msktop", samples)) == (samples, None)

    def test_frames_share_one_stream_and_restart_it_now_and_then(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(writer, "RESTART_BYTES", 5_000)
        seconds = [list(quiet_session(1, seed=n)) for n in range(12)]
        path = framed(tmp_path / "a.msktop", *seconds)
        assert read(path) == ([s for one in seconds for s in one], None)

    def test_it_knows_what_it_holds_without_being_played(self, tmp_path: Path) -> None:
        samples = list(quiet_session(10))
        with Recording(written(tmp_path / "a.msktop", samples)) as recording:
            assert recording.header.target == "demo"
            assert recording.header.created is not None
            assert recording.samples_count == len(samples)
            assert recording.begins == START
            assert recording.ends == max(s.at for s in samples)
            assert recording.describe_damage() == ""

    def test_it_begins_with_its_first_tick_not_with_what_was_known_before(self, tmp_path: Path) -> None:
        old = SourceFailed(at=START - 3600, source="exporter", stage="tcp", reason="refused")
        with Recording(
            written(tmp_path / "a.msktop", [old, Tick(at=START), Tick(at=START + 1)])
        ) as recording:
            assert recording.begins == START

    def test_a_recording_of_nothing_opens(self, tmp_path: Path) -> None:
        with Recording(written(tmp_path / "a.msktop", [])) as recording:
            assert (recording.begins, recording.ends, list(recording.samples())) == (None, None, [])

    def test_what_a_later_version_says_is_skipped_and_counted(self, tmp_path: Path) -> None:
        payload = [msgspec.msgpack.encode(p) for p in (("Tick", {"at": 1.0}), ("Later", {"at": 2.0}))]
        path = tmp_path / "a.msktop"
        path.write_bytes(pack_head(Header()) + _plain_frame(join(payload), samples=2))
        with Recording(path) as recording:
            assert list(recording.samples()) == [Tick(at=1.0)]
            assert recording.skipped.kinds == {"Later": 1}
            assert recording.damage is None

    def test_a_sample_is_in_the_file_a_second_after_it_was_written(self, tmp_path: Path) -> None:
        recorder = Recorder(tmp_path / "a.msktop")
        empty = recorder.bytes
        recorder.write(Tick(at=1.0))
        for _ in range(300):  # 3 s at most
            if recorder.bytes > empty:
                break
            threading.Event().wait(0.01)
        assert read(recorder.path) == ([Tick(at=1.0)], None)
        recorder.close()


class TestDamage:
    def test_cut_anywhere_it_opens_with_what_came_before_and_says_so(self, tmp_path: Path) -> None:
        frames: list[list[Sample]] = [
            list(quiet_session(1)),
            [Tick(at=START + 1)],
            [HostStarved(at=START + 2, lag_ms=5.0)],
        ]
        data = framed(tmp_path / "whole.msktop", *frames).read_bytes()
        prefixes = [flat(frames[:n]) for n in range(4)]
        cut = tmp_path / "cut.msktop"
        whole = 0
        for size in range(len(MAGIC), len(data)):
            cut.write_bytes(data[:size])
            samples, damage = read(cut)
            assert samples in prefixes
            whole += damage is None
        assert whole == 3, "only a cut between two frames cannot be seen"

    def test_a_flipped_byte_anywhere_never_gives_another_sample(self, tmp_path: Path) -> None:
        rng = random.Random(3)
        frames: list[list[Sample]] = [
            list(quiet_session(1)),
            [Tick(at=START + 1)],
            random_samples(rng, each=1),
        ]
        data = framed(tmp_path / "whole.msktop", *frames).read_bytes()
        prefixes = [flat(frames[:n]) for n in range(3)]
        bad = tmp_path / "bad.msktop"
        for at in range(len(MAGIC), len(data)):
            bad.write_bytes(data[:at] + bytes([data[at] ^ rng.randrange(1, 256)]) + data[at + 1 :])
            if int.from_bytes(bad.read_bytes()[len(MAGIC) :][:2]) > VERSION:
                with pytest.raises(RecordingError, match="newer"):
                    read(bad)
                continue
            samples, damage = read(bad)
            assert samples in prefixes
            assert damage is not None

    def test_it_says_how_much_can_be_read_and_until_when(self, tmp_path: Path) -> None:
        path = framed(tmp_path / "a.msktop", [Tick(at=START)], [Tick(at=START + 1)])
        path.write_bytes(path.read_bytes()[:-1])
        with Recording(path) as recording:
            assert recording.describe_damage() == (
                "the recording is cut in the middle of a frame: "
                "1 samples until 2023-11-14 22:13:20 UTC can be read"
            )

    @pytest.mark.parametrize(
        "payload", [b"", b"\xff" * 9, b"\x03\x00"], ids=["nothing", "no deflate", "no samples"]
    )
    def test_a_whole_frame_of_rubbish_ends_it(self, tmp_path: Path, payload: bytes) -> None:
        path = framed(tmp_path / "a.msktop", [Tick(at=START)])
        frame = pack_frame(payload, samples=1, until=START + 1, restart=True)
        path.write_bytes(path.read_bytes() + frame)
        samples, damage = read(path)
        assert samples == [Tick(at=START)]
        assert damage is not None
        assert "cannot be understood" in damage

    def test_a_frame_that_inflates_without_end_is_damage(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("msktop.recording.reader.MOST_FRAME_BYTES", 10_000)
        path = tmp_path / "a.msktop"
        path.write_bytes(pack_head(Header()) + _plain_frame(bytes(1_000_000), samples=1))
        samples, damage = read(path)
        assert samples == []
        assert damage is not None

    def test_a_newer_format_is_refused_with_what_to_do(self, tmp_path: Path) -> None:
        path = tmp_path / "a.msktop"
        path.write_bytes(MAGIC + HEAD.pack(2, 3, 0) + b"???")
        with pytest.raises(RecordingError, match="newer") as caught:
            Recording(path)
        assert "newest" in caught.value.advice

    @pytest.mark.parametrize("content", [b"", b"hello\n", b"\x89msktop", b"\x1f\x8b" * 100])
    def test_another_file_is_no_recording(self, tmp_path: Path, content: bytes) -> None:
        path = tmp_path / "a"
        path.write_bytes(content)
        with pytest.raises(RecordingError, match="no recording"):
            Recording(path)

    def test_a_folder_a_pipe_and_nothing_are_no_recordings(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe")
        for path in (tmp_path, tmp_path / "pipe", tmp_path / "missing"):
            with pytest.raises(RecordingError):
                Recording(path)


class TestFiles:
    def test_file_and_new_folders_are_for_the_owner_only(self, tmp_path: Path) -> None:
        path = written(tmp_path / "new" / "newer" / "a.msktop", [Tick(at=1.0)])
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        assert stat.S_IMODE(path.parent.parent.stat().st_mode) == 0o700

    def test_another_file_is_never_written_over(self, tmp_path: Path) -> None:
        path = tmp_path / "a.msktop"
        path.write_text("precious")
        with pytest.raises(RecordingError, match="exists already"):
            Recorder(path)
        assert path.read_text() == "precious"

    def test_it_never_writes_through_a_link(self, tmp_path: Path) -> None:
        for target in ("precious", "missing"):
            (tmp_path / "precious").write_text("precious")
            link = tmp_path / f"to {target}"
            link.symlink_to(tmp_path / target)
            with pytest.raises(RecordingError, match="exists already"):
                Recorder(link)
        assert (tmp_path / "precious").read_text() == "precious"
        assert not (tmp_path / "missing").exists()

    def test_a_place_where_no_file_can_be_says_so(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        with pytest.raises(RecordingError, match="cannot be made"):
            Recorder(tmp_path / "file" / "a.msktop")


class TestTrouble:
    def test_a_full_disk_ends_the_recording_and_keeps_what_is_whole(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        heard: list[RecordingError] = []
        recorder = Recorder(tmp_path / "a.msktop", on_stop=heard.append)
        recorder.write(Tick(at=1.0))
        recorder.flush()
        monkeypatch.setattr(os, "write", _FullDisk(room=10))
        recorder.write(Tick(at=2.0))
        recorder.flush()
        recorder.write(Tick(at=3.0))
        recorder.close()
        assert recorder.error is not None
        assert "No space left" in recorder.error.title
        assert heard == [recorder.error]
        assert read(recorder.path) == ([Tick(at=1.0)], None)

    def test_a_disk_that_hangs_is_given_up_without_holding_anyone(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        recorder = Recorder(tmp_path / "a.msktop")
        hangs, go_on = threading.Event(), threading.Event()

        def append(_: bytes) -> None:
            hangs.set()
            go_on.wait(10)

        monkeypatch.setattr(recorder, "_append", append)
        monkeypatch.setattr(writer, "MOST_WAITING_BYTES", 100_000)
        monkeypatch.setattr(writer, "FLUSH_BYTES", 1)
        recorder.write(Tick(at=0.0))
        assert hangs.wait(10)
        for n in range(10_000):
            recorder.write(Tick(at=float(n)))
            if recorder.error is not None:
                break
        assert recorder.error is not None
        assert "too slow" in recorder.error.title
        go_on.set()
        recorder.close()

    def test_what_cannot_be_encoded_is_left_out_alone(self, tmp_path: Path) -> None:
        recorder = Recorder(tmp_path / "a.msktop")
        recorder.write(HostStarved(at=1.0, lag_ms=2**70))
        recorder.write(Tick(at=2.0))
        recorder.close()
        assert recorder.unwritable == 1
        assert read(recorder.path) == ([Tick(at=2.0)], None)

    def test_closing_twice_and_writing_after_it_do_nothing(self, tmp_path: Path) -> None:
        recorder = Recorder(tmp_path / "a.msktop")
        recorder.write(Tick(at=1.0))
        recorder.close()
        recorder.write(Tick(at=2.0))
        recorder.flush()
        recorder.close()
        assert read(recorder.path) == ([Tick(at=1.0)], None)


class _FullDisk:
    """Stands for os.write on a disk with `room` bytes left."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._write = os.write

    def __call__(self, file: int, data: memoryview) -> int:
        if self._room == 0:
            raise OSError(28, "No space left on device")
        done = self._write(file, data[: self._room])
        self._room -= done
        return done


def _plain_frame(data: bytes, samples: int) -> bytes:
    """A frame made by hand."""
    deflate = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    payload = deflate.compress(data) + deflate.flush(zlib.Z_SYNC_FLUSH)
    frame = pack_frame(payload, samples, until=START, restart=True)
    assert len(frame) == FRAME.size + len(payload)
    return frame
