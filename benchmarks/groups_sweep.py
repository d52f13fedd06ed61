"""A sweep of all groups' offsets and all ends: requests, wall time and CPU, beside Kafka's own tool.

Figures to beat (1,206 partitions, 205 groups, two busy cores): kaskade 0.76 to 0.97 s, about 1,240 requests;
kafkatop 0.98 s, about 1,830; the tool 13.6 s, about 1,530.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from kafka import KafkaProducer
from kafka.admin import KafkaAdminClient, OffsetSpec

from benchmarks.crowd import fill
from benchmarks.kafka_tool import Lags, lags
from benchmarks.peers import PEERS
from benchmarks.peers import sweep as sweep_of
from msktop.local import control
from msktop.local.settings import Settings
from msktop.model.cluster import Cluster
from msktop.model.fold import fold
from msktop.model.incidents import Incidents
from msktop.model.samples import OffsetsSeen, Sample, SessionStarted, Tick
from msktop.session import Session
from msktop.sources.clock import Anchor
from msktop.sources.groups_turn import Coordinated
from msktop.sources.metadata import MetadataSource
from msktop.sources.offsets_plan import Plan
from msktop.sources.pump import ThreadPump
from msktop.wire import offsets
from msktop.wire.call import Call
from msktop.wire.connection import Connection
from msktop.wire.security import Security

ROUNDS = 15
SIZES = ((200, 6, 200, 3), (2000, 5, 2000, 1))
"""Topics, partitions of each, groups, replicas."""
MOST_REQUESTS, MOST_MS = 12, 150.0


def main() -> list[dict[str, Any]]:
    """Both sizes."""
    return [row for size in SIZES for row in measured(*size)]


def measured(topics: int, each: int, groups: int, replicas: int) -> list[dict[str, Any]]:
    """One size on a cluster of its own."""
    with control.running(Settings(name="bench-groups", traffic="none")) as state:
        fill(state.bootstrap_servers, topics, each, groups, replicas)
        _write(state.bootstrap_servers, topics, each)
        sweep = Sweep(state.bootstrap_servers, topics * each)
        try:
            ours = sweep.rounds()
        finally:
            sweep.close()
        begun = time.perf_counter()
        theirs = lags(state.kafka_version, state.bootstrap_servers)
        tool_s = time.perf_counter() - begun
        client_s = _timed(lambda: _client(state.bootstrap_servers))
        swept = {name: sweep_of(name, state.bootstrap_servers) for name in PEERS}
        peers = {name: times for name, times in swept.items() if times is not None}
    size = f"{topics * each:,} partitions, {groups:,} groups"
    is_goal = topics * each == 1200
    detail = (
        f"{ours.read:,} of {topics * each:,} partitions judged; fold of the first sweep "
        f"{ours.first_fold_ms:.0f} ms, of a warm one {ours.fold_ms:.2f} ms"
    )
    told = sweep.lags()
    differ = sum(told.get(key) != value for key, value in theirs.items()) + len(told.keys() - theirs.keys())
    return [
        _row(
            f"partitions whose offset, end or lag is not the tool's, {size}",
            differ,
            "",
            0,
            f"of {len(theirs):,}",
        ),
        _row(f"requests of a sweep, {size}", ours.requests, "", MOST_REQUESTS, detail),
        _row(
            f"wall time of a warm sweep, {size}",
            ours.wall_ms,
            "ms",
            MOST_MS if is_goal else None,
            f"p90 {ours.p90_ms:.1f} ms",
        ),
        _row(f"CPU of a warm sweep, {size}", ours.cpu_ms, "ms", None, "of this process"),
        _row(
            f"against kafka-consumer-groups, {size}",
            ours.wall_ms / 1e3 / tool_s,
            "ratio",
            0.1,
            f"the tool: {tool_s:.2f} s",
        ),
        _row(
            f"against kafka-python's admin client, {size}",
            ours.wall_ms / 1e3 / client_s,
            "ratio",
            1.0,
            f"warm, a group at a time: {client_s:.2f} s",
        ),
        *(
            _row(
                f"against {name}'s own client, {size}",
                ours.wall_ms / 1e3 / wall_s,
                "ratio",
                1.0,
                f"warm: {wall_s:.2f} s, CPU {cpu_s:.2f} s",
            )
            for name, (wall_s, cpu_s) in peers.items()
        ),
    ]


class Ours:
    """What the rounds came to."""

    def __init__(self) -> None:
        self.walls: list[float] = []
        self.cpus: list[float] = []
        self.folds: list[float] = []
        self.requests = 0
        self.read = 0
        self.first_fold_ms = 0.0

    @property
    def wall_ms(self) -> float:
        """Median."""
        return statistics.median(self.walls)

    @property
    def p90_ms(self) -> float:
        """Nine of ten took no longer."""
        return sorted(self.walls)[int(len(self.walls) * 0.9)]

    @property
    def cpu_ms(self) -> float:
        """Median."""
        return statistics.median(self.cpus)

    @property
    def fold_ms(self) -> float:
        """Median."""
        return statistics.median(self.folds)


class Sweep:
    """The turns of the sources of groups and of offsets, by the same code, at all brokers at once."""

    def __init__(self, servers: str, partitions: int) -> None:
        self._clock = Anchor.take()
        self._session = Session()
        source = MetadataSource(servers, Security(), self._clock, self._session.cluster)
        self._session.start(
            SessionStarted(at=self._clock.now(), name="bench", bootstrap_servers=servers),
            [ThreadPump(source, self._session.emit, self._clock)],
        )
        until = time.monotonic() + 60
        while self._session.cluster().totals.partitions < partitions and time.monotonic() < until:
            time.sleep(0.1)
        self._cluster, self._incidents = self._session.cluster(), Incidents()
        self._session.stop()
        self._plan = Plan()
        self._plan.update(self._cluster.topics, time.monotonic())
        brokers = self._cluster.brokers.values()
        self._opened = {b.id: Connection.open(b.host, b.port, Security()) for b in brokers}
        self._turns = {b.id: Coordinated() for b in brokers}
        self._pieces: dict[int, Any] = {b.id: {} for b in brokers}

    def close(self) -> None:
        """End the connections."""
        for connection in self._opened.values():
            connection.close()

    def rounds(self) -> Ours:
        """Sweep again and again; the first reads all, the others what changed."""
        found = Ours()
        with ThreadPoolExecutor(len(self._opened)) as pool:
            for nth in range(ROUNDS + 1):
                begun, cpu = time.perf_counter(), time.process_time()
                told = list(pool.map(self._one, self._opened))
                wall, spent = time.perf_counter() - begun, time.process_time() - cpu
                samples = [s for some, _ in told for s in some]
                fold_ms = self._fold(samples)
                found.requests = max(found.requests, sum(requests for _, requests in told))
                if nth == 0:
                    found.first_fold_ms = fold_ms
                    continue
                found.walls.append(wall * 1e3)
                found.cpus.append(spent * 1e3)
                found.folds.append(fold_ms)
        found.read = sum(
            held.lag is not None for g in self._cluster.groups.by_name.values() for _, held in g.partitions()
        )
        return found

    def lags(self) -> Lags:
        """As the tool tells them, of every partition."""
        return {
            (name, topic, number): (held.committed, held.end, held.lag)
            for name, group in self._cluster.groups.by_name.items()
            for (topic, number), held in group.partitions()
            if held.end is not None and held.lag is not None
        }

    def _one(self, broker: int) -> tuple[list[Sample], int]:
        connection = self._opened[broker]
        body = self._plan.body(broker)
        samples: list[Sample] = []
        requests = 0
        if body is not None:
            call = Call("list_offsets", offsets.API_KEY, offsets.VERSION, body)
            read = offsets.changed(connection.ask(call, 10.0), self._pieces[broker])
            self._pieces[broker] = read.pieces
            samples.append(OffsetsSeen(at=self._clock.now(), leader_id=broker, ends=read.ends))
            requests += 1
        sample, _ = self._turns[broker].turn(broker, connection, self._clock)
        return [*samples, sample], requests + sample.requests

    def _fold(self, samples: list[Sample]) -> float:
        begun = time.perf_counter()
        cluster: Cluster = self._cluster
        for sample in (*samples, Tick(at=self._clock.now())):
            cluster, self._incidents = fold(cluster, self._incidents, sample)
        self._cluster = cluster
        return (time.perf_counter() - begun) * 1e3


def _timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _write(servers: str, topics: int, each: int) -> None:
    """A few records into each partition, so that groups have something to read."""
    producer = KafkaProducer(bootstrap_servers=servers, enable_idempotence=False)
    for topic in range(topics):
        for partition in range(each):
            for _ in range((topic + partition) % 4):
                producer.send(f"bench-{topic:03d}", b"x", partition=partition)
    producer.flush(120)
    producer.close()


def _client(servers: str) -> None:
    admin = KafkaAdminClient(bootstrap_servers=servers)
    try:
        wanted = set()
        for group in [g["group_id"] for g in admin.list_groups()]:
            for found in admin.list_group_offsets(group).values():
                wanted |= found.keys()
        admin.list_partition_offsets(dict.fromkeys(wanted, OffsetSpec.LATEST))
    finally:
        admin.close()


def _row(claim: str, value: float, unit: str, most: float | None, detail: str) -> dict[str, Any]:
    return {
        "claim": claim,
        "value": value,
        "unit": unit,
        "goal": None if most is None else f"<= {most:g}",
        "ok": None if most is None else value <= most,
        "detail": detail,
    }
