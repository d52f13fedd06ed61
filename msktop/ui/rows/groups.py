"""Consumer groups as the tables show them: what is wrong in a few words, how bad that is, how old it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from msktop.model.cluster import Cluster
from msktop.model.group_lag import WORST_FIRST, Held, Verdict
from msktop.model.group_samples import MemberSeen
from msktop.model.groups import Group, PartitionKey
from msktop.ui.format import UNKNOWN, age, dur, foreign, num, rate
from msktop.ui.theme import Severity

STALE_AFTER_S = 10.0
"""A coordinator is asked every 2 s unless that costs much: older than this is said."""
_DENIED = frozenset({29, 30, 31})
_TOO_OLD = 35
SEVERITY: dict[Verdict, Severity] = {
    "STOP": "crit",
    "STALL": "crit",
    "REWIND": "warn",
    "WARN": "warn",
    "OK": "ok",
}


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One group at one time; `old_s`: seconds since its coordinator told of it, None: it never did."""

    group: Group
    at: float
    old_s: float | None

    @property
    def is_stale(self) -> bool:
        """Nobody has told of it lately."""
        return self.old_s is None or self.old_s > STALE_AFTER_S or self.group.missing_since is not None

    @property
    def severity(self) -> Severity:
        """By its verdict; none where it cannot be judged or is old."""
        if self.is_stale or self.group.error:
            return "none"
        if self.group.verdict == "STOP" and self.group.alive_at is None:
            return "none"  # nobody has consumed it since we look: it may be long forgotten
        return SEVERITY.get(self.group.verdict, "none")

    @property
    def words(self) -> str:
        """The verdict in words.

        >>> GroupRow(Group("g", 1, verdict="OK", state="Stable"), 0.0, 1.0).words
        'ok'
        >>> GroupRow(Group("g", 1, state="Stable", rebalancing_since=5.0), 9.0, 1.0).words
        'rebalancing 4.0 s'
        """
        group = self.group
        if group.missing_since is not None:
            return "no longer listed"
        if self.is_stale:
            return "not told" if self.old_s is None else f"{age(self.old_s)} old"
        if group.error:
            if group.error == _TOO_OLD:
                return "needs Kafka 3.0"
            return "offsets denied" if group.error in _DENIED else f"no offsets: error {group.error}"
        if group.rebalancing_since is not None:
            return f"rebalancing {dur(self.at - group.rebalancing_since).strip()}"
        return self._judged()

    def _judged(self) -> str:
        group = self.group
        held = group.held[group.about[0]][group.about[1]] if group.about is not None else None
        if group.verdict in ("STALL", "STOP") and held is not None:
            since = held.still_since if held.still_since is not None else self.at
            if group.verdict == "STOP" and group.alive_at is None:
                return "nobody reads"
            return f"{'stands' if group.verdict == 'STALL' else 'stopped'} {dur(self.at - since).strip()}"
        if group.verdict == "REWIND" and held is not None and held.rewound_from is not None:
            return f"went back {num(held.rewound_from - held.committed).strip()}"
        if group.verdict == "WARN":
            arrives, consumes = group.arrives_per_s, group.consumes_per_s
            if arrives is not None and consumes is not None and arrives > consumes:
                more = arrives - consumes
                return f"falling behind {(num if more >= 10 else rate)(more).strip()}/s"
            return "falling behind"
        if group.verdict == "OK":
            return "ok" if group.members or group.members is None else "ok, no member"
        return "no member" if group.members == () else UNKNOWN


def rows(cluster: Cluster, *, hidden: bool) -> list[GroupRow]:
    """All groups, the worst first; MSK's canary and Kafka's own only where `hidden`."""
    groups = cluster.groups.by_name.values()
    return sorted((row_of(cluster, g) for g in groups if hidden or not g.is_hidden), key=worst_first)


def row_of(cluster: Cluster, group: Group) -> GroupRow:
    """One group now."""
    told = cluster.groups.seen_at(group)
    return GroupRow(group, cluster.at, None if told is None else cluster.at - told)


