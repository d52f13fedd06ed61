"""Screens as text for comparison with what was approved: rows, and the runs of style of each row."""

from __future__ import annotations

import os
from pathlib import Path

from rich.segment import Segment
from textual.pilot import Pilot

from msktop.ui.app import MsktopApp
from msktop.ui.picture import Row, rows_of
from msktop.ui.theme import Look
from tests.ui.scenes import StillFeed, scene

APPROVED = Path(__file__).parent / "approved"
SIZES = {"80x24": (80, 24), "120x40": (120, 40), "200x60": (200, 60)}


async def rows_at(name: str, size: tuple[int, int], look: Look | None = None, *keys: str) -> list[Row]:
    """What a scene's overview shows, after some keys."""
    app = MsktopApp(StillFeed(view=scene(name)), look=look)
    async with app.run_test(size=size) as pilot:
        await settled(pilot)
        await pilot.press(*keys)
        await settled(pilot)
        return rows_of(app.screen)


async def settled(pilot: Pilot[None]) -> None:
    """Until everything that was asked for is on the screen."""
    await pilot.pause()
    await pilot.pause()


def told(rows: list[Row], *, styles: bool) -> str:
    """Rows as text; with `styles`, below each row which cells have which style."""
    out = []
    for row in rows:
        out.append("".join(s.text for s in row).rstrip())
        if styles:
            out.append("    " + " ".join(_runs(row)))
    return "\n".join(out) + "\n"


def _runs(row: Row) -> list[str]:
    runs, x = [], 0
    for segment in Segment.simplify(row):
        if segment.text.strip() or (segment.style and segment.style.reverse):
            runs.append(f"{x}:{_written(segment)}")
        x += segment.cell_length
    return runs


def _written(segment: Segment) -> str:
    style = segment.style
    return "-" if style is None else str(style).replace(" ", "_")


def approve(name: str, text: str) -> None:
    """Compare with the approved text, or with `MSKTOP_APPROVE=1` in the environment approve this one."""
    path = APPROVED / f"{name}.txt"
    if os.environ.get("MSKTOP_APPROVE") == "1":
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert path.exists(), f"{path.name} was never approved: look at it, then run with MSKTOP_APPROVE=1"
    assert text.splitlines() == path.read_text(encoding="utf-8").splitlines()
