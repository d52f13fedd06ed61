"""Which figures of a broker's exporter pages become which metrics of AWS/Kafka, from which level on. Pure.

Names, dimensions and levels are those of the MSK developer guide's tables of CloudWatch metrics.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from msktop.local.plane.metric_store import Dimensions
from msktop.wire.exporter_families import Family, Labels, Name
from msktop.wire.exposition import parse, read

LEVELS = ("DEFAULT", "PER_BROKER", "PER_TOPIC_PER_BROKER", "PER_TOPIC_PER_PARTITION")
"""EnhancedMonitoring: each has what those before it have."""

CONTROLLER_METRICS = (
    "ActiveControllerCount",
    "OfflinePartitionsCount",
    "GlobalPartitionCount",
    "GlobalTopicCount",
)
"""Gauges of the controller, published by every broker: as zero by those that are not it."""

_RUNNING = 3.0
"""BrokerState of a broker that serves."""

_TOPIC_LEVEL = {"BytesInPerSec": 0, "BytesOutPerSec": 0, "MessagesInPerSec": 2}
_DEFAULT = frozenset(
    {
        *CONTROLLER_METRICS,
        "BytesInPerSec",
        "BytesOutPerSec",
        "MessagesInPerSec",
        "ClientConnectionCount",
        "ConnectionCount",
        "CpuIdle",
        "CpuSystem",
        "CpuUser",
        "HeapMemoryAfterGC",
        "KafkaDataLogsDiskUsed",
        "LeaderCount",
        "MemoryUsed",
        "PartitionCount",
        "ProduceTotalTimeMsMean",
        "UnderMinIsrPartitionCount",
        "UnderReplicatedPartitions",
        "ZooKeeperRequestLatencyMsMean",
        "ZooKeeperSessionState",
    }
)
_AUTHENTICATION = {"CLIENT_SECURE": "SSL", "CLIENT_SASL_SCRAM": "SASL_SCRAM"}
"""What the dimension `Client Authentication` calls a listener's clients; others are not authenticated."""


@dataclass(frozen=True, slots=True)
class Figure:
    """The samples that a broker publishes of one metric for one minute."""

    metric: str
    samples: tuple[float, ...]
    broker_id: int | None = None
    """None: of the whole cluster."""
    topic: str = ""
    authentication: str = ""
    group: str = ""
    partition: int | None = None

    @property
    def level(self) -> int:
        """The place in LEVELS from which on it is published."""
        if self.group:
            return 0 if self.partition is None else 3
        if self.topic:
            return _TOPIC_LEVEL[self.metric]
        return 0 if self.metric in _DEFAULT else 1

    def dimensions(self, cluster: str) -> Dimensions:
        """As CloudWatch has them, sorted."""
        pairs = {
            "Broker ID": "" if self.broker_id is None else str(self.broker_id),
            "Client Authentication": self.authentication,
            "Cluster Name": cluster,
            "Consumer Group": self.group,
            "Partition": "" if self.partition is None else str(self.partition),
            "Topic": self.topic,
        }
        return tuple((name, value) for name, value in pairs.items() if value)


@dataclass(frozen=True, slots=True)
class Pages:
    """What was read of a broker's two pages, at a Unix time. Keys: see the families below."""

    at: float
    kafka: Mapping[str, float]
    node: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, at: float, kafka: bytes, node: bytes | None) -> Pages:
        """Read them."""
        return cls(at, read(kafka, _FAMILIES), parse(node, "node").values if node else {})

    @property
    def serves(self) -> bool:
        """Whether the broker had come up: its exporter answers some seconds before that."""
        return self.kafka.get("BrokerState", _RUNNING) == _RUNNING


# ------------------------------------------------------------------ what is kept of a page


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")


def _named(*kept: str, under: Mapping[str, str] | None = None) -> Name:
    """The label `name` is the key, or what `under` has for it."""
    table = {name.encode(): name for name in kept} | {k.encode(): v for k, v in (under or {}).items()}
    return lambda labels: table.get(labels.get(b"name", b""))


