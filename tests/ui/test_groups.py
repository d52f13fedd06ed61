"""The groups screen and a group's own, as approved, and what keys do there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from msktop.model.group_samples import GroupListed, GroupsSeen
from msktop.session import View
from msktop.ui.picture import rows_of
from msktop.ui.places import Place
from msktop.ui.theme import Look
from tests.ui.drill import showing
from tests.ui.pictures import SIZES, approve, told
from tests.ui.scenes_groups import groups_view, silent_coordinator
from tests.ui.world import World

PLACES = {
    "groups": Place("groups"),
    "group-stalled": Place("group", group="payments-settle"),
    "group-new": Place("group", group="session-replay"),
}


async def compare(name: str, view: View, place: Place, size: tuple[int, int], look: Look) -> None:
    async with showing(view, place, size, look) as shown:
        above = 2 if size[1] < 34 else 4
        rows = rows_of(shown.app.screen)[above:-1]
    approve(name, told(rows, styles=size == (120, 40)))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("place", PLACES)
async def test_pictures(place: str, size: str) -> None:
    await compare(f"{place}-{size}", groups_view(), PLACES[place], SIZES[size], Look())


async def test_without_colours() -> None:
    await compare("groups-ascii", groups_view(), PLACES["groups"], (80, 24), Look("mono", ascii=True))


async def test_the_canary_is_shown_when_asked_for() -> None:
    async with showing(groups_view(), Place("groups")) as shown:
        assert "1 internal hidden" in shown.text
        assert "canary" not in shown.text
        await shown.press("i")
        assert shown.row("amazon.msk.canary.…", "ok")


async def test_from_the_list_to_a_group_to_a_partition() -> None:
    async with showing(groups_view(), Place("overview")) as shown:
        await shown.press("8", "slash", *"settle", "enter")
        assert shown.row("1 of 6")
        await shown.press("enter")
        assert shown.place == Place("group", group="payments-settle")
        assert "payments-3" in shown.row("STALL")
        await shown.press("enter")
        assert shown.place == Place("partition", topic="payments", partition=3)


async def test_a_silent_coordinator_leaves_old_figures_that_say_so() -> None:
    async with showing(silent_coordinator(), Place("groups")) as shown:
        assert shown.row("those of b-2 24 s old")
        assert "24 s old" in shown.row("fraud-scoring")


async def test_a_leader_that_moved_is_told_though_the_group_is_as_before() -> None:
    view = groups_view()
    place = Place("group", group="payments-settle")
    async with showing(view, place) as shown:
        topic = view.cluster.topics["payments"]
        moved = replace(topic.partitions[3], leader=77)
        topics = {
            **view.cluster.topics,
            "payments": replace(topic, partitions={**topic.partitions, 3: moved}),
        }
        assert "b-77" not in shown.row("payments-3", "STALL")
        cluster = replace(view.cluster, topics=topics, at=view.cluster.at + 2)
        await shown.see(replace(view, cluster=cluster))
        assert "b-77" in shown.row("payments-3", "STALL")


async def test_nothing_yet_and_none() -> None:
    world = World().run(30)
    async with showing(world.view, Place("groups")) as shown:
        assert "no group is known yet" in shown.text
        world.say(GroupsSeen(at=world.at, coordinator_id=1, keyframe=True))
        await shown.see(world.run(2).view)
        assert "there is no consumer group" in shown.text
        world.fail_source("groups", "offset_fetch", "the broker does not offer offset_fetch 8")
        await shown.see(world.run(2).view)
        assert "does not offer offset_fetch 8" in shown.text


async def test_a_group_that_is_gone() -> None:
    async with showing(groups_view(), Place("group", group="nobody")) as shown:
        assert "no coordinator lists it" in shown.text


async def test_refused_offsets_are_said() -> None:
    world = World().run(30)
    listed = (GroupListed(name="closed", state="Stable"),)
    world.say(GroupsSeen(at=world.at, coordinator_id=1, keyframe=True, listed=listed, errors={"closed": 30}))
    async with showing(world.run(2).view, Place("groups")) as shown:
        assert "offsets denied" in shown.row("closed")


async def test_groups_that_are_behind_are_a_fact_beside_a_healthy_cluster() -> None:
    async with showing(groups_view(), Place("groups")) as shown:
        assert "2 groups behind" in shown.row("Healthy")
