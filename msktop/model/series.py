"""Bounded history of one quantity, for graphs. Immutable: appending shares the past."""

from __future__ import annotations

import math
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_BLOCK = 64
_Block = tuple["array[float]", "array[float]"]


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """Points (at, value) in order of time, newest last; a value of None is a gap that was observed.

    Keeps at least the newest `keep` points, in blocks of 64 that are never changed once made, so that an
    append costs the same however long the history is. Compared by identity.

    >>> s = Series(keep=128)
    >>> for i in range(300):
    ...     s = s.append(float(i), i * 2.0)
    >>> len(s) >= 128, s.last
    (True, (299.0, 598.0))
    >>> s.append(300.0, None).last
    (300.0, None)
    """

    keep: int = 1200
    _blocks: tuple[_Block, ...] = ()
    _tail: tuple[tuple[float, float | None], ...] = ()

    def append(self, at: float, value: float | None) -> Series:
        """A new series with one more point."""
        tail = (*self._tail, (at, value))
        if len(tail) < _BLOCK:
            return Series(self.keep, self._blocks, tail)
        block = (
            array("d", (t for t, _ in tail)),
            array("d", (math.nan if v is None else v for _, v in tail)),
        )
        most = -(-self.keep // _BLOCK)
        return Series(self.keep, (*self._blocks, block)[-most:], ())

    @property
    def last(self) -> tuple[float, float | None] | None:
        """The newest point, or None."""
        if self._tail:
            return self._tail[-1]
        if not self._blocks:
            return None
        times, values = self._blocks[-1]
        return times[-1], _known(values[-1])

    def __len__(self) -> int:
        return len(self._blocks) * _BLOCK + len(self._tail)

    def since(self, at: float) -> Iterator[tuple[float, float | None]]:
        """Points at or after `at`, oldest first."""
        for times, values in self._blocks:
            if times[-1] < at:
                continue
            for t, v in zip(times, values, strict=True):
                if t >= at:
                    yield t, _known(v)
        for t, value in self._tail:
            if t >= at:
                yield t, value

    def quantile(self, q: float, since: float) -> float | None:
        """The q-quantile (nearest rank) of known values at or after `since`; None without any.

        >>> s = Series()
        >>> for i in range(1, 101):
        ...     s = s.append(float(i), float(i))
        >>> s.quantile(0.99, 0.0), s.quantile(0.5, 51.0), Series().quantile(0.5, 0.0)
        (99.0, 75.0, None)
        """
        return self.quantiles((q,), since)[0]

    def quantiles(self, qs: Sequence[float], since: float) -> tuple[float | None, ...]:
        """The same for several at the price of one.

        >>> s = Series().append(1.0, 5.0).append(2.0, None).append(3.0, 7.0)
        >>> s.quantiles((0.5, 0.99), 0.0), s.quantiles((0.5, 0.99), 2.0)
        ((5.0, 7.0), (7.0, 7.0))
        """
        values = self._known_since(since)
        values.sort()
        return tuple(values[max(0, math.ceil(q * len(values)) - 1)] if values else None for q in qs)

    def _known_since(self, at: float) -> list[float]:
        """Known values at or after `at`, whole blocks at a time: this runs with every probe."""
        values = [v for t, v in self._tail if t >= at and v is not None]
        for times, block in reversed(self._blocks):
            if times[-1] < at:
                break
            values += [v for v in block[bisect_left(times, at) :] if v == v]  # only NaN differs from itself
        return values


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value
