"""What a source can say. A recording is a file of these, in the order in which they were folded.

Every sample is frozen and carries `at`: Unix seconds, stamped by its source as the session's wall-clock
anchor plus monotonic time, so that a step of the clock bends no rate and no duration. A field that was not
observed is None, never zero. New fields must have a default, so that old recordings open for ever; names of
kinds and fields are the file format (docs/recording.md).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from msktop.model.alert_rule import Rule
from msktop.model.stages import Outcome, Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """Anything a source says; `at` is in Unix seconds."""

    at: float


# ------------------------------------------------------------------ the session itself


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionStarted(Sample):
    """First sample of every session: what was asked for, and from where."""

    name: str
    """The target's name: local cluster, saved target, or its first bootstrap address."""
    bootstrap_servers: str
    target: Literal["local", "kafka", "msk"] = "kafka"
    client_rack: str | None = None
    """Zone id of this host (`use1-az1`), to tell same-zone from cross-zone latency; None: not known."""
    security_protocol: str = "PLAINTEXT"
    version: str = ""
    """msktop's own version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HostZoneSeen(Sample):
    """Which zone this host is in, as brokers name theirs."""

    zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick(Sample):
    """Four times a second: the only "now" above the sources."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockStepped(Sample):
    """The wall clock moved by `by_s` seconds against the monotonic clock; `at` did not move with it."""

    by_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class HostStarved(Sample):
    """This machine, not the cluster, stood still: the prober's own loop ran `lag_ms` late."""

    lag_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFailed(Sample):
    """A source could not do its work; it is retried with back-off. Cleared by its next good sample."""

    source: str
    """A pump's name: metadata, probe, exporter, offsets, details, inventory, cloudwatch, recorder, …"""
    stage: str
    reason: str
    advice: str = ""
    kind: str = ""
    """Of an AWS call, how it failed: expired, denied, throttled, unreachable, …"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceWorks(Sample):
    """A part that gives no samples of its own, the recorder, works."""

    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesChosen(Sample):
    """The rules of alerting that hold from now on, where a person has others than msktop's own."""

    rules: tuple[Rule, ...]


# ------------------------------------------------------------------ Kafka metadata


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerSeen:
    """One broker in a Metadata response."""

    id: int
    host: str
    port: int
    rack: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartitionSeen:
    """One partition in a Metadata response; `leader` is -1 where there is none."""

    partition: int
    leader: int
    leader_epoch: int
    """-1 where the broker's version does not tell."""
    replicas: tuple[int, ...]
    isr: tuple[int, ...]
    offline: tuple[int, ...] = ()
    error: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicSeen:
    """One topic: all its partitions in a keyframe, else those that changed."""

    name: str
    topic_id: str = ""
    internal: bool = False
    error: int = 0
    partition_count: int = 0
    partitions: tuple[PartitionSeen, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MetadataSeen(Sample):
    """What one Metadata response changed against the one before (or all of it, in a keyframe)."""

    via: int
    """Id of the broker that answered, -1 for a bootstrap address whose id is not known."""
    keyframe: bool
    cluster_id: str | None
    controller_id: int
    brokers: tuple[BrokerSeen, ...]
    """Always all of them."""
    topics: tuple[TopicSeen, ...] = ()
    removed: tuple[str, ...] = ()
    took_ms: float = 0.0
    bytes: int = 0
    throttle_ms: int | None = None
    """How long the broker bade us wait; None: its response did not tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VoterSeen:
    """One replica of the KRaft metadata log. Ages are seconds before the sample's `at`."""

    id: int
    log_end_offset: int
    fetch_age_s: float | None = None
    caught_up_age_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuorumSeen(Sample):
    """DescribeQuorum: who leads the KRaft quorum, and how far the others are."""

    leader_id: int
    leader_epoch: int
    high_watermark: int
    voters: tuple[VoterSeen, ...]
    observers: tuple[VoterSeen, ...] = ()
    took_ms: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SoftwareSeen(Sample):
    """Which Kafka a broker runs, as far as its protocol tells."""

    broker_id: int
    kafka_version: str | None
    estimated: bool = True
    """True: inferred from supported APIs and features, not stated by anyone."""
    metadata: Literal["kraft", "zookeeper"] | None = None
    metadata_version: int | None = None
    throttle_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OffsetsSeen(Sample):
    """End offsets that changed on one leader since its last answer; `ends`: topic → partition → offset.

    Comes at every sweep, also with nothing changed: then the rate is zero, and known to be.
    """

    leader_id: int
    ends: dict[str, dict[int, int]]
    took_ms: float = 0.0
    throttle_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogDirSeen:
    """One log directory of a broker; `topics`: topic → (replicas here, bytes)."""

    path: str
    error: int = 0
    total_bytes: int | None = None
    usable_bytes: int | None = None
    topics: dict[str, tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogDirsSeen(Sample):
    """DescribeLogDirs of one broker."""

    broker_id: int
    dirs: tuple[LogDirSeen, ...]
    error: int = 0
    """29 or 31: denied. Denied is not empty."""
    throttle_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigEntry:
    """One broker setting that differs from Kafka's default; `source` is Kafka's word for where it was set."""

    name: str
    value: str | None
    source: str
    sensitive: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigSeen(Sample):
    """Settings of one broker that differ from the default."""

    broker_id: int
    entries: tuple[ConfigEntry, ...]
    error: int = 0
    throttle_ms: int | None = None


# ------------------------------------------------------------------ probes


@dataclass(frozen=True, slots=True, kw_only=True)
class Probed(Sample):
    """One probe of one broker.

    `ping`: ApiVersions on the open connection. `connect`: a new connection through all stages.
    A silent broker gives a `timeout` at each deadline while its request stays unanswered, with `waited_ms`
    growing; a late answer is an `ok` with its true, long time.
    """

    broker_id: int
    host: str
    port: int
    how: Literal["ping", "connect"]
    outcome: Outcome
    stages: tuple[tuple[Stage, float], ...] = ()
    """Milliseconds by stage, of the stages that were passed."""
    failed_stage: Stage | None = None
    waited_ms: float = 0.0
    """How long the failed stage had been waited for."""
    error: str = ""
    starved_ms: float = 0.0
    """How late this machine's own loop ran around this probe; over 100 it says nothing about Kafka."""
    throttle_ms: int | None = None


# ------------------------------------------------------------------ exporter pages


@dataclass(frozen=True, slots=True, kw_only=True)
class PageScraped(Sample):
    """The series we keep of one exporter page, by the keys of model/metrics.py."""

    broker_id: int
    page: Literal["jmx", "node"]
    values: dict[str, float]
    took_ms: float = 0.0
    bytes: int = 0
    truncated: bool = False
    """The page ended before its end, or was larger than we read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScrapeFailed(Sample):
    """One exporter page could not be had; the others go on."""

    broker_id: int
    page: Literal["jmx", "node"]
    reason: str
    advice: str = ""
