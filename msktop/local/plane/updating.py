"""The operations that change a cluster that runs."""

from __future__ import annotations

from typing import Any

from msktop.errors import LocalError
from msktop.local.api.messages import ApiError, Call
from msktop.local.plane import adopted, asked, checks, security, waiting
from msktop.local.plane.operations import Operations, check_free
from msktop.local.plane.records import Cluster, Configuration, Member, Members, Step
from msktop.local.plane.registry import Registry
from msktop.local.state import State

Answer = dict[str, Any]

_GIB = 1 << 30
_SECURITY = ("ClientAuthentication", "EncryptionInfo")
_MONITORING = ("EnhancedMonitoring", "OpenMonitoring", "LoggingInfo")


class Updating:
    """UpdateX and RebootBroker: each checked first, then begun."""

    def __init__(self, registry: Registry, operations: Operations) -> None:
        self._registry = registry
        self._operations = operations

    def update_broker_count(self, call: Call, **given: Member) -> Answer:
        """More brokers, or fewer: those added last leave, and must have no partitions."""
        cluster, state = self._ready(given)
        count, parameter = given["TargetNumberOfBrokerNodes"], "targetNumberOfBrokerNodes"
        checks.broker_count(count, len(cluster.subnets), parameter)
        present = [(node.id, node.zone) for node in state.brokers]
        if count == len(present):
            raise asked.bad_request(parameter, f"The cluster has {count} broker nodes already.")
        source = {"NumberOfBrokerNodes": len(present)}
        target: Answer = {"NumberOfBrokerNodes": count}
        if count > len(present):
            first = max(broker for broker, _ in present) + 1
            created = range(first, first + count - len(present))
            target["BrokerCountUpdateInfo"] = {"CreatedBrokerIds": [float(n) for n in created]}
            steps = [Step("ADD_BROKERS")]
            return self._begin(cluster, "INCREASE_BROKER_COUNT", steps, source, target, given)
        leaving = checks.leaving(present, count, len(cluster.subnets))
        checks.emptied(_replicas_on(state, set(leaving)), leaving)
        target["BrokerCountUpdateInfo"] = {"DeletedBrokerIds": [float(n) for n in leaving]}
        steps = [Step(f"REMOVE_BROKER_{n}", n) for n in reversed(leaving)]
        return self._begin(cluster, "DECREASE_BROKER_COUNT", steps, source, target, given)

    def update_broker_type(self, call: Call, **given: Member) -> Answer:
        """Another instance type, broker by broker."""
        cluster, state = self._ready(given)
        checks.other_type(cluster, given["TargetInstanceType"])
        source, target = (
            {"InstanceType": cluster.instance_type},
            {"InstanceType": given["TargetInstanceType"]},
        )
        return self._begin(cluster, "UPDATE_BROKER_TYPE", _rolling(state), source, target, given)

    def update_broker_storage(self, call: Call, **given: Member) -> Answer:
        """Larger volumes."""
        return self._resize(given, given["TargetBrokerEBSVolumeInfo"])

    def update_storage(self, call: Call, **given: Member) -> Answer:
        """Larger volumes, in the newer form."""
        checks.local_only(given)
        info = {"KafkaBrokerNodeId": "All"} | {
            member: given[member] for member in ("VolumeSizeGB", "ProvisionedThroughput") if member in given
        }
        return self._resize(given, [info])

    def update_cluster_kafka_version(self, call: Call, **given: Member) -> Answer:
        """A later version of Kafka, and with it another configuration, broker by broker."""
        cluster, state = self._ready(given)
        version = given["TargetKafkaVersion"]
        checks.newer_version(cluster, version)
        source: Answer = {"KafkaVersion": cluster.target.kafka_version}
        target: Answer = {"KafkaVersion": version}
        if "ConfigurationInfo" in given:
            self._configuration(given["ConfigurationInfo"], version)
            source |= _configured(cluster)
            target["ConfigurationInfo"] = given["ConfigurationInfo"]
        steps = [Step("PREPARE_UPDATE"), *_rolling(state)]
        return self._begin(cluster, "UPDATE_CLUSTER_KAFKA_VERSION", steps, source, target, given)

    def update_cluster_configuration(self, call: Call, **given: Member) -> Answer:
        """Another configuration, or another revision of it, broker by broker."""
        cluster, state = self._ready(given)
        self._configuration(given["ConfigurationInfo"], cluster.target.kafka_version)
        target = {"ConfigurationInfo": given["ConfigurationInfo"]}
        source = _configured(cluster)
        if source == target:
            raise asked.bad_request("configurationInfo", "The cluster has this configuration already.")
        steps = [Step("APPLY_CONFIGURATION"), *_rolling(state)]
        return self._begin(cluster, "UPDATE_CLUSTER_CONFIGURATION", steps, source, target, given)

    def update_monitoring(self, call: Call, **given: Member) -> Answer:
        """Another level of monitoring, exporters, logs."""
        cluster, _ = self._ready(given)
        target = {member: given[member] for member in _MONITORING if member in given}
        if not target:
            raise asked.bad_request("enhancedMonitoring", "Specify what is to be updated.")
        source = {member: cluster.kept[member] for member in target if member in cluster.kept}
        return self._begin(cluster, "UPDATE_MONITORING", [Step("UPDATE_MONITORING")], source, target, given)

    def update_security(self, call: Call, **given: Member) -> Answer:
        """What clients may come in by; where brokers need other listeners for it, broker by broker."""
        cluster, state = self._ready(given)
        target: Answer = {m: given[m] for m in _SECURITY if m in given}
        if not target:
            raise asked.bad_request("clientAuthentication", "Specify what is to be updated.")
        checks.local_only(target)
        wanted = set(security.offered({**cluster.kept, **target}))
        if not wanted:
            raise asked.bad_request("clientAuthentication", "No client could reach the cluster any more.")
        source = {member: cluster.kept[member] for member in target if member in cluster.kept}
        completed = security.completed(target)
        filled = {member: completed[member] for member in target}
        reboots = [] if wanted <= set(state.brokers[0].ports) else _rolling(state)
        steps = [Step("UPDATE_SECURITY"), *reboots]
        return self._begin(cluster, "UPDATE_SECURITY", steps, source, filled, given)

    def reboot_broker(self, call: Call, **given: Member) -> Answer:
        """Reboot one broker."""
        cluster, state = self._ready(given)
        broker = checks.one_broker(given["BrokerIds"], [node.id for node in state.brokers])
        steps = [Step(f"REBOOT_BROKER_{broker}", broker)]
        return self._begin(cluster, "REBOOT_NODE", steps, {}, {}, given)

    def patch(self, cluster: Cluster) -> str:
        """What AWS does in a maintenance window: reboot every broker in turn. Returns the operation's ARN."""
        _, state = self._ready({"ClusterArn": cluster.arn})
        begun = self._begin(cluster, "SECURITY_PATCHING", _rolling(state), {}, {}, {})
        return str(begun["ClusterOperationArn"])

    def _ready(self, given: Members) -> tuple[Cluster, State]:
        """The cluster, if something may be begun with it now."""
        cluster = check_free(self._registry, given["ClusterArn"], given.get("CurrentVersion"))
        state = adopted.state_of(cluster)
        if state is None:
            raise ApiError("InternalServerErrorException", "The cluster's supervisor has just ended.")
        return cluster, state

    def _begin(
        self,
        cluster: Cluster,
        type_: str,
        steps: list[Step],
        source: Members,
        target: Members,
        given: Members,
    ) -> Answer:
        version = given.get("CurrentVersion")
        return dict(
            self._operations.begin(cluster, type_, steps, source=source, target=target, version=version)
        )

    def _resize(self, given: Members, infos: list[Members]) -> Answer:
        cluster, state = self._ready(given)
        present = {node.id: node.storage.volume_bytes // _GIB for node in state.brokers}
        checks.volumes(infos, present)
        before = [{"KafkaBrokerNodeId": str(n), "VolumeSizeGB": gib} for n, gib in present.items()]
        source, target = {"BrokerEBSVolumeInfo": before}, {"BrokerEBSVolumeInfo": infos}
        return self._begin(cluster, "UPDATE_BROKER_STORAGE", [Step("RESIZE_VOLUMES")], source, target, given)

    def _configuration(self, info: Members, kafka_version: str) -> Configuration:
        return configuration_for(self._registry, info, kafka_version)


def configuration_for(registry: Registry, info: Members, kafka_version: str) -> Configuration:
    """The configuration that a ConfigurationInfo names, if it can be used with this version of Kafka."""
    found = asked.configuration(registry, info["Arn"], "configurationInfo")
    if found.revision(info["Revision"]) is None:
        raise asked.bad_request("revision", f"The configuration has no revision {info['Revision']}.")
    if found.kafka_versions and kafka_version not in found.kafka_versions:
        raise asked.bad_request(
            "configurationInfo", f"The configuration cannot be used with Kafka {kafka_version}."
        )
    return found


def _configured(cluster: Cluster) -> Answer:
    software = cluster.target
    if not software.configuration_arn:
        return {}
    info = {"Arn": software.configuration_arn, "Revision": software.configuration_revision}
    return {"ConfigurationInfo": info}


def _rolling(state: State) -> list[Step]:
    return [Step(f"REBOOT_BROKER_{n}", n) for n in sorted(node.id for node in state.brokers)]


def _replicas_on(state: State, leaving: set[int]) -> list[str]:
    try:
        return waiting.replicas_on(waiting.ask(state.brokers), leaving)
    except LocalError as e:
        raise ApiError("ServiceUnavailableException", f"No broker answers: {e.title}") from e
