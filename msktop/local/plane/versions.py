"""Kafka versions and instance types that can be asked for. Pure."""

from __future__ import annotations

from msktop.local.settings import VERSIONS, Metadata

LISTED = (*VERSIONS["zookeeper"], *VERSIONS["kraft"])
"""Oldest first. Whole versions: MSK's own `4.1.x.kraft` would not say which jars they are."""

_SIZES_M5 = ("large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge", "24xlarge")
_SIZES_M7G = _SIZES_M5[:-1]

INSTANCE_TYPES = (
    "kafka.t3.small",
    *(f"kafka.m5.{size}" for size in _SIZES_M5),
    *(f"kafka.m7g.{size}" for size in _SIZES_M7G),
)

_SMALLEST_HEAP_MB = 256
_HEAP_STEP_MB = 32


def metadata_of(version: str) -> Metadata | None:
    """How a version keeps its metadata; None for one that cannot be run.

    >>> metadata_of("3.9.2"), metadata_of("4.1.1"), metadata_of("2.8.1")
    ('zookeeper', 'kraft', None)
    """
    return next((mode for mode in VERSIONS if version in VERSIONS[mode]), None)


def targets(version: str) -> list[str]:
    """What a cluster of this version can be updated to: later ones that keep their metadata alike.

    >>> targets("4.0.1"), targets("3.9.2")
    (['4.1.1', '4.3.0'], [])
    """
    mode = metadata_of(version)
    if mode is None:
        return []
    offered = VERSIONS[mode]
    return list(offered[offered.index(version) + 1 :])


def heap_mb(instance_type: str) -> int:
    """The heap of a broker of this type: more for a larger one, and yet a hundredth of what MSK's has.

    >>> heap_mb("kafka.t3.small"), heap_mb("kafka.m5.large"), heap_mb("kafka.m7g.16xlarge")
    (256, 288, 480)
    """
    size = instance_type.rpartition(".")[2]
    return _SMALLEST_HEAP_MB + _HEAP_STEP_MB * (_SIZES_M5.index(size) + 1 if size in _SIZES_M5 else 0)
