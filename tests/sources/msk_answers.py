"""What the MSK API answers, in the shapes of botocore's model; names and ids as AWS makes them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

ARN = "arn:aws:kafka:us-east-1:123456789012:cluster/orders/7b1c3c7e-9a1d-4a0e-b8de-0d5d5bb2a1c4-2"
SERVERLESS_ARN = "arn:aws:kafka:us-east-1:123456789012:cluster/clicks/1f0c3c7e-9a1d-4a0e-b8de-0d5d5bb2a1c4-s1"
OPERATION_ARN = "arn:aws:kafka:us-east-1:123456789012:cluster-operation/orders/7b1c3c7e/{}"
HOST = "{}.orders.a1b2c3.c2.kafka.us-east-1.amazonaws.com"
SUBNETS = ("subnet-0a", "subnet-0b", "subnet-0c")
BEGAN = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)

Shape = dict[str, Any]


def cluster(
    state: str = "ACTIVE", version: str = "3.8.x.kraft", instance: str = "kafka.m7g.large", **more: object
) -> Shape:
    """A provisioned cluster as DescribeClusterV2 has it."""
    express = instance.startswith("express.")
    group: Shape = {
        "BrokerAZDistribution": "DEFAULT",
        "ClientSubnets": list(SUBNETS),
        "InstanceType": instance,
        "SecurityGroups": ["sg-0a"],
        "ConnectivityInfo": {"PublicAccess": {"Type": "DISABLED"}},
        "ZoneIds": ["use1-az1", "use1-az2", "use1-az4"],
    }
    if not express:
        group["StorageInfo"] = {"EbsStorageInfo": {"VolumeSize": 1000}}
    provisioned: Shape = {
        "BrokerNodeGroupInfo": group,
        "CurrentBrokerSoftwareInfo": {
            "ConfigurationArn": "arn:aws:kafka:us-east-1:123456789012:configuration/slow/c0ffee-1",
            "ConfigurationRevision": 2,
            "KafkaVersion": version,
        },
        "ClientAuthentication": {
            "Sasl": {"Scram": {"Enabled": True}, "Iam": {"Enabled": True}},
            "Unauthenticated": {"Enabled": False},
        },
        "EncryptionInfo": {"EncryptionInTransit": {"ClientBroker": "TLS", "InCluster": True}},
        "EnhancedMonitoring": "PER_BROKER",
        "OpenMonitoring": {
            "Prometheus": {
                "JmxExporter": {"EnabledInBroker": True},
                "NodeExporter": {"EnabledInBroker": True},
            }
        },
        "NumberOfBrokerNodes": 3,
        "StorageMode": "LOCAL",
        "CustomerActionStatus": "NONE",
    }
    return {
        "ClusterType": "PROVISIONED",
        "ClusterArn": ARN,
        "ClusterName": "orders",
        "CreationTime": BEGAN,
        "CurrentVersion": "K3AEGXETSR30VB",
        "State": state,
        "Provisioned": provisioned,
        **more,
    }


def serverless() -> Shape:
    """A serverless cluster: no brokers, no nodes, IAM only."""
    return {
        "ClusterType": "SERVERLESS",
        "ClusterArn": SERVERLESS_ARN,
        "ClusterName": "clicks",
        "CreationTime": BEGAN,
        "CurrentVersion": "K2EUQ1WTGCTBG2",
        "State": "ACTIVE",
        "Serverless": {
            "VpcConfigs": [{"SubnetIds": list(SUBNETS), "SecurityGroupIds": ["sg-0a"]}],
            "ClientAuthentication": {"Sasl": {"Iam": {"Enabled": True}}},
        },
    }


def nodes(count: int = 3, *, controllers: bool = True, version: str = "3.8.x.kraft") -> Shape:
    """ListNodes: brokers, and controllers without BrokerNodeInfo."""
    found: list[Shape] = [
        {
            "AddedToClusterTime": "2026-11-01T12:10:00.000Z",
            "InstanceType": "m7g.large",
            "NodeARN": f"arn:aws:kafka:us-east-1:123456789012:broker/orders/7b1c3c7e/{number}",
            "NodeType": "BROKER",
            "BrokerNodeInfo": {
                "AttachedENIId": f"eni-{number}",
                "BrokerId": float(number),
                "ClientSubnet": SUBNETS[(number - 1) % 3],
                "ClientVpcIpAddress": f"10.0.{(number - 1) % 3}.{10 + number}",
                "CurrentBrokerSoftwareInfo": {"KafkaVersion": version, "ConfigurationRevision": 2},
                "Endpoints": [HOST.format(f"b-{number}")],
            },
        }
        for number in range(1, count + 1)
    ]
    if controllers:
        found += [
            {"NodeARN": "arn:c", "ControllerNodeInfo": {"Endpoints": [HOST.format(f"c-{10000 + n}")]}}
            for n in (1, 2, 3)
        ]
    return {"NodeInfoList": found}


def bootstrap() -> Shape:
    """GetBootstrapBrokers of a cluster with IAM and SCRAM."""
    hosts = [HOST.format(f"b-{n}") for n in (1, 2, 3)]
    return {
        "BootstrapBrokerStringSaslIam": ",".join(f"{h}:9098" for h in hosts),
        "BootstrapBrokerStringSaslScram": ",".join(f"{h}:9096" for h in hosts),
    }


def subnets() -> Shape:
    """DescribeSubnets."""
    zones = (("a", "use1-az1"), ("b", "use1-az2"), ("d", "use1-az4"))
    return {
        "Subnets": [
            {
                "SubnetId": subnet,
                "AvailabilityZone": f"us-east-1{letter}",
                "AvailabilityZoneId": zone,
                "CidrBlock": f"10.0.{n}.0/24",
            }
            for n, (subnet, (letter, zone)) in enumerate(zip(SUBNETS, zones, strict=True))
        ]
    }


def operation(
    number: int, kind: str, state: str, steps: tuple[tuple[str, str], ...] = (), **more: object
) -> Shape:
    """One operation, as DescribeClusterOperationV2 has it; the list has less."""
    found: Shape = {
        "ClusterArn": ARN,
        "ClusterType": "PROVISIONED",
        "OperationArn": OPERATION_ARN.format(number),
        "OperationType": kind,
        "OperationState": state,
        "StartTime": BEGAN.replace(minute=number),
        "Provisioned": {
            "OperationSteps": [{"StepName": n, "StepInfo": {"StepStatus": s}} for n, s in steps],
        },
        **more,
    }
    if state.endswith(("_COMPLETE", "_FAILED")):
        found["EndTime"] = BEGAN.replace(minute=number, second=30)
    return found


def listed(*operations: Shape) -> Shape:
    """ListClusterOperationsV2: without steps."""
    kept = (
        "ClusterArn",
        "ClusterType",
        "OperationArn",
        "OperationType",
        "OperationState",
        "StartTime",
        "EndTime",
    )
    return {"ClusterOperationInfoList": [{k: o[k] for k in kept if k in o} for o in operations]}


def answers(**more: object) -> dict[str, Any]:
    """A cluster at rest."""
    return {
        "ListClustersV2": {"ClusterInfoList": [cluster()]},
        "DescribeClusterV2": {"ClusterInfo": cluster()},
        "ListNodes": nodes(),
        "GetBootstrapBrokers": bootstrap(),
        "DescribeSubnets": subnets(),
        "ListClusterOperationsV2": listed(),
        "DescribeConfiguration": {"Name": "slow", "State": "ACTIVE"},
        **more,
    }
