"""What MSK refuses before it begins, with its words where they are known. Pure; all raise ApiError."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msktop.local.plane import names
from msktop.local.plane.asked import bad_request
from msktop.local.plane.places import Subnet
from msktop.local.plane.records import Cluster, Members
from msktop.local.plane.versions import INSTANCE_TYPES, LISTED, metadata_of, targets
from msktop.local.settings import MAX_BROKERS

_ZONES = (2, 3)


def name(given: str) -> None:
    """A cluster's name."""
    if not names.is_cluster_name(given):
        raise bad_request(
            "clusterName",
            "The cluster name is not valid. Use 1 to 64 letters, digits and hyphens, and no hyphen first.",
        )


def subnets(given: Sequence[str], known: Sequence[Subnet]) -> list[Subnet]:
    """The subnets that a cluster is to have; each must be in a zone of its own."""
    by_id = {subnet.id: subnet for subnet in known}
    if len(given) not in _ZONES or len(set(given)) != len(given):
        raise bad_request("clientSubnets", "Specify either two or three distinct client subnets.")
    for one in given:
        if one not in by_id:
            raise bad_request("clientSubnets", f"The subnet {one[:60]} does not exist.")
    return [by_id[one] for one in given]


def security_groups(given: Sequence[str], known: str) -> None:
    """Security groups that exist."""
    for one in given:
        if one != known:
            raise bad_request("securityGroups", f"The security group {one[:60]} does not exist.")


def broker_count(count: int, zones: int, parameter: str) -> None:
    """As many brokers in every zone, and no more than can be run."""
    if count < 1 or count % zones:
        raise bad_request(
            parameter,
            "The number of broker nodes must be a multiple of the number of Availability Zones in the client "
            "subnets.",
        )
    if count > MAX_BROKERS:
        raise bad_request(parameter, f"A cluster can have at most {MAX_BROKERS} brokers here.")


def kafka_version(given: str, parameter: str = "kafkaVersion") -> None:
    """A version that can be run."""
    if given not in LISTED:
        valid = ", ".join(LISTED)
        raise bad_request(parameter, f"Unsupported KafkaVersion [{given[:40]}]. Valid values: [{valid}]")


def newer_version(cluster: Cluster, given: str) -> None:
    """A version to which this cluster can be updated."""
    kafka_version(given, "targetKafkaVersion")
    now = cluster.target.kafka_version
    if given not in targets(now):
        other = metadata_of(given) != cluster.metadata
        why = f"it does not keep its metadata in {cluster.metadata}" if other else "it is not later"
        raise bad_request("targetKafkaVersion", f"{now} cannot be updated to {given}: {why}.")


def instance_type(given: str, parameter: str = "instanceType") -> None:
    """A type of Standard brokers."""
    if given.startswith("express."):
        raise bad_request(parameter, "Express brokers cannot be run by a local MSK; choose kafka.…")
    if given not in INSTANCE_TYPES:
        raise bad_request(parameter, f"Unsupported InstanceType [{given[:40]}].")


def other_type(cluster: Cluster, given: str) -> None:
    """Another type than the cluster has."""
    instance_type(given, "targetInstanceType")
    if given == cluster.instance_type:
        raise bad_request("targetInstanceType", f"The brokers are of the type {given} already.")


def leaving(brokers: Sequence[tuple[int, str]], count: int, zones: int) -> list[int]:
    """The ids of the brokers that leave when `count` are to stay: of every zone those added last.

    `brokers` has the id and the zone of each.

    >>> leaving([(1, "a"), (2, "b"), (3, "a"), (4, "b")], 2, 2)
    [3, 4]
    """
    stay = count // zones
    of_zone: dict[str, list[int]] = {}
    for broker, zone in sorted(brokers):
        of_zone.setdefault(zone, []).append(broker)
    return sorted(broker for ids in of_zone.values() for broker in ids[stay:])


def emptied(on_leaving: Sequence[str], brokers: Sequence[int]) -> None:
    """No partitions on the brokers that leave."""
    if on_leaving:
        shown = ", ".join(on_leaving[:3]) + (" …" if len(on_leaving) > 3 else "")
        raise bad_request(
            "targetNumberOfBrokerNodes",
            f"The brokers {', '.join(map(str, brokers))} still have {len(on_leaving)} partitions ({shown}). "
            "Reassign them to other brokers first.",
        )


def volumes(infos: Sequence[Members], present_gib: dict[int, int]) -> None:
    """Larger volumes for brokers that there are; `present_gib` has the size of each."""
    if not infos:
        raise bad_request("targetBrokerEBSVolumeInfo", "Specify a volume size.")
    for info in infos:
        named, size = info["KafkaBrokerNodeId"], info.get("VolumeSizeGB")
        if named != "All" and not (named.isascii() and named.isdigit() and int(named) in present_gib):
            raise bad_request("kafkaBrokerNodeId", f"The broker {named[:20]} does not exist.")
        brokers = present_gib if named == "All" else [int(named)]
        if size is None or not max(present_gib[b] for b in brokers) < size <= 16384:
            raise bad_request(
                "volumeSizeGB", "The volume size must be larger than now, and at most 16384 GiB."
            )
        if info.get("ProvisionedThroughput", {}).get("Enabled"):
            raise bad_request("provisionedThroughput", "A local MSK has no provisioned throughput.")


def one_broker(given: Sequence[str], present: Sequence[int]) -> int:
    """The one broker that is to be rebooted."""
    if len(given) != 1:
        raise bad_request("brokerIds", "Specify exactly one broker.")
    if not (given[0].isascii() and given[0].isdigit() and int(given[0]) in present):
        raise bad_request("brokerIds", f"The broker {given[0][:20]} does not exist.")
    return int(given[0])


def local_only(provisioned: Members) -> None:
    """Nothing that needs the rest of AWS."""
    authentication: dict[str, Any] = provisioned.get("ClientAuthentication", {})
    connectivity: dict[str, Any] = provisioned.get("BrokerNodeGroupInfo", {}).get("ConnectivityInfo", {})
    sasl = authentication.get("Sasl", {})
    for wanted, parameter, what in (
        (sasl.get("Iam", {}).get("Enabled"), "iam", "IAM access control needs AWS: its brokers ask IAM"),
        (authentication.get("Tls", {}).get("Enabled"), "tls", "client certificates come from AWS Private CA"),
        (provisioned.get("StorageMode") == "TIERED", "storageMode", "tiered storage needs Amazon S3"),
        (provisioned.get("Rebalancing"), "rebalancing", "rebalancing is for Express brokers"),
        (
            connectivity.get("PublicAccess", {}).get("Type", "DISABLED") != "DISABLED",
            "publicAccess",
            "public access needs the Internet",
        ),
        (connectivity.get("NetworkType") == "DUAL", "networkType", "brokers have IPv4 addresses only"),
    ):
        if wanted:
            raise bad_request(parameter, f"A local MSK cannot do this: {what}.")
