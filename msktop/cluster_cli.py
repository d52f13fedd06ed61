"""`msktop cluster …`: the life of MSK clusters from the command line."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import click

from msktop.actions import updates
from msktop.actions.audit import Audit
from msktop.actions.creation import NewCluster, create_cluster
from msktop.actions.facts import Facts, facts
from msktop.actions.guard import Permit, permit
from msktop.actions.levels import Monitoring
from msktop.actions.perform import follow, perform
from msktop.actions.plan import Plan
from msktop.aws import discovery
from msktop.aws.access import Access
from msktop.aws.session import AwsSession, log_in
from msktop.cluster_text import (
    clusters_text,
    dumps,
    facts_text,
    operations_of,
    operations_text,
    plan_document,
    plan_text,
    progress_text,
)
from msktop.durations import parse_duration
from msktop.errors import ActionError
from msktop.kept import given, kept_option
from msktop.saved import Saved, saved_targets
from msktop.targets import msk_target

_Command = TypeVar("_Command", bound=Callable[..., Any])
_EVERY_S, _EVERY_OURS_S = 10.0, 0.5
"""How often an operation that is waited for is asked about; a local MSK shares its API with nobody."""

_ASKING = (
    kept_option("--region", metavar="REGION", help="Default: the profile's own."),
    kept_option("--profile", metavar="NAME", help="Of ~/.aws/config."),
    kept_option("--endpoint-url", metavar="URL", help="Another MSK API than AWS's."),
    kept_option("--json", "as_json", is_flag=True, default=None, help="One JSON document (docs/cluster.md)."),
)
_CHANGING = (
    kept_option("--write", is_flag=True, default=None, help="Allow it; a local MSK of yours needs no leave."),
    kept_option("--read-only", is_flag=True, default=None, help="Allow nothing, whatever else is said."),
    kept_option("--yes", is_flag=True, default=None, help="Ask nobody."),
    kept_option("--dry-run", is_flag=True, default=None, help="Check and show it; send nothing."),
    kept_option("--wait", is_flag=True, default=None, help="Follow it to its end; exit code 1 if it fails."),
    kept_option("--timeout", metavar="TIME", help="Of --wait.  [default: 2h]"),
)


def _asking(command: _Command) -> _Command:
    for option in reversed(_ASKING):
        command = option(command)
    return command


def _changing(command: _Command) -> _Command:
    for option in reversed(_CHANGING):
        command = option(command)
    return _asking(command)


_named = click.argument("name", metavar="CLUSTER")


@dataclass(frozen=True, slots=True)
class _Way:
    """The API of one cluster, or of none yet."""

    session: AwsSession
    cluster: str
    ours: bool
    write: bool


def _way(name: str = "") -> _Way:
    """By the options, or by the saved target of that name."""
    said = given("region", "profile", "endpoint_url", "write")
    saved = saved_targets().get(name, Saved(name)) if name else Saved(name)
    region, profile = said["region"] or saved.region, said["profile"] or saved.profile
    access = Access(profile, (region,) if region else (), said["endpoint_url"] or saved.endpoint_url)
    target = msk_target(saved.arn or name, access)
    log_in(target.access)
    return _Way(AwsSession(target.access), target.cluster, target.ours, bool(said["write"]) or saved.write)


def _is_json() -> bool:
    return bool(given("as_json")["as_json"])


# ------------------------------------------------------------------ looking


@click.group()
def cluster() -> None:
    """List, look at, create, change and delete MSK clusters."""


@cluster.command("list")
@_asking
def list_clusters() -> None:
    """The clusters of the region."""
    session = _way().session
    found = [one for region in session.regions for one in discovery.clusters(session, region)]
    click.echo(dumps(found) if _is_json() else clusters_text(found, time.time()))


@cluster.command()
@_named
@_asking
def describe(name: str) -> None:
    """One cluster, as the checks of every change see it."""
    way = _way(name)
    found = facts(way.session, way.cluster)
    click.echo(dumps(found) if _is_json() else facts_text(found))


@cluster.command()
@_named
@_asking
def operations(name: str) -> None:
    """What was done and is being done to a cluster, newest first."""
    way = _way(name)
    found = operations_of(way.session, way.cluster)
    click.echo(dumps(found) if _is_json() else operations_text(found, time.time()))


# ------------------------------------------------------------------ changing


@cluster.command()
@_named
@click.option("--subnets", required=True, metavar="SUBNET,…", help="Two or three, each in another zone.")
@click.option("--kafka-version", required=True, metavar="VERSION")
@click.option("--brokers", default=3, show_default=True, help="A multiple of the subnets.")
@click.option("--instance-type", default="kafka.m7g.large", show_default=True)
@click.option("--volume-gib", default=100, show_default=True, help="Of each standard broker.")
@click.option("--security-groups", default="", metavar="GROUP,…")
@click.option("--monitoring", default="DEFAULT", show_default=True, help="CloudWatch's level.")
@click.option("--open-monitoring/--no-open-monitoring", default=True, show_default=True)
@click.option("--configuration", nargs=2, type=(str, int), metavar="ARN REVISION")
@_changing
def create(
    name: str,
    subnets: str,
    kafka_version: str,
    brokers: int,
    instance_type: str,
    volume_gib: int,
    security_groups: str,
    monitoring: str,
    open_monitoring: bool,
    configuration: tuple[str, int] | None,
) -> None:
    """Create a provisioned cluster."""
    wanted = NewCluster(
        name=name,
        subnets=_words(subnets),
        kafka_version=kafka_version,
        brokers=brokers,
        instance_type=instance_type,
        volume_gib=volume_gib,
        security_groups=_words(security_groups),
        monitoring=cast("Monitoring", monitoring),
        open_monitoring=open_monitoring,
        configuration=configuration,
    )
    _carry_out(create_cluster(wanted), _way(), None)


@cluster.command()
@_named
@_changing
def delete(name: str) -> None:
    """Delete a cluster and all its data."""
    _change(name, updates.delete_cluster)


@cluster.command("update-broker-count")
@_named
@click.argument("count", type=int)
@_changing
def update_broker_count(name: str, count: int) -> None:
    """Add or remove brokers: COUNT is how many there shall be."""
    _change(name, lambda found: updates.update_broker_count(found, count))


@cluster.command("update-broker-type")
@_named
@click.argument("instance_type")
@_changing
def update_broker_type(name: str, instance_type: str) -> None:
    """Give all brokers another instance type."""
    _change(name, lambda found: updates.update_broker_type(found, instance_type))


@cluster.command("update-storage")
@_named
@click.argument("volume_gib", type=int, metavar="GIB")
@_changing
def update_storage(name: str, volume_gib: int) -> None:
    """Enlarge every broker's volume to GIB."""
    _change(name, lambda found: updates.update_storage(found, volume_gib, time.time()))


