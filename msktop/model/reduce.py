"""Sample by sample: `reduce(cluster, sample) -> cluster`. Pure; shares what did not change.

One function per kind of sample, in a table; the larger ones have modules of their own: fold_metadata,
fold_probe, fold_pages, fold_control, fold_groups, fold_writes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from msktop.model.broker import Broker
from msktop.model.cluster import Cluster, SourceState
from msktop.model.control_samples import (
    InventorySeen,
    MetricsSeen,
    OperationsSeen,
    PermissionSeen,
    WayChosen,
    ZooKeeperSeen,
)
from msktop.model.fold_control import (
    inventory_seen,
    metrics_seen,
    operations_seen,
    permission_seen,
    way_chosen,
    zookeeper_seen,
)
from msktop.model.fold_groups import groups_seen
from msktop.model.fold_metadata import metadata_seen, offsets_seen, quorum_seen
from msktop.model.fold_pages import page_scraped, scrape_failed
from msktop.model.fold_probe import host_starved, probed, silence_grows
from msktop.model.fold_topics import topic_configs_seen
from msktop.model.fold_traffic import with_cell
from msktop.model.fold_writes import wrote_seen
from msktop.model.group_samples import GroupsSeen
from msktop.model.past import with_time
from msktop.model.samples import (
    ClockStepped,
    ConfigSeen,
    HostStarved,
    HostZoneSeen,
    LogDirsSeen,
    MetadataSeen,
    OffsetsSeen,
    PageScraped,
    Probed,
    QuorumSeen,
    RulesChosen,
    Sample,
    ScrapeFailed,
    SessionStarted,
    SoftwareSeen,
    SourceFailed,
    SourceWorks,
    Tick,
)
from msktop.model.topic_samples import TopicConfigsSeen
from msktop.model.write_samples import WroteSeen


def reduce(cluster: Cluster, sample: Sample) -> Cluster:
    """The cluster after one more sample. A kind that is not known changes nothing but the time.

    >>> reduce(Cluster(), Tick(at=5.0)).at
    5.0
    """
    fold = _FOLDS.get(type(sample))
    if fold is not None:
        cluster = fold(cluster, sample)
    source = _source_of(sample)
    if source is not None:
        cluster = _source_ok(cluster, source, sample.at)
    return cluster if cluster.at >= sample.at else replace(cluster, at=sample.at)


def _source_of(sample: Sample) -> str | None:
    if isinstance(sample, InventorySeen):
        return "inventory" if sample.via == "file" else "msk"
    return _SOURCES.get(type(sample))


def _session_started(_: Cluster, s: SessionStarted) -> Cluster:
    """A session begins from nothing, also when a replay goes back to its start."""
    return Cluster(
        at=s.at,
        started_at=s.at,
        name=s.name,
        bootstrap_servers=s.bootstrap_servers,
        target=s.target,
        client_rack=s.client_rack,
        security_protocol=s.security_protocol,
    )


def _host_zone_seen(cluster: Cluster, s: HostZoneSeen) -> Cluster:
    return replace(cluster, client_rack=s.zone)


def _tick(cluster: Cluster, s: Tick) -> Cluster:
    cluster = silence_grows(cluster, s.at)
    pings = (b.probe.pings for b in cluster.brokers.values())
    past = with_time(cluster.past, s.at, cluster.started_at, cluster.state, pings)
    cluster = cluster if past is cluster.past else replace(cluster, past=past)
    return with_cell(cluster if cluster.at >= s.at else replace(cluster, at=s.at))


def _clock_stepped(cluster: Cluster, s: ClockStepped) -> Cluster:
    return replace(cluster, clock_stepped_at=s.at)


def _rules_chosen(cluster: Cluster, s: RulesChosen) -> Cluster:
    return replace(cluster, rules=s.rules)


def _source_failed(cluster: Cluster, s: SourceFailed) -> Cluster:
    before = cluster.sources.get(s.source, SourceState())
    state = SourceState(
        last_ok_at=before.last_ok_at,
        failed_at=before.failed_at if before.failed_at is not None else s.at,
        stage=s.stage,
        reason=s.reason,
        advice=s.advice,
        kind=s.kind,
    )
    return replace(cluster, sources={**cluster.sources, s.source: state})


_OK_EVERY_S = 1.0
"""A healthy source's time of last success is kept to the second: it need not change the state each time."""


