"""Changing topics from the monitor, by keys: the menu, each form, what is sent and what came of it."""

from __future__ import annotations

import shlex
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from msktop.actions.guard import Permit, permit
from msktop.actions.kafka import Kafka
from msktop.actions.perform import Sent
from msktop.actions.plan import Plan
from msktop.actions.send import NewRecord
from msktop.actions.tail import Since, Tail
from msktop.actions.topic_facts import TopicFacts
from msktop.actions.topic_looking import Looked, look
from msktop.errors import ActionError, MsktopError
from msktop.ui.filling import Page
from msktop.ui.form_topics import SEND
from msktop.ui.picture import rows_of
from msktop.ui.places import Place
from msktop.ui.screens.topic_form import TopicFormScreen
from msktop.wire.security import Security
from tests.actions.test_topics import entry, facts
from tests.ui.drill import Shown, showing
from tests.ui.pictures import SIZES, approve, told
from tests.ui.scenes_detail import scene

TOPICS = Place("topics")
OF_ONE = Place("partitions", topic="orders")


@dataclass
class FakeTopics:
    """Kafka's hand: says what it is told to, and notes what was sent."""

    said: Permit = field(default_factory=lambda: Permit(write=True))
    found: TopicFacts | MsktopError = field(default_factory=facts)
    outcome: Sent | Exception = field(default_factory=lambda: Sent("id", None))
    sent: list[Plan] = field(default_factory=list)
    written: list[NewRecord] = field(default_factory=list)

    def hindrance(self) -> str:
        return self.said.hindrance

    def facts(self, topic: str | None) -> TopicFacts:
        assert threading.current_thread() is not threading.main_thread(), "Kafka is never asked by the screen"
        if isinstance(self.found, MsktopError):
            raise self.found
        return self.found

    def look(self, topic: str) -> Looked:
        return look(Kafka("127.0.0.1:1", Security()), self.facts(topic), topic)

    def send(self, plan: Plan, typed: str, topic: str | None, again: Callable[[TopicFacts], Plan]) -> Sent:
        permit(plan, self.said, lambda _: typed)
        assert again(facts()) == plan
        self.sent.append(plan)
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome

    def write(
        self, plan: Plan, record: NewRecord, typed: str, topic: str, again: Callable[[TopicFacts], Plan]
    ) -> Sent:
        permit(plan, self.said, lambda _: typed)
        assert again(facts()) == plan
        self.written.append(record)
        return Sent("id", None, told="partition 1, offset 17")

    def tail(self, topic: str, since: Since, partition: int | None = None) -> Tail:
        return Tail(Kafka("127.0.0.1:1", Security()), topic, since, partition)


def page(shown: Shown) -> Page:
    screen = shown.app.screen
    assert isinstance(screen, TopicFormScreen), screen
    return screen.page


@asynccontextmanager
async def form(
    down: int, actor: FakeTopics, place: Place = OF_ONE, size: tuple[int, int] = (120, 40)
) -> AsyncIterator[Shown]:
    async with showing(scene("dead"), place, size, topics=actor) as shown:
        await shown.press("a", *["down"] * down, "enter")
        await shown.until(lambda: page(shown).phase != "reading")
        await shown.settle()
        yield shown


async def test_the_menu_is_of_the_topic_under_the_cursor() -> None:
    async with showing(scene("dead"), TOPICS, topics=FakeTopics()) as shown:
        assert shown.row("a act")
        await shown.press("down", "a")
        assert shown.row("Change topic ledger")
        for item in ("Add partitions", "Change a setting", "Delete it", "Create another topic"):
            assert shown.row(item)
        await shown.press("escape")
        assert shown.place == TOPICS


async def test_a_topic_is_made() -> None:
    actor = FakeTopics()
    async with form(5, actor) as shown:
        await shown.press(*"payments", "down", *"6", "down", "down", *"2")
        assert shown.row("Same as", "msktop topic create payments --partitions 6")
        assert shown.row("partitions 6, replication 3, min.insync.replicas 2")
        await shown.press(*["down"] * 4, *"yes", "enter")
        await shown.until(lambda: page(shown).phase == "sent")
        assert shown.row("Kafka has done it")
        assert actor.sent[0].parameters["config"] == {"min.insync.replicas": "2"}


