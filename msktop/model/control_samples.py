"""What the control plane says: the state file of a local MSK, the MSK API, CloudWatch; and ZooKeeper itself.

The rules of samples.py hold here too: frozen, None where nothing was observed, new fields with a default.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from msktop.model.samples import Sample

# ------------------------------------------------------------------ the cluster and its nodes


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneSeen:
    """One Availability Zone and its subnet."""

    id: str
    """The same in all accounts: `use1-az1`."""
    subnet_cidr: str | None = None
    subnet_id: str | None = None
    name: str | None = None
    """This account's name of it: `us-east-1a`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeSeen:
    """One node as the control plane lists it."""

    id: int
    role: Literal["broker", "controller", "zookeeper"]
    zone: str | None = None
    address: str | None = None
    port: int | None = None
    state: str | None = None
    """The control plane's word for it: STARTING, RUNNING, FAILED, HEALING, STOPPED; the MSK API has none."""
    metrics_url: str | None = None
    node_metrics_url: str | None = None
    instance_type: str | None = None
    volume_bytes: int | None = None
    started_at: float | None = None
    subnet_id: str | None = None
    eni_id: str | None = None
    endpoints: tuple[str, ...] = ()
    """Host names without ports, as ListNodes gives them."""
    node_arn: str | None = None
    kafka_version: str | None = None
    configuration_revision: int | None = None
    added_at: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DescriptionSeen:
    """What DescribeClusterV2 says beyond a cluster's name, state and nodes."""

    arn: str
    state: str | None = None
    """The API's own word, beside which a local MSK's state file may have a newer one."""
    region: str | None = None
    cluster_type: Literal["PROVISIONED", "EXPRESS", "SERVERLESS"] = "PROVISIONED"
    """EXPRESS is PROVISIONED with an instance type of that family."""
    created_at: float | None = None
    current_version: str | None = None
    """What updates must name; changes with each of them."""
    state_code: str | None = None
    state_reason: str | None = None
    active_operation_arn: str | None = None
    broker_count: int | None = None
    instance_type: str | None = None
    volume_gib: int | None = None
    volume_throughput_mib_per_s: int | None = None
    """Provisioned; None where it is what the volume's size gives."""
    storage_mode: str | None = None
    enhanced_monitoring: str | None = None
    jmx_exporter: bool | None = None
    """Open monitoring: the JMX exporter answers on port 11001 of every broker."""
    node_exporter: bool | None = None
    configuration_arn: str | None = None
    configuration_revision: int | None = None
    configuration_name: str | None = None
    authentication: tuple[str, ...] = ()
    """Of IAM, SCRAM, TLS, UNAUTHENTICATED."""
    client_broker_encryption: str | None = None
    customer_action: str | None = None
    security_groups: tuple[str, ...] = ()
    bootstrap: dict[str, str] = field(default_factory=dict)
    """GetBootstrapBrokers by its own field names: `BootstrapBrokerStringTls` → `HOST:PORT,…`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InventorySeen(Sample):
    """The cluster as its control plane describes it; a whole picture each time."""

    name: str
    state: str | None = None
    """ACTIVE, CREATING, HEALING, UPDATING, … as MSK says it."""
    metadata: Literal["kraft", "zookeeper"] | None = None
    kafka_version: str | None = None
    zones: tuple[ZoneSeen, ...] = ()
    nodes: tuple[NodeSeen, ...] = ()
    description: DescriptionSeen | None = None
    via: Literal["file", "api"] = "file"
    """A local MSK's state file, which lists every node; or the MSK API."""
    nodes_listed: bool = True
    """False: ListNodes was denied or failed; nodes that are not named here are not gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WayChosen(Sample):
    """How the brokers of an MSK cluster are reached, chosen from what GetBootstrapBrokers offers."""

    bootstrap_servers: str
    security_protocol: str
    mechanism: str | None = None
    """SASL mechanism; None without a login."""
    endpoints: str = "private"
    """private, public or vpc."""


# ------------------------------------------------------------------ operations, permissions


@dataclass(frozen=True, slots=True, kw_only=True)
class StepSeen:
    """One step of a cluster operation; `status` is MSK's word for it."""

    name: str
    status: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationSeen:
    """One cluster operation. Types and states are open sets: *_COMPLETE and *_FAILED are final."""

    arn: str
    type: str
    state: str
    started_at: float | None = None
    ended_at: float | None = None
    steps: tuple[StepSeen, ...] = ()
    source: dict[str, str] = field(default_factory=dict)
    """Before, as flat words: `NumberOfBrokerNodes` → `3`."""
    target: dict[str, str] = field(default_factory=dict)
    error_code: str | None = None
    error_text: str | None = None
    identity: str | None = None
    """Who asked, where that is known."""

    @property
    def final(self) -> bool:
        """Whether nothing more comes of it.

        >>> OperationSeen(arn="", type="UPDATE_BROKER_COUNT", state="UPDATE_IN_PROGRESS").final
        False
        """
        return self.state.endswith(("_COMPLETE", "_FAILED", "_CANCELLED"))

    @property
    def failed(self) -> bool:
        """Whether it ended without doing what it should."""
        return self.final and not self.state.endswith("_COMPLETE")


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationsSeen(Sample):
    """The cluster's operations, newest first; a whole picture each time."""

    operations: tuple[OperationSeen, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PermissionSeen(Sample):
    """Whether AWS lets us do one thing. Denied is not empty."""

    action: str
    """As IAM names it: `kafka:ListNodes`."""
    allowed: bool
    reason: str = ""
    advice: str = ""


# ------------------------------------------------------------------ CloudWatch


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricSeen:
    """Points of one series of namespace AWS/Kafka, oldest first."""

    metric: str
    stat: str
    period_s: float
    broker_id: int | None = None
    """None: a series of the whole cluster, or of what `dimensions` name."""
    dimensions: dict[str, str] = field(default_factory=dict)
    """Beside `Cluster Name` and `Broker ID`: Topic, Consumer Group, Client Authentication."""
    points: tuple[tuple[float, float], ...] = ()
    """(Unix seconds of the period's start, value)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricsSeen(Sample):
    """One GetMetricData: new points of some series."""

    series: tuple[MetricSeen, ...]
    queries: int = 0
    """How many metrics were asked for: CloudWatch's price goes by them."""
    queries_per_hour: int = 0
    """How many will be, if it goes on as now."""
    took_ms: float = 0.0


# ------------------------------------------------------------------ ZooKeeper


@dataclass(frozen=True, slots=True, kw_only=True)
class ZooKeeperSeen(Sample):
    """One ZooKeeper server by its four-letter words; `error` where it gave none."""

    node_id: int
    serving: bool | None = None
    """False: it answers, but serves nobody, for it knows of no quorum. None: it gave no answer."""
    last_ok_at: float | None = None
    """When it last answered; None: it never did, and may not be meant to."""
    mode: Literal["leader", "follower", "observer", "standalone"] | None = None
    version: str | None = None
    latency_min_ms: float | None = None
    latency_mean_ms: float | None = None
    latency_max_ms: float | None = None
    outstanding: int | None = None
    connections: int | None = None
    znodes: int | None = None
    zxid: str | None = None
    followers: int | None = None
    synced_followers: int | None = None
    took_ms: float = 0.0
    error: str = ""
