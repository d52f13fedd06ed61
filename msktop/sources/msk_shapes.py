"""What the MSK API answers, as samples. Pure: botocore's dictionaries in, frozen values out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from msktop.aws.discovery import authentication, cluster_type, seconds, subnets
from msktop.model.control_samples import DescriptionSeen, OperationSeen, StepSeen, ZoneSeen

Answer = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Subnet:
    """One subnet, as EC2 describes it."""

    id: str
    zone_id: str
    zone_name: str | None = None
    cidr: str | None = None


Subnets = Mapping[str, Subnet]


def subnets_seen(answer: Answer) -> dict[str, Subnet]:
    """The subnets of DescribeSubnets, by id."""
    return {
        s["SubnetId"]: Subnet(
            s["SubnetId"], s["AvailabilityZoneId"], s.get("AvailabilityZone"), s.get("CidrBlock")
        )
        for s in answer.get("Subnets", ())
        if s.get("AvailabilityZoneId")
    }


def subnets_by_order(cluster: Answer) -> dict[str, Subnet]:
    """Where EC2 tells nothing: the cluster's subnets and zone ids, if it gives as many of both."""
    group = (cluster.get("Provisioned") or {}).get("BrokerNodeGroupInfo") or {}
    zones, listed = group.get("ZoneIds") or (), subnets(cluster)
    if len(zones) != len(listed):
        return {}
    return {subnet: Subnet(subnet, zone) for subnet, zone in zip(listed, zones, strict=True)}


def zones_seen(known: Subnets) -> tuple[ZoneSeen, ...]:
    """One zone for each subnet."""
    return tuple(
        ZoneSeen(id=s.zone_id, subnet_id=s.id, subnet_cidr=s.cidr, name=s.zone_name) for s in known.values()
    )


# ------------------------------------------------------------------ the cluster


def metadata_mode(cluster: Answer) -> Literal["kraft", "zookeeper"] | None:
    """Where the cluster keeps its metadata; None where nothing tells (serverless).

    >>> metadata_mode({"Provisioned": {"CurrentBrokerSoftwareInfo": {"KafkaVersion": "3.7.x.kraft"}}})
    'kraft'
    >>> metadata_mode({"Provisioned": {"CurrentBrokerSoftwareInfo": {"KafkaVersion": "4.1.x"}}})
    'kraft'
    >>> metadata_mode({"Provisioned": {"ZookeeperConnectString": "z-1.x:2181"}})
    'zookeeper'
    """
    provisioned = cluster.get("Provisioned") or {}
    version = kafka_version(cluster) or ""
    major = version.partition(".")[0]
    if version.endswith(".kraft") or (major.isdecimal() and int(major) >= 4):
        return "kraft"
    if provisioned.get("ZookeeperConnectString") or provisioned.get("ZookeeperConnectStringTls"):
        return "zookeeper"
    return None


def kafka_version(cluster: Answer) -> str | None:
    """MSK's name of the version: `3.7.x.kraft`."""
    software = (cluster.get("Provisioned") or {}).get("CurrentBrokerSoftwareInfo") or {}
    found: str | None = software.get("KafkaVersion")
    return found


def description_seen(
    cluster: Answer, arn: str, region: str, bootstrap: Mapping[str, str], configuration_name: str | None
) -> DescriptionSeen:
    """DescribeClusterV2 and GetBootstrapBrokers in one value."""
    provisioned = cluster.get("Provisioned") or {}
    group = provisioned.get("BrokerNodeGroupInfo") or {}
    software = provisioned.get("CurrentBrokerSoftwareInfo") or {}
    prometheus = (provisioned.get("OpenMonitoring") or {}).get("Prometheus") or {}
    transit = (provisioned.get("EncryptionInfo") or {}).get("EncryptionInTransit") or {}
    why = cluster.get("StateInfo") or {}
    return DescriptionSeen(
        arn=arn,
        region=region,
        state=cluster.get("State"),
        cluster_type=cluster_type(cluster),
        created_at=seconds(cluster.get("CreationTime")),
        current_version=cluster.get("CurrentVersion"),
        state_code=why.get("Code"),
        state_reason=why.get("Message"),
        active_operation_arn=cluster.get("ActiveOperationArn"),
        broker_count=provisioned.get("NumberOfBrokerNodes"),
        instance_type=group.get("InstanceType"),
        volume_gib=volume_gib(group),
        volume_throughput_mib_per_s=_volume_throughput(group),
        storage_mode=provisioned.get("StorageMode"),
        enhanced_monitoring=provisioned.get("EnhancedMonitoring"),
        jmx_exporter=_enabled(prometheus.get("JmxExporter"), provisioned),
        node_exporter=_enabled(prometheus.get("NodeExporter"), provisioned),
        configuration_arn=software.get("ConfigurationArn"),
        configuration_revision=software.get("ConfigurationRevision"),
        configuration_name=configuration_name,
        authentication=authentication(cluster),
        client_broker_encryption=transit.get("ClientBroker"),
        customer_action=provisioned.get("CustomerActionStatus"),
        security_groups=_security_groups(cluster),
        bootstrap=dict(bootstrap),
    )