async def test_a_setting_is_shown_with_what_it_was_and_can_be_given_back() -> None:
    actor = FakeTopics()
    async with form(2, actor) as shown:
        assert shown.row("now 604800000, the default")
        await shown.press("down", *"1000")
        assert shown.row("retention.ms 604800000 → 1000")
        assert shown.row("deleted for good")
        await shown.press("enter", *"yes", "enter")
        await shown.until(lambda: page(shown).phase == "sent")
        assert actor.sent[0].parameters["changes"] == {"retention.ms": "1000"}


async def test_a_topic_ends_only_when_its_name_is_typed() -> None:
    actor = FakeTopics()
    async with form(4, actor) as shown:
        assert shown.row("Type the topic's name to go on")
        await shown.press(*"yes", "enter")
        assert actor.sent == []
        await shown.press("ctrl+u", *"orders", "enter")
        await shown.until(lambda: page(shown).phase == "sent")
        assert actor.sent[0].operation == "DeleteTopics"


async def test_a_record_is_sent() -> None:
    actor = FakeTopics()
    async with form(0, actor) as shown:
        assert shown.row("Which partition?")
        await shown.press(*"k", "down", *"v", "down", *"h=x", "down")
        assert shown.row("Write one record of 2 bytes into orders")
        assert shown.row("Same as", "msktop topic send orders --key k --value v --header h=x --write")
        await shown.press("down", *"yes", "enter")
        await shown.until(lambda: page(shown).phase == "sent")
        assert shown.row("partition 1, offset 17")
    assert actor.written == [NewRecord(b"k", b"v", (("h", b"x"),))]


async def test_the_command_that_does_the_same_can_be_typed() -> None:
    moved = replace(facts(), topics={"orders": entry("orders", leader=2)})
    async with form(3, FakeTopics(found=moved)) as shown:
        assert shown.row("Same as", "msktop topic elect --topic orders --write")
    said = " ".join(SEND.words({"key": "a b", "value": "it's $HOME", "headers": "h=x", "partition": "2"}))
    assert shlex.split(said) == [
        *("--key", "a b", "--value", "it's $HOME", "--header", "h=x", "--partition", "2")
    ]


async def test_a_snapshot_shows_the_menu_and_the_form_that_is_open(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))

    def pictures() -> str:
        return " ".join(one.read_text(encoding="utf-8") for one in tmp_path.rglob("*.svg"))

    async with form(1, FakeTopics()) as shown:
        await shown.press("s", "ctrl+s")
        await shown.until(lambda: "digits." in pictures())
        await shown.press("escape", "a", "s")
        await shown.until(lambda: "Change" in pictures())


async def test_what_cannot_be_is_said_as_it_is_typed_and_without_leave_nothing_is_sent() -> None:
    actor = FakeTopics(said=Permit())
    async with form(1, actor) as shown:
        assert shown.row("has 3 partitions, and they never become fewer")
        await shown.press(*"6")
        assert shown.row("Only to look at.", "needs --write")
        await shown.press("enter", *"yes", "enter")
        assert actor.sent == []


async def test_what_kafka_refuses_and_what_it_does_not_tell_is_said() -> None:
    refusing = FakeTopics(outcome=ActionError("the broker refuses it: x", "POLICY_VIOLATION: forbidden"))
    async with form(1, refusing) as shown:
        await shown.press(*"6", "enter", *"yes", "enter")
        await shown.until(lambda: page(shown).phase == "refused")
        assert shown.row("POLICY_VIOLATION")
    async with form(1, FakeTopics(found=ActionError("no broker answers"))) as shown:
        assert shown.row("Kafka does not tell what there is now")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("name", "down"), [("create", 5), ("setting", 2), ("delete", 4)])
async def test_pictures(name: str, down: int, size: str) -> None:
    async with form(down, FakeTopics(), size=SIZES[size]) as shown:
        if name == "create":
            await shown.press(*"payments")
        approve(f"topic-form-{name}-{size}", told(rows_of(shown.app.screen), styles=False))
