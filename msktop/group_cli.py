"""`msktop group …`: consumer groups of any Kafka from the command line."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping

import click

from msktop.actions import groups
from msktop.actions.group_facts import Facts, Offsets, group_facts, limits
from msktop.actions.group_perform import perform
from msktop.actions.group_places import partitions_of, place_of
from msktop.cluster_text import dumps
from msktop.group_text import (
    describe_document,
    describe_text,
    list_document,
    list_text,
    plan_rows,
)
from msktop.kafka_cli import Opened, agreed, asking, carry_out, changing, is_json

_named = click.argument("name", metavar="GROUP")


@click.group()
def group() -> None:
    """List, look at, reset and delete consumer groups."""


# ------------------------------------------------------------------ looking


@group.command("list")
@click.option("--all", "hidden", is_flag=True, help="Also MSK's canary and Kafka's own.")
@asking
def list_groups(hidden: bool) -> None:
    """All groups that may be seen; exit code 1 where a coordinator does not answer."""
    opened = Opened()
    with opened.kafka as kafka:
        facts = group_facts(kafka, opened.target.name, None)
    document = dumps(list_document(facts, hidden=hidden)) if is_json() else list_text(facts, hidden=hidden)
    click.echo(document)
    sys.exit(1 if facts.silent else 0)


@group.command()
@_named
@asking
def describe(name: str) -> None:
    """One group: offsets, ends and lag by partition, and its members."""
    opened = Opened()
    with opened.kafka as kafka:
        facts = group_facts(kafka, opened.target.name, (name,))
    click.echo(dumps(describe_document(facts, name)) if is_json() else describe_text(facts, name))


# ------------------------------------------------------------------ changing


@group.command()
@_named
@click.option(
    "--to",
    "place",
    required=True,
    metavar="PLACE",
    help="earliest, latest, an offset, +100, -100, an age (2h), or a time (ISO 8601).",
)
@click.option(
    "--topic",
    "topics",
    multiple=True,
    metavar="TOPIC[:0,3]",
    help="May be repeated. Default: all in which something is committed.",
)
@changing
def reset(name: str, place: str, topics: tuple[str, ...]) -> None:
    """Set what an empty group has committed to another place."""
    where, wanted = place_of(place, time.time()), partitions_of(topics)
    opened = Opened()
    with opened.kafka as kafka:
        facts = _facts(opened, name)

        def ask_leaders(of: Mapping[str, tuple[int, ...]], timestamp: int) -> Offsets:
            return limits(kafka, facts.topics, of, timestamp)

        plan = groups.reset_offsets(facts, name, where, wanted, ask_leaders)
        if agreed(plan, opened, plan_rows(plan)):
            carry_out(plan, kafka, perform)


@group.command()
@_named
@changing
def delete(name: str) -> None:
    """Forget an empty group and its offsets."""
    opened = Opened()
    with opened.kafka as kafka:
        plan = groups.delete_group(_facts(opened, name), name)
        if agreed(plan, opened):
            carry_out(plan, kafka, perform)


def _facts(opened: Opened, name: str) -> Facts:
    return group_facts(opened.kafka, opened.target.name, (name,))
