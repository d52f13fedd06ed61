"""Probes into the state of a broker, as our own connection sees it.

Refused or reset and not to be made again: down at once. Silence: suspect at the first deadline, down after
HUNG_AFTER_S. Reset while a new connection works: a lost connection, and nothing else. What was measured
while this machine stood still is not held against anyone.
"""

from __future__ import annotations

from dataclasses import replace

from msktop.model.baseline import Baseline, recent_ms, renewed
from msktop.model.being_made import is_being_made
from msktop.model.broker import QUANTILE_SPAN_S, Broker, Probe, ProbeWord
from msktop.model.cluster import Cluster
from msktop.model.rules import FRESH_S, HUNG_AFTER_S, STARVED_MS
from msktop.model.samples import HostStarved, Probed
from msktop.model.series import Series
from msktop.model.stages import Stage

_BROKEN = {"refused", "reset", "unresolved", "unreachable"}
"""Outcomes that need no waiting: there is nobody at the other end."""
_REFUSALS = {"refused", "reset"}
"""Outcomes by which its host answers: the network is there."""
_REACHES = {"tcp", "proxy"}
"""Stages after which a new connection has reached the host."""
_STAGES_KEPT = 256


def probed(cluster: Cluster, s: Probed) -> Cluster:
    """Fold one probe. One of a broker that the control plane no longer lists comes too late."""
    known = s.broker_id in cluster.brokers
    if not known and any(b.inventory is not None for b in cluster.brokers.values()):
        return cluster
    broker = cluster.brokers.get(s.broker_id) or Broker(id=s.broker_id, host=s.host, port=s.port)
    starved = s.starved_ms > STARVED_MS
    if s.outcome == "ok":
        probe = _answered(broker.probe, s, starved)
    elif starved:
        return cluster
    elif s.outcome == "timeout":
        probe = _silent(broker.probe, s)
    elif s.outcome in _BROKEN:
        probe = _broken(broker.probe, s)
    else:
        probe = _refused_us(broker.probe, s)
    if probe.word in ("suspect", "down") and is_being_made(cluster, broker):
        probe = replace(probe, word="unknown", silent_since=None)
    throttle = broker.throttle.heard("api_versions" if s.how == "ping" else "connect", s.throttle_ms, s.at)
    moved = replace(broker, probe=probe, host=s.host, port=s.port, throttle=throttle)
    brokers = {**cluster.brokers, s.broker_id: moved}
    cluster = replace(cluster, brokers=brokers if known else dict(sorted(brokers.items())))
    fell = probe.word == "down" and broker.probe.word != "down"
    return _without_rates_of(cluster, {s.broker_id}) if fell else cluster


def _without_rates_of(cluster: Cluster, leaders: set[int]) -> Cluster:
    """What is written to a leader that is down is not known any more."""
    topics = {
        name: replace(
            topic, rates={leader: rate for leader, rate in topic.rates.items() if leader not in leaders}
        )
        if leaders & topic.rates.keys()
        else topic
        for name, topic in cluster.topics.items()
    }
    return replace(cluster, topics=topics)


def _answered(probe: Probe, s: Probed, starved: bool) -> Probe:
    times = dict(s.stages)
    ping_ms = times.get("api_versions") if s.how == "ping" else None
    pings = probe.pings
    if ping_ms is not None and not starved:
        pings = pings.append(s.at, ping_ms)
    quantiles = _quantiles(pings, s.at) if pings is not probe.pings else (probe.p50_ms, probe.p99_ms)
    recent, recent_at, usual = _recent(probe, pings, s.at)
    lost = s.how == "connect" and probe.word == "suspect" and probe.outcome == "reset"
    return replace(
        probe,
        word="up",
        since=probe.since if probe.word == "up" else s.at,
        last_ok_at=s.at,
        reached_at=s.at,
        last_ms=probe.last_ms if ping_ms is None or starved else ping_ms,
        silent_since=None,
        connect_failed_at=None if s.how == "connect" else probe.connect_failed_at,
        outcome="ok",
        failed_stage=None,
        passed=tuple(times) if s.how == "connect" else probe.passed,
        error="",
        pings=pings,
        stages=_staged(probe, s) if s.how == "connect" and not starved else probe.stages,
        p50_ms=quantiles[0],
        p99_ms=quantiles[1],
        recent_ms=recent,
        recent_at=recent_at,
        baseline=usual,
        starved_at=s.at if starved else probe.starved_at,
        lost_connections=probe.lost_connections + lost,
        lost_at=s.at if lost else probe.lost_at,
    )


_RECENT_EVERY_S = 1.0


def _recent(probe: Probe, pings: Series, at: float) -> tuple[float | None, float | None, Baseline | None]:
    """The newest latency beside what is usual, renewed once a second."""
    if probe.recent_at is not None and at - probe.recent_at < _RECENT_EVERY_S:
        return probe.recent_ms, probe.recent_at, probe.baseline
    recent = recent_ms(pings, at)
    return recent, at, renewed(probe.baseline, pings, recent, at)


