"""Incidents of consumer groups: those that stand, stop or go back; rebalances; groups that come and go."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from msktop.model import rules
from msktop.model.cluster import Cluster
from msktop.model.group_lag import Verdict
from msktop.model.groups import Group
from msktop.model.incident_log import Log
from msktop.model.incidents import Kind

_KINDS: dict[Verdict, Kind] = {
    "STALL": Kind.GROUP_STALLED,
    "STOP": Kind.GROUP_STOPPED,
    "REWIND": Kind.GROUP_REWOUND,
}
_MANY = "groups"
"""Subject of an incident of more groups than are told apart; a group of this very name is told in it too."""
_NAMED = 5
_OBSERVER = "offsets"


def consumer_groups(log: Log, old: Cluster, new: Cluster) -> None:
    """What befell groups between two states."""
    if new.groups is old.groups:
        return
    before, after = old.groups.by_name, new.groups.by_name
    if before.keys() != after.keys() and old.cluster_id == new.cluster_id:
        _came_and_went(log, old, new)
    changed = [g for name, g in after.items() if before.get(name) is not g and not g.is_hidden]
    _rebalances(log, old, changed)
    for verdict, kind in _KINDS.items():
        _follow(log, kind, verdict, new)


# ------------------------------------------------------------------ verdicts


def _follow(log: Log, kind: Kind, verdict: Verdict, new: Cluster) -> None:
    """Incidents of one kind: of each group apart, or of many at once."""
    holding = {
        name: group
        for name, group in new.groups.by_name.items()
        if group.verdict == verdict and group.alive_at is not None and not group.is_hidden
    }
    opened = {i.subject for i in log.unsettled() if i.kind is kind and not i.rule} - {_MANY}
    if not holding and not opened and log.find(kind, subject=_MANY) is None:
        return
    for name in opened:
        group = holding.get(name)
        detail = "" if group is None else words_of(group, new.at)
        if group is None or log.at - _told_at(log, kind, name) >= _AGAIN_S:
            log.follow(group is not None, kind, "warn", name, detail, by=_OBSERVER)
    more = [name for name in holding if name not in opened]
    if len(opened) + len(more) <= rules.GROUPS_TOLD_APART:
        for name in more:
            if name != _MANY:
                detail = words_of(holding[name], new.at)
                log.open(kind, "warn", name, detail, began=_since(holding[name]), by=_OBSERVER)
        more = [name for name in more if name == _MANY]
    _together(log, kind, more)


def _since(group: Group) -> float | None:
    """When the partition that the verdict is by began to stand, or went back."""
    if group.about is None:
        return None
    held = group.held[group.about[0]][group.about[1]]
    return held.rewound_at if group.verdict == "REWIND" else held.still_since


_AGAIN_S = 30.0
"""An incident that lasts says how it is so often."""


def _told_at(log: Log, kind: Kind, name: str) -> float:
    incident = log.find(kind, subject=name)
    return incident.evidence[-1].at if incident is not None and incident.evidence else 0.0


def _together(log: Log, kind: Kind, names: list[str]) -> None:
    detail = f"{len(names)} group{'' if len(names) == 1 else 's'}: {_some(names)}"
    log.follow(bool(names), kind, "warn", _MANY, detail, by=_OBSERVER)


def words_of(group: Group, at: float) -> str:
    """Why a group has its verdict, by its worst partition.

    >>> from msktop.model.group_lag import Held
    >>> held = Held(40, end=1244, still_since=100.0, verdict="STOP")
    >>> words_of(Group("g", 1, held={"t": {3: held}}, about=("t", 3), verdict="STOP", lag=2000), 164.0)
    't-3 has stood at 40 for 64 s with 1,204 to read; nobody consumes it; lag of the group 2,000'
    """
    if group.about is None:
        return ""
    topic, number = group.about
    held = group.held[topic][number]
    name = f"{topic}-{number}"
    if group.verdict == "REWIND" and held.rewound_from is not None:
        return f"{name} went back from {held.rewound_from:,} to {held.committed:,} (lag {held.lag or 0:,})"
    still = 0.0 if held.still_since is None else at - held.still_since
    owner = group.owners.get(group.about)
    who = "nobody consumes it" if owner is None else f"{owner.client_id} at {owner.host} owns it"
    return (
        f"{name} has stood at {held.committed:,} for {still:.0f} s with {held.lag or 0:,} to read; {who}; "
        f"lag of the group {group.lag or 0:,}"
    )


# ------------------------------------------------------------------ rebalances


def _rebalances(log: Log, old: Cluster, changed: Iterable[Group]) -> None:
    """One event a group; more of them soon after count in it."""
    began = []
    for group in changed:
        before = old.groups.by_name.get(group.name)
        if before is not None and group.rebalances > before.rebalances:
            began.append(group)
    if len(began) > rules.GROUPS_TOLD_APART:
        text = f"{len(began)} groups rebalance: {_some([g.name for g in began])}"
        log.moment(Kind.GROUP_REBALANCED, "info", _MANY, text, by="coordinator")
        return
    for group in began:
        known = log.recent(Kind.GROUP_REBALANCED, group.name, rules.GROUP_REBALANCES_MERGE_S)
        if known is None:
            members = "" if group.members is None else f"; {len(group.members)} members before"
            text = f"rebalances ({group.state}){members}" if group.rebalancing_since else "was rebalanced"
            log.moment(Kind.GROUP_REBALANCED, "info", group.name, text, by="coordinator")
        else:
            times = len(known.steps) + 2
            detail = f"rebalanced {times} times within {log.at - known.began:.0f} s"
            log.step(replace(known, detail=detail), "info", f"rebalances again: time {times}")


# ------------------------------------------------------------------ come and go


def _came_and_went(log: Log, old: Cluster, new: Cluster) -> None:
    before, after = old.groups.by_name, new.groups.by_name
    came = [
        name
        for name in after.keys() - before.keys()
        if after[name].coordinator in old.groups.coordinators and not after[name].is_hidden
    ]
    went = [name for name in before.keys() - after.keys() if not before[name].is_hidden]
    _told(log, Kind.GROUP_APPEARED, sorted(came), "appeared")
    _told(log, Kind.GROUP_VANISHED, sorted(went), "is gone: deleted, or its offsets have expired")


def _told(log: Log, kind: Kind, names: list[str], what: str) -> None:
    if len(names) > rules.GROUPS_TOLD_APART:
        log.moment(kind, "info", _MANY, f"{len(names)} groups: {_some(names)}", by="coordinator")
        return
    for name in names:
        log.moment(kind, "info", name, f"the group {what}", by="coordinator")


def _some(names: list[str]) -> str:
    """The first few names.

    >>> _some(["a", "b", "c", "d", "e", "f", "g"])
    'a, b, c, d, e and 2 more'
    """
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
