"""From one state to the next: `detect(incidents, old, new) -> incidents`. Pure."""

from __future__ import annotations

from msktop.model.broker import ProbeWord
from msktop.model.cluster import Cluster
from msktop.model.detect_brokers import broker_failures
from msktop.model.detect_cluster import (
    availability,
    cloudwatch,
    control_plane,
    credentials,
    newcomers,
    replication,
    sources,
)
from msktop.model.detect_groups import consumer_groups
from msktop.model.detect_host import network, stalls
from msktop.model.detect_latency import latency
from msktop.model.detect_limits import limits
from msktop.model.detect_planned import planned
from msktop.model.detect_quorum import metadata_nodes
from msktop.model.detect_requests import request_rises
from msktop.model.detect_topics import topics
from msktop.model.detect_writes import follow_writes
from msktop.model.incident_log import Log
from msktop.model.incidents import Incidents

TURN_S = 0.25
"""Conditions that only time can fulfil are looked at so often, not at every sample."""


def detect(incidents: Incidents, old: Cluster, new: Cluster) -> Incidents:
    """What began, went on or ended between two states; the same object when nothing did."""
    if new.started_at != old.started_at or new.at < old.at:
        return Incidents()  # a session begins anew, or a replay goes back to the start of the same one
    if new is old:
        return incidents
    log = Log(incidents, new.at)
    turn = new.at // TURN_S != old.at // TURN_S
    look = turn or _words(new) != _words(old)
    stalls(log, old, new)
    if look:
        network(log, new)
    broker_failures(log, old, new, turn)
    follow_writes(log, old, new)
    metadata_nodes(log, old, new, turn)
    if look or new.sources is not old.sources:
        availability(log, new)
    if new.metadata_at != old.metadata_at:
        newcomers(log, old, new)
    if new.metadata_at != old.metadata_at or new.topic_configs_at != old.topic_configs_at:
        topics(log, old, new)
    if turn or new.totals is not old.totals:
        replication(log, new)
    if turn:
        latency(log, new)
    request_rises(log, old, new)
    control_plane(log, old, new)
    if turn or new.sources is not old.sources:
        sources(log, new)
        credentials(log, new)
        cloudwatch(log, new)
    consumer_groups(log, old, new)
    limits(log, old, new)
    planned(log, old, new, incidents.next_id)
    return log.result()


def _words(cluster: Cluster) -> list[ProbeWord]:
    return [b.probe.word for b in cluster.brokers.values()]
