"""server.properties of an MSK configuration: which properties one may set, and to what. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Kind = Literal["integer", "number", "boolean", "word"]

RACK_AWARE = "org.apache.kafka.common.replica.RackAwareReplicaSelector"

_BY_KIND: dict[Kind, tuple[str, ...]] = {
    "boolean": (
        "allow.everyone.if.no.acl.found",
        "auto.create.topics.enable",
        "delete.topic.enable",
        "log.message.downconversion.enable",
        "log.preallocate",
        "unclean.leader.election.enable",
    ),
    "number": ("log.cleaner.min.cleanable.ratio",),
    "word": (
        "compression.type",
        "log.cleanup.policy",
        "log.message.timestamp.type",
        "replica.selector.class",
    ),
    "integer": (
        "connections.max.idle.ms",
        "default.replication.factor",
        "group.initial.rebalance.delay.ms",
        "group.max.session.timeout.ms",
        "group.min.session.timeout.ms",
        "leader.imbalance.per.broker.percentage",
        "log.cleaner.delete.retention.ms",
        "log.flush.interval.messages",
        "log.flush.interval.ms",
        "log.message.timestamp.difference.max.ms",
        "log.retention.bytes",
        "log.retention.hours",
        "log.retention.minutes",
        "log.retention.ms",
        "log.roll.ms",
        "log.segment.bytes",
        "max.incremental.fetch.session.cache.slots",
        "message.max.bytes",
        "min.insync.replicas",
        "num.io.threads",
        "num.network.threads",
        "num.partitions",
        "num.recovery.threads.per.data.dir",
        "num.replica.fetchers",
        "offsets.retention.minutes",
        "offsets.topic.replication.factor",
        "replica.fetch.max.bytes",
        "replica.fetch.response.max.bytes",
        "replica.lag.time.max.ms",
        "replica.socket.receive.buffer.bytes",
        "socket.receive.buffer.bytes",
        "socket.request.max.bytes",
        "socket.send.buffer.bytes",
        "transaction.max.timeout.ms",
        "transaction.state.log.min.isr",
        "transaction.state.log.replication.factor",
        "transactional.id.expiration.ms",
        "zookeeper.connection.timeout.ms",
        "zookeeper.session.timeout.ms",
    ),
}
CONFIGURABLE: Mapping[str, Kind] = {name: kind for kind, names in _BY_KIND.items() for name in names}
"""What AWS's developer guide lets a custom configuration of Standard brokers set."""

_WORDS: Mapping[str, tuple[str, ...]] = {
    "compression.type": ("uncompressed", "producer", "gzip", "snappy", "lz4", "zstd"),
    "log.cleanup.policy": ("delete", "compact", "compact,delete", "delete,compact"),
    "log.message.timestamp.type": ("CreateTime", "LogAppendTime"),
    "replica.selector.class": (RACK_AWARE,),
}


def parse(text: str) -> dict[str, str]:
    r"""The properties of a text of `name=value` lines; blank lines and comments are left out.

    >>> parse("# ours\n\nnum.partitions = 3\n")
    {'num.partitions': '3'}
    >>> parse("log.dirs=/etc")
    Traceback (most recent call last):
    ValueError: The property log.dirs cannot be configured.
    >>> parse("num.partitions=many")
    Traceback (most recent call last):
    ValueError: The property num.partitions cannot be 'many'.

    Raises ValueError with a sentence for the first property that cannot be had.
    """
    found: dict[str, str] = {}
    for line in text.splitlines():
        stripped = line.strip()
        if not stripped or stripped[0] in "#!":
            continue
        name, equals, value = (part.strip() for part in stripped.partition("="))
        if not equals:
            raise ValueError(f"The line {name[:60]!r} is not of the form name=value.")
        if name not in CONFIGURABLE:
            raise ValueError(f"The property {name[:80]} cannot be configured.")
        if not _fits(name, value):
            raise ValueError(f"The property {name} cannot be {value[:60]!r}.")
        found[name] = value
    return found


def _fits(name: str, value: str) -> bool:
    kind = CONFIGURABLE[name]
    if kind == "boolean":
        return value in ("true", "false")
    if kind == "word":
        return value.replace(" ", "") in _WORDS[name]
    try:
        number = float(value) if kind == "number" else int(value)
    except ValueError:
        return False
    return number == number and abs(number) < 1 << 63 and value.isascii()