@cluster.command("update-kafka-version")
@_named
@click.argument("version")
@_changing
def update_kafka_version(name: str, version: str) -> None:
    """Update to a later Kafka."""
    _change(name, lambda found: updates.update_kafka_version(found, version))


@cluster.command("update-monitoring")
@_named
@click.argument("level")
@_changing
def update_monitoring(name: str, level: str) -> None:
    """Choose the level of CloudWatch's metrics."""
    _change(name, lambda found: updates.update_monitoring(found, cast("Monitoring", level)))


@cluster.command("update-configuration")
@_named
@click.argument("arn")
@click.argument("revision", type=int)
@_changing
def update_configuration(name: str, arn: str, revision: int) -> None:
    """Apply a revision of a configuration."""
    _change(name, lambda found: updates.update_configuration(found, arn, revision))


@cluster.command("reboot-broker")
@_named
@click.argument("broker", type=int)
@_changing
def reboot_broker(name: str, broker: int) -> None:
    """Restart one broker."""
    _change(name, lambda found: updates.reboot_broker(found, broker))


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _change(name: str, planned: Callable[[Facts], Plan]) -> None:
    way = _way(name)
    found = facts(way.session, way.cluster)
    _carry_out(planned(found), way, found)


def _carry_out(plan: Plan, way: _Way, found: Facts | None) -> None:
    """Show the plan, ask, send it, and follow it where that is wanted."""
    said = given("read_only", "yes", "dry_run", "wait", "timeout", "as_json")
    out = sys.stderr if said["as_json"] else sys.stdout
    click.echo(plan_text(plan), file=out)
    if said["dry_run"]:
        if said["as_json"]:
            click.echo(dumps(plan_document(plan, dry_run=True)))
        return
    leave = Permit(way.write, bool(said["read_only"]), bool(said["yes"]), way.ours)
    permit(plan, leave, _ask if sys.stdin.isatty() else None)
    region = found.region if found is not None else way.session.region
    sent = perform(plan, way.session, region, Audit())
    if not said["wait"]:
        click.echo(f"accepted; follow it with: msktop cluster operations {plan.cluster}", file=out)
        if said["as_json"]:
            click.echo(dumps(plan_document(plan, sent=sent)))
        return
    try:
        ended = follow(
            sent,
            plan,
            way.session,
            region,
            every_s=_EVERY_OURS_S if way.ours else _EVERY_S,
            limit_s=parse_duration(said["timeout"] or "2h"),
            told=lambda progress: click.echo(progress_text(progress), file=out),
        )
    except KeyboardInterrupt:
        click.echo(f"left alone; MSK goes on with it: {plan.title}", err=True)
        raise
    if said["as_json"]:
        click.echo(dumps(plan_document(plan, sent=sent, ended=ended)))
    if ended.failed:
        raise ActionError(f"it failed: {plan.title}", ended.error)


def _ask(question: str) -> str:
    return str(click.prompt(question, prompt_suffix="", default="", show_default=False, err=True))
