"""Plans that make, change and end topics. Every one is checked against the facts before anything is sent."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from msktop.actions.plan import Plan
from msktop.actions.topic_facts import TopicFacts
from msktop.actions.topic_risks import consequences
from msktop.errors import ActionError, UsageError
from msktop.model import limits

_NAME = re.compile(r"[A-Za-z0-9._-]{1,249}")
MIN_ISR = "min.insync.replicas"
_SECONDS = "seconds"
_LIKE_INTERNAL = "Kafka's own topics begin with __: this one will be hidden by many tools."
_OLD_KEYS = "It is compacted: older records of a key stay in its old partition."


def create_topic(
    facts: TopicFacts,
    name: str,
    partitions: int | None = None,
    replication: int | None = None,
    config: Mapping[str, str] | None = None,
) -> Plan:
    """A new topic; None: as the brokers' default says. Raises UsageError, ActionError."""
    settings = dict(config or {})
    _new_name(facts, name)
    if partitions is not None and partitions < 1:
        raise UsageError(f"{partitions} partitions cannot be had", "Give one or more.")
    known_partitions = partitions or facts.default("num.partitions")
    replicas = replication if replication is not None else facts.default("default.replication.factor")
    if replicas is not None and not 1 <= replicas <= len(facts.zones):
        raise UsageError(
            f"{replicas} replicas cannot be had: {facts.cluster} has {len(facts.zones)} brokers",
            f"Give 1 to {len(facts.zones)}.",
        )
    in_sync = _in_sync(settings.get(MIN_ISR), facts.default(MIN_ISR))
    _writable(in_sync, replicas)
    added = None if known_partitions is None or replicas is None else known_partitions * replicas
    return Plan(
        operation="CreateTopics",
        via="kafka",
        parameters={
            "topic": name,
            "partitions": partitions or -1,
            "replication": replication or -1,
            "config": settings,
        },
        cluster=facts.cluster,
        title=f"Create topic {name}: {_many(known_partitions, 'partition')}, RF {replicas or 'by default'}",
        steps=(
            "the broker checks it without making it (validate-only)",
            "the controller makes it and places its replicas",
        ),
        duration=_SECONDS,
        warnings=(
            *_spread(facts, replicas, in_sync),
            *_room(facts, added),
            *((_LIKE_INTERNAL,) if name[:2] == "__" else ()),
        ),
        after={
            "partitions": str(known_partitions or "default"),
            "replication": str(replicas or "default"),
            **settings,
        },
    )


def add_partitions(facts: TopicFacts, name: str, count: int) -> Plan:
    """`count` partitions in all. Raises UsageError, ActionError."""
    topic = facts.topic(name)
    now = len(topic.partitions)
    if count <= now:
        raise UsageError(
            f"{name} has {_many(now, 'partition')}, and they never become fewer", f"Give {now + 1} or more."
        )
    return Plan(
        operation="CreatePartitions",
        via="kafka",
        parameters={"topic": name, "count": count, "was": now},
        cluster=facts.cluster,
        title=f"Give topic {name} {count} partitions, {count - now} more",
        steps=(
            "the broker checks it without doing it (validate-only)",
            f"{count - now} empty partitions are made; what is written stays where it is",
        ),
        duration=_SECONDS,
        warnings=(
            "It cannot be taken back.",
            "Keys go to other partitions from now on: their order across the change is lost.",
            *((_OLD_KEYS,) if facts.compacted(name) else ()),
            *_room(facts, (count - now) * facts.replication(name)),
        ),
        before={"partitions": str(now)},
        after={"partitions": str(count)},
    )


def alter_config(facts: TopicFacts, name: str, changes: Mapping[str, str | None]) -> Plan:
    """Set these settings; None gives one back to its default. Raises UsageError, ActionError."""
    facts.topic(name)
    known = facts.configs.get(name)
    if known is not None and known.error == 0:
        unknown = sorted(set(changes) - set(known.settings))
        if unknown:
            raise UsageError(
                f"this Kafka knows no setting {', '.join(unknown)} of a topic",
                f"See: msktop topic describe {name} --all",
            )
    before = {key: facts.setting(name, key) for key in changes}
    after = {key: _default(facts, name, key) if value is None else value for key, value in changes.items()}
    differing = {key: value for key, value in changes.items() if before[key] != after[key] or value is None}
    own = {key for key in changes if known is None or (s := known.settings.get(key)) is None or s.own}
    differing = {key: value for key, value in differing.items() if value is not None or key in own}
    if not differing:
        raise UsageError(f"{name} has these settings already")
    if MIN_ISR in differing:
        _writable(_in_sync(after[MIN_ISR], facts.default(MIN_ISR)), facts.replication(name))
    return Plan(
        operation="IncrementalAlterConfigs",
        via="kafka",
        parameters={"topic": name, "changes": differing},
        cluster=facts.cluster,
        title=f"Change {_many(len(differing), 'setting')} of topic {name}",
        steps=(
            "the broker checks it without doing it (validate-only)",
            "other settings stay as they are; no broker restarts",
        ),
        duration=_SECONDS,
        warnings=consequences(name, before, after),
        before={key: before[key] or "?" for key in differing},
        after={key: after[key] or "the default" for key in differing},
    )


