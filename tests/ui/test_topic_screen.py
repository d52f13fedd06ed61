"""One topic from close by: settings beside their defaults, producers, zones."""

from __future__ import annotations

from dataclasses import replace

import pytest

from msktop.actions.topic_looking import Looked, Writer
from msktop.errors import TargetError
from msktop.ui.picture import rows_of
from msktop.ui.places import Place
from msktop.wire.topic_configs import OWN, TopicSetting
from tests.ui.drill import showing
from tests.ui.pictures import SIZES, approve, told
from tests.ui.scenes_detail import scene
from tests.ui.scenes_groups import groups_view
from tests.ui.test_topic_forms import FakeTopics

TOPIC = Place("topic", topic="orders")
LOOKED = Looked(
    name="orders",
    topic_id="AAAAAAAAAAAAAAAAAAAAAQ",
    internal=False,
    partitions=(),
    settings=(
        TopicSetting("cleanup.policy", "delete", "DEFAULT_CONFIG", False, "delete"),
        TopicSetting("min.insync.replicas", "2", "STATIC_BROKER_CONFIG", False, "2"),
        TopicSetting("retention.ms", "3600000", OWN, False, "604800000"),
    ),
    config_error="",
    producers=(
        Writer(0, 4001, 0, 17, 990.0, None, 1000.0),
        Writer(1, 4002, 3, None, 400.0, 8123, 1000.0),
    ),
    producers_error="",
    spread="",
)


class Looking(FakeTopics):
    answer: Looked | TargetError = LOOKED

    def look(self, topic: str) -> Looked:
        if isinstance(self.answer, TargetError):
            raise self.answer
        return self.answer


async def test_it_shows_what_differs_from_the_default_and_who_writes() -> None:
    async with showing(scene("dead"), Place("topics"), topics=Looking()) as shown:
        await shown.press(*["down"] * 3, "d")
        assert shown.place == TOPIC
        await shown.until(lambda: "4001" in shown.text)
        assert shown.row("retention.ms", "3600000", "604800000")
        assert "cleanup.policy" not in shown.text
        assert shown.row("4002", "open since offset 8123")
        assert shown.row("4001", "10 s ago", "none open")
        assert shown.row("in 3 zones")
        await shown.press("d")
        assert shown.row("cleanup.policy", "delete")
        await shown.press("v")
        assert shown.place == Place("records", topic="orders")


async def test_what_a_broker_calls_a_setting_is_made_harmless() -> None:
    actor = Looking()
    actor.answer = replace(LOOKED, settings=(TopicSetting("odd\x1b[2J", "1", OWN, False, None),))
    async with showing(scene("dead"), TOPIC, topics=actor) as shown:
        await shown.until(lambda: "odd\ufffd[2J" in shown.text)
        assert "\x1b" not in shown.text


async def test_it_says_which_groups_read_it() -> None:
    async with showing(groups_view(), Place("topic", topic="order-events")) as shown:
        assert shown.row("read by fraud-scoring")
    view = groups_view()
    unread = {**view.cluster.topics, "unread": replace(view.cluster.topics["audit"], name="unread")}
    view = replace(view, cluster=replace(view.cluster, topics=unread))
    async with showing(view, Place("topic", topic="unread")) as shown:
        assert shown.row("read by no group")
    async with showing(scene("dead"), TOPIC) as shown:
        assert shown.row("records/s")
        assert "read by" not in shown.text


async def test_who_cannot_be_asked_says_so() -> None:
    actor = Looking()
    actor.answer = TargetError("no broker answers", "Look at the network.")
    async with showing(scene("dead"), TOPIC, topics=actor) as shown:
        await shown.until(lambda: "no broker answers" in shown.text)
    async with showing(scene("dead"), TOPIC) as shown:
        assert shown.row("a recording does not hold this")


async def test_what_is_no_longer_told_stays_with_its_age_and_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("msktop.ui.screens.topic.LOOK_S", 0.0)
    actor = Looking()
    async with showing(scene("dead"), TOPIC, topics=actor) as shown:
        await shown.until(lambda: "4001" in shown.text)
        assert "old:" not in shown.text
        actor.answer = TargetError("no broker answers", "Look at the network.")
        await shown.until(lambda: "old: no broker answers" in shown.row("Producers"))
        assert shown.row("4001")


async def test_a_fault_of_ours_is_said_and_it_is_asked_again() -> None:
    class Broken(Looking):
        def look(self, topic: str) -> Looked:
            raise ZeroDivisionError("on purpose")

    async with showing(scene("dead"), TOPIC, topics=Broken()) as shown:
        await shown.until(lambda: "ZeroDivisionError: on purpose" in shown.text)


@pytest.mark.parametrize("size", SIZES)
async def test_pictures(size: str) -> None:
    async with showing(scene("dead"), TOPIC, SIZES[size], topics=Looking()) as shown:
        await shown.until(lambda: "4001" in shown.text)
        approve(f"topic-{size}", told(rows_of(shown.app.screen), styles=False))
