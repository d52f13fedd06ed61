"""What notifiers are given: a document of version 1 (docs/alerts.md), and the same in a line."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from msktop.model.incidents import Incident
from msktop.model.text import plain

Event = Literal["open", "worse", "close", "moment", "test"]
"""It began; grew more severe; ended; happened and was over at once; nothing happened, this is a test."""
MOST_ALERTS = 50
"""In one message; how many were left out it says."""
Json = dict[str, Any]

_RANK: dict[Event, int] = {"worse": 0, "open": 1, "moment": 2, "close": 3, "test": 4}
_WORDS: dict[Event, str] = {"open": "", "worse": "worse: ", "close": "over: ", "moment": "", "test": "test: "}


@dataclass(frozen=True, slots=True)
class Alert:
    """One turn of one incident that is worth telling."""

    event: Event
    incident: Incident


@dataclass(frozen=True, slots=True)
class Message:
    """What one notifier is told at once."""

    cluster: str
    at: float
    alerts: tuple[Alert, ...]
    left_out: int = 0

    @property
    def severity(self) -> str:
        """The gravest of what has not ended; of ends alone, the gravest of these."""
        lasting = [a for a in self.alerts if a.event != "close"] or list(self.alerts)
        words = {a.incident.severity for a in lasting}
        return "crit" if "crit" in words else "warn" if "warn" in words else "info"

    @property
    def subject(self) -> str:
        """One line, short."""
        head = min(self.alerts, key=lambda a: (_RANK[a.event], a.incident.severity != "crit"), default=None)
        if head is None:
            return f"msktop {plain(self.cluster, 60)}"
        more = len(self.alerts) + self.left_out - 1
        rest = f" and {more} more" if more else ""
        return f"{plain(self.cluster, 60)}: {line(head)}{rest}"

    @property
    def text(self) -> str:
        """A line each."""
        lines = [f"{a.incident.severity.upper():<4} {line(a)}" for a in self.alerts]
        if self.left_out:
            lines.append(f"and {self.left_out} more")
        return "\n".join(lines)


def line(alert: Alert) -> str:
    """One turn in one line.

    >>> from msktop.model.incidents import Kind
    >>> disk = Incident(1, Kind.DISK, "warn", "b-1", 10.0, 10.0, "disk used 81 %", ended=70.0)
    >>> line(Alert("close", disk))
    'over: b-1 disk · disk used 81 % · after 60 s'
    """
    i = alert.incident
    parts = [f"{_WORDS[alert.event]}{plain(i.subject, 80)} {i.called}", plain(i.detail, 300)]
    if alert.event == "close" and i.lasted_s is not None:
        parts.append(f"after {i.lasted_s:.0f} s")
    if i.planned:
        parts.append(f"planned: {plain(i.planned, 80)}")
    return " · ".join(part for part in parts if part)


def document(message: Message) -> Json:
    """The message as JSON's values; times in Unix seconds."""
    return {
        "version": 1,
        "source": "msktop",
        "cluster": plain(message.cluster),
        "at": message.at,
        "severity": message.severity,
        "text": f"{message.subject}\n{message.text}" if len(message.alerts) > 1 else message.subject,
        "alerts": [_alert(alert) for alert in message.alerts],
        "left_out": message.left_out,
    }


def encoded(message: Message) -> bytes:
    """The document as bytes, ASCII only."""
    return json.dumps(document(message), separators=(",", ":"), allow_nan=False).encode()


def _alert(alert: Alert) -> Json:
    i = alert.incident
    return {
        "event": alert.event,
        "id": i.id,
        "kind": i.kind.value,
        "severity": i.severity,
        "subject": plain(i.subject),
        "zone": plain(i.zone) if i.zone else None,
        "broker": i.broker,
        "began": i.began,
        "ended": i.ended,
        "detail": plain(i.detail),
        "planned": plain(i.planned) if i.planned else None,
        "rule": i.rule or None,
        "advice": plain(i.advice) or None,
    }


def grouped(cluster: str, at: float, alerts: Sequence[Alert], left_out: int = 0) -> Message:
    """One message of all of them, at most so many; the gravest come first where some are left out."""
    kept = list(alerts)
    if len(kept) > MOST_ALERTS:
        kept.sort(key=lambda a: (a.incident.severity != "crit", _RANK[a.event]))
        left_out += len(kept) - MOST_ALERTS
        kept = kept[:MOST_ALERTS]
    return Message(cluster, at, tuple(kept), left_out)