def delete_topic(facts: TopicFacts, name: str) -> Plan:
    """The end of a topic and of all its records. Raises ActionError."""
    topic = facts.topic(name)
    if topic.internal:
        raise ActionError(f"{name} is one of Kafka's own topics", "msktop does not delete these.")
    return Plan(
        operation="DeleteTopics",
        via="kafka",
        parameters={"topic": name, "topic_id": topic.topic_id},
        cluster=facts.cluster,
        title=f"Delete topic {name}",
        steps=(
            f"its {_many(len(topic.partitions), 'partition')} and every record are gone",
            "producers and consumers of it fail, or make it anew where auto.create.topics.enable is on",
        ),
        duration=_SECONDS,
        warnings=("It cannot be taken back.", "Kafka has no dry run for this."),
        needs_name=name,
        before={"partitions": str(len(topic.partitions)), "replication": str(facts.replication(name))},
        after={"topic": "deleted"},
    )


def elect_leaders(facts: TopicFacts, name: str | None = None) -> Plan:
    """The first replica of each partition shall lead, of one topic or of all. Raises ActionError."""
    topics = [facts.topic(name)] if name is not None else list(facts.topics.values())
    misled = {
        topic.name: found
        for topic in topics
        if (found := [p for p in topic.partitions.values() if p.replicas and p.leader != p.replicas[0]])
    }
    count = sum(map(len, misled.values()))
    if not count:
        raise UsageError(f"every preferred replica of {name or facts.cluster} leads already")
    lost = sum(p.replicas[0] not in p.isr for found in misled.values() for p in found)
    return Plan(
        operation="ElectLeaders",
        via="kafka",
        parameters={"partitions": {of: [p.partition for p in found] for of, found in misled.items()}},
        cluster=facts.cluster,
        title=f"Let the preferred replica lead {_many(count, 'partition')} of {name or facts.cluster}",
        steps=("each of these partitions gets another leader; their clients ask anew who leads",),
        duration=_SECONDS,
        warnings=(
            *((f"{lost} of these replicas are not in sync: those stay as they are.",) if lost else ()),
            "Kafka has no dry run for this.",
        ),
        before={"led elsewhere": str(count)},
        after={"led elsewhere": str(lost)},
    )


# ------------------------------------------------------------------ checks


def _new_name(facts: TopicFacts, name: str) -> None:
    if not _NAME.fullmatch(name) or name in (".", ".."):
        raise UsageError(
            f"{name!r} cannot be the name of a topic", "Use up to 249 letters, digits, dots, hyphens and _."
        )
    if name in facts.topics:
        raise ActionError(f"{facts.cluster} has a topic {name} already", f"See: msktop topic describe {name}")
    alike = next((other for other in facts.topics if other.replace(".", "_") == name.replace(".", "_")), None)
    if alike is not None:
        raise ActionError(
            f"{name} and {alike} would have the same metrics: . and _ are one there", "Take another name."
        )


def _in_sync(text: str | None, default: int | None) -> int | None:
    if text is None:
        return default
    if not text.isascii() or not text.isdecimal() or int(text) < 1:
        raise UsageError(f"{MIN_ISR}={text} is no number of replicas", "Give 1 or more.")
    return int(text)


def _writable(in_sync: int | None, replicas: int | None) -> None:
    if in_sync is not None and replicas is not None and in_sync > replicas:
        raise UsageError(
            f"with {replicas} replicas and {MIN_ISR}={in_sync} no write with acks=all can ever succeed",
            f"Give more replicas, or {MIN_ISR}={max(1, replicas - 1)}.",
        )


def _spread(facts: TopicFacts, replicas: int | None, in_sync: int | None) -> tuple[str, ...]:
    if replicas is None:
        return ()
    if replicas == 1:
        return ("One replica: it is down whenever its broker is, also during each rolling update.",)
    said = []
    if in_sync is not None and in_sync == replicas:
        said.append(f"{MIN_ISR} is the number of replicas: one broker away stops writes with acks=all.")
    if facts.zone_count == 0:
        said.append("The brokers have no broker.rack: replicas may come to be in one zone.")
    elif replicas < facts.zone_count:
        said.append(f"{replicas} replicas in {facts.zone_count} zones: not every zone holds one.")
    return tuple(said)


def _room(facts: TopicFacts, added: int | None) -> tuple[str, ...]:
    """Whether the brokers may hold so many replicas more, by what MSK says of their type."""
    room = limits.partitions(facts.instance_type or "")
    if room is None or added is None or not facts.zones:
        return ()
    fullest = max(facts.held.values(), default=0) + math.ceil(added / len(facts.zones))
    kind = facts.instance_type
    if fullest > room.most:
        if limits.family(kind or "") == "express":
            raise ActionError(
                f"a broker would hold {fullest} partitions, and {kind} takes {room.most}",
                "Take fewer partitions, a larger type or more brokers.",
            )
        return (f"A broker would hold {fullest} partitions: above {room.most} MSK refuses updates.",)
    if fullest > room.advised:
        return (f"A broker would hold {fullest} partitions: AWS advises {room.advised} for {kind}.",)
    return ()


def _default(facts: TopicFacts, topic: str, name: str) -> str | None:
    config = facts.configs.get(topic)
    found = config.settings.get(name) if config is not None else None
    return found.default if found is not None else None


def _many(count: int | None, what: str) -> str:
    return f"{what}s by default" if count is None else f"{count} {what}{'' if count == 1 else 's'}"
