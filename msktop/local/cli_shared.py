"""What every command of `msktop local` has in common."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import click

from msktop.errors import MsktopError

P = ParamSpec("P")

_INTERRUPTED = 130

name_option = click.option("--name", default="demo", show_default=True, help="Which local cluster.")


def clear_errors(command: Callable[P, None]) -> Callable[P, None]:
    """End a command that failed with its one message and its exit code, never with a traceback."""

    @wraps(command)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except MsktopError as e:
            click.echo(f"msktop: {e.title}", err=True)
            if e.advice:
                click.echo(f"  {e.advice}", err=True)
            sys.exit(e.exit_code)
        except KeyboardInterrupt:
            click.echo("msktop: interrupted", err=True)
            sys.exit(_INTERRUPTED)

    return guarded
