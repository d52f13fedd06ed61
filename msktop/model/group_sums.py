"""What the partitions of one group come to: total and worst lag, rates, the verdict."""

from __future__ import annotations

from dataclasses import replace

from msktop.model import rules
from msktop.model.group_lag import WORST_FIRST, Held, Verdict
from msktop.model.groups import TREND_EVERY_S, Counted, Group, PartitionKey


class Sums:
    """What a group's partitions come to."""

    def __init__(self, at: float, before_at: float) -> None:
        self._at = at
        self._before_at = before_at
        self._lag: int | None = None
        self._worst: tuple[int, PartitionKey] | None = None
        self._behind: tuple[float, bool] | None = None
        self._verdict: Verdict = ""
        self._about: tuple[int, PartitionKey] | None = None
        self._arrived = self._consumed = 0

    def add(self, key: PartitionKey, before: Held | None, one: Held) -> None:
        """One more partition."""
        lag = one.lag
        if lag is not None:
            self._lag = (self._lag or 0) + lag
            if self._worst is None or lag > self._worst[0]:
                self._worst = (lag, key)
            if lag:
                behind = one.behind_s(self._at)
                if behind is not None and (self._behind is None or behind > self._behind):
                    self._behind = behind
        rank = WORST_FIRST.index
        if one.verdict != self._verdict and rank(one.verdict) < rank(self._verdict):
            self._verdict, self._about = one.verdict, (lag or 0, key)
        elif one.verdict == self._verdict and (self._about is None or (lag or 0) > self._about[0]):
            self._about = (lag or 0, key)
        if before is not None:
            self._consumed += max(0, one.committed - before.committed)
            if one.end is not None and before.end is not None:
                self._arrived += max(0, one.end - before.end)

    def into(self, group: Group) -> Group:
        """The group with these sums."""
        behind = self._behind
        if behind is None and self._lag == 0:
            behind = (0.0, False)
        last = group.trend.last
        trend = group.trend
        if self._lag is not None and (last is None or self._at - last[0] >= TREND_EVERY_S):
            trend = trend.append(self._at, float(self._lag))
        return replace(
            group,
            lag=self._lag,
            worst=self._worst[1] if self._worst is not None else None,
            behind_s=behind[0] if behind is not None else None,
            behind_longer=behind is not None and behind[1],
            verdict=self._verdict,
            about=self._about[1] if self._about is not None else None,
            counted=counted_on(group.counted, self._before_at, self._at, self._arrived, self._consumed),
            trend=trend,
            alive_at=self._at if self._consumed else group.alive_at,
        )


def counted_on(
    known: tuple[Counted, ...], before_at: float, at: float, arrived: int, consumed: int
) -> tuple[Counted, ...]:
    """One more point of the counters; the oldest kept is the last one before the span of the rates.

    A group at rest gets no points: nothing moved until `before_at`, and where that is longer than the span,
    only so much of it counts.

    >>> [(c.at, c.arrived) for c in counted_on((Counted(0.0), Counted(2.0)), 998.0, 1000.0, 60, 60)]
    [(970.0, 0), (998.0, 0), (1000.0, 60)]
    """
    last = known[-1] if known else Counted(at)
    if before_at > last.at:
        known = (*known, replace(last, at=before_at))
    points = (*known, Counted(at, last.arrived + arrived, last.consumed + consumed))
    begin = at - rules.GROUP_RATE_SPAN_S
    keep = 0
    while keep + 1 < len(points) and points[keep + 1].at <= begin:
        keep += 1
    first, rest = points[keep], points[keep + 1 :]
    if first.at < begin and rest and (first.arrived, first.consumed) == (rest[0].arrived, rest[0].consumed):
        first = replace(first, at=begin)
    return (first, *rest)
