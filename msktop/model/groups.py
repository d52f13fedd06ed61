"""Consumer groups as they are now: frozen, made only by fold_groups.py."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from msktop.model.group_lag import Held, Verdict
from msktop.model.series import Series
from msktop.model.text import is_canary_or_internal

if TYPE_CHECKING:
    from msktop.model.group_samples import MemberSeen

TREND_KEPT = 256
TREND_EVERY_S = 5.0
"""One point of lag each five seconds: over twenty minutes."""
REBALANCING = frozenset({"PreparingRebalance", "CompletingRebalance", "Assigning", "Reconciling"})

PartitionKey = tuple[str, int]


@dataclass(frozen=True, slots=True, eq=False)
class Counted:
    """Records that arrived and that were consumed since we first saw the group."""

    at: float
    arrived: int = 0
    consumed: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """One group. Sums are over partitions in which it has committed; None: not known."""

    name: str
    coordinator: int
    state: str = ""
    """Kafka's word: Stable, Empty, PreparingRebalance, …"""
    type: str = ""
    protocol_type: str = ""
    assignor: str = ""
    epoch: int = -1
    members: tuple[MemberSeen, ...] | None = None
    """None where nobody described it."""
    owners: Mapping[PartitionKey, MemberSeen] = field(default_factory=dict)
    described_at: float | None = None
    describe_error: int = 0
    error: int = 0
    """Kafka's code where its offsets are refused."""
    held: Mapping[str, Mapping[int, Held]] = field(default_factory=dict)
    """By topic and partition."""
    ends: tuple[Mapping[int, int] | None, ...] = ()
    """The ends that it was judged by; compared by identity."""
    judged_at: float | None = None
    lag: int | None = None
    worst: PartitionKey | None = None
    """The partition with the largest lag."""
    behind_s: float | None = None
    """Of the partition that is furthest behind in time; an estimate."""
    behind_longer: bool = False
    """It is older still than what we saw."""
    verdict: Verdict = ""
    about: PartitionKey | None = None
    """The partition that the verdict is by."""
    counted: tuple[Counted, ...] = ()
    trend: Series = field(default_factory=lambda: Series(TREND_KEPT))
    """Total lag."""
    alive_at: float | None = None
    """When it last had members or committed something new, as far as we saw."""
    rebalances: int = 0
    """How many began while we watched."""
    rebalanced_at: float | None = None
    rebalancing_since: float | None = None
    missing_since: float | None = None
    """Since when no coordinator lists it."""

    @property
    def arrives_per_s(self) -> float | None:
        """Records per second written to its partitions; None before there is a span."""
        return _rate(self.counted, "arrived")

    @property
    def consumes_per_s(self) -> float | None:
        """Records per second by which its committed offsets move."""
        return _rate(self.counted, "consumed")

    @property
    def caught_up_in_s(self) -> float | None:
        """Seconds until its lag is zero, if both rates stay; None: not known, or never.

        >>> Group("g", 1, lag=100, counted=(Counted(0.0), Counted(10.0, 50, 100))).caught_up_in_s
        20.0
        """
        arrives, consumes = self.arrives_per_s, self.consumes_per_s
        if not self.lag or arrives is None or consumes is None or consumes <= arrives:
            return None
        return self.lag / (consumes - arrives)

    @property
    def topics(self) -> tuple[str, ...]:
        """What it reads: committed to, or assigned."""
        return tuple(sorted({*self.held, *(topic for topic, _ in self.owners)}))

    @property
    def is_hidden(self) -> bool:
        """MSK's own canary, or Kafka's own: not shown unless asked for.

        >>> [Group(n, 1).is_hidden for n in ("amazon.msk.canary.group.broker-1", "__x", "orders")]
        [True, True, False]
        """
        return is_canary_or_internal(self.name)

    def partitions(self) -> Iterator[tuple[PartitionKey, Held]]:
        """All partitions in which it has committed."""
        for topic, held in self.held.items():
            for number, one in held.items():
                yield (topic, number), one


def _rate(counted: tuple[Counted, ...], what: str) -> float | None:
    if len(counted) < 2:
        return None
    first, last = counted[0], counted[-1]
    span = last.at - first.at
    moved: int = getattr(last, what) - getattr(first, what)
    return moved / span if span > 0 else None


@dataclass(frozen=True, slots=True)
class Coordinator:
    """One broker's newest word on the groups that it coordinates; an error is none."""

    at: float


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """All groups of the cluster, by name, and who told of them."""

    by_name: Mapping[str, Group] = field(default_factory=dict)
    coordinators: Mapping[int, Coordinator] = field(default_factory=dict)
    at: float | None = None
    """When any coordinator last told."""

    def seen_at(self, group: Group) -> float | None:
        """When this group's coordinator last told of it."""
        told = self.coordinators.get(group.coordinator)
        return told.at if told is not None else None
