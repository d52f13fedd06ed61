"""The one writer: queue, fold and recorder of a session. Knows no screen; screens poll `view`."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, Union

from msktop.errors import RecordingError
from msktop.model.cluster import Cluster
from msktop.model.incidents import Incidents

if TYPE_CHECKING:
    from msktop.alerting.desk import Desk
    from msktop.model.samples import Sample
    from msktop.recording.writer import Recorder

log = logging.getLogger(__name__)

_BATCH = 1000
"""Samples folded between two publications at most, so that a flood cannot hold back the view."""


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """What is published: frozen, compared by identity."""

    cluster: Cluster = field(default_factory=Cluster)
    incidents: Incidents = field(default_factory=Incidents)


class Pump(Protocol):
    """Something that runs one source."""

    def start(self) -> None:
        """Begin."""

    def stop(self) -> None:
        """Ask to end; never waits."""


Subscriber = Callable[[View], None]
_Item = Union["Sample", Callable[[Cluster], None], None]
"""What the queue holds: a sample, something to do between two samples, or the end."""


class Switch:
    """Whether something that costs is on, and what of it is looked at. For any thread.

    A person's word holds. Without one it is on where `default` says so, or where the source that asks finds
    that it is the only one that sees anything.
    """

    def __init__(self, default: bool) -> None:
        self._default = default
        self._wanted: bool | None = None
        self._alone = False
        self.shown: frozenset[str] = frozenset()
        """Parts that a screen shows now, in the source's own words."""

    @property
    def on(self) -> bool:
        """Whether it is on now."""
        wanted = self._wanted
        return wanted if wanted is not None else self._default or self._alone

    def turn(self, on: bool) -> None:
        """A person's word."""
        self._wanted = on

    def alone(self, alone: bool) -> None:
        """The source's word: nobody else sees anything."""
        self._alone = alone


class Session:
    """Folds what the pumps emit, in one thread, and publishes the result.

    `emit` may be called from any thread. Subscribers are called in the fold's thread after each batch and
    must be quick. Nothing here blocks on a source, and stopping waits for none.
    """

    def __init__(self, name: str = "", first: Cluster | None = None) -> None:
        self.name = name
        self.cloudwatch: Switch | None = None
        """CloudWatch's, where AWS is asked about this cluster."""
        self.acted = threading.Event()
        """Set when a change was sent: what the control plane says is worth asking for now."""
        self.desk: Desk | None = None
        """Who is told of incidents, and what was acknowledged; None in a replay."""
        self._view = View(first or Cluster())
        self._queue: queue.SimpleQueue[_Item] = queue.SimpleQueue()
        self._pumps: list[Pump] = []
        self._subscribers: list[Subscriber] = []
        self._recorder: Recorder | None = None
        self._thread = threading.Thread(target=self._run, name="fold", daemon=True)

    @property
    def view(self) -> View:
        """The newest published state."""
        return self._view

    def cluster(self) -> Cluster:
        """The newest published cluster; for sources that follow it."""
        return self._view.cluster

    def emit(self, sample: Sample) -> None:
        """Queue one sample; returns at once."""
        self._queue.put(sample)

    def backlog(self) -> int:
        """Samples that wait to be folded."""
        return self._queue.qsize()

    def subscribe(self, subscriber: Subscriber) -> None:
        """Call `subscriber` with each newly published view."""
        self._subscribers.append(subscriber)

    def start(self, first: Sample | None, pumps: list[Pump]) -> None:
        """Fold `first`, then what the pumps emit."""
        if first is not None:
            self.emit(first)
        self._pumps = pumps
        self._thread.start()
        for pump in pumps:
            pump.start()

    def stop(self) -> None:
        """Ask everything to end and close the recording; waits at most 0.2 s."""
        for pump in self._pumps:
            pump.stop()
        if self.desk is not None:
            self.desk.stop()
        self.stop_recording()
        self._queue.put(None)
        if self._thread.is_alive():
            self._thread.join(0.2)

    # -------------------------------------------------------------- recording

    @property
    def recorder(self) -> Recorder | None:
        """The recording under way, if any; one that its disk has ended is none."""
        recorder = self._recorder
        return recorder if recorder is not None and recorder.error is None else None

    def record(self, path: Path) -> Recorder:
        """Write what is known now and every further sample to a new file, which ends the one before.

        A full or dead disk ends the recording, never the session: it becomes a failed source.
        Raises RecordingError.
        """
        from msktop.model.keyframe import keyframe
        from msktop.model.samples import SourceWorks
        from msktop.recording.writer import Recorder

        recorder = Recorder(path, self._view.cluster.name or self.name, self._recording_failed)

        def begin(cluster: Cluster) -> None:
            if self._recorder is not None:
                self._recorder.close()
            for sample in keyframe(cluster):
                recorder.write(sample)
            self._recorder = recorder
            if "recorder" in cluster.sources:  # the one before had failed
                self.emit(SourceWorks(at=cluster.at, source="recorder"))

        self._queue.put(begin)
        return recorder

    def stop_recording(self, timeout_s: float = 0.2) -> Recorder | None:
        """Close the recording under way, after what was emitted before this call; returns it.

        None where there is none, or where the disk did not end it within `timeout_s`.
        """
        ended: queue.SimpleQueue[Recorder | None] = queue.SimpleQueue()

        def end(_: Cluster) -> None:
            recorder, self._recorder = self._recorder, None
            if recorder is not None:
                recorder.close()
            ended.put(recorder)

        self._queue.put(end)
        try:
            return ended.get(timeout=timeout_s)
        except queue.Empty:
            return None

    def _recording_failed(self, error: RecordingError) -> None:
        from msktop.model.samples import SourceFailed

        at = self._view.cluster.at
        self.emit(
            SourceFailed(at=at, source="recorder", stage="write", reason=error.title, advice=error.advice)
        )

    # -------------------------------------------------------------- the fold

    def _run(self) -> None:
        from msktop.model.fold import fold  # not before the first picture: it waits for nothing of this

        while True:
            batch = self._next_batch()
            cluster, incidents = self._view.cluster, self._view.incidents
            for item in batch:
                if item is None:
                    return
                if callable(item):
                    item(cluster)
                    continue
                if self._recorder is not None:
                    self._recorder.write(item)
                try:
                    cluster, incidents = fold(cluster, incidents, item)
                except Exception:  # a sample that cannot be folded must not end the session
                    log.exception("a sample of kind %s was not folded", type(item).__name__)
            self._view = view = View(cluster, incidents)
            for subscriber in self._subscribers:
                subscriber(view)

    def _next_batch(self) -> list[_Item]:
        batch = [self._queue.get()]
        while len(batch) < _BATCH:
            try:
                batch.append(self._queue.get_nowait())
            except queue.Empty:
                break
        return batch
