"""`msktop local env`, and what only AWS can do to one: calls denied, throttled, expired; a patch."""

from __future__ import annotations

import click

from msktop.local import control, paths
from msktop.local.cli_shared import clear_errors, name_option
from msktop.local.plane import commands, environment

off_option = click.option("--off", is_flag=True, help="No longer.")


@click.command()
@name_option
@clear_errors
def env(name: str) -> None:
    """Print what lets boto3 and the AWS CLI reach it: eval "$(msktop local env)"."""
    click.echo(environment.shell(control.require(name)))


@click.command()
@click.argument("action")
@off_option
@name_option
@clear_errors
def deny(action: str, off: bool, name: str) -> None:
    """Let calls of ACTION (ListNodes, ec2:DescribeSubnets, kafka:Update*) be refused as IAM does it."""
    _ask(name, commands.Command("deny", action, off))


@click.command()
@click.argument("action")
@off_option
@name_option
@clear_errors
def throttle(action: str, off: bool, name: str) -> None:
    """Let calls of ACTION meet AWS's limit of calls."""
    _ask(name, commands.Command("throttle", action, off))


@click.command("expire-credentials")
@off_option
@name_option
@clear_errors
def expire_credentials(off: bool, name: str) -> None:
    """Let every call be answered as if its credentials had expired."""
    _ask(name, commands.Command("expire", off=off))


@click.command()
@click.option("--cluster", default="", help="Which cluster of this local MSK.  [default: its own]")
@name_option
@clear_errors
def patch(cluster: str, name: str) -> None:
    """Reboot every broker in turn, as AWS does in a maintenance window; print the operation's ARN."""
    _ask(name, commands.Command("patch", cluster=cluster or name))


@click.command()
@click.option("--period", type=float, metavar="SECONDS", help="Read the exporters so often.  [default: 60]")
@click.option("--delay", type=float, metavar="SECONDS", help="Let CloudWatch have it so much later.")
@name_option
@clear_errors
def metrics(period: float | None, delay: float | None, name: str) -> None:
    """Print how CloudWatch's AWS/Kafka is fed, or change it: MSK's comes some minutes late."""
    _ask(name, commands.Command("metrics", period_s=period, delay_s=delay))


COMMANDS = (env, deny, throttle, expire_credentials, patch, metrics)


def _ask(name: str, command: commands.Command) -> None:
    control.require(name)
    click.echo(commands.ask(paths.folders(name).state, command))
