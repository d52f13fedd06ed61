"""`msktop topic …`: topics of any Kafka from the command line."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from msktop.actions import topics
from msktop.actions.audit import Audit
from msktop.actions.guard import Permit, permit
from msktop.actions.kafka import Kafka
from msktop.actions.topic_facts import TopicFacts, topic_facts
from msktop.actions.topic_looking import look
from msktop.actions.topic_perform import perform, validate
from msktop.cluster_text import dumps, plan_text
from msktop.errors import UsageError
from msktop.kafka_way import KafkaWay, kafka_way
from msktop.kept import given, kept_option
from msktop.target_words import cluster_argument, target_options, words
from msktop.targets import is_ours
from msktop.topic_text import describe_document, describe_text, list_document, list_text, plan_document

if TYPE_CHECKING:
    from msktop.actions.plan import Plan
    from msktop.settings import Target

_Command = TypeVar("_Command", bound=Callable[..., Any])

_ASKING = (
    kept_option("--json", "as_json", is_flag=True, default=None, help="One JSON document (docs/topics.md)."),
)
_CHANGING = (
    kept_option("--write", is_flag=True, default=None, help="Allow it; a local MSK of yours needs no leave."),
    kept_option("--read-only", is_flag=True, default=None, help="Allow nothing, whatever else is said."),
    kept_option("--yes", is_flag=True, default=None, help="Ask nobody."),
    kept_option(
        "--dry-run",
        is_flag=True,
        default=None,
        help="Show it, have the broker check it, change nothing.",
    ),
)


def _asking(command: _Command) -> _Command:
    for option in reversed(_ASKING):
        command = option(command)
    return cluster_argument(target_options(command))


def _changing(command: _Command) -> _Command:
    for option in reversed(_CHANGING):
        command = option(command)
    return _asking(command)


_named = click.argument("name", metavar="TOPIC")
_settings = click.option("--config", "config", multiple=True, metavar="NAME=VALUE", help="May be repeated.")


class Opened:
    """The Kafka of the words, with what was said about it."""

    def __init__(self) -> None:
        from msktop.opening import named

        self.target: Target = named(words())
        self.way: KafkaWay = kafka_way(self.target)
        self.kafka = Kafka(self.way.bootstrap_servers, self.way.security)

    def facts(self, configs_of: tuple[str, ...] | None = ()) -> TopicFacts:
        """The topics, read anew."""
        return topic_facts(
            self.kafka, self.target.name, configs_of=configs_of, instance_type=self.way.instance_type
        )

    def permit(self) -> Permit:
        """What may be done: local means that the cluster that answers is run by this user."""
        return Permit(
            write=self.target.write,
            read_only=self.target.read_only,
            yes=bool(given("yes")["yes"]),
            ours=is_ours(self.kafka.brokers.cluster_id),
        )


def is_json() -> bool:
    """Whether a program reads the answer."""
    return bool(given("as_json")["as_json"])


@click.group()
def topic() -> None:
    """List, look at, create, change and delete topics."""


# ------------------------------------------------------------------ looking


@topic.command("list")
@_asking
def list_topics() -> None:
    """All topics that may be seen."""
    opened = Opened()
    with opened.kafka:
        facts = opened.facts(None)
    click.echo(dumps(list_document(facts)) if is_json() else list_text(facts))


@topic.command()
@_named
@click.option("--all", "every", is_flag=True, help="Every setting, not only those of the topic's own.")
@_asking
def describe(name: str, every: bool) -> None:
    """One topic: partitions, offsets, zones, settings, who writes it."""
    opened = Opened()
    with opened.kafka as kafka:
        found = look(kafka, opened.facts((name,)), name)
    click.echo(dumps(describe_document(found)) if is_json() else describe_text(found, every_setting=every))


# ------------------------------------------------------------------ changing


@topic.command()
@_named
@click.option("--partitions", type=int, help="Default: the brokers' num.partitions.")
@click.option("--replication-factor", type=int, help="Default: the brokers' default.replication.factor.")
@_settings
@_changing
def create(
    name: str, partitions: int | None, replication_factor: int | None, config: tuple[str, ...]
) -> None:
    """Create a topic."""
    wanted = pairs(config)
    _change(lambda facts: topics.create_topic(facts, name, partitions, replication_factor, wanted))


@topic.command()
@_named
@click.option("--partitions", type=int, help="How many there shall be: more than now.")
@_settings
@click.option(
    "--default", "defaults", multiple=True, metavar="NAME", help="Give a setting back to its default."
)
@_changing
def alter(name: str, partitions: int | None, config: tuple[str, ...], defaults: tuple[str, ...]) -> None:
    """Add partitions, or change settings: one of the two at a time."""
    changes: dict[str, str | None] = {**pairs(config), **dict.fromkeys(defaults)}
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
@_changing
def delete(name: str) -> None:
    """Delete a topic and all its records."""
    _change(lambda facts: topics.delete_topic(facts, name))


@topic.command()
@click.option("--topic", "name", metavar="TOPIC", help="Default: of all topics.")
@_changing
def elect(name: str | None) -> None:
    """Let the preferred (first) replica of each partition lead."""
    _change(lambda facts: topics.elect_leaders(facts, name))


def pairs(given_ones: tuple[str, ...]) -> dict[str, str]:
    """NAME=VALUE by name. Raises UsageError.

    >>> pairs(("a=1", "b=x=y"))
    {'a': '1', 'b': 'x=y'}
    """
    found = {}
    for text in given_ones:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise UsageError(f"{text!r} is no NAME=VALUE")
        found[name.strip()] = value
    return found


def _change(planned: Callable[[TopicFacts], Plan], configs_of: tuple[str, ...] = ()) -> None:
    """Plan from new facts; show it; have the broker check it; ask; send it."""
    opened = Opened()
    with opened.kafka as kafka:
        carry_out(planned(opened.facts(configs_of)), opened, kafka)


def carry_out(plan: Plan, opened: Opened, kafka: Kafka) -> None:
    """The one way to a change: shown, permitted, written down, sent."""
    said = given("dry_run", "as_json")
    out = sys.stderr if said["as_json"] else sys.stdout
    click.echo(plan_text(plan), file=out)
    for key, after in plan.after.items():
        click.echo(f"  {key}: {plan.before.get(key, '—')} → {after}", file=out)
    if said["dry_run"]:
        checked = validate(plan, kafka)
        click.echo("the broker has checked it: it would do it" if checked else "nothing was sent", file=out)
        if said["as_json"]:
            click.echo(dumps(plan_document(plan, dry_run=True, checked=checked)))
        return
    permit(plan, opened.permit(), _ask if sys.stdin.isatty() else None)
    done = perform(plan, kafka, Audit())
    for words_ in done.refused:
        click.echo(f"  not {words_}", file=out)
    click.echo("done", file=out)
    if said["as_json"]:
        click.echo(dumps(plan_document(plan, done=done)))


def _ask(question: str) -> str:
    return str(click.prompt(question, prompt_suffix="", default="", show_default=False, err=True))
