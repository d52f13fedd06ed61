"""What is kept of an exporter page: which metric families, and which key of model/metrics.py a sample gets.

The names are those of an exporter with an empty rule file, as MSK runs it: domain, type and attribute make
the family, the other properties of the MBean are labels.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

Labels = Mapping[bytes, bytes]
Name = Callable[[Labels], "str | None"]


@dataclass(frozen=True, slots=True, eq=False)
class Family:
    """One metric family: how a sample's labels make a key, and what is special about its samples."""

    name: Name
    adds: bool = False
    """Samples of one key add up: versions of a request, network threads of a listener."""
    skip_zero: bool = False
    """Hundreds of lines of request types that nobody ever sent: they are not there for us."""
    of_request: bool = False
    """Kept only for request types that somebody sent; a zero of those is a figure."""


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")


def _by_name(**keys: str) -> Name:
    """The `name` label chooses the key."""
    table = {name.encode(): key for name, key in keys.items()}

    def key(labels: Labels) -> str | None:
        return table.get(labels.get(b"name", b""))

    return key


def _plain(key: str) -> Name:
    return lambda _: key


_TOPIC_FIGURES = _by_name(
    BytesInPerSec="bytes_in", BytesOutPerSec="bytes_out", MessagesInPerSec="messages_in"
)
_BROKER_FIGURES = _by_name(
    BytesInPerSec="bytes_in",
    BytesOutPerSec="bytes_out",
    MessagesInPerSec="messages_in",
    ReplicationBytesInPerSec="replication_bytes_in",
    ReplicationBytesOutPerSec="replication_bytes_out",
    FailedProduceRequestsPerSec="failed_produce",
    FailedFetchRequestsPerSec="failed_fetch",
)


def _broker_topic(labels: Labels) -> str | None:
    topic = labels.get(b"topic")
    if not topic:
        return _BROKER_FIGURES(labels)
    figure = _TOPIC_FIGURES(labels)
    return None if figure is None else f"{figure}/{_text(topic)}"


def _requests(labels: Labels) -> str | None:
    name, api = labels.get(b"name"), labels.get(b"request")
    if api is None:
        return None
    if name == b"RequestsPerSec":
        return f"requests/{_text(api)}"
    error = labels.get(b"error", b"NONE")
    if name == b"ErrorsPerSec" and error != b"NONE":
        return f"errors/{_text(api)}/{_text(error)}"
    return None


_TIMES = {
    b"TotalTimeMs": "total",
    b"RequestQueueTimeMs": "request_queue",
    b"LocalTimeMs": "local",
    b"RemoteTimeMs": "remote",
    b"ResponseQueueTimeMs": "response_queue",
    b"ResponseSendTimeMs": "response_send",
    b"ThrottleTimeMs": "throttle",
}


_BYTES = ("mean", "p99")


def _times(stat: str) -> Family:
    def key(labels: Labels) -> str | None:
        name, api = labels.get(b"name", b""), labels.get(b"request")
        if api is None:
            return None
        if name == b"RequestBytes":
            return f"request_bytes/{stat}/{_text(api)}" if stat in _BYTES else None
        part = _TIMES.get(name)
        return None if part is None else f"time_ms/{part}/{stat}/{_text(api)}"

    return Family(key, of_request=True)


def _by_listener(figure: str) -> Family:
    return Family(lambda labels: f"{figure}/{_text(labels.get(b'listener', b''))}", adds=True)


def _software(labels: Labels) -> str | None:
    """Kafka checks name and version (letters, digits, dots, dashes), so a space can stand between them."""
    name, version = labels.get(b"clientSoftwareName"), labels.get(b"clientSoftwareVersion", b"")
    if not name:
        return None
    return f"clients/{_text(name)} {_text(version)}/{_text(labels.get(b'listener', b''))}"


_QUEUES = _by_name(RequestQueueSize="request_queue_size", ResponseQueueSize="response_queue_size")


def _queue(labels: Labels) -> str | None:
    return None if b"processor" in labels else _QUEUES(labels)


