"""Changes of consumer groups, planned and checked: nothing is sent here."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from msktop.actions.group_facts import Facts, GroupFacts, Offsets
from msktop.actions.group_places import Place
from msktop.actions.plan import Plan
from msktop.errors import ActionError, UsageError
from msktop.wire.codes import code_words
from msktop.wire.offsets import EARLIEST, LATEST

_EMPTY = frozenset({"Empty", "Dead"})

Limits = Callable[[Mapping[str, tuple[int, ...]], int], Offsets]
"""Asks leaders for offsets: of these partitions, by ListOffsets' timestamp."""


def reset_offsets(
    facts: Facts, name: str, place: Place, topics: Mapping[str, tuple[int, ...]], ask: Limits
) -> Plan:
    """Set what a group has committed to another place. Raises ActionError, UsageError."""
    group = _empty(facts, name)
    wanted = _partitions(facts, group, topics)
    begins, ends = ask(wanted, EARLIEST), ask(wanted, LATEST)
    timed = ask(wanted, place.value) if place.kind == "time" else {}
    target: Offsets = {}
    cut = 0
    for topic, numbers in wanted.items():
        for number in numbers:
            begin, end = begins.get(topic, {}).get(number), ends.get(topic, {}).get(number)
            if begin is None or end is None:
                raise ActionError(
                    f"the leader of {topic}-{number} does not tell where it begins and ends",
                    "Try again once it leads, or leave that partition out with --topic.",
                )
            exact = _place(
                place, group.committed.get(topic, {}).get(number), begin, end, timed, topic, number
            )
            own = min(max(exact, begin), end)
            cut += own != exact
            target.setdefault(topic, {})[number] = own
    return _plan(facts, group, place, target, ends, cut)


def _place(
    place: Place, committed: int | None, begin: int, end: int, timed: Offsets, topic: str, number: int
) -> int:
    match place.kind:
        case "earliest":
            return begin
        case "latest":
            return end
        case "offset":
            return place.value
        case "shift":
            if committed is None:
                raise UsageError(f"nothing is committed in {topic}-{number}: there is nothing to shift")
            return committed + place.value
    found = timed.get(topic, {}).get(number)
    if found is None:  # not the end: nobody said that nothing is newer
        raise ActionError(
            f"the leader of {topic}-{number} does not tell which record was written then",
            "Try again once it leads, or leave that partition out with --topic.",
        )
    return found if found >= 0 else end


def _plan(facts: Facts, group: GroupFacts, place: Place, target: Offsets, ends: Offsets, cut: int) -> Plan:
    before, after = {}, {}
    again = skipped = unread = 0
    for topic, numbers in target.items():
        for number, offset in numbers.items():
            known = group.committed.get(topic, {}).get(number)
            before[f"{topic}-{number}"] = "none" if known is None else str(known)
            after[f"{topic}-{number}"] = str(offset)
            unread += ends[topic][number] - offset
            if known is not None:
                again += max(0, known - offset)
                skipped += max(0, offset - known)
    warnings = []
    if skipped:
        warnings.append(f"{skipped:,} records are skipped: nobody of this group will read them.")
    if again:
        warnings.append(f"{again:,} records are read again.")
    if cut:
        warnings.append(f"{cut} of {len(after)} partitions do not reach so far: set to their first or last.")
    return Plan(
        operation="OffsetCommit",
        via="kafka",
        parameters={"group": group.name, "coordinator": group.coordinator, "offsets": target},
        cluster=facts.cluster,
        title=f"Set the offsets of {group.name} {place.words}: {len(after)} partitions",
        steps=(
            f"b-{group.coordinator}, which coordinates the group, takes the new offsets if it is still empty",
            f"its consumers begin there when they start: {unread:,} records to read",
        ),
        duration="a moment",
        warnings=tuple(warnings),
        before=before,
        after=after,
    )


def delete_group(facts: Facts, name: str) -> Plan:
    """Forget a group and all that it has committed. Raises ActionError."""
    group = _empty(facts, name)
    count = sum(len(numbers) for numbers in group.committed.values())
    before = {f"{t}-{n}": str(o) for t, numbers in group.committed.items() for n, o in numbers.items()}
    return Plan(
        operation="DeleteGroups",
        via="kafka",
        parameters={"group": name, "coordinator": group.coordinator},
        cluster=facts.cluster,
        title=f"Delete the group {name} and the offsets that it has committed in {count} partitions",
        steps=(f"b-{group.coordinator}, which coordinates the group, forgets it if it is still empty",),
        duration="a moment",
        warnings=("A consumer that starts under this name begins where its auto.offset.reset says.",),
        needs_name=name,
        before=before,
    )


def _empty(facts: Facts, name: str) -> GroupFacts:
    """The group, which nobody may be in."""
    group = facts.group(name)
    if group.listed.type == "share":
        raise ActionError(f"{name} is a share group", "msktop changes no share groups.")
    if group.error:
        raise ActionError(f"the offsets of {name} are refused: {code_words(group.error)}")
    if group.listed.state not in _EMPTY:
        members = len(group.description.members) if group.description is not None else None
        there = "" if members is None else f" with {members} members"
        raise ActionError(
            f"the group {name} is {group.listed.state}{there}",
            "Stop its consumers first: only an empty group can be changed.",
        )
    return group


def _partitions(
    facts: Facts, group: GroupFacts, topics: Mapping[str, tuple[int, ...]]
) -> dict[str, tuple[int, ...]]:
    """Those that were named, else all in which something is committed."""
    wanted: dict[str, tuple[int, ...]] = {}
    for topic, numbers in (topics or {t: tuple(sorted(ns)) for t, ns in group.committed.items()}).items():
        entry = facts.topics.get(topic)
        if entry is None:
            if topics:
                raise ActionError(f"{facts.cluster} has no topic {topic!r}")
            continue  # it was deleted; what is committed in it is nobody's concern
        missing = [n for n in numbers if n not in entry.partitions]
        if missing:
            raise UsageError(f"{topic} has no partition {missing[0]}")
        wanted[topic] = numbers or tuple(sorted(entry.partitions))
    if not wanted:
        raise ActionError(f"{group.name} has committed nothing", "Name topics with --topic.")
    return wanted
