"""Recordings of made-up sessions, written by the real recorder."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from pathlib import Path

from msktop.model.samples import (
    BrokerSeen,
    MetadataSeen,
    OffsetsSeen,
    PageScraped,
    PartitionSeen,
    Probed,
    Sample,
    SessionStarted,
    Tick,
    TopicSeen,
)
from msktop.recording.writer import Recorder

START = 1_700_000_000.0


def written(path: Path, samples: Iterable[Sample]) -> Path:
    """A closed recording of these samples in one frame."""
    recorder = Recorder(path, target="demo")
    for sample in samples:
        recorder.write(sample)
    recorder.close()
    assert recorder.error is None
    return path


def framed(path: Path, *frames: Iterable[Sample]) -> Path:
    """A closed recording with these samples, a frame each."""
    recorder = Recorder(path, target="demo")
    for samples in frames:
        for sample in samples:
            recorder.write(sample)
        recorder.flush()
    recorder.close()
    assert recorder.error is None
    return path


def quiet_session(seconds: int, brokers: int = 3, seed: int = 1) -> Iterator[Sample]:
    """What a session with `brokers` healthy brokers sees, as often as the real sources look."""
    rng = random.Random(seed)
    hosts = {i: f"127.18.{i}.1" for i in range(1, brokers + 1)}
    yield SessionStarted(at=START, name="demo", bootstrap_servers="127.18.1.1:9092", target="local")
    yield _metadata(START + 0.1, hosts, keyframe=True)
    ends = {i: {p: 1000 * p for p in range(i - 1, 12, brokers)} for i in hosts}
    for quarter in range(seconds * 4):
        at = START + quarter / 4
        yield Tick(at=at)
        for i, host in hosts.items():
            yield Probed(
                at=at + i / 20,
                broker_id=i,
                host=host,
                port=9092,
                how="ping",
                outcome="ok",
                stages=(("api_versions", round(rng.lognormvariate(-1, 0.3), 4)),),
            )
        if quarter % 4 == 0:
            for i in hosts:
                ends[i] = {p: end + rng.randrange(50, 150) for p, end in ends[i].items()}
                yield OffsetsSeen(at=at + 0.2, leader_id=i, ends={"orders": ends[i]}, took_ms=rng.random())
        if quarter % 40 < brokers:
            yield _page(at + 0.15, quarter % 40 + 1, rng)
        if quarter % 12 == 8:
            yield _metadata(at + 0.1, hosts, keyframe=False)


_APIS = ("Produce", "FetchConsumer", "FetchFollower", "Metadata", "Heartbeat", "OffsetCommit", "ListOffsets")
_PARTS = ("total", "request_queue", "local", "remote", "response_queue", "response_send", "throttle")


def _page(at: float, broker: int, rng: random.Random) -> PageScraped:
    """About as many figures as are kept of a page of a broker with ten topics."""
    values = {f"requests/{api}": at * 10 * n + rng.randrange(100) for n, api in enumerate(_APIS, 1)}
    for api in _APIS:
        for part in _PARTS:
            for stat in ("mean", "p50", "p99"):
                values[f"time_ms/{part}/{stat}/{api}"] = round(rng.lognormvariate(0, 1), 3)
    for topic in range(10):
        for way in ("bytes_in", "bytes_out", "messages_in"):
            values[f"{way}/topic-{topic}"] = float(int(at * 1000) + rng.randrange(10_000))
    return PageScraped(at=at, broker_id=broker, page="jmx", values=values, took_ms=21.5, bytes=400_000)


def _metadata(at: float, hosts: dict[int, str], keyframe: bool) -> MetadataSeen:
    ids = tuple(hosts)
    topic = TopicSeen(
        name="orders",
        partition_count=12,
        partitions=tuple(
            PartitionSeen(partition=p, leader=ids[p % len(ids)], leader_epoch=0, replicas=ids, isr=ids)
            for p in range(12)
        ),
    )
    return MetadataSeen(
        at=at,
        via=ids[0],
        keyframe=keyframe,
        cluster_id="made-up",
        controller_id=ids[0],
        brokers=tuple(BrokerSeen(id=i, host=h, port=9092, rack=f"use1-az{i}") for i, h in hosts.items()),
        topics=(topic,) if keyframe else (),
        took_ms=1.5,
    )
