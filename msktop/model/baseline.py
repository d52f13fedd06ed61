"""Whether a broker answers slower than it usually does.

The usual is the median of its pings over five minutes, and how much they usually differ from it: the median
absolute deviation (MAD), scaled to a standard deviation by 1.4826. Neither moves when a few values are wild
(Rousseeuw and Croux, "Alternatives to the Median Absolute Deviation", JASA 88, 1993; Leys et al., "Detecting
outliers", J. Exp. Soc. Psychol. 49, 2013). What is held against it is a median too, of ten seconds: a spike
is not slowness. Samples taken while this machine starved are in neither.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

from msktop.model.rules import (
    BASELINE_ADOPT_S,
    BASELINE_EVERY_S,
    BASELINE_LEAST,
    BASELINE_SPAN_S,
    CALM_DEVIATIONS,
    CALM_FLOOR_MS,
    CALM_TIMES,
    RECENT_LEAST,
    RECENT_SPAN_S,
    SLOW_DEVIATIONS,
    SLOW_FLOOR_MS,
    SLOW_TIMES,
)
from msktop.model.series import Series

MAD_TO_SIGMA = 1.4826


@dataclass(frozen=True, slots=True)
class Baseline:
    """What is usual for one broker, from pings up to `at`."""

    at: float
    median_ms: float
    mad_ms: float

    @property
    def limit_ms(self) -> float:
        """A median of recent pings above this is slow.

        >>> Baseline(0.0, 1.0, 0.2).limit_ms, round(Baseline(0.0, 20.0, 5.0).limit_ms, 1)
        (11.0, 64.5)
        """
        spread = SLOW_DEVIATIONS * MAD_TO_SIGMA * self.mad_ms
        return max(self.median_ms + max(spread, SLOW_FLOOR_MS), SLOW_TIMES * self.median_ms)

    @property
    def calm_ms(self) -> float:
        """A median at or below this is at the baseline again.

        >>> Baseline(0.0, 1.0, 0.2).calm_ms, Baseline(0.0, 20.0, 1.0).calm_ms
        (3.0, 30.0)
        """
        spread = CALM_DEVIATIONS * MAD_TO_SIGMA * self.mad_ms
        return max(self.median_ms + max(spread, CALM_FLOOR_MS), CALM_TIMES * self.median_ms)


def recent_ms(pings: Series, at: float, since: float | None = None) -> float | None:
    """Median of the newest pings, of at most ten seconds; None before there are enough."""
    begin = at - RECENT_SPAN_S if since is None else max(since, at - RECENT_SPAN_S)
    values = [v for t, v in pings.since(begin) if v is not None]
    return median(values) if len(values) >= RECENT_LEAST else None


def renewed(old: Baseline | None, pings: Series, recent: float | None, at: float) -> Baseline | None:
    """The baseline as it is now: the same while it is young, and while it is exceeded.

    >>> pings = Series()
    >>> for n in range(400):
    ...     pings = pings.append(n / 4, 1.0 + n % 3 * 0.1)
    >>> usual = renewed(None, pings, 1.1, 100.0)
    >>> usual.median_ms, round(usual.mad_ms, 2), renewed(usual, pings, 50.0, 120.0) is usual
    (1.1, 0.1, True)
    """
    if old is not None:
        age_s = at - old.at
        exceeded = recent is None or recent > old.calm_ms
        if age_s < BASELINE_EVERY_S or (exceeded and age_s < BASELINE_ADOPT_S):
            return old
    newest = at - RECENT_SPAN_S
    values = [v for t, v in pings.since(at - BASELINE_SPAN_S) if v is not None and t <= newest]
    if len(values) < BASELINE_LEAST:
        return old
    middle = median(values)
    return Baseline(at, middle, median(abs(v - middle) for v in values))
