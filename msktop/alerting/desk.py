"""From incidents to people: who has seen what, what is silenced, and what each notifier is told, once.

The desk is a subscriber of the session: `__call__` only leaves the newest view for its thread, which finds
what began, grew worse and ended by the incidents' own log, so that nothing between two views is lost.
"""

from __future__ import annotations

import getpass
import logging
import secrets
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Protocol

from msktop.alerting.channel import Channel
from msktop.alerting.marks import Ack, Key, Marks, Silence, Told, key_of
from msktop.alerting.news import News
from msktop.alerting.senders import SendError, TerminalSender
from msktop.alerting.store import StateError, Store
from msktop.model.incidents import Incident, Incidents, Severity
from msktop.model.samples import Sample, SourceFailed, SourceWorks

if TYPE_CHECKING:
    from msktop.alerting.notifiers_file import Notifier
    from msktop.model.cluster import Cluster

log = logging.getLogger(__name__)

LOOK_S = 1.0
"""How often the file of acknowledgements and silences is looked at, and silences that have ended."""
SETTLE_S = 60.0
"""So long after the start an incident that was told before a restart has time to be found again."""


class View(Protocol):
    """What the session publishes."""

    @property
    def cluster(self) -> Cluster:
        """The state."""

    @property
    def incidents(self) -> Incidents:
        """What happened."""


