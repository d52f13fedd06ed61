"""The running app at a place, and what it shows: for the tests of the drill-down screens."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from textual.pilot import Pilot

from msktop.session import View
from msktop.ui.acting import Actor, TopicActor
from msktop.ui.app import MsktopApp
from msktop.ui.picture import rows_of, text_of
from msktop.ui.places import Place
from msktop.ui.screens.live import LiveScreen
from msktop.ui.theme import Look
from tests.ui.scenes import StillFeed

SIZES = ((80, 24), (120, 40), (200, 60), (250, 80), (60, 16))


@dataclass
class Shown:
    """The app, with a hand on its keys and its feed."""

    app: MsktopApp
    pilot: Pilot[None]
    feed: StillFeed

    @property
    def rows(self) -> list[str]:
        return text_of(rows_of(self.app.screen))

    @property
    def text(self) -> str:
        return "\n".join(self.rows)

    @property
    def place(self) -> Place:
        screen = self.app.screen
        assert isinstance(screen, LiveScreen), screen
        return screen.place

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.pilot.press(key)
        await self.settle()

    async def settle(self) -> None:
        await self.pilot.pause()
        await self.pilot.pause()

    async def see(self, view: View) -> None:
        """A new view from the feed."""
        self.feed.view = view
        await self.until(lambda: self.app.view is view)
        await self.settle()

    async def until(self, true: Callable[[], bool], within_s: float = 5.0) -> None:
        """Wait for a condition; fails after the deadline."""
        for _ in range(int(within_s / 0.02)):
            if true():
                return
            await self.pilot.pause(0.02)
        raise AssertionError(f"not within {within_s} s; the screen shows:\n{self.text}")

    def row(self, *words: str) -> str:
        """The first row that holds all these words."""
        for row in self.rows:
            if all(word in row for word in words):
                return row
        raise AssertionError(f"no row with {words} in:\n{self.text}")


@asynccontextmanager
async def showing(
    view: View,
    place: Place,
    size: tuple[int, int] = (120, 40),
    look: Look | None = None,
    actor: Actor | None = None,
    topics: TopicActor | None = None,
) -> AsyncIterator[Shown]:
    """The app at a place, drawn."""
    feed = StillFeed(view, actor=actor, topics=topics)
    app = MsktopApp(feed, look=look, first=place)
    async with app.run_test(size=size) as pilot:
        shown = Shown(app, pilot, feed)
        await shown.settle()
        yield shown
