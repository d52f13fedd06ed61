"""Refused logins, remembered for all who use the same settings: repeating them may lock an account."""

from __future__ import annotations

import time

from msktop.wire.errors import WireError

AGAIN_S = 30.0
"""The least time from one refused login to an address to the next, whoever asks."""
_REFUSED = 58
"""SASL_AUTHENTICATION_FAILED."""


class Refusals:
    """Which addresses refused us a short while ago. A copy in another process begins with none."""

    def __init__(self, again_s: float = AGAIN_S) -> None:
        self._again_s = again_s
        self._until: dict[str, tuple[float, WireError]] = {}

    def check(self, address: str) -> None:
        """Raise again what was raised there; from time to time let one through to try anew."""
        known = self._until.get(address)
        if known is None:
            return
        until, error = known
        now = time.monotonic()
        if now < until:
            raise error.at(address)
        self._until[address] = now + self._again_s, error

    def note(self, address: str, error: WireError | None) -> None:
        """How a connection ended; None: well."""
        if error is None:
            self._until.pop(address, None)
        elif error.error_code == _REFUSED:
            self._until[address] = time.monotonic() + self._again_s, error

    def __reduce__(self) -> tuple[type[Refusals], tuple[float]]:
        return Refusals, (self._again_s,)
