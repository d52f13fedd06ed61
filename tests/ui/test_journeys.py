"""What keys do, in the running app."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from msktop.ui.app import MsktopApp
from msktop.ui.picture import rows_of, text_of
from msktop.ui.places import Place
from msktop.ui.screens.help import HelpScreen
from msktop.ui.screens.live import LiveScreen
from msktop.ui.screens.overview import OverviewScreen
from msktop.ui.widgets.tree import TreePanel
from tests.ui.pictures import settled
from tests.ui.scenes import StillFeed, scene


class Player:
    """Controls of a replay that note what they were asked."""

    def __init__(self) -> None:
        self.paused = False
        self.speed = 1.0
        self.span = (1_763_907_860.0, 1_763_909_000.0)
        self.asked: list[float] = []

    def pause(self, paused: bool) -> None:
        self.paused = paused

    def step(self, seconds: float) -> None:
        self.asked.append(seconds)
        self.paused = True

    def seek(self, at: float) -> None:
        self.asked.append(at)

    def set_speed(self, speed: float) -> None:
        self.speed = speed


def overview(app: MsktopApp) -> OverviewScreen:
    assert isinstance(app.screen, OverviewScreen)
    return app.screen


def place(app: MsktopApp) -> Place:
    assert isinstance(app.screen, LiveScreen)
    return app.screen.place


def shown(app: MsktopApp) -> str:
    return "\n".join(text_of(rows_of(app.screen)))


async def test_down_the_tree_into_a_broker_and_back() -> None:
    app = MsktopApp(StillFeed(view=scene("healthy")))
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        assert overview(app).selected == ("broker", 1)
        await pilot.press("j", "down", "down")
        assert overview(app).selected == ("broker", 2)
        await pilot.press("k", "up")
        await pilot.press("enter")
        assert place(app) == Place("broker", broker=4)
        await pilot.press("escape")
        assert overview(app).selected == ("broker", 4)
        await pilot.press("escape", "escape")
        assert place(app) == Place("overview")


async def test_left_and_right_go_to_the_broker_in_the_same_place_of_the_next_zone() -> None:
    app = MsktopApp(StillFeed(view=scene("healthy")))
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await pilot.press("down", "right")
        assert overview(app).selected == ("broker", 5)
        await pilot.press("right", "right", "right")
        assert overview(app).selected == ("broker", 6)
        await pilot.press("left")
        assert overview(app).selected == ("broker", 5)


async def test_the_cursor_goes_to_the_first_broker_once_one_is_known_unless_it_was_moved() -> None:
    feed = StillFeed(view=scene("first_second"))
    app = MsktopApp(feed)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        assert overview(app).selected not in (None, ("broker", 1))
        feed.view = scene("healthy")
        app._poll()
        await settled(pilot)
        assert overview(app).selected == ("broker", 1)
        await pilot.press("end")
        feed.view = scene("broker_down")
        app._poll()
        await settled(pilot)
        assert overview(app).selected == ("incidents",)


async def test_a_zone_opens() -> None:
    app = MsktopApp(StillFeed(view=scene("healthy")))
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        await pilot.press("home", "enter")
        assert place(app) == Place("zone", zone="use1-az1")


async def test_numbers_go_to_views_and_escape_to_the_overview() -> None:
    app = MsktopApp(StillFeed(view=scene("healthy")))
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        await pilot.press("2")
        assert place(app).view == "brokers"
        await pilot.press("5")
        assert place(app).view == "incidents"
        await pilot.press("escape")
        assert place(app).view == "overview"


async def test_wrong_keys_do_nothing() -> None:
    app = MsktopApp(StillFeed(view=scene("healthy")))
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        before = shown(app)
        await pilot.press("z", "Q", "9", "f7", "ctrl+k", "tab", "insert")
        await settled(pilot)
        assert shown(app) == before
        assert app.is_running


async def test_the_filter_leaves_only_what_it_names_and_keys_belong_to_it() -> None:
    app = MsktopApp(StillFeed(view=scene("healthy")))
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        await pilot.press("slash", "b", "minus", "5")
        await settled(pilot)
        tree = app.screen.query_one(TreePanel)
        assert tree.filter_text == "b-5"
        assert " b-5 " in shown(app)
        assert "● b-4 " not in shown(app)
        await pilot.press("q")
        assert app.is_running
        await pilot.press("backspace", "enter", "escape")
        await settled(pilot)
        assert "● b-4 " in shown(app)


async def test_help_lists_the_keys_of_the_view() -> None:
    app = MsktopApp(StillFeed(view=scene("healthy")))
    async with app.run_test(size=(120, 50)) as pilot:
        await settled(pilot)
        await pilot.press("question_mark")
        await settled(pilot)
        assert isinstance(app.screen, HelpScreen)
        for key in overview_keys():
            assert key in shown(app)
        await pilot.press("escape")
        assert place(app).view == "overview"


def overview_keys() -> list[str]:
    return [key.help for key in OverviewScreen.KEYS]


async def test_pause_freezes_the_picture_and_says_so() -> None:
    feed = StillFeed(view=scene("healthy"))
    app = MsktopApp(feed)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        await pilot.press("p")
        feed.view = scene("broker_down")
        app._poll()
        await settled(pilot)
        assert "▮▮ paused" in shown(app)
        assert "Healthy" in shown(app)
        await pilot.press("p")
        await settled(pilot)
        assert "b-2 DOWN" in shown(app)


async def test_plus_and_minus_change_the_pace_within_limits() -> None:
    app = MsktopApp(StillFeed(view=scene("healthy")))
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        await pilot.press("plus")
        assert app.pace == 0.5
        await pilot.press(*["minus"] * 9)
        assert app.pace == 10.0


async def test_themes_go_around() -> None:
    app = MsktopApp(StillFeed(view=scene("healthy")))
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        seen = []
        for _ in range(4):
            await pilot.press("t")
            await settled(pilot)
            seen.append(app.look.palette)
            assert "Healthy" in shown(app)
        assert seen == ["day", "ansi", "mono", "night"]


async def test_a_snapshot_is_a_picture_and_the_state_for_this_user_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    app = MsktopApp(StillFeed(view=scene("broker_down")))
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await settled(pilot)
        await pilot.press("s", "s")
        await settled(pilot)
        said = [note.message for note in app._notifications]
        assert all("/msktop/snapshots/orders-prod-" in words for words in said)
    folder = tmp_path / "msktop" / "snapshots"
    files = sorted(folder.iterdir())
    assert [f.suffix for f in files] == [".json", ".svg", ".json", ".svg"]
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(f.stat().st_mode) for f in files} == {0o600}
    assert files[1].read_text(encoding="utf-8").startswith("<svg")
    state = json.loads(files[0].read_text(encoding="utf-8"))
    assert state["cluster"]["brokers"]["2"]["probe"]["word"] == "down"
    assert state["incidents"][-1]["kind"] == "broker_hung"


async def test_copy_puts_the_address_on_the_clipboard() -> None:
    app = MsktopApp(StillFeed(view=scene("healthy")))
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        await pilot.press("y")
        assert app.clipboard == "10.20.0.11:9098"


async def test_record_is_asked_of_the_feed() -> None:
    feed = StillFeed(view=scene("healthy"))
    app = MsktopApp(feed)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        await pilot.press("R")
        assert feed.toggled == 1


async def test_a_click_in_the_tree_selects_and_a_second_one_opens() -> None:
    app = MsktopApp(StillFeed(view=scene("healthy")))
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        await pilot.click(TreePanel, offset=(5, 6))
        assert overview(app).selected == ("broker", 5)
        await pilot.click(TreePanel, offset=(5, 6))
        await settled(pilot)
        assert place(app) == Place("broker", broker=5)


async def test_the_palette_offers_every_key_by_name() -> None:
    app = MsktopApp(StillFeed(view=scene("healthy")))
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        titles = {command.title for command in app.get_system_commands(app.screen)}
        assert "Save this picture (SVG) and the state (JSON)" in titles
        await pilot.press("ctrl+p")
        await settled(pilot)
        assert app.screen.is_modal
        await pilot.press("escape")


async def test_a_replay_steps_seeks_and_changes_speed() -> None:
    player = Player()
    app = MsktopApp(StillFeed(view=scene("broker_down"), mode="replay", replay=player))
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        assert "« replay" in shown(app)
        await pilot.press("left_square_bracket", "full_stop")
        assert player.asked == [-10, 1]
        await pilot.press("greater_than_sign", "greater_than_sign")
        assert player.speed == 4.0
        await pilot.press("colon", *"14:32:02", "enter")
        assert player.asked[-1] == 1_763_908_322.0


async def test_q_leaves() -> None:
    app = MsktopApp(StillFeed(view=scene("healthy")))
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        await pilot.press("q")
        await pilot.pause()
    assert app.return_code == 0


async def test_a_crash_is_kept_for_the_log_and_prints_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    class Broken(StillFeed):
        def record_toggle(self) -> str:
            raise ZeroDivisionError("on purpose")

    app = MsktopApp(Broken(view=scene("healthy")))

    async def break_it() -> None:
        async with app.run_test(size=(120, 40)) as pilot:
            await pilot.press("R")
            await pilot.pause()

    with pytest.raises(ZeroDivisionError, match="on purpose"):
        await break_it()
    assert isinstance(app.crash, ZeroDivisionError)
    out, err = capfd.readouterr()
    assert "Traceback" not in out + err
