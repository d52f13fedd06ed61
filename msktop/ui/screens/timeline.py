"""Cause beside effect: operations, brokers, leaders, ISR, traffic and incidents over one time axis."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.binding import BindingType
from textual.widget import Widget

from msktop.session import View
from msktop.ui.format import clock
from msktop.ui.keys import Key, bindings
from msktop.ui.rows.window import Window
from msktop.ui.screens.live import LiveScreen
from msktop.ui.widgets.timeline_panel import TimelinePanel


class TimelineScreen(LiveScreen):
    """A cursor in time and lane; Enter opens what is there."""

    DEFAULT_CSS = "TimelineScreen #timeline { height: 1fr; margin: 0 1; }"
    SCOPED_CSS = False
    KEYS: ClassVar[tuple[Key, ...]] = (
        Key("event.next", "n", "incident(1)", "event", "To the next incident", "nN", footer=True),
        Key("event.before", "N", "incident(-1)", "", "To the one before"),
        Key("time.zoom", "z", "zoom(-1)", "zoom", "A shorter time, drawn longer", "zZ", footer=True),
        Key("time.zoom.out", "Z", "zoom(1)", "", "A longer time"),
        Key("lane.open", "enter", "open", "open", "What is there: incident, operation, broker", footer=True),
        Key("time.earlier", "left,h", "move(-1)", "", "Earlier; the picture ends no longer now"),
        Key("time.later", "right,l", "move(1)", "", "Later"),
        Key(
            "time.earlier.much", "pageup,shift+left", "page(-1)", "", "Half of what is shown earlier", "PgUp"
        ),
        Key("time.later.much", "pagedown,shift+right", "page(1)", "", "Half of what is shown later", "PgDn"),
        Key("lane.up", "up,k", "lane(-1)", "", "The lane above"),
        Key("lane.down", "down,j", "lane(1)", "", "The lane below"),
        Key("time.oldest", "home,g", "oldest", "", "To the beginning of the session"),
        Key("time.newest", "end,G", "newest", "", "To now, and on with it"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(KEYS)]

    def body(self) -> Iterable[Widget]:
        """One panel."""
        yield TimelinePanel(id="timeline").data_bind(LiveScreen.view)

    @property
    def panel(self) -> TimelinePanel:
        """The lanes."""
        return self.query_one("#timeline", TimelinePanel)

    def seen(self, view: View) -> None:
        """Another filter: other lanes."""
        if self.panel.wanted != self.filter_text:
            self.panel.wanted = self.filter_text
            self.panel.tick()

    def action_zoom(self, by: int) -> None:
        """Shorter or longer."""
        self.panel.zoom(by)

    def action_move(self, by: int) -> None:
        """The cursor some cells on."""
        panel, cluster = self.panel, self.view.cluster
        panel.window = panel.window.moved(by, cluster.at, panel.cells, cluster.started_at or cluster.at)
        panel.tick()

    def action_page(self, by: int) -> None:
        """Half a window."""
        self.action_move(by * max(1, self.panel.cells // 2))

    def action_oldest(self) -> None:
        """The beginning of the session."""
        self._to(self.view.cluster.started_at or self.view.cluster.at)

    def action_newest(self) -> None:
        """Now."""
        self.panel.window = Window(self.panel.window.zoom)
        self.panel.tick()

    def _to(self, at: float) -> None:
        panel, cluster = self.panel, self.view.cluster
        panel.window = panel.window.to(at, cluster.at, panel.cells, cluster.started_at or at)
        panel.tick()

    def action_incident(self, by: int) -> None:
        """The next or the last beginning of an incident, from the cursor's cell on."""
        on, column = self.panel.on, self.panel.column
        begin = on.begin + column * on.step_s
        started = self.view.cluster.started_at or 0.0
        log = [i.began for i in self.view.incidents.log if i.severity != "info" and i.began >= started]
        beyond = [at for at in log if (at >= begin + on.step_s if by > 0 else at < begin)]
        if beyond:
            self._to(min(beyond) if by > 0 else max(beyond))
        else:
            self.monitor.say("no later incident" if by > 0 else "no earlier incident")

    def action_lane(self, by: int) -> None:
        """Another lane."""
        self.panel.select(by)

    def action_open(self) -> None:
        """What is under the cursor, else whom the lane is about."""
        place = self.panel.pointed
        if place is not None and place != self.place:
            self.monitor.drill(place)

    def broker_selected(self) -> int | None:
        """The broker of the selected lane."""
        lane = self.panel.lane
        return lane.place.broker if lane is not None and lane.kind == "broker" and lane.place else None

    def copied(self) -> str | None:
        """The cursor's time."""
        return clock(self.panel.on.begin + self.panel.column * self.panel.on.step_s) + "Z"
