"""Columns of the tables of groups, of a group's partitions and of its members."""

from __future__ import annotations

from collections.abc import Callable

from msktop.model.groups import PartitionKey
from msktop.ui.columns import Cell, Column, Now, figure
from msktop.ui.format import UNKNOWN, foreign, num, rate
from msktop.ui.rows.groups import SEVERITY, GroupRow, HeldRow, MemberRow, behind, caught_up, worst_first
from msktop.ui.theme import sign, token
from msktop.ui.widgets.canvas import Canvas
from msktop.ui.widgets.graph import spark
from msktop.ui.widgets.grid import grid, highest, known, linear

TREND_SPAN_S = 600.0


def group_columns(now: Now) -> list[Column[GroupRow]]:
    """Of all groups."""

    def trend(canvas: Canvas, x: int, y: int, width: int, row: GroupRow) -> None:
        on = grid(now.at, TREND_SPAN_S, width)
        values = highest(row.group.trend.since(on.begin), on)
        spark(canvas, x, y, values, linear(0.0, max((*known(values), 1.0))))

    def number(head: str, of: str) -> Column[GroupRow]:
        return figure(
            head,
            5,
            lambda r: _figure(r, rate(getattr(r.group, of)), getattr(r.group, of)),
            lambda r: getattr(r.group, of),
        )

    return [
        Column(head="", width=1, cell=lambda r: (sign(r.severity), token(r.severity)), gap=1),
        Column(head="group", width=0, cell=_name, sort=lambda r: r.group.name),
        Column(head="type", width=8, cell=lambda r: (_type(r), "muted"), min_width=110),
        Column(head="state", width=11, cell=_state, min_width=140, sort=lambda r: r.group.state),
        Column(head="coord", width=5, cell=_coordinator, min_width=140, align=">"),
        figure("mem", 4, _members, _member_count),
        figure("lag", 5, lambda r: _figure(r, num(r.group.lag), r.group.lag), lambda r: r.group.lag),
        figure("worst", 5, _worst, _worst_lag, min_width=140),
        figure("behind", 8, _behind, lambda r: r.group.behind_s),
        Column(head="lag, 10 min", width=16, draw=trend, min_width=110),
        number("in/s", "arrives_per_s"),
        number("out/s", "consumes_per_s"),
        Column(head="caught up", width=9, cell=_caught_up, align=">", min_width=100),
        Column(head="verdict", width=0, cell=_verdict, sort=worst_first),
        Column(head="topics", width=26, cell=_topics, min_width=170),
    ]


def _figure(row: GroupRow, text: str, value: float | None) -> Cell:
    """A figure of a coordinator that does not answer is dimmed: its age stands in the verdict."""
    return text, "faint" if row.is_stale or not value else "text"


def _name(row: GroupRow) -> Cell:
    return foreign(row.group.name), "muted" if row.group.is_hidden or row.is_stale else "text"


def _type(row: GroupRow) -> str:
    group = row.group
    if group.protocol_type not in ("", "consumer", "share"):
        return foreign(group.protocol_type)
    return foreign(group.type) or UNKNOWN


def _state(row: GroupRow) -> Cell:
    state = _STATES.get(row.group.state, row.group.state)
    return foreign(state) or UNKNOWN, "muted" if state in ("Stable", "Empty") else "text"


_STATES = {"PreparingRebalance": "preparing", "CompletingRebalance": "completing"}


def _coordinator(row: GroupRow) -> Cell:
    return f"b-{row.group.coordinator}", "muted"


def _member_count(row: GroupRow) -> int | None:
    members = row.group.members
    if members is None:
        return 0 if row.group.state == "Empty" else None
    return len(members)


def _members(row: GroupRow) -> Cell:
    count = _member_count(row)
    return num(count, 4), "text" if count else "faint"


def _worst_lag(row: GroupRow) -> int | None:
    worst = row.group.worst
    return row.group.held[worst[0]][worst[1]].lag if worst is not None else None


def _worst(row: GroupRow) -> Cell:
    lag = _worst_lag(row)
    return _figure(row, num(lag), lag)


def _behind(row: GroupRow) -> Cell:
    group = row.group
    text = behind(group.behind_s, longer=group.behind_longer, lag=group.lag)
    return _figure(row, text, group.behind_s)


def _caught_up(row: GroupRow) -> Cell:
    text = caught_up(row.group)
    return text, "text" if text not in ("now", UNKNOWN) and not row.is_stale else "faint"


