"""Tells the process that started a supervisor how it goes."""

from __future__ import annotations

import os
from contextlib import suppress

import msgspec


class Reporter:
    """One JSON object a line to a descriptor; quiet once nobody listens."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor: int | None = descriptor

    def __call__(self, **message: object) -> None:
        """Send one message."""
        if self._descriptor is not None:
            with suppress(OSError):
                os.write(self._descriptor, msgspec.json.encode(message) + b"\n")

    def close(self) -> None:
        """End the reports."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
