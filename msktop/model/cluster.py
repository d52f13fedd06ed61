"""What is true now: frozen, made only by reduce.py, compared by identity.

Every value knows when it was observed. None means not known; nothing here is ever guessed as zero.
Times are Unix seconds of the session's clock, latencies milliseconds, sizes bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple

from msktop.model.baseline import Baseline
from msktop.model.groups import Groups
from msktop.model.past import Past
from msktop.model.series import Series
from msktop.model.stages import Outcome, Stage
from msktop.model.throttle import Throttle
from msktop.model.traffic import Traffic
from msktop.model.writes import PROBE_TOPIC, Track, Writes

if TYPE_CHECKING:
    from msktop.model.alert_rule import Rule
    from msktop.model.control_samples import (
        DescriptionSeen,
        NodeSeen,
        OperationSeen,
        PermissionSeen,
        ZoneSeen,
        ZooKeeperSeen,
    )
    from msktop.model.samples import ConfigEntry, LogDirSeen, QuorumSeen, VoterSeen

PINGS_KEPT = 1300
"""Pings kept per broker: 5 minutes at one each 250 ms, for latency graphs."""
SCRAPES_KEPT = 400
"""Observations kept per rate: over an hour at one each 10 s."""
QUANTILE_SPAN_S = 60.0
"""Latency quantiles speak of the last minute."""


# ------------------------------------------------------------------ brokers

ProbeWord = Literal["unknown", "up", "suspect", "down"]


@dataclass(frozen=True, slots=True, eq=False)
class Probe:
    """What our own connection to one broker says."""

    word: ProbeWord = "unknown"
    since: float | None = None
    """When the word began to hold."""
    last_ok_at: float | None = None
    reached_at: float | None = None
    """When its host last gave any sign, be it a refusal: the network between us worked."""
    last_ms: float | None = None
    """ApiVersions round trip of the newest good probe."""
    silent_since: float | None = None
    """When the oldest request was sent that has no answer yet."""
    connect_failed_at: float | None = None
    """When a new connection last failed, while none has worked since."""
    outcome: Outcome = "ok"
    failed_stage: Stage | None = None
    passed: tuple[Stage, ...] = ()
    """Stages that the newest new connection passed."""
    error: str = ""
    pings: Series = field(default_factory=lambda: Series(PINGS_KEPT))
    """Round trip in ms; a gap where there was no answer."""
    stages: Mapping[Stage, Series] = field(default_factory=dict)
    """ms by stage of new connections, one point each 15 s."""
    p50_ms: float | None = None
    p99_ms: float | None = None
    """Over the last minute, without samples taken while this machine starved."""
    recent_ms: float | None = None
    """Median of the newest ten seconds, renewed each second."""
    recent_at: float | None = None
    baseline: Baseline | None = None
    """What is usual for it; None in its first half minute."""
    starved_at: float | None = None
    lost_connections: int = 0
    """Connections that were reset while a new one worked: no failure of the broker."""
    lost_at: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Page:
    """What one exporter page says, and the rates that follow from its counters."""

    at: float | None = None
    """When the newest good page was read."""
    values: Mapping[str, float] = field(default_factory=dict)
    """By the keys of metrics.py."""
    rates: Mapping[str, float] = field(default_factory=dict)
    """Per second since the page before; a key is absent without two pages or after a counter reset."""
    history: Mapping[str, Series] = field(default_factory=dict)
    """Rates and gauges worth a graph (metrics.HISTORY), one point a scrape; a failed scrape is a gap."""
    took_ms: float | None = None
    bytes: int | None = None
    failed_at: float | None = None
    """When a scrape failed, while none has worked since."""
    error: str = ""
    advice: str = ""
    truncated: bool = False
    reset_at: float | None = None
    """When its counters were last seen to have begun anew: the process is another one."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Partitions of one broker, from Metadata."""

    leaders: int = 0
    replicas: int = 0
    led_under_replicated: int = 0
    """Led here with fewer in-sync replicas than replicas: what MSK calls UnderReplicatedPartitions."""
    out_of_isr: int = 0
    """Replicas held here that are not in sync."""
    preferred: int = 0
    """Partitions whose preferred (first) replica is here."""


