"""Where one can be: every screen by name, imported only when it is first gone to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ViewName = Literal["overview", "brokers", "zone", "broker", "partitions", "incidents"]


@dataclass(frozen=True, slots=True)
class Place:
    """A screen and what it shows. What a screen does not ask for stays None."""

    view: ViewName
    zone: str | None = None
    """Zone id; `""` for brokers without one."""
    broker: int | None = None
    topic: str | None = None
    partition: int | None = None
    incident: int | None = None


SCREENS: dict[ViewName, tuple[str, str]] = {
    "overview": ("msktop.ui.screens.overview", "OverviewScreen"),
    "brokers": ("msktop.ui.screens.brokers", "BrokersScreen"),
    "zone": ("msktop.ui.screens.zone", "ZoneScreen"),
    "broker": ("msktop.ui.screens.broker", "BrokerScreen"),
    "partitions": ("msktop.ui.screens.partitions", "PartitionsScreen"),
    "incidents": ("msktop.ui.screens.incidents", "IncidentsScreen"),
}
"""Module and class of each view's screen, a LiveScreen made with its Place."""

VIEWS: tuple[tuple[str, ViewName, str], ...] = (
    ("1", "overview", "Overview"),
    ("2", "brokers", "Brokers"),
    ("3", "partitions", "Partitions"),
    ("4", "incidents", "Incidents"),
)
"""The views that a number goes to: key, view, name."""
