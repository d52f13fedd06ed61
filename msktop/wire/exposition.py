"""Reads an exporter page: the few hundred figures we keep out of ten thousand lines, under names of our own.

A page comes in blocks: comment lines that name a family, then its samples. Blocks of families that are not
kept are stepped over without being split into lines; that is what makes it fast. Nothing relies on the
comments being there: a block whose samples are of several families is read line by line. No step holds the
interpreter's lock for longer than one block takes.

Exporter 0.12.0 (what MSK ships, with a comma before the closing brace) and 1.x are both read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

Which = Literal["jmx", "node"]
Labels = Mapping[bytes, bytes]
Name = Callable[[Labels], "str | None"]


@dataclass(frozen=True, slots=True)
class Parsed:
    """Figures by the keys of model/metrics.py; `truncated`: the page ended in the middle of a line."""

    values: dict[str, float]
    truncated: bool


def parse(page: bytes, which: Which) -> Parsed:
    r"""Read one whole page; lines that make no sense are passed over.

    >>> parse(b'kafka_server_ReplicaManager_Value{name="LeaderCount",} 11.0\n', "jmx").values
    {'leaders': 11.0}
    """
    whole = page.rfind(b"\n") + 1
    families = _JMX if which == "jmx" else _NODE
    values: dict[str, float] = {}
    for block in _blocks(page, whole):
        _read(block, families, values)
    if which == "jmx":
        values = _without_idle_apis(values)
    else:
        _choose_volume(values)
    return Parsed(values, truncated=whole < len(page))


# ------------------------------------------------------------------ blocks and lines


def _blocks(page: bytes, end: int) -> Iterator[bytes]:
    """Runs of sample lines between comment lines."""
    start = 0
    while start < end:
        if page.startswith(b"#", start):
            start = page.find(b"\n", start, end) + 1 or end
            continue
        stop = page.find(b"\n#", start, end)
        stop = end if stop < 0 else stop + 1
        yield page[start:stop]
        start = stop


def _family(line: bytes) -> bytes:
    brace, space = line.find(b"{"), line.find(b" ")
    if brace < 0 or 0 <= space < brace:
        return line if space < 0 else line[:space]
    return line[:brace]


def _read(block: bytes, families: Mapping[bytes, _Family], values: dict[str, float]) -> None:
    first = _family(block[: block.find(b"\n")])
    last_start = block.rfind(b"\n", 0, len(block) - 1) + 1
    if first not in families and block.startswith(first, last_start):
        return
    for line in block.split(b"\n"):
        name = first if line.startswith(first + b"{") else _family(line)
        family = families.get(name)
        if family is None or (family.skip_zero and line.rstrip().endswith((b" 0.0", b" NaN"))):
            continue
        labels, number = _sample(line, len(name))
        if number is None or (family.skip_zero and not number):
            continue
        key = family.name(labels)
        if key is not None:
            values[key] = values.get(key, 0.0) + number if family.adds else number


def _sample(line: bytes, at: int) -> tuple[Labels, float | None]:
    """Labels and value of a line whose family name ends at `at`; no value where it makes no sense."""
    labels: dict[bytes, bytes] = {}
    if line[at : at + 1] == b"{":
        if b"\\" in line or line.count(b"}") > 1:
            labels, at = _labels_with_escapes(line, at + 1)
        else:
            close = line.find(b"}", at)
            for pair in line[at + 1 : close].split(b'",'):
                label, equals, value = pair.partition(b'="')
                if equals:
                    labels[label.strip(b" ,")] = value.removesuffix(b'"')
            at = close
        at += 1
    fields = line[at:].split()
    if at <= 0 or not fields:
        return labels, None
    try:
        number = float(fields[0])
    except ValueError:
        return labels, None
    return labels, number if number == number and abs(number) != _INFINITE else None


_INFINITE = float("inf")
_ESCAPED = {b"n": b"\n", b"\\": b"\\", b'"': b'"'}


def _labels_with_escapes(line: bytes, at: int) -> tuple[dict[bytes, bytes], int]:
    """Labels of a line with escapes or braces inside quotes, and where the closing brace is (-1: none)."""
    labels: dict[bytes, bytes] = {}
    while True:
        close, equals = line.find(b"}", at), line.find(b'="', at)
        if equals < 0 or 0 <= close < equals:
            return labels, close
        label, at, value = line[at:equals].strip(b" ,"), equals + 2, b""
        while at < len(line) and line[at : at + 1] != b'"':
            if line[at : at + 1] == b"\\":
                at += 1
                value += _ESCAPED.get(line[at : at + 1], line[at : at + 1])
            else:
                value += line[at : at + 1]
            at += 1
        labels[label] = value
        at += 1


# ------------------------------------------------------------------ what is kept, and under which key


@dataclass(frozen=True, slots=True)
class _Family:
    """One metric family: how a sample's labels make a key, and whether samples of one key add up."""

    name: Name
    adds: bool = False
    skip_zero: bool = False
    """Hundreds of lines of request types that nobody sends: a zero says nothing there."""


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


