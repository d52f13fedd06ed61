"""Rules over figures: what is met for long enough opens an incident, what is left for long enough closes it.

Only new readings move anything, and times are the readings' own: a figure that nobody reads any more neither
begins nor ends an incident, and two readings too far apart are no unbroken run. A broker that is down is not
looked at; what was open about it stays so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import lru_cache

from msktop.model.alert_figures import Figure, figure
from msktop.model.alert_limits import limit_of
from msktop.model.alert_readings import Read, Reading, Subject, fresh
from msktop.model.alert_rule import Rule, Severity, meets
from msktop.model.alert_rules import DEFAULTS
from msktop.model.alert_subjects import subjects
from msktop.model.alert_words import describe
from msktop.model.broker import Broker
from msktop.model.cluster import Cluster
from msktop.model.incident_log import Log
from msktop.model.incidents import Kind, Watch
from msktop.model.trend import trend

AHEAD_SPAN = 1 / 24
"""A look ahead needs a past of this part of it, and of half an hour at least: retention fills and empties."""
LEAST_SPAN_S = 1800.0
LOOK_AHEAD_EVERY_S = 60.0

_JMX: frozenset[Read] = frozenset({"jmx"})
_NODE: frozenset[Read] = frozenset({"node"})
_DETAILS: frozenset[Read] = frozenset({"details"})
_ALL_PAGES: frozenset[Read] = _JMX | _NODE | _DETAILS
_METADATA: frozenset[Read] = frozenset({"metadata"})
_CLUSTER_WIDE: frozenset[Read] = _METADATA | {"cloudwatch"}
_NOTHING: frozenset[Read] = frozenset()

_WORST: Mapping[Severity, int] = {"crit": 0, "warn": 1, "info": 2}


def limits(log: Log, old: Cluster, new: Cluster) -> None:
    """Look at every rule whose figure may have changed."""
    rules = rules_of(new)
    if rules is not rules_of(old):
        _forget_rules(log, {rule.name for rule in rules})
    if len(new.brokers) < len(old.brokers):
        _forget_brokers(log, new)
    changed = _changed(old, new)
    if not changed.reads:
        return
    told: dict[tuple[str, str], Subject] = {}
    for rule, of in plan(rules):
        for subject in changed.subjects(rule, of):
            if _look(log, new, rule, of, subject):
                told[rule.group, subject.name] = subject
    for (group, _), subject in told.items():
        _tell(log, new, group, subject)


def rules_of(cluster: Cluster) -> tuple[Rule, ...]:
    """The rules in force."""
    return DEFAULTS if cluster.rules is None else cluster.rules


@lru_cache(maxsize=4)
def plan(rules: tuple[Rule, ...]) -> tuple[tuple[Rule, Figure], ...]:
    """The rules with their figures; one whose figure this version does not know says nothing."""
    return tuple((rule, found) for rule in rules if (found := figure(rule.figure)) is not None)


@dataclass(frozen=True, slots=True)
class _Changed:
    """What figures may have been read of anew: most steps are one page of one broker."""

    new: Cluster
    reads: frozenset[Read]
    brokers: Mapping[int, frozenset[Read]]
    """By broker with a new page or log dirs."""
    looks_ahead: frozenset[int]
    """Of these, those whose trend is looked at now: once a minute, for that is dear."""
    seldom: frozenset[Read]
    """What no trend is looked at for now."""

    def subjects(self, rule: Rule, of: Figure) -> Iterator[Subject]:
        """Whose figure of this rule may be another than before."""
        moved = of.reads & (self.reads - self.seldom if rule.ahead_s else self.reads)
        if not moved:
            return
        if of.of != "broker" or moved & _CLUSTER_WIDE:
            for subject in subjects(self.new, of.of):
                if not rule.subjects or _named(rule, subject.name):
                    yield subject
            return
        for number, reads in self.brokers.items():
            broker = self.new.brokers[number]
            if not reads & moved or broker.probe.word == "down":
                continue
            if (not rule.ahead_s or number in self.looks_ahead) and (
                not rule.subjects or _named(rule, broker.name)
            ):
                yield Subject(broker.name, broker)


def _named(rule: Rule, name: str) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in rule.subjects)


def _changed(old: Cluster, new: Cluster) -> _Changed:
    """What is new of one state against another."""
    found: set[Read] = set()
    if new.metrics is not old.metrics:
        found.add("cloudwatch")
    if new.metadata_at != old.metadata_at:
        found.add("metadata")
    brokers: dict[int, frozenset[Read]] = {}
    ahead: set[int] = set()
    if new.brokers is not old.brokers:
        for number, broker in new.brokers.items():
            before = old.brokers.get(number)
            if broker is before or not (reads := _reads(before, broker)):
                continue
            brokers[number] = reads
            found |= reads
            if before is None or _minute(before, reads) != _minute(broker, reads):
                ahead.add(number)
    same = (old.metrics_at or 0.0) // LOOK_AHEAD_EVERY_S == (new.metrics_at or 0.0) // LOOK_AHEAD_EVERY_S
    seldom = _CLUSTER_WIDE if same else _METADATA
    return _Changed(new, frozenset(found), brokers, frozenset(ahead), seldom)


def _reads(before: Broker | None, broker: Broker) -> frozenset[Read]:
    """Which of a broker's pages are new."""
    if before is None:
        return _ALL_PAGES
    if broker.jmx is not before.jmx:
        return _JMX
    if broker.node is not before.node:
        return _NODE
    return _DETAILS if broker.log_dirs_at != before.log_dirs_at else _NOTHING


