"""Settings in, a running session out: this and compose_msk alone name concrete sources.

What only some targets need is imported where it is needed: the first figures wait for nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from msktop import __version__
from msktop.alerting.choice import Alerting
from msktop.alerting.desk import Desk
from msktop.model.alert_rule import Rule
from msktop.model.cluster import Cluster
from msktop.model.fold import fold
from msktop.model.incidents import Incidents
from msktop.model.samples import RulesChosen, Sample, SessionStarted
from msktop.recording.reader import Recording
from msktop.session import Pump, Session, View
from msktop.settings import Target
from msktop.sources.clock import Anchor, ClockSource
from msktop.sources.details import DetailsSource
from msktop.sources.exporter import COST_FACTOR, LOCAL_COST_FACTOR, ExporterSource
from msktop.sources.exporter import Target as Pages
from msktop.sources.groups import GroupsSource
from msktop.sources.listed import Listed
from msktop.sources.metadata import MetadataSource
from msktop.sources.offsets import OffsetsSource
from msktop.sources.probe import ProbeSource
from msktop.sources.pump import ProcessPump, ThreadPump
from msktop.sources.quorum import QuorumSource
from msktop.sources.spare import Child
from msktop.wire.security import Security

if TYPE_CHECKING:
    from msktop.aws.session import AwsSession
    from msktop.settings import MskTarget
    from msktop.sources.replay import ReplaySource

JMX_PORT = 11001
NODE_PORT = 11002
"""Where MSK's open monitoring answers on every broker."""


def live(
    target: Target,
    *,
    session: Session | None = None,
    spare: Child | None = None,
    alerting: Alerting | None = None,
    aws: AwsSession | None = None,
    notify: Literal["nobody", "people", "screen"] = "nobody",
) -> Session:
    """Start watching a cluster. Nothing here waits for it.

    `spare` is a process that waits for the probe. With `notify` there is a desk, which tells people what
    happens; on a screen also by its bell.
    """
    session = session or Session(target.name)
    if notify != "nobody":
        told = alerting.notifiers if alerting is not None else ()
        session.desk = Desk(session.name, told, session.emit, screen=notify == "screen")
        session.subscribe(session.desk)
        session.desk.start()
    clock = Anchor.take()
    pumps: list[Pump] = [ThreadPump(ClockSource(clock), session.emit, clock)]
    target = replace(target, write_probe=writes(target, watched=notify != "nobody"))
    if target.bootstrap_servers:
        pumps += _kafka(target, target.bootstrap_servers, target.security, session, clock, spare)
    pumps.append(_exporters(target, session, clock))
    if target.state_file is not None:
        from msktop.sources.inventory import InventorySource

        pumps.append(ThreadPump(InventorySource(target.state_file, clock), session.emit, clock))
    if target.state_file is not None or target.msk is not None:
        from msktop.sources.zookeeper import ZooKeeperSource

        zookeeper = ZooKeeperSource(target.security.network, clock, session.cluster)
        pumps.append(ThreadPump(zookeeper, session.emit, clock))
    if target.msk is not None:
        pumps += _msk(target, target.msk, session, clock, spare, aws)
    if target.client_rack is None and target.kind != "local" and target.security.network.proxy is None:
        from msktop.sources.host_zone import HostZoneSource

        pumps.append(ThreadPump(HostZoneSource(clock, session.cluster), session.emit, clock))
    started = SessionStarted(
        at=clock.now(),
        name=target.name,
        bootstrap_servers=target.bootstrap_servers,
        target=target.kind,
        client_rack=target.client_rack,
        security_protocol=target.security.protocol,
        version=__version__,
    )
    session.emit(started)
    if alerting is not None and alerting.rules.own:
        session.emit(RulesChosen(at=started.at, rules=alerting.rules.rules))
    session.start(None, pumps)
    return session


def _kafka(
    target: Target, servers: str, security: Security, session: Session, clock: Anchor, spare: Child | None
) -> list[Pump]:
    """What asks the brokers, and what writes to them."""
    emit, cluster = session.emit, session.cluster
    from msktop.sources.topic_configs import TopicConfigsSource

    probe = ProcessPump(ProbeSource(servers, security, clock), emit, clock, spare)
    listed = Listed(probe.tell, servers)
    session.subscribe(lambda view: listed(view.cluster))
    writing = [_writes(target, servers, security, session, clock)] if target.write_probe else []
    return [
        probe,
        ThreadPump(MetadataSource(servers, security, clock, cluster), emit, clock),
        ThreadPump(QuorumSource(servers, security, clock, cluster), emit, clock),
        ThreadPump(OffsetsSource(security, clock, cluster), emit, clock),
        ThreadPump(GroupsSource(security, clock, cluster), emit, clock),
        ThreadPump(DetailsSource(security, clock, cluster), emit, clock),
        ThreadPump(TopicConfigsSource(servers, security, clock, cluster), emit, clock),
        *writing,
    ]


