"""The loud line where Kafka has told nothing yet: what AWS and CloudWatch say, and why the brokers do not."""

from __future__ import annotations

from dataclasses import replace

from msktop.model.cloudwatch import Figures, figures
from msktop.model.cluster import Cluster
from msktop.ui.format import age, foreign, watch
from msktop.ui.rows.operations import under_way
from msktop.ui.said import Verdict
from msktop.ui.theme import Severity
from msktop.ui.widgets.draw import sentence

_NEVER_ASKED = frozenset({"endpoints", "credentials"})
"""Stages at which no broker was asked yet."""


def unconnected(cluster: Cluster) -> Verdict:
    """No Metadata yet: what AWS says, and why the brokers say nothing."""
    if cluster.state in ("CREATING", "FAILED"):
        return _by_state(cluster)
    source = cluster.sources.get("metadata")
    failed = source is not None and source.failed_at is not None
    about = figures(cluster)
    if about is not None and (failed or cluster.bootstrap_servers == ""):
        return _by_cloudwatch(cluster, about)
    verdict = _no_metadata(cluster)
    facts = (*verdict.facts[:1], *_by_control_plane(cluster), *verdict.facts[1:])
    return replace(verdict, facts=facts)


def _by_state(cluster: Cluster) -> Verdict:
    seen = cluster.description
    why = sentence(seen.state_code or "", seen.state_reason or "") if seen is not None else ""
    if cluster.state == "FAILED":
        return Verdict("crit", "The cluster is FAILED", (foreign(why, 200),) if why else ())
    lasts = cluster.at - seen.created_at if seen is not None and seen.created_at is not None else None
    head = f"The cluster is CREATING{'' if lasts is None else ' ' + watch(lasts)}"
    return Verdict("heal", head, ("its brokers are looked for as soon as MSK tells where they are",))


def _by_control_plane(cluster: Cluster) -> tuple[str, ...]:
    """What MSK says, where Kafka says nothing."""
    if cluster.description is None or cluster.state is None:
        return ()
    return (f"MSK says {foreign(cluster.state, 24)}", *under_way(cluster)[:1])


def _by_cloudwatch(cluster: Cluster, about: Figures) -> Verdict:
    """The brokers cannot be reached from here, but they publish: the cluster is judged by that."""
    severity: Severity = "warn"
    head = "Kafka is out of reach: CloudWatch only"
    if about.offline:
        severity, head = "crit", f"{about.offline} partitions OFFLINE by CloudWatch"
    elif about.dark:
        head = f"{', '.join(f'b-{b}' for b in about.dark[:3])} published nothing lately"
    elif about.under_replicated:
        head = f"{about.under_replicated} partitions under-replicated by CloudWatch"
    old = age(cluster.at - about.at)
    facts = (
        *_by_control_plane(cluster),
        f"a point a minute, newest {'of now' if old == 'now' else old + ' old'}",
        "" if about.offline is None else f"{about.offline} offline",
        "" if about.under_replicated is None else f"{about.under_replicated} under-replicated",
    )
    source = cluster.sources.get("metadata")
    why = sentence(foreign(source.reason, 120), foreign(source.advice, 200)) if source is not None else ""
    return Verdict(
        severity, head, tuple(f for f in facts if f), None, why or "brokers have not been asked yet"
    )


def _no_metadata(cluster: Cluster) -> Verdict:
    tried = foreign(cluster.bootstrap_servers, 60)
    source = cluster.sources.get("metadata")
    if source is None or source.failed_at is None:
        return Verdict("heal", "Connecting", (f"trying {tried}",) if tried else ())
    return Verdict(
        "crit",
        "No way to the brokers" if source.stage in _NEVER_ASKED else "No broker answers",
        (*((f"trying {tried}",) if tried else ()), foreign(source.reason, 120)),
        None,
        foreign(source.advice, 200) or "connects by itself as soon as one comes up",
    )
