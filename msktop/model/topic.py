"""What is true now of one topic: its partitions, ends, rates and settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


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
