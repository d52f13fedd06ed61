"""A cluster told as samples, second by second, always the same: what the pictures in the tests show."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from functools import partial

from msktop.model.cluster import Cluster
from msktop.model.control_samples import InventorySeen, NodeSeen, ZoneSeen
from msktop.model.detect import detect
from msktop.model.incidents import Incidents
from msktop.model.reduce import reduce
from msktop.model.samples import (
    BrokerSeen,
    ConfigEntry,
    ConfigSeen,
    LogDirSeen,
    LogDirsSeen,
    MetadataSeen,
    OffsetsSeen,
    PageScraped,
    PartitionSeen,
    Probed,
    QuorumSeen,
    Sample,
    ScrapeFailed,
    SessionStarted,
    SoftwareSeen,
    SourceFailed,
    Tick,
    TopicSeen,
    VoterSeen,
)
from msktop.model.stages import Stage
from msktop.session import View

START = 1_763_907_860.0
"""2025-11-23 14:24:20 UTC."""
ZONES = ("use1-az1", "use1-az2", "use1-az4")
TOPICS = ("audit", "ledger", "order-events", "orders", "payments", "sessions")
GIB = 1024**3
_APIS = {
    "Produce": 700.0,
    "FetchConsumer": 1010.0,
    "FetchFollower": 410.0,
    "Metadata": 6.0,
    "Heartbeat": 27.0,
}


class World:
    """Brokers that answer, hang, are fenced and come back; `run` lets time pass."""

    def __init__(
        self,
        name: str = "orders-prod",
        brokers: int = 6,
        *,
        zones: tuple[str, ...] = ZONES,
        metadata: str = "kraft",
        exporter: bool = True,
        inventory: bool = True,
        scrape_s: float = 10.0,
        topics: tuple[str, ...] = TOPICS,
        client_rack: str | None = "use1-az1",
        seed: int = 7,
    ) -> None:
        self.at = START
        self.cluster = Cluster()
        self.incidents = Incidents()
        self.samples: list[Sample] = []
        self.ids = tuple(range(1, brokers + 1))
        self.zones = zones
        self.metadata = metadata
        self.exporter = exporter
        self.inventory = inventory
        self.scrape_s = scrape_s
        self.topics = topics
        self.name = name
        self._random = random.Random(seed)
        self._base = {i: 1.25 + self._random.random() * 0.8 for i in self.ids}
        self._share = {i: 1 + self._random.uniform(-0.12, 0.12) for i in self.ids}
        self._counters: dict[int, dict[str, float]] = {i: {} for i in self.ids}
        self._ends: dict[int, float] = dict.fromkeys(self.ids, 1e6)
        self.hung: dict[int, float] = {}
        self.fenced: set[int] = set()
        self.lagging: set[int] = set()
        self.leaderless: set[int] = set()
        self.unscraped: set[int] = set()
        self.moved_away: set[int] = set()
        self.epoch = 1
        self.state = "ACTIVE"
        self._keyframe = True
        self.say(
            SessionStarted(
                at=self.at,
                name=name,
                bootstrap_servers=f"b-1.{name}.example:9098,b-2.{name}.example:9098",
                client_rack=client_rack,
                security_protocol="SASL_SSL",
            )
        )

    @property
    def view(self) -> View:
        return View(self.cluster, self.incidents)

    def say(self, sample: Sample) -> None:
        self.samples.append(sample)
        old, self.cluster = self.cluster, reduce(self.cluster, sample)
        self.incidents = detect(self.incidents, old, self.cluster)

    def zone(self, broker: int) -> str | None:
        return self.zones[(broker - 1) % len(self.zones)] if self.zones else None

    def address(self, broker: int) -> str:
        return f"10.20.{(broker - 1) % 3}.{11 + (broker - 1) // 3 * 7}"

    # -------------------------------------------------------------- time

    def run(self, seconds: float, step: float = 1.0) -> World:
        """Let time pass; everything comes at its own pace."""
        end = self.at + seconds
        while self.at + step <= end + 1e-6:
            before, self.at = self.at, round(self.at + step, 3)
            for sample in self._due(before, self.at):
                self.say(sample)
            self.say(Tick(at=self.at))
        return self

    def _due(self, before: float, at: float) -> Iterator[Sample]:
        def every(period: float, phase: float = 0.0) -> bool:
            return math.floor((at - phase) / period) > math.floor((before - phase) / period)

        if self.inventory and (every(30) or self.cluster.inventory_at is None):
            yield self.inventory_seen()
        if every(5) or self._keyframe:
            yield self.metadata_seen()
            if self.metadata == "kraft":
                yield self._quorum()
        for i in self.ids:
            yield from self._probe(i, connect=every(15, i))
            if self.exporter and every(self.scrape_s, i * 1.3 % self.scrape_s):
                yield from self._pages(i)
            if i not in self.hung and every(1.0):
                yield self._offsets(i)
            if every(300, i * 0.1) or (self.cluster.brokers.get(i) and not self.cluster.brokers[i].config_at):
                yield from self._details(i)

    # -------------------------------------------------------------- sources

    def inventory_seen(self) -> InventorySeen:
        nodes = [
            NodeSeen(
                id=i,
                role="broker",
                zone=self.zone(i),
                address=self.address(i),
                port=9098,
                state="HEALING" if i in self.hung else "RUNNING",
                instance_type="kafka.m7g.large" if len(self.ids) < 30 else "kafka.m7g.xlarge",
                volume_bytes=1000 * GIB,
            )
            for i in self.ids
        ]
        role = "controller" if self.metadata == "kraft" else "zookeeper"
        nodes += [
            NodeSeen(
                id=k + (10_000 if role == "controller" else 0),
                role="controller" if role == "controller" else "zookeeper",
                zone=self.zones[(k - 1) % len(self.zones)] if self.zones else None,
                address=f"10.20.{k - 1}.5",
                state="RUNNING",
            )
            for k in (1, 2, 3)
        ]
        subnets = (
            ("10.20.0.0/24", "subnet-0a41c7"),
            ("10.20.1.0/24", "subnet-07be52"),
            ("10.20.2.0/24", "subnet-0d93f8"),
        )
        return InventorySeen(
            at=self.at,
            name=self.name,
            state=self.state,
            metadata="kraft" if self.metadata == "kraft" else "zookeeper",
            kafka_version="3.9.x" if self.metadata == "kraft" else "3.8.x",
            zones=tuple(
                ZoneSeen(id=z, subnet_cidr=c, subnet_id=s)
                for z, (c, s) in zip(self.zones, subnets, strict=False)
            ),
            nodes=tuple(nodes),
        )

    def metadata_seen(self) -> MetadataSeen:
        self._keyframe = False
        return MetadataSeen(
            at=self.at,
            via=1,
            keyframe=True,
            cluster_id="Jx2kFq0rQ8-orders",
            controller_id=3,
            brokers=tuple(
                BrokerSeen(id=i, host=self.address(i), port=9098, rack=self.zone(i))
                for i in self.ids
                if i not in self.fenced
            ),
            topics=tuple(self._topic(t, name) for t, name in enumerate(self.topics)),
            bytes=4096,
        )

    def _topic(self, number: int, name: str) -> TopicSeen:
        partitions = []
        for p in range(2 * len(self.ids)):
            first = number + p
            replicas = tuple(self.ids[(first + k) % len(self.ids)] for k in range(min(3, len(self.ids))))
            alive = [r for r in replicas if r not in self.fenced]
            preferred = [r for r in alive if r not in self.moved_away]
            leader = -1 if replicas[0] in self.leaderless else (preferred or alive or [-1])[0]
            partitions.append(
                PartitionSeen(
                    partition=p,
                    leader=leader,
                    leader_epoch=self.epoch,
                    replicas=replicas,
                    isr=tuple(r for r in alive if r not in self.lagging),
                )
            )
        return TopicSeen(
            name=name, topic_id=name, partition_count=len(partitions), partitions=tuple(partitions)
        )

    def _quorum(self) -> QuorumSeen:
        end = int(self.at)
        return QuorumSeen(
            at=self.at,
            leader_id=10_002,
            leader_epoch=7,
            high_watermark=end,
            voters=tuple(
                VoterSeen(id=10_000 + k, log_end_offset=end, fetch_age_s=0.4, caught_up_age_s=0.4)
                for k in (1, 2, 3)
            ),
        )

    def _probe(self, i: int, *, connect: bool) -> Iterator[Sample]:
        made = partial(Probed, at=self.at, broker_id=i, host=self.address(i), port=9098)
        passed: tuple[tuple[Stage, float], ...] = (("dns", 0.31), ("tcp", 0.42), ("tls", 2.1), ("sasl", 6.4))
        if i in self.hung:
            waited = (self.at - self.hung[i]) * 1e3
            yield made(
                how="ping",
                outcome="timeout",
                failed_stage="api_versions",
                waited_ms=waited,
            )
            if self.at - self.hung[i] > 1:
                yield made(
                    how="connect", outcome="timeout", stages=passed,
                    failed_stage="api_versions", waited_ms=500.0,
                )  # fmt: skip
            return
        ping = (
            self._base[i] * self._random.uniform(0.8, 1.25) * (5.0 if self._random.random() < 0.006 else 1.0)
        )
        yield made(how="ping", outcome="ok", stages=(("api_versions", ping),))
        if connect:
            stages = (*passed, ("api_versions", ping), ("metadata", ping * 1.4))
            yield made(how="connect", outcome="ok", stages=stages)

    def _pages(self, i: int) -> Iterator[Sample]:
        if i in self.hung or i in self.unscraped:
            yield ScrapeFailed(at=self.at, broker_id=i, page="jmx", reason="timed out after 5 s")
            return
        wave = self._share[i] * (1 + 0.12 * math.sin(self.at / 61 + 1) + self._random.gauss(0, 0.03))
        leads = 0.0 if i in self.moved_away else 1.3 if self.moved_away else 1.0
        c = self._counters[i]
        for api, per_s in _APIS.items():
            much = per_s * wave * (leads if api in ("Produce", "FetchConsumer") else 1.0)
            c[f"requests/{api}"] = c.get(f"requests/{api}", 1e7) + much * self.scrape_s
        c["requests"] = sum(v for k, v in c.items() if k.startswith("requests/"))
        c["bytes_in"] = c.get("bytes_in", 1e9) + 4.4e6 * wave * leads * self.scrape_s
        c["bytes_out"] = c.get("bytes_out", 1e9) + 20.1e6 * wave * leads * self.scrape_s
        c["messages_in"] = c.get("messages_in", 1e7) + 5200 * wave * leads * self.scrape_s
        gauges = {
            "handler_idle": 0.784,
            "network_idle": 0.91,
            "under_min_isr": 0.0,
            "heap_used": 2.1e9,
            "heap_max": 4.0e9,
        }
        for api, p99 in (("Produce", 29.8), ("FetchConsumer", 504.0), ("FetchFollower", 502.0)):
            gauges[f"time_ms/total/p50/{api}"] = p99 / 9
            gauges[f"time_ms/total/p99/{api}"] = p99 * wave
        yield PageScraped(
            at=self.at, broker_id=i, page="jmx", values={**c, **gauges}, took_ms=180.0, bytes=900_000
        )
        c["cpu_s/idle"] = c.get("cpu_s/idle", 1e5) + 1.56 * self.scrape_s
        c["cpu_s/user"] = c.get("cpu_s/user", 1e4) + 0.44 * wave * self.scrape_s
        node = {k: v for k, v in c.items() if k.startswith("cpu_s/")}
        node |= {"disk_size": 1000.0 * GIB, "disk_avail": (560 + 12 * (i % 9)) * GIB, "memory_bytes": 5.0e9}
        yield PageScraped(at=self.at, broker_id=i, page="node", values=node, took_ms=9.0, bytes=40_000)

    def _offsets(self, i: int) -> OffsetsSeen:
        self._ends[i] += 5200 * self._share[i] * (0.0 if i in self.moved_away else 1.0)
        led = next(
            (
                (name, p.number)
                for name, t in self.cluster.topics.items()
                for p in t.partitions.values()
                if p.leader == i
            ),
            None,
        )
        ends = {led[0]: {led[1]: int(self._ends[i])}} if led else {}
        return OffsetsSeen(at=self.at, leader_id=i, ends=ends, took_ms=1.2)

    def _details(self, i: int) -> Iterator[Sample]:
        if i in self.hung or self.cluster.metadata_at is None:
            return
        yield SoftwareSeen(at=self.at, broker_id=i, kafka_version="3.9.1", metadata_version=21)
        topics = {t: (2 + k % 3, int((3 + k) * 7.3 * GIB)) for k, t in enumerate(self.topics)}
        dirs = (
            LogDirSeen(path="/kafka/data", total_bytes=1000 * GIB, usable_bytes=570 * GIB, topics=topics),
        )
        yield LogDirsSeen(at=self.at, broker_id=i, dirs=dirs)
        entries = (
            ConfigEntry(name="min.insync.replicas", value="2", source="STATIC_BROKER_CONFIG"),
            ConfigEntry(name="num.io.threads", value="16", source="STATIC_BROKER_CONFIG"),
            ConfigEntry(
                name="ssl.keystore.password", value=None, source="STATIC_BROKER_CONFIG", sensitive=True
            ),
        )
        yield ConfigSeen(at=self.at, broker_id=i, entries=entries)

    # -------------------------------------------------------------- what happens to it

    def hang(self, broker: int) -> World:
        """It stops answering, and is still a leader."""
        self.hung[broker] = self.at
        self.lagging.add(broker)
        return self

    def fence(self, broker: int) -> World:
        """The controller notices: its leaders move."""
        self.fenced.add(broker)
        self.moved_away.add(broker)
        self.epoch += 1
        self.say(self.metadata_seen())
        return self

    def answer(self, broker: int) -> World:
        """It is back, without leaders and out of sync."""
        self.hung.pop(broker)
        self.fenced.discard(broker)
        return self

    def catch_up(self, broker: int) -> World:
        """It is in sync again."""
        self.lagging.discard(broker)
        self.say(self.metadata_seen())
        return self

    def lead_again(self, broker: int) -> World:
        """Its leaders come back to it."""
        self.moved_away.discard(broker)
        self.epoch += 1
        self.say(self.metadata_seen())
        return self

    def fail_source(self, source: str, stage: str, reason: str, advice: str = "") -> World:
        """A source can do nothing."""
        self.say(SourceFailed(at=self.at, source=source, stage=stage, reason=reason, advice=advice))
        return self
