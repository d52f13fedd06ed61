"""How a figure is read of the state: a value, of when, and for how long it says anything."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from msktop.model.broker import Broker, Page
from msktop.model.cloudwatch import METRICS
from msktop.model.cluster import Cluster, MetricKey
from msktop.model.series import Series

Read = Literal["jmx", "node", "cloudwatch", "metadata", "details"]
"""What a figure follows from; it is read again when that changes."""

PAGE_GOOD_S = 300.0
"""An exporter page is read once a minute, or more seldom where it is large."""
METADATA_GOOD_S = 60.0
DETAILS_GOOD_S = 300.0
FAST_GOOD_S, SLOW_GOOD_S = 600.0, 1500.0
"""CloudWatch's points of one and of five minutes, which come two to five minutes late."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading of a figure."""

    value: float
    at: float
    good_for_s: float
    """Older than this it says nothing; and readings further apart than this are no unbroken run."""
    estimated: bool = False


@dataclass(frozen=True, slots=True)
class Subject:
    """What a figure is of."""

    name: str
    broker: Broker | None = None
    key: MetricKey | None = None
    """Of a consumer group."""


Reader = Callable[[Cluster, Subject], Reading | None]
History = Callable[[Cluster, Subject], Iterator[tuple[float, float | None]]]


def fresh(cluster: Cluster, reading: Reading | None) -> Reading | None:
    """The reading, unless it is too old, or no number.

    >>> fresh(Cluster(at=100.0), Reading(math.nan, 100.0, 60.0)) is None
    True
    """
    if reading is None or cluster.at - reading.at > reading.good_for_s:
        return None
    return reading if math.isfinite(reading.value) else None


def first(*readers: Reader) -> Reader:
    """The first of several ways that gives a fresh reading."""

    def read(cluster: Cluster, subject: Subject) -> Reading | None:
        for reader in readers:
            found = fresh(cluster, reader(cluster, subject))
            if found is not None:
                return found
        return None

    return read


# ------------------------------------------------------------------ exporter pages


def of_page(which: Literal["jmx", "node"], figure: Callable[[Page], float | None]) -> Reader:
    """A figure that follows from one page."""

    def read(_: Cluster, subject: Subject) -> Reading | None:
        if subject.broker is None:
            return None
        page = subject.broker.jmx if which == "jmx" else subject.broker.node
        value = figure(page) if page.at is not None else None
        return None if value is None or page.at is None else Reading(value, page.at, PAGE_GOOD_S)

    return read


def value(key: str, factor: float = 1.0) -> Callable[[Page], float | None]:
    """A gauge of a page."""

    def figure(page: Page) -> float | None:
        found = page.values.get(key)
        return None if found is None else found * factor

    return figure


def rate(key: str) -> Callable[[Page], float | None]:
    """A rate between the newest two pages."""
    return lambda page: page.rates.get(key)


def added(prefix: str, *, having: str = "") -> Callable[[Page], float | None]:
    """The sum of the gauges whose key begins so (and whose rest contains `having`); None without any."""

    def figure(page: Page) -> float | None:
        found = [v for key, v in page.values.items() if key.startswith(prefix) and having in key]
        return sum(found) if found else None

    return figure


# ------------------------------------------------------------------ CloudWatch


def _newest(cluster: Cluster, name: str, broker: int | None) -> Reading | None:
    series = cluster.metrics.get(MetricKey(name, broker))
    last = series.last if series is not None else None
    if last is None or last[1] is None:
        return None
    return Reading(last[1], last[0], good_for(name))


def good_for(metric: str) -> float:
    """For how long a point of this metric says anything."""
    how = METRICS.get(metric)
    return SLOW_GOOD_S if how is not None and how.slow else FAST_GOOD_S


def of_metrics(*names: str, every: bool = True) -> Reader:
    """The sum of the newest points of several metrics of a broker, or of the cluster.

    Without `every` of those that are there; as old as the oldest of them.
    """

    def read(cluster: Cluster, subject: Subject) -> Reading | None:
        number = subject.broker.id if subject.broker is not None else None
        found = [fresh(cluster, _newest(cluster, name, number)) for name in names]
        there = [one for one in found if one is not None]
        if not there or (every and len(there) < len(names)):
            return None
        return Reading(
            sum(one.value for one in there),
            min(one.at for one in there),
            min(one.good_for_s for one in there),
        )

    return read


def over_brokers(name: str) -> Reader:
    """The sum of a metric over all brokers; None unless each has a fresh point."""

    def read(cluster: Cluster, _: Subject) -> Reading | None:
        found = [fresh(cluster, _newest(cluster, name, number)) for number in cluster.brokers]
        there = [one for one in found if one is not None]
        if not there or len(there) < len(found):
            return None
        return Reading(sum(o.value for o in there), min(o.at for o in there), there[0].good_for_s)

    return read


def scaled(reader: Reader, factor: float) -> Reader:
    """The same in another unit."""

    def read(cluster: Cluster, subject: Subject) -> Reading | None:
        found = reader(cluster, subject)
        if found is None:
            return None
        return Reading(found.value * factor, found.at, found.good_for_s, found.estimated)

    return read


# ------------------------------------------------------------------ histories


def points(series: Series | None) -> Iterator[tuple[float, float | None]]:
    """All points of a series."""
    return iter(()) if series is None else series.since(0.0)


def metric_history(name: str) -> History:
    """CloudWatch's points of a broker's metric."""

    def history(cluster: Cluster, subject: Subject) -> Iterator[tuple[float, float | None]]:
        number = subject.broker.id if subject.broker is not None else None
        return points(cluster.metrics.get(MetricKey(name, number)))

    return history


def page_history(key: str) -> History:
    """What the JMX page told of a key that has a history (metrics.in_history)."""

    def history(_: Cluster, subject: Subject) -> Iterator[tuple[float, float | None]]:
        return points(subject.broker.jmx.history.get(key) if subject.broker is not None else None)

    return history


def added_history(prefix: str, *, having: str = "") -> History:
    """The sum of the histories of all keys of the JMX page that begin so, by the page that told them."""

    def history(_: Cluster, subject: Subject) -> Iterator[tuple[float, float | None]]:
        sums: dict[float, float | None] = {}
        of = subject.broker.jmx.history if subject.broker is not None else {}
        for key, series in of.items():
            if key.startswith(prefix) and having in key:
                for at, value in points(series):
                    before = sums.get(at, 0.0)
                    sums[at] = None if value is None or before is None else before + value
        return iter(sorted(sums.items()))

    return history


def either(one: History, other: History) -> History:
    """The first history that has points."""

    def history(cluster: Cluster, subject: Subject) -> Iterator[tuple[float, float | None]]:
        found = list(one(cluster, subject))
        return iter(found) if found else other(cluster, subject)

    return history
