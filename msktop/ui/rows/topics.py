"""Figures of single topics: rates from exporter pages, where replicas are, what it is set to, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msktop.model.broker import Broker
from msktop.model.cluster import Cluster
from msktop.model.topic import Topic


class Rates:
    """Bytes per second of each topic over all brokers, added up again only when a page was read anew."""

    def __init__(self) -> None:
        self._pages: dict[int, Mapping[str, float]] = {}
        self._sums: dict[str, float] = {}

    def of(self, cluster: Cluster) -> Mapping[str, float]:
        """By `bytes_in/TOPIC` and `bytes_out/TOPIC`; without an entry where no page tells."""
        now = {b.id: b.jmx.rates for b in cluster.brokers.values()}
        if now.keys() != self._pages.keys() or any(now[b] is not self._pages[b] for b in now):
            self._pages, self._sums = now, topic_bytes(cluster.brokers.values())
        return self._sums


def topic_bytes(brokers: Iterable[Broker]) -> dict[str, float]:
    """Bytes per second over these brokers, by `bytes_in/TOPIC` and `bytes_out/TOPIC`."""
    sums: dict[str, float] = {}
    for broker in brokers:
        for key, value in broker.jmx.rates.items():
            if key.startswith(("bytes_in/", "bytes_out/")):
                sums[key] = sums.get(key, 0.0) + value
    return sums


def retention_words(ms: str | None) -> str:
    """Milliseconds in the largest unit that fits; empty where it is not known.

    >>> retention_words("604800000"), retention_words("-1"), retention_words("90000"), retention_words(None)
    ('7 d', 'ever', '90 s', '')
    """
    if ms is None or not ms.lstrip("-").isdecimal():
        return ms or ""
    left = int(ms)
    if left < 0:
        return "ever"
    for unit, size in (("d", 86_400_000), ("h", 3_600_000), ("min", 60_000), ("s", 1000)):
        if left >= size and left % size == 0:
            return f"{left // size} {unit}"
    return f"{left} ms"


def tiered_words(topic: Topic) -> str:
    """Whether it is tiered; empty where nobody said.

    >>> tiered_words(Topic("t"))
    ''
    """
    return {"true": "yes", "false": "no"}.get(topic.setting("remote.storage.enable") or "", "")


def spread_of(cluster: Cluster, topic: Topic) -> tuple[int, int] | None:
    """Partitions with two replicas in one zone though there are zones enough, and zones used at least.

    None where a replica's zone is not known.
    """
    zones = {b.id: b.zone for b in cluster.brokers.values()}
    count = len({z for z in zones.values() if z})
    if not count or not topic.partitions:
        return None
    together, least = 0, count
    for partition in topic.partitions.values():
        held = [zones.get(replica) for replica in partition.replicas]
        if not held or None in held:
            return None
        used = len(set(held))
        together += used < min(len(held), count)
        least = min(least, used)
    return together, least
