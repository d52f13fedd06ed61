"""Plans that change a cluster which runs. Every one is checked against the facts before anything is sent."""

from __future__ import annotations

from typing import get_args

from msktop.actions.configurations import check_configuration
from msktop.actions.facts import Facts
from msktop.actions.levels import Monitoring
from msktop.actions.plan import Plan
from msktop.errors import ActionError, UsageError
from msktop.model import limits

_ROLLS = "one broker at a time; the next one waits until all replicas are in sync"
_CLIENTS = "Clients lose each broker's connection once and go on; its partitions are led by others meanwhile."


def update_broker_count(facts: Facts, count: int) -> Plan:
    """More brokers, or fewer. Raises ActionError, UsageError."""
    _ready(facts)
    _multiple(count, facts.zone_count)
    if count == facts.broker_count:
        raise UsageError(f"{facts.name} has {count} brokers already")
    most = limits.most_brokers(facts.metadata)
    if count > most:
        raise UsageError(
            f"{count} brokers are more than MSK's quota of {most} for one cluster",
            "Service Quotas can raise it for your account; msktop does not know whether it was.",
        )
    more = count > facts.broker_count
    by = abs(count - facts.broker_count)
    return Plan(
        operation="UpdateBrokerCount",
        parameters=_versioned(facts, TargetNumberOfBrokerNodes=count),
        cluster=facts.name,
        title=f"Change {facts.name} from {facts.broker_count} to {count} brokers",
        steps=(
            f"{by} new brokers are started, {by // facts.zone_count} in each of {facts.zone_count} zones"
            if more
            else f"{by} brokers leave, {by // facts.zone_count} from each of {facts.zone_count} zones",
            "no partition moves by itself: reassign them afterwards"
            if more
            else "MSK refuses it while one of them holds a partition: reassign them first",
        ),
        duration="AWS gives no figure",
        needs_name=None if more else facts.name,
        before={"NumberOfBrokerNodes": str(facts.broker_count)},
        after={"NumberOfBrokerNodes": str(count)},
    )


def update_broker_type(facts: Facts, instance_type: str, most_partitions: int | None = None) -> Plan:
    """Another instance type for all brokers; `most_partitions` is what the fullest one holds, if known."""
    _ready(facts)
    _known_type(instance_type)
    if instance_type == facts.instance_type:
        raise UsageError(f"the brokers of {facts.name} are {instance_type} already")
    if facts.instance_type and limits.family(instance_type) != limits.family(facts.instance_type):
        raise UsageError(
            f"{facts.instance_type} cannot become {instance_type}",
            "Standard and express brokers cannot be changed into each other: create another cluster.",
        )
    room = limits.partitions(instance_type)
    if room is not None and most_partitions is not None and most_partitions > room.most:
        raise ActionError(
            f"a broker holds {most_partitions} partitions, and {instance_type} takes {room.most}",
            "Take a larger type, or fewer partitions.",
        )
    low, high = limits.MINUTES_A_RESIZE
    return Plan(
        operation="UpdateBrokerType",
        parameters=_versioned(facts, TargetInstanceType=instance_type),
        cluster=facts.name,
        title=f"Change the brokers of {facts.name} from {facts.instance_type or '?'} to {instance_type}",
        steps=(f"{facts.broker_count} brokers are replaced, {_ROLLS}", _CLIENTS),
        duration=_minutes(facts.broker_count, low, high),
        warnings=_smaller(facts, instance_type),
        before={"InstanceType": facts.instance_type or "?"},
        after={"InstanceType": instance_type},
    )


