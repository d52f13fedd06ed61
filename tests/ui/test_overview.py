"""What the overview shows of each moment, at each size."""

from __future__ import annotations

import pytest

from msktop.ui.app import MsktopApp
from msktop.ui.picture import rows_of, text_of
from msktop.ui.recovery_track import track_of
from msktop.ui.theme import Look
from msktop.ui.verdict import verdict_of
from msktop.ui.widgets.eventlog import lines_of
from tests.ui.aws_scenes import metered
from tests.ui.pictures import SIZES, approve, rows_at, settled, told
from tests.ui.scenes import SCENES, StillFeed, scene
from tests.ui.world import World


@pytest.mark.parametrize("name", SCENES)
async def test_each_scene_looks_as_approved_at_each_size(name: str) -> None:
    app = MsktopApp(StillFeed(view=scene(name)))
    async with app.run_test(size=(80, 24)) as pilot:
        for size, cells in SIZES.items():
            await pilot.resize_terminal(*cells)
            await settled(pilot)
            approve(f"overview-{name}-{size}", told(rows_of(app.screen), styles=False))


@pytest.mark.parametrize("palette", ["night", "day", "ansi", "mono"])
async def test_each_palette_gives_the_same_words_the_approved_styles(palette: str) -> None:
    look = Look(palette, ascii=palette == "mono")  # type: ignore[arg-type]
    approve(
        f"overview-broker_down-{palette}", told(await rows_at("broker_down", (120, 40), look), styles=True)
    )


async def test_it_fills_every_size_exactly_while_the_terminal_is_drawn_larger_and_smaller() -> None:
    app = MsktopApp(StillFeed(view=scene("broker_down")))
    async with app.run_test(size=(60, 16)) as pilot:
        for size in [
            (79, 24),
            (80, 33),
            (109, 34),
            (110, 51),
            (160, 52),
            (250, 80),
            (199, 24),
            (61, 80),
            (10, 5),
        ]:
            await pilot.resize_terminal(*size)
            await settled(pilot)
            rows = rows_of(app.screen)
            assert len(rows) == size[1], size
            assert {sum(s.cell_length for s in row) for row in rows} == {size[0]}, size


async def test_the_verdict_says_what_broke_and_where_for_how_long() -> None:
    text = "\n".join(text_of(await rows_at("broker_down", (120, 40))))
    assert "b-2 DOWN 00:09.5   use1-az2 · hung at ApiVersions · 12 leaders moved in 8.0 s" in text
    assert "● detected 2.0 s ── ● leaders moved 8.0 s ── ◐ answers…" in text


async def test_the_stopwatch_of_a_broker_that_falls_again_begins_anew() -> None:
    world = World().run(60)
    world.hang(2).run(4.0, 0.25).answer(2).run(40.0, 0.25).hang(2).run(3.0, 0.25)
    (failure,) = (i for i in world.view.incidents.open if i.subject == "b-2")
    assert (failure.times, world.at - failure.began > 40) == (2, True)
    verdict = verdict_of(world.view)
    assert verdict.head.startswith("b-2 DOWN 00:03")
    assert next(step.after_s for step in track_of(failure)) == pytest.approx(2.0, abs=0.3)
    (running,) = (line for line in lines_of(world.view) if line.running)
    assert running.took.startswith("00:03")


async def test_what_was_before_we_looked_is_cloudwatchs_where_the_title_can_say_so() -> None:
    world = World().run(70)
    world.say(metered(world.at, range(1, 7), late_s=220.0))
    app = MsktopApp(StillFeed(view=world.run(1.0).view))
    async with app.run_test(size=(200, 60)) as pilot:
        await settled(pilot)
        rows = text_of(rows_of(app.screen))
        assert sum("before 14:24 by CloudWatch, 1 min" in row for row in rows) == 1
        assert all("│" in row for row in rows if " in   " in row)
        assert not [row for row in rows if " reqs " in row and "│" in row]
        await pilot.resize_terminal(120, 40)
        await settled(pilot)
        rows = text_of(rows_of(app.screen))
        assert sum("CW to 14:24" in row for row in rows) == 1
        assert all("│" in row for row in rows if " in   " in row)
        await pilot.resize_terminal(80, 24)
        await settled(pilot)
        rows = text_of(rows_of(app.screen))
        assert not [row for row in rows if "CW to" in row or "CloudWatch" in row]
        assert not [row for row in rows if " in   " in row and "│" in row]


async def test_trouble_shifts_nothing() -> None:
    heads = []
    for name in ("healthy", "broker_down", "recovering"):
        rows = text_of(await rows_at(name, (120, 40)))
        heads.append(
            [
                y
                for y, row in enumerate(rows)
                for word in ("Cluster ──", "Requests  ", "Events  ")
                if word in row
            ]
        )
    assert heads[0] == heads[1] == heads[2]


async def test_a_stale_value_stands_with_its_age() -> None:
    text = text_of(await rows_at("stale", (120, 40)))
    assert any("metadata 40 s old" in row for row in text)
    assert any("2 min old" in row for row in text)


async def test_without_exporters_it_says_how_to_turn_them_on_and_shows_records() -> None:
    text = "\n".join(text_of(await rows_at("bare", (120, 40))))
    assert "Turn on open monitoring with Prometheus" in text
    assert "recs  4.67k /s" in text
    assert "reqs      — /s" in text


async def test_brokers_without_a_rack_stand_under_no_zone() -> None:
    assert any("no zone" in row and "3/3" in row for row in text_of(await rows_at("bare", (80, 24))))


async def test_started_with_nothing_up_it_says_what_was_tried() -> None:
    text = "\n".join(text_of(await rows_at("nothing_up", (80, 24))))
    assert "No broker answers" in text
    assert "connection refused by 127.0.0.1:9092" in text
    assert "asked b-1.orders-prod.example:9098" in text


async def test_the_zone_of_this_host_is_marked() -> None:
    marked = [row for row in text_of(await rows_at("healthy", (120, 40))) if "this host" in row]
    assert len(marked) == 1
    assert "use1-az1  this host" in marked[0]


async def test_foreign_names_bring_no_control_characters() -> None:
    text = "\n".join(text_of(await rows_at("wide_names", (120, 40))))
    assert "注文クラスタ\ufffd[2J" in text
    assert "\x1b" not in text
    assert "\u202e" not in text


async def test_ascii_means_ascii() -> None:
    for name in ("healthy", "broker_down", "wide_names", "sixty"):
        assert "\n".join(text_of(await rows_at(name, (120, 40), Look("mono", ascii=True)))).isascii()


async def test_a_tiny_terminal_gets_the_verdict_and_the_screen_comes_back_when_it_grows() -> None:
    app = MsktopApp(StillFeed(view=scene("broker_down")))
    async with app.run_test(size=(10, 5)) as pilot:
        await settled(pilot)
        assert text_of(rows_of(app.screen))[0] == "b-2 DOWN"
        await pilot.resize_terminal(120, 40)
        await settled(pilot)
        assert any("Slowest probe" in row for row in text_of(rows_of(app.screen)))
        await pilot.resize_terminal(10, 5)
        await settled(pilot)
        assert len(rows_of(app.screen)) == 5
