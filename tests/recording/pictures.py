"""A state as the monitor draws it, for comparing what was shown live with what a replay shows."""

from __future__ import annotations

from msktop.session import View
from msktop.ui.app import MsktopApp
from msktop.ui.picture import rows_of, svg_of
from tests.ui.scenes import StillFeed

SIZES = ((80, 24), (120, 40), (200, 60))


async def pictures_of(view: View) -> list[str]:
    """The overview of one state at three sizes, as SVG."""
    found = []
    for size in SIZES:
        app = MsktopApp(StillFeed(view))
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            found.append(svg_of(rows_of(app.screen), app.look))
    return found
