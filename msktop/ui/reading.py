"""Reads a topic's records in a thread for the screen that shows them: few at a time, and few are kept.

They are in this object and on the screen, and go with it: no sample, no log and no file ever has them.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from msktop.actions.tail import AtEnd, Note, Seen, Tail
from msktop.errors import MsktopError

KEPT_RECORDS, KEPT_BYTES = 1000, 16 * 1024 * 1024
"""The newest so many, and not more than so much of them."""
AT_ONCE, PAUSE_S = 100, 0.1
"""After so many records the thread rests: a screen shows no more than a person reads."""


@dataclass(slots=True)
class Reading:
    """One look from one place on. `records` is changed by its thread, newest last."""

    make: Callable[[], Tail]
    """Called in the thread: it may have to ask AWS where the brokers are."""
    records: deque[Seen] = field(default_factory=deque)
    seen: int = 0
    bytes: int = 0
    note: str = ""
    """The newest thing that a person must know."""
    error: MsktopError | None = None
    at_end: bool = False
    paused: threading.Event = field(default_factory=threading.Event)
    _stop: threading.Event = field(default_factory=threading.Event)
    _kept: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self) -> None:
        """Begin; returns at once."""
        threading.Thread(target=self._run, name="records", daemon=True).start()

    def stop(self) -> None:
        """End it, and forget what was read."""
        self._stop.set()
        with self._lock:
            self.records.clear()

    def newest(self) -> list[Seen]:
        """What is kept, newest first."""
        with self._lock:
            return list(reversed(self.records))

    def _run(self) -> None:
        tail = None
        try:
            tail = self.make()
            tail.stop = self._stop
            for nth, one in enumerate(tail.read()):
                if isinstance(one, Seen):
                    self._keep(one)
                elif isinstance(one, Note):
                    self.note = one.text
                elif isinstance(one, AtEnd):
                    self.at_end = True
                self._wait()
                if nth % AT_ONCE == AT_ONCE - 1:
                    self._stop.wait(PAUSE_S)
        except MsktopError as error:
            self.error = error
        except Exception as error:  # noqa: BLE001 - what is in a record stands in no log
            self.error = MsktopError(f"the records cannot be read: {type(error).__name__}")
        finally:
            if tail is not None:
                tail.kafka.close()

    def _wait(self) -> None:
        while self.paused.is_set() and not self._stop.is_set():
            time.sleep(0.05)

    def _keep(self, one: Seen) -> None:
        size = len(one.record.key or b"") + len(one.record.value or b"")
        with self._lock:
            if self._stop.is_set():
                return
            self.records.append(one)
            self.seen += 1
            self.bytes += size
            self._kept += size
            while len(self.records) > KEPT_RECORDS or (self._kept > KEPT_BYTES and len(self.records) > 1):
                gone = self.records.popleft().record
                self._kept -= len(gone.key or b"") + len(gone.value or b"")
