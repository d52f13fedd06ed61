"""Figures that no single value tells: how each is read of the state."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from msktop.model.alert_readings import (
    DETAILS_GOOD_S,
    FAST_GOOD_S,
    METADATA_GOOD_S,
    PAGE_GOOD_S,
    Reader,
    Reading,
    Subject,
    metric_history,
    of_metrics,
    over_brokers,
    points,
)
from msktop.model.broker import Page
from msktop.model.cluster import Cluster

SMALL_MESSAGE_BYTES = 1000.0
"""Batches of smaller messages on average cost more CPU than they should, says AWS."""

HEAP_SPAN_S, HEAP_POINTS = 600.0, 5
"""What is left after collections is the least of so many readings or more in so long."""


def percent(share: Callable[[Page], float | None]) -> Callable[[Page], float | None]:
    """A part of 1 in percent."""

    def read(page: Page) -> float | None:
        part = share(page)
        return None if part is None else 100.0 * part

    return read


def fullest_log_dir(_: Cluster, subject: Subject) -> Reading | None:
    """The fullest of its log dirs, in percent."""
    broker = subject.broker
    if broker is None or broker.log_dirs_at is None:
        return None
    shares = [
        100.0 * (d.total_bytes - d.usable_bytes) / d.total_bytes
        for d in broker.log_dirs or ()
        if d.total_bytes and d.usable_bytes is not None and d.usable_bytes >= 0
    ]
    return Reading(max(shares), broker.log_dirs_at, DETAILS_GOOD_S) if shares else None


def disk_past(cluster: Cluster, subject: Subject) -> Iterator[tuple[float, float | None]]:
    """The volume's use in percent, as far back as the pages or CloudWatch go."""
    page = subject.broker.node if subject.broker is not None else None
    size = page.values.get("disk_size") if page is not None else None
    if page is None or not size:
        yield from metric_history("KafkaDataLogsDiskUsed")(cluster, subject)
        return
    for at, free in points(page.history.get("disk_avail")):
        yield at, None if free is None else 100.0 * (size - free) / size


def heap_floor(cluster: Cluster, subject: Subject) -> Reading | None:
    """The least heap in use lately: about what is left after collections."""
    page = subject.broker.jmx if subject.broker is not None else None
    if page is None or page.at is None or not (most := page.values.get("heap_max")):
        return None
    series = page.history.get("heap_used")
    if series is None:
        return None
    lately = [v for _, v in series.since(cluster.at - HEAP_SPAN_S) if v is not None]
    if len(lately) < HEAP_POINTS:
        return None
    return Reading(100.0 * min(lately) / most, page.at, PAGE_GOOD_S, estimated=True)


def partitions(cluster: Cluster, subject: Subject) -> Reading | None:
    """Replicas held, from Metadata; a broker that is not in it holds what it held."""
    broker = subject.broker
    if broker is None or cluster.metadata_at is None:
        return None
    return Reading(float(broker.counts.replicas), cluster.metadata_at, METADATA_GOOD_S)


def on_small_messages(cpu: Reader, size: Reader) -> Reader:
    """CPU where messages are small on average, else 0."""

    def read(cluster: Cluster, subject: Subject) -> Reading | None:
        busy, mean = cpu(cluster, subject), size(cluster, subject)
        if busy is None or mean is None:
            return None
        value = busy.value if mean.value < SMALL_MESSAGE_BYTES else 0.0
        return Reading(value, min(busy.at, mean.at), min(busy.good_for_s, mean.good_for_s))

    return read


def message_bytes(page: Page) -> float | None:
    """Bytes of a record on average, between two pages."""
    size, count = page.rates.get("bytes_in"), page.rates.get("messages_in")
    return size / count if size is not None and count else None


def metric_message_bytes(cluster: Cluster, subject: Subject) -> Reading | None:
    """The same by CloudWatch."""
    size = of_metrics("BytesInPerSec")(cluster, subject)
    count = of_metrics("MessagesInPerSec")(cluster, subject)
    if size is None or count is None or not count.value:
        return None
    return Reading(size.value / count.value, min(size.at, count.at), size.good_for_s)


def under_min_isr(cluster: Cluster, _: Subject) -> Reading | None:
    """Of all brokers together, by their pages."""
    pages = [b.jmx.at for b in cluster.brokers.values() if b.jmx.at is not None]
    if cluster.totals.under_min_isr is None or not pages:
        return None
    return Reading(float(cluster.totals.under_min_isr), max(pages), PAGE_GOOD_S)


def under_replicated(cluster: Cluster, subject: Subject) -> Reading | None:
    """Not while a broker is down: AWS says not to be alarmed by it then."""
    if any(b.probe.word in ("down", "suspect") for b in cluster.brokers.values()):
        return None
    if cluster.metadata_at is None:
        return over_brokers("UnderReplicatedPartitions")(cluster, subject)
    return Reading(float(cluster.totals.under_replicated), cluster.metadata_at, METADATA_GOOD_S)


def offline(cluster: Cluster, subject: Subject) -> Reading | None:
    """Only where no Metadata is read, which tells sooner and needs no rule."""
    return None if cluster.connected else of_metrics("OfflinePartitionsCount")(cluster, subject)


def iam_only(reader: Reader) -> Reader:
    """What is of all clients is of IAM's where the cluster lets nobody else in."""

    def read(cluster: Cluster, subject: Subject) -> Reading | None:
        seen = cluster.description
        alone = seen is not None and seen.authentication == ("IAM",)
        return reader(cluster, subject) if alone else None

    return read


def lag(cluster: Cluster, subject: Subject) -> Reading | None:
    """The newest point of this group."""
    series = cluster.metrics.get(subject.key) if subject.key is not None else None
    last = series.last if series is not None else None
    return None if last is None or last[1] is None else Reading(last[1], last[0], FAST_GOOD_S)


def lag_past(cluster: Cluster, subject: Subject) -> Iterator[tuple[float, float | None]]:
    """All points of this group."""
    return points(cluster.metrics.get(subject.key) if subject.key is not None else None)
