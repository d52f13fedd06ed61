"""KRaft controllers, ZooKeeper servers and the brokers that follow them, in the words of the screens."""

from __future__ import annotations

from dataclasses import dataclass

from msktop.model.broker import Broker
from msktop.model.cloudwatch import newest
from msktop.model.cluster import Cluster, MetadataNode
from msktop.model.rules import VOTER_LOST_AFTER_S
from msktop.model.samples import QuorumSeen, VoterSeen
from msktop.ui.format import UNKNOWN, age, dec, foreign
from msktop.ui.theme import Severity
from msktop.ui.widgets.draw import sentence

FETCHES_S = 5.0
"""A voter that fetched so lately is well; each fetches twice a second."""
_STATES: dict[str, Severity] = {
    "RUNNING": "ok",
    "FAILED": "crit",
    "HEALING": "heal",
    "STARTING": "heal",
    "STOPPED": "crit",
}


def severity_of(node: MetadataNode) -> Severity:
    """What it says itself or the quorum says of it, else the control plane's word; `none` where nobody knows.

    >>> severity_of(MetadataNode(id=1, role="controller", leader=True))
    'ok'
    """
    voter, own = node.voter, node.zookeeper
    if own is not None and (own.last_ok_at is not None or not own.error):
        return "crit" if own.error or own.serving is False else "ok"
    if node.leader:
        return "ok"
    if voter is not None and voter.fetch_age_s is not None:
        return "ok" if voter.fetch_age_s < FETCHES_S else "crit"
    return _STATES.get(node.state or "", "none")


def role_of(node: MetadataNode) -> str:
    """leader, follower, observer, standalone; `""` where it is not known."""
    if node.role == "zookeeper":
        own = node.zookeeper
        if own is None:
            return ""
        return "not serving" if own.serving is False else own.mode or ""
    if node.leader:
        return "leader"
    return "" if node.voter is None else "follower"


def address_of(node: MetadataNode) -> str:
    """Its first endpoint, else its address; with the port, where that is told."""
    listed = node.inventory
    if listed is None:
        return ""
    host = listed.endpoints[0] if listed.endpoints else listed.address or ""
    return f"{host}:{listed.port}" if host and listed.port else host


@dataclass(frozen=True, slots=True)
class Follower:
    """A broker as it follows the metadata log, or speaks with ZooKeeper."""

    broker: Broker
    seen: VoterSeen | None
    lag: int | None
    """Records behind the leader's end; None where it is not known."""


def followers(cluster: Cluster) -> list[Follower]:
    """Every broker, by id."""
    quorum = cluster.quorum
    seen = {} if quorum is None else {o.id: o for o in quorum.observers}
    end = end_of(quorum)
    return [Follower(b, seen.get(b.id), behind(seen.get(b.id), end)) for b in cluster.brokers.values()]


def end_of(quorum: QuorumSeen | None) -> int | None:
    """Where the leader's metadata log ends."""
    if quorum is None:
        return None
    return next((v.log_end_offset for v in quorum.voters if v.id == quorum.leader_id), None)


def behind(replica: VoterSeen | None, end: int | None) -> int | None:
    """Records that a replica is behind.

    >>> behind(VoterSeen(id=1, log_end_offset=90), 100), behind(VoterSeen(id=1, log_end_offset=-1), 100)
    (10, None)
    """
    if replica is None or end is None or replica.log_end_offset < 0:
        return None
    return max(0, end - replica.log_end_offset)


def follower_severity(one: Follower, cluster: Cluster) -> Severity:
    """Whether a broker follows the log, or has a session; `none` where nobody could tell."""
    if cluster.metadata == "zookeeper":
        word, _ = session_state(one.broker, cluster)
        return "none" if word == UNKNOWN else "ok" if word == "connected" else "crit"
    if one.seen is None or one.seen.fetch_age_s is None:
        return "none"
    return "ok" if one.seen.fetch_age_s < VOTER_LOST_AFTER_S else "warn"


# ------------------------------------------------------------------ the whole


@dataclass(frozen=True, slots=True)
class Summary:
    """The quorum or ensemble in a few lines."""

    severity: Severity
    head: str
    note: str
    facts: tuple[tuple[str, str], ...]


def summary_of(cluster: Cluster) -> Summary:
    """What holds the cluster's metadata, and how it does."""
    if cluster.metadata == "zookeeper":
        return _ensemble(cluster)
    return _quorum(cluster)


def _whole(nodes: list[MetadataNode]) -> tuple[Severity, int, int]:
    """The worst that is meant by so many lost: severity, well, known."""
    states = [severity_of(n) for n in nodes]
    lost, well = sum(s in ("crit", "heal") for s in states), sum(s == "ok" for s in states)
    if not nodes or not well + lost:
        return "none", well, well + lost
    return "crit" if lost * 2 >= len(nodes) else "warn" if lost else "ok", well, well + lost


