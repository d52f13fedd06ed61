"""Columns of the quorum's tables: voters, ZooKeeper servers, and the brokers that follow them."""

from __future__ import annotations

from msktop.model.broker import Broker
from msktop.model.cluster import Cluster, MetadataNode
from msktop.ui.columns import Cell, Column, Now
from msktop.ui.format import UNKNOWN, age, dec, foreign, num
from msktop.ui.rows.nodes import (
    Follower,
    address_of,
    follower_severity,
    role_of,
    session_latency_ms,
    session_state,
    severity_of,
)
from msktop.ui.theme import sign, token


def _known(value: str | None, spec: str = "text") -> Cell:
    return (foreign(value), spec) if value else (UNKNOWN, "faint")


def _age(seconds: float | None) -> Cell:
    return (UNKNOWN, "faint") if seconds is None else (age(seconds), "text")


def _figure(value: float | None, spec: str = "text") -> Cell:
    return (UNKNOWN, "faint") if value is None else (num(value).strip(), spec)


def _node_columns() -> list[Column[MetadataNode]]:
    return [
        Column(head="", width=1, cell=lambda n: (sign(severity_of(n)), token(severity_of(n))), gap=1),
        Column(head="node", width=6, cell=lambda n: (n.name, "strong b"), sort=lambda n: n.id),
        Column(head="role", width=11, cell=_role, sort=role_of),
        Column(head="zone", width=9, cell=lambda n: _known(n.zone), sort=lambda n: n.zone or ""),
    ]


def _role(node: MetadataNode) -> Cell:
    role = role_of(node)
    return _known(role, {"leader": "accent", "not serving": "crit"}.get(role, "text"))


def voter_columns() -> list[Column[MetadataNode]]:
    """Of KRaft controllers."""
    return [
        *_node_columns(),
        Column(head="state", width=9, cell=lambda n: _known(n.state), min_width=90),
        Column(
            head="log end",
            width=12,
            cell=lambda n: _known(None if n.voter is None else f"{n.voter.log_end_offset:,}"),
            align=">",
            min_width=76,
        ),
        Column(head="lag", width=6, cell=lambda n: _figure(n.lag), align=">", sort=lambda n: n.lag or 0),
        Column(head="fetched", width=7, cell=lambda n: _leads(n, "fetch_age_s"), align=">"),
        Column(head="caught up", width=9, cell=lambda n: _leads(n, "caught_up_age_s"), align=">"),
        Column(head="address", width=0, cell=lambda n: _known(address_of(n), "muted"), min_width=90),
    ]


def _leads(node: MetadataNode, what: str) -> Cell:
    """An age, but a leader fetches from nobody."""
    if node.leader:
        return "leads", "muted"
    return _age(None if node.voter is None else getattr(node.voter, what))


def server_columns(now: Now) -> list[Column[MetadataNode]]:
    """Of ZooKeeper servers, by their own words."""

    def latency(node: MetadataNode) -> Cell:
        own = node.zookeeper
        if own is None or own.latency_mean_ms is None:
            return UNKNOWN, "faint"
        return f"{dec(own.latency_mean_ms).strip()} / {dec(own.latency_max_ms).strip()}", "text"

    def answered(node: MetadataNode) -> Cell:
        own = node.zookeeper
        return _age(None if own is None or own.last_ok_at is None else now.at - own.last_ok_at)

    def said(node: MetadataNode) -> Cell:
        own = node.zookeeper
        if own is not None and own.error:
            return foreign(own.error), "crit" if own.last_ok_at is not None else "muted"
        return _known(address_of(node), "muted")

    return [
        *_node_columns(),
        Column(head="state", width=9, cell=lambda n: _known(n.state), min_width=110),
        Column(head="ms mean/max", width=13, cell=latency, align=">"),
        Column(head="waiting", width=7, cell=lambda n: _own(n, "outstanding"), align=">"),
        Column(head="conns", width=5, cell=lambda n: _own(n, "connections"), align=">", min_width=90),
        Column(head="znodes", width=6, cell=lambda n: _own(n, "znodes"), align=">", min_width=96),
        Column(head="answered", width=8, cell=answered, align=">", min_width=70),
        Column(
            head="version",
            width=8,
            cell=lambda n: _known(n.zookeeper.version if n.zookeeper is not None else None),
            min_width=130,
        ),
        Column(
            head="zxid",
            width=14,
            cell=lambda n: _known(n.zookeeper.zxid if n.zookeeper is not None else None, "muted"),
            min_width=150,
        ),
        Column(head="address", width=0, cell=said),
    ]


def _own(node: MetadataNode, what: str) -> Cell:
    return _figure(None if node.zookeeper is None else getattr(node.zookeeper, what))


def _broker_columns(cluster: Cluster) -> list[Column[Follower]]:
    def dot(follower: Follower) -> Cell:
        severity = follower_severity(follower, cluster)
        return sign(severity), token(severity)

    return [
        Column(head="", width=1, cell=dot, gap=1),
        Column(
            head="broker", width=6, cell=lambda f: (f.broker.name, "strong b"), sort=lambda f: f.broker.id
        ),
        Column(
            head="zone", width=11, cell=lambda f: _known(f.broker.zone), sort=lambda f: f.broker.zone or ""
        ),
    ]


def follower_columns(cluster: Cluster) -> list[Column[Follower]]:
    """Of brokers that follow the metadata log."""
    return [
        *_broker_columns(cluster),
        Column(
            head="lag",
            width=6,
            cell=lambda f: _figure(f.lag),
            align=">",
            sort=lambda f: f.lag or 0,
            descending=True,
        ),
        Column(head="fetched", width=7, cell=lambda f: _seen(f, "fetch_age_s"), align=">"),
        Column(head="caught up", width=9, cell=lambda f: _seen(f, "caught_up_age_s"), align=">"),
        Column(
            head="applied ms late",
            width=15,
            cell=lambda f: _figure(f.broker.jmx.values.get("metadata_lag_ms")),
            align=">",
            min_width=76,
        ),
        Column(head="address", width=0, cell=lambda f: (foreign(f.broker.host), "muted"), min_width=90),
    ]


def _seen(follower: Follower, what: str) -> Cell:
    return _age(None if follower.seen is None else getattr(follower.seen, what))


def session_columns(cluster: Cluster) -> list[Column[Follower]]:
    """Of brokers that have a session with ZooKeeper."""

    def of(broker: Broker, key: str) -> Cell:
        return _figure(broker.jmx.values.get(key))

    def latency(follower: Follower) -> Cell:
        value = session_latency_ms(follower.broker, cluster)
        return (UNKNOWN, "faint") if value is None else (dec(value).strip(), "text")

    return [
        *_broker_columns(cluster),
        Column(head="session", width=13, cell=lambda f: session_state(f.broker, cluster)),
        Column(head="ms mean", width=7, cell=latency, align=">"),
        Column(head="expired", width=7, cell=lambda f: of(f.broker, "zk_expires"), align=">"),
        Column(head="broke off", width=9, cell=lambda f: of(f.broker, "zk_disconnects"), align=">"),
        Column(
            head="controller",
            width=10,
            cell=lambda f: ("active", "accent") if f.broker.id == cluster.controller_id else "",
            min_width=70,
        ),
        Column(head="address", width=0, cell=lambda f: (foreign(f.broker.host), "muted"), min_width=84),
    ]
