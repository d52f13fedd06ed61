"""Acknowledging and silencing from the lists of events, and the terminal's bell."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.driver import Driver

from msktop.alerting.desk import Desk
from msktop.alerting.notifiers_file import Notifier
from msktop.alerting.senders import TerminalSender
from msktop.alerting.store import Store
from msktop.model.incidents import Kind
from msktop.session import View
from msktop.ui.places import Place
from tests.model.story import Story
from tests.model.test_alert_rules import disk
from tests.support import wait_for
from tests.ui.drill import Shown, showing


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    bell = Notifier("bell", "terminal", TerminalSender(desktop="osc9"), group_s=0.0)
    desk = Desk("demo", [bell], lambda _: None, screen=True, store=Store(tmp_path / "alerts.json"))
    desk.start()
    yield desk
    desk.stop()


def filling() -> View:
    """A disk of 86 %, on a broker that answers."""
    story = Story().healthy()
    disk(story.later(60.0).answers().tick(), 86)
    return View(story.cluster, story.incidents)


async def said(shown: Shown, words: str) -> None:
    await shown.until(lambda: any(words in str(note.message) for note in shown.app._notifications))


async def test_an_event_is_acknowledged_and_not_any_more(desk: Desk) -> None:
    async with showing(filling(), Place("incidents")) as shown:
        shown.feed.desk = desk
        await shown.press("A")
        await said(shown, "b-1 disk: acknowledged")
        assert [ack.key.kind for ack in desk.store.marks().acks] == ["disk"]
        await shown.until(lambda: "acknowledged by" in shown.text)
        assert "1 acknowledged" in shown.row("Events")
        await shown.press("A")
        await said(shown, "no longer acknowledged")
        assert not desk.store.marks().acks


async def test_one_event_is_silenced_for_a_time_that_is_typed(desk: Desk) -> None:
    async with showing(filling(), Place("incident", incident=1)) as shown:
        shown.feed.desk = desk
        await shown.press("z", *"soon", "enter")
        await said(shown, "'soon' is no duration")
        await shown.press("z", *"2h", "enter")
        await said(shown, "b-1 disk: silenced")
        (silence,) = desk.store.marks().silences
        assert (silence.what, silence.subject, silence.cluster) == ("disk", "b-1", "demo")
        assert silence.until - silence.at == 7200.0
        await shown.until(lambda: "silenced until" in shown.text)
        await shown.press("z", "0", "enter")
        await said(shown, "no longer silenced")


async def test_the_limits_name_every_silence(desk: Desk) -> None:
    async with showing(filling(), Place("overview"), (200, 60)) as shown:
        shown.feed.desk = desk
        desk.silence(filling().incidents.open[0], 7200.0)
        await shown.press("u")
        assert "silenced: disk of b-1 until " in shown.row("30 rules")


@pytest.mark.parametrize("key", ["A", "z"])
async def test_a_replay_tells_nobody(key: str) -> None:
    async with showing(filling(), Place("incidents")) as shown:
        await shown.press(key)
        await said(shown, "not yet")


async def test_the_rule_and_what_to_do_stand_in_the_event() -> None:
    async with showing(filling(), Place("incident", incident=1)) as shown:
        assert shown.row("rule", "disk_85")
        assert shown.row("what to do", "Enlarge the volumes")


async def test_the_terminal_rings_through_the_driver(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    view = filling()
    assert [i.kind for i in view.incidents.open] == [Kind.DISK]
    async with showing(view, Place("overview")) as shown:
        driver = shown.app._driver
        assert isinstance(driver, Driver)
        monkeypatch.setattr(driver, "write", written.append)
        shown.feed.desk = desk
        desk(view)
        await shown.until(lambda: any("\x1b]9;" in text for text in written))
    (rung,) = [text for text in written if "\x1b]9;" in text]
    assert rung.startswith("\a\x1b]9;demo: b-1 disk")
    wait_for(lambda: desk.take_terminal() == "", 5.0, "it rings once")
