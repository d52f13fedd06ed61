"""Incidents as the lists show them: in words, and how long each turn of the recovery took."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from msktop.model.incidents import Incident, Incidents, Kind, Says
from msktop.model.writes import Outage
from msktop.ui.format import dur, foreign
from msktop.ui.recovery_track import BROKER_KINDS
from msktop.ui.theme import Severity

KIND_WORDS: dict[Kind, str] = {
    Kind.BROKER_UNREACHABLE: "unreachable",
    Kind.BROKER_HUNG: "hung",
    Kind.BROKER_PARTITIONED: "cut off from us",
    Kind.BROKER_FENCED: "fenced",
    Kind.BROKER_RESTARTED: "restarted",
    Kind.BROKER_REPLACED: "replaced",
    Kind.ZONE_DOWN: "zone down",
    Kind.CLUSTER_UNREACHABLE: "no broker answers",
    Kind.CONTROLLER_MOVED: "controller moved",
    Kind.METADATA_NODE_LOST: "metadata node lost",
    Kind.METADATA_LEADER_MOVED: "metadata leader moved",
    Kind.METADATA_QUORUM_LOST: "quorum lost",
    Kind.OFFLINE_PARTITIONS: "offline partitions",
    Kind.UNDER_REPLICATED: "under-replicated",
    Kind.UNDER_MIN_ISR: "under min ISR",
    Kind.LATENCY_HIGH: "latency high",
    Kind.REQUEST_RATE_RISE: "requests rise",
    Kind.LEADERS_MOVED: "leaders moved",
    Kind.LOST_CONNECTION: "connection lost",
    Kind.SOURCE_STALE: "data is old",
    Kind.CREDENTIALS_EXPIRED: "credentials expired",
    Kind.HOST_STARVED: "this machine stood still",
    Kind.HOST_OFFLINE: "this machine has no network",
    Kind.BROKER_ADDED: "broker added",
    Kind.CLUSTER_STATE: "cluster state",
    Kind.TOPIC_CREATED: "topic created",
    Kind.TOPIC_DELETED: "topic deleted",
    Kind.TOPIC_RESIZED: "topic resized",
    Kind.TOPIC_RECONFIGURED: "topic reconfigured",
    Kind.GROUP_STALLED: "group stalled",
    Kind.GROUP_STOPPED: "group stopped",
    Kind.GROUP_REWOUND: "group went back",
    Kind.GROUP_REBALANCED: "group rebalanced",
    Kind.GROUP_APPEARED: "group appeared",
    Kind.GROUP_VANISHED: "group gone",
    Kind.DISK: "disk",
    Kind.CPU: "CPU",
    Kind.CPU_CREDITS: "CPU credits",
    Kind.HEAP: "heap",
    Kind.CONNECTIONS: "connections",
    Kind.CONNECTION_RATE: "connection rate",
    Kind.PARTITION_COUNT: "partition count",
    Kind.REQUEST_HANDLERS_BUSY: "request handlers busy",
    Kind.NETWORK_PROCESSORS_BUSY: "network processors busy",
    Kind.THROTTLING: "throttling",
    Kind.NETWORK_ALLOWANCE: "network allowance",
    Kind.THROUGHPUT: "throughput",
    Kind.VOLUME_THROUGHPUT: "volume throughput",
    Kind.VOLUME_BURST: "volume burst balance",
    Kind.UNDER_REPLICATED_LONG: "under-replicated for long",
    Kind.CONTROLLER_COUNT: "controller count",
    Kind.GROUP_LAG: "group lag",
    Kind.SMALL_MESSAGES: "small messages",
    Kind.ZOOKEEPER_SESSION: "ZooKeeper session",
    Kind.RULE: "rule",
}
_SAYS: dict[Says, Severity] = {"gone": "crit", "alive": "ok", "neutral": "none"}
_STEPS: dict[str, Severity] = {"crit": "crit", "warn": "warn", "heal": "heal", "ok": "ok", "info": "none"}


@dataclass(frozen=True, slots=True)
class Turn:
    """One line of an incident's story: a turn that it took, or what somebody (`who`) saw."""

    at: float
    severity: Severity
    who: str
    text: str
    took_s: float


OUTAGES_TOLD = 12


def turns_of(incident: Incident, now: float = 0.0) -> list[Turn]:
    """Its turns, the evidence and what could not be written to, in order of time.

    >>> from msktop.model.incidents import Evidence
    >>> hung = Incident(1, Kind.BROKER_HUNG, "crit", "b-2", began=10.0, detected=12.1, detail="",
    ...                 evidence=(Evidence(12.1, "our probe", "hung at ApiVersions", "gone"),))
    >>> [(t.who, t.severity, round(t.took_s, 1)) for t in turns_of(hung)]
    [('our probe', 'crit', 2.1)]
    """
    seen = [Turn(e.at, _SAYS[e.says], e.observer, e.text, e.at - incident.began) for e in incident.evidence]
    steps = [
        Turn(s.at, _STEPS[s.severity], "", s.text, s.at - incident.began if s.took_s is None else s.took_s)
        for s in incident.steps
    ]
    return sorted((*seen, *steps, *_outages(incident, now)), key=lambda turn: turn.at)


