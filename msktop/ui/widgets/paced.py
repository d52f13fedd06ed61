"""Panels drawn by a function at the app's pace: graphs and figures, not stopwatches."""

from __future__ import annotations

from typing import ClassVar

from msktop.ui.widgets.paint import Draw


class Paced(Draw):
    """A new picture once a second of the view's time at the normal pace, however often views come."""

    EVERY_S: ClassVar[float | None] = 1.0
