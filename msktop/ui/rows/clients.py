"""Who is connected and what they move: threads, listeners, client software, topics. Missing is None."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from msktop.model.broker import Broker
from msktop.model.cluster import Cluster
from msktop.model.writes import PROBE_TOPIC
from msktop.ui.rows.topics import topic_bytes

SHOWN = 40
"""Topics and clients that are listed at most."""


@dataclass(frozen=True, slots=True)
class Threads:
    """How busy the threads of one broker are: idle shares of one, requests that wait, and what it bids us."""

    broker: Broker
    network_idle: float | None
    handler_idle: float | None
    waiting: float | None
    """Requests in the queue of the handlers."""
    throttle_ms: int | None
    """The longest of the newest throttle times of our own responses."""
    stale: bool
    """The broker is down: its page is of before."""


@dataclass(frozen=True, slots=True)
class Listener:
    """One listener over all brokers; `new_per_s` from two readings of the number of connections ever made."""

    name: str
    connections: float
    new_per_s: float | None


@dataclass(frozen=True, slots=True)
class Software:
    """Clients of one make and version."""

    name: str
    version: str
    connections: float
    brokers: int


@dataclass(frozen=True, slots=True)
class Mover:
    """One topic: records and bytes per second in, bytes per second out to consumers."""

    name: str
    messages_per_s: float | None
    bytes_in_per_s: float | None
    bytes_out_per_s: float | None


def threads(brokers: Iterable[Broker]) -> list[Threads]:
    """One row a broker, the busiest first where a page tells.

    >>> from msktop.model.broker import Page
    >>> busy = Broker(2, jmx=Page(at=1.0, values={"handler_idle": 0.2, "network_idle": 0.9}))
    >>> [(t.broker.id, t.handler_idle) for t in threads([Broker(1), busy])]
    [(2, 0.2), (1, None)]
    """
    rows = [_threads(b) for b in brokers]
    return sorted(
        rows, key=lambda t: (t.stale, _least_idle(t) is None, round(_least_idle(t) or 0.0, 2), t.broker.id)
    )


def _threads(broker: Broker) -> Threads:
    values = broker.jmx.values
    return Threads(
        broker,
        values.get("network_idle"),
        values.get("handler_idle"),
        values.get("request_queue_size"),
        broker.throttle.now_ms,
        broker.probe.word == "down",
    )


def _least_idle(row: Threads) -> float | None:
    known = [idle for idle in (row.network_idle, row.handler_idle) if idle is not None]
    return min(known) if known else None


def listeners(brokers: Iterable[Broker]) -> list[Listener]:
    """By name; summed over the brokers that have a page.

    >>> from msktop.model.broker import Page
    >>> page = Page(values={"connections/TLS": 4.0}, rates={"connections_created/TLS": 0.5})
    >>> listeners([Broker(1, jmx=page), Broker(2, jmx=page), Broker(3)])
    [Listener(name='TLS', connections=8.0, new_per_s=1.0)]
    """
    counts: dict[str, float] = {}
    new: dict[str, float] = {}
    for broker in brokers:
        _add(counts, "connections/", broker.jmx.values)
        _add(new, "connections_created/", broker.jmx.rates)
    return [Listener(name, counts[name], new.get(name)) for name in sorted(counts)]


def software(brokers: Iterable[Broker]) -> list[Software]:
    """Most connections first. Brokers, and whoever never told, are `unknown`.

    >>> from msktop.model.broker import Page
    >>> page = Page(values={"clients/librdkafka 2.3/TLS": 4.0, "clients/librdkafka 2.3/IAM": 1.0})
    >>> software([Broker(1, jmx=page), Broker(2, jmx=page)])
    [Software(name='librdkafka', version='2.3', connections=10.0, brokers=2)]
    """
    counts: dict[str, float] = {}
    seen: dict[str, set[int]] = {}
    for broker in brokers:
        for key, count in broker.jmx.values.items():
            if key.startswith("clients/"):
                name = key.split("/")[1]
                counts[name] = counts.get(name, 0.0) + count
                seen.setdefault(name, set()).add(broker.id)
    rows = [Software(*_split(name), counts[name], len(seen[name])) for name in counts]
    return sorted(rows, key=lambda s: (-s.connections, s.name, s.version))[:SHOWN]


def _split(name: str) -> tuple[str, str]:
    make, _, version = name.partition(" ")
    return make, "" if version == make else version


def movers(cluster: Cluster) -> list[Mover]:
    """Topics but our own, by bytes in and out, or by records where no page tells.

    >>> from msktop.model.broker import Page
    >>> from msktop.model.topic import Topic
    >>> page = Page(rates={"bytes_in/a": 5.0, "bytes_in/b": 9.0, "bytes_out/a": 7.0,
    ...                    "bytes_in/__msktop_write_probe": 99.0})
    >>> topics = {"a": Topic("a", rates={1: 3.0}), "c": Topic("c")}
    >>> [m.name for m in movers(Cluster(brokers={1: Broker(1, jmx=page)}, topics=topics))]
    ['a', 'b']
    """
    moved = topic_bytes(cluster.brokers.values())
    records = {t.name: r for t in cluster.topics.values() if (r := t.messages_per_s) is not None}
    names = {key.partition("/")[2] for key in moved} | {name for name, r in records.items() if r}
    names.discard(PROBE_TOPIC)
    rows = [Mover(n, records.get(n), moved.get(f"bytes_in/{n}"), moved.get(f"bytes_out/{n}")) for n in names]
    return sorted(rows, key=lambda m: (-_bytes(m), -(m.messages_per_s or 0.0), m.name))[:SHOWN]


def _bytes(mover: Mover) -> float:
    return (mover.bytes_in_per_s or 0.0) + (mover.bytes_out_per_s or 0.0)


def _add(sums: dict[str, float], prefix: str, values: Mapping[str, float]) -> None:
    for key, value in values.items():
        if key.startswith(prefix):
            name = key[len(prefix) :]
            sums[name] = sums.get(name, 0.0) + value