def bootstrap_seen(answer: Answer) -> dict[str, str]:
    """GetBootstrapBrokers without what is not of the answer itself."""
    return {key: value for key, value in answer.items() if key.startswith("Bootstrap") and value}


def _enabled(exporter: Answer | None, provisioned: Answer) -> bool | None:
    """Whether open monitoring has it; None where the cluster could not be described."""
    return bool((exporter or {}).get("EnabledInBroker")) if provisioned else None


def volume_gib(group: Answer) -> int | None:
    """The size of each broker's volume in GiB, of BrokerNodeGroupInfo."""
    storage = (group.get("StorageInfo") or {}).get("EbsStorageInfo") or {}
    found: int | None = storage.get("VolumeSize")
    return found


def _volume_throughput(group: Answer) -> int | None:
    storage = (group.get("StorageInfo") or {}).get("EbsStorageInfo") or {}
    provisioned = storage.get("ProvisionedThroughput") or {}
    found: int | None = provisioned.get("VolumeThroughput") if provisioned.get("Enabled") else None
    return found


def _security_groups(cluster: Answer) -> tuple[str, ...]:
    group = (cluster.get("Provisioned") or {}).get("BrokerNodeGroupInfo") or {}
    configs = (cluster.get("Serverless") or {}).get("VpcConfigs") or ()
    found = [
        *(group.get("SecurityGroups") or ()),
        *(g for c in configs for g in c.get("SecurityGroupIds") or ()),
    ]
    return tuple(dict.fromkeys(found))


def iso_seconds(text: str | None) -> float | None:
    """Unix seconds of a time that AWS writes as text.

    >>> iso_seconds("1970-01-01T00:00:01.500Z"), iso_seconds("soon")
    (1.5, None)
    """
    try:
        return datetime.fromisoformat(text or "").timestamp()
    except ValueError:
        return None


# ------------------------------------------------------------------ operations


def operation_seen(answer: Answer) -> OperationSeen:
    """One entry of ListClusterOperationsV2, or DescribeClusterOperationV2 with steps and both sides."""
    provisioned = answer.get("Provisioned") or {}
    error = answer.get("ErrorInfo") or {}
    return OperationSeen(
        arn=answer.get("OperationArn", ""),
        type=answer.get("OperationType", "?"),
        state=answer.get("OperationState", "?"),
        started_at=seconds(answer.get("StartTime")),
        ended_at=seconds(answer.get("EndTime")),
        steps=tuple(
            StepSeen(name=s.get("StepName", "?"), status=(s.get("StepInfo") or {}).get("StepStatus"))
            for s in provisioned.get("OperationSteps") or ()
        ),
        source=flat(provisioned.get("SourceClusterInfo") or {}),
        target=flat(provisioned.get("TargetClusterInfo") or {}),
        error_code=error.get("ErrorCode"),
        error_text=error.get("ErrorString"),
    )


def flat(value: Answer, before: str = "") -> dict[str, str]:
    """Nested members as words: names joined by dots, volumes by the broker that they belong to.

    >>> flat({"InstanceType": "kafka.m7g.large", "ConfigurationInfo": {"Revision": 2}})
    {'InstanceType': 'kafka.m7g.large', 'ConfigurationInfo.Revision': '2'}
    >>> flat({"BrokerEBSVolumeInfo": [{"KafkaBrokerNodeId": "All", "VolumeSizeGB": 20}]})
    {'BrokerEBSVolumeInfo.All.VolumeSizeGB': '20'}
    >>> flat({"BrokerCountUpdateInfo": {"CreatedBrokerIds": [4.0, 5.0]}})
    {'BrokerCountUpdateInfo.CreatedBrokerIds': '4, 5'}
    """
    found: dict[str, str] = {}
    for name, member in value.items():
        if isinstance(member, Mapping):
            found |= flat(member, f"{before}{name}.")
        elif isinstance(member, list) and any(isinstance(m, Mapping) for m in member):
            for place, m in enumerate(member):
                whose = m.get("KafkaBrokerNodeId", str(place))
                rest = {k: v for k, v in m.items() if k != "KafkaBrokerNodeId"}
                found |= flat(rest, f"{before}{name}.{whose}.")
        elif isinstance(member, list):
            found[f"{before}{name}"] = ", ".join(_word(m) for m in member)
        elif member is not None:
            found[f"{before}{name}"] = _word(member)
    return found


def _word(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).lower() if isinstance(value, bool) else str(value)