def update_storage(facts: Facts, volume_gib: int, now: float) -> Plan:
    """Larger volumes for all brokers; `now` in Unix seconds. Volumes never shrink."""
    _ready(facts)
    if facts.type != "PROVISIONED":
        raise ActionError(f"{facts.name} is {facts.type.lower()}: its storage is not sized by you")
    if not limits.LEAST_VOLUME_GIB <= volume_gib <= limits.MOST_VOLUME_GIB:
        raise UsageError(
            f"a volume of {volume_gib} GiB cannot be had",
            f"MSK has {limits.LEAST_VOLUME_GIB} to {limits.MOST_VOLUME_GIB} GiB a broker.",
        )
    if facts.volume_gib is not None and volume_gib <= facts.volume_gib:
        raise UsageError(
            f"the volumes of {facts.name} have {facts.volume_gib} GiB, and never shrink",
            "Give a larger size.",
        )
    since_s = None if facts.storage_changed_at is None else now - facts.storage_changed_at
    if since_s is not None and since_s < limits.STORAGE_COOL_DOWN_S:
        left_min = (limits.STORAGE_COOL_DOWN_S - since_s) / 60
        raise ActionError(
            f"the volumes of {facts.name} were changed {since_s / 60:.0f} min ago",
            f"MSK takes the next change after 6 h: try again in {left_min:.0f} min.",
        )
    return Plan(
        operation="UpdateBrokerStorage",
        parameters=_versioned(
            facts, TargetBrokerEBSVolumeInfo=[{"KafkaBrokerNodeId": "All", "VolumeSizeGB": volume_gib}]
        ),
        cluster=facts.name,
        title=f"Enlarge the volumes of {facts.name} from {facts.volume_gib or '?'} to {volume_gib} GiB each",
        steps=("all volumes grow while brokers run", "no other change of them for 6 h"),
        duration="minutes; EBS optimizes for up to 24 h meanwhile",
        before={"VolumeSizeGB": str(facts.volume_gib or "?")},
        after={"VolumeSizeGB": str(volume_gib)},
    )


def update_kafka_version(facts: Facts, version: str) -> Plan:
    """A later Kafka."""
    _ready(facts)
    if version == facts.kafka_version:
        raise UsageError(f"{facts.name} runs Kafka {version} already")
    if facts.later_versions is not None and version not in facts.later_versions:
        raise UsageError(
            f"{facts.name} cannot go from Kafka {facts.kafka_version} to {version}",
            f"MSK offers {', '.join(facts.later_versions)}." if facts.later_versions else "MSK offers none.",
        )
    return Plan(
        operation="UpdateClusterKafkaVersion",
        parameters=_versioned(facts, TargetKafkaVersion=version),
        cluster=facts.name,
        title=f"Update {facts.name} from Kafka {facts.kafka_version or '?'} to {version}",
        steps=(f"{facts.broker_count} brokers are restarted with it, {_ROLLS}", _CLIENTS),
        duration=_minutes(facts.broker_count, *limits.MINUTES_A_BROKER),
        warnings=(
            "It cannot be taken back.",
            "Topics with one replica are down while their broker restarts.",
        ),
        needs_name=facts.name,
        before={"KafkaVersion": facts.kafka_version or "?"},
        after={"KafkaVersion": version},
    )


def update_monitoring(facts: Facts, level: Monitoring) -> Plan:
    """Another level of CloudWatch's metrics."""
    _ready(facts)
    if level not in get_args(Monitoring):
        raise UsageError(
            f"{level!r} is no level of monitoring", f"There are {', '.join(get_args(Monitoring))}."
        )
    if level == facts.monitoring:
        raise UsageError(f"the level of {facts.name} is {level} already")
    return Plan(
        operation="UpdateMonitoring",
        parameters=_versioned(facts, EnhancedMonitoring=level),
        cluster=facts.name,
        title=f"Change the monitoring of {facts.name} from {facts.monitoring or '?'} to {level}",
        steps=("CloudWatch gets the metrics of that level; brokers go on",),
        duration="minutes",
        warnings=() if level == "DEFAULT" else ("CloudWatch charges for each metric of this level.",),
        before={"EnhancedMonitoring": facts.monitoring or "?"},
        after={"EnhancedMonitoring": level},
    )


