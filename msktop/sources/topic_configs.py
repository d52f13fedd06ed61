"""What topics are set to, four times a minute, and of a new topic at once: only what differs is told."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping

from msktop.model.cluster import Cluster
from msktop.model.samples import Sample
from msktop.model.topic_samples import TopicConfigEntry, TopicConfigsSeen
from msktop.sources.pump import Clock, Stop
from msktop.sources.reach import Reach, UnreachableError
from msktop.wire import topic_configs
from msktop.wire.bootstrap import addresses
from msktop.wire.describe import throttle_ms as throttle_of
from msktop.wire.errors import WireError
from msktop.wire.security import Security
from msktop.wire.topic_configs import TopicConfig

PERIOD_S = 15.0
COSTS = 50
"""A look at all topics begins at most every so many times as long as the last one took."""
TOOK_KEPT = 3
"""The shortest of so many looks is what one takes: a longer one had to wait, here or there."""
LOOK_S = 1.0
AT_ONCE = 500
"""Topics of one request: some 700 kB of answer."""
BETWEEN_S = 0.1
"""Between two requests, so that a broker has room for others."""
TIMEOUT_S = 5.0
RETRY_S = 2.0
_UNKNOWN = 3
"""The broker that was asked has not heard of it yet, or it is gone."""

KEPT = (
    "cleanup.policy",
    "compression.type",
    "max.message.bytes",
    "message.timestamp.type",
    "min.insync.replicas",
    "remote.storage.enable",
    "retention.bytes",
    "retention.ms",
    "local.retention.ms",
)
"""What the screens show wherever it was set."""


class TopicConfigsSource:
    """DescribeConfigs of all topics from one good broker; a topic that may not be seen says so."""

    name = "topics"

    def __init__(
        self,
        bootstrap_servers: str,
        security: Security,
        clock: Clock,
        cluster: Callable[[], Cluster],
        period_s: float = PERIOD_S,
    ) -> None:
        self._period_s = period_s
        self._clock = clock
        self._cluster = cluster
        self._reach = Reach(addresses(bootstrap_servers), security, cluster)
        self._pieces: dict[str, bytes] = {}
        self._ids: dict[str, str] = {}
        """Topics that were asked for, with their ids."""

    def samples(self, stop: Stop) -> Iterator[Sample]:
        """A TopicConfigsSeen whenever something differs, and for each whole look; until `stop`."""
        all_at = 0.0
        took: deque[float] = deque(maxlen=TOOK_KEPT)
        try:
            while not stop.is_set():
                begun = time.monotonic()
                ids = {name: topic.topic_id for name, topic in self._cluster().topics.items()}
                self._forget(ids)
                whole = begun >= all_at
                wanted = [name for name in ids if whole or name not in self._ids]
                pause_s = LOOK_S
                if wanted:
                    try:
                        yield from self._ask(wanted, ids, stop)
                    except WireError:
                        pause_s = 0.0
                    except UnreachableError as error:
                        yield error.sample(self._clock.now(), self.name)
                        pause_s = RETRY_S
                    else:
                        if whole:
                            took.append(time.monotonic() - begun)
                            all_at = begun + max(self._period_s, COSTS * min(took))
                stop.wait(pause_s)
        finally:
            self._reach.close()

    def _forget(self, ids: Mapping[str, str]) -> None:
        """Topics that are gone, or others by now."""
        for name, known in list(self._ids.items()):
            if ids.get(name) != known:
                del self._ids[name]
                self._pieces.pop(name, None)

    def _ask(self, wanted: list[str], ids: Mapping[str, str], stop: Stop) -> Iterator[Sample]:
        self._reach.saw(
            (b.id, (b.host, b.port)) for b in self._cluster().brokers.values() if b.host and b.port
        )
        for at in range(0, len(wanted), AT_ONCE):
            if at and stop.wait(BETWEEN_S):
                return
            begun = time.monotonic()
            names = wanted[at : at + AT_ONCE]
            call = topic_configs.request(names)
            via, (throttle_ms, found) = self._reach.ask(
                call, TIMEOUT_S, lambda body: (throttle_of(body), topic_configs.split(body, self._pieces))
            )
            changed = [name for name in found if self._pieces.get(name) is not found[name]]
            read = {name: topic_configs.config(found[name]) for name in changed}
            entries = tuple(
                entry_of(name, ids.get(name, ""), config)
                for name, config in read.items()
                if config.error != _UNKNOWN
            )
            unknown = {name for name, config in read.items() if config.error == _UNKNOWN}
            self._pieces |= {name: piece for name, piece in found.items() if name not in unknown}
            self._ids |= {name: ids.get(name, "") for name in names if name not in unknown}
            took_ms = (time.monotonic() - begun) * 1e3
            yield TopicConfigsSeen(
                at=self._clock.now(), topics=entries, took_ms=took_ms, via=via, throttle_ms=throttle_ms
            )


def entry_of(name: str, topic_id: str, config: TopicConfig) -> TopicConfigEntry:
    """One topic of the sample."""
    settings = config.settings
    return TopicConfigEntry(
        name=name,
        topic_id=topic_id,
        own={one.name: one.value for one in settings.values() if one.own},
        kept={key: value for key in KEPT if key in settings and (value := settings[key].value) is not None},
        error=config.error,
    )
