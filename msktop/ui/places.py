"""Where one can be: every screen by name, imported only when it is first gone to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

LEAST = (60, 16)
"""Columns and rows: smaller terminals get one line that says so."""
TALL = 34
"""Rows from which the verdict has a second line, and a blank one below."""

ViewName = Literal[
    "overview",
    "brokers",
    "zone",
    "broker",
    "requests",
    "request",
    "topics",
    "partitions",
    "partition",
    "records",
    "topic",
    "incidents",
    "incident",
    "operations",
    "operation",
    "quorum",
    "cluster",
    "cloudwatch",
    "limits",
    "timeline",
    "groups",
    "group",
]


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
    operation: str | None = None
    """ARN."""
    group: str | None = None
    """A consumer group."""
    request: str | None = None
    """Request type: `Produce`."""


SCREENS: dict[ViewName, tuple[str, str]] = {
    "overview": ("msktop.ui.screens.overview", "OverviewScreen"),
    "brokers": ("msktop.ui.screens.brokers", "BrokersScreen"),
    "zone": ("msktop.ui.screens.zone", "ZoneScreen"),
    "broker": ("msktop.ui.screens.broker", "BrokerScreen"),
    "requests": ("msktop.ui.screens.requests", "RequestsScreen"),
    "request": ("msktop.ui.screens.request", "RequestScreen"),
    "topics": ("msktop.ui.screens.topics", "TopicsScreen"),
    "partitions": ("msktop.ui.screens.partitions", "PartitionsScreen"),
    "partition": ("msktop.ui.screens.partition", "PartitionScreen"),
    "records": ("msktop.ui.screens.records", "RecordsScreen"),
    "topic": ("msktop.ui.screens.topic", "TopicScreen"),
    "incidents": ("msktop.ui.screens.incidents", "IncidentsScreen"),
    "incident": ("msktop.ui.screens.incident", "IncidentScreen"),
    "operations": ("msktop.ui.screens.operations", "OperationsScreen"),
    "operation": ("msktop.ui.screens.operation", "OperationScreen"),
    "quorum": ("msktop.ui.screens.quorum", "QuorumScreen"),
    "cluster": ("msktop.ui.screens.cluster", "ClusterScreen"),
    "cloudwatch": ("msktop.ui.screens.cloudwatch", "CloudWatchScreen"),
    "limits": ("msktop.ui.screens.limits", "LimitsScreen"),
    "timeline": ("msktop.ui.screens.timeline", "TimelineScreen"),
    "groups": ("msktop.ui.screens.groups", "GroupsScreen"),
    "group": ("msktop.ui.screens.group", "GroupScreen"),
}
"""Module and class of each view's screen, a LiveScreen made with its Place."""

VIEWS: tuple[tuple[str, ViewName, str], ...] = (
    ("1", "overview", "Overview"),
    ("2", "brokers", "Brokers"),
    ("3", "requests", "Requests"),
    ("4", "topics", "Topics"),
    ("5", "incidents", "Events"),
    ("6", "operations", "Operations"),
    ("7", "quorum", "Quorum"),
    ("8", "groups", "Groups"),
)
"""The views that a number goes to: key, view, name."""

LETTERED: tuple[tuple[str, ViewName, str], ...] = (
    ("c", "cluster", "Cluster: what AWS says of it"),
    ("w", "cloudwatch", "CloudWatch: hours of history, and what that costs"),
    ("u", "limits", "Limits: how near each rule's figure is to its threshold"),
    ("T", "timeline", "Timeline: cause beside effect, over one time axis"),
)
"""The views that another key goes to, for which the footer has no room: key, view, name."""

_UNDER: dict[ViewName, ViewName] = {
    "zone": "brokers",
    "broker": "brokers",
    "request": "requests",
    "partitions": "topics",
    "partition": "topics",
    "records": "topics",
    "topic": "topics",
    "incident": "incidents",
    "operation": "operations",
    "group": "groups",
}


def view_above(view: ViewName) -> ViewName:
    """The numbered view that a screen belongs to, for the footer.

    >>> view_above("broker"), view_above("requests")
    ('brokers', 'requests')
    """
    return _UNDER.get(view, view)