_RATES = (
    "BytesInPerSec",
    "BytesOutPerSec",
    "MessagesInPerSec",
    "ReplicationBytesInPerSec",
    "ReplicationBytesOutPerSec",
    "FetchMessageConversionsPerSec",
    "ProduceMessageConversionsPerSec",
)


def _rate(labels: Labels) -> str | None:
    name, topic = _text(labels.get(b"name", b"")), _text(labels.get(b"topic", b""))
    if topic:
        return f"{name}/{topic}" if name in _TOPIC_LEVEL else None
    return name if name in _RATES else None


_PARTS = {
    b"TotalTimeMs": "TotalTimeMsMean",
    b"RequestQueueTimeMs": "RequestQueueTimeMsMean",
    b"LocalTimeMs": "LocalTimeMsMean",
    b"ResponseQueueTimeMs": "ResponseQueueTimeMsMean",
    b"ResponseSendTimeMs": "ResponseSendTimeMsMean",
}
_REQUESTS = frozenset({b"Produce", b"FetchConsumer", b"FetchFollower"})


def _time(labels: Labels) -> str | None:
    request, part = labels.get(b"request", b""), _PARTS.get(labels.get(b"name", b""))
    return f"{_text(request)}{part}" if part and request in _REQUESTS else None


def _by_processor(metric: str) -> Name:
    def key(labels: Labels) -> str:
        return f"{metric}:{_text(labels.get(b'listener', b''))}:{_text(labels.get(b'networkProcessor', b''))}"

    return key


_SOCKETS = b"kafka_server_socket_server_metrics_connection"
_FAMILIES: Mapping[bytes, Family] = {
    b"kafka_server_BrokerTopicMetrics_OneMinuteRate": Family(_rate),
    b"kafka_network_RequestMetrics_Mean": Family(_time),
    b"kafka_server_ReplicaManager_Value": Family(
        _named("UnderReplicatedPartitions", "UnderMinIsrPartitionCount", "LeaderCount", "PartitionCount")
    ),
    b"kafka_controller_KafkaController_Value": Family(_named(*CONTROLLER_METRICS)),
    b"kafka_server_KafkaRequestHandlerPool_OneMinuteRate": Family(_named("RequestHandlerAvgIdlePercent")),
    b"kafka_network_SocketServer_Value": Family(_named("NetworkProcessorAvgIdlePercent")),
    b"kafka_server_KafkaServer_Value": Family(
        _named(
            "BrokerState",
            under={"linux-disk-read-bytes": "read_bytes", "linux-disk-write-bytes": "write_bytes"},
        )
    ),
    b"kafka_server_ZooKeeperClientMetrics_Mean": Family(
        _named(under={"ZooKeeperRequestLatencyMs": "ZooKeeperRequestLatencyMsMean"})
    ),
    b"kafka_server_SessionExpireListener_Count": Family(
        _named(
            under={"ZooKeeperSyncConnectsPerSec": "zk_connects", "ZooKeeperDisconnectsPerSec": "zk_losses"}
        )
    ),
    _SOCKETS + b"_count": Family(_by_processor("ConnectionCount")),
    _SOCKETS + b"_creation_rate": Family(_by_processor("ConnectionCreationRate")),
    _SOCKETS + b"_close_rate": Family(_by_processor("ConnectionCloseRate")),
    b"java_lang_Memory_HeapMemoryUsage_used": Family(lambda _: "heap_used"),
    b"java_lang_Memory_HeapMemoryUsage_max": Family(lambda _: "heap_max"),
    b"java_lang_Tenured_Gen_CollectionUsage_used": Family(lambda _: "heap_after_gc"),
    b"java_lang_G1_Old_Gen_CollectionUsage_used": Family(lambda _: "heap_after_gc"),
}
_AS_THEY_ARE = (
    *(rate for rate in _RATES),
    *(f"{request.decode()}{part}" for request in sorted(_REQUESTS) for part in _PARTS.values()),
    "UnderReplicatedPartitions",
    "UnderMinIsrPartitionCount",
    "LeaderCount",
    "PartitionCount",
    "RequestHandlerAvgIdlePercent",
    "NetworkProcessorAvgIdlePercent",
    "ZooKeeperRequestLatencyMsMean",
)


