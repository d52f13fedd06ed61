"""Which Kafka a broker runs, as far as its protocol tells. No API states it."""

from __future__ import annotations

import re

from msktop.model.samples import SoftwareSeen
from msktop.wire.describe import DESCRIBE_QUORUM, Software

IBP = "inter.broker.protocol.version"
METADATA_VERSION = "metadata.version"

_RELEASES = (
    (4, "3.3"),
    (8, "3.4"),
    (9, "3.5"),
    (12, "3.6"),
    (15, "3.7"),
    (20, "3.8"),
    (21, "3.9"),
    (22, "4.0"),
    (26, "4.1"),
    (28, "4.2"),
    (30, "4.3"),
)
"""The first metadata.version of each release (Kafka's enum MetadataVersion); the highest a broker supports
names its release. Beyond the last one nothing is said."""
_LAST = 30


def software_seen(broker_id: int, software: Software, ibp: str | None, at: float) -> SoftwareSeen:
    """The sample; a broker that offers DescribeQuorum runs in KRaft mode.

    >>> kraft = Software(0, {55: (0, 2)}, {"metadata.version": (7, 27)}, {"metadata.version": 25})
    >>> seen = software_seen(1, kraft, None, 0.0)
    >>> seen.kafka_version, seen.metadata, seen.metadata_version
    ('4.1', 'kraft', 25)
    >>> software_seen(1, Software(0, {3: (0, 12)}, {}, {}), "3.9-IV0", 0.0).kafka_version
    '3.9'
    """
    kraft = DESCRIBE_QUORUM in software.apis
    _, supported = software.features.get(METADATA_VERSION, (0, 0))
    return SoftwareSeen(
        at=at,
        broker_id=broker_id,
        kafka_version=release_of(supported) if kraft else release_of_ibp(ibp),
        metadata="kraft" if kraft else "zookeeper",
        metadata_version=software.finalized.get(METADATA_VERSION),
        throttle_ms=software.throttle_ms,
    )


def release_of(metadata_version: int) -> str | None:
    """The release whose highest metadata.version this is.

    >>> release_of(25), release_of(27), release_of(99), release_of(0)
    ('4.0', '4.1', None, None)
    """
    if metadata_version > _LAST:
        return None
    return next((name for first, name in reversed(_RELEASES) if metadata_version >= first), None)


def release_of_ibp(ibp: str | None) -> str | None:
    """The release that an inter.broker.protocol.version belongs to.

    >>> release_of_ibp("3.8-IV0"), release_of_ibp(None)
    ('3.8', None)
    """
    found = re.match(r"\d+\.\d+", ibp or "")
    return found.group() if found else None
