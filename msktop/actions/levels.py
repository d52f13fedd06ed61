"""CloudWatch's levels, each with all of the ones before it."""

from __future__ import annotations

from typing import Literal

Monitoring = Literal["DEFAULT", "PER_BROKER", "PER_TOPIC_PER_BROKER", "PER_TOPIC_PER_PARTITION"]
