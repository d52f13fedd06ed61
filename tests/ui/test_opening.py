"""The first picture comes before Textual; what follows takes its place without moving anything."""

from __future__ import annotations

import gc
from typing import Any

import pyte
import pytest
from rich.color import ColorSystem
from rich.console import RenderableType
from textual.screen import Screen

from msktop.model.cluster import Cluster
from msktop.session import View
from msktop.ui.app import MsktopApp
from msktop.ui.opening import FirstPicture, Opening
from msktop.ui.picture import Row, rows_of
from msktop.ui.places import TALL, Place
from msktop.ui.screens.live import LiveScreen
from msktop.ui.screens.overview import OverviewScreen
from msktop.ui.theme import Look
from msktop.ui.themed import ThemedApp
from tests.ui.pictures import SIZES, settled
from tests.ui.scenes import StillFeed, scene

SERVERS = "b-1.example:9092,b-2.example:9092"
_TRUECOLOR = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}


@pytest.mark.parametrize("look", [Look(), Look("day"), Look("ansi"), Look("mono"), Look(ascii=True)])
@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
async def test_header_verdict_and_footer_are_those_of_the_overview(look: Look, size: tuple[int, int]) -> None:
    width, height = size
    view = View(Cluster(name="orders", bootstrap_servers=SERVERS))
    app = MsktopApp(StillFeed(view=view), look=look)
    async with app.run_test(size=size) as pilot:
        await settled(pilot)
        whole = drawn(written(rows_of(app.screen)), width, height)
    first = drawn(frame(width, height, look, Opening("orders", SERVERS, False), _TRUECOLOR), width, height)
    for y in (0, 1, height - 1):
        assert first[y] == whole[y]
    assert not any(cell.data.strip() for y in range(2, height - 1) for cell in first[y])


def test_where_aws_is_asked_the_footer_has_its_key_from_the_first_picture_on() -> None:
    first = frame(200, 60, Look(), Opening("orders", "", True), _TRUECOLOR)
    rows = ["".join(cell.data for cell in row) for row in drawn(first, 200, 60)]
    assert "a act" in rows[-1]
    assert rows[1].strip() == "◐ Connecting"


@pytest.mark.parametrize("environ", [{"TERM": "xterm-256color"}, {"TERM": "linux"}, {}])
def test_a_terminal_with_fewer_colours_is_sent_no_more(environ: dict[str, str]) -> None:
    first = frame(80, 24, Look(), Opening("orders", SERVERS, False), environ)
    assert "38;2;" not in first
    assert ("38;5;" in first) == ("256" in environ.get("TERM", ""))


def test_a_foreign_name_controls_nothing() -> None:
    first = frame(80, 24, Look(), Opening("a\x1b]0;b\x07", "c\x1b[2J:9092", False), _TRUECOLOR)
    assert "\x1b]0" not in first
    assert first.count("\x1b[2J") == 1


@pytest.mark.parametrize("size", [(10, 5), (200, 1), (0, 0)])
def test_what_is_too_small_for_it_stays_empty(size: tuple[int, int]) -> None:
    first = frame(*size, Look(), Opening("orders", SERVERS, False), _TRUECOLOR)
    assert not any(cell.data.strip() for row in drawn(first, 200, 60) for cell in row)


async def test_the_first_picture_stays_until_there_is_a_whole_one(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[object] = []
    display = ThemedApp._display

    def sending(app: ThemedApp[None], screen: Screen[Any], renderable: RenderableType | None) -> None:
        if not app._batch_count and renderable is not None:
            sent.append(screen)
        display(app, screen, renderable)

    monkeypatch.setattr(ThemedApp, "_display", sending)
    app = MsktopApp(StillFeed(view=scene("healthy")), first_picture=picture([]))
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        assert app.first_picture is None
        assert isinstance(sent[0], OverviewScreen), "Textual begins with an empty screen"


async def test_garbage_is_looked_for_again_once_the_start_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("msktop.ui.themed.STARTED_AFTER_S", 0.01)
    gc.disable()
    try:
        app = MsktopApp(StillFeed(view=scene("healthy")))
        async with app.run_test(size=(120, 40)) as pilot:
            while not gc.isenabled():
                await pilot.pause(0.01)
    finally:
        gc.enable()
        gc.unfreeze()


async def test_a_key_before_the_first_picture_goes_where_it_says_with_the_overview_below() -> None:
    app = MsktopApp(StillFeed(view=scene("healthy")), first_picture=picture([]))
    async with app.run_test(size=(120, 40)) as pilot:
        app.action_goto("brokers")
        await settled(pilot)
        assert places(app) == [Place("overview"), Place("brokers")]
        await pilot.press("escape")
        assert isinstance(app.screen, OverviewScreen)


@pytest.mark.parametrize("name", ["healthy", "broker_down", "recovering"])
@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
async def test_what_is_known_stands_in_the_first_picture_as_it_will_in_the_overview(
    name: str, size: tuple[int, int]
) -> None:
    width, height = size
    app = MsktopApp(StillFeed(view=scene(name)))
    async with app.run_test(size=size) as pilot:
        await settled(pilot)
        whole = drawn(written(rows_of(app.screen)), width, height)
    sent: list[str] = []
    first = picture(sent, size)
    first.begin(Opening("orders", SERVERS, False))
    first.show(scene(name))
    head = 4 if height >= TALL else 2
    assert drawn("".join(sent), width, height)[:head] == whole[:head]


def test_only_what_is_new_is_sent_and_nothing_once_the_app_has_the_terminal() -> None:
    sent: list[str] = []
    first = picture(sent)
    first.show(scene("healthy"))
    assert not sent, "not before it has begun"
    first.begin(Opening("orders", SERVERS, False))
    for name in ("healthy", "healthy", "broker_down"):
        first.show(scene(name))
    assert len(sent) == 3
    first.end()
    first.show(scene("healthy"))
    assert len(sent) == 3


async def test_the_app_ends_the_first_picture_before_it_draws() -> None:
    first = picture([])
    first.begin(Opening("orders", SERVERS, False))
    app = MsktopApp(StillFeed(view=scene("healthy")), first_picture=first)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        sent: list[str] = []
        first._write = sent.append
        first.show(scene("broker_down"))
        assert not sent


def picture(sent: list[str], size: tuple[int, int] = (120, 40), look: Look | None = None) -> FirstPicture:
    return FirstPicture(*size, look or Look(), _TRUECOLOR, sent.append)


def frame(width: int, height: int, look: Look, opening: Opening, environ: dict[str, str]) -> str:
    """All that is sent of a first picture before anything is known."""
    sent: list[str] = []
    FirstPicture(width, height, look, environ, sent.append).begin(opening)
    return "".join(sent)


def places(app: MsktopApp) -> list[Place]:
    return [s.place for s in app.screen_stack if isinstance(s, LiveScreen)]


def written(rows: list[Row]) -> str:
    """Rows as a terminal gets them."""
    out = []
    for y, row in enumerate(rows, 1):
        out.append(f"\x1b[{y}H")
        for segment in row:
            text, style = segment.text, segment.style
            out.append(style.render(text, color_system=ColorSystem.TRUECOLOR) if style else text)
    return "".join(out)


def drawn(sequence: str, width: int, height: int) -> list[list[Any]]:
    """The cells of a terminal after it."""
    screen = pyte.Screen(width, height)
    pyte.Stream(screen).feed(sequence)
    return [[screen.buffer[y][x] for x in range(width)] for y in range(height)]