def writes(target: Target, *, watched: bool) -> bool:
    """Whether there is a write probe: as a person said, else where a local MSK of theirs is watched for long.

    >>> ours, other = Target("a", "b:9092", kind="local"), Target("a", "b:9092")
    >>> writes(ours, watched=True), writes(ours, watched=False), writes(other, watched=True)
    (True, False, False)
    >>> writes(replace(ours, read_only=True), watched=True)
    False
    >>> writes(replace(ours, write_probe=False), watched=True)
    False
    >>> writes(replace(other, write_probe=True), watched=False)
    True
    """
    if target.write_probe is not None:
        return target.write_probe
    return target.ours and not target.read_only and watched


def _writes(target: Target, servers: str, security: Security, session: Session, clock: Anchor) -> Pump:
    """The write probe. Whether it may write is found out once the cluster has said its id."""
    from msktop.actions.guard import Permit
    from msktop.actions.probe_topic import ProbeTopic
    from msktop.sources.writes import WriteSource
    from msktop.targets import is_ours

    said = Permit(write=target.write, read_only=target.read_only, ours=target.ours)
    ready = ProbeTopic(servers, security, said, is_ours).ready
    return ThreadPump(WriteSource(security, clock, session.cluster, ready), session.emit, clock)


def _msk(
    target: Target,
    msk: MskTarget,
    session: Session,
    clock: Anchor,
    spare: Child | None,
    aws: AwsSession | None,
) -> list[Pump]:
    """What asks AWS, and, where it has yet to say where the brokers are, what waits for that."""
    from msktop import compose_msk
    from msktop.aws.session import AwsSession

    pumps = compose_msk.asking(msk, aws or AwsSession(msk.access), session, clock)
    if not target.bootstrap_servers:
        from msktop.sources.awaiting import AwaitingPump

        def kafka(servers: str, security: Security) -> list[Pump]:
            return _kafka(target, servers, security, session, clock, spare)

        pumps.append(AwaitingPump("endpoints", compose_msk.Arrival(target, session, clock, kafka)))
    return pumps


def _exporters(target: Target, session: Session, clock: Anchor) -> Pump:
    source = ExporterSource(
        clock,
        lambda: pages(session.cluster()),
        target.scrape_period_s,
        LOCAL_COST_FACTOR if target.ours else COST_FACTOR,
        target.security.network,
    )
    return ThreadPump(source, session.emit, clock)


def pages(cluster: Cluster) -> Mapping[int, Pages]:
    """Where the exporter pages of each broker are: as the inventory says, else on MSK's ports."""
    found: dict[int, Pages] = {}
    seen = cluster.description
    if seen is not None and seen.jmx_exporter is False and "inventory" not in cluster.sources:
        return found  # AWS says that open monitoring is off
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


def replay(path: Path, speed: float, rules: tuple[Rule, ...] | None = None) -> tuple[Session, ReplaySource]:
    """Open a recording as a session, with other rules where they are given. Raises RecordingError."""
    from msktop.sources.replay import ReplaySource

    session = Session(path.name)
    source = ReplaySource(path, speed=speed, backlog=session.backlog)

    def emit(sample: Sample) -> None:
        for one in _ruled(sample, rules):
            session.emit(one)

    session.start(None, [ThreadPump(source, emit, Anchor.take())])
    return session, source


def _ruled(sample: Sample, rules: tuple[Rule, ...] | None) -> Iterator[Sample]:
    """The sample, with these rules in the place of those that were recorded."""
    if rules is None or not isinstance(sample, RulesChosen):
        yield sample
    if rules is not None and isinstance(sample, SessionStarted):
        yield RulesChosen(at=sample.at, rules=rules)


def refold(path: Path, rules: tuple[Rule, ...] | None = None) -> tuple[View, str]:
    """What was true at the end of a recording, and what is wrong with the file. Raises RecordingError."""
    cluster, incidents = Cluster(), Incidents()
    with Recording(path) as recording:
        for recorded in recording.samples():
            for sample in _ruled(recorded, rules):
                cluster, incidents = fold(cluster, incidents, sample)
        return View(cluster, incidents), recording.describe_damage()
