"""One consumer group: how it does, its partitions, its members, its rebalances."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual import on
from textual.widget import Widget

from msktop.model.detect_groups import words_of
from msktop.model.groups import Group, PartitionKey
from msktop.session import View
from msktop.ui.format import UNKNOWN, age, foreign, num, rate
from msktop.ui.keys import MOVE, Key
from msktop.ui.places import Place
from msktop.ui.rows.groups import HeldRow, MemberRow, behind, caught_up, held_rows, member_rows, row_of
from msktop.ui.screens.drill import SORT, DrillScreen
from msktop.ui.screens.live import LiveScreen
from msktop.ui.theme import sign, token
from msktop.ui.widgets.canvas import Canvas
from msktop.ui.widgets.draw import sentence, title
from msktop.ui.widgets.graph import spark
from msktop.ui.widgets.grid import grid, highest, known, linear
from msktop.ui.widgets.group_table import TREND_SPAN_S, held_columns, member_columns
from msktop.ui.widgets.paint import Draw
from msktop.ui.widgets.table import LiveTable
from msktop.ui.widgets.titled import Head, TitledTable

_LABEL = 10


class GroupScreen(DrillScreen):
    """Enter on a partition opens it."""

    DEFAULT_CSS = """
    GroupScreen #about { height: 7; margin: 0 1; }
    GroupScreen #held { height: 2fr; margin-top: 1; width: 100%; }
    GroupScreen #members { height: 1fr; margin-top: 1; width: 100%; }
    """
    SCOPED_CSS = False
    KEYS: ClassVar[tuple[Key, ...]] = (*SORT, MOVE[-1])

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self._of: tuple[Group, list[HeldRow], list[MemberRow]] | None = None

    def _rows(self, group: Group) -> tuple[list[HeldRow], list[MemberRow]]:
        """Partitions and members, put together again only where the group has changed."""
        if self._of is None or self._of[0] is not group:
            self._of = (group, held_rows(group), member_rows(group))
        return self._of[1], self._of[2]

    def body(self) -> Iterable[Widget]:
        """Summary, partitions, members."""
        yield Draw(self._about, id="about").data_bind(LiveScreen.view)
        columns = held_columns(self.now, self._leader_of)
        yield TitledTable[HeldRow](columns, key=lambda r: r.key, id="held", margin=1)
        yield TitledTable[MemberRow](member_columns(), key=lambda r: r.member.id, id="members", margin=1)

    def _group(self, view: View) -> Group | None:
        return view.cluster.groups.by_name.get(self.place.group or "")

    def _leader_of(self, key: PartitionKey) -> int | None:
        """As the view says it: leaders move without a change of the group."""
        topic = self.view.cluster.topics.get(key[0])
        partition = topic.partitions.get(key[1]) if topic is not None else None
        return partition.leader if partition is not None else None

    def fill(self, view: View) -> None:
        """Partitions by topic or owner, members by client, host or zone."""
        group = self._group(view)
        held, members = self.query_one("#held", TitledTable), self.query_one("#members", TitledTable)
        if group is None:
            held.set_rows([])
            members.set_rows([])
            return
        parts, there = self._rows(group)
        if self.filter_text:
            parts = [r for r in parts if self.matches(r.name, r.owner.client_id if r.owner else None)]
            there = [
                r for r in there if self.matches(r.member.client_id, r.member.host, r.member.rack, r.topics)
            ]
        held.head = Head("Partitions", f"{num(len(parts)).strip()} · by lag")
        held.empty = "nothing matches" if self.filter_text else "nothing is committed"
        held.set_rows(parts)
        members.head = Head("Members", _members_note(group, len(there), view.cluster.at))
        members.empty = _why_no_member(group)
        members.set_rows(there)

    def _about(self, canvas: Canvas, view: View) -> None:
        group, cluster = self._group(view), view.cluster
        name = foreign(self.place.group or "")
        if group is None:
            title(canvas, 0, f"Group {name}")
            canvas.text(2, 1, "no coordinator lists it", "muted")
            return
        row = row_of(cluster, group)
        title(canvas, 0, f"Group {name}", _kind(group), right="" if row.old_s is None else age(row.old_s))
        x = canvas.text(0, 1, sign(row.severity) + " ", token(row.severity))
        x = canvas.text(x, 1, row.words, "strong b", canvas.width - x) + 2
        if group.verdict in ("STOP", "STALL", "REWIND"):
            canvas.text(x, 1, foreign(words_of(group, cluster.at)), "text", canvas.width - x)
        for y, (label, text) in enumerate(_facts(group), start=2):
            canvas.text(2, y, label, "muted", _LABEL)
            canvas.text(3 + _LABEL, y, text, "text", canvas.width - _LABEL - 3)
        self._trend(canvas, group, cluster.at)

    def _trend(self, canvas: Canvas, group: Group, at: float) -> None:
        canvas.text(2, 6, "lag", "muted", _LABEL)
        cells = max(10, min(60, canvas.width - _LABEL - 26))
        on = grid(at, TREND_SPAN_S, cells)
        values = highest(group.trend.since(on.begin), on)
        spark(canvas, 3 + _LABEL, 6, values, linear(0.0, max((*known(values), 1.0))))
        most = max(known(values), default=None)
        canvas.text(5 + _LABEL + cells, 6, f"10 min, most {num(most).strip()}", "muted")

    @on(LiveTable.Opened)
    def _opened(self, message: LiveTable.Opened) -> None:
        row = message.row
        if isinstance(row, HeldRow):
            self.monitor.drill(Place("partition", topic=row.key[0], partition=row.key[1]))

    def copied(self) -> str | None:
        """The selected partition or member id, else the group."""
        table = self.sorted_table
        row = table.current if table is not None else None
        if isinstance(row, HeldRow):
            return f"{foreign(row.key[0])}-{row.key[1]}"
        if isinstance(row, MemberRow):
            return foreign(row.member.id)
        return foreign(self.place.group or "")


def _kind(group: Group) -> str:
    return sentence(
        foreign(group.type or "type not told"),
        foreign(group.protocol_type if group.protocol_type != "consumer" else ""),
        foreign(group.state),
        f"coordinator b-{group.coordinator}",
        foreign(group.assignor),
    )


def _facts(group: Group) -> list[tuple[str, str]]:
    worst = ""
    if group.worst is not None and group.lag:
        topic, number = group.worst
        lag = group.held[topic][number].lag
        worst = f"most in {foreign(topic)}-{number}: {num(lag).strip()}"
    late = behind(group.behind_s, longer=group.behind_longer, lag=group.lag)
    rebalances = f"{group.rebalances} since msktop began" if group.rebalances else "none since msktop began"
    return [
        ("lag", sentence(f"{num(group.lag).strip()} records", worst, f"{late} in time" if group.lag else "")),
        (
            "rates",
            sentence(
                f"in {rate(group.arrives_per_s).strip()}/s",
                f"out {rate(group.consumes_per_s).strip()}/s",
                _soon(group),
            ),
        ),
        ("topics", foreign(", ".join(group.topics)) or UNKNOWN),
        ("rebalances", rebalances),
    ]


def _soon(group: Group) -> str:
    when = caught_up(group)
    if not group.lag or when == UNKNOWN:
        return ""
    return "never caught up at these rates" if when == "never" else f"caught up in {when}"


def _members_note(group: Group, shown: int, at: float) -> str:
    if group.described_at is None:
        return ""
    old = age(at - group.described_at)
    return sentence(num(shown).strip(), "described now" if old == "now" else f"described {old} ago")


def _why_no_member(group: Group) -> str:
    if group.describe_error:
        return f"the coordinator does not describe it: error {group.describe_error}"
    if group.members is None and group.state != "Empty":
        return "members are not known yet"
    return "no member: nobody consumes, or a client that assigns partitions to itself"
