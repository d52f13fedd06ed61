"""A source that runs beside a test, and what it has said so far."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from msktop.model.samples import Probed, Sample
from msktop.sources.pump import Source, Stop
from tests.support import wait_for

END_S = 2.0


class Watching:
    """All samples of a source, in order."""

    def __init__(self) -> None:
        self.said: list[Sample] = []

    def probed(self, since: int = 0, **wanted: object) -> list[Probed]:
        """The probes from sample number `since` on that have these values."""
        return [
            s
            for s in list(self.said[since:])
            if isinstance(s, Probed) and all(getattr(s, name) == value for name, value in wanted.items())
        ]

    def wait_probed(self, deadline_s: float = 5.0, since: int = 0, **wanted: object) -> Probed:
        """The first of them, as soon as there is one."""
        return wait_for(lambda: self.probed(since, **wanted), deadline_s, f"a probe with {wanted}")[0]


@contextmanager
def watching(source: Source) -> Iterator[Watching]:
    """Run the source in a thread until the block ends; it must then end by itself, without an error."""
    stop = threading.Event()
    seen = Watching()
    failed: list[BaseException] = []
    thread = threading.Thread(target=_run, args=(source, stop, seen, failed.append), daemon=True)
    thread.start()
    try:
        yield seen
    finally:
        stop.set()
        thread.join(END_S)
    assert not failed, failed
    assert not thread.is_alive(), "the source does not end"


def _run(source: Source, stop: Stop, seen: Watching, failed: Callable[[BaseException], None]) -> None:
    try:
        for sample in source.samples(stop):
            seen.said.append(sample)
    except Exception as error:  # noqa: BLE001 - told to the test
        failed(error)
