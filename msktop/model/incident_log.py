"""The working copy of the incidents during one step of `detect`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Literal

from msktop.model.incidents import Evidence, Fall, Incident, Incidents, Kind, Says, Severity, Step, Watch

KEPT = 500
EVIDENCE_KEPT = 40

_OBSERVERS: Mapping[Kind, str] = {
    Kind.BROKER_FENCED: "Metadata",
    Kind.ZONE_DOWN: "our probe",
    Kind.CLUSTER_UNREACHABLE: "our probe",
    Kind.CONTROLLER_MOVED: "quorum",
    Kind.METADATA_NODE_LOST: "quorum",
    Kind.METADATA_LEADER_MOVED: "ZooKeeper",
    Kind.METADATA_QUORUM_LOST: "quorum",
    Kind.OFFLINE_PARTITIONS: "Metadata",
    Kind.UNDER_REPLICATED: "Metadata",
    Kind.UNDER_MIN_ISR: "exporter pages",
    Kind.LEADERS_MOVED: "Metadata",
    Kind.LOST_CONNECTION: "our probe",
    Kind.LATENCY_HIGH: "our probe",
    Kind.SOURCE_STALE: "msktop",
    Kind.CREDENTIALS_EXPIRED: "AWS",
    Kind.HOST_STARVED: "this machine",
    Kind.HOST_OFFLINE: "this machine",
    Kind.BROKER_ADDED: "Metadata",
    Kind.CLUSTER_STATE: "control plane",
    Kind.TOPIC_CREATED: "Metadata",
    Kind.TOPIC_DELETED: "Metadata",
    Kind.TOPIC_RESIZED: "Metadata",
    Kind.TOPIC_RECONFIGURED: "topic settings",
}
"""Whose word a kind is, where nothing else is said."""

StepWord = Literal["crit", "warn", "heal", "ok", "info"]


class Log:
    """Opens, changes and closes incidents; `result` is the same object when nothing happened."""

    def __init__(self, incidents: Incidents, at: float) -> None:
        self.at = at
        self._before = incidents
        self._log: Sequence[Incident] = incidents.log
        self._next = incidents.next_id
        self._active = incidents.active
        self._pending = dict(incidents.pending)
        self._watches = incidents.watches
        self._touched = False

    def result(self) -> Incidents:
        """What to publish."""
        same = self._watches is self._before.watches and self._pending == self._before.pending
        if same and not self._touched:
            return self._before
        return Incidents(
            log=tuple(self._log[-KEPT:]),
            next_id=self._next,
            active=self._active,
            pending=self._pending,
            watches=self._watches,
        )

    # -------------------------------------------------------------- reading

    def _get(self, number: int) -> Incident | None:
        index = number - self._log[0].id if self._log else -1
        return self._log[index] if 0 <= index < len(self._log) else None

    def unsettled(self) -> Iterator[Incident]:
        """Those that last or still recover."""
        for number in self._active:
            incident = self._get(number)
            if incident is not None:
                yield incident

    @property
    def next_id(self) -> int:
        """The id of the next incident."""
        return self._next

    def since(self, first: int) -> list[Incident]:
        """Those with this id and later ones."""
        return list(self._log[max(0, first - self._log[0].id) :]) if self._log else []

    def unsettled_or_since(self, first: int) -> list[Incident]:
        """Those that last or recover, and those with this id or a later one."""
        return [*(i for i in self.unsettled() if i.id < first), *self.since(first)]

    def find(self, *kinds: Kind, subject: str | None = None) -> Incident | None:
        """The newest unsettled incident of one of these kinds (and this subject) that no rule opened."""
        if not self._active:
            return None
        found = None
        for incident in self.unsettled():
            if incident.kind in kinds and subject in (None, incident.subject) and not incident.rule:
                found = incident
        return found

    def of_rules(self, group: str, subject: str) -> Incident | None:
        """The unsettled incident of this group of rules about a subject."""
        for incident in self.unsettled():
            if incident.rule and incident.called == group and incident.subject == subject:
                return incident
        return None

    def recent(self, kind: Kind, subject: str, within_s: float) -> Incident | None:
        """The newest incident of this kind and subject that began lately, settled or not."""
        for incident in reversed(self._log):  # in order of detection: some began long before that
            if self.at - incident.detected > within_s:
                return None
            if incident.kind is kind and incident.subject == subject and self.at - incident.began <= within_s:
                return incident
        return None

    # -------------------------------------------------------------- writing

    def open(
        self,
        kind: Kind,
        severity: Severity,
        subject: str,
        detail: str,
        *,
        began: float | None = None,
        zone: str | None = None,
        broker: int | None = None,
        parent: int | None = None,
        by: str = "",
        rule: str = "",
        advice: str = "",
    ) -> Incident:
        """Something began; it lasts until `close`. `by` is the observer whose word that is."""
        incident = Incident(
            id=self._next,
            kind=kind,
            severity=severity,
            subject=subject,
            began=self.at if began is None else min(began, self.at),
            detected=self.at,
            detail=detail,
            zone=zone,
            broker=broker,
            parent=parent,
            marks={"detected": self.at},
            evidence=(Evidence(self.at, by or _OBSERVERS.get(kind, ""), detail),)
            if by or kind in _OBSERVERS
            else (),
            rule=rule,
            advice=advice,
        )
        self._next += 1
        self._own().append(incident)
        self._active = (*self._active, incident.id)
        return incident

    def _own(self) -> list[Incident]:
        """The log as a list of our own: most steps change nothing and need no copy."""
        if not isinstance(self._log, list):
            self._log = list(self._log)
        self._touched = True
        return self._log

    def moment(
        self,
        kind: Kind,
        severity: Severity,
        subject: str,
        detail: str,
        *,
        broker: int | None = None,
        by: str = "",
    ) -> Incident:
        """Something happened and is over."""
        incident = self.open(kind, severity, subject, detail, broker=broker, by=by)
        return self.put(replace(incident, ended=self.at, settled=True))

    def put(self, incident: Incident) -> Incident:
        """Keep a changed incident under its id."""
        index = incident.id - self._log[0].id
        self._own()[index] = incident
        if incident.settled:
            self._active = tuple(number for number in self._active if number != incident.id)
        return incident

    def close(self, incident: Incident) -> Incident:
        """It ended now, and nothing more is to come."""
        return self.put(replace(incident, ended=self.at, settled=True))

    def step(
        self,
        incident: Incident,
        word: StepWord,
        text: str,
        mark: str | None = None,
        came: float | None = None,
    ) -> Incident:
        """One more turn of it, with the time since it began, and a recovery mark if it is one.

        `came`: when it came about, where that is not now.
        """
        came = self.at if came is None else came
        turn = Step(at=came, severity=word, text=text, took_s=came - incident.began)
        marks: Mapping[str, float] = incident.marks if mark is None else {**incident.marks, mark: came}
        return self.put(replace(incident, steps=(*incident.steps, turn), marks=marks))

    def witness(self, incident: Incident, observer: str, text: str, says: Says = "neutral") -> Incident:
        """What an observer says of it; kept where that is not what it said last."""
        last = next((e for e in reversed(incident.evidence) if e.observer == observer), None)
        if last is not None and (last.text, last.says) == (text, says):
            return incident
        seen = (*incident.evidence, Evidence(self.at, observer, text, says))
        if len(seen) > EVIDENCE_KEPT:  # the first words and the newest tell most
            seen = (*seen[: EVIDENCE_KEPT // 4], *seen[-EVIDENCE_KEPT * 3 // 4 :])
        return self.put(replace(incident, evidence=seen))

    def again(self, incident: Incident, detail: str, began: float) -> Incident:
        """What had ended has come back: the same incident, which counts."""
        falls = incident.falls or (Fall(incident.began, incident.detected, incident.ended),)
        falls = (*falls, Fall(began, self.at))
        if incident.id not in self._active:
            self._active = tuple(sorted((*self._active, incident.id)))
        text = f"down again: time {len(falls)} in {self.at - incident.began:.0f} s"
        incident = replace(incident, ended=None, settled=False, detail=detail, falls=falls)
        return self.step(incident, "crit", text)

    # -------------------------------------------------------------- holding

    def watch(self, rule: str, subject: str) -> Watch | None:
        """What is remembered of a rule about a subject."""
        return self._watches.get((rule, subject))

    def watches(self) -> Mapping[tuple[str, str], Watch]:
        """All that is remembered of rules."""
        return self._watches

    def keep(self, rule: str, subject: str, watch: Watch | None) -> None:
        """Remember this of a rule about a subject; None: nothing."""
        key = (rule, subject)
        if watch is None and key not in self._watches:
            return
        if self._watches is self._before.watches:
            self._watches = dict(self._watches)
        assert isinstance(self._watches, dict)
        if watch is None:
            del self._watches[key]
        else:
            self._watches[key] = watch

    def held(self, condition: str, holds: bool, for_s: float) -> float | None:
        """Since when the condition holds, once it has held for long enough; else None."""
        if not holds:
            self._pending.pop(condition, None)
            return None
        since = self._pending.setdefault(condition, self.at)
        return since if self.at - since >= for_s else None

    def pend(self, condition: str) -> float:
        """Remember that this waits to be judged: since when it does."""
        return self._pending.setdefault(condition, self.at)

    def drop(self, condition: str) -> None:
        """It waits no longer."""
        self._pending.pop(condition, None)

    def waits(self, condition: str) -> float | None:
        """Since when it waits to be judged; None where it does not."""
        return self._pending.get(condition)

    def waiting(self, prefix: str) -> list[str]:
        """All that wait whose names begin so."""
        return [name for name in self._pending if name.startswith(prefix)]

    def follow(
        self,
        holds: bool,
        kind: Kind,
        severity: Severity,
        subject: str,
        detail: str,
        *,
        for_s: float = 0.0,
        parent: int | None = None,
        broker: int | None = None,
        zone: str | None = None,
        by: str = "",
    ) -> Incident | None:
        """An incident that lasts just as long as its condition does."""
        if not (holds or self._active or self._pending):
            return None
        known = self.find(kind, subject=subject)
        since = self.held(f"{kind}/{subject}", holds, for_s)
        if known is None and since is not None:
            return self.open(
                kind, severity, subject, detail, began=since, parent=parent, broker=broker, zone=zone, by=by
            )
        if known is not None and not holds:
            return self.close(known)
        if known is not None and known.detail != detail:
            known = self.put(replace(known, detail=detail))
            return self.witness(known, by or _OBSERVERS.get(kind, "msktop"), detail)
        return known
