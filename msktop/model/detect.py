"""From one state to the next: `detect(incidents, old, new) -> incidents`. Pure."""

from __future__ import annotations

from msktop.model.cluster import Cluster
from msktop.model.detect_brokers import broker_failures
from msktop.model.detect_cluster import (
    availability,
    control_plane,
    controllers,
    host,
    newcomers,
    replication,
    sources,
)
from msktop.model.incident_log import Log
from msktop.model.incidents import Incidents


def detect(incidents: Incidents, old: Cluster, new: Cluster) -> Incidents:
    """What began, went on or ended between two states; the same object when nothing did."""
    if new.started_at != old.started_at or new.at < old.at:
        return Incidents()  # a session begins anew, or a replay goes back to the start of the same one
    if new is old:
        return incidents
    log = Log(incidents, new.at)
    host(log, old, new)
    broker_failures(log, old, new)
    availability(log, old, new)
    if new.metadata_at != old.metadata_at:
        newcomers(log, old, new)
    replication(log, new)
    controllers(log, old, new)
    control_plane(log, old, new)
    sources(log, new)
    return log.result()