# ------------------------------------------------------------------ figures


def of_broker(broker_id: int, now: Pages, before: Pages | None) -> Iterator[Figure]:
    """What a broker publishes for a minute; `before` is what was read of it the minute before."""
    for metric in _AS_THEY_ARE:
        if metric in now.kafka:
            yield Figure(metric, (now.kafka[metric],), broker_id)
    for metric, value in (*_memory(now), *_volume(now, before), *_cpu(now, before), *_session(now)):
        yield Figure(metric, (value,), broker_id)
    yield from _connections(broker_id, now)
    for key, value in now.kafka.items():
        metric, slash, topic = key.partition("/")
        if slash:
            yield Figure(metric, (value,), broker_id, topic)
    for metric in CONTROLLER_METRICS:
        yield Figure(metric, (now.kafka.get(metric, 0.0),))
    disk = _disk_used(now)
    if disk is not None:
        yield Figure("KafkaDataLogsDiskUsed", (disk,))
        yield Figure("KafkaDataLogsDiskUsed", (disk,), broker_id)


def _connections(broker_id: int, now: Pages) -> Iterator[Figure]:
    """One sample of each network processor, as MSK's brokers publish them: only their sum is the figure."""
    samples: dict[tuple[str, str], list[float]] = {}
    for key, value in now.kafka.items():
        metric, colon, where = key.partition(":")
        if not colon:
            continue
        samples.setdefault((metric, ""), []).append(value)
        authentication = _AUTHENTICATION.get(where.partition(":")[0])
        if authentication and metric == "ConnectionCount":
            samples.setdefault(("ClientConnectionCount", authentication), []).append(value)
    for (metric, authentication), values in samples.items():
        yield Figure(metric, tuple(values), broker_id, authentication=authentication)


def _memory(now: Pages) -> Iterator[tuple[str, float]]:
    used, most = now.kafka.get("heap_after_gc") or now.kafka.get("heap_used"), now.kafka.get("heap_max")
    if used is not None and most:
        yield "HeapMemoryAfterGC", 100 * used / most
    if "memory_bytes" in now.node:
        yield "MemoryUsed", now.node["memory_bytes"]


def _cpu(now: Pages, before: Pages | None) -> Iterator[tuple[str, float]]:
    if before is None:
        return
    keys = {"CpuUser": "cpu_s/user", "CpuSystem": "cpu_s/system", "CpuIdle": "cpu_s/idle"}
    spent = {m: now.node[k] - before.node[k] for m, k in keys.items() if k in now.node and k in before.node}
    total = sum(spent.values())
    if total > 0 and min(spent.values()) >= 0:
        for metric, seconds in spent.items():
            yield metric, 100 * seconds / total


def _volume(now: Pages, before: Pages | None) -> Iterator[tuple[str, float]]:
    for metric, key in (("VolumeReadBytes", "read_bytes"), ("VolumeWriteBytes", "write_bytes")):
        if before is not None and key in now.kafka and key in before.kafka:
            grown = now.kafka[key] - before.kafka[key]
            if grown >= 0:  # a new process counts from zero
                yield metric, grown


def _session(now: Pages) -> Iterator[tuple[str, float]]:
    """1.0 CONNECTED, 0.5 CONNECTING: the page has no state, but counts connections and their losses."""
    if "zk_connects" in now.kafka:
        lost = now.kafka["zk_connects"] <= now.kafka.get("zk_losses", 0.0)
        yield "ZooKeeperSessionState", 0.5 if lost else 1.0


def _disk_used(now: Pages) -> float | None:
    size, free = now.node.get("disk_size"), now.node.get("disk_avail")
    return 100 * (size - free) / size if size and free is not None else None
