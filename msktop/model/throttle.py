"""How long a broker bids us wait: the throttle time of the responses that we get ourselves.

A broker with a request or bandwidth quota answers at once and says how long it keeps the connection muted
(KIP-219). So this is what any client of our kind meets there, without an exporter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class Said:
    """One request's newest throttle time in milliseconds; `since` is when it was first told so."""

    since: float
    ms: int


@dataclass(frozen=True, slots=True)
class Throttle:
    """What one broker has said; empty where it has not told any throttle time yet."""

    by_request: Mapping[str, Said] = field(default_factory=dict)
    """By our own name of the request: `api_versions`, `metadata`, `list_offsets`, …; `connect`: of all that
    makes a new connection."""
    most: Said | None = None
    """The longest of the session that was not zero, and when it was."""

    @property
    def now_ms(self) -> int | None:
        """The longest of the newest words; None where nothing was told.

        >>> Throttle().now_ms, Throttle({"metadata": Said(1.0, 0), "list_offsets": Said(2.0, 40)}).now_ms
        (None, 40)
        """
        return max((said.ms for said in self.by_request.values()), default=None)

    def heard(self, request: str, ms: int | None, at: float) -> Throttle:
        """One more response; the same object where it says what the one before said.

        >>> calm = Throttle().heard("metadata", 0, 1.0)
        >>> calm.heard("metadata", 0, 2.0) is calm, calm.heard("metadata", None, 2.0) is calm
        (True, True)
        >>> calm.heard("metadata", 120, 3.0).heard("metadata", 0, 4.0).most
        Said(since=3.0, ms=120)
        """
        if ms is None:
            return self
        before = self.by_request.get(request)
        if before is not None and before.ms == ms:
            return self
        said = Said(at, ms)
        most = said if ms > (self.most.ms if self.most is not None else 0) else self.most
        return replace(self, by_request={**self.by_request, request: said}, most=most)
