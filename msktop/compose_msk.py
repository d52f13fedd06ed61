"""The sources of an MSK cluster beside Kafka's own; imported only where there is one."""

from __future__ import annotations

from collections.abc import Callable

from msktop.aws.discovery import name_of
from msktop.aws.session import AwsSession
from msktop.model.control_samples import WayChosen
from msktop.model.samples import SourceFailed
from msktop.session import Pump, Session, Switch
from msktop.settings import MskTarget, Target
from msktop.sources.clock import Anchor
from msktop.sources.cloudwatch import CloudWatchSource
from msktop.sources.msk import DEFAULT_PACE, LOCAL_PACE, MskSource
from msktop.sources.pump import ThreadPump
from msktop.sources.troubled import Troubled
from msktop.ways import Obstacle, Way, choose_way
from msktop.wire.security import Security


def asking(msk: MskTarget, aws: AwsSession, session: Session, clock: Anchor) -> list[Pump]:
    """What asks AWS. CloudWatch, which costs, is on from the start except on a local MSK."""
    session.cloudwatch = Switch(default=not msk.ours)
    pace = LOCAL_PACE if msk.ours else DEFAULT_PACE
    control = MskSource(aws, msk.cluster, clock, pace, session.acted)
    troubled = Troubled(session.acted.set)
    session.subscribe(lambda view: troubled(view.cluster))
    name = name_of(msk.cluster)
    metrics = CloudWatchSource(aws, name, clock, session.cluster, session.cloudwatch)
    return [ThreadPump(source, session.emit, clock) for source in (control, metrics)]


class Arrival:
    """Begins the Kafka side of an MSK cluster once the control plane has said where its brokers are.

    `kafka` makes what asks brokers at these addresses with this login.
    """

    def __init__(
        self, target: Target, session: Session, clock: Anchor, kafka: Callable[[str, Security], list[Pump]]
    ) -> None:
        self._target = target
        self._session = session
        self._clock = clock
        self._kafka = kafka
        self._said: Obstacle | None = None

    def __call__(self) -> list[Pump] | None:
        """The pumps, once it is known where the brokers are; before, why not."""
        way = choose_way(self._session.cluster(), self._target)
        if isinstance(way, Way):
            self._session.emit(
                WayChosen(
                    at=self._clock.now(),
                    bootstrap_servers=way.bootstrap_servers,
                    security_protocol=way.security.protocol,
                    mechanism=way.security.mechanism,
                    endpoints=self._target.msk.endpoints if self._target.msk else "private",
                )
            )
            return self._kafka(way.bootstrap_servers, way.security)
        if way is not None and way != self._said:
            self._said = way
            self._session.emit(
                SourceFailed(
                    at=self._clock.now(),
                    source="metadata",
                    stage="endpoints",
                    reason=way.reason,
                    advice=way.advice,
                )
            )
        return None
