"""All consumer groups, the worst first."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.widget import Widget

from msktop.model.cluster import Cluster
from msktop.session import View
from msktop.ui.format import age, foreign, num
from msktop.ui.keys import MOVE, Key, bindings
from msktop.ui.places import Place
from msktop.ui.rows.groups import STALE_AFTER_S, GroupRow, rows
from msktop.ui.screens.drill import HIDDEN, SORT, DrillScreen
from msktop.ui.widgets.draw import sentence
from msktop.ui.widgets.group_table import group_columns
from msktop.ui.widgets.table import LiveTable
from msktop.ui.widgets.titled import Head, TitledTable


class GroupsScreen(DrillScreen):
    """Enter opens a group: its partitions and members."""

    DEFAULT_CSS = "GroupsScreen #groups { height: 1fr; }"
    SCOPED_CSS = False
    KEYS: ClassVar[tuple[Key, ...]] = (*SORT, MOVE[-1], *HIDDEN)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(HIDDEN)]

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self._hidden = False

    def body(self) -> Iterable[Widget]:
        """One table."""
        yield TitledTable[GroupRow](
            group_columns(self.now), key=lambda r: r.group.name, id="groups", margin=1
        )

    @property
    def _table(self) -> TitledTable[GroupRow]:
        return self.query_one("#groups", TitledTable)

    def fill(self, view: View) -> None:
        """Groups whose name, or a topic of theirs, matches."""
        cluster = view.cluster
        known = rows(cluster, hidden=self._hidden)
        found = [
            r for r in known if self.matches(r.group.name, *(r.group.topics if self.filter_text else ()))
        ]
        table = self._table
        count = f"{len(found)} of {len(known)}" if self.filter_text else num(len(known)).strip()
        table.head = Head("Groups", sentence(count, *told(cluster), self._left_out(cluster)))
        table.empty = "nothing matches" if self.filter_text and known else _why_none(cluster)
        table.set_rows(found)

    def _left_out(self, cluster: Cluster) -> str:
        hidden = 0 if self._hidden else sum(g.is_hidden for g in cluster.groups.by_name.values())
        return f"{hidden} internal hidden" if hidden else ""

    def action_hidden(self) -> None:
        """Show internal groups, or not."""
        self._hidden = not self._hidden
        self.fill_now()

    @on(LiveTable.Opened)
    def _opened(self, message: LiveTable.Opened) -> None:
        if isinstance(message.row, GroupRow):
            self.monitor.drill(Place("group", group=message.row.group.name))

    def copied(self) -> str | None:
        """The group's name."""
        row = self._table.current
        return None if row is None else foreign(row.group.name)


def told(cluster: Cluster) -> list[str]:
    """How old what coordinators told is, and which of them tell nothing.

    >>> from msktop.model.groups import Coordinator, Groups
    >>> two = {1: Coordinator(at=99.0), 2: Coordinator(at=60.0)}
    >>> told(Cluster(at=100.0, groups=Groups(coordinators=two, at=99.0)))
    ['offsets 1 s old', 'those of b-2 40 s old']
    """
    groups = cluster.groups
    if groups.at is None:
        return []
    old = age(cluster.at - groups.at)
    words = ["offsets of now" if old == "now" else f"offsets {old} old"]
    for number, coordinator in sorted(groups.coordinators.items()):
        late = cluster.at - coordinator.at
        if late > STALE_AFTER_S and coordinator.at < groups.at:
            words.append(f"those of b-{number} {age(late)} old")
    return words


def _why_none(cluster: Cluster) -> str:
    source = cluster.sources.get("groups")
    if source is not None and source.failed_at is not None:
        return foreign(sentence(source.reason, source.advice))
    return "no group is known yet" if cluster.groups.at is None else "there is no consumer group"
