"""Rates on one grid of time, and whether one has risen for good above what is usual for it.

The usual is the median of the last hour. What is held against it are medians too: of two minutes, for what
rises at once, and of ten, for what rises slowly and for what swings; of the two minutes three quarters must
be above. Shorter spikes move neither. How much medians of the same length usually differ is their median
absolute deviation (MAD), scaled to a standard deviation by 1.4826 (Rousseeuw and Croux, "Alternatives to the
Median Absolute Deviation", JASA 88, 1993). So traffic that swings has the wider limit that its swings
ask for: this is a control chart of subgroups (Shewhart, "Economic Control of Quality", 1931) whose centre and
width outliers cannot move, and whose subgroups, like batch means in simulation, are longer than what they are
to be blind to. What is usual is not learnt anew while it is exceeded: a slow rise would else become its own
baseline.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

from msktop.model.baseline import MAD_TO_SIGMA
from msktop.model.rise_rules import (
    ADOPT_S,
    ADOPTED_SPAN_S,
    CALM_SIGMAS,
    CALM_TIMES,
    CELL_S,
    LONG_LEAST,
    LONG_S,
    LONG_SIGMAS,
    LONG_TIMES,
    OLD_ENOUGH_S,
    SHORT_LEAST,
    SHORT_S,
    SHORT_SIGMAS,
    SHORT_TIMES,
    SPAN_S,
    YOUNG_LEAST,
    YOUNG_TIMES,
)
from msktop.model.series import Series

CELLS_KEPT = round((SPAN_S + LONG_S) / CELL_S)
RateKey = tuple[str, int | None]
"""What a rate is of (`requests/Produce`, `messages`, `topic/orders`, `out/orders`, `software/NAME VERSION`),
and the broker; None: the whole cluster."""


@dataclass(frozen=True, slots=True)
class Usual:
    """What is usual for one rate, from the cells of `span_s` seconds up to two minutes before `at`."""

    at: float
    span_s: float
    median: float
    short_mad: float = 0.0
    """Of medians of two minutes."""
    long_mad: float | None = None
    """Of medians of ten minutes; None while the past is too short to hold several."""
    since: float = 0.0
    """What was before is no past of it any more: it rose then, and stayed so."""

    @property
    def young(self) -> bool:
        """So short a past may be the trough of a wave."""
        return self.span_s < OLD_ENOUGH_S

    @property
    def short_limit(self) -> float:
        """A median of two minutes above this has risen.

        >>> Usual(0.0, 3600.0, 100.0, 5.0).short_limit, Usual(0.0, 180.0, 100.0, 5.0).short_limit
        (220.00000000000003, 400.0)
        >>> round(Usual(0.0, 3600.0, 100.0, 35.0).short_limit)
        256
        """
        if self.young:
            return self.median * YOUNG_TIMES
        return max(self.median * SHORT_TIMES, self._above(SHORT_SIGMAS, self.short_mad))

    @property
    def long_limit(self) -> float | None:
        """A median of ten minutes above this has risen; None where that cannot be told yet.

        >>> Usual(0.0, 3600.0, 100.0, 35.0, 4.0).long_limit, Usual(0.0, 900.0, 100.0).long_limit
        (150.0, None)
        """
        if self.long_mad is None:
            return None
        return max(self.median * LONG_TIMES, self._above(LONG_SIGMAS, self.long_mad))

    @property
    def calm(self) -> float:
        """A median of two minutes at or below this is usual again.

        >>> Usual(0.0, 3600.0, 100.0, 5.0).calm, round(Usual(0.0, 3600.0, 100.0, 35.0).calm)
        (125.0, 204)
        """
        return max(self.median * CALM_TIMES, self._above(CALM_SIGMAS, self.short_mad))

    def _above(self, sigmas: float, mad: float) -> float:
        return self.median + sigmas * MAD_TO_SIGMA * mad


@dataclass(frozen=True, slots=True)
class Recent:
    """The newest two and ten minutes of a rate as medians; None without enough cells."""

    short: float | None
    long: float | None
    low: float | None = None
    """The lower quartile of the two minutes: three quarters of them are as high. What rises at once must have
    it above its limit, so that a burst moves nothing."""

    def risen(self, usual: Usual, least: float) -> bool:
        """Above a limit of its own, and by `least` at least.

        >>> usual = Usual(0.0, 3600.0, 100.0, 5.0, 4.0)
        >>> Recent(300.0, 120.0, 290.0).risen(usual, 5.0), Recent(190.0, 160.0, 180.0).risen(usual, 5.0)
        (True, True)
        >>> Recent(190.0, 140.0, 180.0).risen(usual, 5.0), Recent(300.0, 120.0, 290.0).risen(usual, 500.0)
        (False, False)
        >>> Recent(300.0, 120.0, 110.0).risen(usual, 5.0)  # a burst
        False
        >>> Recent(110.0, 160.0).risen(usual, 5.0)  # it was higher, and is no more
        False
        """
        if self.short is None or self.short - usual.median < least:
            return False
        if self.low is not None and self.low > usual.short_limit:
            return True
        limit = usual.long_limit
        return self.long is not None and limit is not None and self.long > limit and self.short > usual.calm

    def exceeds(self, usual: Usual) -> bool:
        """Whether what is usual is left as it is for now."""
        if self.short is None:
            return True
        if usual.young:
            return self.short > usual.short_limit
        return self.short > usual.calm or (self.long or 0.0) > usual.median * CALM_TIMES


@dataclass(frozen=True, slots=True, eq=False)
class Traffic:
    """Cells of CELL_S seconds, each a rate's mean in it or a gap, and what is usual."""

    at: float | None = None
    """End of the newest cell."""
    cells: int = 0
    """How many there were."""
    rates: Mapping[RateKey, Series] = field(default_factory=dict)
    usual: Mapping[RateKey, Usual] = field(default_factory=dict)

    def recent(self, key: RateKey) -> Recent:
        """The newest medians of a rate."""
        series = self.rates.get(key)
        return Recent(None, None) if series is None or self.at is None else recent(series, self.at)


