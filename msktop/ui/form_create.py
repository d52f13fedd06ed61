"""The form of a new cluster: as the one that is open, or from what the account has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast, get_args

from msktop.actions.creation import NewCluster, create_cluster
from msktop.actions.levels import Monitoring
from msktop.actions.offers import one_a_zone
from msktop.actions.plan import Plan
from msktop.errors import UsageError
from msktop.model import limits
from msktop.ui.form_cluster import configuration_hint, configurations, newest_revision, revisions
from msktop.ui.forms import Field, Form, Known, Values, number

_SMALLEST = "kafka.m7g.large"
_VOLUME_GIB = 100


def words_in(text: str) -> tuple[str, ...]:
    """What stands between commas or blanks.

    >>> words_in("subnet-1, subnet-2 ")
    ('subnet-1', 'subnet-2')
    """
    return tuple(text.replace(",", " ").split())


def _plan(known: Known, values: Values) -> Plan:
    name, kind = values["name"].strip(), values["type"].strip()
    if not name:
        raise UsageError("a new cluster needs a name", "Up to 64 letters, digits and hyphens.")
    if not values["version"].strip():
        raise UsageError("which Kafka?", _versions_hint(known, values))
    express = limits.family(kind) == "express"
    return create_cluster(
        NewCluster(
            name=name,
            subnets=words_in(values["subnets"]),
            kafka_version=values["version"].strip(),
            brokers=number(values["brokers"], "number of brokers"),
            instance_type=kind,
            volume_gib=_VOLUME_GIB if express else number(values["gib"], "number of GiB"),
            security_groups=words_in(values["groups"]),
            monitoring=_level(values["level"]),
            open_monitoring=_yes(values["open"]),
            configuration=_configuration(values),
        )
    )


def _configuration(values: Values) -> tuple[str, int] | None:
    arn = values["arn"].strip()
    return (arn, number(values["revision"] or "0", "revision")) if arn else None


def _own_configuration(known: Known) -> tuple[str, str]:
    """ARN and revision of the cluster that is open; nothing where it has MSK's own."""
    arn, _, revision = ((known.facts and known.facts.configuration) or "").partition(" revision ")
    return arn, revision


def _revision(known: Known, values: Values) -> str:
    """Of the open cluster's configuration its own, of another one the newest."""
    arn, revision = _own_configuration(known)
    if not values.get("arn"):
        return ""
    return revision if values["arn"] == arn else str(newest_revision(known, values) or "")


def _revision_hint(known: Known, values: Values) -> str:
    newest = newest_revision(known, values)
    return f"the newest is {newest}" if newest else "" if values.get("arn") else "of no configuration"


def _configuration_choice(known: Known, values: Values) -> str:
    return configuration_hint(known, values) if values.get("arn") else "none: MSK's own settings"


def _level(text: str) -> Monitoring:
    level = text.strip().upper()
    if level not in get_args(Monitoring):
        raise UsageError(
            f"{text!r} is no level of monitoring", f"There are {', '.join(get_args(Monitoring))}."
        )
    return cast("Monitoring", level)


def _yes(text: str) -> bool:
    word = text.strip().lower()
    if word not in ("yes", "no"):
        raise UsageError(f"open monitoring: {text!r} is neither yes nor no")
    return word == "yes"


def _subnets(known: Known, _: Values) -> str:
    return ",".join((known.facts and known.facts.subnets) or one_a_zone(known.offers.subnets or ()))


def _subnets_hint(known: Known, _: Values) -> str:
    if known.offers.subnets is None:
        return "two or three, each in another zone"
    return f"two or three of {len(known.offers.subnets)}, each in another zone"


def _versions(known: Known, _: Values) -> Sequence[str]:
    return known.offers.kafka_versions or ()


def _first_version(known: Known, values: Values) -> str:
    own = known.facts.kafka_version if known.facts else None
    offered = _versions(known, values)
    return own if own and (own in offered or not offered) else next(reversed(offered), "")


def _versions_hint(known: Known, _: Values) -> str:
    offered = known.offers.kafka_versions
    if offered is None:
        return "kafka:ListKafkaVersions is denied: type it"
    return f"{len(offered)} to choose from" if len(offered) > 4 else f"MSK offers {', '.join(offered)}"


def _zones(values: Values) -> int:
    return len(words_in(values.get("subnets", ""))) or 3


def _counts(_: Known, values: Values) -> Sequence[str]:
    zones = _zones(values)
    return tuple(str(n) for n in range(zones, limits.most_brokers(None) + 1, zones))


CREATE = Form(
    id="create",
    label="Create a cluster",
    fields=(
        Field("name", "name", hint=lambda _, __: "letters, digits, hyphens"),
        Field("subnets", "subnets", first=_subnets, hint=_subnets_hint),
        Field("version", "Kafka", first=_first_version, choices=_versions, hint=_versions_hint),
        Field(
            "brokers",
            "brokers",
            first=lambda _, v: str(_zones(v)),
            choices=_counts,
            hint=lambda _, v: f"a multiple of {_zones(v)}",
        ),
        Field(
            "type",
            "instance type",
            first=lambda k, _: (k.facts and k.facts.instance_type) or _SMALLEST,
            choices=lambda _, __: limits.instance_types(),
        ),
        Field(
            "gib",
            "GiB a broker",
            first=lambda k, _: str((k.facts and k.facts.volume_gib) or _VOLUME_GIB),
            hint=lambda _, v: "express brokers have none" if v.get("type", "").startswith("express") else "",
        ),
        Field(
            "groups",
            "security groups",
            first=lambda k, _: ",".join(k.facts.security_groups) if k.facts else "",
            hint=lambda _, __: "none: the VPC's default",
        ),
        Field(
            "level",
            "monitoring",
            first=lambda k, _: (k.facts and k.facts.monitoring) or "DEFAULT",
            choices=lambda _, __: get_args(Monitoring),
        ),
        Field(
            "open",
            "open monitoring",
            first=lambda _, __: "yes",
            choices=lambda _, __: ("yes", "no"),
            hint=lambda _, __: "both exporters: request times, load, disks",
        ),
        Field(
            "arn",
            "configuration",
            first=lambda k, _: _own_configuration(k)[0],
            choices=lambda k, v: ("", *configurations(k, v)),
            hint=_configuration_choice,
        ),
        Field("revision", "revision", first=_revision, choices=revisions, hint=_revision_hint),
    ),
    plan=_plan,
    title=lambda _, plan: f"Create {plan.cluster}",
    needs="account",
)
