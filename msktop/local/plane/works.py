"""What the operations do to a cluster, through its supervisor alone; each step can be done a second time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from msktop.errors import LocalError
from msktop.local import control
from msktop.local.plane import security, waiting
from msktop.local.plane.operations import Kind
from msktop.local.plane.properties import parse
from msktop.local.plane.records import Cluster, Members, Operation, Software, Step
from msktop.local.plane.registry import Registry
from msktop.local.plane.versions import heap_mb
from msktop.local.state import Node, State

_GIB = 1 << 30
_TRIES = 2
"""How often a broker may die after a reboot; the supervisor starts it again each time."""


class Apply:
    """Only the record changes: `becomes` says how."""

    def __init__(self, becomes: Callable[[Cluster, Operation], Members]) -> None:
        self._becomes = becomes

    def carry_out(self, cluster: Cluster, operation: Operation, step: Step) -> Members:
        """Nothing is to be done but to write it down."""
        return {}

    def finished(self, cluster: Cluster, operation: Operation) -> Members:
        """The record as it is from now on."""
        return self._becomes(cluster, operation)

    def failed(self, cluster: Cluster, operation: Operation) -> None:
        """Nothing was done."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a reboot changes of a broker; empty stays as it is."""

    kafka_version: str = ""
    instance_type: str = ""

    def is_made(self, node: Node) -> bool:
        """Whether the broker's process is of this kind already."""
        version_fits = self.kafka_version in ("", node.kafka_version)
        return version_fits and self.instance_type in ("", node.instance_type)


class Roll(Apply):
    """Reboots brokers one after another, each once all of them run and every replica is in sync.

    A broker whose present process began after its step did is done.
    """

    def carry_out(self, cluster: Cluster, operation: Operation, step: Step) -> Members:
        """Reboot the step's broker."""
        broker, change = step.broker, self._change(operation)
        began_at = step.began_at or 0.0

        def is_done(found: State) -> bool:
            node = _node(found, broker)
            runs = node.state == "RUNNING" and change.is_made(node)
            return runs and node.started_at is not None and node.started_at >= began_at

        found = waiting.running(cluster.local_name, f"every node runs before broker {broker} is rebooted")
        if not is_done(found):
            waiting.in_sync(cluster.local_name)
            control.reboot(
                cluster.local_name,
                broker,
                kafka_version=change.kafka_version,
                instance_type=change.instance_type,
                heap_mb=heap_mb(change.instance_type) if change.instance_type else 0,
            )
        allowed = _node(waiting.read(cluster.local_name), broker).restarts + _TRIES

        def is_settled(found: State) -> bool:
            return is_done(found) or _node(found, broker).restarts > allowed

        if not is_done(waiting.until(cluster.local_name, is_settled, f"broker {broker} is back")):
            raise LocalError(
                f"broker {broker} ended {_TRIES} times after its reboot",
                f"Its log says why: msktop local logs {broker} --name {cluster.local_name}",
            )
        waiting.in_sync(cluster.local_name, restarted=broker)
        return self._after(cluster, operation, broker)

    def _change(self, operation: Operation) -> Change:
        target = operation.target
        return Change(target.get("KafkaVersion", ""), target.get("InstanceType", ""))

    def _after(self, cluster: Cluster, operation: Operation, broker: int) -> Members:
        return {}


class Configure(Roll):
    """Gives every broker other Kafka settings, then reboots them one after another."""

    def __init__(self, becomes: Callable[[Cluster, Operation], Members], registry: Registry) -> None:
        super().__init__(becomes)
        self._registry = registry

    def carry_out(self, cluster: Cluster, operation: Operation, step: Step) -> Members:
        """Write the settings, which is what a step without a broker is for; or reboot the step's broker."""
        if step.broker:
            return super().carry_out(cluster, operation, step)
        self._set(cluster, software_of(operation, cluster))
        return {}

    def failed(self, cluster: Cluster, operation: Operation) -> None:
        """Give the brokers their former settings again, so that they heal."""
        self._set(cluster, cluster.target)

    def _set(self, cluster: Cluster, software: Software) -> None:
        control.configure(cluster.local_name, properties_of(self._registry, software))

    def _after(self, cluster: Cluster, operation: Operation, broker: int) -> Members:
        return {"software": {**cluster.software, broker: software_of(operation, cluster)}}


class Listen(Roll):
    """Gives every broker other listeners, then reboots them one after another."""

    def carry_out(self, cluster: Cluster, operation: Operation, step: Step) -> Members:
        """Make what listeners need, which is what a step without a broker is for; or reboot the broker."""
        if step.broker:
            return super().carry_out(cluster, operation, step)
        self._set(cluster, {**cluster.kept, **operation.target})
        return {}

    def failed(self, cluster: Cluster, operation: Operation) -> None:
        """Go back to the former listeners from the next start on."""
        self._set(cluster, cluster.kept)

    def _set(self, cluster: Cluster, kept: Members) -> None:
        control.listen(cluster.local_name, ("plaintext", *security.offered(kept)))


