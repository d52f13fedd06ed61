"""How long a broker bids us wait: the throttle time of the responses that we get ourselves.

A broker with a request or bandwidth quota answers at once and says how long it keeps the connection muted
(KIP-219). So this is what any client of our kind meets there, without an exporter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

FRESH_S, NOTED_EVERY_S = 60.0, 10.0
"""A word is good for so long: we ask once a minute at the least. And the same word is noted anew so often."""


@dataclass(frozen=True, slots=True)
class Said:
    """One request's newest throttle time in milliseconds, and when it was told."""

    at: float
    ms: int


@dataclass(frozen=True, slots=True)
class Throttle:
    """What one broker has said lately; empty where it has not told any throttle time yet."""

    by_request: Mapping[str, Said] = field(default_factory=dict)
    """By our own name of the request: `api_versions`, `metadata`, `list_offsets`, …; `connect`: of all that
    makes a new connection."""

    @property
    def now_ms(self) -> int | None:
        """The longest of the newest words; None where nothing was told.

        >>> Throttle().now_ms, Throttle({"metadata": Said(1.0, 0), "list_offsets": Said(2.0, 40)}).now_ms
        (None, 40)
        """
        return max((said.ms for said in self.by_request.values()), default=None)

    def heard(self, request: str, ms: int | None, at: float) -> Throttle:
        """One more response; the same object where it says what the one before said a moment ago.

        >>> calm = Throttle().heard("metadata", 0, 1.0)
        >>> calm.heard("metadata", 0, 2.0) is calm, calm.heard("metadata", None, 2.0) is calm
        (True, True)
        >>> throttled = calm.heard("list_offsets", 120, 3.0)  # and never asked again: another leads now
        >>> throttled.heard("metadata", 0, 13.0).now_ms, throttled.heard("metadata", 0, 63.0).now_ms
        (120, 0)
        """
        if ms is None:
            return self
        before = self.by_request.get(request)
        if before is not None and before.ms == ms and at - before.at < NOTED_EVERY_S:
            return self
        lately = {name: said for name, said in self.by_request.items() if at - said.at < FRESH_S}
        return Throttle({**lately, request: Said(at, ms)})
