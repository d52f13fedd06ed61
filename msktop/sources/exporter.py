"""Scrapes the exporter pages of every broker, each broker at its own pace in a thread of its own."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from msktop.model.samples import PageScraped, Sample, ScrapeFailed
from msktop.sources.page_fetch import Fetched, FetchError, fetch
from msktop.sources.pump import Clock, Stop
from msktop.wire.network import Network

Page = Literal["jmx", "node"]

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


_NOWHERE = Target(None)


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
        network: Network | None = None,
    ) -> None:
        self._network = network
        self._clock = clock
        self._targets = targets
        self._period_s = period_s
        self._cost_factor = cost_factor

    def samples(self, stop: Stop) -> Iterator[Sample]:
        """What the pages say, until `stop`."""
        found: queue.SimpleQueue[Sample] = queue.SimpleQueue()
        scrapers: dict[int, _Scraper] = {}
        try:
            while not stop.is_set():
                targets = self._targets()
                for broker_id in targets.keys() - scrapers.keys():
                    scraper = _Scraper(
                        broker_id, self._clock, found.put, self._period_s, self._cost_factor, self._network
                    )
                    scrapers[broker_id] = scraper
                    scraper.start(*_spread(len(scrapers) - 1, self._period_s))
                for broker_id, scraper in scrapers.items():
                    scraper.aim(targets.get(broker_id, _NOWHERE))
                try:
                    yield found.get(timeout=LOOK_S)
                except queue.Empty:
                    continue
        finally:
            for scraper in scrapers.values():
                scraper.end()


def _spread(nth: int, period_s: float) -> tuple[float, float]:
    """Seconds before a broker's first scrape, and more before its second, so that few fall together.

    The first pages are wanted soon, a little apart; the second ones are spread over a quarter of the period,
    by the golden ratio, because more brokers may come.

    >>> [tuple(round(s, 2) for s in _spread(nth, 10.0)) for nth in (0, 1, 2, 70)]
    [(0.0, 0.0), (0.15, 1.55), (0.3, 0.59), (0.5, 0.66)]
    """
    return nth * 0.15 % period_s, nth * _GOLDEN % 1 * period_s / 4


_GOLDEN = 0.618034


class _Scraper:
    """Both pages of one broker, one after the other, never two at once.

    A broker that is gone is aimed at nowhere rather than forgotten: when it comes back, a scrape of its old
    page may still be under way.
    """

    def __init__(
        self,
        broker_id: int,
        clock: Clock,
        emit: Callable[[Sample], None],
        period_s: float,
        cost_factor: int,
        network: Network | None,
    ) -> None:
        self._network = network
        self._broker_id = broker_id
        self._clock = clock
        self._emit = emit
        self._period_s = period_s
        self._cost_factor = cost_factor
        self._target = _NOWHERE
        self._look_up = threading.Event()
        """Set when the target changed, and at the end."""
        self._ended = threading.Event()

    def start(self, delay_s: float, second_delay_s: float) -> None:
        """Begin after `delay_s`; let the second scrape be later by `second_delay_s`."""
        threading.Thread(
            target=self._run, args=(delay_s, second_delay_s), name=f"exporter {self._broker_id}", daemon=True
        ).start()

    def aim(self, target: Target) -> None:
        """Scrape this from now on; at once where it is another than before."""
        if target != self._target:
            self._target = target
            self._look_up.set()

    def end(self) -> None:
        """Start no further scrape, and say nothing more."""
        self._ended.set()
        self._look_up.set()

    def _run(self, delay_s: float, second_delay_s: float) -> None:
        self._ended.wait(delay_s)
        failures = 0
        while not self._ended.is_set():
            self._look_up.clear()
            target = self._target
            began = time.monotonic()
            took_s = self._scrape("jmx", target.jmx_url)
            failures = failures + 1 if took_s is None and target.jmx_url is not None else 0
            self._scrape("node", target.node_url)
            # A page that never came says nothing about what it costs its broker.
            cost_s = (took_s or 0.0) * self._cost_factor
            wait_s = next_in(self._period_s, cost_s, failures) + second_delay_s
            second_delay_s = 0.0
            self._look_up.wait(max(0.0, began + wait_s - time.monotonic()))

    def _scrape(self, page: Page, url: str | None) -> float | None:
        """Read one page and say so; seconds that it took to come, None where it did not."""
        if url is None or self._ended.is_set():
            return None
        began = time.monotonic()
        try:
            fetched = fetch(url, network=self._network)
            took_ms = (time.monotonic() - began) * 1e3
            at = self._clock.now()
            from msktop.wire.exposition import (
                parse,  # its patterns take long to compile, and no start needs them
            )

            parsed = parse(fetched.body, page, cut=fetched.truncated)
            if len(parsed.values) < _LEAST_KNOWN:
                raise _no_figures(fetched, page)
        except FetchError as error:
            self._say(
                ScrapeFailed(
                    at=self._clock.now(),
                    broker_id=self._broker_id,
                    page=page,
                    reason=error.reason,
                    advice=error.advice,
                )
            )
            return None
        self._say(
            PageScraped(
                at=at,
                broker_id=self._broker_id,
                page=page,
                values=parsed.values,
                took_ms=took_ms,
                bytes=fetched.wire_bytes,
                truncated=parsed.truncated,
            )
        )
        return took_ms / 1e3

    def _say(self, sample: Sample) -> None:
        if not self._ended.is_set():
            self._emit(sample)


def _no_figures(fetched: Fetched, page: Page) -> FetchError:
    cut = f" and was cut after {len(fetched.body) / 1e6:.1f} MB" if fetched.truncated else ""
    return FetchError(
        f"the page has none of the figures that are wanted{cut}",
        "An exporter of Kafka's own MBeans is needed there, with an empty rule file as on MSK."
        if page == "jmx"
        else "A node exporter is needed there.",
    )
