"""The command line: settings in, sources and screens put together."""

from __future__ import annotations

import click

from msktop import __version__


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="msktop")
def main() -> None:
    """Watch an Amazon MSK or Apache Kafka cluster live."""
