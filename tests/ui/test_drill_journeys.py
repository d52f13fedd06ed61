"""Ways through the screens with the keyboard alone."""

from __future__ import annotations

import pytest
from textual import events

from msktop.ui.places import Place
from tests.ui.drill import Shown, showing
from tests.ui.scenes_detail import scene

WRONG = ("x", "ctrl+z", "f5", "insert", "left", "1000", "ctrl+left", "delete")


async def test_down_from_zone_to_partition_and_up_again() -> None:
    async with showing(scene("dead"), Place("zone", zone="use1-az2")) as shown:
        await shown.press("enter")
        assert shown.place == Place("broker", broker=2)
        await shown.press("enter")
        assert shown.place == Place("partitions", broker=2)
        await shown.press("down", "enter")
        assert shown.place == Place("partition", topic="audit", partition=1)
        for view in ("partitions", "broker", "zone", "overview", "overview"):
            await shown.press("escape")
            assert shown.place.view == view


@pytest.mark.parametrize(
    "place",
    [
        Place("brokers"), Place("zone", zone="use1-az2"), Place("broker", broker=2), Place("requests"),
        Place("topics"), Place("partitions"), Place("partition", topic="orders", partition=1),
        Place("incidents"), Place("incident", incident=1),
    ],
)  # fmt: skip
async def test_wrong_keys_do_no_harm(place: Place) -> None:
    async with showing(scene("dead"), place, (80, 24)) as shown:
        before = shown.rows[2:-1]
        await shown.press(*WRONG)
        assert shown.place == place
        assert shown.rows[2:-1] == before


async def test_numbers_go_to_the_views_from_anywhere() -> None:
    async with showing(scene("dead"), Place("partition", topic="orders", partition=1)) as shown:
        for key, view in (
            ("2", "brokers"),
            ("3", "requests"),
            ("4", "topics"),
            ("5", "incidents"),
            ("1", "overview"),
        ):
            await shown.press(key)
            assert shown.place.view == view


@pytest.mark.parametrize("view", ["brokers", "requests", "topics", "incidents"])
async def test_a_new_size_is_followed_and_the_old_one_comes_back_the_same(view: str) -> None:
    async with showing(scene("dead"), Place(view), (120, 40)) as shown:  # type: ignore[arg-type]
        before = shown.rows
        for size in ((80, 24), (250, 80), (10, 5), (120, 40)):
            await shown.pilot.resize_terminal(*size)
            await shown.settle()
            assert len(shown.rows) == size[1]
        await shown.until(lambda: shown.rows == before)


def typed(shown: Shown, *names: str) -> None:
    """Keys without a wait between."""
    for name in names:
        key = events.Key(name, name if len(name) == 1 else None)
        key.set_sender(shown.app)
        shown.app.post_message(key)


async def test_keys_typed_before_a_new_screen_has_its_first_picture_are_meant_for_it() -> None:
    async with showing(scene("healthy"), Place("overview")) as shown:
        shown.app.goto(Place("brokers"))
        typed(shown, "down", "enter")
        await shown.until(lambda: shown.place == Place("broker", broker=2))


async def test_leaving_waits_for_no_picture() -> None:
    async with showing(scene("healthy"), Place("overview")) as shown:
        shown.app.goto(Place("brokers"))
        typed(shown, "q")
        await shown.until(lambda: not shown.app.is_running)
