"""The command line: settings in, sources and screens put together."""

from __future__ import annotations

from importlib import import_module

import click

from msktop import __version__

_ELSEWHERE = {"local": "msktop.local.cli"}
"""Subcommands that are imported only when they are named, so that `msktop` starts fast."""


class LazyGroup(click.Group):
    """A group some of whose commands live in modules of their own, under the command's name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, without importing anything."""
        return sorted({*super().list_commands(ctx), *_ELSEWHERE})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now if it lives elsewhere."""
        if cmd_name not in _ELSEWHERE:
            return super().get_command(ctx, cmd_name)
        found: click.Command = getattr(import_module(_ELSEWHERE[cmd_name]), cmd_name)
        return found


@click.group(
    cls=LazyGroup, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.version_option(__version__, prog_name="msktop")
def main() -> None:
    """Watch an Amazon MSK or Apache Kafka cluster live."""