class Desk:
    """Of one session that lives; a replay has none. For any thread."""

    def __init__(
        self,
        cluster: str,
        notifiers: Sequence[Notifier],
        emit: Callable[[Sample], None],
        *,
        screen: bool = False,
        store: Store | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.cluster = cluster
        self.store = store or Store()
        self._emit = emit
        self._now = now
        self._marks = Marks()
        self._view: View | None = None
        self._news = News()
        self._incidents: Incidents | None = None
        self._moved = threading.Event()
        self._ended = threading.Event()
        self.terminal = next((n.sender for n in notifiers if isinstance(n.sender, TerminalSender)), None)
        self._notifiers = [n for n in notifiers if screen or not isinstance(n.sender, TerminalSender)]
        self._channels: list[Channel] = []
        self._failing: set[str] = set()
        self._thread = threading.Thread(target=self._run, name="alerts", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._look_at_file()
        for notifier in self._notifiers:
            told = self._marks.told_by(notifier.name, self.cluster)
            channel = Channel(notifier, self, {} if isinstance(notifier.sender, TerminalSender) else told)
            channel.start()
            self._channels.append(channel)
        self._thread.start()

    def stop(self, within_s: float = 0.0) -> None:
        """Give what has happened to the notifiers, and let them tell it within so long."""
        self._ended.set()
        self._moved.set()
        until = time.monotonic() + within_s
        if within_s:
            self._thread.join(within_s)
        for channel in self._channels:
            channel.stop(max(0.0, until - time.monotonic()))

    def __call__(self, view: View) -> None:
        """A newer view; returns at once."""
        self._view = view
        if view.incidents is not self._incidents:
            self._moved.set()

    # -------------------------------------------------------------- for the screens

    @property
    def marks(self) -> Marks:
        """What is acknowledged and silenced, at most a second old."""
        return self._marks

    def word(self, incident: Incident) -> str:
        """`silenced until 14:00Z: volumes grow`, `acknowledged by ann`, or nothing."""
        if not incident.open:
            return ""
        now = self._now()
        silence = self._marks.silenced(self.cluster, incident, now)
        if silence is not None:
            why = f": {silence.reason}" if silence.reason else ""
            return f"silenced until {_moment(silence.until, now)}{why}"
        ack = self._marks.acknowledged(key_of(self.cluster, incident))
        return "" if ack is None else f"acknowledged by {ack.by}" if ack.by else "acknowledged"

    def silences(self) -> tuple[str, ...]:
        """All silences of this cluster in force: `disk* of b-1 until 14:00Z`."""
        now = self._now()
        return tuple(
            f"{s.what}{'' if s.subject == '*' else f' of {s.subject}'} until {_moment(s.until, now)}"
            for s in self._marks.silences
            if s.until > now and fnmatchcase(self.cluster, s.cluster)
        )

    def acknowledge(self, incident: Incident) -> str:
        """Somebody has seen it; or has not, if it was acknowledged.

        Returns what happened. Raises StateError.
        """
        key = key_of(self.cluster, incident)
        if self.store.marks().acknowledged(key) is not None:
            self._marks = self.store.change(lambda marks: marks.without_ack(key))
            return f"{incident.subject} {incident.called}: no longer acknowledged"
        ack = Ack(key, self._now(), user())
        self._marks = self.store.change(lambda marks: marks.with_ack(ack))
        return f"{incident.subject} {incident.called}: acknowledged"

    def silence(self, incident: Incident, seconds: float) -> str:
        """Nobody is told of this kind and subject for so long; 0 ends that. Raises StateError."""
        now = self._now()
        what = f"{incident.subject} {incident.called}"
        if not seconds:
            ids = [s.id for s in self.store.marks().silences if s.matches(self.cluster, incident)]
            self._marks = self.store.change(lambda marks: marks.without_silence(*ids))
            return f"{what}: no longer silenced" if ids else f"{what}: was not silenced"
        silence = Silence(
            id=secrets.token_hex(3),
            what=incident.called,
            subject=literal(incident.subject),
            cluster=literal(self.cluster),
            at=now,
            until=now + seconds,
            by=user(),
        )
        self._marks = self.store.change(lambda marks: marks.without_old(now).with_silence(silence))
        return f"{what}: silenced"

    def take_terminal(self) -> str:
        """What to write to the terminal now."""
        return self.terminal.take() if self.terminal is not None else ""

    # -------------------------------------------------------------- the thread

    def _run(self) -> None:
        began = time.monotonic()
        settled = False
        while not self._ended.is_set():
            self._moved.wait(LOOK_S)
            self._moved.clear()
            try:
                self._look_at_file()
                view = self._view
                if view is not None:
                    self._turns(view)
                    if not settled and time.monotonic() - began > SETTLE_S:
                        settled = True
                        self._forget_lost(view)
            except Exception:  # alerting must not end because of one view
                log.exception("alerts")
        if self._view is not None:
            self._turns(self._view)

    def _look_at_file(self) -> None:
        try:
            self._marks = self.store.marks()
        except StateError as error:
            log.warning("%s", error.title)

    def _change(self, change: Callable[[Marks], Marks]) -> None:
        try:
            self._marks = self.store.change(change)
        except StateError as error:
            self._marks = change(self._marks)  # as far as this session goes
            log.warning("%s", error.title)

    def _turns(self, view: View) -> None:
        """Give the channels what is new since the last look."""
        self._incidents = view.incidents
        alerts = self._news.of(view.incidents.log, self.hushed)
        self._drop_acks([key_of(self.cluster, a.incident) for a in alerts if not a.incident.open])
        for channel in self._channels:
            wants = channel.notifier.wants
            channel.offer([a for a in alerts if a.event == "close" or wants(self.cluster, a.incident)])

    def _drop_acks(self, over: Sequence[Key]) -> None:
        """An acknowledgement ends with its incident."""
        if any(self._marks.acknowledged(key) for key in over):
            self._change(lambda marks: marks.without_ack(*over))

    def _forget_lost(self, view: View) -> None:
        """What was told before a restart and was not found again has ended unseen."""
        there = {key_of(self.cluster, incident) for incident in view.incidents.open}
        for channel in self._channels:
            told = self._marks.told_by(channel.notifier.name, self.cluster)
            if lost := frozenset(told.keys() - there):
                channel.forget(lost)
                self.told(channel.notifier, {key: told[key] for key in told.keys() & there})

    # -------------------------------------------------------------- for the channels

    def now(self) -> float:
        """Unix seconds."""
        return self._now()

    def newest(self, incident: Incident) -> Incident:
        """The incident as it is now."""
        view = self._view
        found = view.incidents.get(incident.id) if view is not None else None
        return found or incident

    def hushed(self, incident: Incident) -> bool:
        """Whether it is silenced now."""
        return self._marks.silenced(self.cluster, incident, self._now()) is not None

    def acknowledged(self, key: Key) -> bool:
        """Whether somebody has seen it."""
        return self._marks.acknowledged(key) is not None

    def told(self, notifier: Notifier, told: Mapping[Key, Severity]) -> None:
        """Remember, also for after a restart, what was told and has not ended; but no bell."""
        if isinstance(notifier.sender, TerminalSender):
            return
        now = self._now()
        words = [Told(key, notifier.name, severity, now) for key, severity in told.items()]
        if self._marks.told_by(notifier.name, self.cluster) != dict(told):
            self._change(lambda marks: marks.with_told(notifier.name, self.cluster, words))

    def report(self, notifier: Notifier, error: SendError | None) -> None:
        """A notifier that fails is a source that fails: it is seen, and recorded."""
        at = self._view.cluster.at if self._view is not None else self._now()
        source = f"notifier {notifier.name}"
        if error is not None:
            self._failing.add(source)
            self._emit(
                SourceFailed(at=at, source=source, stage="send", reason=error.title, advice=error.advice)
            )
        elif source in self._failing:
            self._failing.discard(source)
            self._emit(SourceWorks(at=at, source=source))


def _moment(at: float, now: float) -> str:
    """Time of day in UTC, with the day where it is not within one.

    >>> _moment(1_763_908_322.0, 1_763_900_000.0), _moment(1_764_908_322.0, 1_763_900_000.0)
    ('14:32Z', '12-05 04:18Z')
    """
    return time.strftime("%H:%MZ" if at - now < 86_400 else "%m-%d %H:%MZ", time.gmtime(at))


def user() -> str:
    """Who is logged in here."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a user without a name
        return ""


def literal(text: str) -> str:
    """As a pattern that matches itself alone."""
    return "".join(f"[{c}]" if c in "*?[" else c for c in text)
