"""What an account has to choose from for a cluster: Kafka versions, configurations, subnets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from msktop.aws.errors import AwsError, explaining
from msktop.aws.session import AwsSession

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Configuration:
    """A configuration of MSK's, and its newest revision."""

    arn: str
    name: str
    revision: int


@dataclass(frozen=True, slots=True)
class Subnet:
    """Where brokers can be put."""

    id: str
    zone: str
    vpc: str
    default: bool
    """Its zone's own in the account's default VPC."""


@dataclass(frozen=True, slots=True)
class Offers:
    """None: AWS does not let us see them; then they have to be typed."""

    kafka_versions: tuple[str, ...] | None = None
    configurations: tuple[Configuration, ...] | None = None
    subnets: tuple[Subnet, ...] | None = None


def configurations(session: AwsSession, region: str) -> tuple[Configuration, ...]:
    """Those that can be used, by name. Raises AwsError."""
    with explaining("kafka:ListConfigurations"):
        pages = session.client("kafka", region).get_paginator("list_configurations").paginate()
        found = [one for page in pages for one in page.get("Configurations", ())]
    usable = (one for one in found if one.get("State", "ACTIVE") == "ACTIVE")
    return tuple(
        sorted(
            (
                Configuration(
                    one["Arn"], one.get("Name", ""), (one.get("LatestRevision") or {}).get("Revision", 1)
                )
                for one in usable
            ),
            key=lambda one: one.name,
        )
    )


def kafka_versions(session: AwsSession, region: str) -> tuple[str, ...]:
    """Those that a new cluster may run, in MSK's own order. Raises AwsError."""
    with explaining("kafka:ListKafkaVersions"):
        pages = session.client("kafka", region).get_paginator("list_kafka_versions").paginate()
        found = [one for page in pages for one in page.get("KafkaVersions", ())]
    return tuple(one["Version"] for one in found if one.get("Status", "ACTIVE") == "ACTIVE")


def subnets(session: AwsSession, region: str) -> tuple[Subnet, ...]:
    """All of the region's, by zone, a default VPC's first. Raises AwsError."""
    with explaining("ec2:DescribeSubnets"):
        pages = session.client("ec2", region).get_paginator("describe_subnets").paginate()
        found = [one for page in pages for one in page.get("Subnets", ())]
    seen = (
        Subnet(
            one["SubnetId"],
            one.get("AvailabilityZoneId") or one.get("AvailabilityZone", ""),
            one.get("VpcId", ""),
            bool(one.get("DefaultForAz")),
        )
        for one in found
    )
    return tuple(sorted(seen, key=lambda one: (not one.default, one.vpc, one.zone, one.id)))


def for_update(session: AwsSession, region: str) -> Offers:
    """What an existing cluster can be given; what cannot be seen has to be typed."""
    return Offers(configurations=_if_seen(lambda: configurations(session, region)))


def for_creation(session: AwsSession, region: str) -> Offers:
    """What a new cluster can be made of. Raises AwsError where AWS cannot be asked at all."""
    try:
        versions: tuple[str, ...] | None = kafka_versions(session, region)
    except AwsError as error:
        if error.kind != "denied":
            raise
        versions = None
    return Offers(
        kafka_versions=versions,
        configurations=_if_seen(lambda: configurations(session, region)),
        subnets=_if_seen(lambda: subnets(session, region)),
    )


def one_a_zone(found: Sequence[Subnet], zones: int = 3) -> tuple[str, ...]:
    """A subnet in each of up to `zones` zones of one VPC; none where no VPC has two zones.

    >>> made = [Subnet("s1", "z1", "v", True), Subnet("s2", "z2", "v", True), Subnet("s3", "z2", "v", True)]
    >>> one_a_zone(made), one_a_zone(made[:1])
    (('s1', 's2'), ())
    """
    for vpc in dict.fromkeys(one.vpc for one in found):
        by_zone: dict[str, str] = {}
        for one in found:
            if one.vpc == vpc:
                by_zone.setdefault(one.zone, one.id)
        if len(by_zone) > 1:
            return tuple(by_zone.values())[:zones]
    return ()


def _if_seen(ask: Callable[[], tuple[T, ...]]) -> tuple[T, ...] | None:
    try:
        return ask()
    except AwsError:
        return None
