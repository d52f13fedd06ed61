"""What the monitor shows of a cluster of which AWS tells: botocore's shapes, by the real sources."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from msktop.model.cluster import Cluster
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
