"""Names of the figures that are kept of exporter pages, the same for every exporter version.

A key is words joined by "/": the figure, then what it is of (`requests/Produce`, `bytes_in/orders`,
`time_ms/total/p99/Produce`). Counters only grow until the broker restarts, everything else is a gauge.
"""

from __future__ import annotations

COUNTERS = frozenset(
    {
        "bytes_in",
        "bytes_out",
        "messages_in",
        "replication_bytes_in",
        "replication_bytes_out",
        "requests",
        "errors",
        "isr_shrinks",
        "isr_expands",
        "failed_produce",
        "failed_fetch",
        "unclean_elections",
        "cpu_s",
    }
)
"""First words of counters."""

HISTORY = frozenset(
    {"bytes_in", "bytes_out", "messages_in", "requests", "handler_idle", "network_idle", "heap_used"}
)
"""Keys that get a graph as they are."""

HISTORY_OF = (
    "requests/",
    "time_ms/total/p99/Produce",
    "time_ms/total/p99/FetchConsumer",
    "time_ms/total/p99/FetchFollower",
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
