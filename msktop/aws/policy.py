"""The least IAM policy for what a person wants to do, as a JSON document.

Sources: Amazon MSK's service authorization reference for the actions' names and levels; which Kafka request
needs which `kafka-cluster` action follows Kafka's own rules for ACLs. Whether the V2 calls are granted by
actions named with or without V2 was not tried on an account, so both are listed.
"""

from __future__ import annotations

import json
from typing import Any, Literal

Role = Literal["monitor", "operate"]

_READ_CLUSTER = (
    "kafka:DescribeCluster",
    "kafka:DescribeClusterV2",
    "kafka:ListNodes",
    "kafka:GetBootstrapBrokers",
    "kafka:ListClusterOperations",
    "kafka:ListClusterOperationsV2",
    "kafka:DescribeClusterOperation",
    "kafka:DescribeClusterOperationV2",
    "kafka:DescribeConfiguration",
    "kafka:DescribeConfigurationRevision",
)
_READ_ACCOUNT = (
    "kafka:ListClusters",
    "kafka:ListClustersV2",
    "cloudwatch:GetMetricData",
    "cloudwatch:ListMetrics",
    "ec2:DescribeSubnets",
)
"""Calls that know no resource: IAM wants `*` for them."""
_KAFKA = {
    "cluster": (
        "kafka-cluster:Connect",
        "kafka-cluster:DescribeCluster",
        "kafka-cluster:DescribeClusterDynamicConfiguration",
    ),
    "topic": ("kafka-cluster:DescribeTopic", "kafka-cluster:DescribeTopicDynamicConfiguration"),
    "group": ("kafka-cluster:DescribeGroup",),
}
_CHANGE_CLUSTER = (
    "kafka:CreateCluster",
    "kafka:CreateClusterV2",
    "kafka:DeleteCluster",
    "kafka:GetCompatibleKafkaVersions",
    "kafka:UpdateBrokerCount",
    "kafka:UpdateBrokerType",
    "kafka:UpdateBrokerStorage",
    "kafka:UpdateClusterKafkaVersion",
    "kafka:UpdateClusterConfiguration",
    "kafka:UpdateMonitoring",
    "kafka:RebootBroker",
)
_CREATE_NEEDS = (
    "kafka:ListKafkaVersions",
    "kafka:ListConfigurations",
    "ec2:DescribeVpcs",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeAvailabilityZones",
    "kms:DescribeKey",
)
"""What a new cluster can be made of, and what CreateCluster looks up in the caller's name."""


def actions(role: Role) -> tuple[str, ...]:
    """Every action of the policy.

    >>> "kafka:RebootBroker" in actions("operate"), "kafka:RebootBroker" in actions("monitor")
    (True, False)
    """
    return tuple(action for statement in _statements(role, None) for action in statement["Action"])


def policy(role: Role, cluster_arn: str | None = None) -> str:
    """The policy as JSON, for one cluster, or for all of them.

    >>> "topic/orders/0f-1/*" in policy("monitor", "arn:aws:kafka:eu-west-1:1:cluster/orders/0f-1")
    True
    """
    document = {"Version": "2012-10-17", "Statement": _statements(role, cluster_arn)}
    return json.dumps(document, indent=2)


def _statements(role: Role, cluster_arn: str | None) -> list[dict[str, Any]]:
    operate = role == "operate"
    cluster = cluster_arn or "arn:aws:kafka:*:*:cluster/*/*"
    named = [cluster, _others("configuration", cluster)]
    found = [
        _statement("Account", _READ_ACCOUNT, ["*"]),
        _statement("Cluster", _READ_CLUSTER, named),
    ]
    if operate:
        found.append(_statement("ChangeCluster", _CHANGE_CLUSTER, named))
        found.append(_statement("CreateCluster", _CREATE_NEEDS, ["*"]))
    for kind, read in _KAFKA.items():
        resource = cluster if kind == "cluster" else _others(kind, cluster)
        found.append(_statement(f"Kafka{kind.capitalize()}", read, [resource]))
    return found


def _statement(sid: str, names: tuple[str, ...], resources: list[str]) -> dict[str, Any]:
    return {"Sid": f"Msktop{sid}", "Effect": "Allow", "Action": list(names), "Resource": resources}


def _others(kind: str, cluster: str) -> str:
    """The resources of a kind that belong to a cluster; configurations belong to no cluster.

    >>> _others("group", "arn:aws:kafka:eu-west-1:1:cluster/orders/0f-1")
    'arn:aws:kafka:eu-west-1:1:group/orders/0f-1/*'
    """
    if kind == "configuration":
        return cluster.partition(":cluster/")[0] + ":configuration/*/*"
    return cluster.replace(":cluster/", f":{kind}/", 1) + "/*"