@dataclass(frozen=True, slots=True, eq=False)
class Broker:
    """One broker, from all sources."""

    id: int
    host: str = ""
    port: int = 0
    zone: str | None = None
    """Its broker.rack, else the zone of its inventory entry."""
    in_metadata: bool = False
    """In the newest Metadata: registered and not fenced."""
    left_metadata_at: float | None = None
    probe: Probe = field(default_factory=Probe)
    jmx: Page = field(default_factory=Page)
    node: Page = field(default_factory=Page)
    counts: Counts = Counts()
    inventory: NodeSeen | None = None
    kafka_version: str | None = None
    version_estimated: bool = True
    log_dirs: tuple[LogDirSeen, ...] | None = None
    log_dirs_at: float | None = None
    log_dirs_error: int = 0
    config: tuple[ConfigEntry, ...] | None = None
    config_at: float | None = None
    config_error: int = 0
    throttle: Throttle = field(default_factory=Throttle)
    """How long it bids us wait."""
    offsets_at: float | None = None
    messages: Series = field(default_factory=lambda: Series(PINGS_KEPT))
    """Records per second written to the partitions led here, from end offsets, one point a second."""
    writes: Writes = field(default_factory=Writes)
    """How our own writes to what it leads go; all unknown without a write probe."""

    @property
    def name(self) -> str:
        """`b-2`, as MSK names it."""
        return f"b-{self.id}"


# ------------------------------------------------------------------ metadata nodes, topics


@dataclass(frozen=True, slots=True, eq=False)
class MetadataNode:
    """A KRaft controller or a ZooKeeper node."""

    id: int
    role: Literal["controller", "zookeeper"]
    leader: bool = False
    voter: VoterSeen | None = None
    lag: int | None = None
    """Records of the metadata log that it is behind the leader."""
    inventory: NodeSeen | None = None
    """What the control plane lists, where there is one; `inventory.state` is its word."""
    zookeeper: ZooKeeperSeen | None = None
    """Its own newest answer to four-letter words, or that it gave none."""

    @property
    def name(self) -> str:
        """`c-1` or `zk-1`; MSK numbers controllers from 10001."""
        prefix = "c" if self.role == "controller" else "zk"
        return f"{prefix}-{self.id - 10000 if self.id > 10000 else self.id}"

    @property
    def zone(self) -> str | None:
        """Its zone, where the control plane says."""
        return self.inventory.zone if self.inventory else None

    @property
    def address(self) -> str | None:
        """Its address, where the control plane says."""
        return self.inventory.address if self.inventory else None

    @property
    def state(self) -> str | None:
        """The control plane's word for it, where there is one."""
        return self.inventory.state if self.inventory else None


@dataclass(frozen=True, slots=True)
class Partition:
    """One partition as the newest leader epoch has it; `leader` is None where there is none."""

    number: int
    leader: int | None
    leader_epoch: int
    replicas: tuple[int, ...]
    isr: tuple[int, ...]
    offline: tuple[int, ...] = ()
    error: int = 0

    @property
    def under_replicated(self) -> bool:
        """Fewer in sync than there are replicas."""
        return len(self.isr) < len(self.replicas)


@dataclass(frozen=True, slots=True, eq=False)
class Settings:
    """What is set for one topic."""

    own: Mapping[str, str | None]
    """For this topic alone; a sensitive value is None."""
    kept: Mapping[str, str]
    """What holds, wherever it was set: cleanup.policy, retention, min.insync.replicas, …"""
    at: float
    error: int = 0
    """Kafka's code where it may not be seen: 29, 31."""


@dataclass(frozen=True, slots=True, eq=False)
class Topic:
    """One topic, its partitions by number, and its record rate."""

    name: str
    topic_id: str = ""
    internal: bool = False
    error: int = 0
    partitions: Mapping[int, Partition] = field(default_factory=dict)
    ends: Mapping[int, int] = field(default_factory=dict)
    """End offset by partition."""
    rates: Mapping[int, float] = field(default_factory=dict)
    """Records per second by leader."""
    ends_at: float | None = None
    settings: Settings | None = None

    def setting(self, name: str) -> str | None:
        """What holds for it of the settings that are kept; None: not known."""
        return self.settings.kept.get(name) if self.settings is not None else None

    @property
    def min_isr(self) -> int | None:
        """min.insync.replicas."""
        text = self.setting("min.insync.replicas")
        return int(text) if text is not None and text.isdecimal() else None

    @property
    def messages_per_s(self) -> float | None:
        """Records per second over all leaders that were asked; None before two answers."""
        return sum(self.rates.values()) if self.rates else None


