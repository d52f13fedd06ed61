"""`msktop topic …`: topics of any Kafka from the command line."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from msktop.actions import topics
from msktop.actions.topic_facts import TopicFacts
from msktop.actions.topic_looking import look
from msktop.actions.topic_perform import perform, validate
from msktop.cluster_text import dumps
from msktop.durations import parse_duration
from msktop.errors import UsageError
from msktop.kafka_cli import Opened, agreed, asking, carry_out, changing, is_json
from msktop.model.record_words import HOWS, How
from msktop.model.text import plain
from msktop.topic_text import (
    describe_document,
    describe_text,
    list_document,
    list_text,
    transactions_document,
    transactions_text,
)

if TYPE_CHECKING:
    from msktop.actions.plan import Plan

_named = click.argument("name", metavar="TOPIC")
_settings = click.option("--config", "config", multiple=True, metavar="NAME=VALUE", help="May be repeated.")


@click.group()
def topic() -> None:
    """List, look at, create, change and delete topics."""


# ------------------------------------------------------------------ looking


@topic.command("list")
@asking
def list_topics() -> None:
    """All topics that may be seen."""
    opened = Opened()
    with opened.kafka:
        facts = opened.facts(None)
    click.echo(dumps(list_document(facts)) if is_json() else list_text(facts))


@topic.command()
@_named
@click.option("--all", "every", is_flag=True, help="Every setting, not only those of the topic's own.")
@asking
def describe(name: str, every: bool) -> None:
    """One topic: partitions, offsets, zones, settings, who writes it."""
    opened = Opened()
    with opened.kafka as kafka:
        found = look(kafka, opened.facts((name,)), name)
    click.echo(dumps(describe_document(found)) if is_json() else describe_text(found, every_setting=every))


@topic.command("transactions")
@asking
def list_transactions() -> None:
    """Open transactions of the cluster, longest first, and whether one hangs; exit code 1 if so."""
    from msktop.actions.transactions import transactions

    opened = Opened()
    with opened.kafka as kafka:
        found = transactions(kafka, time.time())
    click.echo(dumps(transactions_document(found)) if is_json() else transactions_text(found))
    if any(one.hangs for one in found.open):
        sys.exit(1)


# ------------------------------------------------------------------ changing


@topic.command()
@_named
@click.option("--partitions", type=int, help="Default: the brokers' num.partitions.")
@click.option("--replication-factor", type=int, help="Default: the brokers' default.replication.factor.")
@_settings
@changing
def create(
    name: str, partitions: int | None, replication_factor: int | None, config: tuple[str, ...]
) -> None:
    """Create a topic."""
    wanted = dict(map(pair, config))
    _change(lambda facts: topics.create_topic(facts, name, partitions, replication_factor, wanted))


@topic.command()
@_named
@click.option("--partitions", type=int, help="How many there shall be: more than now.")
@_settings
@click.option(
    "--default", "defaults", multiple=True, metavar="NAME", help="Give a setting back to its default."
)
@changing
def alter(name: str, partitions: int | None, config: tuple[str, ...], defaults: tuple[str, ...]) -> None:
    """Add partitions, or change settings: one of the two at a time."""
    changes: dict[str, str | None] = {**dict(map(pair, config)), **dict.fromkeys(defaults)}
    if (partitions is None) == (not changes):
        raise UsageError(
            "either partitions or settings are changed", "Give --partitions, or --config and --default."
        )
    if partitions is not None:
        count = partitions
        _change(lambda facts: topics.add_partitions(facts, name, count), (name,))
    else:
        _change(lambda facts: topics.alter_config(facts, name, changes), (name,))


@topic.command()
@_named
@changing
def delete(name: str) -> None:
    """Delete a topic and all its records."""
    _change(lambda facts: topics.delete_topic(facts, name))


@topic.command()
@click.option("--topic", "name", metavar="TOPIC", help="Default: of all topics.")
@changing
def elect(name: str | None) -> None:
    """Let the preferred (first) replica of each partition lead."""
    _change(lambda facts: topics.elect_leaders(facts, name))


def pair(text: str) -> tuple[str, str]:
    """The two of NAME=VALUE. Raises UsageError.

    >>> pair("a=1"), pair("b=x=y")
    (('a', '1'), ('b', 'x=y'))
    """
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise UsageError(f"{text!r} is no NAME=VALUE")
    return name.strip(), value


def _change(planned: Callable[[TopicFacts], Plan], configs_of: tuple[str, ...] = ()) -> None:
    """Plan from new facts; show it; have the broker check it; ask; send it."""
    opened = Opened()
    with opened.kafka as kafka:
        plan = planned(opened.facts(configs_of))
        more = (f"  {key}: {plan.before.get(key, '—')} → {after}" for key, after in plan.after.items())
        if agreed(plan, opened, "\n".join(map(plain, more)), lambda: validate(plan, kafka)):
            carry_out(plan, kafka, perform)


# ------------------------------------------------------------------ records


@topic.command("tail")
@_named
@click.option(
    "--from",
    "begin",
    default="latest",
    show_default=True,
    metavar="PLACE",
    help="latest, earliest, an offset, -10 (the last ten of each partition), an age (5m), a time (ISO 8601).",
)
@click.option("--partition", type=int, help="Only this one.")
@click.option("--max", "most", type=click.IntRange(1), metavar="N", help="End after N records.")
@click.option("--for", "span", metavar="TIME", help="End after this time.")
@click.option("--no-follow", is_flag=True, help="End where the log ended when this began.")
@click.option(
    "--as", "how", type=click.Choice(HOWS), default="auto", show_default=True, help="Keys and values."
)
@click.option("--grep", "wanted", default="", metavar="TEXT", help="Only lines that contain it, in any case.")
@click.option("--committed", is_flag=True, help="Without records of transactions that are still open.")
@asking
def tail_topic(
    name: str,
    begin: str,
    partition: int | None,
    most: int | None,
    span: str | None,
    no_follow: bool,
    how: How,
    wanted: str,
    committed: bool,
) -> None:
    """Look at a topic's records; commits nothing, keeps nothing."""
    from msktop.actions.since import since_of
    from msktop.tail_cli import tail

    opened = Opened()
    with opened.kafka:
        tail(
            opened,
            name,
            since_of(begin, time.time()),
            partition=partition,
            most=most,
            span_s=None if span is None else parse_duration(span),
            follow=not no_follow,
            how=how,
            wanted=wanted,
            as_json=is_json(),
            committed=committed,
        )


@topic.command("send")
@_named
@click.option("--key", metavar="TEXT", help="Default: none.")
@click.option("--value", metavar="TEXT", help="Default: all of standard input.")
@click.option("--tombstone", is_flag=True, help="No value at all: null.")
@click.option("--header", "headers", multiple=True, metavar="NAME=VALUE", help="May be repeated.")
@click.option("--partition", type=int, help="Default: by the key, as Java's producer chooses.")
@changing
def send_topic(
    name: str,
    key: str | None,
    value: str | None,
    tombstone: bool,
    headers: tuple[str, ...],
    partition: int | None,
) -> None:
    """Write one record into a topic."""
    from msktop.actions.send import MOST_BYTES, NewRecord
    from msktop.tail_cli import send_one

    if tombstone and value is not None:
        raise UsageError("a tombstone has no value", "Give --tombstone or --value.")
    data = None
    if not tombstone:
        data = sys.stdin.buffer.read(MOST_BYTES + 1) if value is None else value.encode()
    record = NewRecord(
        None if key is None else key.encode(), data, tuple((n, v.encode()) for n, v in map(pair, headers))
    )
    opened = Opened()
    with opened.kafka:
        send_one(opened, name, record, partition)
