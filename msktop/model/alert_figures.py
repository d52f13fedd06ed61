"""What rules may measure: figures by name, each with its unit, where it comes from and how it is read.

A figure that cannot be read is None: then no rule about it begins or ends. Pages come before CloudWatch,
because they are sooner; which of CloudWatch's metrics are asked for is model/cloudwatch.py's business.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from msktop.model.alert_readings import (
    DETAILS_GOOD_S,
    FAST_GOOD_S,
    METADATA_GOOD_S,
    PAGE_GOOD_S,
    History,
    Read,
    Reader,
    Reading,
    Subject,
    added,
    added_history,
    either,
    first,
    metric_history,
    of_metrics,
    of_page,
    over_brokers,
    page_history,
    points,
    rate,
    scaled,
    value,
)
from msktop.model.cluster import Cluster, Page

Of = Literal["broker", "cluster", "group"]
Unit = Literal["%", "bytes", "bytes/s", "/s", "ms", "s", ""]

SMALL_MESSAGE_BYTES = 1000.0
"""Batches of smaller messages on average cost more CPU than they should, says AWS."""
HEAP_SPAN_S, HEAP_POINTS = 600.0, 5
"""What is left after collections is the least of so many readings or more in so long."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure that rules may measure."""

    words: str
    unit: Unit
    source: str
    reads: frozenset[Read]
    read: Reader
    of: Of = "broker"
    history: History | None = None
    """Its past, where rules may look ahead."""


def _busy(page: Page) -> float | None:
    """User and system time in percent of all CPU time, between two pages."""
    rates = {key: r for key, r in page.rates.items() if key.startswith("cpu_s/")}
    total = sum(rates.values())
    if not total or "cpu_s/user" not in rates:
        return None
    return 100.0 * (rates["cpu_s/user"] + rates.get("cpu_s/system", 0.0)) / total


def _disk_used(page: Page) -> float | None:
    size, free = page.values.get("disk_size"), page.values.get("disk_avail")
    return 100.0 * (size - free) / size if size and free is not None else None


def _fullest_log_dir(_: Cluster, subject: Subject) -> Reading | None:
    broker = subject.broker
    if broker is None or broker.log_dirs_at is None:
        return None
    shares = [
        100.0 * (d.total_bytes - d.usable_bytes) / d.total_bytes
        for d in broker.log_dirs or ()
        if d.total_bytes and d.usable_bytes is not None and d.usable_bytes >= 0
    ]
    return Reading(max(shares), broker.log_dirs_at, DETAILS_GOOD_S) if shares else None


def _disk_past(cluster: Cluster, subject: Subject) -> Iterator[tuple[float, float | None]]:
    page = subject.broker.node if subject.broker is not None else None
    size = page.values.get("disk_size") if page is not None else None
    if page is None or not size:
        yield from metric_history("KafkaDataLogsDiskUsed")(cluster, subject)
        return
    for at, free in points(page.history.get("disk_avail")):
        yield at, None if free is None else 100.0 * (size - free) / size


def _heap_floor(cluster: Cluster, subject: Subject) -> Reading | None:
    """The least heap in use lately: about what is left after collections."""
    page = subject.broker.jmx if subject.broker is not None else None
    if page is None or page.at is None or not (most := page.values.get("heap_max")):
        return None
    series = page.history.get("heap_used")
    lately = [v for _, v in points(series) if v is not None] if series is not None else []
    if series is not None:
        lately = [v for _, v in series.since(cluster.at - HEAP_SPAN_S) if v is not None]
    if len(lately) < HEAP_POINTS:
        return None
    return Reading(100.0 * min(lately) / most, page.at, PAGE_GOOD_S, estimated=True)


def _partitions(cluster: Cluster, subject: Subject) -> Reading | None:
    """Replicas held, from Metadata; a broker that is not in it holds what it held."""
    broker = subject.broker
    if broker is None or cluster.metadata_at is None:
        return None
    return Reading(float(broker.counts.replicas), cluster.metadata_at, METADATA_GOOD_S)


def _busy_on_small(cluster: Cluster, subject: Subject) -> Reading | None:
    """CPU where messages are small on average, else 0."""
    cpu = FIGURES["cpu_percent"].read(cluster, subject)
    size = FIGURES["message_bytes"].read(cluster, subject)
    if cpu is None or size is None:
        return None
    busy = cpu.value if size.value < SMALL_MESSAGE_BYTES else 0.0
    return Reading(busy, min(cpu.at, size.at), min(cpu.good_for_s, size.good_for_s))


