"""Starts pumps as soon as what they need is known."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Protocol

LOOK_S = 0.1


class Pump(Protocol):
    """Something that runs one source."""

    def start(self) -> None:
        """Begin."""

    def stop(self) -> None:
        """Ask to end; never waits."""


class AwaitingPump:
    """Asks `begin` ten times a second, until it gives pumps, which then run as if they had been there."""

    def __init__(self, name: str, begin: Callable[[], Sequence[Pump] | None]) -> None:
        self.name = name
        self._begin = begin
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._pumps: Sequence[Pump] = ()
        self._thread = threading.Thread(target=self._run, name=f"awaiting {name}", daemon=True)

    def start(self) -> None:
        """Begin to wait."""
        self._thread.start()

    def stop(self) -> None:
        """Ask the pumps to end, or no longer wait for them; never waits."""
        with self._lock:
            self._stop.set()
            for pump in self._pumps:
                pump.stop()

    def _run(self) -> None:
        while not self._stop.is_set():
            pumps = self._begin()
            if pumps is not None:
                with self._lock:
                    if not self._stop.is_set():
                        self._pumps = pumps
                        for pump in pumps:
                            pump.start()
                return
            self._stop.wait(LOOK_S)
