"""From a target to its brokers on request: for what changes Kafka, or looks into its records."""

from __future__ import annotations

from dataclasses import dataclass

from msktop.errors import TargetError
from msktop.model.cluster import Cluster
from msktop.settings import MskTarget, Target
from msktop.wire.security import Security


@dataclass(frozen=True, slots=True)
class KafkaWay:
    """Where the brokers are, how to log in there, and what AWS says of them."""

    bootstrap_servers: str
    security: Security
    instance_type: str | None = None


def kafka_way(target: Target) -> KafkaWay:
    """By the target's own words, else by what the MSK API says. Raises TargetError, AwsError."""
    if target.msk is None or target.bootstrap_servers:
        return KafkaWay(target.bootstrap_servers, target.security)
    from msktop.ways import Way, choose_way

    cluster = _described(target.msk)
    way = choose_way(cluster, target)
    if not isinstance(way, Way):
        reason = way.reason if way else f"AWS does not say where the brokers of {target.name} are"
        raise TargetError(reason, way.advice if way else f"See: msktop doctor {target.name}")
    seen = cluster.description
    return KafkaWay(way.bootstrap_servers, way.security, seen.instance_type if seen else None)


def _described(msk: MskTarget) -> Cluster:
    """The cluster as two calls of the MSK API tell it. Raises AwsError."""
    from msktop.aws.discovery import resolve
    from msktop.aws.errors import explaining
    from msktop.aws.session import AwsSession
    from msktop.model.control_samples import InventorySeen
    from msktop.model.reduce import reduce
    from msktop.sources import msk_shapes as shapes

    session = AwsSession(msk.access)
    arn, region = resolve(session, msk.cluster)
    client = session.client("kafka", region)
    with explaining("kafka:DescribeClusterV2"):
        info = client.describe_cluster_v2(ClusterArn=arn)["ClusterInfo"]
    with explaining("kafka:GetBootstrapBrokers"):
        offered = shapes.bootstrap_seen(client.get_bootstrap_brokers(ClusterArn=arn))
    seen = InventorySeen(
        at=0.0,
        name=info.get("ClusterName") or msk.cluster,
        state=info.get("State"),
        metadata=shapes.metadata_mode(info),
        kafka_version=shapes.kafka_version(info),
        nodes=(),
        description=shapes.description_seen(info, arn, region, offered, None),
        via="api",
        nodes_listed=False,
    )
    return reduce(Cluster(), seen)
