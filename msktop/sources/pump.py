"""Runs one source, in a daemon thread or in a process of its own; its failure is a sample too."""

from __future__ import annotations

import contextlib
import logging
import pickle
import queue
import struct
import threading
from collections.abc import Callable, Iterator
from typing import IO, Protocol

from msktop.model.samples import Sample, SourceFailed
from msktop.recording.codec import CodecError, decode
from msktop.sources.spare import Child, spawn

log = logging.getLogger(__name__)

RETRY_S = (0.5, 1.0, 2.0, 5.0)
"""Waits before the first and later retries; the last one stays."""

Emit = Callable[[Sample], None]


class Stop(Protocol):
    """Asks a source to end: `threading.Event` is one."""

    def is_set(self) -> bool:
        """Whether the source is to end."""

    def wait(self, timeout: float | None = None) -> bool:
        """Wait up to `timeout` seconds; True as soon as the source is to end."""


class Clock(Protocol):
    """Where stamps come from."""

    def now(self) -> float:
        """Unix seconds."""


class Source(Protocol):
    """One way to watch. `samples` may block, but ends within half a second of `stop`."""

    @property
    def name(self) -> str:
        """One word, as in SourceFailed.source."""

    def samples(self, stop: Stop) -> Iterator[Sample]:
        """What is seen, until `stop`; may raise anything."""


class SourceError(Exception):
    """A source cannot do its work: at which stage, why, and what a person can do."""

    def __init__(self, stage: str, reason: str, advice: str = "") -> None:
        super().__init__(reason)
        self.stage = stage
        self.reason = reason
        self.advice = advice


def run(source: Source, emit: Emit, stop: Stop, clock: Clock) -> None:
    """Emit what the source sees until it ends or `stop`; report and retry when it raises."""
    tries = 0
    while not stop.is_set():
        try:
            for sample in source.samples(stop):
                emit(sample)
                tries = 0
            return
        except Exception as error:  # noqa: BLE001 - the one place where any failure becomes a sample
            emit(_failed(source.name, error, clock.now()))
        stop.wait(RETRY_S[min(tries, len(RETRY_S) - 1)])
        tries += 1


def _failed(name: str, error: Exception, at: float) -> SourceFailed:
    if isinstance(error, SourceError):
        return SourceFailed(at=at, source=name, stage=error.stage, reason=error.reason, advice=error.advice)
    log.warning("source %s failed", name, exc_info=error)
    return SourceFailed(at=at, source=name, stage="run", reason=f"{type(error).__name__}: {error}")


class ThreadPump:
    """Runs a source in a daemon thread of this process."""

    def __init__(self, source: Source, emit: Emit, clock: Clock) -> None:
        self.name = source.name
        self._stop = threading.Event()
        self._thread = threading.Thread(
            target=run, args=(source, emit, self._stop, clock), name=f"source {source.name}", daemon=True
        )

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Ask to end; never waits."""
        self._stop.set()


class ProcessPump:
    """Runs a picklable source in a Python process of its own, away from this one's interpreter lock.

    The source goes to the child by its standard input, samples come back framed by its standard output.
    The child ends when its standard input does, so it never outlives this process. A child that ends by
    itself is reported and started again. `spare` is a child that waits already.
    """

    def __init__(self, source: Source, emit: Emit, clock: Clock, spare: Child | None = None) -> None:
        self.name = source.name
        self._source = source
        self._emit = emit
        self._clock = clock
        self._stop = threading.Event()
        self._spare = spare
        self._child: Child | None = None
        self._told: object = None
        self._messages: queue.SimpleQueue[object] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name=f"process of {source.name}", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Ask to end; never waits."""
        self._stop.set()
        child = self._child
        if child is not None:
            child.terminate()

    @property
    def pid(self) -> int | None:
        """The process that runs the source now."""
        return None if self._child is None else self._child.pid

    def tell(self, message: object) -> None:
        """Give the source (its `hear`) something to know, also after its process was started again.

        Only the newest message counts; it never waits, whatever the process does.
        """
        self._told = message
        self._messages.put(message)

    def _run(self) -> None:
        tries = 0
        while not self._stop.is_set():
            if self._one_life():
                tries = 0
            if self._stop.is_set():
                return
            code = self._child.returncode if self._child is not None else None
            self._emit(
                SourceFailed(
                    at=self._clock.now(),
                    source=self.name,
                    stage="process",
                    reason=f"its process ended (exit code {code}); it is started again",
                )
            )
            self._stop.wait(RETRY_S[min(tries, len(RETRY_S) - 1)])
            tries += 1

    def _one_life(self) -> bool:
        """Start the child, emit what it sends until it ends, and bury it; True when it sent anything."""
        self._child = child = self._spare or spawn(type(self._source).__module__)
        self._spare = None
        assert child.stdin is not None
        assert child.stdout is not None
        assert child.stderr is not None
        threading.Thread(target=self._log, args=(child.stderr,), daemon=True).start()
        if self._stop.is_set():  # `stop` came while there was no child to end
            child.terminate()
        messages: queue.SimpleQueue[object] = queue.SimpleQueue()
        self._messages = messages
        messages.put((self._source, self._clock))
        if self._told is not None:
            messages.put(self._told)
        threading.Thread(target=_write, args=(child.stdin, messages), daemon=True).start()
        spoke = False
        try:
            while (frame := read_frame(child.stdout)) is not None:
                spoke = True
                for sample in decode(frame):
                    self._emit(sample)
        except (OSError, CodecError) as error:
            log.warning("pipe of source %s: %s", self.name, error)
        finally:
            child.stdout.close()
            messages.put(None)  # it ends with its standard input
            child.wait()
        return spoke

    def _log(self, complaints: IO[bytes]) -> None:
        """Keep what the child says for this process's log, until it ends."""
        with complaints:
            for line in complaints:
                log.warning("process of %s: %s", self.name, line.decode("utf-8", "replace").rstrip())


def _write(pipe: IO[bytes], messages: queue.SimpleQueue[object]) -> None:
    """Send messages to a child until there is None, or no child."""
    with contextlib.suppress(OSError), pipe:
        while (message := messages.get()) is not None:
            pipe.write(pickle.dumps(message))
            pipe.flush()


_LENGTH = struct.Struct(">I")


def write_frame(out: IO[bytes], data: bytes) -> None:
    """One length-prefixed frame, flushed."""
    out.write(_LENGTH.pack(len(data)) + data)
    out.flush()


def read_frame(stream: IO[bytes]) -> bytes | None:
    """The next frame; None at the end, also in the middle of a frame."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (size,) = _LENGTH.unpack(head)
    data = stream.read(size)
    return data if len(data) == size else None
