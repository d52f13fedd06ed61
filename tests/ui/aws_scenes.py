"""What the monitor shows of a cluster of which AWS tells: botocore's shapes, by the real sources."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from msktop.model.cluster import Cluster
from msktop.model.control_samples import MetricSeen, MetricsSeen
from msktop.model.detect import detect
from msktop.model.incidents import Incidents
from msktop.model.reduce import reduce
from msktop.model.samples import Sample, SessionStarted, SourceFailed, SourceWorks, Tick
from msktop.session import View
from msktop.sources.clock import Anchor
from msktop.sources.msk import MskSource, Pace
from tests.sources import msk_answers as msk
from tests.sources.fake_aws import FakeAws

AT = 1_793_535_600.0
"""2026-11-01 12:20:00 UTC, twenty minutes after the cluster of the answers was made."""
_PACE = Pace(calm_s=0.0, busy_s=0.0, denied_s=60.0)


def told(answers: dict[str, Any], cluster: str = "orders", rounds: int = 1) -> list[Sample]:
    """What the control plane's source says of these answers."""
    aws, stop = FakeAws(answers), threading.Event()
    said: list[Sample] = []
    samples = MskSource(aws, cluster, Anchor.take(), _PACE).samples(stop)
    for sample in samples:
        said.append(sample)
        rounds -= isinstance(sample, SourceWorks | SourceFailed)
        if not rounds:
            break
    stop.set()
    for _ in samples:
        pass
    return said


def began(name: str = "orders", at: float = AT) -> SessionStarted:
    """A session on an MSK cluster, of whose brokers nothing is known yet."""
    return SessionStarted(
        at=at,
        name=name,
        bootstrap_servers="",
        target="msk",
        client_rack="use1-az1",
        security_protocol="SASL_SSL",
    )


def view_of(samples: Iterable[Sample], start: View | None = None, at: float = AT) -> View:
    """The state after these, all of them at one time."""
    view = start or View(Cluster(), Incidents())
    cluster, incidents = view.cluster, view.incidents
    for sample in samples:
        old, cluster = cluster, reduce(cluster, replace(sample, at=at))
        incidents = detect(incidents, old, cluster)
    return View(cluster, incidents)


def later(view: View, seconds: float, samples: Sequence[Sample] = ()) -> View:
    """Time passes, then these."""
    at = view.cluster.at + seconds
    return view_of((Tick(at=at), *samples), view, at)


def control_only(answers: dict[str, Any] | None = None, name: str = "orders") -> View:
    """Nothing but the control plane has spoken yet."""
    arn = msk.SERVERLESS_ARN if name == "clicks" else msk.ARN
    return view_of([began(name), *told(answers or msk.answers(), arn)])


def metered(
    at: float = AT, brokers: Iterable[int] = (1, 2, 3), *, late_s: float = 150.0, offline: float = 0.0
) -> MetricsSeen:
    """Three hours of CloudWatch, a point a minute, the newest so late."""
    ends = at - late_s
    times = [ends - 60.0 * n for n in range(180, 0, -1)]

    def wave(base: float, phase: float) -> tuple[tuple[float, float], ...]:
        return tuple((t, round(base * (1 + 0.3 * math.sin(t / 1500 + phase)), 2)) for t in times)

    def flat(value: float) -> tuple[tuple[float, float], ...]:
        return tuple((t, value) for t in times)

    def seen(
        metric: str, stat: str, points: tuple[tuple[float, float], ...], broker: int | None
    ) -> MetricSeen:
        return MetricSeen(metric=metric, stat=stat, period_s=60.0, broker_id=broker, points=points)

    series = [
        seen("OfflinePartitionsCount", "Maximum", flat(offline), None),
        seen("ActiveControllerCount", "Sum", flat(1.0), None),
        seen("GlobalPartitionCount", "Maximum", flat(120.0), None),
    ]
    for b in brokers:
        series += [
            seen("BytesInPerSec", "Average", wave(4.4e6, b), b),
            seen("BytesOutPerSec", "Average", wave(2.0e7, b), b),
            seen("MessagesInPerSec", "Average", wave(5200.0, b), b),
            seen("CpuUser", "Average", wave(23.0, b), b),
            seen("CpuSystem", "Average", wave(6.0, b), b),
            seen("ConnectionCount", "Sum", flat(310.0 + b), b),
            seen("UnderReplicatedPartitions", "Maximum", flat(0.0), b),
            seen("KafkaDataLogsDiskUsed", "Maximum", flat(40.0 + b), b),
            seen("LeaderCount", "Maximum", flat(40.0), b),
            seen("PartitionCount", "Maximum", flat(120.0), b),
        ]
    return MetricsSeen(at=at, series=tuple(series), queries=1170, queries_per_hour=len(series) * 60)


UNREACHABLE = SourceFailed(
    at=AT,
    source="metadata",
    stage="tcp",
    reason="none of 3 addresses answers: b-1: timed out at tcp after 8 s",
    advice="Let this machine reach port 9098 in the brokers' security group.",
)


def cloudwatch_only(at: float = AT, offline: float = 0.0) -> View:
    """Neither Kafka nor an exporter can be reached; CloudWatch and the control plane answer."""
    view = control_only()
    return view_of([replace(UNREACHABLE, at=at), metered(at, offline=offline)], view, at)
