"""The timeline: lanes over one time axis, a cursor through them, and what Enter opens there."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from msktop.model.control_samples import OperationSeen, OperationsSeen, StepSeen
from msktop.model.incidents import Incident, Incidents, Kind
from msktop.model.reduce import reduce
from msktop.session import View
from msktop.ui.picture import rows_of
from msktop.ui.places import Place
from msktop.ui.rows.window import SPANS_S
from msktop.ui.screens.timeline import TimelineScreen
from msktop.ui.theme import Look
from msktop.ui.widgets.timeline_panel import TimelinePanel
from tests.ui.aws_scenes import cloudwatch_only
from tests.ui.drill import SIZES, Shown, showing
from tests.ui.pictures import SIZES as PICTURES
from tests.ui.pictures import approve, told
from tests.ui.scenes import scene as overview_scene
from tests.ui.scenes_detail import scene
from tests.ui.world import START, World

PLACE = Place("timeline")
ARN = "arn:aws:kafka:us-east-1:000000000000:cluster-operation/orders-prod/0f3b"


def operating() -> View:
    """Brokers are being added since 72 s; a configuration was changed before that."""
    view = scene("healthy")
    now = view.cluster.at
    steps = (StepSeen(name="ADD_BROKERS", status="IN_PROGRESS"),)
    running = OperationSeen(
        arn=f"{ARN}/2",
        type="UPDATE_BROKER_COUNT",
        state="UPDATE_IN_PROGRESS",
        started_at=now - 72,
        steps=steps,
    )
    over = OperationSeen(
        arn=f"{ARN}/1",
        type="UPDATE_CONFIGURATION",
        state="UPDATE_COMPLETE",
        started_at=now - 400,
        ended_at=now - 300,
    )
    return replace(view, cluster=reduce(view.cluster, OperationsSeen(at=now, operations=(running, over))))


MOMENTS = {
    "healthy": lambda: overview_scene("healthy"),
    "dead": lambda: scene("dead"),
    "recovering": lambda: scene("recovering"),
    "operating": operating,
}


def panel(shown: Shown) -> TimelinePanel:
    screen = shown.app.screen
    assert isinstance(screen, TimelineScreen)
    return screen.panel


# ------------------------------------------------------------------ lanes


async def test_a_letter_goes_there_and_the_lanes_are_in_order_of_cause_and_effect() -> None:
    async with showing(operating(), Place("overview"), (120, 40)) as shown:
        await shown.press("T")
        assert shown.place == PLACE
        lanes = ["operations", "state", "b-1", "leader moves", "under-replicated", "requests", "incidents"]
        rows = [next(i for i, r in enumerate(shown.rows[4:]) if r.strip(" ▌").startswith(n)) for n in lanes]
        assert rows == sorted(rows)
        operations = shown.row(" operations ")
        assert "─ UPDATE_CONFIGURATION ─━" in operations, "without its duration, for which there is no room"
        assert "UPDATE_BROKER_COUNT 1m 12s" in operations


async def test_a_failure_is_seen_in_all_lanes_that_it_reached() -> None:
    async with showing(overview_scene("healthy"), PLACE) as shown:
        assert "✕" in shown.row("   b-2 ")
        assert "14.2 s" in shown.row("   b-2 ")
        assert "✕" not in shown.row("   b-1 ")
        assert "█─ 12" in shown.row("leader moves")
        assert "▆" in shown.row("under-replicated")
        assert "b-2 14.2 s" in shown.row("incidents")


async def test_figures_at_the_left_are_those_of_the_cursors_moment() -> None:
    async with showing(scene("dead"), PLACE) as shown:
        assert "36 " in shown.row("under-replicated")
        assert shown.row(" no answer ")
        await shown.press(*["left"] * 6)
        assert " 0 " in shown.row("under-replicated")
        assert " ms" in shown.rows[shown.rows.index(shown.row("slowest probe  ")) + 1][:20]
        await shown.press(*["pageup"] * 1)
        assert shown.rows[shown.rows.index(shown.row("slowest probe  ")) + 1][:20].split() == ["—", "ms"]


async def test_without_an_exporter_the_records_stand_where_requests_would() -> None:
    async with showing(overview_scene("bare"), PLACE) as shown:
        assert shown.row(" records ")
        assert shown.row(" b-1")
        assert "/s" in shown.text


async def test_before_anything_is_known_it_says_so() -> None:
    for name in ("first_second", "nothing_up"):
        async with showing(overview_scene(name), PLACE) as shown:
            assert "─" not in shown.row(" leader moves ")
            assert "—" in shown.row("under-replicated")
    async with showing(View(), PLACE) as shown:
        await shown.press("left", "z", "n", "up", "enter", "G", "home")


async def test_the_control_planes_state_is_shown_while_it_is_not_active() -> None:
    async with showing(scene("dead"), PLACE) as shown:
        assert shown.row(" state ", "─ HEALING ─━")
    async with showing(scene("healthy"), PLACE) as shown:
        assert "ACTIVE" not in shown.row(" state ")


async def test_what_nobody_looked_at_is_dotted_and_not_drawn_as_quiet() -> None:
    async with showing(World().run(60).view, PLACE) as shown:
        for lane in ("  b-1", "leader moves", "incidents"):
            assert "····" in shown.row(lane)
        assert "─" not in shown.row(" operations "), "no control plane tells of operations here"
        await shown.press("home", "pageup")
        assert "nobody looked" in shown.text


async def test_a_time_in_which_this_process_stood_still_is_a_gap_and_not_a_quiet_time() -> None:
    world = World().run(120)
    world.at += 120
    async with showing(world.run(120).view, PLACE) as shown:
        for lane in ("  b-1", "leader moves"):
            lanes = shown.row(lane)
            assert len([part for part in re.split("·+", lanes.rstrip("│")) if "─" in part]) == 2, lanes


async def test_a_broker_that_joined_or_was_restarted_is_told_on_its_lane() -> None:
    view = overview_scene("healthy")
    now = view.cluster.at
    back = Incident(
        9, Kind.BROKER_RESTARTED, "info", "b-4", now - 100, now - 100, "", ended=now - 100, broker=4
    )
    async with showing(View(view.cluster, Incidents(log=(back,))), PLACE) as shown:
        assert "○─ restarted ─" in shown.row("   b-4 ")


async def test_sixty_brokers_are_folded_into_their_zones_and_the_one_in_trouble_is_seen() -> None:
    for size in ((80, 24), (120, 40), (200, 60)):
        async with showing(overview_scene("sixty"), PLACE, size) as shown:
            assert "✕" in shown.row(" use1-az2 20 ")
            assert "✕" in shown.row("   b-2 ")
            assert "✕" not in shown.row(" use1-az1 20 ")
            assert shown.row("incidents")


async def test_the_filter_leaves_only_brokers_that_match() -> None:
    async with showing(overview_scene("healthy"), PLACE) as shown:
        await shown.press("slash", *"az2", "enter")
        assert shown.row("   b-5 ")
        assert not [r for r in shown.rows if "   b-1 " in r]


async def test_where_only_cloudwatch_is_asked_nobody_watched_the_brokers() -> None:
    async with showing(cloudwatch_only(), PLACE) as shown:
        assert "·····" in shown.row("   b-1 ")
        assert "─" not in shown.row("   b-1 ")


async def test_a_zone_that_is_down_and_names_with_wide_characters() -> None:
    async with showing(overview_scene("zone_down"), PLACE) as shown:
        assert "✕" in shown.row("   b-2 ")
        assert "✕" in shown.row("   b-5 ")
    async with showing(overview_scene("wide_names"), PLACE, (80, 24)) as shown:
        assert shown.row("   b-1 ", "│")


# ------------------------------------------------------------------ the cursor


async def test_the_window_ends_now_until_the_cursor_is_moved_and_then_it_stays() -> None:
    world = World().run(300)
    async with showing(world.view, PLACE) as shown:
        assert shown.row("Now ─")
        await shown.press("left", "left")
        stands = panel(shown).on
        assert shown.row("At 14:29:", " ago")
        await shown.see(world.run(30).view)
        assert panel(shown).on == stands
        await shown.press("G")
        assert panel(shown).on.now == world.at
        await shown.see(world.run(30).view)
        assert panel(shown).on.now == world.at
        await shown.press("left", "right")
        assert shown.row("Now ─"), "beyond the newest cell it follows again"


async def test_keys_go_from_event_to_event_and_enter_opens_the_incident_there() -> None:
    async with showing(overview_scene("healthy"), PLACE, (80, 24)) as shown:
        await shown.press("N")
        assert shown.row("✕ b-2", "of 14.2 s · hung at ApiVersions")
        await shown.press("enter")
        assert shown.place == Place("incident", incident=1)
        await shown.press("escape")
        assert shown.place == PLACE
        assert shown.row("✕ b-2", "hung at ApiVersions"), "the cursor stays where it was"
        await shown.press("N")
        await shown.until(lambda: bool(shown.app._notifications))
        assert "no earlier incident" in next(iter(shown.app._notifications)).message


async def test_enter_on_a_brokers_lane_opens_its_incident_there_else_the_broker() -> None:
    async with showing(overview_scene("healthy"), PLACE) as shown:
        await shown.press(*["up"] * 6)
        assert shown.row("▌", "b-3")
        await shown.press("enter")
        assert shown.place == Place("broker", broker=3)
        await shown.press("escape", "up", "up", "N")
        assert shown.row("▌", "b-2")
        await shown.press("enter")
        assert shown.place == Place("incident", incident=1)


async def test_enter_on_the_operations_lane_opens_the_operation_there() -> None:
    async with showing(operating(), PLACE) as shown:
        assert shown.row("operation ", "UPDATE_BROKER_COUNT 1m 12s")
        await shown.press(*["up"] * 20, "enter")
        assert shown.place == Place("operation", operation=f"{ARN}/2")


async def test_zoom_keeps_the_moment_under_the_cursor() -> None:
    async with showing(overview_scene("healthy"), PLACE) as shown:
        await shown.press("N")
        at = panel(shown).window.cursor
        for _ in SPANS_S:
            await shown.press("z")
        assert shown.row("Timeline", "a cell is 1 s")
        on = panel(shown).on
        assert at is not None
        assert 0 <= on.index(at) < on.cells
        assert panel(shown).column == on.index(at)
        for _ in SPANS_S:
            await shown.press("Z")
        assert shown.row("Timeline", "384 min")
        assert "✕" in shown.row("   b-2 ")


async def test_an_event_that_was_gone_to_stays_under_the_cursor_at_every_zoom() -> None:
    async with showing(overview_scene("healthy"), PLACE) as shown:
        await shown.press("N")
        for key in (*"zzz", *"ZZZZZ"):
            await shown.press(key)
            assert shown.row("✕ b-2", "hung at ApiVersions")


async def test_a_replay_that_goes_back_takes_the_window_along() -> None:
    world = World().run(200)
    earlier, later = world.view, world.run(200).view
    async with showing(later, PLACE) as shown:
        await shown.press("left")
        await shown.see(earlier)
        assert panel(shown).on.now == earlier.cluster.at
        assert shown.row("Now ─")


async def test_a_click_points_at_a_time() -> None:
    async with showing(overview_scene("healthy"), PLACE) as shown:
        x = shown.row("incidents").index("✕")
        y = shown.rows.index(shown.row("incidents"))
        await shown.pilot.click(offset=(x, y))
        await shown.settle()
        assert shown.row("✕ b-2", "hung at ApiVersions")


async def test_the_end_of_time_is_the_beginning_of_the_session() -> None:
    async with showing(overview_scene("healthy"), PLACE) as shown:
        await shown.press("home", *["z"] * 3, "home")
        assert panel(shown).window.cursor == pytest.approx(START, abs=1.0)


# ------------------------------------------------------------------ how it looks


@pytest.mark.parametrize("size", SIZES)
async def test_any_size(size: tuple[int, int]) -> None:
    async with showing(scene("dead"), PLACE, size) as shown:
        assert len(shown.rows) == size[1]
        assert all(len(row) <= size[0] for row in shown.rows)
        assert "✕" in shown.row("▌incidents")
        assert shown.row("✕ b-2", "hung")


@pytest.mark.parametrize("size", PICTURES)
@pytest.mark.parametrize("moment", MOMENTS)
async def test_the_picture(moment: str, size: str) -> None:
    async with showing(MOMENTS[moment](), PLACE, PICTURES[size]) as shown:
        if moment == "recovering":
            await shown.press("N", "right")
        above = 2 if PICTURES[size][1] < 34 else 4
        rows = rows_of(shown.app.screen)[above:-1]
    approve(f"timeline-{moment}-{size}", told(rows, styles=size == "120x40"))


async def test_the_picture_in_ascii() -> None:
    async with showing(scene("dead"), PLACE, (80, 24), Look("mono", ascii=True)) as shown:
        await shown.press("N")
        assert all(row.isascii() for row in shown.rows)
        rows = rows_of(shown.app.screen)[2:-1]
    approve("timeline-ascii", told(rows, styles=False))
