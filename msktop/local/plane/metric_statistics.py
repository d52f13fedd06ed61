"""CloudWatch's statistics over the samples of one period. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator

from msktop.local.plane.metric_store import Point, Sample

_PERCENTILE = re.compile(r"p(\d{1,3}(?:\.\d{1,10})?)")
_SIMPLE = frozenset({"SampleCount", "Average", "Sum", "Minimum", "Maximum"})


def is_known(name: str) -> bool:
    """Whether this is a statistic that can be had here.

    >>> [name for name in ("Sum", "p99.9", "p101", "tm90", "sum") if is_known(name)]
    ['Sum', 'p99.9']
    """
    found = _PERCENTILE.fullmatch(name)
    return name in _SIMPLE or (found is not None and float(found[1]) <= 100)


def statistic(name: str, samples: list[Sample]) -> float | None:
    """One statistic; None where these samples do not have it.

    >>> one_to_four = [Sample.of(v) for v in (4, 1, 3, 2)]
    >>> [statistic(name, one_to_four) for name in ("Sum", "Average", "Minimum", "p50", "p100")]
    [10.0, 2.5, 1, 2, 4]
    """
    count = sum(sample.count for sample in samples)
    if not count:
        return None
    if name == "SampleCount":
        return count
    if name == "Sum":
        return sum(sample.total for sample in samples)
    if name == "Average":
        return sum(sample.total for sample in samples) / count
    if name == "Minimum":
        return min(sample.least for sample in samples)
    if name == "Maximum":
        return max(sample.most for sample in samples)
    return _percentile(float(name[1:]), samples, count)


def _percentile(percent: float, samples: list[Sample], count: float) -> float | None:
    """By nearest rank. Sets of statistics have no percentiles, unless all of their values are one."""
    if any(sample.is_set and sample.count != 1 and sample.least != sample.most for sample in samples):
        return None
    rank, seen = max(1.0, math.ceil(percent / 100 * count)), 0.0
    for sample in sorted(samples, key=lambda s: s.least):
        seen += sample.count
        if seen >= rank:
            return sample.least
    return samples[-1].most


def periods(points: Iterable[Point], period_s: int, unit: str | None) -> Iterator[tuple[int, list[Sample]]]:
    """The samples of each period that has any, with the Unix second in which it begins, by time.

    >>> points = [Point(60.0, (Sample.of(1),)), Point(119.0, (Sample.of(2),)), Point(120.0, (Sample.of(3),))]
    >>> [(begin, len(samples)) for begin, samples in periods(points, 60, None)]
    [(60, 2), (120, 1)]
    """
    begin, samples = 0, list[Sample]()
    for point in points:
        if unit is not None and point.unit != unit:
            continue
        own = int(point.at // period_s) * period_s
        if samples and own != begin:
            yield begin, samples
            samples = []
        begin = own
        samples.extend(point.samples)
    if samples:
        yield begin, samples