def _verdict(row: GroupRow) -> Cell:
    return row.words, token(row.severity) if row.severity in ("crit", "warn") else "muted"


def _topics(row: GroupRow) -> Cell:
    return foreign(", ".join(row.group.topics)) or UNKNOWN, "muted"


# ------------------------------------------------------------------ one group


def held_columns(now: Now, leader_of: Callable[[PartitionKey], int | None]) -> list[Column[HeldRow]]:
    """Of the partitions of one group. Time and leaders are the view's: rows stay while the group does."""

    def held_behind(row: HeldRow) -> Cell:
        found = row.held.behind_s(now.at) if row.held is not None else None
        if row.held is None or found is None:
            return UNKNOWN, "faint"
        return behind(found[0], longer=found[1], lag=row.held.lag), "text" if row.held.lag else "faint"

    def leader(row: HeldRow) -> Cell:
        number = leader_of(row.key)
        return (UNKNOWN, "faint") if number is None else (f"b-{number}", "muted")

    return [
        Column(head="", width=1, cell=_held_sign, gap=1),
        Column(
            head="partition",
            width=0,
            cell=lambda r: f"{foreign(r.key[0])}-{r.key[1]}",
            sort=lambda r: r.key,
        ),
        Column(head="committed", width=13, cell=lambda r: _offset(r, "committed"), align=">", min_width=100),
        Column(head="end", width=13, cell=lambda r: _offset(r, "end"), align=">", min_width=100),
        figure("lag", 9, lambda r: _lag(_held_lag(r)), _held_lag),
        Column(head="behind", width=8, cell=held_behind, align=">"),
        Column(head="leader", width=6, cell=leader, align=">", min_width=110),
        Column(head="verdict", width=7, cell=_held_verdict),
        Column(
            head="owner",
            width=0,
            cell=_owner,
            sort=lambda r: r.owner.client_id if r.owner is not None else None,
        ),
        Column(head="host", width=16, cell=_held_host, min_width=110),
    ]


def _held_sign(row: HeldRow) -> Cell:
    verdict = row.held.verdict if row.held is not None else ""
    severity = SEVERITY.get(verdict, "none")
    return sign(severity), token(severity)


def _offset(row: HeldRow, of: str) -> Cell:
    value = getattr(row.held, of) if row.held is not None else None
    return (UNKNOWN, "faint") if value is None else (f"{value:,}".replace(",", " "), "muted")


def _lag(lag: int | None) -> Cell:
    return (UNKNOWN if lag is None else f"{lag:,}".replace(",", " ")), "text" if lag else "faint"


def _held_lag(row: HeldRow) -> int | None:
    return row.held.lag if row.held is not None else None


def _held_verdict(row: HeldRow) -> Cell:
    verdict = row.held.verdict if row.held is not None else ""
    severity = SEVERITY.get(verdict, "none")
    return verdict or UNKNOWN, token(severity) if severity in ("crit", "warn") else "muted"


def _owner(row: HeldRow) -> Cell:
    return (foreign(row.owner.client_id), "text") if row.owner is not None else (UNKNOWN, "faint")


def _held_host(row: HeldRow) -> Cell:
    return (foreign(row.owner.host), "muted") if row.owner is not None else (UNKNOWN, "faint")


def member_columns() -> list[Column[MemberRow]]:
    """Of the members of one group."""
    return [
        Column(
            head="client",
            width=0,
            cell=lambda r: foreign(r.member.client_id),
            sort=lambda r: r.member.client_id,
        ),
        Column(
            head="host",
            width=16,
            cell=lambda r: (foreign(r.member.host), "muted"),
            sort=lambda r: r.member.host,
        ),
        Column(
            head="zone",
            width=9,
            cell=lambda r: (foreign(r.member.rack or "") or UNKNOWN, "muted"),
            min_width=90,
        ),
        Column(
            head="static",
            width=12,
            cell=lambda r: (foreign(r.member.instance or "") or UNKNOWN, "muted"),
            min_width=140,
        ),
        figure("parts", 5, lambda r: num(r.partitions), lambda r: r.partitions),
        figure("lag", 5, lambda r: (num(r.lag), "text" if r.lag else "faint"), lambda r: r.lag),
        Column(head="assignment", width=0, cell=lambda r: (r.topics or UNKNOWN, "muted")),
        Column(head="member id", width=40, cell=lambda r: (foreign(r.member.id), "faint"), min_width=170),
    ]