def update_configuration(facts: Facts, arn: str, revision: int) -> Plan:
    """Another configuration, or another revision of it."""
    _ready(facts)
    check_configuration(arn, revision)
    wanted = f"{arn} revision {revision}"
    if wanted == facts.configuration:
        raise UsageError(f"{facts.name} has revision {revision} of that configuration already")
    return Plan(
        operation="UpdateClusterConfiguration",
        parameters=_versioned(facts, ConfigurationInfo={"Arn": arn, "Revision": revision}),
        cluster=facts.name,
        title=f"Give {facts.name} revision {revision} of {arn.partition(':configuration/')[2]}",
        steps=(f"{facts.broker_count} brokers are restarted with it, {_ROLLS}", _CLIENTS),
        duration=_minutes(facts.broker_count, *limits.MINUTES_A_BROKER),
        before={"Configuration": facts.configuration or "MSK's default"},
        after={"Configuration": wanted},
    )


def reboot_broker(facts: Facts, broker: int) -> Plan:
    """Restart one broker."""
    _ready(facts)
    if facts.broker_ids is not None and broker not in facts.broker_ids:
        ids = ", ".join(map(str, facts.broker_ids))
        raise UsageError(f"{facts.name} has no broker {broker}", f"Its brokers are {ids}.")
    return Plan(
        operation="RebootBroker",
        parameters={"ClusterArn": facts.arn, "BrokerIds": [str(broker)]},
        cluster=facts.name,
        title=f"Reboot broker {broker} of {facts.name}",
        steps=(f"leaders move away from b-{broker}, it restarts, and catches up", _CLIENTS),
        duration=_minutes(1, *limits.MINUTES_A_BROKER),
        warnings=("Topics with one replica on it are down meanwhile.",),
        before={"Broker": f"b-{broker} running"},
        after={"Broker": f"b-{broker} restarted"},
    )


def delete_cluster(facts: Facts) -> Plan:
    """The end of a cluster and of all its data."""
    if facts.state == "DELETING":
        raise ActionError(f"{facts.name} is being deleted already")
    return Plan(
        operation="DeleteCluster",
        parameters={"ClusterArn": facts.arn, "CurrentVersion": facts.current_version},
        cluster=facts.name,
        title=f"Delete {facts.name}",
        steps=(f"{facts.broker_count} brokers are ended", "every topic and every record is gone"),
        duration="minutes",
        warnings=("It cannot be taken back.",),
        needs_name=facts.name,
        before={"State": facts.state},
        after={"State": "deleted"},
    )


# ------------------------------------------------------------------ checks


def _ready(facts: Facts) -> None:
    if facts.type == "SERVERLESS":
        raise ActionError(f"{facts.name} is serverless: it has no brokers to change")
    if facts.state != "ACTIVE":
        raise ActionError(
            f"{facts.name} is {facts.state}, and takes no change before it is ACTIVE again",
            f"See what goes on: msktop cluster operations {facts.name}",
        )


def _multiple(count: int, zones: int) -> None:
    if count < 1 or (zones and count % zones):
        low = max(zones, count // zones * zones) if zones else 1
        raise UsageError(
            f"{count} brokers cannot be spread evenly over {zones} zones",
            f"Take a multiple of {zones}: {low}, {low + zones}, …",
        )


def _known_type(instance_type: str) -> None:
    if instance_type not in limits.instance_types():
        near = [t for t in limits.instance_types() if t.partition(".")[0] == instance_type.partition(".")[0]]
        raise UsageError(
            f"{instance_type!r} is no instance type of MSK",
            f"There are {', '.join(near or limits.instance_types())}.",
        )


def _smaller(facts: Facts, instance_type: str) -> tuple[str, ...]:
    old, new = limits.size(facts.instance_type or ""), limits.size(instance_type)
    if old is None or new is None or new >= old:
        return ()
    return ("It is smaller: MSK refuses it where a broker holds too many partitions for it.",)


def _minutes(brokers: int, low: int, high: int) -> str:
    return f"typically {brokers * low} to {brokers * high} min ({low} to {high} a broker)"


def _versioned(facts: Facts, **parameters: object) -> dict[str, object]:
    """Every update names the version that was looked at: one that changed meanwhile is refused by MSK."""
    return {"ClusterArn": facts.arn, "CurrentVersion": facts.current_version, **parameters}
