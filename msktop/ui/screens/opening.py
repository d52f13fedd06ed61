"""The frame of the overview without its panels: the first picture, there while the panels are made."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.containers import Vertical
from textual.widget import Widget

from msktop.ui.keys import MOVE, Key
from msktop.ui.screens.live import LiveScreen


class OpeningScreen(LiveScreen):
    """Header, verdict and footer, exactly as the overview will have them, so that nothing moves."""

    KEYS: ClassVar[tuple[Key, ...]] = tuple(key for key in MOVE if key.id == "open")

    def body(self) -> Iterable[Widget]:
        """Nothing, at full height."""
        yield Vertical()
