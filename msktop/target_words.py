"""Options and the argument that say which cluster is meant, for every command that opens one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from msktop.kept import given, keep, kept_option

if TYPE_CHECKING:
    from msktop.targets import Words

_Command = TypeVar("_Command", bound="Callable[..., Any] | click.Command")

_FILE = click.Path(dir_okay=False, path_type=Path)
_TARGET = (
    kept_option("--bootstrap-servers", metavar="HOST:PORT,…", help="Any Kafka cluster."),
    kept_option(
        "--command-config",
        metavar="FILE",
        type=_FILE,
        help="Kafka's own client.properties: security, and nothing secret on the command line.",
    ),
    kept_option("--local", "local_name", metavar="NAME", help="A local MSK that runs on this machine."),
    kept_option(
        "--region", metavar="REGION,…", help="Where to look for clusters; default: the profile's own."
    ),
    kept_option("--profile", metavar="NAME", help="Of ~/.aws/config."),
    kept_option("--endpoint-url", metavar="URL", help="Another MSK API than AWS's, such as a local MSK's."),
    kept_option(
        "--auth",
        type=click.Choice(["iam", "scram", "tls", "plaintext"]),
        help="How to log in to an MSK cluster's brokers; default: the best that it offers.",
    ),
    kept_option(
        "--endpoints",
        type=click.Choice(["private", "public", "vpc"]),
        help="Which endpoints of an MSK cluster to use; default: private.",
    ),
    kept_option(
        "--proxy", metavar="socks5://HOST:PORT", help="The way to brokers and exporters: ssh -D, for one."
    ),
    kept_option(
        "--dns-map",
        metavar="HOST=ADDR,…|FILE",
        help="Addresses in place of the names' own, for brokers and exporters.",
    ),
    kept_option("--client-rack", metavar="ZONE", help="Zone id of this host, such as use1-az1."),
)


def target_options(command: _Command) -> _Command:
    """Options that say which cluster."""
    for option in reversed(_TARGET):
        command = option(command)
    return command


def words() -> Words:
    """What was said."""
    from msktop.targets import Words

    return Words(**given(*(f.name for f in fields(Words))))


def cluster_argument(command: _Command) -> _Command:
    """The cluster by its name or ARN, as a last word."""
    argument = click.argument(
        "cluster", required=False, expose_value=False, callback=keep, metavar="[CLUSTER]"
    )
    return argument(command)
