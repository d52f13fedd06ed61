"""`msktop local`: start, look at, break and stop a local MSK."""

from __future__ import annotations

import click
import msgspec

from msktop.local import cli_plane, control
from msktop.local.cli_shared import clear_errors, name_option
from msktop.local.settings import How, Metadata, Settings, Traffic, checked_listeners
from msktop.local.state import State


@click.group()
def local() -> None:
    """Run a miniature MSK on this machine: real Kafka, zones, failures, healing."""


@local.command()
@name_option
@click.option("--brokers", default=3, show_default=True, help="How many brokers.")
@click.option("--zones", default=0, help="How many zones.  [default: 3, or as many as brokers]")
@click.option("--metadata", type=click.Choice(["kraft", "zookeeper"]), default="kraft", show_default=True)
@click.option("--kafka-version", default="", help="[default: 4.1.1; 3.9.2 with zookeeper]")
@click.option(
    "--traffic", type=click.Choice(["steady", "waves", "rise", "none"]), default="steady", show_default=True
)
@click.option("--no-heal", is_flag=True, help="Do not replace brokers that fail.")
@click.option("--fast-heal", is_flag=True, help="Session time-outs of 2 s instead of Kafka's defaults.")
@click.option(
    "--listeners",
    default="plaintext",
    show_default=True,
    help="Of plaintext,tls,scram (9092, 9094, 9096).",
)
@click.option("--owner-pid", type=int, hidden=True, help="Stop when this process ends.")
@clear_errors
def start(
    name: str,
    brokers: int,
    zones: int,
    metadata: Metadata,
    kafka_version: str,
    traffic: Traffic,
    no_heal: bool,
    fast_heal: bool,
    listeners: str,
    owner_pid: int | None,
) -> None:
    """Start a cluster; return when it is usable."""
    settings = Settings(
        name=name,
        brokers=brokers,
        zones=zones,
        metadata=metadata,
        kafka_version=kafka_version,
        traffic=traffic,
        heal=not no_heal,
        fast_heal=fast_heal,
        owner_pid=owner_pid,
        listeners=checked_listeners(listeners),
    )
    found = control.start(settings, lambda text: click.echo(text, err=True))
    click.echo(found.bootstrap_servers)


@local.command()
@name_option
@clear_errors
def stop(name: str) -> None:
    """Stop a cluster and remove its data."""
    stopped = control.stop(name)
    click.echo(f"stopped {name}" if stopped else f"no local cluster {name!r} runs", err=True)


@local.command()
@name_option
@click.option("--json", "as_json", is_flag=True, help="The state file, as it is.")
@clear_errors
def status(name: str, as_json: bool) -> None:
    """Show a cluster's nodes and their state."""
    found = control.require(name)
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(found), indent=2))
    else:
        click.echo("\n".join(described(found)))


@local.command()
@click.argument("broker", type=int)
@click.option("--how", type=click.Choice(["kill", "hang", "stop"]), required=True)
@click.option(
    "--for", "for_s", type=click.FloatRange(0), help="Seconds until it may come back; without it, `resume`."
)
@name_option
@clear_errors
def fail(broker: int, how: How, for_s: float | None, name: str) -> None:
    """Make BROKER fail: kill it, hang it, or stop it in good order."""
    control.fail(name, broker, how, for_s)


@local.command()
@click.argument("broker", type=int)
@name_option
@clear_errors
def resume(broker: int, name: str) -> None:
    """Let BROKER come back from `fail`."""
    control.resume(name, broker)


@local.command()
@click.argument("broker", type=int)
@click.option("--lines", "-n", default=200, show_default=True, help="How many of the last lines.")
@name_option
@clear_errors
def logs(broker: int, lines: int, name: str) -> None:
    """Show the last lines of BROKER's own log."""
    click.echo("\n".join(control.logs(name, broker, lines)))


for command in cli_plane.COMMANDS:
    local.add_command(command)


def described(found: State) -> list[str]:
    """The cluster as lines of text."""
    lines = [
        f"{found.name}  {found.state}  Kafka {found.kafka_version} ({found.metadata})  "
        f"traffic {found.traffic}  supervisor {found.supervisor_pid}",
        f"bootstrap servers: {found.bootstrap_servers}",
        *(f"{name}: {found.servers[name]}  {path}" for name, path in found.client_properties.items()),
        "",
        f"{'NODE':<6} {'ROLE':<10} {'ZONE':<9} {'ADDRESS':<20} {'PID':<8} {'RESTARTS':<8} STATE",
    ]
    for node in found.nodes:
        held = " (held)" if node.held else ""
        lines.append(
            f"{node.id:<6} {node.role:<10} {node.zone:<9} {f'{node.address}:{node.port}':<20} "
            f"{node.pid or '—':<8} {node.restarts:<8} {node.state}{held}"
        )
    return lines