_SOCKETS = b"kafka_server_socket_server_metrics_connection"
JMX: Mapping[bytes, Family] = {
    b"kafka_server_BrokerTopicMetrics_Count": Family(_broker_topic),
    b"kafka_network_RequestMetrics_Count": Family(_requests, adds=True, skip_zero=True),
    b"kafka_network_RequestMetrics_Mean": _times("mean"),
    b"kafka_network_RequestMetrics_50thPercentile": _times("p50"),
    b"kafka_network_RequestMetrics_99thPercentile": _times("p99"),
    b"kafka_server_ReplicaManager_Value": Family(
        _by_name(
            UnderReplicatedPartitions="under_replicated",
            UnderMinIsrPartitionCount="under_min_isr",
            OfflineReplicaCount="offline_replicas",
            LeaderCount="leaders",
            PartitionCount="partitions",
        )
    ),
    b"kafka_server_ReplicaManager_Count": Family(
        _by_name(IsrShrinksPerSec="isr_shrinks", IsrExpandsPerSec="isr_expands")
    ),
    b"kafka_controller_KafkaController_Value": Family(
        _by_name(
            ActiveControllerCount="active_controller",
            OfflinePartitionsCount="offline_partitions",
            GlobalPartitionCount="global_partitions",
        )
    ),
    b"kafka_controller_ControllerStats_Count": Family(
        _by_name(UncleanLeaderElectionsPerSec="unclean_elections")
    ),
    b"kafka_server_KafkaRequestHandlerPool_OneMinuteRate": Family(
        _by_name(RequestHandlerAvgIdlePercent="handler_idle")
    ),
    b"kafka_network_SocketServer_Value": Family(_by_name(NetworkProcessorAvgIdlePercent="network_idle")),
    b"kafka_network_RequestChannel_Value": Family(_queue),
    b"kafka_server_KafkaServer_Value": Family(_by_name(BrokerState="broker_state")),
    b"kafka_server_ReplicaFetcherManager_Value": Family(_by_name(MaxLag="replica_max_lag")),
    b"kafka_coordinator_group_GroupMetadataManager_Value": Family(_by_name(NumGroups="groups")),
    b"kafka_server_ZooKeeperClientMetrics_Mean": Family(
        _by_name(ZooKeeperRequestLatencyMs="zk_latency_ms_mean")
    ),
    b"kafka_server_SessionExpireListener_Count": Family(
        _by_name(ZooKeeperExpiresPerSec="zk_expires", ZooKeeperDisconnectsPerSec="zk_disconnects")
    ),
    b"kafka_server_broker_metadata_metrics_last_applied_record_lag_ms": Family(_plain("metadata_lag_ms")),
    _SOCKETS + b"_count": _by_listener("connections"),
    _SOCKETS + b"_creation_rate": _by_listener("connection_creation_rate"),
    _SOCKETS + b"_creation_total": _by_listener("connections_created"),
    _SOCKETS + b"s": Family(_software, adds=True, skip_zero=True),
    b"java_lang_Memory_HeapMemoryUsage_used": Family(_plain("heap_used")),
    b"java_lang_Memory_HeapMemoryUsage_max": Family(_plain("heap_max")),
}
"""The JMX exporter's page, port 11001 on MSK."""


def _by_mount(figure: str) -> Family:
    """Under `FIGURE@MOUNTPOINT`, until `choose_volume` has seen all mount points."""
    return Family(lambda labels: f"{figure}@{_text(labels.get(b'mountpoint', b''))}")


NODE: Mapping[bytes, Family] = {
    b"node_cpu_seconds_total": Family(lambda labels: f"cpu_s/{_text(labels.get(b'mode', b''))}", adds=True),
    b"node_filesystem_size_bytes": _by_mount("disk_size"),
    b"node_filesystem_avail_bytes": _by_mount("disk_avail"),
    b"process_resident_memory_bytes": Family(_plain("memory_bytes")),
}
"""The node exporter's page, port 11002 on MSK."""

_DATA_VOLUME = "/kafka/datalogs"
"""Where MSK mounts a broker's storage."""


def choose_volume(values: dict[str, float]) -> None:
    """Keep one volume: the data logs', else the largest.

    >>> values = {"disk_size@/": 9.0, "disk_size@/kafka/datalogs": 5.0, "disk_avail@/": 8.0}
    >>> choose_volume(values)
    >>> values
    {'disk_size': 5.0}
    """
    sizes = {key.partition("@")[2]: v for key, v in values.items() if key.startswith("disk_size@")}
    mount = _DATA_VOLUME if _DATA_VOLUME in sizes else max(sizes, key=lambda m: sizes[m], default=None)
    for key in [k for k in values if "@" in k]:
        value = values.pop(key)
        if key.partition("@")[2] == mount:
            values[key.partition("@")[0]] = value
