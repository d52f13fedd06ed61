"""The base of the drill-down screens: tables filled at the app's pace, and only while they are seen."""

from __future__ import annotations

from typing import Any, ClassVar

from textual.binding import BindingType

from msktop.session import View
from msktop.ui.columns import Column, Now
from msktop.ui.keys import MOVE, Key, bindings
from msktop.ui.places import Place
from msktop.ui.screens.live import LiveScreen
from msktop.ui.widgets.table import LiveTable

SORT: tuple[Key, ...] = (
    Key("sort", "o", "sort(1)", "sort", "Sort by the next column", footer=True),
    Key("sort.turn", "O", "turn", "turn", "Sort the other way around"),
)
"""Keys of screens with a table that can be sorted."""
HIDDEN: tuple[Key, ...] = (
    Key("hidden", "i", "hidden", "internal", "Show what is Kafka's own and MSK's canary, or hide it"),
)
"""Keys of screens that leave out what is nobody's own."""
LOOK: tuple[Key, ...] = (
    Key("topic.describe", "d", "describe", "topic", "A topic's settings and producers", footer=True),
    Key("topic.records", "v", "records", "records", "Look at a topic's records", footer=True),
)
"""Keys of screens on which a topic can be selected."""
FILL_EVERY_S = 1.0
"""Tables get new rows this often at the app's normal pace; stopwatches are drawn more often."""


class DrillScreen(LiveScreen):
    """Subclasses give `fill(view)`: rows for their tables, panels that a view does not reach by itself."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(SORT)]

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self.now = Now()
        self._filled_at: float | None = None
        self._heights: dict[str, int | str] = {}

    def all_keys(self) -> tuple[Key, ...]:
        """With what moves in the tables."""
        return (*MOVE[:-1], *super().all_keys())

    def fill(self, view: View) -> None:
        """Give the tables their rows."""
        raise NotImplementedError

    def seen(self, view: View) -> None:
        """A new view: fill the tables if it is time."""
        if not self.is_active:
            return
        at, before = view.cluster.at, self._filled_at
        if before is not None and before <= at < before + FILL_EVERY_S * self.monitor.pace - 0.05:
            return
        self.fill_now()

    def tall(self, name: str, height: int | str) -> None:
        """Give a panel a height; even an equal one would lay everything out anew."""
        if self._heights.get(name) != height:
            self._heights[name] = height
            self.query_one(f"#{name}").styles.height = height

    def fill_now(self) -> None:
        """Fill the tables whatever the time: another filter, another subject, seen again."""
        self._filled_at = self.now.at = self.view.cluster.at
        self.fill(self.view)

    def watch_filter_text(self, text: str) -> None:
        """Rows that do not match go at once."""
        self._filled_at = None
        super().watch_filter_text(text)

    def on_screen_resume(self) -> None:
        """Shown again."""
        super().on_screen_resume()
        if self._filled_at is not None:
            self.fill_now()

    def action_describe(self) -> None:
        """The selected topic from close by."""
        topic = self.topic_selected()
        if topic is not None:
            self.monitor.drill(Place("topic", topic=topic))

    def action_records(self) -> None:
        """The records of the selected topic, or of its partition."""
        topic = self.topic_selected()
        if topic is not None:
            self.monitor.drill(Place("records", topic=topic, partition=self.partition_selected()))

    def partition_selected(self) -> int | None:
        """The partition that is meant; None: all."""
        return self.place.partition

    def on_resize(self) -> None:
        """What is shown follows the room there is."""
        if self._filled_at is not None:
            self.call_after_refresh(self._resized)

    def _resized(self) -> None:
        if self.focused is None and self.is_active:
            self.set_focus(next((t for t in self.query(LiveTable) if t.display), None), scroll_visible=False)
        self.fill_now()

    # -------------------------------------------------------------- sorting

    @property
    def sorted_table(self) -> LiveTable[Any] | None:
        """The table that the keys sort: the one with the focus, else the first."""
        focused = self.focused
        if isinstance(focused, LiveTable):
            return focused
        tables = self.query(LiveTable)
        return tables.first() if tables else None

    def action_sort(self, by: int) -> None:
        """Sort by the next column."""
        if self.sorted_table is not None:
            self.sorted_table.sort_next(by)

    def action_turn(self) -> None:
        """The same column, the other way around."""
        table = self.sorted_table
        if table is not None and table.sorted_by is not None:
            table.sort_by(table.sorted_by, not table.descending)


def column_named(columns: list[Column[Any]], head: str) -> Column[Any] | None:
    """The column with this head."""
    return next((c for c in columns if c.head == head), None)