def recent(series: Series, at: float) -> Recent:
    """Medians of the newest cells, and the lower quartile of the short ones.

    >>> series = Series()
    >>> for n in range(40):
    ...     series = series.append(15.0 * n, 100.0 if n < 33 else 300.0)
    >>> recent(series, 585.0), recent(Series().append(0.0, 1.0), 0.0)
    (Recent(short=300.0, long=100.0, low=300.0), Recent(short=None, long=None, low=None))
    """
    long = [v for t, v in series.since(at - LONG_S + CELL_S / 2) if v is not None]
    short = [v for t, v in series.since(at - SHORT_S + CELL_S / 2) if v is not None]
    return Recent(
        median(short) if len(short) >= SHORT_LEAST else None,
        median(long) if len(long) >= LONG_LEAST else None,
        sorted(short)[len(short) // 4] if len(short) >= SHORT_LEAST else None,
    )


def renewed(old: Usual | None, series: Series, at: float) -> Usual | None:
    """What is usual as of now: the same while it is exceeded, and anew after half an hour of that.

    >>> series = Series(400)
    >>> for n in range(300):
    ...     series = series.append(15.0 * n, 100.0 + n % 3)
    >>> usual = renewed(None, series, 4485.0)
    >>> usual.median, usual.short_mad, usual.long_mad, usual.span_s
    (101.0, 0.0, 0.0, 3600.0)
    >>> for n in range(300, 308):
    ...     series = series.append(15.0 * n, 300.0)
    >>> renewed(usual, series, 4605.0) is usual
    True
    """
    since = max(at - SPAN_S, old.since if old is not None else 0.0)
    if old is not None and recent(series, at).exceeds(old):
        if at - old.at < ADOPT_S:
            return old
        since = at - ADOPTED_SPAN_S
    newest = at - SHORT_S + CELL_S / 2
    past = [v for t, v in series.since(since - SHORT_S + CELL_S / 2) if t < newest]
    known = [v for v in past if v is not None]
    if len(known) < YOUNG_LEAST:
        return old
    middle = median(known)
    longs = _medians(past, round(LONG_S / CELL_S), LONG_LEAST)
    return Usual(
        at,
        len(past) * CELL_S,
        middle,
        _mad(_medians(past, round(SHORT_S / CELL_S), SHORT_LEAST), middle),
        _mad(longs, middle) if len(longs) >= _LONGS_LEAST else None,
        since if old is not None and since != at - SPAN_S else 0.0,
    )


_LONGS_LEAST = 4
"""Overlapping by half: these are 25 minutes."""


def _medians(past: Sequence[float | None], cells: int, least: int) -> list[float]:
    """Of stretches of so many cells, each half of the one before."""
    found = []
    for begin in range(0, len(past) - cells + 1, max(1, cells // 2)):
        known = [v for v in past[begin : begin + cells] if v is not None]
        if len(known) >= least:
            found.append(median(known))
    return found


def _mad(values: Sequence[float], middle: float) -> float:
    return median(abs(v - middle) for v in values) if values else 0.0
