"""The operations that only look: clusters, nodes, endpoints, operations, versions."""

from __future__ import annotations

from typing import Any

from msktop.local.api.messages import Call
from msktop.local.plane import adopted, asked, shapes
from msktop.local.plane.adopted import state_of
from msktop.local.plane.records import Cluster, Member
from msktop.local.plane.registry import Registry
from msktop.local.plane.versions import LISTED, targets

Answer = dict[str, Any]


class Describing:
    """DescribeX and ListX of clusters and what belongs to them."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def list_clusters_v2(self, call: Call, **given: Member) -> Answer:
        """The clusters whose names begin as asked for."""
        found = (
            self._named(call, given) if given.get("ClusterTypeFilter", "PROVISIONED") == "PROVISIONED" else []
        )
        listed = [shapes.cluster_v2(c, state_of(c)) for c in found]
        return asked.page("ClusterInfoList", listed, given)

    def list_clusters(self, call: Call, **given: Member) -> Answer:
        """The same in the older, flat shape."""
        listed = [shapes.cluster_v1(c, state_of(c)) for c in self._named(call, given)]
        return asked.page("ClusterInfoList", listed, given)

    def describe_cluster_v2(self, call: Call, **given: Member) -> Answer:
        """One cluster."""
        found = asked.cluster(self._registry, given["ClusterArn"])
        return {"ClusterInfo": shapes.cluster_v2(found, state_of(found))}

    def describe_cluster(self, call: Call, **given: Member) -> Answer:
        """One cluster in the older, flat shape."""
        found = asked.cluster(self._registry, given["ClusterArn"])
        return {"ClusterInfo": shapes.cluster_v1(found, state_of(found))}

    def list_nodes(self, call: Call, **given: Member) -> Answer:
        """Brokers, and controllers or ZooKeeper servers."""
        found = asked.cluster(self._registry, given["ClusterArn"])
        return asked.page("NodeInfoList", shapes.nodes(found, state_of(found)), given)

    def get_bootstrap_brokers(self, call: Call, **given: Member) -> Answer:
        """Where clients begin; a conflict as long as the cluster is being created."""
        found = asked.cluster(self._registry, given["ClusterArn"])
        state = state_of(found)
        if state is None or adopted.condition(found, state) == "CREATING":
            raise asked.conflict("clusterArn", "The cluster has no brokers that can be reached yet.")
        return dict(shapes.bootstrap_brokers(found, state))

    def list_cluster_operations_v2(self, call: Call, **given: Member) -> Answer:
        """A cluster's operations, newest first."""
        operations = self._registry.operations(asked.cluster(self._registry, given["ClusterArn"]).arn)
        listed = [shapes.operation_v2_summary(o) for o in operations]
        return asked.page("ClusterOperationInfoList", listed, given)

    def list_cluster_operations(self, call: Call, **given: Member) -> Answer:
        """The same with all details, in the older shape."""
        operations = self._registry.operations(asked.cluster(self._registry, given["ClusterArn"]).arn)
        listed = [shapes.operation_v1(o) for o in operations]
        return asked.page("ClusterOperationInfoList", listed, given)

    def describe_cluster_operation_v2(self, call: Call, **given: Member) -> Answer:
        """One operation with its steps."""
        found = asked.operation(self._registry, given["ClusterOperationArn"])
        return {"ClusterOperationInfo": shapes.operation_v2(found)}

    def describe_cluster_operation(self, call: Call, **given: Member) -> Answer:
        """The same in the older shape."""
        found = asked.operation(self._registry, given["ClusterOperationArn"])
        return {"ClusterOperationInfo": shapes.operation_v1(found)}

    def list_kafka_versions(self, call: Call, **given: Member) -> Answer:
        """The versions that can be run here."""
        listed = [{"Version": version, "Status": "ACTIVE"} for version in LISTED]
        return asked.page("KafkaVersions", listed, given)

    def get_compatible_kafka_versions(self, call: Call, **given: Member) -> Answer:
        """What a cluster can be updated to; without a cluster, what each version can."""
        if "ClusterArn" in given:
            sources = [asked.cluster(self._registry, given["ClusterArn"]).target.kafka_version]
        else:
            sources = [version for version in LISTED if targets(version)]
        pairs = ({"SourceVersion": v, "TargetVersions": targets(v)} for v in sources)
        return {"CompatibleKafkaVersions": list(pairs)}

    def _named(self, call: Call, given: Answer) -> list[Cluster]:
        if not asked.in_region(call):
            return []
        prefix = given.get("ClusterNameFilter", "")
        return [c for c in self._registry.clusters() if c.name.startswith(prefix)]
