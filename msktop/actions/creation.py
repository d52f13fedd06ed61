"""The plan of a new cluster."""

from __future__ import annotations

import re
from dataclasses import dataclass

from msktop.actions.configurations import check_configuration
from msktop.actions.levels import Monitoring
from msktop.actions.plan import Plan
from msktop.errors import UsageError
from msktop.model import limits

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,63}")


@dataclass(frozen=True, slots=True)
class NewCluster:
    """What a person chooses about a provisioned cluster."""

    name: str
    subnets: tuple[str, ...]
    kafka_version: str
    brokers: int
    instance_type: str = "kafka.m7g.large"
    volume_gib: int = 100
    """Of each broker; express brokers have none of their own."""
    security_groups: tuple[str, ...] = ()
    monitoring: Monitoring = "DEFAULT"
    open_monitoring: bool = True
    """Both exporters, so that msktop sees more than CloudWatch."""
    configuration: tuple[str, int] | None = None
    """ARN and revision."""


def create_cluster(wanted: NewCluster) -> Plan:
    """Check a new cluster and plan it. Raises UsageError."""
    _check(wanted)
    express = limits.family(wanted.instance_type) == "express"
    group: dict[str, object] = {
        "ClientSubnets": list(wanted.subnets),
        "InstanceType": wanted.instance_type,
        **({"SecurityGroups": list(wanted.security_groups)} if wanted.security_groups else {}),
    }
    if not express:
        group["StorageInfo"] = {"EbsStorageInfo": {"VolumeSize": wanted.volume_gib}}
    provisioned: dict[str, object] = {
        "BrokerNodeGroupInfo": group,
        "KafkaVersion": wanted.kafka_version,
        "NumberOfBrokerNodes": wanted.brokers,
        "EnhancedMonitoring": wanted.monitoring,
    }
    if wanted.open_monitoring:
        on = {"EnabledInBroker": True}
        provisioned["OpenMonitoring"] = {"Prometheus": {"JmxExporter": on, "NodeExporter": on}}
    if wanted.configuration is not None:
        arn, revision = wanted.configuration
        provisioned["ConfigurationInfo"] = {"Arn": arn, "Revision": revision}
    each = wanted.brokers // len(wanted.subnets)
    return Plan(
        operation="CreateClusterV2",
        parameters={"ClusterName": wanted.name, "Provisioned": provisioned},
        cluster=wanted.name,
        title=(
            f"Create {wanted.name}: {wanted.brokers} brokers of {wanted.instance_type},"
            f" Kafka {wanted.kafka_version}"
        ),
        steps=(
            f"{each} broker{'s are' if each > 1 else ' is'} started in each of {len(wanted.subnets)} subnets",
        ),
        duration="AWS gives no figure; some 15 to 40 min are usual",
        warnings=("AWS charges for every broker from now on.",),
        after={"NumberOfBrokerNodes": str(wanted.brokers), "InstanceType": wanted.instance_type},
    )


def _check(wanted: NewCluster) -> None:
    if not _NAME.fullmatch(wanted.name):
        raise UsageError(
            f"{wanted.name!r} cannot be the name of a cluster",
            "Use up to 64 letters, digits and hyphens, beginning with a letter or digit.",
        )
    zones = len(wanted.subnets)
    if zones not in (2, 3) or len(set(wanted.subnets)) != zones:
        raise UsageError(
            f"{zones} subnets were given", "MSK wants two or three different ones, each in a zone of its own."
        )
    if wanted.brokers < 1 or wanted.brokers % zones:
        raise UsageError(
            f"{wanted.brokers} brokers cannot be spread evenly over {zones} zones",
            f"Take a multiple of {zones}: {zones}, {2 * zones}, …",
        )
    if wanted.instance_type not in limits.instance_types():
        raise UsageError(
            f"{wanted.instance_type!r} is no instance type of MSK",
            f"There are {', '.join(limits.instance_types())}.",
        )
    if wanted.configuration is not None:
        check_configuration(*wanted.configuration)
    standard = limits.family(wanted.instance_type) == "standard"
    if standard and not limits.LEAST_VOLUME_GIB <= wanted.volume_gib <= limits.MOST_VOLUME_GIB:
        raise UsageError(
            f"a volume of {wanted.volume_gib} GiB cannot be had",
            f"MSK has {limits.LEAST_VOLUME_GIB} to {limits.MOST_VOLUME_GIB} GiB a broker.",
        )
