"""What commands share that ask or change Kafka itself: options, the cluster that is meant, a change's way."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

import click

from msktop.actions.audit import Audit
from msktop.actions.guard import Permit, permit
from msktop.actions.kafka import Kafka
from msktop.actions.topic_facts import TopicFacts, topic_facts
from msktop.cluster_text import dumps, plan_text
from msktop.kafka_way import KafkaWay, kafka_way
from msktop.kept import given, kept_option
from msktop.model.text import plain
from msktop.target_words import cluster_argument, target_options, words
from msktop.targets import is_ours

if TYPE_CHECKING:
    from msktop.actions.kafka_perform import Done
    from msktop.actions.plan import Plan
    from msktop.settings import Target

_Command = TypeVar("_Command", bound=Callable[..., Any])

_ASKING = (
    kept_option(
        "--json",
        "as_json",
        is_flag=True,
        default=None,
        help="One JSON document (docs/topics.md, docs/groups.md).",
    ),
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


def asking(command: _Command) -> _Command:
    """Options of a command that only looks."""
    for option in reversed(_ASKING):
        command = option(command)
    return cluster_argument(target_options(command))


def changing(command: _Command) -> _Command:
    """Options of a command that changes something."""
    for option in reversed(_CHANGING):
        command = option(command)
    return asking(command)


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


def ask(question: str) -> str:
    """Have a person type an answer."""
    return str(click.prompt(question, prompt_suffix="", default="", show_default=False, err=True))


# ------------------------------------------------------------------ changing


def agreed(plan: Plan, opened: Opened, more: str = "", check: Callable[[], bool] = lambda: False) -> bool:
    """Show it, with `more`, and ask for leave; False after a dry run, in which the broker may `check` it.

    Raises ActionError where it may not be sent, or the broker would not take it.
    """
    click.echo(plan_text(plan), file=out())
    if more:
        click.echo(more, file=out())
    if given("dry_run")["dry_run"]:
        checked = check()
        words = "the broker has checked it: it would do it" if checked else "nothing was sent"
        click.echo(words, file=out())
        if is_json():
            click.echo(dumps(plan_document(plan, dry_run=True, checked=checked)))
        return False
    permit(plan, opened.permit(), ask if sys.stdin.isatty() else None)
    return True


def carry_out(plan: Plan, kafka: Kafka, perform: Callable[[Plan, Kafka, Audit], Done]) -> None:
    """Write it down, send it, and tell what came of it. Raises MsktopError."""
    done = perform(plan, kafka, Audit())
    for refusal in done.refused:
        click.echo(plain(f"  not {refusal}"), file=out())
    click.echo("done", file=out())
    if is_json():
        click.echo(dumps(plan_document(plan, done=done)))


def out() -> TextIO:
    """Where words for people go: with --json not between the document."""
    return sys.stderr if is_json() else sys.stdout


def plan_document(
    plan: Plan, *, dry_run: bool = False, checked: bool = False, done: Done | None = None
) -> dict[str, object]:
    """A change: what it was to be, whether the broker has checked it, what the cluster answered."""
    return {
        **dataclasses.asdict(plan),
        "dry_run": dry_run,
        "checked_by_broker": checked,
        "accepted": done is not None,
        "cluster_id": done.cluster_id if done else None,
        "refused": list(done.refused) if done else [],
    }
