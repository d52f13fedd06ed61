"""The first picture is the frame; the sources begin behind it, and the panels take its place."""

from __future__ import annotations

from msktop.ui.app import MsktopApp
from msktop.ui.picture import rows_of, text_of
from msktop.ui.places import Place
from msktop.ui.screens.live import LiveScreen
from msktop.ui.screens.overview import OverviewScreen
from tests.ui.pictures import settled
from tests.ui.scenes import StillFeed, scene


async def test_the_sources_begin_once_with_the_first_picture_and_the_overview_follows() -> None:
    pictures: list[list[str]] = []
    app = MsktopApp(StillFeed(view=scene("healthy")), ready=lambda: pictures.append(shown(app)))
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        assert isinstance(app.screen, OverviewScreen)
        (frame,) = pictures
        whole = shown(app)
        assert (frame[0], frame[-1]) == (whole[0], whole[-1])  # header and footer stay where they are
        assert not any(frame[4:-1])


async def test_a_key_before_the_first_picture_goes_where_it_says_with_the_overview_below() -> None:
    app = MsktopApp(StillFeed(view=scene("healthy")), ready=lambda: None)
    async with app.run_test(size=(120, 40)) as pilot:
        app.action_goto("brokers")
        await settled(pilot)
        assert places(app) == [Place("overview"), Place("brokers")]
        await pilot.press("escape")
        assert isinstance(app.screen, OverviewScreen)


def places(app: MsktopApp) -> list[Place]:
    return [s.place for s in app.screen_stack if isinstance(s, LiveScreen)]


def shown(app: MsktopApp) -> list[str]:
    return [line.rstrip() for line in text_of(rows_of(app.screen))]
