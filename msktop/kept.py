"""Options that may come before a command's name or after it: the root context holds what was given."""

from __future__ import annotations

import functools
from typing import Any

import click


def keep(ctx: click.Context, param: click.Parameter, value: object) -> None:
    """A callback that remembers the value; one that was not given changes nothing."""
    root = ctx.find_root()
    if value is not None and param.name is not None:
        root.obj = {**(root.obj or {}), param.name: value}


kept_option = functools.partial(click.option, expose_value=False, callback=keep)
"""Like click.option, for `given`. Flags need `default=None`."""


def given(*names: str) -> dict[str, Any]:
    """What was given of these options, None for the others."""
    kept: dict[str, Any] = click.get_current_context().find_root().obj or {}
    return {name: kept.get(name) for name in names}
