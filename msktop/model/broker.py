"""What is true now of one broker: by our probe, its exporter pages, Metadata, the control plane."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from msktop.model.baseline import Baseline
from msktop.model.series import Series
from msktop.model.stages import Outcome, Stage
from msktop.model.throttle import Throttle
from msktop.model.writes import Writes

if TYPE_CHECKING:
    from msktop.model.control_samples import NodeSeen
    from msktop.model.samples import ConfigEntry, LogDirSeen

PINGS_KEPT = 1300
"""Pings kept per broker: 5 minutes at one each 250 ms, for latency graphs."""
SCRAPES_KEPT = 400
"""Observations kept per rate: over an hour at one each 10 s."""
QUANTILE_SPAN_S = 60.0
"""Latency quantiles speak of the last minute."""

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
