"""Scrapes the exporter pages of every broker, each broker at its own pace in a thread of its own."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from msktop.model.samples import PageScraped, Sample, ScrapeFailed
from msktop.sources.page_fetch import FetchError, fetch
from msktop.sources.pump import Clock, Stop
from msktop.wire.exposition import parse

COST_FACTOR = 20
"""A scrape starts at most every so many times as long as the last one took."""
LOCAL_COST_FACTOR = 5
"""On a local MSK, whose brokers are ours: their first page, in a JVM that is still cold, takes seconds."""
RETRY_MOST_S = 60.0
LOOK_S = 0.25
"""How often the brokers to scrape are looked up."""
_LEAST_KNOWN = 3
"""A page with fewer known figures is no page of ours."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where the pages of one broker are; None where there is none."""

    jmx_url: str | None
    node_url: str | None = None


def next_in(period_s: float, cost_s: float, failures: int) -> float:
    """Seconds until the next scrape: the period, what kindness asks for, and back-off after failures.

    >>> next_in(10.0, 2.0, 0), next_in(10.0, 40.0, 0), next_in(10.0, 0.0, 1), next_in(10.0, 0.0, 9)
    (10.0, 40.0, 10.0, 60.0)
    """
    wait = max(period_s, cost_s)
    return wait if not failures else max(wait, min(RETRY_MOST_S, period_s * 2 ** (failures - 1)))


class ExporterSource:
    """PageScraped and ScrapeFailed of all brokers that `targets` names, spread over the period."""

    name = "exporter"

    def __init__(
        self,
        clock: Clock,
        targets: Callable[[], Mapping[int, Target]],
        period_s: float = 60.0,
        cost_factor: int = COST_FACTOR,
    ) -> None:
        self._clock = clock
        self._targets = targets
        self._period_s = period_s
        self._cost_factor = cost_factor

    def samples(self, stop: Stop) -> Iterator[Sample]:
        """What the pages say, until `stop`."""
        found: queue.SimpleQueue[Sample] = queue.SimpleQueue()
        ended = threading.Event()
        scraped: dict[int, _Scraper] = {}
        try:
            while not stop.is_set():
                for broker_id, target in self._targets().items():
                    if broker_id in scraped:
                        scraped[broker_id].target = target
                        continue
                    scraper = _Scraper(broker_id, target, self._clock, found.put, ended)
                    scraper.pace(self._period_s, self._cost_factor)
                    scraped[broker_id] = scraper
                    scraper.start(delay_s=_spread(len(scraped) - 1, self._period_s))
                try:
                    yield found.get(timeout=LOOK_S)
                except queue.Empty:
                    continue
        finally:
            ended.set()


def _spread(nth: int, period_s: float) -> float:
    """The first scrape is at once, those of later brokers a little apart: no burst on a large cluster.

    >>> _spread(0, 10.0), _spread(1, 10.0), _spread(70, 10.0)
    (0.0, 0.15, 0.5)
    """
    return nth * 0.15 % period_s


class _Scraper:
    """Both pages of one broker, one after the other, never two at once."""

    def __init__(
        self,
        broker_id: int,
        target: Target,
        clock: Clock,
        emit: Callable[[Sample], None],
        ended: threading.Event,
    ) -> None:
        self.target = target
        self._broker_id = broker_id
        self._clock = clock
        self._emit = emit
        self._ended = ended
        self._failures = 0
        self.pace(60.0, COST_FACTOR)

    def pace(self, period_s: float, cost_factor: int) -> None:
        """How often, at most."""
        self._period_s = period_s
        self._cost_factor = cost_factor

    def start(self, delay_s: float) -> None:
        """Begin after `delay_s`."""
        threading.Thread(
            target=self._run, args=(delay_s,), name=f"exporter {self._broker_id}", daemon=True
        ).start()

    def _run(self, wait_s: float) -> None:
        due = time.monotonic() + wait_s
        while not self._ended.wait(max(0.0, due - time.monotonic())):
            began = time.monotonic()
            took_s = self._scrape("jmx", self.target.jmx_url)
            self._failures = self._failures + 1 if took_s is None else 0
            self._scrape("node", self.target.node_url)
            # A page that never came says nothing about what it costs its broker.
            due = began + next_in(self._period_s, (took_s or 0.0) * self._cost_factor, self._failures)

    def _scrape(self, page: Literal["jmx", "node"], url: str | None) -> float | None:
        """Read one page and say so; seconds that it took to come, None where it did not."""
        if url is None or self._ended.is_set():
            return None
        began = time.monotonic()
        try:
            fetched = fetch(url)
            took_ms = (time.monotonic() - began) * 1e3
            at = self._clock.now()
            parsed = parse(fetched.body, page)
            if len(parsed.values) < _LEAST_KNOWN:
                raise FetchError("the page has none of the figures that an exporter of Kafka gives")
        except FetchError as error:
            self._emit(
                ScrapeFailed(
                    at=self._clock.now(),
                    broker_id=self._broker_id,
                    page=page,
                    reason=error.reason,
                    advice=error.advice,
                )
            )
            return None
        self._emit(
            PageScraped(
                at=at,
                broker_id=self._broker_id,
                page=page,
                values=parsed.values,
                took_ms=took_ms,
                bytes=fetched.wire_bytes,
                truncated=parsed.truncated or fetched.truncated,
            )
        )
        return took_ms / 1e3
