"""`msktop local env` and what only AWS can do to one: denied, throttled and expired calls, patches."""

from __future__ import annotations

import click

from msktop.local import control
from msktop.local.cli_shared import clear_errors, name_option
from msktop.local.plane import environment


@click.command()
@name_option
@clear_errors
def env(name: str) -> None:
    """Print what lets boto3 and the AWS CLI reach it: eval "$(msktop local env)"."""
    click.echo(environment.shell(control.require(name)))


COMMANDS = (env,)
