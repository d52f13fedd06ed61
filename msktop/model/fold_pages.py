"""Exporter pages: gauges as they are, rates from counters, history for graphs.

Rates come from two counter readings of ours (`_Count`), never from the exporter's moving averages. A counter
that went back (the broker was restarted) gives no rate for that span, and never a negative one. One scrape
is one point of a graph; a scrape that failed is a gap.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from msktop.model import metrics
from msktop.model.broker import SCRAPES_KEPT, Broker, Page
from msktop.model.cluster import Cluster
from msktop.model.rules import PAGE_FRESH_S
from msktop.model.samples import PageScraped, ScrapeFailed
from msktop.model.series import Series
from msktop.model.topic import Totals


def page_scraped(cluster: Cluster, s: PageScraped) -> Cluster:
    """Fold one page that was read."""
    broker = cluster.brokers.get(s.broker_id)
    if broker is None:
        return cluster
    old = broker.jmx if s.page == "jmx" else broker.node
    rates = _rates(old, s)
    page = Page(
        reset_at=s.at if _began_anew(old, s) else old.reset_at,
        at=s.at,
        values=s.values,
        rates=rates,
        history=_history(old.history, s, rates),
        took_ms=s.took_ms,
        bytes=s.bytes,
        truncated=s.truncated,
    )
    cluster = _with_page(cluster, broker, s.page, page)
    return replace(cluster, totals=_totals(cluster, s.at)) if s.page == "jmx" else cluster


def _began_anew(old: Page, s: PageScraped) -> bool:
    """Whether all that it counted went back: one counter alone may vanish with its topic or listener."""
    both = [(old.values[key], s.values[key]) for key in _ALWAYS if key in old.values and key in s.values]
    return any(now < was for was, now in both) and all(now <= was for was, now in both)


_ALWAYS = ("bytes_in", "messages_in", "replication_bytes_in", "requests/ApiVersions", "requests/Metadata")
"""Counters that live as long as the broker's process, and that somebody always moves."""


def _rates(old: Page, s: PageScraped) -> dict[str, float]:
    span = None if old.at is None else s.at - old.at
    if not span or span <= 0:
        return {}
    rates: dict[str, float] = {}
    for key, value in s.values.items():
        if not metrics.is_counter(key):
            continue
        before = old.values.get(key)
        if before is None and not old.truncated and metrics.absent_is_zero(key):
            before = 0.0
        if before is not None and value >= before:
            rates[key] = (value - before) / span
    rates.update(_request_bytes(old, s, span))
    rates.update(_error_rates(rates))
    requests = [rate for key, rate in rates.items() if metrics.in_request_total(key)]
    if requests:
        rates["requests"] = sum(requests)
    return rates


def _request_bytes(old: Page, s: PageScraped, span: float) -> dict[str, float]:
    """Bytes per second of requests by type: a histogram's mean is of all that it ever counted.

    So mean times requests is the sum since the broker's start, and two sums give a rate.
    """
    rates = {}
    for key, mean in s.values.items():
        if not key.startswith(_MEAN_BYTES):
            continue
        api = key[len(_MEAN_BYTES) :]
        count = s.values.get(f"requests/{api}", 0.0)
        before = old.values.get(key, 0.0) * old.values.get(f"requests/{api}", 0.0)
        known = key in old.values or not old.truncated
        if known and (grown := mean * count - before) >= 0 and count >= old.values.get(f"requests/{api}", 0):
            rates[f"request_bytes/{api}"] = grown / span
    return rates


def _error_rates(rates: Mapping[str, float]) -> dict[str, float]:
    """Errors per second by type, of all codes: what has a history."""
    sums: dict[str, float] = {}
    for key, rate in rates.items():
        if key.startswith("errors/"):
            name = f"error_rate/{key.split('/')[1]}"
            sums[name] = sums.get(name, 0.0) + rate
    return sums


_MEAN_BYTES = "request_bytes/mean/"


def _history(old: Mapping[str, Series], s: PageScraped, rates: Mapping[str, float]) -> dict[str, Series]:
    history = dict(old)
    for key in {**s.values, **rates}:
        if metrics.in_history(key):
            value = rates.get(key) if metrics.is_counter(key) or key not in s.values else s.values[key]
            if value is not None:
                history[key] = history.get(key, Series(SCRAPES_KEPT)).append(s.at, value)
    return history


def scrape_failed(cluster: Cluster, s: ScrapeFailed) -> Cluster:
    """Fold one page that could not be had: what is known stays, with its age, and graphs get a gap."""
    broker = cluster.brokers.get(s.broker_id)
    if broker is None:
        return cluster
    old = broker.jmx if s.page == "jmx" else broker.node
    page = replace(
        old,
        rates={},
        history={key: series.append(s.at, None) for key, series in old.history.items()},
        failed_at=old.failed_at if old.failed_at is not None else s.at,
        error=s.reason,
        advice=s.advice,
    )
    return _with_page(cluster, broker, s.page, page)


def _with_page(cluster: Cluster, broker: Broker, which: Literal["jmx", "node"], page: Page) -> Cluster:
    changed = replace(broker, jmx=page) if which == "jmx" else replace(broker, node=page)
    return replace(cluster, brokers={**cluster.brokers, broker.id: changed})


def _totals(cluster: Cluster, at: float) -> Totals:
    """Partitions under min ISR, summed over the leaders that said so lately."""
    counts = [
        value
        for broker in cluster.brokers.values()
        if broker.jmx.at is not None
        and at - broker.jmx.at < PAGE_FRESH_S
        and (value := broker.jmx.values.get("under_min_isr")) is not None
    ]
    return replace(cluster.totals, under_min_isr=int(sum(counts)) if counts else None)