def _quorum(cluster: Cluster) -> Summary:
    nodes = [n for n in cluster.nodes.values() if n.role == "controller"]
    severity, well, known = _whole(nodes)
    quorum, source = cluster.quorum, cluster.sources.get("quorum")
    note = "" if quorum is None else f"DescribeQuorum {_ago(cluster.at - quorum.at)}"
    facts: list[tuple[str, str]] = []
    if source is not None and source.failed_at is not None:
        severity = "crit" if severity == "ok" else severity
        facts.append(("not answered", foreign(sentence(source.reason, source.advice))))
    if quorum is None:
        return Summary(severity, "Controllers" if nodes else "no quorum is known yet", note, tuple(facts))
    leader = cluster.nodes.get(quorum.leader_id)
    name = leader.name if leader is not None else str(quorum.leader_id)
    zone = leader.zone or "" if leader is not None else ""
    facts.append(("leader", sentence(name, f"epoch {quorum.leader_epoch}", foreign(zone))))
    facts.append(("high watermark", f"offset {quorum.high_watermark:,} of the metadata log"))
    worst = max((n for n in nodes if n.lag is not None and not n.leader), key=_lag, default=None)
    if worst is not None:
        facts.append(("most behind", _behind_words(worst.name, worst.lag, worst.voter)))
    slow = max((f for f in followers(cluster) if f.lag is not None), key=lambda f: f.lag or 0, default=None)
    if slow is not None:
        facts.append(("of the brokers", _behind_words(slow.broker.name, slow.lag, slow.seen)))
    return Summary(severity, f"{well} of {known} controllers well", note, tuple(facts))


def _lag(node: MetadataNode) -> tuple[int, float]:
    age_s = node.voter.caught_up_age_s if node.voter is not None else None
    return node.lag or 0, age_s or 0.0


def _behind_words(name: str, lag: int | None, replica: VoterSeen | None) -> str:
    """Who is how far behind; the one that is most is named only where it is.

    >>> _behind_words("b-1", 0, None), _behind_words("b-1", 1200, None)
    ('none: all have every record', 'b-1 · 1,200 records behind')
    """
    if not lag:
        return "none: all have every record"
    caught = replica.caught_up_age_s if replica is not None else None
    since = f"caught up {_ago(caught)}" if caught is not None else ""
    return sentence(name, f"{lag:,} record{'s' * (lag > 1)} behind", since)


def _ensemble(cluster: Cluster) -> Summary:
    nodes = [n for n in cluster.nodes.values() if n.role == "zookeeper"]
    severity, well, known = _whole(nodes)
    said = [n.zookeeper for n in nodes if n.zookeeper is not None and not n.zookeeper.error]
    newest_at = max((s.at for s in said), default=None)
    facts: list[tuple[str, str]] = []
    leader = cluster.nodes.get(cluster.zookeeper_leader) if cluster.zookeeper_leader is not None else None
    if leader is not None:
        own = leader.zookeeper
        synced = "" if own is None or own.synced_followers is None else f"{own.synced_followers} in sync"
        of = "" if own is None or own.followers is None else f"{own.followers} followers"
        facts.append(("leader", sentence(leader.name, foreign(leader.zone or ""), of, synced)))
    if said:
        facts.append(("znodes", f"{max(s.znodes or 0 for s in said):,}"))
    elif nodes:
        why = next((n.zookeeper.error for n in nodes if n.zookeeper is not None and n.zookeeper.error), "")
        facts.append(("itself", sentence("gives no answer to four-letter words", foreign(why))))
    latencies = [(ms, b.name) for b in cluster.brokers.values() if (ms := session_latency_ms(b, cluster))]
    if latencies:
        slowest, name = max(latencies)
        facts.append(("of the brokers", f"{name} waits longest: {dec(slowest).strip()} ms a request"))
    head = f"{well} of {known} ZooKeeper servers well" if known else f"{len(nodes)} ZooKeeper servers"
    note = "four-letter words" if newest_at is not None else "by the brokers' pages"
    return Summary(severity, head, note, tuple(facts))


def _ago(seconds: float) -> str:
    return "just now" if age(seconds) == "now" else f"{age(seconds)} ago"


# ------------------------------------------------------------------ a broker's session with ZooKeeper


def session_latency_ms(broker: Broker, cluster: Cluster) -> float | None:
    """Mean latency of its requests to ZooKeeper: its page's word, else CloudWatch's."""
    value = broker.jmx.values.get("zk_latency_ms_mean")
    if value is not None:
        return value
    point = newest(cluster, "ZooKeeperRequestLatencyMsMean", broker.id)
    return None if point is None else point[1]


_SESSION = {
    0.0: "not connected",
    0.1: "associating",
    0.5: "connecting",
    0.8: "read-only",
    1.0: "connected",
    5.0: "closed",
    10.0: "login refused",
}
"""MSK's figures for the state of a session, as the developer guide's list of metrics has them."""


def session_state(broker: Broker, cluster: Cluster) -> tuple[str, str]:
    """Its session by CloudWatch's ZooKeeperSessionState, with a token.

    >>> session_state(Broker(id=1), Cluster())
    ('—', 'faint')
    """
    point = newest(cluster, "ZooKeeperSessionState", broker.id)
    if point is None:
        return UNKNOWN, "faint"
    word = _SESSION.get(round(point[1], 1), f"state {point[1]:g}")
    return word, "text" if word == "connected" else "crit"
