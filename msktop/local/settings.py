"""What a person may choose about a local MSK, checked before anything is made."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, get_args

from msktop.errors import UsageError

Metadata = Literal["kraft", "zookeeper"]
Traffic = Literal["steady", "waves", "rise", "none"]
How = Literal["kill", "hang", "stop"]
Listener = Literal["plaintext", "tls", "scram"]

VERSIONS: dict[Metadata, tuple[str, ...]] = {
    "kraft": ("4.0.1", "4.1.1", "4.3.0"),
    "zookeeper": ("3.8.1", "3.9.2"),
}
"""Kafka versions that have a lock of jars, by how they keep their metadata."""

DEFAULT_VERSION: dict[Metadata, str] = {"kraft": "4.1.1", "zookeeper": "3.9.2"}

MAX_BROKERS = 30
"""Thirty real brokers were tried on two cores and 4.2 GB; more has not been."""

MAX_ZONES = 6

LISTENERS: tuple[Listener, ...] = get_args(Listener)

HEAP_MB = range(128, 8193)
"""Below, a broker with a few partitions ends of it."""

_ZONE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")


@dataclass(frozen=True, slots=True)
class Settings:
    """One local MSK, as asked for.

    `name` becomes part of paths. An empty `kafka_version` and zero `zones` stand for the default.
    `owner_pid` names a process that the cluster must not outlive; `owner_started_ticks` tells it from a later
    one with that pid, and is found out at the start. `volume_bytes` is the size of each broker's pretended
    volume; 1 GiB is the smallest that MSK sells. `heap_mb` bounds each node's Java heap, `instance_type` is
    what a broker is said to be, `properties` are Kafka settings of every broker. Of the `listeners`,
    plaintext is always there: brokers and the supervisor use it. `api` tells whether the MSK API is served.
    `zone_ids` names the zones where they are not to be use1-az1 and following.
    """

    name: str = "demo"
    brokers: int = 3
    zones: int = 0
    metadata: Metadata = "kraft"
    kafka_version: str = ""
    traffic: Traffic = "steady"
    heal: bool = True
    fast_heal: bool = False
    owner_pid: int | None = None
    owner_started_ticks: int | None = None
    volume_bytes: int = 1 << 30
    heap_mb: int = 256
    instance_type: str = "kafka.t3.small"
    properties: Mapping[str, str] = field(default_factory=dict)
    listeners: tuple[Listener, ...] = ("plaintext",)
    api: bool = True
    zone_ids: tuple[str, ...] = ()


def checked_name(name: str) -> str:
    """Give `name` back if it can be part of a path.

    >>> checked_name("demo-2")
    'demo-2'
    >>> checked_name("../etc")
    Traceback (most recent call last):
    msktop.errors.UsageError: '../etc' cannot be the name of a local cluster
    """
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{name[:40]!r} cannot be the name of a local cluster",
            "Use 1 to 32 small letters, digits and hyphens, beginning with a letter or digit.",
        )
    return name


def checked_listeners(words: str) -> tuple[Listener, ...]:
    """The listeners that a comma-separated list names; raises UsageError.

    >>> checked_listeners("tls, scram")
    ('tls', 'scram')
    """
    asked = {word.strip().lower() for word in words.split(",") if word.strip()}
    unknown = asked.difference(LISTENERS)
    if unknown:
        raise UsageError(
            f"there is no listener {min(unknown)[:40]!r}", f"There are {', '.join(LISTENERS)}; comma between."
        )
    return tuple(name for name in LISTENERS if name in asked)


def checked(settings: Settings) -> Settings:
    """Fill in the defaults; raise UsageError for what cannot be.

    >>> checked(Settings()).kafka_version, checked(Settings(brokers=2)).zones
    ('4.1.1', 2)
    >>> checked(Settings(kafka_version="3.9.2"))
    Traceback (most recent call last):
    msktop.errors.UsageError: Kafka 3.9.2 is not offered with kraft metadata
    """
    checked_name(settings.name)
    version = settings.kafka_version or DEFAULT_VERSION[settings.metadata]
    if version not in VERSIONS[settings.metadata]:
        raise UsageError(
            f"Kafka {version} is not offered with {settings.metadata} metadata",
            "; ".join(f"--metadata {mode}: {', '.join(VERSIONS[mode])}" for mode in VERSIONS) + ".",
        )
    if not 1 <= settings.brokers <= MAX_BROKERS:
        raise UsageError(
            f"{settings.brokers} brokers cannot be started", f"Choose 1 to {MAX_BROKERS} with --brokers."
        )
    for zone in settings.zone_ids:
        if not _ZONE.fullmatch(zone):
            raise UsageError(f"{zone[:40]!r} cannot be the id of a zone", "They look like use1-az1.")
    zones = len(settings.zone_ids) or settings.zones or min(3, settings.brokers)
    if not 1 <= zones <= min(MAX_ZONES, settings.brokers):
        raise UsageError(
            f"{settings.brokers} brokers cannot fill {zones} zones",
            f"Every zone needs a broker, and there are at most {MAX_ZONES}: choose another --zones.",
        )
    if settings.heap_mb not in HEAP_MB:
        raise UsageError(
            f"a heap of {settings.heap_mb} MB cannot be", f"Choose {HEAP_MB.start} to {HEAP_MB.stop - 1}."
        )
    listeners = tuple(name for name in LISTENERS if name == "plaintext" or name in settings.listeners)
    return replace(settings, kafka_version=version, zones=zones, listeners=listeners)