class Grow(Apply):
    """Adds brokers, all at once as MSK does."""

    def carry_out(self, cluster: Cluster, operation: Operation, step: Step) -> Members:
        """Add those that are not there yet, and wait until they are registered."""
        created = _ids(operation, "CreatedBrokerIds")
        present = {node.id for node in waiting.read(cluster.local_name).brokers}
        absent = [broker for broker in created if broker not in present]
        if absent and control.add_brokers(cluster.local_name, len(absent)) != absent:
            raise LocalError("the new brokers have other ids than was foreseen")
        waiting.running(cluster.local_name, "the new brokers run")
        waiting.in_sync(cluster.local_name)
        added_at = dict.fromkeys(created, step.began_at or operation.started_at)
        return {"added_at": {**cluster.added_at, **added_at}}


class Shrink(Apply):
    """Takes brokers out one after another; each must have no partition any more."""

    def carry_out(self, cluster: Cluster, operation: Operation, step: Step) -> Members:
        """Remove the step's broker, if it is still there."""
        broker = step.broker
        node = waiting.read(cluster.local_name).node(broker)
        if node is not None and node.state != "REMOVING":
            control.remove_broker(cluster.local_name, broker)
        waiting.until(cluster.local_name, lambda s: s.node(broker) is None, f"broker {broker} is gone")
        return {"added_at": {n: at for n, at in cluster.added_at.items() if n != broker}}


class Resize(Apply):
    """Makes the brokers' volumes larger."""

    def carry_out(self, cluster: Cluster, operation: Operation, step: Step) -> Members:
        """Resize the step's broker's volume, or every one."""
        for info in operation.target["BrokerEBSVolumeInfo"]:
            named = info["KafkaBrokerNodeId"]
            broker = None if named == "All" else int(named)
            control.resize(cluster.local_name, info["VolumeSizeGB"] * _GIB, broker)
        return {}


def kinds(registry: Registry) -> dict[str, Kind]:
    """Every type of operation."""
    return {
        "INCREASE_BROKER_COUNT": Kind(Grow(_counted)),
        "DECREASE_BROKER_COUNT": Kind(Shrink(_counted)),
        "UPDATE_BROKER_TYPE": Kind(Roll(_retyped)),
        "UPDATE_BROKER_STORAGE": Kind(Resize(_resized)),
        "UPDATE_CLUSTER_KAFKA_VERSION": Kind(Configure(_updated, registry)),
        "UPDATE_CLUSTER_CONFIGURATION": Kind(Configure(_updated, registry)),
        "UPDATE_MONITORING": Kind(Apply(_kept)),
        "UPDATE_SECURITY": Kind(Listen(_kept)),
        "REBOOT_NODE": Kind(Roll(_same), "REBOOTING_BROKER", "REBOOT", changes_version=False),
        "SECURITY_PATCHING": Kind(Roll(_same), "MAINTENANCE"),
    }


def software_of(operation: Operation, cluster: Cluster) -> Software:
    """What brokers run after this operation."""
    target, software = operation.target, cluster.target
    if "KafkaVersion" in target:
        software = replace(software, kafka_version=target["KafkaVersion"])
    if "ConfigurationInfo" in target:
        info = target["ConfigurationInfo"]
        software = replace(software, configuration_arn=info["Arn"], configuration_revision=info["Revision"])
    return software


def properties_of(registry: Registry, software: Software) -> dict[str, str]:
    """The Kafka settings of the configuration that this software names; none without one."""
    found = registry.configuration(software.configuration_arn)
    revision = found and found.revision(software.configuration_revision)
    return parse(revision.properties) if revision else {}


def _counted(cluster: Cluster, operation: Operation) -> Members:
    return {"brokers": operation.target["NumberOfBrokerNodes"]}


def _retyped(cluster: Cluster, operation: Operation) -> Members:
    return {"instance_type": operation.target["InstanceType"]}


def _resized(cluster: Cluster, operation: Operation) -> Members:
    sizes = (info["VolumeSizeGB"] for info in operation.target["BrokerEBSVolumeInfo"])
    return {"volume_gib": max(cluster.volume_gib, *sizes)}


def _updated(cluster: Cluster, operation: Operation) -> Members:
    return {"target": software_of(operation, cluster), "software": {}}


def _kept(cluster: Cluster, operation: Operation) -> Members:
    return {"kept": {**cluster.kept, **operation.target}}


def _same(cluster: Cluster, operation: Operation) -> Members:
    return {}


def _ids(operation: Operation, member: str) -> list[int]:
    return [int(n) for n in operation.target["BrokerCountUpdateInfo"][member]]


def _node(found: State, broker: int) -> Node:
    node = found.node(broker)
    if node is None:
        raise LocalError(f"broker {broker} is gone")
    return node
