"""Requests of the whole cluster."""

from __future__ import annotations

import pytest

from msktop.ui.places import Place
from msktop.ui.theme import Look
from tests.ui.drill import SIZES, showing
from tests.ui.scenes_detail import scene


async def test_rates_are_of_all_brokers_and_times_of_the_slowest() -> None:
    async with showing(scene("healthy"), Place("requests")) as shown:
        row = shown.row("Produce", "b-6")
        assert "37.0" in row
        assert shown.row("6 of 6 brokers, metrics up to")


async def test_without_colour_the_parts_of_a_bar_are_letters() -> None:
    async with showing(scene("healthy"), Place("requests"), look=Look("mono")) as shown:
        bar = shown.row("Heartbeat").split("b-6")[1].split()[0]
        assert set(bar) == set("qlps")
        assert list(bar) == sorted(bar, key="qlrps".index)


async def test_the_lower_panels_follow_the_cursor() -> None:
    async with showing(scene("healthy"), Place("requests")) as shown:
        assert shown.row("FetchConsumer by broker")
        await shown.press("down")
        assert shown.row("Produce by broker")
        assert shown.row("Produce p99")


async def test_enter_goes_to_the_brokers_then_to_one_and_esc_comes_back_the_same_way() -> None:
    async with showing(scene("healthy"), Place("requests")) as shown:
        await shown.press("enter", "down", "enter")
        assert shown.place == Place("broker", broker=2)
        for view in ("requests", "requests", "overview"):
            await shown.press("escape")
            assert shown.place.view == view


async def test_without_open_monitoring_it_says_how_to_turn_it_on() -> None:
    async with showing(scene("no_exporter"), Place("requests"), (80, 24)) as shown:
        assert shown.row("Requests", "no metrics") if "no metrics" in shown.text else shown.row("b-1:")
        assert "Turn on open monitoring" in " ".join(shown.text.split())


@pytest.mark.parametrize("size", SIZES)
async def test_any_size(size: tuple[int, int]) -> None:
    async with showing(scene("dead"), Place("requests"), size) as shown:
        assert len(shown.rows) == size[1]
        assert shown.row("Produce")
