"""Records on the screen: seen, searched, held, opened; and never saved."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from msktop.actions.kafka import Kafka
from msktop.actions.tail import AtEnd, Note, Seen, Since, Tail
from msktop.errors import ActionError
from msktop.ui.picture import rows_of
from msktop.ui.places import Place
from msktop.ui.screens.record import RecordScreen
from msktop.ui.screens.records import RecordsScreen
from msktop.wire.records import Record
from msktop.wire.security import Security
from tests.ui.drill import Shown, showing
from tests.ui.pictures import SIZES, approve, told
from tests.ui.scenes_detail import scene
from tests.ui.test_topic_forms import FakeTopics, form

SECRET = "4111-1111"
RECORDS = Place("records", topic="orders")


def record(offset: int, key: bytes | None, value: bytes | None, **more: object) -> Seen:
    headers = (("trace", b"abc"), ("bin", b"\xff\0")) if more.get("headers") else ()
    return Seen(offset % 3, Record(offset, 1_763_908_322.0 + offset, key, value, headers))


GIVEN = (
    record(1, b"k-1", b'{"card": "%b", "amount": 12.5}' % SECRET.encode(), headers=True),
    record(2, b"\x00\x00\x00\x00\x0ckey", b"\x00\x00\x00\x00\x0d\xff\xfe"),
    record(3, b"k-3", None),
    record(4, "注文\x1b[31m".encode(), b"x" * 100_000),
)


@dataclass(slots=True)
class FakeTail(Tail):
    def read(self) -> Iterator[Seen | Note | AtEnd]:
        if self.topic == "broken":
            raise TypeError(SECRET)
        if self.topic == "missing":
            raise ActionError("missing cannot be read", "There is no such topic.")
        yield from GIVEN
        yield Note("partition 2, offset 5: compressed with zstd, which Python unpacks from 3.14 on")
        yield AtEnd()
        self.stop.wait(60)


class WithRecords(FakeTopics):
    since: Since | None = None

    def tail(self, topic: str, since: Since, partition: int | None = None) -> Tail:
        assert threading.current_thread() is not threading.main_thread(), "Kafka is never asked by the screen"
        self.since = since
        return FakeTail(Kafka("127.0.0.1:1", Security()), topic, since, partition)


def said(shown: Shown) -> str:
    """What messages over the screen say."""
    return " ".join(one.message for one in shown.app._notifications)


async def filled(shown: Shown) -> None:
    await shown.until(lambda: "4 read" in shown.text)
    await shown.settle()


async def test_records_are_seen_newest_first_and_harmless() -> None:
    async with showing(scene("dead"), RECORDS, topics=WithRecords()) as shown:
        await filled(shown)
        assert shown.row("k-1", SECRET)
        assert shown.row("(12) key", "00 00 00 00 0d ff fe")
        assert shown.row("k-3", "null")
        assert "\x1b" not in shown.text
        assert shown.row("compressed with zstd")


async def test_one_is_opened_with_all_that_is_in_it() -> None:
    async with showing(scene("dead"), RECORDS, topics=WithRecords()) as shown:
        await filled(shown)
        await shown.press("end", "enter")
        assert shown.row("Partition 1, offset 1")
        assert shown.row("Header trace")
        assert shown.row("ff 00")
        await shown.press("h", "h", "h")
        assert shown.row("6b 2d 31")
        await shown.press("escape")
        assert shown.place == RECORDS


async def test_they_are_searched_and_held_and_begun_elsewhere() -> None:
    actor = WithRecords()
    async with showing(scene("dead"), RECORDS, topics=actor) as shown:
        await filled(shown)
        await shown.press("slash", *"amount", "enter")
        assert "k-3" not in shown.text
        assert shown.row("k-1")
        await shown.press("escape", "space")
        assert shown.row("held")
        await shown.press("f", *"earliest", "enter")
        await shown.until(lambda: actor.since == Since("earliest"))
        await shown.press("f", *"soon", "enter")
        assert "is no place to begin" in said(shown)


async def test_a_picture_that_is_frozen_stays_while_records_come() -> None:
    more = threading.Event()

    class Later(FakeTail):
        def read(self) -> Iterator[Seen | Note | AtEnd]:
            yield from GIVEN
            more.wait(5)
            yield record(5, b"k-5", b"later")

    class Growing(WithRecords):
        def tail(self, topic: str, since: Since, partition: int | None = None) -> Tail:
            return Later(Kafka("127.0.0.1:1", Security()), topic, since, partition)

    async with showing(scene("dead"), RECORDS, topics=Growing()) as shown:
        await filled(shown)
        await shown.press("p")
        more.set()
        screen = shown.app.screen
        assert isinstance(screen, RecordsScreen)
        await shown.until(lambda: screen._reading is not None and screen._reading.seen == 5)
        screen._tick()
        await shown.settle()
        assert "k-5" not in shown.text
        await shown.press("p")
        await shown.until(lambda: "k-5" in shown.text)


async def test_no_snapshot_is_made_of_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    async with showing(scene("dead"), RECORDS, topics=WithRecords()) as shown:
        await filled(shown)
        await shown.press("s")
        assert "records are never saved" in said(shown)
        await shown.press("end", "enter", "s", "escape", "escape", "s")
        await shown.until(lambda: any(tmp_path.rglob("*.svg")))
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert files
    assert not any(SECRET.encode() in file.read_bytes() for file in files)


async def test_nor_of_what_shows_behind_a_menu_over_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    for over in ("a", "question_mark"):
        async with showing(scene("dead"), RECORDS, topics=WithRecords()) as shown:
            await filled(shown)
            await shown.press(over)
            assert "xxxx" in shown.text, "the newest record still shows"
            await shown.press("s")
            assert not isinstance(shown.app.screen, RecordsScreen)
            assert "records are never saved" in said(shown)
    assert not list(tmp_path.rglob("*.svg"))


async def test_nor_of_one_that_is_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    async with form(0, WithRecords()) as shown:
        await shown.press("down", *SECRET)
        assert shown.row("value", SECRET)
        await shown.press("ctrl+s")
        assert "records are never saved" in said(shown)
    assert not list(tmp_path.rglob("*.svg"))


async def test_a_crash_leaves_nothing_of_them_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    kept: list[Exception | None] = []

    async def crash() -> None:
        async with showing(scene("dead"), RECORDS, topics=WithRecords()) as shown:
            await filled(shown)
            shown.app._handle_exception(ValueError(SECRET))
            kept.append(shown.app.crash)

    with pytest.raises(ValueError, match=SECRET):  # as the pilot of tests tells it
        await crash()
    assert "the monitor crashed: ValueError" in caplog.text
    assert SECRET not in caplog.text
    assert [str(one) for one in kept] == ["ValueError while records were looked at"]


async def test_all_of_one_says_what_is_left_out() -> None:
    headers = (("big", b"x" * 3000), *((f"h-{n}", b"") for n in range(102)))
    async with showing(scene("dead"), RECORDS, topics=WithRecords()) as shown:
        await filled(shown)
        shown.app.push_screen(RecordScreen(Seen(0, Record(1, 0.0, b"k", b"v", headers)), "auto"))
        await shown.settle()
        assert shown.row("Header big", "3,000 bytes, the first 2,048")
        await shown.press(*["pagedown"] * 30)
        assert shown.row("headers that are not shown: 3")


async def test_a_fault_of_ours_is_said_without_what_was_in_a_record(caplog: pytest.LogCaptureFixture) -> None:
    async with showing(scene("dead"), Place("records", topic="broken"), topics=WithRecords()) as shown:
        await shown.until(lambda: "cannot be read: TypeError" in shown.text)
        assert SECRET not in shown.text + caplog.text


async def test_what_cannot_be_read_is_said_and_a_replay_has_none() -> None:
    place = Place("records", topic="missing")
    async with showing(scene("dead"), place, topics=WithRecords()) as shown:
        await shown.until(lambda: "There is no such topic" in shown.text)
    async with showing(scene("dead"), RECORDS) as shown:
        assert shown.row("a recording has no records")


@pytest.mark.parametrize("size", SIZES)
async def test_pictures(size: str) -> None:
    async with showing(scene("dead"), RECORDS, SIZES[size], topics=WithRecords()) as shown:
        await filled(shown)
        approve(f"records-{size}", told(rows_of(shown.app.screen), styles=False))
        await shown.press("end", "enter")
        approve(f"record-{size}", told(rows_of(shown.app.screen), styles=False))
