"""What the write probe says: one small record at a time, acknowledged by all in-sync replicas.

Kept apart from the other samples only for their number; the rules of samples.py hold here too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from msktop.model.samples import Sample


@dataclass(frozen=True, slots=True, kw_only=True)
class WroteSeen(Sample):
    """One write to one partition of the probe topic; `at` is when it was answered, or given up.

    `waiting` comes while a write stays unanswered, with `took_ms` growing; its answer comes as another one,
    with its true, long time.
    """

    broker_id: int
    """The leader that was written to."""
    partition: int
    outcome: Literal["ok", "failed", "waiting"]
    took_ms: float
    """Since it was sent."""
    error: int = 0
    """Kafka's error code; 0 also where the connection broke."""
    reason: str = ""
    """Why it failed, where that is no error of Kafka's."""
    throttle_ms: int = 0
    """For how long the broker mutes this client: a quota is exceeded."""
