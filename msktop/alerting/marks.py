"""What people have seen and do not want to hear of, and what was told already: plain data, by time.

An acknowledgement is of one incident (kind and subject of a cluster) and ends with it. A silence is of
everything that its patterns match, until its end. Both are of this user on this machine, in one file.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from msktop.model.incidents import Incident, Severity

FORGOTTEN_AFTER_S = 7 * 86_400.0
"""An acknowledgement, or a word that was given, whose incident nobody has seen end."""

_GRAVITY: dict[Severity, int] = {"info": 0, "warn": 1, "crit": 2}


def graver(one: Severity, other: Severity) -> bool:
    """Whether one severity is above another.

    >>> graver("crit", "warn"), graver("warn", "warn")
    (True, False)
    """
    return _GRAVITY[one] > _GRAVITY[other]


@dataclass(frozen=True, slots=True)
class Key:
    """Which incident is meant, in whichever session: at one time there is one of a kind and subject."""

    cluster: str
    kind: str
    """Or the name of a person's own rule without a kind."""
    subject: str


@dataclass(frozen=True, slots=True)
class Ack:
    """Somebody has seen it."""

    key: Key
    at: float
    by: str = ""


@dataclass(frozen=True, slots=True)
class Silence:
    """Nobody is told of what matches, until then."""

    id: str
    what: str
    """Pattern of a rule's name or a kind: `disk*`, `*`."""
    subject: str
    cluster: str
    at: float
    until: float
    by: str = ""
    reason: str = ""

    def matches(self, cluster: str, incident: Incident) -> bool:
        """Whether it is about this incident, whatever the time.

        >>> from msktop.model.incidents import Kind
        >>> disk = Incident(1, Kind.DISK, "warn", "b-1", 1.0, 1.0, "", rule="disk_80")
        >>> Silence("1", "disk_*", "b-*", "*", 0.0, 9.0).matches("orders", disk)
        True
        """
        named = fnmatchcase(incident.kind.value, self.what) or fnmatchcase(incident.rule, self.what)
        return named and fnmatchcase(incident.subject, self.subject) and fnmatchcase(cluster, self.cluster)


@dataclass(frozen=True, slots=True)
class Told:
    """A notifier told this incident's beginning, and not its end yet."""

    key: Key
    notifier: str
    severity: Severity
    at: float


@dataclass(frozen=True, slots=True)
class Marks:
    """All of them."""

    acks: tuple[Ack, ...] = ()
    silences: tuple[Silence, ...] = ()
    told: tuple[Told, ...] = ()

    def acknowledged(self, key: Key) -> Ack | None:
        """The acknowledgement of an incident."""
        return next((ack for ack in self.acks if ack.key == key), None)

    def silenced(self, cluster: str, incident: Incident, now: float) -> Silence | None:
        """The silence that an incident falls under now, the longest."""
        found = [s for s in self.silences if s.until > now and s.matches(cluster, incident)]
        return max(found, key=lambda s: s.until, default=None)

    def told_by(self, notifier: str, cluster: str) -> dict[Key, Severity]:
        """What a notifier told of a cluster's incidents that have not ended since."""
        return {t.key: t.severity for t in self.told if t.notifier == notifier and t.key.cluster == cluster}

    # -------------------------------------------------------------- changes

    def with_ack(self, ack: Ack) -> Marks:
        """One more, in the place of an earlier one."""
        return replace(self, acks=(*(a for a in self.acks if a.key != ack.key), ack))

    def without_ack(self, *keys: Key) -> Marks:
        """The incidents are not acknowledged any more."""
        return replace(self, acks=tuple(a for a in self.acks if a.key not in keys))

    def with_silence(self, silence: Silence) -> Marks:
        """One more."""
        return replace(self, silences=(*self.silences, silence))

    def without_silence(self, *ids: str) -> Marks:
        """These are over."""
        return replace(self, silences=tuple(s for s in self.silences if s.id not in ids))

    def with_told(self, notifier: str, cluster: str, told: Iterable[Told]) -> Marks:
        """This is now what a notifier told of a cluster."""
        others = (t for t in self.told if t.notifier != notifier or t.key.cluster != cluster)
        return replace(self, told=(*others, *told))

    def without_old(self, now: float) -> Marks:
        """Without silences that have ended, and what was forgotten."""
        return Marks(
            tuple(a for a in self.acks if now - a.at < FORGOTTEN_AFTER_S),
            tuple(s for s in self.silences if s.until > now),
            tuple(t for t in self.told if now - t.at < FORGOTTEN_AFTER_S),
        )


def key_of(cluster: str, incident: Incident) -> Key:
    """The key of an incident."""
    return Key(cluster, incident.called, incident.subject)
