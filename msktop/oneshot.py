"""The headless commands: one look, events, recording, a recording as text."""

from __future__ import annotations

import json
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Literal, TextIO

from msktop import compose
from msktop.alerting.choice import Alerting
from msktop.headless.documents import status_document
from msktop.headless.health import EXIT_CODES, health
from msktop.headless.lines import EventLines
from msktop.headless.text import status_text
from msktop.model.alert_rule import Rule
from msktop.model.cluster import Cluster
from msktop.model.text import plain
from msktop.session import Session, View
from msktop.settings import Target

_POLL_S = 0.05
_FIRST_ANSWER_S = 10.0
"""How long one look waits for a first answer of any broker before it says that there is none."""
_REFUSED_S = 3.0
"""How long where every address has failed in its own way: a broker that just starts gets a second try."""
_LAST_WORDS_S = 3.0
"""How long notifiers have at the end for what they have not told yet."""
_LOOK_SCRAPE_S = 2.0
"""One look at a local cluster reads its exporters twice, to have rates."""


def status(
    target: Target, span_s: float, as_json: bool, out: TextIO, alerting: Alerting | None = None
) -> int:
    """Look for `span_s` seconds from the first answer on; print; return the exit code."""
    view = look(target, span_s, alerting)
    if as_json:
        json.dump(status_document(view), out, indent=2)
        out.write("\n")
    else:
        out.write(status_text(view))
    return EXIT_CODES[health(view)]


def look(target: Target, span_s: float, alerting: Alerting | None = None) -> View:
    """What is seen of a cluster within `span_s` seconds from the first answer on."""
    if target.ours:
        target = replace(target, scrape_period_s=_LOOK_SCRAPE_S)
    with _ending() as stop, _watching(target, alerting) as session:
        _wait(stop, max(span_s, _REFUSED_S), lambda: _answered(session.view))
        if not _refused(session.view):
            _wait(stop, _FIRST_ANSWER_S - _REFUSED_S, lambda: _answered(session.view))
        _wait(stop, span_s, lambda: False)
        return session.view


def _answered(view: View) -> bool:
    words = {b.probe.word for b in view.cluster.brokers.values()}
    return view.cluster.connected and bool(words) and "unknown" not in words


def _refused(view: View) -> bool:
    metadata = view.cluster.sources.get("metadata")
    return not view.cluster.connected and metadata is not None and metadata.failed_at is not None


def events(
    target: Target,
    span_s: float | None,
    as_json: bool,
    out: TextIO,
    err: TextIO,
    alerting: Alerting | None = None,
) -> None:
    """Print incidents as they begin and end, for a time or until interrupted.

    One line on `err` says from when on every broker is watched: what fell before that was not seen falling.
    """
    lines = EventLines(out, as_json)
    session = Session(target.name)
    session.subscribe(lines)
    begun = time.monotonic()
    with _ending() as stop, _watching(target, alerting, session, notify="people"):
        _wait(stop, span_s, lambda: lines.broken or _answered(session.view))
        if _answered(session.view):
            err.write(f"{watched(session.view.cluster)}\n")
            err.flush()
        left_s = None if span_s is None else begun + span_s - time.monotonic()
        _wait(stop, left_s, lambda: lines.broken)


def watched(cluster: Cluster) -> str:
    """What is watched, and how much of it answers.

    >>> watched(Cluster(name="demo"))
    'watching demo: 0 of 0 brokers answer'
    """
    up = sum(b.probe.word == "up" for b in cluster.brokers.values())
    name = plain(cluster.name or "the cluster")
    return f"watching {name}: {up} of {len(cluster.brokers)} brokers answer"


def record(
    target: Target, path: Path, span_s: float | None, out: TextIO, alerting: Alerting | None = None
) -> None:
    """Record for a time or until interrupted, and say what was written. Raises RecordingError."""
    with _ending() as stop, _watching(target, alerting, notify="people") as session:
        recorder = session.record(path)
        out.write(f"recording to {path}\n")
        out.flush()
        _wait(stop, span_s, lambda: recorder.error is not None)
        session.stop_recording(timeout_s=5.0)
    if recorder.error is not None:
        raise recorder.error
    out.write(f"{recorder.bytes} bytes in {path}\n")


def replay(path: Path, out: TextIO, rules: tuple[Rule, ...] | None = None) -> None:
    """Fold a whole recording and print what was true at its end. Raises RecordingError."""
    view, note = compose.refold(path, rules)
    out.write(status_text(view))
    if note:
        out.write(note + "\n")


# ------------------------------------------------------------------ waiting


@contextmanager
def _watching(
    target: Target,
    alerting: Alerting | None = None,
    session: Session | None = None,
    notify: Literal["nobody", "people"] = "nobody",
) -> Iterator[Session]:
    session = compose.live(target, session=session, alerting=alerting, notify=notify)
    try:
        yield session
    finally:
        if session.desk is not None:
            session.desk.stop(_LAST_WORDS_S)
        session.stop()


@contextmanager
def _ending() -> Iterator[threading.Event]:
    """An event that is set by Ctrl-C, SIGTERM and SIGHUP, so that what is open gets closed."""
    stop = threading.Event()
    before = {}
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        with suppress(ValueError):  # not in the main thread: the caller has its own way to end
            before[number] = signal.signal(number, lambda *_: stop.set())
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _wait(stop: threading.Event, span_s: float | None, done: Callable[[], bool]) -> None:
    until = None if span_s is None else time.monotonic() + span_s
    while not done() and not stop.is_set():
        left = _POLL_S if until is None else min(_POLL_S, until - time.monotonic())
        if left <= 0 or stop.wait(left):
            return
