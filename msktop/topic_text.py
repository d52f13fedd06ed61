"""What `msktop topic` prints: tables for people, JSON for programs (docs/topics.md)."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from msktop.actions.topic_facts import TopicFacts
from msktop.cluster_text import table
from msktop.durations import span
from msktop.model.text import plain
from msktop.wire.topic_configs import TopicSetting

if TYPE_CHECKING:
    from msktop.actions.topic_looking import Looked
    from msktop.actions.transactions import Transactions

SHOWN = ("cleanup.policy", "retention.ms", "min.insync.replicas", "remote.storage.enable")


def list_document(facts: TopicFacts) -> list[dict[str, object]]:
    """Every topic by name."""
    found: list[dict[str, object]] = []
    for name, topic in facts.topics.items():
        partitions = list(topic.partitions.values())
        least = facts.setting(name, "min.insync.replicas")
        least_in_sync = int(least) if least is not None and least.isdecimal() else None
        found.append(
            {
                "name": name,
                "topic_id": topic.topic_id or None,
                "internal": topic.internal,
                "partitions": len(partitions),
                "replication": facts.replication(name),
                "under_replicated": sum(p.leader >= 0 and len(p.isr) < len(p.replicas) for p in partitions),
                "offline": sum(p.leader < 0 for p in partitions),
                "under_min_isr": None
                if least_in_sync is None
                else sum(p.leader >= 0 and len(p.isr) < least_in_sync for p in partitions),
                "config": {key: facts.setting(name, key) for key in SHOWN},
                "error": topic.error or None,
            }
        )
    return found


def list_text(facts: TopicFacts) -> str:
    """A table, one topic a line."""
    if not facts.topics:
        return "no topic, or none that may be seen"
    head = ("TOPIC", "PARTITIONS", "RF", "URP", "OFFLINE", "<MIN ISR", "CLEANUP", "RETENTION", "TIERED")
    rows = []
    for one in list_document(facts):
        config = one["config"]
        assert isinstance(config, Mapping)
        rows.append(
            (
                *(one[key] for key in ("name", "partitions", "replication", "under_replicated", "offline")),
                one["under_min_isr"],
                config["cleanup.policy"],
                retention_words(config["retention.ms"]),
                {"true": "yes", "false": "no"}.get(config["remote.storage.enable"] or ""),
            )
        )
    return table(head, rows)


def retention_words(text: str | None) -> str | None:
    """Milliseconds in the largest unit that fits.

    >>> retention_words("604800000"), retention_words("-1"), retention_words("90000"), retention_words(None)
    ('7 d', 'for ever', '90 s', None)
    """
    if text is None or not text.lstrip("-").isdecimal():
        return text
    ms = int(text)
    if ms < 0:
        return "for ever"
    for unit, size in (("d", 86_400_000), ("h", 3_600_000), ("min", 60_000), ("s", 1000)):
        if ms >= size and ms % size == 0:
            return f"{ms // size} {unit}"
    return f"{ms} ms"


def describe_document(found: Looked) -> dict[str, object]:
    """One topic, with everything that is known of it."""
    return {
        "name": found.name,
        "topic_id": found.topic_id or None,
        "internal": found.internal,
        "partitions": [dataclasses.asdict(one) for one in found.partitions],
        "zones_spread": found.spread,
        "config": [dataclasses.asdict(one) for one in found.settings],
        "config_error": found.config_error or None,
        "producers": [dataclasses.asdict(one) for one in found.producers],
        "producers_error": found.producers_error or None,
    }


def describe_text(found: Looked, *, every_setting: bool) -> str:
    """Partitions, settings, producers."""
    lines = [f"{found.name}  id {found.topic_id or '—'}", f"  zones: {found.spread}", ""]
    rows = [
        (
            p.number,
            "none" if p.leader is None else f"b-{p.leader}",
            p.leader_epoch,
            " ".join(f"{b}@{zone or '?'}" for b, zone in p.replicas),
            " ".join(map(str, p.isr)),
            p.start,
            p.end,
            p.error or None,
        )
        for p in found.partitions
    ]
    lines += [table(("PARTITION", "LEADER", "EPOCH", "REPLICAS", "ISR", "FIRST", "END", "ERROR"), rows), ""]
    lines += [_settings(found, every_setting), "", _producers(found)]
    return "\n".join(plain(line) if "\n" not in line else line for line in lines)


def _settings(found: Looked, every: bool) -> str:
    if found.config_error:
        return f"its settings may not be seen: {found.config_error}"
    shown: Sequence[TopicSetting] = [s for s in found.settings if every or s.own]
    if not shown:
        return "every setting is the cluster's default"
    rows = [(s.name, s.value, s.default if s.own else None, s.source) for s in shown]
    return table(("SETTING", "VALUE", "DEFAULT", "SET BY"), rows)


def _producers(found: Looked) -> str:
    lines = []
    if found.producers_error:
        lines.append(f"producers: {found.producers_error}")
    if found.producers:
        head = ("PARTITION", "PRODUCER", "EPOCH", "LAST SEQUENCE", "LAST RECORD", "TRANSACTION SINCE OFFSET")
        rows = [
            (w.partition, w.id, w.epoch, w.last_sequence, w.last_words, w.transaction_start)
            for w in found.producers
        ]
        lines.append(table(head, rows))
    elif not found.producers_error:
        lines.append("no idempotent producer is remembered")
    lines.append(UNSEEN)
    return "\n".join(lines)


UNSEEN = (
    "A producer with enable.idempotence=false leaves no trace in Kafka; client ids and addresses are told\n"
    "only by the brokers' exporters and request logs."
)


def transactions_document(found: Transactions) -> dict[str, object]:
    """How many transactional ids there are, and what is open."""
    return {
        "known": found.known,
        "open": [{**dataclasses.asdict(one), "hangs": one.hangs} for one in found.open],
        "silent": list(found.silent),
    }


def transactions_text(found: Transactions) -> str:
    """A table of what is open."""
    lines = [f"{found.known} transactional ids, {len(found.open)} open"]
    if found.open:
        head = (
            "TRANSACTION",
            "STATE",
            "OPEN",
            "TIME-OUT",
            "PRODUCER",
            "EPOCH",
            "COORDINATOR",
            "PARTITIONS",
            "",
        )
        rows = [
            (
                one.id,
                one.state,
                None if one.open_s is None else span(one.open_s),
                None if one.timeout_s is None else span(one.timeout_s),
                one.producer_id,
                one.epoch,
                f"b-{one.coordinator}",
                " ".join(f"{topic}-{n}" for topic, numbers in one.topics.items() for n in numbers) or None,
                "hangs" if one.hangs else "",
            )
            for one in found.open
        ]
        lines.append(table(head, rows))
    lines += [plain(f"not told by {one}") for one in found.silent]
    return "\n".join(lines)