def _message_bytes(page: Page) -> float | None:
    size, count = page.rates.get("bytes_in"), page.rates.get("messages_in")
    return size / count if size is not None and count else None


def _metric_message_bytes(cluster: Cluster, subject: Subject) -> Reading | None:
    size = of_metrics("BytesInPerSec")(cluster, subject)
    count = of_metrics("MessagesInPerSec")(cluster, subject)
    if size is None or count is None or not count.value:
        return None
    return Reading(size.value / count.value, min(size.at, count.at), size.good_for_s)


def _under_min_isr(cluster: Cluster, _: Subject) -> Reading | None:
    pages = [b.jmx.at for b in cluster.brokers.values() if b.jmx.at is not None]
    if cluster.totals.under_min_isr is None or not pages:
        return None
    return Reading(float(cluster.totals.under_min_isr), max(pages), PAGE_GOOD_S)


def _under_replicated(cluster: Cluster, subject: Subject) -> Reading | None:
    """Not while a broker is down: AWS says not to be alarmed by it then."""
    if any(b.probe.word in ("down", "suspect") for b in cluster.brokers.values()):
        return None
    if cluster.metadata_at is None:
        return over_brokers("UnderReplicatedPartitions")(cluster, subject)
    return Reading(float(cluster.totals.under_replicated), cluster.metadata_at, METADATA_GOOD_S)


def _offline(cluster: Cluster, subject: Subject) -> Reading | None:
    """Only where no Metadata is read, which tells sooner and needs no rule."""
    return None if cluster.connected else of_metrics("OfflinePartitionsCount")(cluster, subject)


def _iam_only(reader: Reader) -> Reader:
    """What is of all clients is of IAM's where the cluster lets nobody else in."""

    def read(cluster: Cluster, subject: Subject) -> Reading | None:
        seen = cluster.description
        alone = seen is not None and seen.authentication == ("IAM",)
        return reader(cluster, subject) if alone else None

    return read


def _lag(cluster: Cluster, subject: Subject) -> Reading | None:
    series = cluster.metrics.get(subject.key) if subject.key is not None else None
    last = series.last if series is not None else None
    return None if last is None or last[1] is None else Reading(last[1], last[0], FAST_GOOD_S)


def _lag_past(cluster: Cluster, subject: Subject) -> Iterator[tuple[float, float | None]]:
    return points(cluster.metrics.get(subject.key) if subject.key is not None else None)


_JMX_CW: frozenset[Read] = frozenset({"jmx", "cloudwatch"})
_NODE_CW: frozenset[Read] = frozenset({"node", "cloudwatch"})
_CW: frozenset[Read] = frozenset({"cloudwatch"})


def _jmx(
    words: str,
    unit: Unit,
    source: str,
    figure: Callable[[Page], float | None],
    metric: str | None = None,
    past: History | None = None,
) -> Figure:
    """Of the JMX page, else the metric of CloudWatch that says the same."""
    page = of_page("jmx", figure)
    if metric is None:
        return Figure(words, unit, source, frozenset({"jmx"}), first(page), history=past)
    told = metric_history(metric)
    history = told if past is None else either(past, told)
    return Figure(words, unit, source, _JMX_CW, first(page, of_metrics(metric)), history=history)


