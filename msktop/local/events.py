"""The events log: one JSON object a line for what failed, was replaced and recovered, with times."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Literal

import msgspec

from msktop.local.paths import open_private

Event = Literal[
    "ACTIVE",
    "INJECTED",
    "DETECTED",
    "REPLACED",
    "RESUMED",
    "RECOVERED",
    "STARTED",
    "REBOOTING",
    "REMOVING",
    "ENDED",
    "REBOOTED",
    "REMOVED",
    "KEPT",
    "TRAINED",
]

_MAX_BYTES = 1 << 20


class EventsLog:
    """Appends to one file, and keeps one older file beside it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def write(self, event: Event, *, node: int | None = None, **details: object) -> None:
        """Write one line: `at` (Unix s), `event`, `node` and whatever else belongs to it."""
        line = {"at": round(time.time(), 3), "event": event, "node": node, **details}
        handle = open_private(self._path)
        with os.fdopen(handle, "ab") as file:
            file.write(msgspec.json.encode(line) + b"\n")
            full = file.tell() > _MAX_BYTES
        if full:
            os.replace(self._path, self._path.with_suffix(".log.1"))
