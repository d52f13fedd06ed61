"""The `kafka` service: MSK's operations, by what they are about."""

from __future__ import annotations

from msktop.local.plane.describing import Describing


class Kafka(Describing):
    """What `Service` calls for each operation."""
