"""Moments for the drill-down screens: the shared world with all that a broker says of itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Literal

from msktop.model.samples import (
    ConfigEntry,
    ConfigSeen,
    LogDirsSeen,
    OffsetsSeen,
    PageScraped,
    Sample,
    ScrapeFailed,
)
from msktop.model.topic_samples import TopicConfigEntry, TopicConfigsSeen
from msktop.model.write_samples import WroteSeen
from msktop.session import View
from tests.ui.world import World

APIS: dict[str, tuple[float, float, float, tuple[float, ...]]] = {
    "Produce": (780.0, 3.1, 29.8, (1.1, 4.2, 22.9, 0.4, 1.2)),
    "FetchConsumer": (1130.0, 1.9, 504.0, (0.9, 2.3, 498.0, 0.3, 2.5)),
    "FetchFollower": (455.0, 2.2, 502.0, (0.6, 1.9, 498.8, 0.2, 0.5)),
    "OffsetCommit": (35.3, 1.6, 12.7, (0.7, 2.0, 9.4, 0.2, 0.4)),
    "Heartbeat": (27.3, 0.3, 1.9, (0.4, 1.0, 0.0, 0.2, 0.3)),
    "Metadata": (6.33, 0.8, 4.1, (0.5, 3.1, 0.0, 0.2, 0.3)),
    "OffsetFetch": (3.5, 0.6, 2.2, (0.4, 1.3, 0.0, 0.2, 0.3)),
    "ApiVersions": (2.33, 0.2, 1.1, (0.3, 0.5, 0.0, 0.1, 0.2)),
    "ListOffsets": (1.5, 0.7, 3.4, (0.5, 2.4, 0.0, 0.2, 0.3)),
    "JoinGroup": (0.07, 812.0, 2980.0, (0.4, 2.1, 2976.0, 0.6, 0.9)),
}
"""Per second, p50 and p99 in ms, and the p99 of the five parts."""
SHARED = ("Produce", "FetchConsumer", "FetchFollower", "Metadata", "Heartbeat")
"""Of these the shared world counts the requests."""
PARTS = ("request_queue", "local", "remote", "response_queue", "response_send")
CLIENTS = {
    "apache-kafka-java 3.7.0": 212.0,
    "unknown unknown": 96.0,
    "librdkafka 2.3.0": 61.0,
    "kafka-python 2.0.2": 9.0,
}
"""Connections by client software, of one broker."""
REQUEST_BYTES = {"Produce": 9_400.0, "FetchConsumer": 410.0, "FetchFollower": 650.0}
SETTINGS = {
    "auto.create.topics.enable": "false", "default.replication.factor": "3", "min.insync.replicas": "2",
    "num.io.threads": "16", "num.replica.fetchers": "4", "log.retention.hours": "72",
    "unclean.leader.election.enable": "false", "replica.lag.time.max.ms": "30000",
}  # fmt: skip


class DetailedWorld(World):
    """Request times by part, errors, connections; end offsets of every partition; more settings."""

    denied = False
    """Whether describing configs and log dirs is refused."""
    open_monitoring = True

    def _pages(self, i: int) -> Iterator[Sample]:
        if not self.open_monitoring:
            yield ScrapeFailed(at=self.at, broker_id=i, page="jmx", reason="connection refused on port 11001")
            return
        for sample in super()._pages(i):
            if isinstance(sample, PageScraped) and sample.page == "jmx":
                sample.values.update(self._more(i))
            yield sample

    def _more(self, i: int) -> dict[str, float]:
        c = self._counters[i]
        more = {"connections/CLIENT_IAM": 380.0 + i, "connections/REPLICATION_SECURE": 32.0}
        for listener, per_s in (("CLIENT_IAM", 0.4), ("REPLICATION_SECURE", 0.0)):
            key = f"connections_created/{listener}"
            more[key] = c[key] = c.get(key, 5000.0) + per_s * self._share[i] * self.scrape_s
        more |= {f"clients/{name}/CLIENT_IAM": count for name, count in CLIENTS.items()}
        more |= {"request_queue_size": float(i == 5), "handler_idle": 0.41 if i == 5 else 0.784}
        for k, topic in enumerate(self.topics[:9]):
            for key, per_s in ((f"bytes_in/{topic}", 1.5e6 / (k + 1)), (f"bytes_out/{topic}", 7e6 / (k + 1))):
                more[key] = c[key] = c.get(key, 1e9) + per_s * self._share[i] * self.scrape_s
        for api, (per_s, p50, p99, parts) in APIS.items():
            key = f"requests/{api}"
            if api not in SHARED:
                c[key] = c.get(key, 1e5) + per_s * self._share[i] * self.scrape_s
            more[key] = c[key]
            more[f"time_ms/total/p99/{api}"] = p99 * (1 + 0.04 * i)
            more[f"time_ms/throttle/p99/{api}"] = 0.0
            more[f"request_bytes/mean/{api}"] = REQUEST_BYTES.get(api, 90.0)
            for stat, ms in (("p50", p50), ("mean", p50 * 1.4)):
                more[f"time_ms/total/{stat}/{api}"] = ms
                more[f"time_ms/throttle/{stat}/{api}"] = 0.0
            for part, ms in zip(PARTS, parts, strict=True):
                more[f"time_ms/{part}/p99/{api}"] = ms * (1 + 0.04 * i)
                more[f"time_ms/{part}/p50/{api}"] = ms * p50 / p99
                more[f"time_ms/{part}/mean/{api}"] = ms * 1.4 * p50 / p99
        for code, per_s in (("COORDINATOR_NOT_AVAILABLE", 0.19), ("NOT_COORDINATOR", 0.04)):
            errors = f"errors/OffsetCommit/{code}"
            more[errors] = c[errors] = c.get(errors, 10.0) + per_s * self.scrape_s
        return more

    def _offsets(self, i: int) -> OffsetsSeen:
        ends: dict[str, dict[int, int]] = {}
        self._ends[i] += 60 * self._share[i]
        for k, (name, topic) in enumerate(self.cluster.topics.items()):
            for p in topic.partitions.values():
                if p.leader == i:
                    ends.setdefault(name, {})[p.number] = int(self._ends[i] * (k + 1))
        return OffsetsSeen(at=self.at, leader_id=i, ends=ends, took_ms=1.2, throttle_ms=40 if i == 4 else 0)

    def settings(self) -> DetailedWorld:
        """What topics are set to."""
        entries = tuple(
            TopicConfigEntry(
                name=name,
                topic_id=topic.topic_id,
                own=dict(OWN.get(name, {})),
                kept={**KEPT, **OWN.get(name, {})},
            )
            for name, topic in self.cluster.topics.items()
        )
        self.say(TopicConfigsSeen(at=self.at, topics=entries))
        return self

    def _details(self, i: int) -> Iterator[Sample]:
        for sample in super()._details(i):
            if self.denied and isinstance(sample, LogDirsSeen):
                yield LogDirsSeen(at=self.at, broker_id=i, dirs=(), error=31)
            elif isinstance(sample, ConfigSeen):
                entries = tuple(
                    ConfigEntry(name=k, value=v, source="STATIC_BROKER_CONFIG") for k, v in SETTINGS.items()
                )
                yield ConfigSeen(
                    at=self.at,
                    broker_id=i,
                    entries=() if self.denied else (*entries, sample.entries[-1]),
                    error=29 if self.denied else 0,
                )
            else:
                yield sample


KEPT = {
    "cleanup.policy": "delete",
    "retention.ms": "604800000",
    "min.insync.replicas": "2",
    "remote.storage.enable": "false",
    "max.message.bytes": "1048588",
}
OWN: dict[str, dict[str, str]] = {
    "ledger": {"cleanup.policy": "compact", "min.insync.replicas": "3"},
    "sessions": {"retention.ms": "3600000", "cleanup.policy": "compact,delete"},
}


class WritingWorld(DetailedWorld):
    """With a write probe: one partition at home with each broker. While one hangs all writes stall."""

    def _due(self, before: float, at: float) -> Iterator[Sample]:
        yield from super()._due(before, at)
        stalled = any(i not in self.fenced for i in self.hung)
        for i in self.ids:
            leader = i % len(self.ids) + 1 if i in self.fenced or i in self.moved_away else i
            hung_s = at - self.hung[i] if i in self.hung else None
            if hung_s is not None and leader == i:
                if hung_s >= 1.5:
                    yield self._wrote(i, i, "waiting", hung_s * 1e3)
            elif stalled:
                yield self._wrote(i, leader, "failed", 1000.0 * (at - before), error=7)
            else:
                yield self._wrote(i, leader, "ok", self._base[leader] * 3.2 + at % 7 / 5)

    def _wrote(
        self, home: int, leader: int, outcome: Literal["ok", "failed", "waiting"], ms: float, error: int = 0
    ) -> WroteSeen:
        return WroteSeen(
            at=self.at,
            broker_id=leader,
            partition=home - 1,
            outcome=outcome,
            took_ms=ms,
            error=error,
            reason="no answer yet" if outcome == "waiting" else "",
        )


def healthy() -> View:
    """Six brokers; b-2 hung once and everything is as before."""
    world = DetailedWorld().run(120)
    _hang(world)
    world.answer(2).run(6, 0.25).catch_up(2).run(68).lead_again(2)
    return world.run(150).view


def dead() -> View:
    """b-2 hangs; its leaders have moved."""
    world = DetailedWorld()
    world.run(300)
    return _hang(world.settings()).view


def recovering() -> View:
    """b-2 answers again and is in sync; its leaders are not back."""
    world = _hang(DetailedWorld().run(300))
    return world.answer(2).run(6, 0.25).catch_up(2).run(8).view


def written_to() -> View:
    """As in recovering, with a write probe."""
    world = _hang(WritingWorld().run(300))
    return world.answer(2).run(6, 0.25).catch_up(2).run(8).view


def not_written_to() -> View:
    """b-2 hangs, and is not fenced yet; with a write probe."""
    return WritingWorld().run(300).hang(2).run(6.0, 0.25).view


def no_exporter() -> View:
    """No open monitoring, and we may not describe configs or log dirs."""
    world = DetailedWorld()
    world.denied, world.open_monitoring = True, False
    return world.run(200).view


def rising() -> View:
    """After a quarter of an hour three times as much of everything, for three minutes."""
    world = DetailedWorld().run(900)
    world._share = {i: 3 * share for i, share in world._share.items()}
    return world.run(200).view


def many() -> View:
    """12,000 partitions."""
    world = DetailedWorld(topics=tuple(f"events-{i:04d}" for i in range(1000)))
    return world.run(4).view


def _hang(world: World) -> World:
    world.state = "HEALING"
    world.hang(2).run(8.0, 0.25)
    world.say(world.inventory_seen())
    world.fence(2).run(6.0, 0.25)
    world.state = "ACTIVE"
    return world


SCENES: dict[str, Callable[[], View]] = {
    s.__name__: s for s in (healthy, dead, recovering, written_to, not_written_to, no_exporter, rising, many)
}


@cache
def scene(name: str) -> View:
    """The view of a scene."""
    return SCENES[name]()