FIGURES: Mapping[str, Figure] = MappingProxyType(
    {
        "disk_used_percent": Figure(
            "disk used", "%",
            "node exporter's filesystem of the data logs, CloudWatch KafkaDataLogsDiskUsed, or log dirs",
            frozenset({"node", "cloudwatch", "details"}),
            first(of_page("node", _disk_used), of_metrics("KafkaDataLogsDiskUsed"), _fullest_log_dir),
            history=_disk_past,
        ),
        "cpu_percent": Figure(
            "CPU", "%", "user and system time of node_cpu_seconds_total, or CloudWatch CpuUser + CpuSystem",
            _NODE_CW,
            first(of_page("node", _busy), of_metrics("CpuUser", "CpuSystem")),
        ),
        "heap_after_gc_percent": Figure(
            "heap after collection", "%",
            "CloudWatch HeapMemoryAfterGC; else the least of java.lang Memory HeapMemoryUsage in ten minutes",
            _JMX_CW,
            first(of_metrics("HeapMemoryAfterGC"), _heap_floor),
            history=metric_history("HeapMemoryAfterGC"),
        ),
        "cpu_credit_balance": Figure(
            "CPU credits", "", "CloudWatch CPUCreditBalance (t3)", _CW, of_metrics("CPUCreditBalance"),
            history=metric_history("CPUCreditBalance"),
        ),
        "burst_balance_percent": Figure(
            "volume burst balance", "%", "CloudWatch BurstBalance", _CW, of_metrics("BurstBalance"),
            history=metric_history("BurstBalance"),
        ),
        "partitions": Figure(
            "partitions", "", "replicas of Metadata; else PartitionCount of the page or of CloudWatch",
            frozenset({"metadata", "jmx", "cloudwatch"}),
            first(_partitions, of_page("jmx", value("partitions")), of_metrics("PartitionCount")),
            history=either(page_history("partitions"), metric_history("PartitionCount")),
        ),
        "connections": _jmx(
            "connections", "",
            "socket-server-metrics connection-count of all listeners, or CloudWatch ConnectionCount",
            added("connections/"), "ConnectionCount", past=added_history("connections/"),
        ),
        "iam_connections": _jmx(
            "IAM connections", "",
            "socket-server-metrics connection-count of listeners with IAM in their name",
            added("connections/", having="IAM"), past=added_history("connections/", having="IAM"),
        ),
        "connections_per_s": _jmx(
            "new connections", "/s",
            "connection-creation-rate of all listeners, or CloudWatch ConnectionCreationRate",
            added("connection_creation_rate/"), "ConnectionCreationRate",
        ),
        "iam_connections_per_s": Figure(
            "new IAM connections", "/s",
            "connection-creation-rate of listeners with IAM in their name, or CloudWatch"
            " ConnectionCreationRate where clients log in by IAM only", _JMX_CW,
            first(
                of_page("jmx", added("connection_creation_rate/", having="IAM")),
                _iam_only(of_metrics("ConnectionCreationRate")),
            ),
        ),
        "iam_too_many_connections": Figure(
            "refused IAM connections", "", "CloudWatch IAMTooManyConnections", _CW,
            of_metrics("IAMTooManyConnections"),
        ),
        "request_handler_idle_percent": Figure(
            "request handlers idle", "%",
            "KafkaRequestHandlerPool RequestHandlerAvgIdlePercent, of the page or of CloudWatch", _JMX_CW,
            first(
                of_page("jmx", value("handler_idle", 100.0)),
                scaled(of_metrics("RequestHandlerAvgIdlePercent"), 100.0),
            ),
        ),
        "network_processor_idle_percent": Figure(
            "network processors idle", "%",
            "SocketServer NetworkProcessorAvgIdlePercent, of the page or of CloudWatch", _JMX_CW,
            first(
                of_page("jmx", value("network_idle", 100.0)),
                scaled(of_metrics("NetworkProcessorAvgIdlePercent"), 100.0),
            ),
        ),
        "produce_throttle_ms": _jmx(
            "produce throttling", "ms",
            "RequestMetrics ThrottleTimeMs p99, or CloudWatch ProduceThrottleTime",
            value("time_ms/throttle/p99/Produce"), "ProduceThrottleTime",
        ),
        "fetch_throttle_ms": _jmx(
            "fetch throttling", "ms",
            "RequestMetrics ThrottleTimeMs p99, or CloudWatch FetchThrottleTime",
            value("time_ms/throttle/p99/FetchConsumer"), "FetchThrottleTime",
        ),
        "network_allowance_exceeded": Figure(
            "packets over the network allowance", "",
            "CloudWatch TrafficShaping, or the sum of BwIn-, BwOut-, Pps- and ConntrackAllowanceExceeded",
            _CW,
            first(
                of_metrics("TrafficShaping"),
                of_metrics(
                    "BwInAllowanceExceeded", "BwOutAllowanceExceeded", "PpsAllowanceExceeded",
                    "ConntrackAllowanceExceeded", "ConnTrackAllowanceExceeded", every=False,
                ),
            ),
        ),
        "bytes_in_per_s": _jmx(
            "bytes in", "bytes/s", "BrokerTopicMetrics BytesInPerSec, of the page or of CloudWatch",
            rate("bytes_in"), "BytesInPerSec",
        ),
        "bytes_out_per_s": _jmx(
            "bytes out", "bytes/s", "BrokerTopicMetrics BytesOutPerSec, of the page or of CloudWatch",
            rate("bytes_out"), "BytesOutPerSec",
        ),
        "volume_bytes_per_s": Figure(
            "volume reads and writes", "bytes/s", "CloudWatch VolumeReadBytes + VolumeWriteBytes", _CW,
            scaled(of_metrics("VolumeReadBytes", "VolumeWriteBytes"), 1 / 60),
        ),
        "message_bytes": Figure(
            "mean message", "bytes",
            "BytesInPerSec by MessagesInPerSec, of the page or of CloudWatch", _JMX_CW,
            first(of_page("jmx", _message_bytes), _metric_message_bytes),
        ),
        "cpu_percent_on_small_messages": Figure(
            "CPU with messages under 1 kB", "%", "cpu_percent where message_bytes is under 1,000, else 0",
            frozenset({"node", "jmx", "cloudwatch"}), _busy_on_small,
        ),
        "request_queue_size": _jmx(
            "request queue", "", "RequestChannel RequestQueueSize", value("request_queue_size")
        ),
        "metadata_lag_ms": _jmx(
            "metadata lag", "ms",
            "broker-metadata-metrics last-applied-record-lag-ms", value("metadata_lag_ms")
        ),
        "zookeeper_session_state": Figure(
            "ZooKeeper session", "", "CloudWatch ZooKeeperSessionState", _CW,
            of_metrics("ZooKeeperSessionState")
        ),
        "under_min_isr_partitions": Figure(
            "partitions under min ISR", "",
            "UnderMinIsrPartitionCount of all brokers, of the pages or of CloudWatch",
            _JMX_CW, first(_under_min_isr, over_brokers("UnderMinIsrPartitionCount")), of="cluster",
        ),
        "under_replicated_partitions": Figure(
            "under-replicated partitions", "",
            "Metadata, or CloudWatch UnderReplicatedPartitions; not while a broker is down",
            frozenset({"metadata", "cloudwatch"}), first(_under_replicated), of="cluster",
        ),
        "offline_partitions": Figure(
            "partitions without a leader", "",
            "CloudWatch OfflinePartitionsCount, where no Metadata can be read",
            _CW, first(_offline), of="cluster",
        ),
        "active_controllers": Figure(
            "active controllers", "", "CloudWatch ActiveControllerCount", _CW,
            of_metrics("ActiveControllerCount"), of="cluster",
        ),
        "group_time_lag_s": Figure(
            "estimated time lag", "s", "CloudWatch EstimatedMaxTimeLag", _CW, _lag,
            of="group", history=_lag_past
        ),
    }
)  # fmt: skip
"""By the name that a rule gives."""

