"""One notifier at work: groups what it is given, keeps to its rate, tries again, in a thread of its own."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from msktop.alerting.marks import Key, graver, key_of
from msktop.alerting.message import MOST_ALERTS, Alert, Message, grouped
from msktop.alerting.senders import SendError
from msktop.model.incidents import Incident, Severity

if TYPE_CHECKING:
    from msktop.alerting.notifiers_file import Notifier

log = logging.getLogger(__name__)

MOST_WAITING = 4 * MOST_ALERTS
"""Alerts that wait for a notifier that cannot be reached or told yet; of more the oldest are only counted."""
TRIES = 4
BACK_OFF_S = 1.0
AGAIN_AFTER_S = 60.0
"""What could not be told for a passing reason is told again after so long, with what came meanwhile."""


class Outlook(Protocol):
    """What a channel asks just before it tells."""

    cluster: str

    def newest(self, incident: Incident) -> Incident:
        """The incident as it is now."""

    def hushed(self, incident: Incident) -> bool:
        """Whether it is silenced now."""

    def acknowledged(self, key: Key) -> bool:
        """Whether somebody has seen it."""

    def told(self, notifier: Notifier, told: Mapping[Key, Severity]) -> None:
        """Remember what has been told and not ended."""

    def report(self, notifier: Notifier, error: SendError | None) -> None:
        """A message arrived, or did not."""

    def now(self) -> float:
        """Unix seconds."""


class Channel:
    """`offer` returns at once; everything else happens in the channel's thread."""

    def __init__(self, notifier: Notifier, outlook: Outlook, told: Mapping[Key, Severity]) -> None:
        self.notifier = notifier
        self._outlook = outlook
        self._told = dict(told)
        self._waiting: list[Alert] = []
        self._left_out = 0
        self._due: float | None = None
        self._sent: deque[float] = deque(maxlen=notifier.at_most)
        self._moved = threading.Condition()
        self._ending = False
        self._busy = False
        self._thread = threading.Thread(target=self._run, name=f"notify {notifier.name}", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def offer(self, alerts: Sequence[Alert]) -> None:
        """Tell these soon, together with what else comes soon."""
        with self._moved:
            if self._ending or not alerts:
                return
            if not self._waiting:
                self._due = time.monotonic() + self.notifier.group_s
            self._waiting += alerts
            self._trim()
            self._moved.notify_all()

    def stop(self, within_s: float) -> None:
        """Tell what still waits without waiting for more, as far as that is done within so long."""
        with self._moved:
            self._ending = True
            self._moved.notify_all()
            self._moved.wait_for(lambda: not self._waiting and not self._busy, within_s)

    def forget(self, keys: frozenset[Key]) -> None:
        """These incidents ended while nobody looked."""
        with self._moved:
            for key in keys & self._told.keys():
                del self._told[key]

    def _trim(self) -> None:
        over = len(self._waiting) - MOST_WAITING
        if over > 0:
            del self._waiting[:over]
            self._left_out += over

    # -------------------------------------------------------------- the thread

    def _run(self) -> None:
        while (batch := self._next()) is not None:
            alerts, left_out = batch
            try:
                self._deliver(alerts, left_out)
            except Exception:  # a notifier that breaks must not end the others, nor the session
                log.exception("notifier %s", self.notifier.name)
            with self._moved:
                self._busy = False
                self._moved.notify_all()

    def _next(self) -> tuple[list[Alert], int] | None:
        """What is to be told, once it is time; None at the end."""
        with self._moved:
            while True:
                if not self._waiting and self._ending:
                    return None
                due_in = self._due_in()
                if due_in is not None and due_in <= 0:
                    break
                self._moved.wait(due_in)
            alerts, self._waiting = self._waiting, []
            left_out, self._left_out = self._left_out, 0
            self._busy = True
            return alerts, left_out

    def _due_in(self) -> float | None:
        """Seconds until what waits may go; None while nothing does."""
        if not self._waiting or self._due is None:
            return None
        if self._ending:
            return 0.0
        due = self._due
        if len(self._sent) == self.notifier.at_most:
            due = max(due, self._sent[0] + self.notifier.within_s)
        return due - time.monotonic()

    def _deliver(self, alerts: list[Alert], left_out: int) -> None:
        chosen, told = self._worth(alerts)
        if not chosen:
            self._left_out += left_out
            return
        message = grouped(self._outlook.cluster, self._outlook.now(), chosen, left_out)
        self._sent.append(time.monotonic())
        error = self._send(message)
        self._outlook.report(self.notifier, error)
        if error is None:
            with self._moved:
                self._told = told
            self._outlook.told(self.notifier, told)
        elif error.passing and not self._ending:
            with self._moved:
                self._waiting = [*alerts, *self._waiting]
                self._left_out += left_out
                self._due = time.monotonic() + AGAIN_AFTER_S
                self._trim()

    def _worth(self, alerts: Sequence[Alert]) -> tuple[list[Alert], dict[Key, Severity]]:
        """What of it is still worth telling, and what has been told then.

        A beginning is told once, also over a restart; an end only after its beginning.
        """
        chosen: list[Alert] = []
        told = dict(self._told)
        for alert in alerts:
            incident = self._outlook.newest(alert.incident)
            key = key_of(self._outlook.cluster, incident)
            known = told.get(key)
            if alert.event == "close":
                if told.pop(key, None) is not None:
                    chosen.append(replace(alert, incident=incident))
                continue
            if incident.parent is not None or self._outlook.hushed(incident):
                continue  # a consequence by now, or silenced
            if alert.event == "moment":
                chosen.append(alert)
                continue
            if known is not None and not graver(alert.incident.severity, known):
                continue
            if known is None and alert.event == "open" and self._outlook.acknowledged(key):
                continue
            told[key] = alert.incident.severity
            # As it was: it may have ended since, which is told below it.
            chosen.append(Alert("open" if known is None else "worse", alert.incident))
        return chosen, told

    def _send(self, message: Message) -> SendError | None:
        """Try a few times where that may help; the last error."""
        for attempt in range(1, TRIES + 1):
            try:
                self.notifier.sender.send(message)
            except SendError as error:
                log.warning("notifier %s: %s", self.notifier.name, error.title)
                if not error.passing or attempt == TRIES or self._ending:
                    return error
                with self._moved:  # not at the end
                    wait_s = max(error.wait_s, BACK_OFF_S * 2 ** (attempt - 1))
                    self._moved.wait_for(lambda: self._ending, wait_s)
            else:
                return None
        return None
