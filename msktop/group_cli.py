"""`msktop group …`: consumer groups of any Kafka from the command line."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping

import click

from msktop.actions import groups
from msktop.actions.audit import Audit
from msktop.actions.group_facts import Facts, Offsets, group_facts, limits
from msktop.actions.group_perform import perform
from msktop.actions.group_places import partitions_of, place_of
from msktop.actions.guard import permit
from msktop.actions.kafka import Kafka
from msktop.actions.plan import Plan
from msktop.cluster_text import dumps, plan_text
from msktop.group_text import (
    describe_document,
    describe_text,
    list_document,
    list_text,
    plan_document,
    plan_rows,
)
from msktop.kafka_cli import Opened, ask, asking, changing, is_json
from msktop.kept import given
from msktop.model.text import plain

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

        _carry_out(groups.reset_offsets(facts, name, where, wanted, ask_leaders), opened, kafka)


@group.command()
@_named
@changing
def delete(name: str) -> None:
    """Forget an empty group and its offsets."""
    opened = Opened()
    with opened.kafka as kafka:
        _carry_out(groups.delete_group(_facts(opened, name), name), opened, kafka)


def _facts(opened: Opened, name: str) -> Facts:
    return group_facts(opened.kafka, opened.target.name, (name,))


def _carry_out(plan: Plan, opened: Opened, kafka: Kafka) -> None:
    """The one way to a change: shown, permitted, written down, sent."""
    said = given("dry_run", "as_json")
    out = sys.stderr if said["as_json"] else sys.stdout
    click.echo(plan_text(plan), file=out)
    if plan.after:
        click.echo(plan_rows(plan), file=out)
    if said["dry_run"]:
        click.echo("nothing was sent", file=out)
        if said["as_json"]:
            click.echo(dumps(plan_document(plan, dry_run=True)))
        return
    permit(plan, opened.permit(), ask if sys.stdin.isatty() else None)
    done = perform(plan, kafka, Audit())
    for words in done.refused:
        click.echo(plain(f"  not {words}"), file=out)
    click.echo("done", file=out)
    if said["as_json"]:
        click.echo(dumps(plan_document(plan, done=done)))
