"""Who saw what of a broker: our probe, the other brokers, its exporter page, the control plane.

Each is looked at only for what it saw since the broker fell; none of them alone tells who is to blame.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from msktop.model.broker import Broker, Page, Probe
from msktop.model.cluster import Cluster
from msktop.model.incidents import Says
from msktop.model.rules import PEERS_GRACE_S, SERVES_PER_S, SESSION_S

PROBE = "our probe"
PEERS = "peers' Metadata"
PAGE = "exporter page"
SUPERVISOR = "supervisor"
NODES = "node list"
STATE = "MSK"

_GONE = frozenset({"FAILED", "STOPPED", "HEALING", "REBOOTING", "REMOVING", "STARTING"})
"""What the supervisor calls a node that does not serve."""

_STAGE_WORDS = {
    "dns": "DNS",
    "tcp": "TCP",
    "proxy": "proxy",
    "tls": "TLS",
    "sasl": "SASL",
    "api_versions": "ApiVersions",
    "metadata": "Metadata",
}


@dataclass(frozen=True, slots=True)
class Word:
    """What one observer says of a broker."""

    observer: str
    says: Says
    text: str


def words(cluster: Cluster, broker: Broker, since: float, *, dropped: bool = False) -> Iterator[Word]:
    """What each observer has seen since `since`, when the broker fell; our own probe first.

    `dropped`: its peers no longer listed it since; where they do again, it is coming back.
    """
    yield _probe(broker.probe)
    if (peers := _peers(cluster, broker, since, dropped)) is not None:
        yield peers
    if (page := _page(broker.jmx, since)) is not None:
        yield page
    yield from _control(cluster, broker, since)


def _probe(probe: Probe) -> Word:
    return Word(PROBE, "alive", "answers") if probe.word == "up" else Word(PROBE, "gone", describe(probe))


def describe(probe: Probe) -> str:
    """What our connection met, in one line.

    >>> describe(Probe(word="down", outcome="refused", failed_stage="tcp"))
    'connection refused'
    >>> describe(Probe(word="down", outcome="timeout", failed_stage="api_versions", passed=("dns", "tcp")))
    'hung at ApiVersions (DNS, TCP answered)'
    >>> describe(Probe(word="down", outcome="timeout", failed_stage="tcp"))
    'no answer to a TCP connect'
    """
    stage = _STAGE_WORDS.get(probe.failed_stage or "", "")
    if probe.outcome == "timeout":
        if probe.failed_stage == "tcp":
            return "no answer to a TCP connect"
        older = probe.failed_stage in probe.passed  # of a connection that was made before it hung
        passed = "" if older else ", ".join(_STAGE_WORDS[s] for s in probe.passed)
        return f"hung at {stage or 'ApiVersions'}" + (f" ({passed} answered)" if passed else "")
    return {
        "refused": "connection refused",
        "reset": f"connection reset at {stage or 'TCP'}",
        "unresolved": "its name does not resolve",
        "unreachable": probe.error or "no route to it",
    }.get(probe.outcome, probe.error or "cannot be probed")


# ------------------------------------------------------------------ the other brokers


def _peers(cluster: Cluster, broker: Broker, since: float, dropped: bool) -> Word | None:
    """Metadata by another broker. Being listed says nothing before the broker's session would have ended."""
    if cluster.metadata_at is None or cluster.metadata_at <= since or cluster.metadata_via == broker.id:
        return None
    if not broker.in_metadata:
        return Word(PEERS, "gone", "no longer lists it")
    if dropped:
        return Word(PEERS, "neutral", "lists it again")
    counts = broker.counts
    in_sync = counts.replicas == 0 or counts.out_of_isr < counts.replicas
    if not in_sync:
        return Word(PEERS, "neutral", "lists it, out of every ISR")
    session_s = session_timeout_s(cluster, broker)
    if cluster.metadata_at - since < session_s + PEERS_GRACE_S:
        return Word(PEERS, "neutral", f"still lists it; its session may last {session_s:g} s")
    role = "as a leader and in sync" if counts.leaders else "as in sync"
    return Word(PEERS, "alive", f"lists it {role}, well past its session of {session_s:g} s")


def session_timeout_s(cluster: Cluster, broker: Broker) -> float:
    """How long the cluster keeps a broker that is silent: its own setting where known, else Kafka's default.

    >>> session_timeout_s(Cluster(metadata="zookeeper"), Broker(id=1))
    18.0
    """
    zookeeper = cluster.metadata == "zookeeper"
    name = "zookeeper.session.timeout.ms" if zookeeper else "broker.session.timeout.ms"
    for entry in broker.config or ():
        if entry.name == name and entry.value is not None and entry.value.isdigit():
            return int(entry.value) / 1e3
    return SESSION_S["zookeeper" if zookeeper else "kraft"]


# ------------------------------------------------------------------ its exporter page


def _page(page: Page, since: float) -> Word | None:
    if page.failed_at is not None:  # one that was not to be had before says nothing
        fell_silent = page.at is not None and page.failed_at > since
        return Word(PAGE, "gone", "does not answer") if fell_silent else None
    if page.at is None or page.at <= since:
        return None
    requests = serves(page, since)
    if requests is None:
        return Word(PAGE, "neutral", "answers: its JVM runs")
    if requests:
        return Word(PAGE, "alive", "answers, and counts requests that it serves")
    return Word(PAGE, "neutral", "answers, but counts no requests: it serves nobody")


def serves(page: Page, since: float) -> bool | None:
    """Whether it served requests between two pages read after `since`; None before there are two."""
    history = page.history.get("requests")
    if history is None or page.at is None:
        return None
    points = list(history.since(since))
    if len(points) < 2:
        return None
    newest = points[-1][1]
    return None if newest is None else newest >= SERVES_PER_S


# ------------------------------------------------------------------ the control plane


def _control(cluster: Cluster, broker: Broker, since: float) -> Iterator[Word]:
    told = broker.inventory.state if broker.inventory is not None else None
    if told is not None:
        waited = cluster.at - since >= session_timeout_s(cluster, broker) + PEERS_GRACE_S
        says: Says = "gone" if told in _GONE else "alive" if told == "RUNNING" and waited else "neutral"
        yield Word(SUPERVISOR if "inventory" in cluster.sources else NODES, says, f"says {told}")
    elif cluster.state is not None:
        yield Word(STATE, "neutral", f"says {cluster.state}")
