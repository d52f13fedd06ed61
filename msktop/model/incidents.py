"""What began, what ended, and how recovery went."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

Severity = Literal["crit", "warn", "info"]


class Kind(StrEnum):
    """What can happen. The words are part of the output of `msktop events`."""

    BROKER_UNREACHABLE = "broker_unreachable"
    BROKER_HUNG = "broker_hung"
    BROKER_FENCED = "broker_fenced"
    ZONE_DOWN = "zone_down"
    CLUSTER_UNREACHABLE = "cluster_unreachable"
    CONTROLLER_MOVED = "controller_moved"
    METADATA_NODE_LOST = "metadata_node_lost"
    METADATA_LEADER_MOVED = "metadata_leader_moved"
    METADATA_QUORUM_LOST = "metadata_quorum_lost"
    OFFLINE_PARTITIONS = "offline_partitions"
    UNDER_REPLICATED = "under_replicated"
    LEADERS_MOVED = "leaders_moved"
    LOST_CONNECTION = "lost_connection"
    SOURCE_STALE = "source_stale"
    HOST_STARVED = "host_starved"
    BROKER_ADDED = "broker_added"
    CLUSTER_STATE = "cluster_state"


@dataclass(frozen=True, slots=True)
class Step:
    """One consequence or turn of an incident, folded into it."""

    at: float
    severity: Literal["crit", "warn", "heal", "ok", "info"]
    text: str
    took_s: float | None = None
    """Seconds since the incident began."""


@dataclass(frozen=True, slots=True)
class Incident:
    """Something with a beginning and an end. `ended` is None while it lasts; a moment has both equal."""

    id: int
    kind: Kind
    severity: Severity
    subject: str
    """`b-2`, `use1-az2`, `c-1`, `cluster`, a source's name."""
    began: float
    """When it happened, by the evidence (last good answer + the first sign)."""
    detected: float
    detail: str
    ended: float | None = None
    zone: str | None = None
    broker: int | None = None
    planned: str | None = None
    """The operation or controlled shutdown that it falls in."""
    steps: tuple[Step, ...] = ()
    marks: Mapping[str, float] = field(default_factory=dict)
    """Recovery: `detected`, `leaders_moved`, `answers`, `isr_full`, `leaders_back` → Unix seconds."""
    leaders_lost: int = 0
    """Leaders that the broker had when it failed."""
    address: str = ""
    """`host:port` of the broker when it failed, to tell whether it came back on the same one."""
    settled: bool = False
    """No more steps will come: recovered for good, or overtaken by the next one."""
    parent: int | None = None
    """The incident that this one is a consequence of (a broker in a zone that is down)."""

    @property
    def open(self) -> bool:
        """Still lasting."""
        return self.ended is None

    @property
    def lasted_s(self) -> float | None:
        """Seconds from beginning to end; None while it lasts."""
        return None if self.ended is None else self.ended - self.began


@dataclass(frozen=True, slots=True, eq=False)
class Incidents:
    """All incidents of a session, oldest first, and what `detect` must remember between samples."""

    log: tuple[Incident, ...] = ()
    """The newest 500, by id without a gap."""
    next_id: int = 1
    active: tuple[int, ...] = ()
    """Ids of those that are not settled."""
    pending: Mapping[str, float] = field(default_factory=dict)
    """Conditions that hold but not for long enough yet: since when."""

    @property
    def open(self) -> tuple[Incident, ...]:
        """Those that last, oldest first."""
        return tuple(i for i in self.unsettled if i.ended is None)

    @property
    def unsettled(self) -> tuple[Incident, ...]:
        """Those that last or still recover, oldest first."""
        return tuple(i for number in self.active if (i := self.get(number)) is not None)

    def get(self, number: int) -> Incident | None:
        """One incident by its id; None when it is too old to be kept."""
        if not self.log:
            return None
        index = number - self.log[0].id
        return self.log[index] if 0 <= index < len(self.log) else None
