"""All brokers, and the brokers of one zone."""

from __future__ import annotations

import pytest

from msktop.ui.places import Place
from tests.ui.drill import SIZES, showing
from tests.ui.scenes import scene as shared
from tests.ui.scenes_detail import scene


async def test_every_broker_has_a_row_and_the_dead_one_a_stopwatch_and_no_rates() -> None:
    async with showing(scene("dead"), Place("brokers")) as shown:
        for name in ("b-1", "b-3", "b-4", "b-5", "b-6"):
            assert shown.row(f"● {name}")
        dead = shown.row("✕ b-2     use1-az2")
        assert "00:14.0" in dead
        assert dead.count("—") >= 4
        assert shown.row("5 of 6 answer")


async def test_the_filter_keeps_what_matches_name_zone_or_address() -> None:
    async with showing(scene("dead"), Place("brokers")) as shown:
        await shown.press("slash", *"az4", "enter")
        assert shown.row("● b-3")
        assert shown.row("● b-6")
        assert not any("b-1 " in row for row in shown.rows[4:12])
        await shown.press("escape")
        assert shown.row("● b-1")
        assert shown.place.view == "brokers", "the first Esc ends the filter, and nothing else"


async def test_sorting_goes_through_the_columns_and_keeps_the_cursor_on_its_broker() -> None:
    async with showing(scene("dead"), Place("brokers")) as shown:
        await shown.press("down", "down", "down", "o", "O")
        names = [row.split()[1] for row in shown.rows if row[1:2] in "●✕" and "b-" in row[:8]][:7]
        brokers = [n for n in names if n.startswith("b-")]
        assert brokers.index("b-6") < brokers.index("b-1")
        assert shown.app.screen.query_one("#brokers").current.name == "b-4"  # type: ignore[attr-defined]


async def test_enter_opens_the_broker_and_z_its_zone() -> None:
    async with showing(scene("dead"), Place("brokers")) as shown:
        await shown.press("down", "enter")
        assert shown.place == Place("broker", broker=2)
        await shown.press("escape", "z")
        assert shown.place == Place("zone", zone="use1-az2")


async def test_a_zone_says_what_is_in_it_and_whether_latency_crosses_zones() -> None:
    async with showing(scene("dead"), Place("zone", zone="use1-az2")) as shown:
        assert "1 of 2 brokers answer" in shown.row("use1-az2", "subnet")
        assert "cross-zone latency from this host" in shown.text
        assert shown.row("c-2", "leader")
        assert not any("b-1" in row for row in shown.rows[3:])
        await shown.press("left_square_bracket")
        assert shown.place.zone == "use1-az1"
        assert "same-zone latency from this host" in shown.text


async def test_sixty_brokers_scroll() -> None:
    async with showing(shared("sixty"), Place("brokers"), (80, 24)) as shown:
        assert shown.row("1–19 of 60")
        await shown.press("end")
        assert shown.row("● b-60")
        await shown.press("home")
        assert shown.row("● b-1 ")


async def test_brokers_without_a_zone_have_a_screen_too() -> None:
    async with showing(shared("bare"), Place("zone", zone="")) as shown:
        assert shown.row("no zone", "3 of 3 brokers answer")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("place", [Place("brokers"), Place("zone", zone="use1-az2")])
async def test_any_size_holds_the_worst(place: Place, size: tuple[int, int]) -> None:
    async with showing(scene("dead"), place, size) as shown:
        assert len(shown.rows) == size[1]
        assert shown.row("✕ b-2")
