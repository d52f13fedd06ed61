"""`msktop demo`: a local MSK with traffic, and the monitor on it; nothing is left behind."""

from __future__ import annotations

import sys
from typing import TextIO

from msktop import oneshot
from msktop.headless.text import status_text
from msktop.local import control
from msktop.local.settings import Metadata, Settings
from msktop.settings import Look
from msktop.targets import local

NAME = "demo"
HEADLESS_S = 30.0


def run(metadata: Metadata, kafka_version: str | None, look: Look, out: TextIO) -> None:
    """Start, watch, stop. On a terminal until the person leaves, else for 30 s, printing the state.

    A cluster of that name that runs already is watched, and left running. Raises LocalError.
    """
    if control.status(NAME) is not None:
        _watch(look, out)
        return
    settings = Settings(name=NAME, metadata=metadata, kafka_version=kafka_version or "", traffic="waves")
    with control.running(settings, lambda line: print(line, file=sys.stderr, flush=True)):
        _watch(look, out)


def _watch(look: Look, out: TextIO) -> None:
    target = local(NAME)
    if sys.stdin.isatty() and out.isatty():
        from msktop.monitor import watch

        watch(target, look)
    else:
        out.write(status_text(oneshot.look(target, HEADLESS_S)))
