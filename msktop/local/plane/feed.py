"""Feeds CloudWatch's AWS/Kafka with what the brokers' exporters say, once a minute, as MSK does."""

from __future__ import annotations

import http.client
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlsplit

from msktop.local.plane.feed_figures import LEVELS, Figure, Pages, of_broker
from msktop.local.plane.metric_store import MINUTE_S, MetricStore, Point, Sample, Series
from msktop.local.plane.records import Publication

NAMESPACE = "AWS/Kafka"
_TIMEOUT_S = 10.0
_LOOK_S = 0.5
_MOST_PAGE_BYTES = 32 << 20
_PIECE_BYTES = 1 << 16
_AT_ONCE = 3
"""Pages that are read at the same time: a machine with thirty brokers has other things to do."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Exporters:
    """Where a broker's two pages are."""

    broker_id: int
    metrics_url: str
    node_metrics_url: str | None = None


@dataclass(frozen=True, slots=True)
class Watched:
    """A cluster to publish: `level` is its EnhancedMonitoring.

    `others` are asked for figures that no exporter has; they return nothing where there is none to be had.
    """

    name: str
    level: str
    brokers: tuple[Exporters, ...]
    others: tuple[Callable[[], Sequence[Figure]], ...] = ()


Clusters = Callable[[], Sequence[Watched]]


class Feed:
    """Reads every watched cluster in a thread of its own, until it is closed."""

    def __init__(
        self,
        clusters: Clusters,
        store: MetricStore,
        pace: Callable[[], Publication] = Publication,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._clusters = clusters
        self._now = now
        self._store = store
        self._pace = pace
        self._before: dict[tuple[str, int], Pages] = {}
        self._waiting: deque[tuple[float, list[tuple[Series, Point]]]] = deque()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="feed", daemon=True)

    def start(self) -> Feed:
        """Begin."""
        self._thread.start()
        return self

    def close(self) -> None:
        """End the thread."""
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        read_at = 0.0
        while not self._closing.wait(self._rest_s(self._due(read_at))):
            if self._now() >= self._due(read_at):
                read_at = self._now()
                try:
                    self.round()
                except Exception:
                    log.exception("metrics of this minute could not be published")
            self.publish()

    def _due(self, read_at: float) -> float:
        period_s = self._pace().period_s
        return (read_at // period_s + 1) * period_s

    def _rest_s(self, due: float) -> float:
        """Never for long: the pace may be changed meanwhile."""
        next_s = min(due, self._waiting[0][0]) if self._waiting else due
        return min(_LOOK_S, max(0.0, next_s - self._now()))

    def round(self) -> None:
        """Read every page once."""
        at = self._now()
        clusters = self._clusters()
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            points = [point for cluster in clusters for point in self._points(cluster, at, pool)]
        self._waiting.append((self._now() + self._pace().delay_s, points))
        alive = {(cluster.name, broker.broker_id) for cluster in clusters for broker in cluster.brokers}
        self._before = {key: pages for key, pages in self._before.items() if key in alive}

    def publish(self) -> None:
        """Let be seen what has waited for long enough."""
        while self._waiting and self._waiting[0][0] <= self._now():
            for series, point in self._waiting.popleft()[1]:
                self._store.put(series, point)

    def _points(
        self, cluster: Watched, at: float, pool: ThreadPoolExecutor
    ) -> Iterable[tuple[Series, Point]]:
        """The points of one cluster; samples of one series are one point."""
        samples: dict[Series, list[Sample]] = {}
        level = LEVELS.index(cluster.level) if cluster.level in LEVELS else 0
        found = [
            *pool.map(lambda broker: self._of_broker(cluster.name, broker), cluster.brokers),
            *pool.map(lambda ask: ask(), cluster.others),
        ]
        for figure in (figure for figures in found for figure in figures):
            series = Series(NAMESPACE, figure.metric, figure.dimensions(cluster.name))
            if figure.level <= level and self._has_begun(series, figure):
                samples.setdefault(series, []).extend(Sample.of(value) for value in figure.samples)
        return [(series, Point(_minute(at), tuple(several))) for series, several in samples.items()]

    def _has_begun(self, series: Series, figure: Figure) -> bool:
        """A topic's series begins with its first value that is not zero, and has zeros only after that."""
        is_traffic = figure.topic and not figure.group
        return not is_traffic or any(figure.samples) or self._store.has(series)

    def _of_broker(self, cluster: str, broker: Exporters) -> list[Figure]:
        """Nothing while it does not answer, or is not up yet: its series pause then, and are not zero."""
        kafka = _page(broker.metrics_url)
        if kafka is None:
            return []
        node = _page(broker.node_metrics_url) if broker.node_metrics_url else None
        now = Pages.of(self._now(), kafka, node)
        if not now.serves:
            return []
        key = (cluster, broker.broker_id)
        before, self._before[key] = self._before.get(key), now
        return list(of_broker(broker.broker_id, now, before))


def _minute(at: float) -> float:
    """When the last whole minute began: a point is never of a minute that has not ended."""
    return (at // MINUTE_S - 1) * MINUTE_S


def _page(url: str) -> bytes | None:
    """The page, or None where there is none to be had."""
    parts = urlsplit(url)
    until = time.monotonic() + _TIMEOUT_S
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=_TIMEOUT_S)
    try:
        connection.request("GET", parts.path or "/")
        response = connection.getresponse()
        body = bytearray()
        while piece := response.read1(_PIECE_BYTES):
            body += piece
            if time.monotonic() > until or len(body) > _MOST_PAGE_BYTES:
                return None
        return bytes(body) if response.status == http.client.OK else None
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
