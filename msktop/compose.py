"""Settings in, a running session out: the only place that names concrete sources."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from msktop import __version__
from msktop.model.cluster import Cluster
from msktop.model.fold import fold
from msktop.model.incidents import Incidents
from msktop.model.samples import SessionStarted
from msktop.recording.reader import Recording
from msktop.session import Pump, Session, View
from msktop.settings import Target
from msktop.sources.clock import Anchor, ClockSource
from msktop.sources.details import DetailsSource
from msktop.sources.exporter import COST_FACTOR, LOCAL_COST_FACTOR, ExporterSource
from msktop.sources.exporter import Target as Pages
from msktop.sources.inventory import InventorySource
from msktop.sources.metadata import MetadataSource
from msktop.sources.offsets import OffsetsSource
from msktop.sources.probe import ProbeSource
from msktop.sources.pump import ProcessPump, ThreadPump
from msktop.sources.quorum import QuorumSource
from msktop.sources.replay import ReplaySource
from msktop.sources.spare import Child

JMX_PORT = 11001
NODE_PORT = 11002
"""Where MSK's open monitoring answers on every broker."""


def live(target: Target, *, session: Session | None = None, spare: Child | None = None) -> Session:
    """Start watching a cluster. Nothing here waits for it. `spare` is a process that waits for the probe."""
    session = session or Session(target.name)
    clock = Anchor.take()
    servers, security = target.bootstrap_servers, target.security
    pumps: list[Pump] = [
        ThreadPump(ClockSource(clock), session.emit, clock),
        ProcessPump(ProbeSource(servers, security, clock), session.emit, clock, spare),
        ThreadPump(MetadataSource(servers, security, clock, session.cluster), session.emit, clock),
        ThreadPump(QuorumSource(servers, security, clock, session.cluster), session.emit, clock),
        ThreadPump(OffsetsSource(security, clock, session.cluster), session.emit, clock),
        ThreadPump(DetailsSource(security, clock, session.cluster), session.emit, clock),
        ThreadPump(
            ExporterSource(
                clock,
                lambda: pages(session.cluster()),
                target.scrape_period_s,
                LOCAL_COST_FACTOR if target.kind == "local" else COST_FACTOR,
            ),
            session.emit,
            clock,
        ),
    ]
    if target.state_file is not None:
        pumps.append(ThreadPump(InventorySource(target.state_file, clock), session.emit, clock))
    started = SessionStarted(
        at=clock.now(),
        name=target.name,
        bootstrap_servers=servers,
        target=target.kind,
        client_rack=target.client_rack,
        security_protocol=security.protocol,
        version=__version__,
    )
    session.start(started, pumps)
    return session


def pages(cluster: Cluster) -> Mapping[int, Pages]:
    """Where the exporter pages of each broker are: as the inventory says, else on MSK's ports."""
    found: dict[int, Pages] = {}
    for broker in cluster.brokers.values():
        if not broker.host:
            continue
        listed = broker.inventory
        found[broker.id] = Pages(
            jmx_url=(listed and listed.metrics_url) or f"http://{_host(broker.host)}:{JMX_PORT}/metrics",
            node_url=(listed and listed.node_metrics_url)
            or f"http://{_host(broker.host)}:{NODE_PORT}/metrics",
        )
    return found


def _host(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def replay(path: Path, speed: float) -> tuple[Session, ReplaySource]:
    """Open a recording as a session. Raises RecordingError."""
    session = Session(path.name)
    source = ReplaySource(path, speed=speed, backlog=session.backlog)
    session.start(None, [ThreadPump(source, session.emit, Anchor.take())])
    return session, source


def refold(path: Path) -> tuple[View, str]:
    """What was true at the end of a recording, and what is wrong with the file. Raises RecordingError."""
    cluster, incidents = Cluster(), Incidents()
    with Recording(path) as recording:
        for sample in recording.samples():
            cluster, incidents = fold(cluster, incidents, sample)
        return View(cluster, incidents), recording.describe_damage()
