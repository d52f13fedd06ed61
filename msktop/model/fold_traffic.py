"""A cell of time more for every rate: by broker and of the cluster, and what may be behind a rise.

Costs what is there every 15 s and nothing in between. Topics and client software are many: of topics the
busiest are kept, and what only pages tell of them is summed up once a minute.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from heapq import nlargest
from operator import itemgetter
from statistics import fmean

from msktop.model.broker import Broker
from msktop.model.cluster import Cluster
from msktop.model.rise_rules import CELL_S, LEAST_REQUESTS_PER_S
from msktop.model.rules import PAGE_FRESH_S
from msktop.model.series import Series
from msktop.model.traffic import CELLS_KEPT, RateKey, Traffic, Usual, renewed

TOPICS = 30
"""Topics whose records, and as many whose bytes out, are kept."""
SOFTWARE = 20
SELDOM = 4
"""Each so manieth cell what only pages tell of topics and clients is looked at, and what is usual renewed."""
_KINDS_KEPT = 2
"""A rate that has not been seen for so many times the kept time is forgotten."""
_HALVES = ("requests/FetchConsumer", "requests/FetchFollower")


def with_cell(cluster: Cluster) -> Cluster:
    """The cluster with one more cell, where its time has come."""
    traffic, at = cluster.traffic, cluster.at
    if traffic.at is not None and at // CELL_S == traffic.at // CELL_S:
        return cluster
    begin = at - CELL_S if traffic.at is None else traffic.at
    found = dict(_by_broker(cluster, begin))
    found.update(_of_cluster(cluster, found))
    found.update(_topics(cluster))
    if traffic.cells % SELDOM == 0:
        found.update(_of_pages(cluster))
    rates = _appended(traffic.rates, found, at, seldom=traffic.cells % SELDOM == 0)
    usual = _usual(traffic, rates, at)
    return replace(cluster, traffic=Traffic(at, traffic.cells + 1, rates, usual))


def _by_broker(cluster: Cluster, begin: float) -> Iterator[tuple[RateKey, float | None]]:
    for broker in cluster.brokers.values():
        if broker.jmx.at is not None:
            for figure in _figures(broker):
                yield (figure, broker.id), _requests_per_s(cluster, broker, figure, begin)
        if broker.offsets_at is not None:
            known = [v for _, v in broker.messages.since(begin) if v is not None]
            yield ("messages", broker.id), fmean(known) if known else None


def _figures(broker: Broker) -> list[str]:
    """Request types of one page; `Fetch` counts both of its halves once more."""
    values = broker.jmx.values
    halves = any(half in values for half in _HALVES)
    return [k for k in values if k.startswith("requests/") and not (halves and k == "requests/Fetch")]


def _requests_per_s(cluster: Cluster, broker: Broker, figure: str, begin: float) -> float | None:
    """The mean of the scrapes in the cell; without one the newest, while it is fresh."""
    page = broker.jmx
    if page.at is None or cluster.at - page.at > PAGE_FRESH_S or broker.probe.word == "down":
        return None
    history = page.history.get(figure)
    known = [v for t, v in history.since(begin) if t > begin and v is not None] if history is not None else []
    return fmean(known) if known else page.rates.get(figure)


def _of_cluster(
    cluster: Cluster, found: Mapping[RateKey, float | None]
) -> Iterator[tuple[RateKey, float | None]]:
    """Sums; a gap while a broker that is there does not tell. One without this request type served none."""
    pages = {b.id for b in cluster.brokers.values() if b.jmx.at is not None and b.probe.word != "down"}
    told = {b for (figure, b), v in found.items() if v is not None and figure.startswith("requests/")}
    sums: dict[str, float | None] = {}
    for (figure, broker), value in found.items():
        if broker is not None and cluster.brokers[broker].probe.word != "down":
            before = sums.get(figure, 0.0)
            sums[figure] = None if value is None or before is None else before + value
    silent = bool(pages - told)
    for figure, total in sums.items():
        yield (figure, None), None if silent and figure.startswith("requests/") else total


def _topics(cluster: Cluster) -> Iterator[tuple[RateKey, float | None]]:
    rates = ((r, t.name) for t in cluster.topics.values() if (r := t.messages_per_s))
    for rate, name in nlargest(TOPICS, rates):
        yield (f"topic/{name}", None), rate


def _of_pages(cluster: Cluster) -> Iterator[tuple[RateKey, float | None]]:
    """Bytes out by topic, and connections by client software, summed over brokers."""
    out: dict[str, float] = {}
    software: dict[str, float] = {}
    for broker in cluster.brokers.values():
        page = broker.jmx
        if page.at is None or cluster.at - page.at > PAGE_FRESH_S:
            continue
        for key, rate in page.rates.items():
            if key.startswith("bytes_out/"):
                out[key[10:]] = out.get(key[10:], 0.0) + rate
        for key, count in page.values.items():
            if key.startswith("clients/"):
                name = key.split("/")[1]
                software[name] = software.get(name, 0.0) + count
    for name, rate in nlargest(TOPICS, out.items(), key=itemgetter(1)):
        yield (f"out/{name}", None), rate
    for name, count in nlargest(SOFTWARE, software.items(), key=itemgetter(1)):
        yield (f"software/{name}", None), count


def _appended(
    rates: Mapping[RateKey, Series], found: Mapping[RateKey, float | None], at: float, *, seldom: bool
) -> dict[RateKey, Series]:
    """One point more for each; what is not there any more is forgotten in the end."""
    out = dict(rates)
    for key, value in found.items():
        out[key] = out.get(key, _EMPTY).append(at, value)
    if seldom:
        oldest = at - _KINDS_KEPT * CELLS_KEPT * CELL_S
        for key in [k for k, s in out.items() if s.last is not None and s.last[0] < oldest]:
            del out[key]
    return out


_EMPTY = Series(CELLS_KEPT)


def _usual(traffic: Traffic, rates: Mapping[RateKey, Series], at: float) -> dict[RateKey, Usual]:
    """Each rate's turn comes once a minute; of one broker only what is worth it."""
    usual = {key: value for key, value in traffic.usual.items() if key in rates}
    for turn, (key, series) in enumerate(rates.items()):
        figure, broker = key
        if not _is_judged(figure):
            continue
        old, last = usual.get(key), series.last
        if last is None or last[1] is None or last[0] < at:
            continue
        if broker is not None and last[1] < LEAST_REQUESTS_PER_S:
            continue
        if old is not None and turn % SELDOM != traffic.cells % SELDOM:
            continue
        new = renewed(old, series, at)
        if new is not None and new is not old:
            usual[key] = new
    return usual


def _is_judged(figure: str) -> bool:
    """Whether a rate is held against its usual; the others only tell what is behind it.

    >>> _is_judged("requests/Produce"), _is_judged("messages"), _is_judged("topic/orders")
    (True, True, False)
    """
    return figure == "messages" or figure.startswith("requests/")
