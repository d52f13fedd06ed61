"""The command line: settings in, sessions and screens put together."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Literal

import click

from msktop import __version__
from msktop.errors import MsktopError, UsageError
from msktop.target_words import cluster_argument, target_options, words
from msktop.watch_words import (
    alert_options,
    alerting_said,
    look_options,
    look_said,
    rules_said,
    target_said,
    with_leave,
    write_options,
)

_FILE = click.Path(dir_okay=False, path_type=Path)

_ELSEWHERE = {
    "alert": "msktop.alert_cli:alert",
    "cluster": "msktop.cluster_cli:cluster",
    "group": "msktop.group_cli:group",
    "local": "msktop.local.cli:local",
    "rules": "msktop.alert_cli:rules",
    "topic": "msktop.topic_cli:topic",
}
"""What is imported only when it is called for: a monitor must start fast."""


class Lazy(click.Group):
    """A group some of whose commands live in modules of their own."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, without importing anything."""
        return sorted({*super().list_commands(ctx), *_ELSEWHERE})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now if it lives elsewhere."""
        if cmd_name not in _ELSEWHERE:
            return super().get_command(ctx, cmd_name)
        module, _, name = _ELSEWHERE[cmd_name].partition(":")
        command = getattr(importlib.import_module(module), name)
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """A first word that is no command is a cluster's: `msktop orders --region eu-west-1`."""
        if args[0].startswith("-") or self.get_command(ctx, args[0]) is not None:
            return super().resolve_command(ctx, args)
        return "open", _open, args


# ------------------------------------------------------------------ commands


def _seconds(text: str | None) -> float | None:
    from msktop.durations import parse_duration

    return None if text is None else parse_duration(text)


@click.group(cls=Lazy, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="msktop")
@target_options
@alert_options
@write_options
@look_options
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Watch an Amazon MSK or Apache Kafka cluster live.

    msktop CLUSTER opens the monitor on the MSK cluster of that name or ARN, or on a saved target or a local
    MSK of that name; msktop alone lets you choose from the account's clusters, the local and the saved ones.
    """
    if ctx.invoked_subcommand is None:
        _watch()


@click.command()
@cluster_argument
@target_options
@alert_options
@write_options
@look_options
def _open() -> None:
    """Open the monitor on a cluster."""
    _watch()


def _watch() -> None:
    from msktop.monitor import watch
    from msktop.opening import named_or_picked

    look, alerting = look_said(), alerting_said()
    if (target := named_or_picked(words(), look)) is not None:
        watch(with_leave(target), look, alerting)


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document (docs/status.schema.json).")
@click.option("--for", "span", default="4s", show_default=True, metavar="TIME", help="How long to look.")
@cluster_argument
@target_options
@alert_options
@write_options
def status(as_json: bool, span: str) -> None:
    """One look: exit code 0 healthy, 1 degraded, 2 unreachable."""
    from msktop import oneshot

    alerting = alerting_said()
    sys.exit(oneshot.status(target_said(), _seconds(span) or 0.0, as_json, sys.stdout, alerting))


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line (docs/events.schema.json).")
@click.option("--for", "span", metavar="TIME", help="Stop after this time; default: until interrupted.")
@cluster_argument
@target_options
@alert_options
@write_options
def events(as_json: bool, span: str | None) -> None:
    """Follow incidents: a line as each begins and as it ends."""
    from msktop import oneshot

    alerting = alerting_said()
    oneshot.events(target_said(), _seconds(span), as_json, sys.stdout, sys.stderr, alerting)


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.option(
    "--policy", type=click.Choice(["monitor", "operate"]), help="Only print the least IAM policy for this."
)
@cluster_argument
@target_options
def doctor(as_json: bool, policy: Literal["monitor", "operate"] | None) -> None:
    """Check each step from AWS credentials to Kafka's answers, and say what to do; exit code 0 or 1.

    Without a cluster: credentials and calls of the AWS account alone.
    """
    from msktop.doctor import examine, prescribe
    from msktop.targets import access_of

    said = words()
    if policy is not None:
        click.echo(prescribe(policy, said.cluster))
        return
    is_named = any((said.cluster, said.bootstrap_servers, said.local_name))
    sys.exit(examine(target_said() if is_named else None, access_of(said), as_json, sys.stdout))


@cli.command()
@click.option("--out", required=True, metavar="FILE", type=_FILE, help="A new file.")
@click.option("--for", "span", metavar="TIME", help="Stop after this time; default: until interrupted.")
@cluster_argument
@target_options
@alert_options
@write_options
def record(out: Path, span: str | None) -> None:
    """Record a session without a screen."""
    from msktop import oneshot

    alerting = alerting_said()
    oneshot.record(target_said(), out, _seconds(span), sys.stdout, alerting)


@cli.command()
@click.argument("file", type=_FILE)
@click.option("--speed", type=click.FloatRange(0.1, 1000), default=1.0, show_default=True)
@alert_options
@look_options
def replay(file: Path, speed: float) -> None:
    """Open a recording in the same screens; without a terminal, its end as text.

    With --rules, by these rules in place of those that held then; nobody is notified.
    """
    if sys.stdout.isatty() and sys.stdin.isatty():
        from msktop.monitor import rewatch

        rewatch(file, speed, look_said(), rules_said())
        return
    from msktop import oneshot

    oneshot.replay(file, sys.stdout, rules_said())


@cli.command()
@click.option("--metadata", type=click.Choice(["kraft", "zookeeper"]), default="kraft", show_default=True)
@click.option("--kafka-version", metavar="VERSION", help="Default: 4.1.1 (KRaft), 3.9.2 (ZooKeeper).")
@look_options
def demo(metadata: Literal["kraft", "zookeeper"], kafka_version: str | None) -> None:
    """A real three-broker, three-zone Kafka on this machine, and the monitor on it.

    Leaving it stops everything that it started. Without a terminal it looks on for 30 s and prints the state.
    """
    from msktop import demonstration

    demonstration.run(metadata, kafka_version, look_said(), sys.stdout)


# ------------------------------------------------------------------ the way in


def _harmless(words: str) -> str:
    """A sentence may name groups and topics, and repeat what a broker or AWS said."""
    from msktop.model.text import plain

    return "\n".join(plain(line) for line in words.split("\n"))


def main() -> None:
    """Run the command line; every failure is a sentence and an exit code, never a traceback."""
    try:
        sys.exit(cli.main(standalone_mode=False) or 0)
    except click.ClickException as error:
        error.show()
        sys.exit(UsageError.exit_code if isinstance(error, click.UsageError) else 1)
    except MsktopError as error:
        click.echo(f"msktop: {_harmless(error.title)}", err=True)
        if error.advice:
            click.echo(f"  {_harmless(error.advice)}", err=True)
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(141)
