"""What a broker's failure cost those who write: the outages of our probe's partitions, and their end.

An outage belongs to the failure of the broker that led the partition, else to the newest failure that had
begun: acks=all also stalls on healthy leaders while a dead broker is in their ISR.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from msktop.model.cluster import Cluster
from msktop.model.incident_log import Log
from msktop.model.incidents import FAILURES, Incident, Watched
from msktop.model.writes import Outage, Track

SLACK_S = 1.0
"""A write may have been on its way for so long when the first sign of a failure was seen."""
WATCHED_WITHIN_S = 30.0
"""A partition that was last written to longer ago was no longer written to."""


def follow_writes(log: Log, old: Cluster, new: Cluster) -> None:
    """Outages into the failures that they belong to, and the first good write on new leaders."""
    failures = [i for i in log.unsettled() if i.kind in FAILURES]
    if not failures or not new.writes:
        return
    begun = [f for f in failures if f.noticed == log.at]
    if new.writes is old.writes and not begun:
        return
    for failure in begun:
        log.put(replace(failure, watched=_watched(failure, new, log.at)))
    failures = [i for i in log.unsettled() if i.kind in FAILURES and i.watched]
    of: dict[int, list[Outage]] = {}
    for track in new.writes.values():
        for outage in track.outages:
            owner = _owner(outage, failures)
            if owner is not None:
                of.setdefault(owner.id, []).append(outage)
    for failure in failures:
        _first_write(log, _merged(log, failure, of.get(failure.id, ())), new)


def _since(failure: Incident) -> float:
    """From when on an outage may be its doing: leaders are handed over before a broker stops."""
    moved = failure.marks.get("leaders_moved", failure.began)
    return min(failure.began, failure.marks.get("last_ok", failure.began), moved) - SLACK_S


def _watched(failure: Incident, new: Cluster, at: float) -> tuple[Watched, ...]:
    since = min(failure.fell, _since(failure)) if not failure.falls else failure.fell - SLACK_S
    return tuple(
        Watched(t.partition, *_led(t, since))
        for t in sorted(new.writes.values(), key=lambda t: t.partition)
        if t.ok_at is not None and (t.open is not None or at - t.ok_at <= WATCHED_WITHIN_S)
    )


def _led(track: Track, since: float) -> tuple[int, str]:
    """Who led it then, and where: the first outage after it knows, else who leads it now."""
    first = next((o for o in track.outages if o.began >= since), None)
    return (first.leader, first.zone) if first is not None else (track.leader, track.zone)


def _owner(outage: Outage, failures: Sequence[Incident]) -> Incident | None:
    able = [f for f in failures if outage.began >= _since(f)]
    own = [f for f in able if f.broker == outage.leader and (f.ended is None or outage.began <= f.ended)]
    return max(own or able, key=lambda f: f.began, default=None)


def _merged(log: Log, failure: Incident, found: Sequence[Outage]) -> Incident:
    known = {(o.partition, o.began): o for o in failure.outages}
    outages = tuple(sorted({**known, **{(o.partition, o.began): o for o in found}}.values(), key=_order))
    return failure if outages == failure.outages else log.put(replace(failure, outages=outages))


def _order(outage: Outage) -> tuple[float, int]:
    return outage.began, outage.partition


def _first_write(log: Log, failure: Incident, new: Cluster) -> None:
    """From when on everything of ours that it led could be written to again."""
    led = [w.partition for w in failure.watched if w.leader == failure.broker]
    if not led or "first_write" in failure.marks:
        return
    times, leaders = [], set()
    for partition in led:
        track = new.writes.get(partition)
        at = _written_again(failure, track) if track is not None else None
        if track is None or at is None:
            return
        times.append(at)
        leaders.add(f"b-{track.leader}")
    at = max(times)
    text = f"first write · what it led takes writes on {' '.join(sorted(leaders))}"
    failure = log.step(failure, "ok", text, "first_write")
    turn = replace(failure.steps[-1], took_s=max(0.0, at - failure.began))
    log.put(replace(failure, steps=(*failure.steps[:-1], turn), marks={**failure.marks, "first_write": at}))


def _written_again(failure: Incident, track: Track) -> float | None:
    """When it first took a write after the broker fell, on another leader or on the same one come back."""
    at = track.ok_at
    if track.open is not None or at is None or at <= _since(failure):
        return None
    if track.leader == failure.broker and (failure.ended is None or at < failure.ended):
        return None
    ends = [o.ended for o in track.outages if o.ended is not None and o.began >= _since(failure)]
    return ends[-1] if ends else at
