"""The list of incidents, and one of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from msktop.session import View
from msktop.ui.places import Place
from tests.ui.drill import SIZES, showing
from tests.ui.scenes import scene as shared
from tests.ui.scenes_detail import scene


async def test_an_incident_shows_when_what_and_how_long_each_turn_took() -> None:
    async with showing(scene("recovering"), Place("incidents")) as shown:
        row = shown.row("14:29:20", "b-2", "use1-az2")
        for took in ("2.0 s", "8.0 s", "14.2 s", "22.5 s"):
            assert took in row


async def test_the_filter_looks_at_every_word_and_turn() -> None:
    async with showing(scene("recovering"), Place("incidents")) as shown:
        await shown.press("slash", *"fenced", "enter")
        assert shown.row("14:29:20", "b-2")
        await shown.press("slash", *"zzz", "enter")
        assert shown.row("nothing matches")


async def test_one_incident_has_its_turns_and_enter_goes_to_its_broker() -> None:
    async with showing(scene("recovering"), Place("incidents")) as shown:
        await shown.press("enter")
        assert shown.place == Place("incident", incident=1)
        assert "lasted 14.2 s" in shown.text
        assert shown.row("answers again", "14.2 s")
        assert shown.row("leaders lost", "12")
        await shown.press("enter")
        assert shown.place == Place("broker", broker=2)


async def test_while_it_lasts_it_runs() -> None:
    async with showing(scene("dead"), Place("incident", incident=1)) as shown:
        assert shown.row("open 00:14.0")


async def test_one_that_is_not_kept_any_more_says_so() -> None:
    async with showing(scene("dead"), Place("incident", incident=999)) as shown:
        assert shown.row("not kept any more")


@pytest.mark.parametrize("place", [Place("incidents"), Place("incident", incident=1)])
async def test_what_is_copied_is_harmless(place: Place) -> None:
    view = scene("recovering")
    log = tuple(replace(i, subject="ord\x1b[2Jers\n") for i in view.incidents.log)
    async with showing(View(view.cluster, replace(view.incidents, log=log)), place) as shown:
        await shown.press("y")
        assert "ord\ufffd[2Jers " in shown.app.clipboard
        assert "\x1b" not in shown.app.clipboard


async def test_a_quiet_session_says_so() -> None:
    async with showing(shared("first_second"), Place("incidents")) as shown:
        assert shown.row("nothing has happened yet")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("place", [Place("incidents"), Place("incident", incident=1)])
async def test_any_size(place: Place, size: tuple[int, int]) -> None:
    async with showing(scene("recovering"), place, size) as shown:
        assert len(shown.rows) == size[1]
        assert shown.row("b-2")