def _minute(broker: Broker, reads: frozenset[Read]) -> float:
    at = broker.jmx.at if "jmx" in reads else broker.node.at if "node" in reads else broker.log_dirs_at
    return (at or 0.0) // LOOK_AHEAD_EVERY_S


def _look(log: Log, new: Cluster, rule: Rule, of: Figure, subject: Subject) -> bool:
    """Judge one rule about one subject; whether there is something to tell."""
    reading = fresh(new, of.read(new, subject))
    before = log.watch(rule.name, subject.name)
    if reading is None or (before is not None and reading.at <= before.last_at):
        return False
    after = _judged(new, rule, of, subject, reading, before)
    if after == before:
        return False
    log.keep(rule.name, subject.name, after)
    return after is None or before is None or _differs(before, after)


def _differs(before: Watch, after: Watch) -> bool:
    return before.firing != after.firing or (after.firing and before.detail != after.detail)


# ------------------------------------------------------------------ one rule, one subject, one reading


def _judged(
    new: Cluster, rule: Rule, of: Figure, subject: Subject, reading: Reading, before: Watch | None
) -> Watch | None:
    """What to remember after one more reading; `before` where it says nothing."""
    threshold = threshold_of(new, rule, subject)
    if threshold is None:
        return before
    left_s: float | None = None
    if rule.ahead_s:
        left_s = seconds_to(new, rule, of, subject, threshold)
        met = meets(rule.compare, reading.value, threshold) or (left_s is not None and left_s <= rule.ahead_s)
    else:
        met = meets(rule.compare, reading.value, threshold)
    if met:
        return _met(rule, reading, before, describe(new, rule, of, subject, reading, threshold, left_s))
    if before is None or not before.firing:
        return None
    return _left(new, rule, subject, reading, before, threshold)


def _met(rule: Rule, reading: Reading, before: Watch | None, detail: str) -> Watch:
    unbroken = before is not None and reading.at - before.last_at <= reading.good_for_s
    since = before.since if before is not None and (unbroken or before.firing) else reading.at
    firing = (before is not None and before.firing) or reading.at - since >= rule.for_s
    return Watch(last_at=reading.at, since=since, firing=firing, detail=detail)


