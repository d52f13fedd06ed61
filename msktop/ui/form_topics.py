"""Changes of topics as forms: the checks and plans of `msktop topic`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from shlex import quote

from msktop.actions import topics
from msktop.actions.plan import Plan
from msktop.actions.send import NewRecord, send_record
from msktop.actions.topic_facts import TopicFacts
from msktop.errors import UsageError
from msktop.ui.forms import Field, Form, Known, Values, number

_RETENTIONS = ("3600000", "86400000", "259200000", "604800000", "2592000000", "-1")
_CLEANUPS = ("delete", "compact", "compact,delete")
DEFAULT_WORD = "default"
"""Typed for a value, it gives the setting back."""


def _facts(known: Known) -> TopicFacts:
    if known.topics is None:
        raise UsageError("no topic is known yet")
    return known.topics


def _topic(known: Known) -> str:
    if known.topic is None:
        raise UsageError("which topic?", "Select one first.")
    return known.topic


# ------------------------------------------------------------------ a new one


def _create(known: Known, values: Values) -> Plan:
    name = values["name"].strip()
    if not name:
        raise UsageError("a new topic needs a name", "Letters, digits, dots, hyphens and _.")
    config = {key: text for key, text in _config_of(values) if text}
    return topics.create_topic(
        _facts(known),
        name,
        number(values["partitions"], "number of partitions"),
        number(values["replicas"], "number of replicas"),
        {**config, **_more(values["more"])},
    )


def _create_words(values: Values) -> tuple[str, ...]:
    config = (f"--config {quote(f'{key}={text}')}" for key, text in _config_of(values) if text)
    more = (f"--config {quote(word)}" for word in values["more"].split())
    return (
        quote(values["name"].strip()) if values["name"].strip() else "",
        f"--partitions {quote(values['partitions'].strip())}",
        f"--replication-factor {quote(values['replicas'].strip())}",
        *config,
        *more,
    )


def _config_of(values: Values) -> tuple[tuple[str, str], ...]:
    """Settings with fields of their own."""
    fields = (("min", topics.MIN_ISR), ("cleanup", "cleanup.policy"), ("keep", "retention.ms"))
    return tuple((key, values[field].strip()) for field, key in fields)


def _more(text: str, what: str = "setting") -> dict[str, str]:
    """`name=value name=value`. Raises UsageError."""
    found = {}
    for word in text.split():
        name, equals, value = word.partition("=")
        if not name or not equals:
            raise UsageError(f"{word!r} is no {what}", "Type name=value, blanks between.")
        found[name] = value
    return found


def _replicas(known: Known, _: Values) -> Sequence[str]:
    return tuple(str(n) for n in range(1, len(_facts(known).zones) + 1))


def _zones_hint(known: Known, _: Values) -> str:
    facts = _facts(known)
    return f"{len(facts.zones)} brokers in {facts.zone_count or 'unknown'} zones"


def _first_replicas(known: Known, _: Values) -> str:
    facts = _facts(known)
    return str(facts.default("default.replication.factor") or min(3, len(facts.zones)))


CREATE_TOPIC = Form(
    id="create",
    label="Create a topic",
    fields=(
        Field("name", "name", hint=lambda _, __: "letters, digits, dots, hyphens and _"),
        Field(
            "partitions",
            "partitions",
            first=lambda k, _: str(_facts(k).default("num.partitions") or 1),
            hint=lambda _, __: "they can become more later, never fewer",
        ),
        Field("replicas", "replicas", first=_first_replicas, choices=_replicas, hint=_zones_hint),
        Field(
            "min",
            "min ISR",
            choices=lambda k, v: ("", *_replicas(k, v)),
            hint=lambda k, _: f"the brokers' default is {_facts(k).defaults.get(topics.MIN_ISR) or '—'}",
        ),
        Field(
            "cleanup",
            "cleanup policy",
            choices=lambda _, __: ("", *_CLEANUPS),
            hint=lambda k, _: (
                f"the brokers' default is {_facts(k).defaults.get('log.cleanup.policy') or '—'}"
            ),
        ),
        Field(
            "keep",
            "retention.ms",
            choices=lambda _, __: ("", *_RETENTIONS),
            hint=lambda _, __: "604800000 is 7 days, -1 for ever; empty: the brokers' default",
        ),
        Field("more", "other settings", hint=lambda _, __: "name=value name=value …"),
    ),
    plan=_create,
    title=lambda v, _: f"Create topic {v['name'].strip()}",
    words=_create_words,
    needs="topics",
)

# ------------------------------------------------------------------ one that is there


def _count(known: Known, _: Values) -> str:
    found = _facts(known).topics.get(_topic(known))
    return str(len(found.partitions)) if found else ""


PARTITIONS = Form(
    id="alter",
    label="Add partitions",
    fields=(Field("count", "partitions", first=_count, hint=lambda k, v: f"more than {_count(k, v)}"),),
    plan=lambda k, v: topics.add_partitions(_facts(k), _topic(k), number(v["count"], "number of partitions")),
    words=lambda v: (f"--partitions {v['count'].strip()}",),
    needs="topics",
)


def _settings(known: Known, _: Values) -> Sequence[str]:
    config = _facts(known).configs.get(_topic(known))
    return () if config is None else tuple(sorted(config.settings))


def _now(known: Known, values: Values) -> str:
    return _facts(known).setting(_topic(known), values.get("setting", "").strip()) or ""


def _setting_hint(known: Known, values: Values) -> str:
    config = _facts(known).configs.get(_topic(known))
    one = config.settings.get(values.get("setting", "").strip()) if config is not None else None
    if one is None:
        return (
            f"one of {len(_settings(known, values))}" if _settings(known, values) else "they may not be seen"
        )
    whose = "set for this topic" if one.own else "the default"
    return f"now {one.value}, {whose}" + (f"; the default is {one.default}" if one.own else "")


def _alter(known: Known, values: Values) -> Plan:
    name, value = values["setting"].strip(), values["value"].strip()
    if not name:
        raise UsageError("which setting?", "Choose with ← →, or type its name.")
    return topics.alter_config(_facts(known), _topic(known), {name: None if value == DEFAULT_WORD else value})


def _alter_words(values: Values) -> tuple[str, ...]:
    name, value = values["setting"].strip(), values["value"].strip()
    return (
        (f"--default {quote(name)}",) if value == DEFAULT_WORD else (f"--config {quote(f'{name}={value}')}",)
    )


CONFIG = Form(
    id="alter",
    label="Change a setting",
    fields=(
        Field(
            "setting", "setting", first=lambda _, __: "retention.ms", choices=_settings, hint=_setting_hint
        ),
        Field("value", "value", first=_now, hint=lambda _, __: f"{DEFAULT_WORD}: no longer this topic's own"),
    ),
    plan=_alter,
    words=_alter_words,
    needs="topics",
)


def _at_once(id: str, label: str, plan: Callable[[Known], Plan], option: str = "") -> Form:
    """A change with nothing to fill in."""
    return Form(
        id=id,
        label=label,
        fields=(),
        plan=lambda k, _: plan(k),
        title=lambda _, made: made.title,
        needs="topics",
        option=option,
    )


ELECT = _at_once(
    "elect",
    "Elect its preferred leaders",
    lambda k: topics.elect_leaders(_facts(k), _topic(k)),
    option="--topic",
)
ELECT_ALL = _at_once("elect", "Elect all preferred leaders", lambda k: topics.elect_leaders(_facts(k)))
DELETE_TOPIC = _at_once(
    "delete", "Delete it, with all records", lambda k: topics.delete_topic(_facts(k), _topic(k))
)


def record_of(values: Values) -> NewRecord:
    """What stands in the form of a record. Raises UsageError."""
    key = values["key"]
    headers = tuple((name, value.encode()) for name, value in _more(values["headers"], "header").items())
    return NewRecord(key.encode() if key else None, values["value"].encode(), headers)


def _send(known: Known, values: Values) -> Plan:
    number_of = values["partition"].strip()
    record = record_of(values)
    if not number_of and record.key is None:
        raise UsageError("which partition?", "Type its number, or a key that chooses one.")
    partition = number(number_of, "number of a partition") if number_of else None
    return send_record(_facts(known), _topic(known), record, partition)


def _send_words(values: Values) -> tuple[str, ...]:
    partition = values["partition"].strip()
    return (
        f"--key {quote(values['key'])}" if values["key"] else "",
        f"--value {quote(values['value'])}",
        *(f"--header {quote(word)}" for word in values["headers"].split()),
        f"--partition {quote(partition)}" if partition else "",
    )


SEND = Form(
    id="send",
    label="Send a record",
    fields=(
        Field("key", "key", hint=lambda _, __: "text; empty: none"),
        Field("value", "value", hint=lambda _, __: "text, at most 1,000 characters here"),
        Field("headers", "headers", hint=lambda _, __: "name=value name=value …"),
        Field("partition", "partition", hint=lambda _, __: "empty: by the key, as Java's producer chooses"),
    ),
    plan=_send,
    title=lambda _, plan: plan.title,
    words=_send_words,
    needs="topics",
)

OF_ONE = (SEND, PARTITIONS, CONFIG, ELECT)
