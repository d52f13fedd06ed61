"""What is true of a cluster before it is changed: every check rests on this, and on nothing remembered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from msktop.aws.discovery import ClusterType, cluster_type, resolve, seconds, subnets
from msktop.aws.errors import AwsError, explaining
from msktop.aws.session import AwsSession


@dataclass(frozen=True, slots=True)
class Facts:
    """One cluster, read anew. None: AWS did not say, or may not be asked."""

    name: str
    arn: str
    region: str
    state: str
    type: ClusterType
    current_version: str
    broker_count: int
    zone_count: int
    kafka_version: str | None = None
    metadata: Literal["kraft", "zookeeper"] | None = None
    instance_type: str | None = None
    volume_gib: int | None = None
    storage_mode: str | None = None
    monitoring: str | None = None
    configuration: str | None = None
    """`ARN revision N`."""
    broker_ids: tuple[int, ...] | None = None
    later_versions: tuple[str, ...] | None = None
    """Kafka versions that it can be updated to."""
    subnets: tuple[str, ...] = ()
    security_groups: tuple[str, ...] = ()
    storage_changed_at: float | None = None
    """When its volumes were last enlarged, as far as the list of operations goes back."""


def facts(session: AwsSession, cluster: str) -> Facts:
    """What AWS says of the cluster with this name or ARN. Raises AwsError where it cannot be described."""
    arn, region = resolve(session, cluster)
    with explaining("kafka:DescribeClusterV2"):
        described = session.client("kafka", region).describe_cluster_v2(ClusterArn=arn)["ClusterInfo"]
    provisioned = described.get("Provisioned") or {}
    group = provisioned.get("BrokerNodeGroupInfo") or {}
    software = provisioned.get("CurrentBrokerSoftwareInfo") or {}
    version = software.get("KafkaVersion")
    return Facts(
        name=described["ClusterName"],
        arn=arn,
        region=region,
        state=described.get("State", "?"),
        type=cluster_type(described),
        current_version=described.get("CurrentVersion", ""),
        broker_count=provisioned.get("NumberOfBrokerNodes") or 0,
        zone_count=len(subnets(described)),
        kafka_version=version,
        metadata=_metadata(provisioned, version),
        instance_type=group.get("InstanceType"),
        volume_gib=((group.get("StorageInfo") or {}).get("EbsStorageInfo") or {}).get("VolumeSize"),
        storage_mode=provisioned.get("StorageMode"),
        monitoring=provisioned.get("EnhancedMonitoring"),
        configuration=_configuration(software),
        broker_ids=_broker_ids(session, arn, region),
        later_versions=_later_versions(session, arn, region, version),
        subnets=subnets(described),
        security_groups=tuple(group.get("SecurityGroups", ())),
        storage_changed_at=_storage_changed_at(session, arn, region),
    )


def _metadata(provisioned: Mapping[str, Any], version: str | None) -> Literal["kraft", "zookeeper"] | None:
    """By the name of the version, as MSK has it: KRaft is every 4, and what ends in .kraft."""
    if provisioned.get("ZookeeperConnectString"):
        return "zookeeper"
    major = (version or "").partition(".")[0]
    if not major.isdigit():
        return None
    return "kraft" if int(major) >= 4 or (version or "").endswith(".kraft") else "zookeeper"


def _configuration(software: Mapping[str, Any]) -> str | None:
    arn, revision = software.get("ConfigurationArn"), software.get("ConfigurationRevision")
    return f"{arn} revision {revision}" if arn else None


def _broker_ids(session: AwsSession, arn: str, region: str) -> tuple[int, ...] | None:
    try:
        with explaining("kafka:ListNodes"):
            pages = session.client("kafka", region).get_paginator("list_nodes").paginate(ClusterArn=arn)
            nodes = [node for page in pages for node in page.get("NodeInfoList", ())]
    except AwsError:
        return None
    brokers = (node.get("BrokerNodeInfo") for node in nodes)
    return tuple(sorted(int(b["BrokerId"]) for b in brokers if b and "BrokerId" in b))


def _later_versions(
    session: AwsSession, arn: str, region: str, version: str | None
) -> tuple[str, ...] | None:
    try:
        with explaining("kafka:GetCompatibleKafkaVersions"):
            answer = session.client("kafka", region).get_compatible_kafka_versions(ClusterArn=arn)
    except AwsError:
        return None
    pairs = answer.get("CompatibleKafkaVersions", ())
    return tuple(t for p in pairs if p.get("SourceVersion") == version for t in p.get("TargetVersions", ()))


def _storage_changed_at(session: AwsSession, arn: str, region: str) -> float | None:
    try:
        with explaining("kafka:ListClusterOperationsV2"):
            answer = session.client("kafka", region).list_cluster_operations_v2(ClusterArn=arn)
    except AwsError:
        return None
    return max(
        (
            seconds(operation.get("EndTime") or operation.get("StartTime")) or 0.0
            for operation in answer.get("ClusterOperationInfoList", ())
            if "STORAGE" in operation.get("OperationType", "")
            and not operation.get("OperationState", "").endswith("FAILED")
        ),
        default=None,
    )