def _left(
    new: Cluster, rule: Rule, subject: Subject, reading: Reading, before: Watch, threshold: float
) -> Watch | None:
    """Not met by this reading: over once that has held for long enough, well on the other side."""
    clear = threshold if rule.clear is None else _scaled(new, rule, subject, rule.clear)
    if clear is not None and clear != threshold and meets(rule.compare, reading.value, clear):
        return replace(before, last_at=reading.at, clear_since=None)  # in between: neither nor
    unbroken = before.clear_since is not None and reading.at - before.last_at <= reading.good_for_s
    since = before.clear_since if unbroken and before.clear_since is not None else reading.at
    if reading.at - since >= rule.clear_for_s:
        return None
    return replace(before, last_at=reading.at, clear_since=since)


def threshold_of(cluster: Cluster, rule: Rule, subject: Subject) -> float | None:
    """In the figure's unit; None where the limit that it is a part of is not known."""
    return _scaled(cluster, rule, subject, rule.threshold)


def _scaled(cluster: Cluster, rule: Rule, subject: Subject, number: float) -> float | None:
    if not rule.limit:
        return number
    limit = limit_of(rule.limit, cluster, subject.broker)
    return None if limit is None else limit * number / 100.0


def seconds_to(cluster: Cluster, rule: Rule, of: Figure, subject: Subject, threshold: float) -> float | None:
    """Seconds until the figure's trend reaches the threshold, estimated; None without a trend that does."""
    if of.history is None:
        return None
    least = max(LEAST_SPAN_S, rule.ahead_s * AHEAD_SPAN)
    found = trend(of.history(cluster, subject), cluster.at, least)
    return None if found is None else found.seconds_to(threshold)


# ------------------------------------------------------------------ the incident of one group and subject


def _tell(log: Log, new: Cluster, group: str, subject: Subject) -> None:
    """Open, change or close the incident that the rules of one group share."""
    firing = list(_firing(log, rules_of(new), group, subject.name))
    known = log.of_rules(group, subject.name)
    if not firing:
        if known is not None:
            log.close(known)
        return
    rule, watch = min(firing, key=lambda found: (_WORST[found[0].severity], found[0].ahead_s, found[1].since))
    if known is None:
        broker = subject.broker
        log.open(
            Kind(rule.kind),
            rule.severity,
            subject.name,
            watch.detail,
            began=watch.since,
            zone=broker.zone if broker is not None else None,
            broker=broker.id if broker is not None else None,
            by=f"rule {rule.name}",
            rule=rule.name,
            advice=rule.advice,
        )
        return
    if known.severity != rule.severity:
        word = rule.severity if _WORST[rule.severity] < _WORST[known.severity] else "heal"
        known = log.step(known, word, watch.detail)
    log.put(replace(known, severity=rule.severity, rule=rule.name, detail=watch.detail, advice=rule.advice))


def _firing(log: Log, rules: Iterable[Rule], group: str, subject: str) -> Iterator[tuple[Rule, Watch]]:
    for rule in rules:
        if rule.group == group:
            watch = log.watch(rule.name, subject)
            if watch is not None and watch.firing:
                yield rule, watch


def _forget_rules(log: Log, names: set[str]) -> None:
    """Rules that are no longer in force have nothing to say."""
    for name, subject in [key for key in log.watches() if key[0] not in names]:
        log.keep(name, subject, None)
    for incident in list(log.unsettled()):
        if incident.rule and incident.rule not in names:
            log.close(log.step(incident, "info", f"rule {incident.rule} is no longer in force"))


def _forget_brokers(log: Log, new: Cluster) -> None:
    """What was remembered of brokers that have left; their incidents are closed with them."""
    names = {broker.name for broker in new.brokers.values()}
    by_name = {rule.name: of for rule, of in plan(rules_of(new))}
    for name, subject in list(log.watches()):
        of = by_name.get(name)
        if of is not None and of.of == "broker" and subject not in names:
            log.keep(name, subject, None)
