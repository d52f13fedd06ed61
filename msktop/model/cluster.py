"""What is true now: frozen, made only by reduce.py, compared by identity.

Every value knows when it was observed. None means not known; nothing here is ever guessed as zero.
Times are Unix seconds of the session's clock, latencies milliseconds, sizes bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple

from msktop.model.broker import Broker
from msktop.model.groups import Groups
from msktop.model.past import Past
from msktop.model.series import Series
from msktop.model.topic import Topic, Totals
from msktop.model.traffic import Traffic
from msktop.model.writes import PROBE_TOPIC, Track

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
    from msktop.model.samples import QuorumSeen, VoterSeen


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
    totals: Totals = field(default_factory=Totals)
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
