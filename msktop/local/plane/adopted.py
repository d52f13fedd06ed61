"""What the supervisor of a cluster says about it, read from its state file; nothing is cached."""

from __future__ import annotations

from msktop.local import paths, processes, state
from msktop.local.plane.records import Cluster
from msktop.local.state import Node, State


def state_of(cluster: Cluster) -> State | None:
    """The state of a cluster whose supervisor lives; None for any other."""
    found = state.read(paths.folders(cluster.local_name).state_file)
    if found is None:
        return None
    supervisor = processes.Identity(found.supervisor_pid, found.supervisor_started_ticks)
    return found if processes.is_alive(supervisor) else None


def condition(cluster: Cluster, found: State | None) -> str:
    """The cluster's State for the API: what is being done to it, and else how its supervisor finds it."""
    if cluster.phase != "ACTIVE":
        return cluster.phase
    return "FAILED" if found is None else found.state


def brokers(found: State | None) -> tuple[Node, ...]:
    """The brokers, by id; none where there is no state."""
    return () if found is None else tuple(sorted(found.brokers, key=lambda node: node.id))
