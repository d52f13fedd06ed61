"""Writes into the state: of the leader that was written to, and of the partition."""

from __future__ import annotations

from dataclasses import replace

from msktop.model.broker import QUANTILE_SPAN_S
from msktop.model.cluster import Cluster
from msktop.model.write_samples import WroteSeen
from msktop.model.writes import OUTAGES_KEPT, SLOW_WRITE_S, Outage, Track, Writes


def wrote_seen(cluster: Cluster, s: WroteSeen) -> Cluster:
    """Fold one write. One that was slow only because this machine stood still is held against nobody."""
    broker = cluster.brokers.get(s.broker_id)
    sent = s.at - s.took_ms / 1e3
    slow_ms = SLOW_WRITE_S * 1e3
    ours = s.took_ms > slow_ms and s.took_ms - _stalled_ms(cluster, sent) <= slow_ms
    if ours and s.outcome != "ok":
        return cluster
    if broker is not None:
        writes = _of_leader(broker.writes, s, sent, ours=ours)
        cluster = replace(cluster, brokers={**cluster.brokers, broker.id: replace(broker, writes=writes)})
    track = cluster.writes.get(s.partition) or Track(s.partition)
    zone = (broker.zone or "") if broker is not None else ""
    track = _of_partition(track, s, sent, zone, ours=ours)
    return replace(cluster, writes={**cluster.writes, s.partition: track})


def _stalled_ms(cluster: Cluster, since: float) -> float:
    """How long of the time since then this machine last stood still."""
    if cluster.starved_at is None or cluster.starved_at < since:
        return 0.0
    return min(cluster.starved_ms or 0.0, (cluster.starved_at - since) * 1e3)


def _of_leader(writes: Writes, s: WroteSeen, sent: float, *, ours: bool) -> Writes:
    if s.outcome == "ok":
        ms = writes.ms if ours else writes.ms.append(s.at, s.took_ms)
        p50_ms, p99_ms = ms.quantiles((0.5, 0.99), s.at - QUANTILE_SPAN_S)
        writes = replace(
            writes,
            ok_at=s.at,
            last_ms=writes.last_ms if ours else s.took_ms,
            failing_since=None,
            error=0,
            reason="",
            ms=ms,
            p50_ms=p50_ms,
            p99_ms=p99_ms,
        )
    else:
        since = sent if writes.failing_since is None else min(sent, writes.failing_since)
        if writes.ok_at is not None:
            since = max(since, writes.ok_at)
        writes = replace(
            writes, failing_since=since, error=s.error, reason=s.reason, ms=writes.ms.append(s.at, None)
        )
    if s.outcome == "waiting":
        return replace(writes, at=s.at)
    throttled_at = s.at if s.throttle_ms > 0 else writes.throttled_at
    return replace(writes, at=s.at, throttle_ms=s.throttle_ms, throttled_at=throttled_at)


def _of_partition(track: Track, s: WroteSeen, sent: float, zone: str, *, ours: bool) -> Track:
    open_ = track.open
    if s.outcome != "ok":
        if open_ is not None or track.ok_at is None:  # what never was is not missed
            return track
        if sent < track.ok_at:  # a leader of the past still owes an answer; another has taken a write since
            return track
        return _with(track, Outage(s.partition, track.leader, track.zone, sent))
    good = replace(track, leader=s.broker_id, zone=zone, ok_at=s.at)
    if open_ is not None:
        return replace(good, outages=(*track.outages[:-1], replace(open_, ended=s.at)))
    if s.took_ms > SLOW_WRITE_S * 1e3 and not ours and track.ok_at is not None:
        slow = Outage(s.partition, track.leader, track.zone, max(sent, track.ok_at), s.at)
        return _with(good, slow)
    return good


def _with(track: Track, outage: Outage) -> Track:
    return replace(track, outages=(*track.outages, outage)[-OUTAGES_KEPT:])
