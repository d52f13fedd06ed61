"""What began, what ended, and how recovery went."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from msktop.model.writes import Outage

Severity = Literal["crit", "warn", "info"]


class Kind(StrEnum):
    """What can happen. The words are part of the output of `msktop events`."""

    BROKER_UNREACHABLE = "broker_unreachable"
    BROKER_HUNG = "broker_hung"
    BROKER_PARTITIONED = "broker_partitioned"
    BROKER_FENCED = "broker_fenced"
    BROKER_RESTARTED = "broker_restarted"
    BROKER_REPLACED = "broker_replaced"
    ZONE_DOWN = "zone_down"
    CLUSTER_UNREACHABLE = "cluster_unreachable"
    CONTROLLER_MOVED = "controller_moved"
    METADATA_NODE_LOST = "metadata_node_lost"
    METADATA_LEADER_MOVED = "metadata_leader_moved"
    METADATA_QUORUM_LOST = "metadata_quorum_lost"
    OFFLINE_PARTITIONS = "offline_partitions"
    UNDER_REPLICATED = "under_replicated"
    UNDER_MIN_ISR = "under_min_isr"
    LATENCY_HIGH = "latency_high"
    REQUEST_RATE_RISE = "request_rate_rise"
    LEADERS_MOVED = "leaders_moved"
    LOST_CONNECTION = "lost_connection"
    SOURCE_STALE = "source_stale"
    CREDENTIALS_EXPIRED = "credentials_expired"
    HOST_STARVED = "host_starved"
    HOST_OFFLINE = "host_offline"
    BROKER_ADDED = "broker_added"
    CLUSTER_STATE = "cluster_state"
    TOPIC_CREATED = "topic_created"
    TOPIC_DELETED = "topic_deleted"
    TOPIC_RESIZED = "topic_resized"
    TOPIC_RECONFIGURED = "topic_reconfigured"
    GROUP_STALLED = "group_stalled"
    GROUP_STOPPED = "group_stopped"
    GROUP_REWOUND = "group_rewound"
    GROUP_REBALANCED = "group_rebalanced"
    GROUP_APPEARED = "group_appeared"
    GROUP_VANISHED = "group_vanished"
    # Those of alert_rules.py:
    DISK = "disk"
    CPU = "cpu"
    CPU_CREDITS = "cpu_credits"
    HEAP = "heap"
    CONNECTIONS = "connections"
    CONNECTION_RATE = "connection_rate"
    PARTITION_COUNT = "partition_count"
    REQUEST_HANDLERS_BUSY = "request_handlers_busy"
    NETWORK_PROCESSORS_BUSY = "network_processors_busy"
    THROTTLING = "throttling"
    NETWORK_ALLOWANCE = "network_allowance"
    THROUGHPUT = "throughput"
    VOLUME_THROUGHPUT = "volume_throughput"
    VOLUME_BURST = "volume_burst"
    UNDER_REPLICATED_LONG = "under_replicated_long"
    CONTROLLER_COUNT = "controller_count"
    GROUP_LAG = "group_lag"
    SMALL_MESSAGES = "small_messages"
    ZOOKEEPER_SESSION = "zookeeper_session"
    RULE = "rule"
    """A rule of the person's own that names no other kind."""


FAILURES = (Kind.BROKER_UNREACHABLE, Kind.BROKER_HUNG, Kind.BROKER_PARTITIONED)
"""Of one broker: what has a recovery, and consequences that are folded into it."""

GROUP_KINDS = frozenset({Kind.GROUP_STALLED, Kind.GROUP_STOPPED, Kind.GROUP_REWOUND})
"""Of those who read the cluster, not of the cluster: it may be well beside them."""


@dataclass(frozen=True, slots=True)
class Step:
    """One consequence or turn of an incident, folded into it."""

    at: float
    severity: Literal["crit", "warn", "heal", "ok", "info"]
    text: str
    took_s: float | None = None
    """Seconds since the incident began."""


