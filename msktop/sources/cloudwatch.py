"""CloudWatch's AWS/Kafka: some hours of history at the start, then the newest points of what is needed."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from msktop.aws.errors import AwsError
from msktop.aws.session import AwsSession
from msktop.model.cloudwatch import DEFAULT_LEVEL, FAST_S, METRICS, NAMESPACE, SLOW_S
from msktop.model.cluster import Cluster
from msktop.model.control_samples import MetricsSeen
from msktop.model.samples import Sample, SourceFailed
from msktop.sources.aws_asking import RENEWABLE, Asking
from msktop.sources.cloudwatch_series import Series, series_of
from msktop.sources.pump import Clock, Stop

if TYPE_CHECKING:
    from botocore.client import BaseClient

QUERIES_A_CALL = 500
HISTORY_S, LONG_HISTORY_S = 3600, 3 * 3600
"""How much of the past is fetched at the start: the longer one where one call is enough for all series."""
LOOK_BACK_S = 600
"""How far back the newest points are looked for: CloudWatch is two to five minutes behind, at times more."""
DISCOVER_S = 900.0
"""How often it is asked which series there are; a new one takes up to 15 minutes to be listed."""
MOST_PAGES = 40
"""Of ListMetrics, of 500 series each: a cluster with metrics by partition has very many."""
MOST_BY_TOPIC = 500
SCRAPED_WITHIN_S = 150.0
ALONE_AFTER_S = 20.0
LOOK_S = 0.25
_RETRY_S, _MOST_RETRY_S = 30.0, 600.0


class Switch(Protocol):
    """Whether CloudWatch may be asked, and what is looked at: `cloudwatch`, `topics`, `groups`."""

    shown: frozenset[str]

    @property
    def on(self) -> bool:
        """Whether it may."""

    def alone(self, alone: bool) -> None:
        """Take note that nobody else sees anything."""


@dataclass(slots=True)
class _Due:
    """When what is to be done next, on the monotonic clock."""

    fast: float = 0.0
    slow: float = 0.0
    discover: float = 0.0
    retry: float = 0.0
    failures: int = 0
    shown: frozenset[str] = field(default_factory=frozenset)


class CloudWatchSource:
    """MetricsSeen of one cluster, for as long as `switch` is on."""

    name = "cloudwatch"

    def __init__(
        self, session: AwsSession, name: str, clock: Clock, cluster: Callable[[], Cluster], switch: Switch
    ) -> None:
        self._session = session
        self._name = name
        self._clock = clock
        self._cluster = cluster
        self._switch = switch
        self._asking = Asking(session, clock)
        self._due = _Due()
        self._listed: tuple[Series, ...] | None = None
        self._filled: dict[Series, float] = {}
        self._was_on = False

    def samples(self, stop: Stop) -> Iterator[Sample]:
        """Points as they come, until `stop`."""
        while not stop.is_set():
            self._switch.alone(is_alone(self._cluster()))
            if self._was_on and not self._switch.on:
                yield MetricsSeen(at=self._clock.now(), series=(), queries_per_hour=0)
            self._was_on = self._switch.on
            if self._was_on and time.monotonic() >= self._due.retry:
                try:
                    yield from self._turn()
                    self._due.failures = 0
                except AwsError as error:
                    yield self._failed(error)
                yield from self._asking.news()
            stop.wait(LOOK_S)

    def _turn(self) -> Iterator[Sample]:
        """Ask for what is due now."""
        now, due = time.monotonic(), self._due
        if now >= due.discover:
            due.discover = now + DISCOVER_S
            self._listed = self._discover()
            due.fast = now  # what is new is asked for at once
        if self._switch.shown != due.shown:
            due.shown, due.fast = self._switch.shown, now
        if now < due.fast:
            return
        slow = now >= due.slow
        due.fast, due.slow = now + FAST_S, now + SLOW_S if slow else due.slow
        wanted = self._wanted()
        hourly = sum(3600 // s.how.period_s for s in wanted if not self._has(s))
        behind = [s for s in wanted if not self._is_filled(s)]
        fresh = [s for s in behind if s not in self._filled or not self._has(s)]
        known = [s for s in wanted if self._is_filled(s) and (slow or not s.how.slow) and not self._has(s)]
        history_s = LONG_HISTORY_S if len(fresh) <= QUERIES_A_CALL else HISTORY_S
        for series, back_s in ((fresh, history_s), (known, LOOK_BACK_S)):
            for begin in range(0, len(series), QUERIES_A_CALL):
                seen = self._get(series[begin : begin + QUERIES_A_CALL], back_s, hourly)
                if seen is None:
                    return
                yield seen

    # -------------------------------------------------------------- what is wanted

    def _wanted(self) -> list[Series]:
        """What is listed and of use now: what only one screen shows is asked for while that is open."""
        listed = self._listed if self._listed is not None else self._guessed()
        by_topic = [s for s in listed if s.how.of == "topic"]
        shown = self._switch.shown
        return [
            *(
                s
                for s in listed
                if (s.how.of in ("cluster", "broker") and (not s.how.extra or "cloudwatch" in shown))
                or (s.how.of == "group" and "groups" in shown)
            ),
            *(by_topic[:MOST_BY_TOPIC] if "topics" in shown else ()),
        ]

    def _is_filled(self, series: Series) -> bool:
        """Whether asking for the newest points leaves no hole."""
        return self._clock.now() - self._filled.get(series, 0.0) < LOOK_BACK_S

    def _has(self, series: Series) -> bool:
        """Whether the exporter pages tell it already."""
        return series.how.scraped and is_scraped(self._cluster())

    def _guessed(self) -> tuple[Series, ...]:
        """Where ListMetrics is denied: what every cluster has."""
        brokers = [(("Broker ID", str(number)),) for number in self._cluster().brokers]
        return tuple(
            Series(name, METRICS[name], dimensions)
            for name in DEFAULT_LEVEL
            for dimensions in (brokers if METRICS[name].of == "broker" else [()])
        )

    # -------------------------------------------------------------- calls

    def _discover(self) -> tuple[Series, ...] | None:
        """Which series the cluster has had within three hours; None where that is denied."""

        def call() -> tuple[Series, ...]:
            paginator = self._client().get_paginator("list_metrics")
            found = (
                series_of(m["MetricName"], {d["Name"]: d["Value"] for d in m.get("Dimensions", ())})
                for page in paginator.paginate(
                    Namespace=NAMESPACE,
                    Dimensions=[{"Name": "Cluster Name", "Value": self._cluster_name()}],
                    RecentlyActive="PT3H",
                    PaginationConfig={"MaxItems": MOST_PAGES * 500},
                )
                for m in page.get("Metrics", ())
            )
            return tuple(dict.fromkeys(s for s in found if s is not None))

        return self._asking.ask("cloudwatch:ListMetrics", call)

    def _get(self, series: list[Series], back_s: int, hourly: int) -> MetricsSeen | None:
        """One GetMetricData, all pages of it; None where it is denied."""
        began = time.monotonic()
        end = self._clock.now()

        def call() -> dict[int, dict[float, float]]:
            points: dict[int, dict[float, float]] = {number: {} for number in range(len(series))}
            paginator = self._client().get_paginator("get_metric_data")
            for page in paginator.paginate(
                MetricDataQueries=[s.query(number, self._cluster_name()) for number, s in enumerate(series)],
                StartTime=datetime.fromtimestamp((end - back_s) // SLOW_S * SLOW_S, UTC),
                EndTime=datetime.fromtimestamp(end, UTC),
                ScanBy="TimestampAscending",
            ):
                for result in page.get("MetricDataResults", ()):
                    values = zip(result.get("Timestamps", ()), result.get("Values", ()), strict=False)
                    points[int(result["Id"][1:])].update(
                        (when.timestamp(), value) for when, value in values if math.isfinite(value)
                    )
            return points

        points = self._asking.ask("cloudwatch:GetMetricData", call)
        if points is None:
            return None
        self._filled.update(dict.fromkeys(series, end))
        return MetricsSeen(
            at=self._clock.now(),
            series=tuple(s.seen(points[n].items()) for n, s in enumerate(series) if points[n]),
            queries=len(series),
            queries_per_hour=hourly,
            took_ms=(time.monotonic() - began) * 1e3,
        )

    def _client(self) -> BaseClient:
        seen = self._cluster().description
        return self._session.client("cloudwatch", seen.region if seen else None)

    def _cluster_name(self) -> str:
        """The dimension's value is the name, also of a cluster that was opened by its ARN."""
        return self._cluster().name if self._cluster().description else self._name

    def _failed(self, error: AwsError) -> SourceFailed:
        due = self._due
        due.failures += 1
        base = _RETRY_S / 2 if error.kind in RENEWABLE else _RETRY_S
        due.retry = time.monotonic() + min(base * (1 << min(due.failures - 1, 6)), _MOST_RETRY_S)
        due.fast = 0.0
        return SourceFailed(
            at=self._clock.now(),
            source=self.name,
            stage=error.action or error.kind,
            reason=error.title,
            advice=error.advice,
            kind=error.kind,
        )


def is_scraped(cluster: Cluster) -> bool:
    """Whether the exporters of most brokers answer.

    >>> is_scraped(Cluster())
    False
    """
    fresh = [
        b.jmx.at is not None and cluster.at - b.jmx.at < SCRAPED_WITHIN_S for b in cluster.brokers.values()
    ]
    return bool(fresh) and sum(fresh) * 2 >= len(fresh)


def is_alone(cluster: Cluster) -> bool:
    """Whether neither Kafka nor an exporter has been seen, and that for so long that none will soon be."""
    began = cluster.started_at
    if began is None or cluster.at - began < ALONE_AFTER_S or cluster.connected:
        return False
    return not any(b.probe.last_ok_at or b.jmx.at for b in cluster.brokers.values())
