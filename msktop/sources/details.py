"""What each broker says of itself now and then: its software, its settings, the size of its logs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from msktop import __version__
from msktop.model.cluster import Cluster
from msktop.model.samples import ConfigEntry, ConfigSeen, LogDirSeen, LogDirsSeen, Sample
from msktop.sources.fleet import Emit, Fleet, Peer, Work
from msktop.sources.pump import Clock, Stop
from msktop.sources.software import IBP, software_seen
from msktop.wire import describe
from msktop.wire.call import Call
from msktop.wire.connection import Connection
from msktop.wire.describe import API_VERSIONS, DESCRIBE_CONFIGS, DESCRIBE_LOG_DIRS
from msktop.wire.security import Security

SETTINGS_S = 300.0
LOG_DIRS_S = 60.0
"""Design: log dirs at most once a minute."""
COSTS = 20
TIMEOUT_S = 5.0
LOG_DIRS_TIMEOUT_S = 15.0
"""A broker with thousands of replicas walks through all of them."""


class DetailsSource:
    """Each broker on a connection and in a thread of its own; a slow one holds up no other.

    Denied is said (error 29 or 31 in the sample), never shown as nothing.
    """

    name = "details"

    def __init__(self, security: Security, clock: Clock, cluster: Callable[[], Cluster]) -> None:
        self._security = security
        self._clock = clock
        self._cluster = cluster

    def samples(self, stop: Stop) -> Iterator[Sample]:
        """SoftwareSeen, ConfigSeen and LogDirsSeen by broker, until `stop`."""
        fleet = Fleet(self.name, self._security, self._cluster, self._describer)
        return (sample for sample in fleet.samples(stop) if sample is not None)

    def _describer(self) -> Work:
        """The work of one broker's thread."""
        settings_at = log_dirs_at = 0.0

        def describe_broker(peer: Peer, connection: Connection, emit: Emit) -> float:
            nonlocal settings_at, log_dirs_at
            now = time.monotonic()
            if now >= settings_at:
                self._software_and_settings(peer, connection, emit)
                settings_at = now + SETTINGS_S
            if now >= log_dirs_at:
                begun = time.monotonic()
                self._log_dirs(peer, connection, emit)
                log_dirs_at = now + max(LOG_DIRS_S, COSTS * (time.monotonic() - begun))
            return max(0.0, min(settings_at, log_dirs_at) - time.monotonic())

        return describe_broker

    def _software_and_settings(self, peer: Peer, connection: Connection, emit: Emit) -> None:
        software = describe.api_versions(connection.ask(self._api_versions(), TIMEOUT_S))
        settings: dict[str, str | None] = {}
        if DESCRIBE_CONFIGS in connection.versions:
            body = describe.configs_request(peer.id)
            call = Call("describe_configs", DESCRIBE_CONFIGS, describe.DESCRIBE_CONFIGS_VERSION, body)
            answer = connection.ask(call, TIMEOUT_S)
            error, found = describe.configs(answer)
            settings = {s.name: s.value for s in found}
            emit(config_seen(peer.id, error, found, self._clock.now(), describe.throttle_ms(answer)))
        emit(software_seen(peer.id, software, settings.get(IBP), self._clock.now()))

    def _log_dirs(self, peer: Peer, connection: Connection, emit: Emit) -> None:
        _, high = connection.versions.get(DESCRIBE_LOG_DIRS, (0, -1))
        if high < describe.LOG_DIRS_PLAIN:
            return
        with_volume = high >= describe.LOG_DIRS_WITH_VOLUME
        version = describe.LOG_DIRS_WITH_VOLUME if with_volume else describe.LOG_DIRS_PLAIN
        body = describe.log_dirs_request(version)
        call = Call("describe_log_dirs", DESCRIBE_LOG_DIRS, version, body, flexible=with_volume)
        answer = connection.ask(call, LOG_DIRS_TIMEOUT_S)
        error, dirs = describe.log_dirs(answer, version)
        emit(log_dirs_seen(peer.id, error, dirs, self._clock.now(), describe.throttle_ms(answer)))

    def _api_versions(self) -> Call:
        return Call(
            "api_versions",
            API_VERSIONS,
            describe.API_VERSIONS_VERSION,
            describe.api_versions_request(__version__),
            flexible=True,
            plain_answer=True,
        )


def config_seen(
    broker_id: int, error: int, settings: list[describe.Setting], at: float, throttle_ms: int | None = None
) -> ConfigSeen:
    """The sample: what differs from the default, by name."""
    entries = (
        ConfigEntry(name=s.name, value=s.value, source=s.source, sensitive=s.sensitive)
        for s in sorted(settings, key=lambda s: s.name)
        if s.source != describe.DEFAULT
    )
    return ConfigSeen(
        at=at, broker_id=broker_id, entries=tuple(entries), error=error, throttle_ms=throttle_ms
    )


def log_dirs_seen(
    broker_id: int, error: int, dirs: list[describe.LogDir], at: float, throttle_ms: int | None = None
) -> LogDirsSeen:
    """The sample."""
    seen = (
        LogDirSeen(
            path=d.path,
            error=d.error,
            total_bytes=d.total_bytes,
            usable_bytes=d.usable_bytes,
            topics=d.topics,
        )
        for d in dirs
    )
    return LogDirsSeen(at=at, broker_id=broker_id, dirs=tuple(seen), error=error, throttle_ms=throttle_ms)
