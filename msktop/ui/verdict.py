"""The one loud line: what is wrong, worst first, in words; plain data, no drawing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msktop.model.broker import Broker
from msktop.model.cluster import Cluster
from msktop.model.incidents import GROUP_KINDS, Incident, Incidents, Kind
from msktop.session import View
from msktop.ui.format import dur, foreign, ms, watch
from msktop.ui.recovery_track import expected
from msktop.ui.rows.incidents import loudness
from msktop.ui.rows.operations import under_way
from msktop.ui.said import Verdict
from msktop.ui.unconnected import unconnected
from msktop.ui.widgets.draw import sentence


def verdict_of(view: View) -> Verdict:
    """What to say of this moment."""
    cluster, incidents = view.cluster, view.incidents
    if cluster.state in _ENDING:
        return Verdict(
            "warn", f"The cluster is {cluster.state}", ("its brokers end with it",), None, _last(view)
        )
    if not cluster.connected:
        return unconnected(cluster)
    worst = _worst(incidents)
    if worst is not None and worst.ended is None:
        return _broken(cluster, worst, sum(i.parent is None and i.severity != "info" for i in incidents.open))
    if cluster.totals.offline:
        return Verdict(
            "crit", f"{cluster.totals.offline} partitions OFFLINE", ("no leader",), None, _last(view)
        )
    suspect = [b for b in cluster.brokers.values() if b.probe.word == "suspect"]
    if suspect:
        return _suspect(cluster, suspect)
    if worst is not None:
        return _recovering(cluster, worst)
    return _calm(view)


_ENDING = frozenset({"DELETING", "DELETED"})


def _worst(incidents: Incidents) -> Incident | None:
    """The incident to speak of: lasting before recovering, severe before mild, newest last."""
    there = [i for i in incidents.unsettled if i.parent is None and (i.ended is None or i.marks)]
    there = [i for i in there if i.severity != "info" and i.kind not in GROUP_KINDS]
    return min(there, key=_rank, default=None)


_GRAVITY = {Kind.CLUSTER_UNREACHABLE: 0, Kind.OFFLINE_PARTITIONS: 1, Kind.ZONE_DOWN: 2, Kind.SOURCE_STALE: 9}
_OF_RULES = 7
"""What a rule says comes after failures: it often follows from them."""


def _rank(incident: Incident) -> tuple[bool, bool, int, float]:
    known = _GRAVITY.get(incident.kind, _OF_RULES if incident.rule else 5)
    gravity = known - (incident.subject == "source metadata")
    return incident.ended is not None, loudness(incident) != "crit", gravity, incident.began


_DOWN_WORDS: Mapping[Kind, str] = {
    Kind.CLUSTER_UNREACHABLE: "NO BROKER ANSWERS",
    Kind.BROKER_UNREACHABLE: "DOWN",
    Kind.BROKER_HUNG: "DOWN",
    Kind.BROKER_PARTITIONED: "CUT OFF FROM US",
    Kind.BROKER_FENCED: "FENCED",
    Kind.ZONE_DOWN: "DOWN",
    Kind.OFFLINE_PARTITIONS: "OFFLINE PARTITIONS",
    Kind.UNDER_REPLICATED: "UNDER-REPLICATED",
    Kind.UNDER_MIN_ISR: "UNDER MIN ISR",
    Kind.LATENCY_HIGH: "SLOW",
    Kind.REQUEST_RATE_RISE: "TRAFFIC RISES",
    Kind.METADATA_NODE_LOST: "LOST",
    Kind.METADATA_QUORUM_LOST: "METADATA QUORUM LOST",
    Kind.SOURCE_STALE: "DATA IS OLD",
    Kind.CREDENTIALS_EXPIRED: "CREDENTIALS EXPIRED",
    Kind.HOST_OFFLINE: "HAS NO NETWORK",
}


def _broken(cluster: Cluster, incident: Incident, lasting: int) -> Verdict:
    word = _DOWN_WORDS.get(incident.kind, foreign(incident.called, 40).replace("_", " ").upper())
    subject = "" if incident.subject == "cluster" else foreign(incident.subject, 24) + " "
    totals = cluster.totals
    facts = [
        foreign(incident.zone or "", 24) if incident.zone != incident.subject else "",
        _short(incident.detail),
        _moved(incident),
        f"{totals.under_replicated} under-replicated",
        f"{totals.offline} offline",
        f"{lasting - 1} more" if lasting > 1 else "",
    ]
    if incident.planned:
        facts.insert(0, f"planned: {foreign(incident.planned, 40)}")
    return Verdict(
        loudness(incident),
        f"{subject}{word} {watch(cluster.at - incident.fell)}",
        tuple(f for f in facts if f),
        incident,
    )


def _short(detail: str) -> str:
    """Without what stands in brackets: the events below say it in full."""
    return foreign(detail.partition(" (")[0], 100)


def _moved(incident: Incident) -> str:
    at = incident.marks.get("leaders_moved")
    if not incident.leaders_lost:
        return ""
    if at is None:
        return f"{incident.leaders_lost} leaders to move"
    return f"{incident.leaders_lost} leaders moved in {dur(max(0.0, at - incident.fell)).strip()}"


def _suspect(cluster: Cluster, brokers: list[Broker]) -> Verdict:
    first = brokers[0]
    silent = first.probe.silent_since or first.probe.since or cluster.at
    more = f"and {len(brokers) - 1} more" if len(brokers) > 1 else ""
    return Verdict("warn", f"{first.name} SILENT {watch(cluster.at - silent)}", ("no answer yet", more))


def _recovering(cluster: Cluster, incident: Incident) -> Verdict:
    totals = cluster.totals
    back = incident.ended or cluster.at
    facts = (
        f"after {dur(back - incident.fell).strip()}",
        f"{totals.under_replicated} under-replicated" if totals.under_replicated else "all in sync",
        _still_missing(incident),
    )
    head = f"{foreign(incident.subject, 24)} answers again {watch(cluster.at - back)}"
    return Verdict("heal", head, tuple(f for f in facts if f), incident)


def _still_missing(incident: Incident) -> str:
    marks = incident.marks
    if "leaders_moved" in marks and "leaders_back" not in marks:
        return "leaders not back yet"
    slow = "isr_full" in marks and "latency_back" not in marks and expected(incident, "latency_back")
    return "still slower than before" if slow else ""


def _calm(view: View) -> Verdict:
    cluster = view.cluster
    totals, brokers = cluster.totals, cluster.brokers
    stale = cluster.sources.get("metadata")
    if stale is not None and stale.failed_at is not None:
        old = cluster.at - (cluster.metadata_at or cluster.at)
        return Verdict(
            "warn",
            "No fresh metadata",
            (f"{dur(old).strip()} old", foreign(stale.reason, 100)),
            None,
            _last(view),
        )
    unknown = [b for b in brokers.values() if b.probe.word == "unknown"]
    if unknown:
        answered = f"{len(brokers) - len(unknown)} of {len(brokers)} brokers have answered"
        if now := under_way(cluster):
            return Verdict("heal", now[0], (answered, *now[1:]), None, _last(view))
        return Verdict("heal", "Looking", (answered,), None, _last(view))
    if totals.under_replicated:
        head = f"{totals.under_replicated} partitions under-replicated"
        facts = (f"{totals.offline} offline", "all brokers answer", *under_way(cluster)[:2])
        return Verdict("warn", head, facts, None, _last(view))
    if now := under_way(cluster):
        return Verdict("crit" if cluster.state == "FAILED" else "heal", now[0], now[1:], None, _last(view))
    all_well = (
        _groups(view.incidents),
        f"all {len(brokers)} brokers answer",
        f"all {totals.partitions} partitions in sync",
        _slowest(brokers.values()),
    )
    return Verdict("ok", "Healthy", tuple(f for f in all_well if f), None, _last(view))


def _groups(incidents: Incidents) -> str:
    """Consumer groups that stand, stopped or went back: the cluster is well, those who read it are not."""
    names = {i.subject for i in incidents.open if i.kind in GROUP_KINDS}
    if not names:
        return ""
    return f"group {foreign(min(names), 40)} behind" if len(names) == 1 else f"{len(names)} groups behind"


def _slowest(brokers: Iterable[Broker]) -> str:
    known = [b for b in brokers if b.probe.p99_ms is not None]
    if not known:
        return ""
    worst = max(known, key=lambda b: b.probe.p99_ms or 0.0)
    return f"slowest probe {worst.name} p99 {ms(worst.probe.p99_ms).strip()}"


def _last(view: View) -> str:
    """The newest failure that is over, in one line."""
    over = [
        i for i in view.incidents.log if i.ended is not None and i.severity == "crit" and i.parent is None
    ]
    if not over:
        since = view.cluster.started_at
        return f"no incident in {dur(view.cluster.at - since).strip()} of watching" if since else ""
    newest = over[-1]
    ago = dur(view.cluster.at - (newest.ended or newest.began)).strip()
    in_sync = newest.marks.get("isr_full")
    what = sentence(
        f"{foreign(newest.subject, 24)} {foreign(newest.zone or '', 24)}".strip(),
        f"{_short(newest.detail)} for {dur((newest.ended or newest.fell) - newest.fell).strip()}",
        f"{newest.times} times" if newest.times > 1 else "",
        _moved(newest) if "leaders_moved" in newest.marks else "",
        f"in sync after {dur(in_sync - newest.fell).strip()}" if in_sync else "",
    )
    return f"{ago} ago  {what}"
