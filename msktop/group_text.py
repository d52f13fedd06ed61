"""What `msktop group` prints: tables for people, JSON for programs (docs/groups.md)."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import TYPE_CHECKING

from msktop.actions.plan import Plan
from msktop.cluster_text import table
from msktop.model.text import is_canary_or_internal, plain

if TYPE_CHECKING:
    from msktop.actions.group_facts import Facts


def list_document(facts: Facts, *, hidden: bool) -> dict[str, object]:
    """Every group by name, and which brokers said nothing."""
    return {
        "cluster": facts.cluster,
        "cluster_id": facts.cluster_id,
        "complete": not facts.silent,
        "silent_brokers": {str(broker): why for broker, why in facts.silent.items()},
        "groups": [_summary(facts, name) for name in _shown(facts, hidden=hidden)],
    }


def _shown(facts: Facts, *, hidden: bool) -> list[str]:
    return [name for name in facts.groups if hidden or not is_canary_or_internal(name)]


def _summary(facts: Facts, name: str) -> dict[str, object]:
    group = facts.groups[name]
    lags = [
        lag
        for topic, number, _ in _committed(facts, name)
        if (lag := facts.lag(name, topic, number)) is not None
    ]
    return {
        "name": name,
        "type": group.listed.type or None,
        "protocol_type": group.listed.protocol_type or None,
        "state": group.listed.state or None,
        "coordinator": group.coordinator,
        "members": None
        if group.description is None or group.description.error
        else len(group.description.members),
        "topics": sorted(group.committed),
        "partitions": sum(len(numbers) for numbers in group.committed.values()),
        "lag": sum(lags) if lags else None,
        "worst_lag": max(lags, default=None),
        "error": group.error or None,
    }


def _committed(facts: Facts, name: str) -> Iterator[tuple[str, int, int]]:
    for topic, numbers in sorted(facts.groups[name].committed.items()):
        for number, offset in sorted(numbers.items()):
            yield topic, number, offset


def list_text(facts: Facts, *, hidden: bool) -> str:
    """A table, one group a line."""
    rows = []
    keys = ("name", "type", "state", "members", "partitions", "lag", "worst_lag")
    for name in _shown(facts, hidden=hidden):
        one = _summary(facts, name)
        rows.append((*(one[key] for key in keys), f"b-{one['coordinator']}"))
    head = ("GROUP", "TYPE", "STATE", "MEMBERS", "PARTITIONS", "LAG", "WORST", "COORDINATOR")
    lines = [table(head, rows) if rows else "no group, or none that may be seen"]
    lines += [
        f"! b-{broker} does not tell of its groups: {plain(why)}" for broker, why in facts.silent.items()
    ]
    return "\n".join(lines)


def describe_document(facts: Facts, name: str) -> dict[str, object]:
    """One group with its partitions and members."""
    group = facts.group(name)
    owners = _owners(facts, name)
    members = group.description.members if group.description is not None else ()
    return {
        "cluster": facts.cluster,
        "cluster_id": facts.cluster_id,
        **_summary(facts, name),
        "assignor": group.description.assignor or None if group.description is not None else None,
        "offsets": [
            {
                "topic": topic,
                "partition": number,
                "committed": offset,
                "end": facts.ends.get(topic, {}).get(number),
                "lag": facts.lag(name, topic, number),
                "member": owners.get((topic, number)),
            }
            for topic, number, offset in _committed(facts, name)
        ],
        "member_list": [dataclasses.asdict(member) for member in members],
    }


def _owners(facts: Facts, name: str) -> dict[tuple[str, int], str]:
    description = facts.groups[name].description
    return {
        (topic, number): member.id
        for member in (description.members if description is not None else ())
        for topic, numbers in member.assignment.items()
        for number in numbers
    }


def describe_text(facts: Facts, name: str) -> str:
    """Summary, partitions, members."""
    group = facts.group(name)
    one = _summary(facts, name)
    owners = _owners(facts, name)
    clients = {m.id: m.client_id for m in (group.description.members if group.description else ())}
    lines = [
        f"{plain(name)}: {one['type'] or 'type not told'}, {one['state']}, "
        f"coordinator b-{group.coordinator}, "
        f"{_or_dash(one['members'])} members, lag {_or_dash(one['lag'])}",
        "",
        table(
            ("TOPIC", "PARTITION", "COMMITTED", "END", "LAG", "CLIENT"),
            [
                (
                    topic,
                    number,
                    offset,
                    facts.ends.get(topic, {}).get(number),
                    facts.lag(name, topic, number),
                    clients.get(owners.get((topic, number), "")),
                )
                for topic, number, offset in _committed(facts, name)
            ],
        ),
    ]
    if group.description is not None and group.description.members:
        rows = [
            (m.client_id, m.host, m.rack, m.instance, sum(map(len, m.assignment.values())), m.id)
            for m in group.description.members
        ]
        lines += ["", table(("CLIENT", "HOST", "ZONE", "STATIC", "PARTITIONS", "MEMBER"), rows)]
    return "\n".join(lines)


def _or_dash(value: object) -> str:
    return "—" if value is None else str(value)


def plan_rows(plan: Plan) -> str:
    """What each partition's offset is and will be."""
    rows = [(key, plan.before.get(key), after) for key, after in plan.after.items()]
    return table(("PARTITION", "NOW", "THEN"), rows)
