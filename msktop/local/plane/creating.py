"""CreateCluster and DeleteCluster: each cluster has a supervisor of its own, owned by the main one."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from msktop.errors import LocalError, MsktopError
from msktop.local import control, paths
from msktop.local.api.messages import Call
from msktop.local.plane import adopted, asked, checks, names, places, security, waiting
from msktop.local.plane.own import net_of, open_monitoring
from msktop.local.plane.records import Cluster, Member, Members, Phase, Software
from msktop.local.plane.registry import Registry
from msktop.local.plane.updating import configuration_for
from msktop.local.plane.versions import heap_mb, metadata_of
from msktop.local.plane.works import properties_of
from msktop.local.settings import Settings
from msktop.local.state import State

_logger = logging.getLogger(__name__)

Answer = dict[str, Any]

_GIB = 1 << 30
_DEFAULT_GIB = 100
_CREATED_S = 300.0
_BUSY = ("UPDATING", "REBOOTING_BROKER", "MAINTENANCE", "DELETING")


class Creating:
    """Makes clusters and ends them. `main` is the state of the cluster that was started first."""

    def __init__(self, registry: Registry, main: State) -> None:
        self._registry = registry
        self._main = main

    def create_cluster_v2(self, call: Call, **given: Member) -> Answer:
        """Create a provisioned cluster of Standard brokers."""
        if "Provisioned" not in given:
            raise asked.bad_request(
                "serverless", "A local MSK has real brokers: it can run provisioned clusters only."
            )
        cluster = self._create(call, given["ClusterName"], given["Provisioned"], given.get("Tags", {}))
        return {**_begun(cluster), "ClusterName": cluster.name, "ClusterType": "PROVISIONED"}

    def create_cluster(self, call: Call, **given: Member) -> Answer:
        """The same in the older, flat form."""
        cluster = self._create(call, given["ClusterName"], given, given.get("Tags", {}))
        return {**_begun(cluster), "ClusterName": cluster.name}

    def delete_cluster(self, call: Call, **given: Member) -> Answer:
        """End a cluster and remove its data."""
        with self._registry.lock:
            cluster = asked.cluster(self._registry, given["ClusterArn"])
            if given.get("CurrentVersion", cluster.version) != cluster.version:
                raise asked.bad_request(
                    "currentVersion", "The version of the cluster is not the current one."
                )
            if cluster.phase in _BUSY:
                raise asked.bad_request(
                    "clusterArn", f"You can't delete a cluster in the {cluster.phase} state."
                )
            if cluster.local_name == self._main.name:
                raise asked.bad_request(
                    "clusterArn",
                    f"The control plane ends with this cluster: msktop local stop --name {cluster.name}",
                )
            cluster = self._registry.change(cluster.arn, phase="DELETING")
        self._start(self._take_down, cluster.arn)
        return _begun(cluster)

    def resume(self) -> None:
        """Go on with what a former process of ours had begun."""
        for cluster in self._registry.clusters():
            if cluster.phase == "CREATING":
                self._start(self._bring_up, cluster.arn)
            elif cluster.phase == "DELETING":
                self._start(self._take_down, cluster.arn)

    def _create(self, call: Call, name: str, provisioned: Members, tags: dict[str, str]) -> Cluster:
        checks.name(name)
        net = net_of(self._main)
        group = provisioned["BrokerNodeGroupInfo"]
        known = places.subnets(net) if asked.in_region(call) else ()
        subnets = checks.subnets(group["ClientSubnets"], known)
        checks.security_groups(group.get("SecurityGroups", []), places.security_group(net))
        checks.broker_count(provisioned["NumberOfBrokerNodes"], len(subnets), "numberOfBrokerNodes")
        checks.kafka_version(provisioned["KafkaVersion"])
        checks.instance_type(group["InstanceType"])
        checks.local_only(provisioned)
        software = self._software(provisioned)
        with self._registry.lock:
            if any(cluster.name == name for cluster in self._registry.clusters()):
                raise asked.conflict("clusterName", "A resource with this name already exists.")
            uid = names.new_uid()
            cluster = Cluster(
                arn=names.cluster_arn(name, uid),
                name=name,
                local_name=self._local_name(name, uid),
                created_at=time.time(),
                version=names.new_version(),
                phase="CREATING",
                metadata=metadata_of(software.kafka_version) or "kraft",
                subnets=tuple(subnet.id for subnet in subnets),
                zone_ids=tuple(subnet.zone_id for subnet in subnets),
                brokers=provisioned["NumberOfBrokerNodes"],
                instance_type=group["InstanceType"],
                volume_gib=group.get("StorageInfo", {})
                .get("EbsStorageInfo", {})
                .get("VolumeSize", _DEFAULT_GIB),
                target=software,
                kept=_kept(provisioned, places.security_group(net)),
                tags=tags,
            )
            self._registry.put(cluster)
        self._start(self._bring_up, cluster.arn)
        return cluster

    def _software(self, provisioned: Members) -> Software:
        version, info = provisioned["KafkaVersion"], provisioned.get("ConfigurationInfo")
        if info is None:
            return Software(version)
        found = configuration_for(self._registry, info, version)
        return Software(version, found.arn, info["Revision"])

    def _local_name(self, name: str, uid: str) -> str:
        def is_free(local: str) -> bool:
            return not any(c.local_name == local for c in self._registry.clusters()) and (
                not paths.folders(local).state.exists()
            )

        plain = names.local_name(name, uid, is_free=True)
        return plain if is_free(plain) else names.local_name(name, uid, is_free=False)

    def _bring_up(self, arn: str) -> None:
        cluster = self._registry.cluster(arn)
        assert cluster is not None
        try:
            if adopted.state_of(cluster) is None:
                control.start(self._settings(cluster))
            found = waiting.until(
                cluster.local_name, lambda s: s.state != "CREATING", "the cluster is created", _CREATED_S
            )
            phase: Phase = "FAILED" if found.state == "FAILED" else "ACTIVE"
            problem = ""
        except MsktopError as e:
            phase, problem = "FAILED", f"{e.title}. {e.advice}".strip()
            _logger.warning("%s: %s", cluster.name, problem)
        with self._registry.lock:
            now = self._registry.cluster(arn)
            if now is not None and now.phase == "CREATING":
                self._registry.change(arn, phase=phase, problem=problem)

    def _take_down(self, arn: str) -> None:
        cluster = self._registry.cluster(arn)
        assert cluster is not None
        try:
            control.stop(cluster.local_name)
        except LocalError as e:
            _logger.warning("%s: %s", cluster.name, e.title)
            self._registry.change(arn, phase="FAILED", problem=f"{e.title}. {e.advice}")
        else:
            self._registry.drop(arn)

    def _settings(self, cluster: Cluster) -> Settings:
        return Settings(
            name=cluster.local_name,
            brokers=cluster.brokers,
            zone_ids=cluster.zone_ids,
            metadata=cluster.metadata,
            kafka_version=cluster.target.kafka_version,
            traffic="none",
            fast_heal=self._main.fast_heal,
            owner_pid=self._main.supervisor_pid,
            volume_bytes=cluster.volume_gib * _GIB,
            heap_mb=heap_mb(cluster.instance_type),
            instance_type=cluster.instance_type,
            properties=properties_of(self._registry, cluster.target),
            listeners=("plaintext", *security.offered(cluster.kept)),
            api=False,
        )

    def _start(self, work: Callable[[str], None], arn: str) -> None:
        threading.Thread(target=work, args=(arn,), name="cluster", daemon=True).start()


def _begun(cluster: Cluster) -> Answer:
    return {"ClusterArn": cluster.arn, "State": cluster.phase}


def _kept(provisioned: Members, security_group: str) -> Answer:
    """What the API gives back as it got it, with MSK's defaults where it got nothing."""
    group = provisioned["BrokerNodeGroupInfo"]
    kept: Answer = {
        "BrokerNodeGroupInfo": {
            "SecurityGroups": group.get("SecurityGroups") or [security_group],
            **{m: group[m] for m in ("BrokerAZDistribution", "ConnectivityInfo") if m in group},
        },
        "EnhancedMonitoring": provisioned.get("EnhancedMonitoring", "DEFAULT"),
        "OpenMonitoring": provisioned.get("OpenMonitoring") or open_monitoring(jmx=False, node=False),
    }
    if "LoggingInfo" in provisioned:
        kept["LoggingInfo"] = provisioned["LoggingInfo"]
    return kept | security.completed(provisioned)