def _source_ok(cluster: Cluster, source: str, at: float) -> Cluster:
    before = cluster.sources.get(source)
    if (
        before is not None
        and before.failed_at is None
        and before.last_ok_at is not None
        and at - before.last_ok_at < _OK_EVERY_S
    ):
        return cluster
    return replace(cluster, sources={**cluster.sources, source: SourceState(last_ok_at=at)})


# ------------------------------------------------------------------ details


def _changed(cluster: Cluster, broker_id: int, change: Callable[[Broker], Broker]) -> Cluster:
    broker = cluster.brokers.get(broker_id)
    if broker is None:
        return cluster
    return replace(cluster, brokers={**cluster.brokers, broker_id: change(broker)})


def _software_seen(cluster: Cluster, s: SoftwareSeen) -> Cluster:
    cluster = _changed(
        cluster,
        s.broker_id,
        lambda b: replace(
            b,
            kafka_version=s.kafka_version,
            version_estimated=s.estimated,
            throttle=b.throttle.heard("api_versions", s.throttle_ms, s.at),
        ),
    )
    if cluster.inventory_at is not None:
        return cluster
    return replace(
        cluster,
        metadata=s.metadata or cluster.metadata,
        kafka_version=s.kafka_version or cluster.kafka_version,
        version_estimated=s.estimated,
    )


def _log_dirs_seen(cluster: Cluster, s: LogDirsSeen) -> Cluster:
    return _changed(
        cluster,
        s.broker_id,
        lambda b: replace(
            b,
            log_dirs=s.dirs,
            log_dirs_at=s.at,
            log_dirs_error=s.error,
            throttle=b.throttle.heard("describe_log_dirs", s.throttle_ms, s.at),
        ),
    )


def _config_seen(cluster: Cluster, s: ConfigSeen) -> Cluster:
    return _changed(
        cluster,
        s.broker_id,
        lambda b: replace(
            b,
            config=s.entries,
            config_at=s.at,
            config_error=s.error,
            throttle=b.throttle.heard("describe_configs", s.throttle_ms, s.at),
        ),
    )


_FOLDS: Mapping[type[Sample], Callable[[Cluster, Any], Cluster]] = {
    SessionStarted: _session_started,
    HostZoneSeen: _host_zone_seen,
    Tick: _tick,
    ClockStepped: _clock_stepped,
    HostStarved: host_starved,
    RulesChosen: _rules_chosen,
    SourceFailed: _source_failed,
    GroupsSeen: groups_seen,
    SourceWorks: lambda cluster, s: _source_ok(cluster, s.source, s.at),
    InventorySeen: inventory_seen,
    WayChosen: way_chosen,
    OperationsSeen: operations_seen,
    PermissionSeen: permission_seen,
    MetricsSeen: metrics_seen,
    ZooKeeperSeen: zookeeper_seen,
    MetadataSeen: metadata_seen,
    QuorumSeen: quorum_seen,
    SoftwareSeen: _software_seen,
    OffsetsSeen: offsets_seen,
    LogDirsSeen: _log_dirs_seen,
    ConfigSeen: _config_seen,
    TopicConfigsSeen: topic_configs_seen,
    Probed: probed,
    PageScraped: page_scraped,
    ScrapeFailed: scrape_failed,
    WroteSeen: wrote_seen,
}

_SOURCES: Mapping[type[Sample], str] = {
    OperationsSeen: "msk",
    MetricsSeen: "cloudwatch",
    ZooKeeperSeen: "zookeeper",
    MetadataSeen: "metadata",
    QuorumSeen: "quorum",
    SoftwareSeen: "details",
    LogDirsSeen: "details",
    ConfigSeen: "details",
    OffsetsSeen: "offsets",
    TopicConfigsSeen: "topics",
    GroupsSeen: "groups",
    Probed: "probe",
    PageScraped: "exporter",
    WroteSeen: "writes",
}
"""Whose good sample it is."""
