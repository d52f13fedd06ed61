"""Names of the figures that are kept of exporter pages, the same for every exporter version.

A key is words joined by "/": the figure, then what it is of (`requests/Produce`, `bytes_in/orders`,
`time_ms/total/p99/Produce`). Counters only grow until the broker restarts, everything else is a gauge.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Mode = Literal["kraft", "zookeeper"]
_BOTH: tuple[Mode, ...] = ("kraft", "zookeeper")
_ZOOKEEPER: tuple[Mode, ...] = ("zookeeper",)
_KRAFT: tuple[Mode, ...] = ("kraft",)


@dataclass(frozen=True, slots=True)
class Figure:
    """What the first word of a key stands for."""

    unit: str
    source: str
    """MBean without its domain's common part, and attribute; or the node exporter's family."""
    of: str = ""
    """What the other words of the key name."""
    counter: bool = False
    modes: tuple[Mode, ...] = _BOTH
    """Where a broker's page has it. In KRaft mode, controller figures are on the controllers' pages only."""
    page: Literal["jmx", "node"] = "jmx"


def _counter(unit: str, source: str, of: str = "", modes: tuple[Mode, ...] = _BOTH) -> Figure:
    return Figure(unit, f"{source} Count", of, counter=True, modes=modes)


_TOPICS = "BrokerTopicMetrics name="
_REPLICAS = "ReplicaManager name="
_CONTROLLER = "KafkaController name="
FIGURES: Mapping[str, Figure] = MappingProxyType(
    {
        "bytes_in": _counter("bytes", _TOPICS + "BytesInPerSec", "[TOPIC]"),
        "bytes_out": _counter("bytes", _TOPICS + "BytesOutPerSec", "[TOPIC]"),
        "messages_in": _counter("messages", _TOPICS + "MessagesInPerSec", "[TOPIC]"),
        "replication_bytes_in": _counter("bytes", _TOPICS + "ReplicationBytesInPerSec"),
        "replication_bytes_out": _counter("bytes", _TOPICS + "ReplicationBytesOutPerSec"),
        "failed_produce": _counter("requests", _TOPICS + "FailedProduceRequestsPerSec"),
        "failed_fetch": _counter("requests", _TOPICS + "FailedFetchRequestsPerSec"),
        "requests": _counter("requests", "RequestMetrics name=RequestsPerSec, all versions", "API"),
        "errors": _counter("answers", "RequestMetrics name=ErrorsPerSec without NONE", "API/CODE"),
        "time_ms": Figure("ms", "RequestMetrics Mean, 50th and 99thPercentile", "PART/STAT/API"),
        "isr_shrinks": _counter("times", _REPLICAS + "IsrShrinksPerSec"),
        "isr_expands": _counter("times", _REPLICAS + "IsrExpandsPerSec"),
        "under_replicated": Figure("partitions", _REPLICAS + "UnderReplicatedPartitions Value"),
        "under_min_isr": Figure("partitions", _REPLICAS + "UnderMinIsrPartitionCount Value"),
        "offline_replicas": Figure("replicas", _REPLICAS + "OfflineReplicaCount Value"),
        "leaders": Figure("partitions", _REPLICAS + "LeaderCount Value"),
        "partitions": Figure("replicas", _REPLICAS + "PartitionCount Value"),
        "replica_max_lag": Figure("messages", "ReplicaFetcherManager name=MaxLag Value"),
        "active_controller": Figure("0 or 1", _CONTROLLER + "ActiveControllerCount Value", modes=_ZOOKEEPER),
        "offline_partitions": Figure(
            "partitions", _CONTROLLER + "OfflinePartitionsCount Value", modes=_ZOOKEEPER
        ),
        "global_partitions": Figure(
            "partitions", _CONTROLLER + "GlobalPartitionCount Value", modes=_ZOOKEEPER
        ),
        "unclean_elections": Figure(
            "times", "ControllerStats name=UncleanLeaderElectionsPerSec Count", counter=True, modes=_ZOOKEEPER
        ),
        "zk_latency_ms_mean": Figure(
            "ms", "ZooKeeperClientMetrics name=ZooKeeperRequestLatencyMs Mean", modes=_ZOOKEEPER
        ),
        "zk_expires": _counter(
            "sessions", "SessionExpireListener name=ZooKeeperExpiresPerSec", modes=_ZOOKEEPER
        ),
        "zk_disconnects": _counter(
            "times", "SessionExpireListener name=ZooKeeperDisconnectsPerSec", modes=_ZOOKEEPER
        ),
        "metadata_lag_ms": Figure("ms", "broker-metadata-metrics last-applied-record-lag-ms", modes=_KRAFT),
        "handler_idle": Figure("share", "KafkaRequestHandlerPool OneMinuteRate"),
        "network_idle": Figure("share", "SocketServer name=NetworkProcessorAvgIdlePercent Value"),
        "request_bytes": Figure("bytes", "RequestMetrics name=RequestBytes Mean, 99thPercentile", "STAT/API"),
        "response_queue_size": Figure("responses", "RequestChannel name=ResponseQueueSize Value"),
        "request_queue_size": Figure("requests", "RequestChannel name=RequestQueueSize Value"),
        "connections": Figure("connections", "socket-server-metrics, all threads", "LISTENER"),
        "connection_creation_rate": Figure("per second", "socket-server-metrics, all threads", "LISTENER"),
        "connections_created": Figure(
            "connections", "socket-server-metrics connection-creation-total", "LISTENER", counter=True
        ),
        "clients": Figure(
            "connections", "socket-server-metrics connections, all threads", "SOFTWARE VERSION/LISTENER"
        ),
        "groups": Figure("groups", "GroupMetadataManager name=NumGroups Value"),
        "broker_state": Figure("Kafka's BrokerState, 3 runs", "KafkaServer name=BrokerState Value"),
        "heap_used": Figure("bytes", "java.lang Memory HeapMemoryUsage used"),
        "heap_max": Figure("bytes", "java.lang Memory HeapMemoryUsage max"),
        "cpu_s": Figure("seconds", "node_cpu_seconds_total", "MODE", counter=True, page="node"),
        "disk_size": Figure("bytes", "node_filesystem_size_bytes of the data volume", page="node"),
        "disk_avail": Figure("bytes", "node_filesystem_avail_bytes of the data volume", page="node"),
        "memory_bytes": Figure("bytes", "process_resident_memory_bytes; not on MSK", page="node"),
    }
)
"""First word of a key, and what it is. PART of time_ms: total, request_queue, local, remote, response_queue,
response_send, throttle; STAT: mean, p50, p99."""

COUNTERS = frozenset(word for word, figure in FIGURES.items() if figure.counter)
"""First words of counters."""

HISTORY = frozenset(
    {
        "bytes_in",
        "bytes_out",
        "messages_in",
        "requests",
        "handler_idle",
        "network_idle",
        "heap_used",
        "partitions",
    }
)
"""Keys that get a graph as they are."""

HISTORY_OF = (
    "requests/",
    "time_ms/total/p50/",
    "time_ms/total/p99/",
    "error_rate/",
    "connections/",
    "cpu_s/",
    "disk_avail",
    "memory_bytes",
)
"""Beginnings of keys that get a graph."""


def is_counter(key: str) -> bool:
    """Whether a rate follows from two readings.

    >>> is_counter("requests/Produce"), is_counter("leaders")
    (True, False)
    """
    return key.partition("/")[0] in COUNTERS


def absent_is_zero(key: str) -> bool:
    """Whether a whole page without it says that it is zero: Kafka makes these counters at the first request.

    >>> absent_is_zero("errors/Produce/NOT_LEADER_OR_FOLLOWER"), absent_is_zero("bytes_in/orders")
    (True, False)
    """
    return key.startswith(("requests/", "errors/"))


def in_request_total(key: str) -> bool:
    """Whether it counts towards all requests: `Fetch` is FetchConsumer and FetchFollower once more.

    >>> in_request_total("requests/Produce"), in_request_total("requests/Fetch")
    (True, False)
    """
    return key.startswith("requests/") and key != "requests/Fetch"


def in_history(key: str) -> bool:
    """Whether it gets a graph.

    >>> in_history("bytes_in"), in_history("bytes_in/orders"), in_history("requests/Produce")
    (True, False, True)
    """
    return key in HISTORY or key.startswith(HISTORY_OF)
