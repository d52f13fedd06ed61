"""The points of CloudWatch's metrics, in memory: bounded in series, in points of each and in age."""

from __future__ import annotations

import bisect
import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass

MOST_SERIES = 20_000
MOST_POINTS = 1_500
"""Of one series: a day of minutes."""
MINUTE_S = 60

Dimensions = tuple[tuple[str, str], ...]
"""Names and values, sorted."""


@dataclass(frozen=True, slots=True)
class Series:
    """Names one series. The same name with other dimensions is another series altogether."""

    namespace: str
    name: str
    dimensions: Dimensions


@dataclass(frozen=True, slots=True)
class Sample:
    """A value that was seen `count` times; or of `count` values only their sum and bounds."""

    total: float
    least: float
    most: float
    count: float = 1.0
    is_set: bool = False

    @classmethod
    def of(cls, value: float, count: float = 1.0) -> Sample:
        """A value that was seen `count` times."""
        return cls(value * count, value, value, count)


@dataclass(frozen=True, slots=True)
class Point:
    """What was published for one moment, in Unix seconds."""

    at: float
    samples: tuple[Sample, ...]
    unit: str = "None"


class MetricStore:
    """All series; for any thread."""

    def __init__(self) -> None:
        self._series: OrderedDict[Series, list[Point]] = OrderedDict()
        self._lock = threading.Lock()

    def add(self, series: Series, point: Point) -> None:
        """Add a point to those that are there."""
        with self._lock:
            bisect.insort(self._points(series), point, key=lambda p: p.at)
            self._trim(series)

    def put(self, series: Series, point: Point) -> None:
        """Add a point in place of the one of the same moment."""
        with self._lock:
            points = self._points(series)
            where = bisect.bisect_left(points, point.at, key=lambda p: p.at)
            same = where < len(points) and points[where].at == point.at
            points[where : where + same] = [point]
            self._trim(series)

    def has(self, series: Series) -> bool:
        """Whether there is any point of the series."""
        with self._lock:
            return series in self._series

    def between(self, series: Series, start: float, end: float) -> list[Point]:
        """The points from `start` up to, but without, `end`, by time."""
        with self._lock:
            points = self._series.get(series, [])
            first = bisect.bisect_left(points, start, key=lambda p: p.at)
            after = bisect.bisect_left(points, end, key=lambda p: p.at)
            return points[first:after]

    def names(self, since: float) -> list[Series]:
        """The series that have a point since then, sorted."""
        with self._lock:
            found = [series for series, points in self._series.items() if points and points[-1].at >= since]
        return sorted(found, key=lambda s: (s.namespace, s.name, s.dimensions))

    def _points(self, series: Series) -> list[Point]:
        points = self._series.setdefault(series, [])
        self._series.move_to_end(series)
        return points

    def _trim(self, series: Series) -> None:
        points = self._series[series]
        del points[: max(0, len(points) - MOST_POINTS)]
        while len(self._series) > MOST_SERIES:
            self._series.popitem(last=False)


def dimensions(given: Iterable[tuple[str, str]]) -> Dimensions:
    """Dimensions as a series has them, in whatever order they were given.

    >>> dimensions([("Cluster Name", "demo"), ("Broker ID", "1")])
    (('Broker ID', '1'), ('Cluster Name', 'demo'))
    """
    return tuple(sorted(given))
