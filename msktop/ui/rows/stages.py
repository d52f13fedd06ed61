"""The stages of a new connection to one broker, and the pings on the open one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from msktop.model.broker import Broker, Probe
from msktop.model.cluster import Cluster
from msktop.model.series import Series
from msktop.model.stages import STAGES, Outcome, Stage
from msktop.model.writes import Writes
from msktop.ui.format import foreign

STAGE_NAMES: dict[Stage, str] = {
    "dns": "DNS",
    "tcp": "TCP",
    "proxy": "Proxy",
    "tls": "TLS",
    "sasl": "SASL",
    "api_versions": "ApiVersions",
    "metadata": "Metadata",
}
OUTCOME_WORDS: dict[Outcome, str] = {
    "ok": "ok",
    "timeout": "no answer",
    "refused": "refused",
    "reset": "reset",
    "unresolved": "not found",
    "unreachable": "no route",
    "proxy": "proxy failed",
    "tls": "TLS failed",
    "sasl": "denied",
    "protocol": "not Kafka",
}
QUANTILES_OVER_S = 600.0
"""p50 and p99 of a stage speak of ten minutes: 40 connections at one each 15 s."""

StageState = Literal["ok", "failed", "unknown"]


@dataclass(frozen=True, slots=True, eq=False)
class StageRow:
    """One stage, or with `name` Ping or Write what is asked on an open connection; milliseconds."""

    name: str
    state: StageState
    now_ms: float | None
    p50_ms: float | None
    p99_ms: float | None
    series: Series
    start: float = 0.0
    """Where in the whole connection it begins, 0 to 1."""
    share: float | None = None
    """Its part of the whole, 0 to 1; None where it is no part of it."""
    word: str = ""
    """Why it failed, in two words."""


def stage_names(security_protocol: str, *, proxied: bool = False) -> tuple[Stage, ...]:
    """The stages that a connection of this security protocol has; a proxy comes in the place of DNS and TCP.

    >>> stage_names("SASL_PLAINTEXT")
    ('dns', 'tcp', 'sasl', 'api_versions', 'metadata')
    >>> len(stage_names("SASL_SSL")), len(stage_names("SSL")), len(stage_names("PLAINTEXT"))
    (6, 5, 4)
    >>> stage_names("PLAINTEXT", proxied=True)
    ('proxy', 'api_versions', 'metadata')
    """
    marks = {"tls": "SSL", "sasl": "SASL"}
    without = {"dns", "tcp"} if proxied else {"proxy"}
    return tuple(s for s in STAGES if s not in without and (s not in marks or marks[s] in security_protocol))


def _proxied(cluster: Cluster) -> bool:
    probes = (broker.probe for broker in cluster.brokers.values())
    return any(probe.failed_stage == "proxy" or "proxy" in probe.stages for probe in probes)


def stage_rows(cluster: Cluster, broker: Broker) -> list[StageRow]:
    """All stages in order; their sum is the time of one new connection."""
    probe, now = broker.probe, cluster.at
    names = stage_names(cluster.security_protocol, proxied=_proxied(cluster))
    newest: dict[Stage, float | None] = {}
    unreached = _unreached(names, probe)
    for stage in names:
        last = probe.stages[stage].last if stage in probe.stages else None
        newest[stage] = last[1] if last and stage not in unreached else None
    total = sum(v for v in newest.values() if v is not None)
    rows, begins = [], 0.0
    for stage in names:
        series = probe.stages.get(stage) or Series()
        ms = newest[stage]
        failed = probe.failed_stage == stage and probe.outcome != "ok"
        since = now - QUANTILES_OVER_S
        rows.append(
            StageRow(
                name=STAGE_NAMES[stage],
                state="failed" if failed else "unknown" if ms is None else "ok",
                now_ms=None if failed else ms,
                p50_ms=series.quantile(0.5, since),
                p99_ms=series.quantile(0.99, since),
                series=series,
                start=begins / total if total else 0.0,
                share=ms / total if ms is not None and total else None,
                word=OUTCOME_WORDS[probe.outcome] if failed else "",
            )
        )
        begins += ms or 0.0
    return rows


def _unreached(names: tuple[Stage, ...], probe: Probe) -> tuple[Stage, ...]:
    """The stages after the one that the newest connection failed at."""
    if probe.outcome == "ok" or probe.failed_stage not in names:
        return ()
    return names[names.index(probe.failed_stage) + 1 :]


def total_row(cluster: Cluster, stages: list[StageRow]) -> StageRow:
    """All stages of one connection together; only connections that passed every stage count."""
    sums: dict[float, list[float]] = {}
    for row in stages:
        for at, ms in row.series.since(cluster.at - QUANTILES_OVER_S):
            if ms is not None:
                sums.setdefault(at, []).append(ms)
    series = Series()
    for at, parts in sorted(sums.items()):
        if len(parts) == len(stages):
            series = series.append(at, sum(parts))
    failed = any(row.state == "failed" for row in stages)
    last = series.last
    return StageRow(
        name="Total",
        state="failed" if failed else "unknown" if last is None else "ok",
        now_ms=None if failed or last is None else last[1],
        p50_ms=series.quantile(0.5, 0.0),
        p99_ms=series.quantile(0.99, 0.0),
        series=series,
    )


def ping_row(broker: Broker) -> StageRow:
    """The ApiVersions round trip on the open connection, over the last minute."""
    probe = broker.probe
    lost = probe.word in ("down", "suspect")
    return StageRow(
        name="Ping",
        state="failed" if lost else "unknown" if probe.last_ms is None else "ok",
        now_ms=None if lost else probe.last_ms,
        p50_ms=probe.p50_ms,
        p99_ms=probe.p99_ms,
        series=probe.pings,
        word=OUTCOME_WORDS[probe.outcome] if lost and probe.outcome != "ok" else "no answer" if lost else "",
    )


WRITTEN_WITHIN_S = 3.0
"""One that was not written to for longer leads nothing of ours, or is down: how it does is not known."""


def write_row(broker: Broker, at: float) -> StageRow:
    """Our writes to one partition that it leads, acknowledged by all in sync, over the last minute."""
    writes = broker.writes
    known = writes.at is not None and at - writes.at <= WRITTEN_WITHIN_S
    lost = known and writes.failing_since is not None
    return StageRow(
        name="Write",
        state="failed" if lost else "unknown" if writes.last_ms is None or not known else "ok",
        now_ms=writes.last_ms if known and not lost else None,
        p50_ms=writes.p50_ms,
        p99_ms=writes.p99_ms,
        series=writes.ms,
        word=write_words(writes) if lost else "",
    )


_ERROR_WORDS = {
    3: "topic not known",
    5: "no leader",
    6: "not its leader",
    7: "not acknowledged by all in sync",
    19: "too few in sync",
    20: "too few in sync",
    29: "denied",
    56: "disk error",
}
"""Kafka's errors of a write in few words; others by their number."""


def write_words(writes: Writes) -> str:
    """Why the newest write failed.

    >>> write_words(Writes(error=19)), write_words(Writes(error=87)), write_words(Writes(reason="reset"))
    ('too few in sync', 'Kafka error 87', 'reset')
    """
    if writes.error:
        return _ERROR_WORDS.get(writes.error, f"Kafka error {writes.error}")
    return foreign(writes.reason, 60)