_SEVERITIES: tuple[Severity, ...] = ("crit", "warn", "heal", "ok", "none")


def worst_first(row: GroupRow) -> tuple[int, int, int, str]:
    """Sorts groups: the worst verdict, then the largest lag, then by name."""
    group = row.group
    return (
        _SEVERITIES.index(row.severity),
        WORST_FIRST.index(group.verdict),
        -(group.lag or 0),
        group.name,
    )


def behind(seconds: float | None, *, longer: bool = False, lag: int | None = None) -> str:
    """A lag in time, which is always estimated.

    >>> behind(184.0), behind(184.0, longer=True), behind(0.0, lag=0), behind(None)
    ('~3m 04s', '>3m 04s', '0', '—')
    """
    if seconds is None:
        return UNKNOWN
    if lag == 0:
        return "0"
    return (">" if longer else "~") + dur(seconds).strip()


def caught_up(group: Group) -> str:
    """When its lag will be zero.

    >>> caught_up(Group("g", 1, lag=0)), caught_up(Group("g", 1, lag=5)), caught_up(Group("g", 1))
    ('now', '—', '—')
    """
    if group.lag is None:
        return UNKNOWN
    if group.lag == 0:
        return "now"
    if group.caught_up_in_s is not None:
        return f"~{dur(group.caught_up_in_s).strip()}"
    arrives, consumes = group.arrives_per_s, group.consumes_per_s
    if arrives is None or consumes is None or group.verdict == "OK":
        return UNKNOWN  # what keeps up has a little lag that comes and goes
    return "never"


# ------------------------------------------------------------------ one group


@dataclass(frozen=True, slots=True)
class HeldRow:
    """One partition of a group."""

    key: PartitionKey
    held: Held | None
    """None: assigned, and nothing is committed."""
    owner: MemberSeen | None

    @property
    def name(self) -> str:
        """As Kafka's tools write it; from elsewhere."""
        return f"{self.key[0]}-{self.key[1]}"


def held_rows(group: Group) -> list[HeldRow]:
    """Its partitions, the largest lag first."""
    keys: dict[PartitionKey, Held | None] = dict.fromkeys(group.owners)
    keys.update(group.partitions())
    found = [HeldRow(key, held, group.owners.get(key)) for key, held in keys.items()]
    return sorted(found, key=lambda r: (-(r.held.lag or 0) if r.held is not None else 1, r.key))


@dataclass(frozen=True, slots=True)
class MemberRow:
    """One member of a group, and how far what it owns is behind."""

    member: MemberSeen
    partitions: int
    lag: int | None

    @property
    def topics(self) -> str:
        """What it reads, made when it is looked at: there may be thousands of members."""
        assignment = self.member.assignment
        return ", ".join(f"{foreign(t)} {spans(ns)}" for t, ns in sorted(assignment.items()))


def member_rows(group: Group) -> list[MemberRow]:
    """Its members, the largest lag first."""
    return sorted(
        (_member(group, m) for m in group.members or ()),
        key=lambda r: (-(r.lag or 0), r.member.client_id, r.member.id),
    )


def _member(group: Group, member: MemberSeen) -> MemberRow:
    count, total = 0, None
    for topic, numbers in member.assignment.items():
        count += len(numbers)
        held = group.held.get(topic, {})
        for number in numbers:
            one = held.get(number)
            if one is not None and one.lag is not None:
                total = (total or 0) + one.lag
    return MemberRow(member, count, total)


def spans(numbers: Iterable[int]) -> str:
    """Numbers, runs of them as first–last.

    >>> spans([5, 0, 1, 2, 7]), spans([])
    ('0–2 5 7', '')
    """
    out: list[list[int]] = []
    for number in sorted(numbers):
        if out and number == out[-1][1] + 1:
            out[-1][1] = number
        else:
            out.append([number, number])
    return " ".join(f"{a}" if a == b else f"{a}–{b}" for a, b in out)