_ANY = ("page:", "rate:", "cloudwatch:")


def figure(name: str) -> Figure | None:
    """A figure by its name, also one that only a person's own rules name; None where there is none.

    >>> figure("cpu_percent").unit, figure("rate:failed_produce").unit, figure("pages")
    ('%', '/s', None)
    """
    known = FIGURES.get(name)
    if known is not None or not name.startswith(_ANY):
        return known
    kind, _, key = name.partition(":")
    if not key:
        return None
    if kind == "cloudwatch":
        return Figure(key, "", f"CloudWatch {key}", _CW, first(of_metrics(key)), history=metric_history(key))
    of_key = rate(key) if kind == "rate" else value(key)
    both = first(of_page("jmx", of_key), of_page("node", of_key))
    unit: Unit = "/s" if kind == "rate" else ""
    return Figure(
        key, unit, f"exporter page, {key}", frozenset({"jmx", "node"}), both, history=page_history(key)
    )


def subjects(cluster: Cluster, of: Of) -> Iterator[Subject]:
    """Everything that a figure may be of. A broker that is down is nothing that rules speak of."""
    if of == "cluster":
        yield Subject("cluster")
    elif of == "broker":
        for broker in cluster.brokers.values():
            if broker.probe.word != "down":
                yield Subject(broker.name, broker)
    else:
        for key in cluster.metrics:
            if key.metric == "EstimatedMaxTimeLag":
                names = dict(key.dimensions)
                group, topic = names.get("Consumer Group", "—"), names.get("Topic")
                yield Subject(f"{group} {topic}" if topic else group, key=key)
