"""Which MSK clusters there are, and which one is meant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from msktop.aws.errors import AwsError, explaining
from msktop.aws.session import AwsSession, region_of_arn

ClusterType = Literal["PROVISIONED", "EXPRESS", "SERVERLESS"]

NAMED = 5
"""Clusters named in the sentence that one was not found."""


@dataclass(frozen=True, slots=True)
class Found:
    """One cluster as ListClustersV2 gives it."""

    name: str
    arn: str
    region: str
    type: ClusterType
    """EXPRESS is PROVISIONED with an instance type of that family."""
    state: str
    kafka_version: str | None = None
    instance_type: str | None = None
    broker_count: int | None = None
    """None: serverless."""
    zones: tuple[str, ...] = ()
    """Zone ids; where AWS does not give them, its subnets."""
    authentication: tuple[str, ...] = ()
    """Of IAM, SCRAM, TLS, UNAUTHENTICATED."""
    created_at: float | None = None
    active_operation_arn: str | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """The newest operation of a cluster."""

    type: str
    state: str
    started_at: float | None = None
    ended_at: float | None = None


def clusters(session: AwsSession, region: str, prefix: str = "") -> Iterator[Found]:
    """All clusters of a region whose names begin so. Raises AwsError."""
    with explaining("kafka:ListClustersV2"):
        pages = session.client("kafka", region).get_paginator("list_clusters_v2")
        for page in pages.paginate(**({"ClusterNameFilter": prefix} if prefix else {})):
            for cluster in page.get("ClusterInfoList", ()):
                yield found(cluster, region)


def found(cluster: Mapping[str, Any], region: str) -> Found:
    """What is kept of one answer."""
    provisioned = cluster.get("Provisioned") or {}
    group = provisioned.get("BrokerNodeGroupInfo") or {}
    return Found(
        name=cluster.get("ClusterName", ""),
        arn=cluster.get("ClusterArn", ""),
        region=region,
        type=cluster_type(cluster),
        state=cluster.get("State", "?"),
        kafka_version=(provisioned.get("CurrentBrokerSoftwareInfo") or {}).get("KafkaVersion"),
        instance_type=group.get("InstanceType"),
        broker_count=provisioned.get("NumberOfBrokerNodes"),
        zones=tuple(group.get("ZoneIds") or subnets(cluster)),
        authentication=authentication(cluster),
        created_at=seconds(cluster.get("CreationTime")),
        active_operation_arn=cluster.get("ActiveOperationArn"),
    )


def cluster_type(cluster: Mapping[str, Any]) -> ClusterType:
    """The kind of a cluster.

    >>> cluster_type({"Provisioned": {"BrokerNodeGroupInfo": {"InstanceType": "express.m7g.large"}}})
    'EXPRESS'
    >>> cluster_type({"ClusterType": "SERVERLESS"})
    'SERVERLESS'
    """
    if cluster.get("ClusterType") == "SERVERLESS" or "Serverless" in cluster:
        return "SERVERLESS"
    group = (cluster.get("Provisioned") or {}).get("BrokerNodeGroupInfo") or {}
    return "EXPRESS" if str(group.get("InstanceType", "")).startswith("express.") else "PROVISIONED"


def subnets(cluster: Mapping[str, Any]) -> tuple[str, ...]:
    """The client subnets, in AWS's order."""
    serverless = cluster.get("Serverless") or {}
    if serverless:
        return tuple(s for config in serverless.get("VpcConfigs", ()) for s in config.get("SubnetIds", ()))
    group = (cluster.get("Provisioned") or {}).get("BrokerNodeGroupInfo") or {}
    return tuple(group.get("ClientSubnets", ()))


def authentication(cluster: Mapping[str, Any]) -> tuple[str, ...]:
    """Which logins a cluster takes.

    >>> authentication({"Serverless": {"ClientAuthentication": {"Sasl": {"Iam": {"Enabled": True}}}}})
    ('IAM',)
    """
    ways = (cluster.get("Provisioned") or cluster.get("Serverless") or {}).get("ClientAuthentication") or {}
    sasl = ways.get("Sasl") or {}
    enabled = {
        "IAM": sasl.get("Iam"),
        "SCRAM": sasl.get("Scram"),
        "TLS": ways.get("Tls"),
        "UNAUTHENTICATED": ways.get("Unauthenticated"),
    }
    return tuple(name for name, way in enabled.items() if (way or {}).get("Enabled"))


# ------------------------------------------------------------------ one of them


def resolve(session: AwsSession, cluster: str) -> tuple[str, str]:
    """ARN and region of the cluster that is named, or whose ARN this is. Raises AwsError."""
    if cluster.startswith("arn:"):
        return cluster, region_of_arn(cluster)
    named: list[Found] = []
    others: list[str] = []
    for region in session.regions:
        named += (f for f in clusters(session, region, cluster) if f.name == cluster)
        if not named:
            others += (f.name for f in clusters(session, region))
    if len(named) > 1:
        # While one is deleted, another may have its name already.
        named = [f for f in named if f.state != "DELETING"] or named
    if len(named) == 1:
        return named[0].arn, named[0].region
    raise _several(cluster, named) if named else _none(cluster, session.regions, others)


def _several(name: str, named: list[Found]) -> AwsError:
    where = ", ".join(f"{f.arn} ({f.state})" for f in named)
    return AwsError(
        "config", f"{len(named)} clusters are named {name}", f"Give --region, or one of the ARNs: {where}"
    )


def _none(name: str, regions: tuple[str, ...], others: list[str]) -> AwsError:
    if others:
        more = f" and {len(others) - NAMED} more" if len(others) > NAMED else ""
        advice = f"There are {', '.join(sorted(others)[:NAMED])}{more}. Another region? Give --region."
    else:
        advice = "There is no cluster at all: is it another account or region? Give --profile, --region."
    return AwsError("not_found", f"no MSK cluster is named {name} in {', '.join(regions)}", advice)


def name_of(cluster: str) -> str:
    """The name in an ARN; a name is one already.

    >>> name_of("arn:aws:kafka:eu-west-1:123456789012:cluster/orders/0f-1"), name_of("orders")
    ('orders', 'orders')
    """
    parts = cluster.split("/")
    return parts[1] if cluster.startswith("arn:") and len(parts) > 1 else cluster


# ------------------------------------------------------------------ more about each


def last_operation(session: AwsSession, cluster: Found) -> Operation | None:
    """The newest operation of a cluster; None where there was none. Raises AwsError."""
    with explaining("kafka:ListClusterOperationsV2"):
        answer = session.client("kafka", cluster.region).list_cluster_operations_v2(ClusterArn=cluster.arn)
    newest = max(
        answer.get("ClusterOperationInfoList", ()),
        key=lambda o: seconds(o.get("StartTime")) or 0,
        default=None,
    )
    if newest is None:
        return None
    return Operation(
        type=newest.get("OperationType", "?"),
        state=newest.get("OperationState", "?"),
        started_at=seconds(newest.get("StartTime")),
        ended_at=seconds(newest.get("EndTime")),
    )


def seconds(when: datetime | None) -> float | None:
    """Unix seconds of one of botocore's times."""
    return when.timestamp() if when is not None else None
