"""Rules over figures: what is met for long enough opens an incident, what is left for long enough closes it.

Only new readings move anything, and times are the readings' own: a figure that nobody reads any more neither
begins nor ends an incident, and two readings too far apart are no unbroken run. A broker that is down is not
looked at; what was open about it stays so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import lru_cache

from msktop.model.alert_figures import Figure, figure, subjects
from msktop.model.alert_limits import limit_of
from msktop.model.alert_readings import Read, Reading, Subject, fresh
from msktop.model.alert_rule import Rule, Severity, meets
from msktop.model.alert_rules import DEFAULTS
from msktop.model.alert_words import describe
from msktop.model.cluster import Cluster
from msktop.model.incident_log import Log
from msktop.model.incidents import Kind, Watch
from msktop.model.trend import trend

AHEAD_SPAN = 1 / 24
"""A look ahead needs a past of this part of it, and of half an hour at least: retention fills and empties."""
LEAST_SPAN_S = 1800.0

_WORST: Mapping[Severity, int] = {"crit": 0, "warn": 1, "info": 2}


def limits(log: Log, old: Cluster, new: Cluster) -> None:
    """Look at every rule whose figure may have changed."""
    rules = rules_of(new)
    if rules is not rules_of(old):
        _forget_rules(log, {rule.name for rule in rules})
    if len(new.brokers) < len(old.brokers):
        _forget_brokers(log, new)
    if changed := _changed(old, new):
        told: dict[tuple[Kind, str], Subject] = {}
        for rule, of in plan(rules):
            # A look ahead is dear, and a trend does not turn with each Metadata.
            moved = of.reads & (changed - {"metadata"} if rule.ahead_s else changed)
            if moved:
                for subject in _look(log, old, new, rule, of, moved):
                    told[Kind(rule.kind), subject.name] = subject
        for (kind, _), subject in told.items():
            _tell(log, new, kind, subject)


def rules_of(cluster: Cluster) -> tuple[Rule, ...]:
    """The rules in force."""
    return DEFAULTS if cluster.rules is None else cluster.rules


@lru_cache(maxsize=4)
def plan(rules: tuple[Rule, ...]) -> tuple[tuple[Rule, Figure], ...]:
    """The rules with their figures; one whose figure this version does not know says nothing."""
    return tuple((rule, found) for rule in rules if (found := figure(rule.figure)) is not None)


def _changed(old: Cluster, new: Cluster) -> frozenset[Read]:
    """What figures may have been read of anew."""
    found: set[Read] = set()
    if new.metrics is not old.metrics:
        found.add("cloudwatch")
    if new.metadata_at != old.metadata_at:
        found.add("metadata")
    if new.brokers is not old.brokers:
        for number, broker in new.brokers.items():
            before = old.brokers.get(number)
            if broker is before:
                continue
            if before is None or broker.jmx is not before.jmx:
                found.add("jmx")
            if before is None or broker.node is not before.node:
                found.add("node")
            if before is None or broker.log_dirs_at != before.log_dirs_at:
                found.add("details")
    return frozenset(found)


def _look(
    log: Log, old: Cluster, new: Cluster, rule: Rule, of: Figure, moved: frozenset[Read]
) -> Iterator[Subject]:
    """Judge one rule by what was read anew; yields the subjects of which there is something to tell."""
    everything = bool(moved & {"cloudwatch", "metadata"})
    for subject in subjects(new, of.of):
        broker = subject.broker
        if not everything and broker is not None and broker is old.brokers.get(broker.id):
            continue
        if rule.subjects and not any(fnmatchcase(subject.name, pattern) for pattern in rule.subjects):
            continue
        reading = fresh(new, of.read(new, subject))
        before = log.watch(rule.name, subject.name)
        if reading is None or (before is not None and reading.at <= before.last_at):
            continue
        after = _judged(new, rule, of, subject, reading, before)
        if after != before:
            log.keep(rule.name, subject.name, after)
            if after is None or before is None or _differs(before, after):
                yield subject


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


# ------------------------------------------------------------------ the incident of one kind and subject


def _tell(log: Log, new: Cluster, kind: Kind, subject: Subject) -> None:
    """Open, change or close the incident that the rules of one kind share."""
    firing = list(_firing(log, rules_of(new), kind, subject.name))
    known = log.of_rules(kind, subject.name)
    if not firing:
        if known is not None:
            log.close(known)
        return
    rule, watch = min(firing, key=lambda found: (_WORST[found[0].severity], found[0].ahead_s, found[1].since))
    if known is None:
        broker = subject.broker
        log.open(
            kind,
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


def _firing(log: Log, rules: Iterable[Rule], kind: Kind, subject: str) -> Iterator[tuple[Rule, Watch]]:
    for rule in rules:
        if rule.kind == kind:
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
