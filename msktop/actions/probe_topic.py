"""Makes the probe topic, the only one that msktop ever writes to by itself: with leave, and audited."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from msktop.actions.audit import Audit
from msktop.actions.guard import Permit
from msktop.actions.kafka import Kafka
from msktop.actions.kafka_perform import RefusedError
from msktop.actions.plan import Plan
from msktop.actions.topic_perform import perform
from msktop.errors import ActionError
from msktop.model.cluster import Cluster
from msktop.model.writes import PROBE_TOPIC
from msktop.wire.security import Security

PER_BROKER = 3
PARTITIONS_MOST = 300
"""Over-partitioned: after leaders have moved, each broker should still lead one of them."""
REPLICAS_MOST = 3
CONFIG = {"cleanup.policy": "delete", "retention.ms": "600000", "segment.ms": "600000"}
"""Ten minutes, which at four records a second are about 200 kB a partition. min.insync.replicas is the
cluster's own default: what is measured is what its clients meet."""

_EXISTS = 36


def wanted(cluster: Cluster) -> Plan:
    """What would be made: as many replicas as there are zones, at most 3.

    Without zones, or with one alone, as many as there are brokers, at most 3.
    """
    brokers = [b for b in cluster.brokers.values() if b.in_metadata]
    zones = {b.zone for b in brokers if b.zone}
    replicas = max(1, min(REPLICAS_MOST, len(zones) if len(zones) > 1 else len(brokers)))
    partitions = max(1, min(PARTITIONS_MOST, PER_BROKER * len(brokers)))
    return Plan(
        operation="CreateTopics",
        via="kafka",
        parameters={
            "topic": PROBE_TOPIC,
            "partitions": partitions,
            "replication": replicas,
            "config": CONFIG,
        },
        cluster=cluster.name,
        title=f"Make topic {PROBE_TOPIC}",
        steps=(f"{partitions} partitions of {replicas} replicas appear",),
        duration="a moment",
        before={"topic": "absent"},
    )


class ProbeTopic:
    """Whether the probe topic of a cluster may be written to, and its making.

    `is_ours` knows the cluster ids of the local clusters that this user runs now.
    """

    def __init__(
        self,
        bootstrap_servers: str,
        security: Security,
        said: Permit,
        is_ours: Callable[[str | None], bool],
        audit: Callable[[], Audit] = Audit,
    ) -> None:
        self._servers = bootstrap_servers
        self._security = security
        self._said = said
        self._is_ours = is_ours
        self._audit = audit

    def ready(self, cluster: Cluster) -> None:
        """Return where the topic is there and may be written to; make it where it is not there.

        Raises MsktopError: without leave, where it was refused or not written down, where nobody answers.
        """
        self._permit(cluster.cluster_id)
        if PROBE_TOPIC in cluster.topics:
            return
        with Kafka(self._servers, self._security) as kafka:
            self._permit(kafka.brokers.cluster_id)  # whoever answers is who is changed
            try:
                perform(wanted(cluster), kafka, self._audit())
            except RefusedError as error:
                if error.code != _EXISTS:  # else another monitor was faster
                    raise

    def _permit(self, cluster_id: str | None) -> None:
        said = replace(self._said, ours=self._said.ours and self._is_ours(cluster_id))
        if said.hindrance:
            raise ActionError("the write probe is off", said.hindrance)
