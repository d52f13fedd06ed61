"""Figures of single brokers: load, rates, disk, each None where nobody said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from msktop.model.broker import Broker, Page
from msktop.model.page_shares import cpu_used, volume_used
from msktop.model.series import Series

GIB = 1024.0**3
MB = 1e6

Unit = Literal["%", "% idle", "MB/s", "GiB", "", "/s"]


@dataclass(frozen=True, slots=True, eq=False)
class Vital:
    """One figure of the load panel. `part` is its fill of a meter (0 to 1) where it has a natural end."""

    name: str
    value: float | None
    unit: Unit
    page: Literal["jmx", "node", "log dirs"]
    """Who said it, for its age."""
    histories: tuple[Series, ...] = ()
    """Summed, they are its past."""
    part: float | None = None
    top: float | None = None
    """Where its scale ends, in the units of `histories`; None: by what is shown."""


def vitals(broker: Broker) -> list[Vital]:
    """The load of one broker, always the same rows in the same order."""
    jmx, node = broker.jmx, broker.node
    cpu, memory = cpu_used(node), node.values.get("memory_bytes")
    handler, network = jmx.values.get("handler_idle"), jmx.values.get("network_idle")
    heap, heap_max = jmx.values.get("heap_used"), jmx.values.get("heap_max")
    disk = disk_used(broker)
    return [
        Vital("cpu", _times(cpu, 100), "%", "node", _busy(node), part=cpu),
        Vital("memory", _times(memory, 1 / GIB), "GiB", "node", _past(node, "memory_bytes")),
        Vital("in", _times(jmx.rates.get("bytes_in"), 1 / MB), "MB/s", "jmx", _past(jmx, "bytes_in")),
        Vital("out", _times(jmx.rates.get("bytes_out"), 1 / MB), "MB/s", "jmx", _past(jmx, "bytes_out")),
        Vital("handlers", _times(handler, 100), "% idle", "jmx", _past(jmx, "handler_idle"), top=1.0),
        Vital("network", _times(network, 100), "% idle", "jmx", _past(jmx, "network_idle"), top=1.0),
        Vital(
            "disk", _times(disk, 100), "%", "node" if "disk_size" in node.values else "log dirs", part=disk
        ),
        Vital("conns", connections(jmx), "", "jmx", _past(jmx, "connections/")),
        Vital(
            "heap",
            _times(heap, 1 / GIB),
            "GiB",
            "jmx",
            _past(jmx, "heap_used"),
            part=_share(heap, heap_max),
            top=heap_max if heap_max and heap_max > 0 else None,
        ),
    ]


def is_counted(broker: Broker) -> bool:
    """Whether Metadata has told of it: before, what it leads is not known, which is not 0.

    >>> is_counted(Broker(1))
    False
    """
    return broker.in_metadata or broker.left_metadata_at is not None or broker.counts.replicas > 0


def connections(page: Page) -> float | None:
    """Open connections over all listeners.

    >>> connections(Page(values={"connections/CLIENT": 40.0, "connections/REPLICATION": 2.0}))
    42.0
    """
    counts = [value for key, value in page.values.items() if key.startswith("connections/")]
    return sum(counts) if counts else None


def disk_used(broker: Broker) -> float | None:
    """The part of the volume that is used, 0 to 1: the node page's word, else the log dirs'.

    >>> disk_used(Broker(1, node=Page(values={"disk_size": 200.0, "disk_avail": 150.0})))
    0.25
    """
    told = volume_used(broker.node)
    if told is not None:
        return told
    dirs = [d for d in broker.log_dirs or () if d.total_bytes and d.usable_bytes is not None]
    total = sum(d.total_bytes or 0 for d in dirs)
    return 1.0 - sum(d.usable_bytes or 0 for d in dirs) / total if total else None


def stored_bytes(broker: Broker) -> dict[str, int] | None:
    """Bytes by topic over all log dirs; None where they were never read, or may not be."""
    if broker.log_dirs is None or broker.log_dirs_error:
        return None
    sizes: dict[str, int] = {}
    for one in broker.log_dirs:
        for topic, (_, size) in one.topics.items():
            sizes[topic] = sizes.get(topic, 0) + size
    return sizes


OFFSETS_FRESH_S = 10.0
"""A record rate older than this is no rate of now: the broker was not asked, or did not answer."""


def messages_per_s(broker: Broker, at: float) -> float | None:
    """Records per second written to the partitions led here, from end offsets; None where that is old."""
    last = broker.messages.last
    return last[1] if last is not None and at - last[0] < OFFSETS_FRESH_S else None


def _past(page: Page, key: str) -> tuple[Series, ...]:
    """The history of one key, or with a `/` at its end of all keys that begin so."""
    if key.endswith("/"):
        return tuple(series for name, series in page.history.items() if name.startswith(key))
    return (page.history[key],) if key in page.history else ()


def _busy(node: Page) -> tuple[Series, ...]:
    """Seconds of work per second, by mode."""
    idle = ("cpu_s/idle", "cpu_s/iowait")
    return tuple(s for key, s in node.history.items() if key.startswith("cpu_s/") and key not in idle)


def _times(value: float | None, factor: float) -> float | None:
    return None if value is None else value * factor


def _share(value: float | None, whole: float | None) -> float | None:
    return value / whole if value is not None and whole and whole > 0 else None
