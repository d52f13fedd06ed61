"""Whether an incident was meant to be: it falls into an operation that the control plane carries out."""

from __future__ import annotations

from dataclasses import replace

from msktop.model.cluster import Cluster
from msktop.model.incident_log import Log
from msktop.model.incidents import Incident, Kind
from msktop.model.leaving import said_before
from msktop.model.recovery import CONTROLLED, ORDERED
from msktop.model.rules import OPERATION_SLACK_S

EXPLAINED = frozenset(
    {
        Kind.BROKER_UNREACHABLE,
        Kind.BROKER_HUNG,
        Kind.BROKER_FENCED,
        Kind.BROKER_RESTARTED,
        Kind.BROKER_REPLACED,
        Kind.ZONE_DOWN,
        Kind.LEADERS_MOVED,
        Kind.LOST_CONNECTION,
        Kind.CONTROLLER_MOVED,
        Kind.METADATA_NODE_LOST,
        Kind.METADATA_LEADER_MOVED,
        Kind.UNDER_REPLICATED,
        Kind.UNDER_MIN_ISR,
        Kind.OFFLINE_PARTITIONS,
        Kind.LATENCY_HIGH,
        Kind.REQUEST_RATE_RISE,
    }
)
"""What an update, a reboot or patching does on its way."""

_LESS = (None, CONTROLLED, *ORDERED.values())
"""What says less than the operation's own name."""
_WORKING = ("DELETED", "DELETING", "MAINTENANCE", "REBOOTING_BROKER", "UPDATING")
"""States in which the control plane works on the brokers, or ends them; HEALING answers a failure."""


def planned(log: Log, old: Cluster, new: Cluster, first: int) -> None:
    """Name the operation of incidents that last or are new (`first`: the least id that is new)."""
    changed = new.operations is not old.operations or new.state != old.state
    if not changed and log.next_id == first:
        return
    if not new.operations and new.state not in _WORKING:
        return
    for incident in log.since(first) if not changed else log.unsettled_or_since(first):
        if incident.kind not in EXPLAINED or incident.planned not in _LESS:
            continue
        name = operation_of(new, incident)
        if name is not None:
            log.put(replace(incident, planned=name, detail=said_before(incident.detail) or incident.detail))


def operation_of(cluster: Cluster, incident: Incident) -> str | None:
    """The type of the operation in which it fell, else the state in which brokers are worked on; or None."""
    return operation_at(cluster, incident.fell, lasts=incident.open)


def operation_at(cluster: Cluster, began: float, *, lasts: bool = True) -> str | None:
    """The same of what fell at a time, and still `lasts` or not."""
    for operation in cluster.operations or ():
        if operation.final:
            ends = operation.ended_at
            inside = operation.started_at is not None and ends is not None
            inside = inside and began <= (ends or 0.0) + OPERATION_SLACK_S
        else:
            inside = True
        if inside and began >= (operation.started_at or 0.0) - OPERATION_SLACK_S:
            return operation.type
    return cluster.state if cluster.state in _WORKING and lasts else None