def _times(stat: str) -> Name:
    def key(labels: Labels) -> str | None:
        part, api = _TIMES.get(labels.get(b"name", b"")), labels.get(b"request")
        return None if part is None or api is None else f"time_ms/{part}/{stat}/{_text(api)}"

    return key


def _by_listener(figure: str) -> Name:
    return lambda labels: f"{figure}/{_text(labels.get(b'listener', b''))}"


def _queue(labels: Labels) -> str | None:
    whole = labels.get(b"name") == b"RequestQueueSize" and b"processor" not in labels
    return "request_queue_size" if whole else None


_SOCKETS = b"kafka_server_socket_server_metrics_connection"
_JMX: Mapping[bytes, _Family] = {
    b"kafka_server_BrokerTopicMetrics_Count": _Family(_broker_topic),
    b"kafka_network_RequestMetrics_Count": _Family(_requests, adds=True, skip_zero=True),
    b"kafka_network_RequestMetrics_Mean": _Family(_times("mean"), skip_zero=True),
    b"kafka_network_RequestMetrics_50thPercentile": _Family(_times("p50"), skip_zero=True),
    b"kafka_network_RequestMetrics_99thPercentile": _Family(_times("p99"), skip_zero=True),
    b"kafka_server_ReplicaManager_Value": _Family(
        _by_name(
            UnderReplicatedPartitions="under_replicated",
            UnderMinIsrPartitionCount="under_min_isr",
            OfflineReplicaCount="offline_replicas",
            LeaderCount="leaders",
            PartitionCount="partitions",
        )
    ),
    b"kafka_server_ReplicaManager_Count": _Family(
        _by_name(IsrShrinksPerSec="isr_shrinks", IsrExpandsPerSec="isr_expands")
    ),
    b"kafka_controller_KafkaController_Value": _Family(
        _by_name(
            ActiveControllerCount="active_controller",
            OfflinePartitionsCount="offline_partitions",
            GlobalPartitionCount="global_partitions",
        )
    ),
    b"kafka_controller_ControllerStats_Count": _Family(
        _by_name(UncleanLeaderElectionsPerSec="unclean_elections")
    ),
    b"kafka_server_KafkaRequestHandlerPool_OneMinuteRate": _Family(
        _by_name(RequestHandlerAvgIdlePercent="handler_idle")
    ),
    b"kafka_network_SocketServer_Value": _Family(_by_name(NetworkProcessorAvgIdlePercent="network_idle")),
    b"kafka_network_RequestChannel_Value": _Family(_queue),
    b"kafka_server_KafkaServer_Value": _Family(_by_name(BrokerState="broker_state")),
    b"kafka_server_ReplicaFetcherManager_Value": _Family(_by_name(MaxLag="replica_max_lag")),
    b"kafka_coordinator_group_GroupMetadataManager_Value": _Family(_by_name(NumGroups="groups")),
    b"kafka_server_ZooKeeperClientMetrics_Mean": _Family(
        _by_name(ZooKeeperRequestLatencyMs="zk_latency_ms_mean")
    ),
    b"kafka_server_broker_metadata_metrics_last_applied_record_lag_ms": _Family(_plain("metadata_lag_ms")),
    _SOCKETS + b"_count": _Family(_by_listener("connections"), adds=True),
    _SOCKETS + b"_creation_rate": _Family(_by_listener("connection_creation_rate"), adds=True),
    b"java_lang_Memory_HeapMemoryUsage_used": _Family(_plain("heap_used")),
    b"java_lang_Memory_HeapMemoryUsage_max": _Family(_plain("heap_max")),
}


def _without_idle_apis(values: dict[str, float]) -> dict[str, float]:
    """Times of request types that were never asked are of no use."""
    return {
        key: value
        for key, value in values.items()
        if not key.startswith("time_ms/") or f"requests/{key.rpartition('/')[2]}" in values
    }


# ------------------------------------------------------------------ node exporter


def _by_mount(figure: str) -> Name:
    return lambda labels: f"{figure}@{_text(labels.get(b'mountpoint', b''))}"


_NODE: Mapping[bytes, _Family] = {
    b"node_cpu_seconds_total": _Family(lambda labels: f"cpu_s/{_text(labels.get(b'mode', b''))}", adds=True),
    b"node_filesystem_size_bytes": _Family(_by_mount("disk_size")),
    b"node_filesystem_avail_bytes": _Family(_by_mount("disk_avail")),
    b"process_resident_memory_bytes": _Family(_plain("memory_bytes")),
}
_DATA_VOLUME = "/kafka/datalogs"
"""Where MSK mounts a broker's storage."""


def _choose_volume(values: dict[str, float]) -> None:
    """Keep one volume: the data logs', else the largest."""
    sizes = {key.partition("@")[2]: v for key, v in values.items() if key.startswith("disk_size@")}
    mount = _DATA_VOLUME if _DATA_VOLUME in sizes else max(sizes, key=lambda m: sizes[m], default=None)
    for key in [k for k in values if "@" in k]:
        value = values.pop(key)
        if key.partition("@")[2] == mount:
            values[key.partition("@")[0]] = value
