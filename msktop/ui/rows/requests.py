"""Request types with their rates, times and errors, of one broker or of many."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from msktop.model.broker import Broker
from msktop.model.series import Series

PARTS = ("request_queue", "local", "remote", "response_queue", "response_send")
"""Where a request's time goes inside a broker, in order, by the words of the exporter's keys."""
WAITING = frozenset({"FetchConsumer", "FetchFollower", "JoinGroup"})
"""Requests that wait in `remote` by design: for new data, or for the other members."""


@dataclass(frozen=True, slots=True, eq=False)
class RequestRow:
    """One request type. Rates are summed over brokers; times are the slowest broker's (`slowest`)."""

    api: str
    per_s: float | None
    p50_ms: float | None
    p99_ms: float | None
    parts_ms: tuple[float, ...] = ()
    """p99 of each of PARTS, in order; empty where the page has none of them."""
    throttle_ms: float | None = None
    errors_per_s: float | None = None
    histories: tuple[Series, ...] = ()
    """Requests per second by broker."""
    slowest: Broker | None = None
    share: float | None = None
    """Its part of all requests, 0 to 1; of a row by broker that broker's part of this type."""
    bytes_per_s: float | None = None
    """Of the requests themselves, without what they are answered with."""
    codes: tuple[tuple[str, float], ...] = ()
    """Errors per second by Kafka's code, most first; those that happened since the page before."""

    @property
    def waits(self) -> bool:
        """Whether long times are normal for it."""
        return self.api in WAITING


def request_rows(brokers: Iterable[Broker]) -> list[RequestRow]:
    """Request types that any of these brokers has ever served, most served since their start first.

    That order hardly ever changes, so rows keep their place while rates rise, fall and fail.

    `Fetch` is left out where its two halves (FetchConsumer, FetchFollower) are there: it counts both.
    """
    pages = [b for b in brokers if b.jmx.at is not None]
    served: dict[str, list[Broker]] = {}
    for broker in pages:
        for api in served_apis(broker.jmx.values):
            served.setdefault(api, []).append(broker)
    if "FetchConsumer" in served or "FetchFollower" in served:
        served.pop("Fetch", None)
    counts = {api: sum(b.jmx.values[f"requests/{api}"] for b in owners) for api, owners in served.items()}
    total = _total(pages)
    failed = _failed(pages)
    rows = [_row(api, owners, total, failed.get(api, {})) for api, owners in served.items()]
    return sorted(rows, key=lambda row: (-counts[row.api], row.api))


def served_apis(values: Mapping[str, float]) -> list[str]:
    """Request types with at least one request, from one page.

    >>> served_apis({"requests/Produce": 12.0, "requests/Vote": 0.0, "bytes_in": 3.0})
    ['Produce']
    """
    return [key[9:] for key, value in values.items() if value > 0 and key.startswith("requests/")]


def by_broker(brokers: Iterable[Broker], api: str) -> list[RequestRow]:
    """One row a broker for one request type; a broker without a page has a row of unknowns."""
    brokers = list(brokers)
    total = _sum(b.jmx.rates.get(f"requests/{api}") for b in brokers)
    return [_row(api, [b], total, _failed([b]).get(api, {})) for b in brokers]


def _total(brokers: list[Broker]) -> float | None:
    """All requests per second."""
    return _sum(b.jmx.rates.get("requests") for b in brokers)


def _row(api: str, owners: list[Broker], total: float | None, failed: Mapping[str, float]) -> RequestRow:
    slowest = max(owners, key=lambda b: b.jmx.values.get(f"time_ms/total/p99/{api}", -1.0))
    values = slowest.jmx.values
    parts = tuple(values.get(f"time_ms/{part}/p99/{api}") for part in PARTS)
    rates = [r for b in owners if (r := b.jmx.rates.get(f"requests/{api}")) is not None]
    return RequestRow(
        api=api,
        per_s=sum(rates) if rates else None,
        p50_ms=values.get(f"time_ms/total/p50/{api}"),
        p99_ms=values.get(f"time_ms/total/p99/{api}"),
        parts_ms=() if all(p is None for p in parts) else tuple(p or 0.0 for p in parts),
        throttle_ms=values.get(f"time_ms/throttle/p99/{api}"),
        errors_per_s=sum(failed.values()) if rates else None,
        histories=tuple(s for b in owners if (s := b.jmx.history.get(f"requests/{api}")) is not None),
        slowest=slowest,
        share=sum(rates) / total if rates and total else None,
        bytes_per_s=_sum(b.jmx.rates.get(f"request_bytes/{api}") for b in owners),
        codes=tuple(sorted(failed.items(), key=lambda one: (-one[1], one[0]))),
    )


def _sum(values: Iterable[float | None]) -> float | None:
    known = [v for v in values if v is not None]
    return sum(known) if known else None


def _failed(brokers: Iterable[Broker]) -> dict[str, dict[str, float]]:
    """Errors per second by type and code. A code's series begins with its first error, so none is 0."""
    found: dict[str, dict[str, float]] = {}
    for broker in brokers:
        for key, per_s in broker.jmx.rates.items():
            if per_s and key.startswith("errors/"):
                _, api, code = key.split("/", 2)
                sums = found.setdefault(api, {})
                sums[code] = sums.get(code, 0.0) + per_s
    return found