def _outages(incident: Incident, now: float) -> list[Turn]:
    """What could not be written to, by zone and beginning; the longest of each zone and second."""

    def lasted_s(outage: Outage) -> float:
        return (now if outage.ended is None else outage.ended) - outage.began

    groups: dict[tuple[str, int], list[Outage]] = {}
    for outage in incident.outages:
        groups.setdefault((outage.zone, int(outage.began - incident.began + 1.0)), []).append(outage)
    turns = []
    for (zone, _), outages in groups.items():
        longest = max(outages, key=lasted_s)
        lasts = any(o.ended is None for o in outages)
        leaders = " ".join(f"b-{leader}" for leader in sorted({o.leader for o in outages}))
        text = (
            f"no write for {dur(lasted_s(longest)).strip()}{' so far' if lasts else ''}"
            f" to what {leaders} led{' in ' + foreign(zone, 24) if zone else ''}"
        )
        began = min(o.began for o in outages)
        took_s = max(0.0, began - incident.began)
        turns.append(Turn(began, "crit" if lasts else "heal", "write probe", text, took_s))
    return turns[-OUTAGES_TOLD:]


def kind_words(incident: Incident) -> str:
    """The kind; of a person's own rule its name.

    >>> kind_words(Incident(1, Kind.RULE, "warn", "b-2", 1.0, 2.0, "", rule="queue"))
    'queue'
    """
    return foreign(incident.rule, 60) if incident.kind is Kind.RULE else KIND_WORDS[incident.kind]


def loudness(incident: Incident) -> Severity:
    """How loud it is while it lasts: what an operation does on its way alarms nobody.

    >>> fell = Incident(1, Kind.BROKER_UNREACHABLE, "crit", "b-2", 1.0, 2.0, "", planned="REBOOT_NODE")
    >>> loudness(fell)
    'warn'
    """
    if incident.severity == "info":
        return "none"
    return "warn" if incident.planned else incident.severity


def quiet_falls(incidents: Incidents) -> frozenset[int]:
    """Brokers whose being away alarms nobody: an operation does it, or may be doing it.

    >>> fell = Incident(
    ...     1, Kind.BROKER_UNREACHABLE, "crit", "b-2", 1.0, 2.0, "", broker=2, planned="REBOOT_NODE")
    >>> quiet_falls(Incidents(log=(fell,), active=(1,)))
    frozenset({2})
    """
    falls = [i for i in incidents.open if i.broker is not None and i.kind in BROKER_KINDS]
    loud = {i.broker for i in falls if loudness(i) == "crit"}
    return frozenset(i.broker for i in falls if i.broker is not None and i.broker not in loud)


MARKS = (
    ("detected", "detect"),
    ("leaders_moved", "leaders"),
    ("answers", "down"),
    ("isr_full", "in sync"),
    ("leaders_back", "leaders back"),
)
"""Keys of `Incident.marks` with the word that heads their column, in the order of a recovery."""


@dataclass(frozen=True, slots=True)
class Recovery:
    """Seconds from an incident's beginning to each turn; None where it has not come, or never will."""

    detected: float | None
    leaders_moved: float | None
    answers: float | None
    isr_full: float | None
    leaders_back: float | None

    @property
    def steps(self) -> tuple[float | None, ...]:
        """In the order of MARKS."""
        return (self.detected, self.leaders_moved, self.answers, self.isr_full, self.leaders_back)


def recovery_of(incident: Incident) -> Recovery:
    """How long each turn took; of a flapping broker since its newest fall.

    >>> hung = Incident(1, Kind.BROKER_HUNG, "crit", "b-2", began=10.0, detected=12.1, detail="",
    ...                 marks={"leaders_moved": 18.1})
    >>> [None if s is None else round(s, 1) for s in recovery_of(hung).steps]
    [2.1, 8.1, None, None, None]
    """

    def after(mark: str) -> float | None:
        at = incident.marks.get(mark)
        return None if at is None else max(0.0, at - incident.fell)

    detected = max(0.0, incident.noticed - incident.fell)
    answers = after("answers")
    if answers is None and incident.broker is not None and incident.ended is not None:
        answers = incident.ended - incident.fell
    return Recovery(detected, after("leaders_moved"), answers, after("isr_full"), after("leaders_back"))


def of_broker(log: Iterable[Incident], broker: int) -> list[Incident]:
    """This broker's incidents, newest first."""
    return sorted((i for i in log if i.broker == broker), key=lambda i: (-i.began, -i.id))