Says = Literal["gone", "alive", "neutral"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one observer saw, from when on. Only changes are kept."""

    at: float
    observer: str
    """In words: `our probe`, `peers' Metadata`, `exporter page`, `MSK`, `supervisor`, …"""
    text: str
    says: Says = "neutral"
    """Whether by this the subject lives."""


@dataclass(frozen=True, slots=True)
class Fall:
    """One of several times that a flapping broker went down; `ended` is None while it is."""

    began: float
    detected: float
    ended: float | None = None


CameBack = Literal["resumed", "restarted", "replaced"]


@dataclass(frozen=True, slots=True)
class Before:
    """How a broker was before it failed, to measure its recovery by."""

    held_bytes: int | None = None
    """In its log directories; None where they could not be read."""
    baseline_ms: float | None = None
    """Median of its probe's latency; None before there was a baseline."""
    calm_ms: float | None = None
    """At or below this its latency is at its baseline again."""
    started_at: float | None = None
    """Start of its process."""
    replicated_bytes: float | None = None
    """Counter of the bytes that it had copied from leaders since its start."""
    replicates_per_s: float | None = None
    """Bytes a second that it copied from leaders."""


@dataclass(frozen=True, slots=True)
class Watched:
    """A partition of the probe topic that was written to when a failure began, and who led it."""

    partition: int
    leader: int
    zone: str
    """The leader's; empty: not known."""


@dataclass(frozen=True, slots=True)
class Incident:
    """Something with a beginning and an end. `ended` is None while it lasts; a moment has both equal."""

    id: int
    kind: Kind
    severity: Severity
    subject: str
    """`b-2`, `use1-az2`, `c-1`, `cluster`, a source's name, a consumer group's."""
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
    """The stopwatch, in Unix seconds: `last_ok`, `detected`, `leaders_moved`, `first_write`, `answers`,
    `isr_full`, `leaders_back`, `latency_back`. Without a write probe there is no `first_write`."""
    between: frozenset[str] = frozenset()
    """Marks that lie in the middle between a look that missed it and one that saw it: estimates."""
    leaders_lost: int = 0
    """Leaders that the broker had when it failed."""
    address: str = ""
    """`host:port` of the broker when it failed, to tell whether it came back on the same one."""
    settled: bool = False
    """No more steps will come: recovered for good, or overtaken by the next one."""
    parent: int | None = None
    """The incident that this one is a consequence of (a broker in a zone that is down)."""
    evidence: tuple[Evidence, ...] = ()
    """What it rests on, oldest first; the newest 40 changes."""
    falls: tuple[Fall, ...] = ()
    """Of a flapping broker: each time that it went down. Empty where it did once."""
    came_back: CameBack | None = None
    """Whether its process went on, a new one began, or the control plane replaced it; None: not known."""
    before: Before | None = None
    """Of a broker's failure: how it was."""
    address_after: str = ""
    """`host:port` on which it answered again."""
    replicated_bytes: float | None = None
    """Copied from leaders from its fall to its first page after it was in sync; None: not known."""
    replicated_s: float = 0.0
    """Seconds from its fall to that page."""
    watched: tuple[Watched, ...] = ()
    """What the write probe wrote to when it began; empty: there was no write probe."""
    outages: tuple[Outage, ...] = ()
    """When these could not be written to."""
    rule: str = ""
    """The rule that it follows from (alert_rules.py); of several the most severe one."""
    advice: str = ""
    """What to do about it, in the rule's words."""

    @property
    def called(self) -> str:
        """Its kind; of a person's own rule without one, the rule's name.

        >>> Incident(1, Kind.RULE, "warn", "b-2", 1.0, 2.0, "", rule="queue").called
        'queue'
        """
        return self.rule if self.kind is Kind.RULE and self.rule else self.kind.value

    @property
    def open(self) -> bool:
        """Still lasting."""
        return self.ended is None

    @property
    def lasted_s(self) -> float | None:
        """Seconds from beginning to end; None while it lasts."""
        return None if self.ended is None else self.ended - self.began

    @property
    def times(self) -> int:
        """How often it happened: more than once where it was flapping.

        >>> Incident(1, Kind.BROKER_HUNG, "crit", "b-2", 1.0, 2.0, "").times
        1
        """
        return max(1, len(self.falls))

    @property
    def fell(self) -> float:
        """When it last began: of a flapping broker its newest fall, which its stopwatch counts from.

        >>> twice = (Fall(1.0, 2.0, 4.0), Fall(60.0, 60.5))
        >>> Incident(1, Kind.BROKER_HUNG, "crit", "b-2", 1.0, 2.0, "", falls=twice).fell
        60.0
        """
        return self.falls[-1].began if self.falls else self.began

    @property
    def noticed(self) -> float:
        """When it was last found to have begun."""
        return self.falls[-1].detected if self.falls else self.detected


@dataclass(frozen=True, slots=True)
class Watch:
    """One rule about one subject, from the first reading that meets it until it is over.

    Times are those of the readings: a figure that nobody reads neither begins nor ends anything.
    """

    last_at: float
    """Of the newest reading."""
    since: float
    """The first reading of the unbroken run that meets the rule."""
    firing: bool = False
    """It was met for long enough, and has not been left for long enough since."""
    clear_since: float | None = None
    """While firing: the first reading of the unbroken run that does not meet it."""
    detail: str = ""
    """The newest reading that meets it, in words."""


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
    watches: Mapping[tuple[str, str], Watch] = field(default_factory=dict)
    """By rule and subject: those that are met, or were until a moment ago."""

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
