"""What rules may measure: figures by name, each with its unit, where it comes from and how it is read.

A figure that cannot be read is None: then no rule about it begins or ends. Pages come before CloudWatch,
because they are sooner; which of CloudWatch's metrics are asked for is model/cloudwatch.py's business.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from msktop.model.alert_readings import (
    History,
    Read,
    Reader,
    added,
    added_history,
    either,
    first,
    metric_history,
    of_metrics,
    of_page,
    over_brokers,
    page_history,
    rate,
    scaled,
    value,
)
from msktop.model.alert_reads import (
    disk_past,
    fullest_log_dir,
    heap_floor,
    iam_only,
    lag,
    lag_past,
    message_bytes,
    metric_message_bytes,
    offline,
    on_small_messages,
    partitions,
    percent,
    under_min_isr,
    under_replicated,
)
from msktop.model.alert_subjects import Of
from msktop.model.broker import Page
from msktop.model.page_shares import cpu_user_and_system, volume_used

Unit = Literal["%", "bytes", "bytes/s", "/s", "ms", "s", ""]


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


_JMX_CW: frozenset[Read] = frozenset({"jmx", "cloudwatch"})
_NODE_CW: frozenset[Read] = frozenset({"node", "cloudwatch"})
_CW: frozenset[Read] = frozenset({"cloudwatch"})
_CPU = first(of_page("node", percent(cpu_user_and_system)), of_metrics("CpuUser", "CpuSystem"))
_MESSAGE = first(of_page("jmx", message_bytes), metric_message_bytes)


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
            first(
                of_page("node", percent(volume_used)), of_metrics("KafkaDataLogsDiskUsed"), fullest_log_dir
            ),
            history=disk_past,
        ),
        "cpu_percent": Figure(
            "CPU", "%", "user and system time of node_cpu_seconds_total, or CloudWatch CpuUser + CpuSystem",
            _NODE_CW, _CPU,
        ),
        "heap_after_gc_percent": Figure(
            "heap after collection", "%",
            "CloudWatch HeapMemoryAfterGC; else the least of java.lang Memory HeapMemoryUsage in ten minutes",
            _JMX_CW,
            first(of_metrics("HeapMemoryAfterGC"), heap_floor),
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
            first(partitions, of_page("jmx", value("partitions")), of_metrics("PartitionCount")),
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
                iam_only(of_metrics("ConnectionCreationRate")),
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
            "BytesInPerSec by MessagesInPerSec, of the page or of CloudWatch", _JMX_CW, _MESSAGE,
        ),
        "cpu_percent_on_small_messages": Figure(
            "CPU with messages under 1 kB", "%", "cpu_percent where message_bytes is under 1,000, else 0",
            frozenset({"node", "jmx", "cloudwatch"}), on_small_messages(_CPU, _MESSAGE),
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
            _JMX_CW, first(under_min_isr, over_brokers("UnderMinIsrPartitionCount")), of="cluster",
        ),
        "under_replicated_partitions": Figure(
            "under-replicated partitions", "",
            "Metadata, or CloudWatch UnderReplicatedPartitions; not while a broker is down",
            frozenset({"metadata", "cloudwatch"}), first(under_replicated), of="cluster",
        ),
        "offline_partitions": Figure(
            "partitions without a leader", "",
            "CloudWatch OfflinePartitionsCount, where no Metadata can be read",
            _CW, first(offline), of="cluster",
        ),
        "active_controllers": Figure(
            "active controllers", "", "CloudWatch ActiveControllerCount", _CW,
            of_metrics("ActiveControllerCount"), of="cluster",
        ),
        "group_time_lag_s": Figure(
            "estimated time lag", "s", "CloudWatch EstimatedMaxTimeLag", _CW, lag,
            of="group", history=lag_past
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
