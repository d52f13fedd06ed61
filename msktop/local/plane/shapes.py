"""Records and supervisors' states in the shapes of the MSK API. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from msktop.local.plane import names, security
from msktop.local.plane.adopted import brokers, condition
from msktop.local.plane.records import Cluster, Configuration, Operation, Revision, Software
from msktop.local.settings import Listener
from msktop.local.state import Node, State

Shape = dict[str, Any]

_BOOTSTRAP: dict[Listener, str] = {
    "plaintext": "BootstrapBrokerString",
    "tls": "BootstrapBrokerStringTls",
    "scram": "BootstrapBrokerStringSaslScram",
}
_ZOOKEEPER_VERSION = "3.8.4"


def when(at: float) -> datetime:
    """A time of ours as the API has times."""
    return datetime.fromtimestamp(at, UTC)


def _text(at: float) -> str:
    """The same where the API has it as text."""
    return when(at).isoformat(timespec="milliseconds").replace("+00:00", "Z")


# ------------------------------------------------------------------ clusters


def cluster_v2(cluster: Cluster, found: State | None) -> Shape:
    """The `Cluster` of DescribeClusterV2 and ListClustersV2."""
    return {
        **_common(cluster, found),
        "ClusterType": "PROVISIONED",
        "Provisioned": _provisioned(cluster, found),
    }


def cluster_v1(cluster: Cluster, found: State | None) -> Shape:
    """The flat `ClusterInfo` of DescribeCluster and ListClusters."""
    return {**_common(cluster, found), **_provisioned(cluster, found)}


def _common(cluster: Cluster, found: State | None) -> Shape:
    state = condition(cluster, found)
    shape: Shape = {
        "ClusterArn": cluster.arn,
        "ClusterName": cluster.name,
        "CreationTime": when(cluster.created_at),
        "CurrentVersion": cluster.version,
        "State": state,
        "Tags": dict(cluster.tags),
    }
    if cluster.active_operation is not None:
        shape["ActiveOperationArn"] = cluster.active_operation
    if state == "FAILED":
        problem = cluster.problem or "The supervisor of the cluster has ended."
        shape["StateInfo"] = {"Code": "ClusterFailed", "Message": problem}
    return shape


def _provisioned(cluster: Cluster, found: State | None) -> Shape:
    group = {
        "BrokerAZDistribution": "DEFAULT",
        "ConnectivityInfo": {"PublicAccess": {"Type": "DISABLED"}, "NetworkType": "IPV4"},
        **cluster.kept.get("BrokerNodeGroupInfo", {}),
        "ClientSubnets": list(cluster.subnets),
        "InstanceType": cluster.instance_type,
        "StorageInfo": {"EbsStorageInfo": {"VolumeSize": cluster.volume_gib}},
        "ZoneIds": list(cluster.zone_ids),
    }
    shape: Shape = {
        "EnhancedMonitoring": "DEFAULT",
        "StorageMode": "LOCAL",
        "CustomerActionStatus": "NONE",
        **cluster.kept,
        "BrokerNodeGroupInfo": group,
        "CurrentBrokerSoftwareInfo": software(cluster.target),
        "NumberOfBrokerNodes": cluster.brokers,
    }
    servers = [node for node in found.nodes if node.role == "zookeeper"] if found else []
    if servers:
        shape["ZookeeperConnectString"] = ",".join(f"{node.address}:{node.port}" for node in servers)
    return shape


def software(of: Software) -> Shape:
    """BrokerSoftwareInfo."""
    shape: Shape = {"KafkaVersion": of.kafka_version}
    if of.configuration_arn:
        shape["ConfigurationArn"] = of.configuration_arn
        shape["ConfigurationRevision"] = of.configuration_revision
    return shape


# ------------------------------------------------------------------ nodes


def nodes(cluster: Cluster, found: State | None) -> list[Shape]:
    """The NodeInfoList of ListNodes: brokers by id, then controllers or ZooKeeper servers.

    A controller has its endpoints and nothing else, as on MSK.
    """
    if found is None:
        return []
    metadata = (node for node in found.nodes if node.role != "broker")
    return [
        *(_broker(cluster, node) for node in brokers(found)),
        *(_controller(n) if n.role == "controller" else _zookeeper(cluster, n) for n in metadata),
    ]


def _broker(cluster: Cluster, node: Node) -> Shape:
    runs = cluster.software.get(node.id, cluster.target)
    added_at = cluster.added_at.get(node.id, cluster.created_at)
    return {
        "AddedToClusterTime": _text(added_at),
        "InstanceType": (node.instance_type or cluster.instance_type).removeprefix("kafka."),
        "NodeARN": names.broker_arn(cluster.arn, node.id),
        "NodeType": "BROKER",
        "BrokerNodeInfo": {
            "AttachedENIId": names.interface_id(node.address),
            "BrokerId": float(node.id),
            "ClientSubnet": dict(zip(cluster.zone_ids, cluster.subnets, strict=True))[node.zone],
            "ClientVpcIpAddress": node.address,
            "CurrentBrokerSoftwareInfo": {**software(runs), "KafkaVersion": node.kafka_version},
            "Endpoints": [node.address],
        },
    }


def _controller(node: Node) -> Shape:
    return {"ControllerNodeInfo": {"Endpoints": [node.address]}}


def _zookeeper(cluster: Cluster, node: Node) -> Shape:
    return {
        "AddedToClusterTime": _text(cluster.created_at),
        "ZookeeperNodeInfo": {
            "AttachedENIId": names.interface_id(node.address),
            "ClientVpcIpAddress": node.address,
            "Endpoints": [node.address],
            "ZookeeperId": float(node.id % 100),
            "ZookeeperVersion": _ZOOKEEPER_VERSION,
        },
    }


def bootstrap_brokers(cluster: Cluster, found: State) -> dict[str, str]:
    """GetBootstrapBrokers: for each listener one broker of each zone, as MSK answers; not all brokers."""
    first: dict[str, Node] = {}
    for node in brokers(found):
        first.setdefault(node.zone, node)
    listening = next(iter(first.values())).ports
    return {
        _BOOTSTRAP[name]: ",".join(f"{node.address}:{node.ports[name]}" for node in first.values())
        for name in security.offered(cluster.kept)
        if name in listening
    }


# ------------------------------------------------------------------ operations


def operation_v2_summary(operation: Operation) -> Shape:
    """An entry of ListClusterOperationsV2."""
    shape: Shape = {
        "ClusterArn": operation.cluster_arn,
        "ClusterType": "PROVISIONED",
        "OperationArn": operation.arn,
        "OperationState": operation.state,
        "OperationType": operation.type,
        "StartTime": when(operation.started_at),
    }
    return {**shape, **dict(_end(operation))}


def operation_v2(operation: Operation) -> Shape:
    """The ClusterOperationInfo of DescribeClusterOperationV2."""
    return {**operation_v2_summary(operation), **_error(operation), "Provisioned": _change(operation)}


def operation_v1(operation: Operation) -> Shape:
    """The ClusterOperationInfo of DescribeClusterOperation and ListClusterOperations."""
    shape = operation_v2_summary(operation)
    del shape["ClusterType"]
    shape["CreationTime"] = shape.pop("StartTime")
    return {**shape, **_error(operation), **_change(operation)}


def _end(operation: Operation) -> Iterator[tuple[str, datetime]]:
    if operation.ended_at is not None:
        yield "EndTime", when(operation.ended_at)


def _error(operation: Operation) -> Shape:
    if not operation.error:
        return {}
    return {"ErrorInfo": {"ErrorCode": operation.error_code, "ErrorString": operation.error}}


def _change(operation: Operation) -> Shape:
    steps = ({"StepName": s.name, "StepInfo": {"StepStatus": s.status}} for s in operation.steps)
    return {
        "OperationSteps": list(steps),
        "SourceClusterInfo": dict(operation.source),
        "TargetClusterInfo": dict(operation.target),
    }


# ------------------------------------------------------------------ configurations


def configuration(of: Configuration) -> Shape:
    """The Configuration of DescribeConfiguration and ListConfigurations."""
    return {
        "Arn": of.arn,
        "CreationTime": when(of.created_at),
        "Description": of.description,
        "KafkaVersions": list(of.kafka_versions),
        "LatestRevision": revision(of.revisions[-1]),
        "Name": of.name,
        "State": "ACTIVE",
    }


def revision(of: Revision) -> Shape:
    """ConfigurationRevision."""
    return {"CreationTime": when(of.created_at), "Description": of.description, "Revision": of.number}


# ------------------------------------------------------------------ topics


def topic(cluster: Cluster, name: str, partitions: Mapping[int, Any]) -> Shape:
    """TopicInfo, from the partitions as Metadata has them."""
    return {
        "TopicArn": names.topic_arn(cluster.arn, name),
        "TopicName": name,
        "ReplicationFactor": max((len(p.replicas) for p in partitions.values()), default=0),
        "PartitionCount": len(partitions),
        "OutOfSyncReplicaCount": sum(len(p.replicas) - len(p.isr) for p in partitions.values()),
    }