def _quantiles(pings: Series, at: float) -> tuple[float | None, float | None]:
    p50_ms, p99_ms = pings.quantiles((0.5, 0.99), at - QUANTILE_SPAN_S)
    return p50_ms, p99_ms


def _staged(probe: Probe, s: Probed) -> dict[Stage, Series]:
    stages = dict(probe.stages)
    for stage, took_ms in s.stages:
        stages[stage] = stages.get(stage, Series(_STAGES_KEPT)).append(s.at, took_ms)
    return stages


def _silent(probe: Probe, s: Probed) -> Probe:
    """No answer by the deadline. A new connection that hangs says nothing while the open one answers."""
    if s.how == "connect" and probe.word == "up" and _fresh(probe, s.at):
        return replace(probe, connect_failed_at=s.at, error=s.error)
    since = s.at - s.waited_ms / 1e3
    silent_since = since if probe.silent_since is None else min(since, probe.silent_since)
    if probe.last_ok_at is not None:
        silent_since = max(silent_since, probe.last_ok_at)
    if probe.word == "down":
        word: ProbeWord = "down"
    else:
        word = "down" if s.at - silent_since >= HUNG_AFTER_S else "suspect"
    return replace(
        _turned(probe, word, silent_since),
        silent_since=silent_since,
        outcome="timeout" if probe.outcome not in _BROKEN or s.how == "connect" else probe.outcome,
        failed_stage=s.failed_stage
        if s.how == "connect" or probe.failed_stage is None
        else probe.failed_stage,
        passed=tuple(stage for stage, _ in s.stages) if s.how == "connect" else probe.passed,
        error=s.error,
        pings=probe.pings.append(s.at, None),
        reached_at=since if _REACHES & {stage for stage, _ in s.stages} else probe.reached_at,
    )


def _broken(probe: Probe, s: Probed) -> Probe:
    """Refused, reset, or no way there: down once a new connection cannot be made."""
    if s.how == "connect":
        word: ProbeWord = "up" if probe.word == "up" and _fresh(probe, s.at) else "down"
        failed_at: float | None = s.at
    else:
        failed_at = probe.connect_failed_at
        cannot = failed_at is not None and s.at - failed_at < FRESH_S
        word = "down" if probe.word == "down" or cannot else "suspect"
    if word == "up":
        return replace(probe, connect_failed_at=failed_at, error=s.error)
    return replace(
        _turned(probe, word, s.at),
        reached_at=s.at if s.outcome in _REFUSALS else probe.reached_at,
        silent_since=None,
        connect_failed_at=failed_at,
        outcome=s.outcome,
        failed_stage=s.failed_stage,
        passed=tuple(stage for stage, _ in s.stages),
        error=s.error,
        pings=probe.pings.append(s.at, None),
    )


def _refused_us(probe: Probe, s: Probed) -> Probe:
    """TLS, login or protocol: somebody is there and does not want us. Not a failure of the broker."""
    word: ProbeWord = probe.word if probe.word in ("up", "down") else "unknown"
    return replace(
        probe,
        word=word,
        since=probe.since if probe.since is not None else s.at,
        reached_at=probe.reached_at if s.outcome == "proxy" else s.at,
        connect_failed_at=s.at,
        outcome=s.outcome if word != "up" else probe.outcome,
        failed_stage=s.failed_stage,
        passed=tuple(stage for stage, _ in s.stages),
        error=s.error,
    )


def _turned(probe: Probe, word: ProbeWord, at: float) -> Probe:
    """The word with the time since when it is not up: a suspect that goes down was down all along."""
    if probe.word == word or (probe.word == "suspect" and word == "down"):
        return replace(probe, word=word)
    return replace(probe, word=word, since=at)


def _fresh(probe: Probe, at: float) -> bool:
    return probe.last_ok_at is not None and at - probe.last_ok_at < FRESH_S


# ------------------------------------------------------------------ time that passes


def silence_grows(cluster: Cluster, at: float) -> Cluster:
    """On a tick: a suspect whose silence is long enough is down, also if its prober says no more."""
    late = [
        b
        for b in cluster.brokers.values()
        if b.probe.word == "suspect"
        and b.probe.silent_since is not None
        and at - b.probe.silent_since >= HUNG_AFTER_S
    ]
    if not late:
        return cluster
    brokers = dict(cluster.brokers)
    for b in late:
        brokers[b.id] = replace(b, probe=_turned(b.probe, "down", at))
    return _without_rates_of(replace(cluster, brokers=brokers), {b.id for b in late})


def host_starved(cluster: Cluster, s: HostStarved) -> Cluster:
    """This machine stood still: silence is counted anew from here."""
    brokers = dict(cluster.brokers)
    for b in cluster.brokers.values():
        if b.probe.word == "suspect" and b.probe.silent_since is not None:
            brokers[b.id] = replace(b, probe=replace(b.probe, silent_since=s.at))
    return replace(cluster, brokers=brokers, starved_at=s.at, starved_ms=s.lag_ms)
