"""Incidents of KRaft controllers and ZooKeeper servers: one lost, the leader moved, the quorum lost."""

from __future__ import annotations

from msktop.model.cluster import Cluster, MetadataNode
from msktop.model.detect_host import is_blind
from msktop.model.incident_log import Log
from msktop.model.incidents import Kind
from msktop.model.rules import QUORUM_LOST_AFTER_S, VOTER_LOST_AFTER_S

_GONE = ("FAILED", "HEALING", "STOPPED")
"""What the control plane calls a node that does not serve."""
_LED = "it led the quorum; "
_LED_WITHIN_S = 30.0
"""A leader that was taken over from so lately and is lost is said to have led."""
_QUESTION = "describe_quorum"
"""Stage at which the quorum's source fails when brokers answer, but no active controller does."""


def metadata_nodes(log: Log, old: Cluster, new: Cluster, turn: bool) -> None:
    """What befell the metadata nodes between two states."""
    _leader_moved(log, old, new)
    if is_blind(log):
        return
    if not turn and new.nodes is old.nodes and new.sources is old.sources:
        return
    lost = [node for node in new.nodes.values() if _is_lost(log, new, node)]
    _quorum_lost(log, new, len(lost))


# ------------------------------------------------------------------ the leader


def _leader_moved(log: Log, old: Cluster, new: Cluster) -> None:
    was, now = old.controller_id, new.controller_id
    if was is not None and now is not None and was != now:
        text = f"active controller moved from {_name(new, was)} to {_name(new, now)}"
        log.moment(Kind.CONTROLLER_MOVED, "info", "cluster", text)
    was, now = old.zookeeper_leader, new.zookeeper_leader
    if was is not None and now is not None and was != now:
        text = f"ZooKeeper's leader moved from {_name(new, was)} to {_name(new, now)}"
        log.moment(Kind.METADATA_LEADER_MOVED, "info", "cluster", text)


def _name(cluster: Cluster, node_id: int) -> str:
    node = cluster.nodes.get(node_id)
    return node.name if node is not None else f"b-{node_id}"


# ------------------------------------------------------------------ one node


def _is_lost(log: Log, new: Cluster, node: MetadataNode) -> bool:
    """Follow one node; whether it is lost."""
    why = _why_lost(log, node)
    known = log.find(Kind.METADATA_NODE_LOST, subject=node.name)
    led = known.detail.startswith(_LED) if known is not None else _led(log, new, node)
    log.follow(
        why is not None,
        Kind.METADATA_NODE_LOST,
        "warn",
        node.name,
        (_LED if led else "") + (why or ""),
        zone=node.zone,
    )
    return why is not None


def _why_lost(log: Log, node: MetadataNode) -> str | None:
    """The evidence that a node is lost: the control plane's word, its own silence, its peers' word."""
    voter, own = node.voter, node.zookeeper
    unheard = voter is not None and not node.leader and voter.fetch_age_s is None
    unheard_of = log.held(f"unheard/{node.name}", unheard, VOTER_LOST_AFTER_S) is not None
    if node.state in _GONE:
        return "its process is gone"
    if own is not None and own.error and own.last_ok_at is not None:
        return f"no longer answers: {own.error}"
    if voter is None or node.leader:
        return None
    if unheard_of:  # a new leader knows only of those that fetched from it
        return "has not fetched the metadata log from the new leader"
    if voter.fetch_age_s is not None and voter.fetch_age_s > VOTER_LOST_AFTER_S:
        return "has stopped fetching the metadata log"
    return None


def _led(log: Log, new: Cluster, node: MetadataNode) -> bool:
    """Whether it leads, or did until a moment ago."""
    leader = new.zookeeper_leader if node.role == "zookeeper" else new.controller_id
    if leader == node.id:
        return True
    for kind in (Kind.METADATA_LEADER_MOVED, Kind.CONTROLLER_MOVED):
        moved = log.recent(kind, "cluster", _LED_WITHIN_S)
        if moved is not None and f"from {node.name} to" in moved.detail:
            return True
    return False


# ------------------------------------------------------------------ the quorum


def _quorum_lost(log: Log, new: Cluster, lost: int) -> None:
    """A majority is lost, or nobody can say who leads."""
    nodes = len(new.nodes)
    what = "ZooKeeper servers" if new.metadata == "zookeeper" else "controllers"
    if nodes and lost * 2 >= nodes:
        holds, why = True, f"{lost} of {nodes} {what} lost"
    elif new.metadata == "zookeeper":
        holds, why = _nobody_serves(new), f"no answering one of {nodes} {what} serves"
    else:
        holds, why = _nobody_leads(new), "no active controller answers"
    log.follow(
        holds,
        Kind.METADATA_QUORUM_LOST,
        "crit",
        "cluster",
        f"{why}: no leader can be elected, nothing can be changed",
        for_s=QUORUM_LOST_AFTER_S,
    )


def _nobody_serves(new: Cluster) -> bool:
    """Every ZooKeeper server that answers says that it serves nobody."""
    words = [n.zookeeper.serving for n in new.nodes.values() if n.zookeeper is not None]
    return False in words and True not in words


def _nobody_leads(new: Cluster) -> bool:
    """Brokers answer, but for the question that only an active controller can answer."""
    quorum = new.sources.get("quorum")
    if new.quorum is None or quorum is None or quorum.failed_at is None:
        return False
    return quorum.stage == _QUESTION and any(b.probe.word == "up" for b in new.brokers.values())