@dataclass(frozen=True, slots=True)
class Totals:
    """Partitions of the whole cluster, from Metadata."""

    partitions: int = 0
    under_replicated: int = 0
    offline: int = 0
    """Without a leader."""
    under_min_isr: int | None = None
    """From the exporters (min.insync.replicas is a topic setting); None where there are none."""


# ------------------------------------------------------------------ sources and the whole


class MetricKey(NamedTuple):
    """Names one CloudWatch series of the cluster."""

    metric: str
    broker_id: int | None = None
    dimensions: tuple[tuple[str, str], ...] = ()
    """Beside `Cluster Name` and `Broker ID`, sorted."""


@dataclass(frozen=True, slots=True)
class SourceState:
    """How one source does."""

    last_ok_at: float | None = None
    failed_at: float | None = None
    """When it failed, while it has given nothing since."""
    stage: str = ""
    reason: str = ""
    advice: str = ""
    kind: str = ""
    """Of an AWS call, how it failed."""


@dataclass(frozen=True, slots=True, eq=False)
class Cluster:
    """Everything known at `at`, the time of the newest sample that was folded."""

    at: float = 0.0
    started_at: float | None = None
    name: str = ""
    bootstrap_servers: str = ""
    target: str = "kafka"
    client_rack: str | None = None
    security_protocol: str = "PLAINTEXT"
    cluster_id: str | None = None
    state: str | None = None
    """The control plane's word: ACTIVE, HEALING, …; None where nobody says."""
    metadata: Literal["kraft", "zookeeper"] | None = None
    kafka_version: str | None = None
    version_estimated: bool = True
    controller_id: int | None = None
    """Active controller: the quorum's leader in KRaft, the controller of Metadata in ZooKeeper mode."""
    quorum: QuorumSeen | None = None
    """The KRaft quorum's newest word on itself."""
    zookeeper_leader: int | None = None
    """The ZooKeeper server that last said that it leads."""
    zones: Mapping[str, ZoneSeen] = field(default_factory=dict)
    """By id, sorted; a broker without a zone is under `""`."""
    brokers: Mapping[int, Broker] = field(default_factory=dict)
    """By id, sorted."""
    nodes: Mapping[int, MetadataNode] = field(default_factory=dict)
    topics: Mapping[str, Topic] = field(default_factory=dict)
    writes: Mapping[int, Track] = field(default_factory=dict)
    """Partitions of our probe topic that we write to; empty without a write probe."""
    groups: Groups = field(default_factory=Groups)
    totals: Totals = Totals()
    past: Past = field(default_factory=Past)
    topic_configs_at: float | None = None
    traffic: Traffic = field(default_factory=Traffic)
    """Rates of requests and records, and what is usual for each."""
    metadata_at: float | None = None
    metadata_via: int | None = None
    metadata_bytes: int | None = None
    inventory_at: float | None = None
    description: DescriptionSeen | None = None
    """What the MSK API says beyond the inventory; None on a cluster that is not MSK's."""
    operations: tuple[OperationSeen, ...] | None = None
    """Newest first; None where nobody told."""
    operations_at: float | None = None
    permissions: Mapping[str, PermissionSeen] = field(default_factory=dict)
    """The newest word on each IAM action that was tried: `kafka:ListNodes`."""
    metrics: Mapping[MetricKey, Series] = field(default_factory=dict)
    """CloudWatch's points by metric, broker and dimensions, each at the end of its period."""
    metrics_at: float | None = None
    metrics_newest_at: float | None = None
    """End of the newest period of which CloudWatch gave a point."""
    metrics_queries: int = 0
    """How many metrics were asked for since the session began: the price goes by them."""
    metrics_queries_per_hour: int = 0
    """How many are asked for now; 0 while CloudWatch is switched off."""
    sources: Mapping[str, SourceState] = field(default_factory=dict)
    starved_at: float | None = None
    """When this machine last stood still."""
    starved_ms: float | None = None
    clock_stepped_at: float | None = None
    rules: tuple[Rule, ...] | None = None
    """The rules of alerting in force; None: those of alert_rules.py."""

    def zone_brokers(self, zone: str) -> tuple[Broker, ...]:
        """The brokers of one zone, by id."""
        return tuple(b for b in self.brokers.values() if (b.zone or "") == zone)

    @property
    def topic_count(self) -> int:
        """How many topics there are, without our own."""
        return len(self.topics) - (PROBE_TOPIC in self.topics)

    @property
    def connected(self) -> bool:
        """Whether any Metadata was ever read."""
        return self.metadata_at is not None
