"""Where a figure is going, robust against outliers and saw teeth: when it will reach a limit, estimated.

The slope is the Theil-Sen estimator: the median of the slopes of all pairs of points (Theil 1950, Sen 1968),
which up to 29 % of wild points do not bend. Points are medians of equal spans of time, so that the price is
the same however long the history is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median

_SPANS = 24
_LEAST_SPANS = 8
_STEADY = 0.25
"""A trend is one only where even this quantile of the slopes goes towards the limit."""


@dataclass(frozen=True, slots=True)
class Trend:
    """A straight line through the newest points."""

    slope: float
    """Per second."""
    level: float
    """What it says of now."""

    def seconds_to(self, target: float) -> float | None:
        """Seconds until it reaches `target`; 0 where it is there; None where it does not go there.

        >>> Trend(slope=2.0, level=40.0).seconds_to(100.0), Trend(slope=-1.0, level=40.0).seconds_to(100.0)
        (30.0, None)
        """
        left = target - self.level
        if left == 0:
            return 0.0
        return left / self.slope if self.slope and left / self.slope > 0 else None


def trend(points: Iterable[tuple[float, float | None]], now: float, least_span_s: float) -> Trend | None:
    """The trend of points (at, value), oldest first.

    None where they are few, reach back less than `least_span_s`, or go up and down.

    >>> steady = [(60.0 * i, 10.0 + i) for i in range(60)]
    >>> found = trend(steady, now=3600.0, least_span_s=1800.0)
    >>> round(found.slope * 60, 6), round(found.level)
    (1.0, 70)
    >>> saw = [(60.0 * i, 50.0 + 20.0 * (i % 10) / 10) for i in range(60)]  # filled and emptied
    >>> trend(saw, 3600.0, 1800.0) is None
    True
    >>> wild = [(at, 0.0 if i % 10 == 3 else value) for i, (at, value) in enumerate(steady)]
    >>> round(trend(wild, 3600.0, 1800.0).slope * 60, 1)
    1.0
    >>> trend(steady[:20], 1200.0, 1800.0) is None  # too short
    True
    """
    known = [(at, value) for at, value in points if value is not None]
    if len(known) < _LEAST_SPANS or known[-1][0] - known[0][0] < least_span_s:
        return None
    spans = _medians(known)
    if len(spans) < _LEAST_SPANS:
        return None
    slopes = sorted((b[1] - a[1]) / (b[0] - a[0]) for i, a in enumerate(spans) for b in spans[i + 1 :])
    slope = median(slopes)
    steady = slopes[int(len(slopes) * _STEADY)] if slope > 0 else slopes[int(len(slopes) * (1 - _STEADY))]
    if steady * slope <= 0:
        return None
    return Trend(slope, median(value + slope * (now - at) for at, value in spans))


def _medians(known: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """The medians of equal spans of time; spans without points are left out."""
    first, last = known[0][0], known[-1][0]
    spans: list[list[tuple[float, float]]] = [[] for _ in range(_SPANS)]
    for at, value in known:
        spans[min(_SPANS - 1, int((at - first) / (last - first) * _SPANS))].append((at, value))
    return [(median(at for at, _ in span), median(value for _, value in span)) for span in spans if span]
