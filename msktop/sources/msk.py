"""The cluster as the MSK API describes it: state, nodes, endpoints, operations, and what we may not see."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Generic, TypeVar

from msktop.aws.discovery import name_of, resolve, subnets
from msktop.aws.errors import AwsError
from msktop.aws.session import AwsSession
from msktop.model.control_samples import InventorySeen, OperationsSeen
from msktop.model.samples import Sample, SourceFailed, SourceWorks
from msktop.sources import msk_nodes
from msktop.sources import msk_shapes as shapes
from msktop.sources.aws_asking import DENIED_RETRY_S, RENEWABLE, Asking
from msktop.sources.msk_operations import Operations
from msktop.sources.msk_shapes import Answer
from msktop.sources.pump import Clock, Stop

if TYPE_CHECKING:
    from botocore.client import BaseClient

log = logging.getLogger(__name__)
T = TypeVar("T")

BOOTSTRAP_S = 300.0
"""Endpoints change only by an update of the cluster, after which they are asked for anyway."""
SUBNETS_RETRY_S = 300.0
MOST_BACKOFF_S = 300.0
_LISTEN_S = 0.25
RENEW_S = 15.0
"""Credentials that have run out are looked at so often."""
DELETED = "DELETED"
"""Our word for a cluster that AWS no longer knows; MSK itself has none."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds between two rounds."""

    calm_s: float = 30.0
    busy_s: float = 5.0
    """While an operation runs, or the state is not ACTIVE."""
    denied_s: float = DENIED_RETRY_S


DEFAULT_PACE = Pace()
LOCAL_PACE = Pace(calm_s=5.0, busy_s=1.0, denied_s=5.0)
"""For a local MSK, whose API has no limits to share with others."""


class _Kept(Generic[T]):
    """A value that is asked for again when it is old, or when what it depends on has changed."""

    def __init__(self, for_s: float) -> None:
        self.value: T | None = None
        self._for_s = for_s
        self._until = 0.0
        self._version: object = None

    def refresh(self, version: object, get: Callable[[], T | None]) -> None:
        """Ask where need be; an answer of None leaves the value as it was, to be asked for again."""
        if self.value is not None and version == self._version and time.monotonic() < self._until:
            return
        found = get()
        if found is not None:
            self.value, self._version, self._until = found, version, time.monotonic() + self._for_s


class MskSource:
    """DescribeClusterV2, ListNodes and ListClusterOperationsV2 of one cluster in rounds.

    What is denied costs only its own part, and is told as PermissionSeen when that changes. A failure of the
    API never ends the source: it is told, and asked again later and later.
    """

    name = "msk"

    def __init__(
        self,
        session: AwsSession,
        cluster: str,
        clock: Clock,
        pace: Pace = DEFAULT_PACE,
        sooner: threading.Event | None = None,
    ) -> None:
        """Once `sooner` is set, the next round begins at once."""
        self._cluster = cluster
        self._clock = clock
        self._pace = pace
        self._sooner = sooner or threading.Event()
        self._asking = Asking(session, clock, pace.denied_s)
        self._arn = ""
        self._region = ""
        self._last: InventorySeen | None = None
        self._bootstrap = _Kept[dict[str, str]](BOOTSTRAP_S)
        self._subnets: dict[str, shapes.Subnet] = {}
        self._subnets_after = 0.0
        self._configurations: dict[str, str | None] = {}
        self._operations = Operations(self._asking)
        self._failures = 0

    def samples(self, stop: Stop) -> Iterator[Sample]:
        """What the API says, round by round, until `stop`."""
        while not stop.is_set():
            began = time.monotonic()
            try:
                yield from self._round()
                wait_s = self._next_s()
            except AwsError as error:
                yield from self._asking.news()
                yield from self._failed(error)
                wait_s = self._backoff_s(error)
            self._wait(stop, began + wait_s)

    def _wait(self, stop: Stop, until: float) -> None:
        while (left := until - time.monotonic()) > 0 and not self._sooner.is_set():
            if stop.wait(min(left, _LISTEN_S)):
                return
        self._sooner.clear()

    # -------------------------------------------------------------- one round

    def _round(self) -> Iterator[Sample]:
        if not self._arn:
            found = self._asking.ask(
                "kafka:ListClustersV2", lambda: resolve(self._asking.session, self._cluster)
            )
            if found is None:
                raise AwsError(
                    "denied",
                    f"{self._cluster} cannot be looked up: kafka:ListClustersV2 is denied",
                    "Allow it, or name the cluster by its ARN.",
                    action="kafka:ListClustersV2",
                )
            self._arn, self._region = found
        cluster = self._describe()
        for seen in self._inventory(cluster):
            self._last = seen
            yield seen
        yield from self._asking.news()
        operations = self._operations.newest(self._kafka, self._arn)
        if operations is not None:
            yield OperationsSeen(at=self._clock.now(), operations=operations)
        yield from self._asking.news()
        self._failures = 0
        yield SourceWorks(at=self._clock.now(), source=self.name)

    def _describe(self) -> Answer:
        """DescribeClusterV2; what the list says of it where that is denied; empty where both are."""
        answer = self._asking.ask(
            "kafka:DescribeClusterV2", lambda: self._kafka().describe_cluster_v2(ClusterArn=self._arn)
        )
        if answer is not None:
            found: Answer = answer["ClusterInfo"]
            return found
        listed = self._asking.ask("kafka:ListClustersV2", self._listed)
        return listed or {}

    def _listed(self) -> Answer:
        pages = self._kafka().get_paginator("list_clusters_v2").paginate(ClusterNameFilter=name_of(self._arn))
        for page in pages:
            for cluster in page.get("ClusterInfoList", ()):
                if cluster.get("ClusterArn") == self._arn:
                    found: Answer = cluster
                    return found
        return {}

    def _inventory(self, cluster: Answer) -> Iterator[InventorySeen]:
        """The whole picture at once; a second time when EC2 has said where the subnets are."""
        nodes = self._nodes()
        version = (cluster.get("CurrentVersion"), cluster.get("State"))
        self._bootstrap.refresh(version, self._get_bootstrap)
        configuration = self._configuration_name(cluster)
        first = self._picture(cluster, nodes, configuration)
        yield first
        if self._learn_subnets(cluster):
            yield self._picture(cluster, nodes, configuration)

    def _picture(
        self, cluster: Answer, nodes: list[Answer] | None, configuration: str | None
    ) -> InventorySeen:
        known = self._subnets or shapes.subnets_by_order(cluster)
        return InventorySeen(
            at=self._clock.now(),
            name=cluster.get("ClusterName") or name_of(self._arn),
            state=cluster.get("State"),
            metadata=shapes.metadata_mode(cluster),
            kafka_version=shapes.kafka_version(cluster),
            zones=shapes.zones_seen(known),
            nodes=msk_nodes.nodes_seen(cluster, nodes or (), known),
            description=shapes.description_seen(
                cluster, self._arn, self._region, self._bootstrap.value or {}, configuration
            ),
            via="api",
            nodes_listed=nodes is not None,
        )

    # -------------------------------------------------------------- its parts

    def _nodes(self) -> list[Answer] | None:
        def call() -> list[Answer]:
            pages = self._kafka().get_paginator("list_nodes").paginate(ClusterArn=self._arn)
            return [node for page in pages for node in page.get("NodeInfoList", ())]

        return self._asking.optional("kafka:ListNodes", call)

    def _get_bootstrap(self) -> dict[str, str] | None:
        return self._asking.optional(
            "kafka:GetBootstrapBrokers",
            lambda: shapes.bootstrap_seen(self._kafka().get_bootstrap_brokers(ClusterArn=self._arn)),
        )

    def _configuration_name(self, cluster: Answer) -> str | None:
        software = (cluster.get("Provisioned") or {}).get("CurrentBrokerSoftwareInfo") or {}
        arn = software.get("ConfigurationArn")
        if not arn:
            return None
        if arn not in self._configurations:
            answer = self._asking.optional(
                "kafka:DescribeConfiguration", lambda: self._kafka().describe_configuration(Arn=arn)
            )
            if answer is None:
                return None
            self._configurations[arn] = answer.get("Name")
        return self._configurations[arn]

    def _learn_subnets(self, cluster: Answer) -> bool:
        """Ask EC2 about subnets that are not known; True where that told something new.

        A VPC may have a way to the MSK API and none to EC2's: then the zone ids that MSK gives must do.
        """
        wanted = [s for s in subnets(cluster) if s not in self._subnets]
        if not wanted or time.monotonic() < self._subnets_after:
            return False
        try:
            answer = self._asking.optional(
                "ec2:DescribeSubnets", lambda: self._client("ec2").describe_subnets(SubnetIds=wanted)
            )
        except AwsError as error:
            log.warning("subnets: %s", error.title)
            answer = None
        if answer is None:
            self._subnets_after = time.monotonic() + min(SUBNETS_RETRY_S, self._pace.denied_s)
            return False
        self._subnets |= shapes.subnets_seen(answer)
        return True

    # -------------------------------------------------------------- pace and failures

    def _next_s(self) -> float:
        """Soon while something goes on, so that it is seen step by step."""
        calm = self._last is None or self._last.state in ("ACTIVE", "FAILED", DELETED, None)
        return self._pace.calm_s if calm and not self._operations.running else self._pace.busy_s

    def _backoff_s(self, error: AwsError) -> float:
        self._failures += 1
        if error.kind in RENEWABLE:
            return min(RENEW_S, self._pace.calm_s)
        base = self._pace.calm_s if error.kind == "throttled" else self._pace.busy_s
        return min(base * (1 << min(self._failures, 8)), MOST_BACKOFF_S)

    def _failed(self, error: AwsError) -> Iterator[Sample]:
        reason, advice = error.title, error.advice
        if error.kind == "not_found" and self._last is not None:
            reason, advice = (
                f"{self._last.name} was deleted: AWS no longer knows it",
                "There is nothing to do.",
            )
            if self._last.state != DELETED:
                self._last = replace(self._last, at=self._clock.now(), state=DELETED)
                yield self._last
        yield SourceFailed(
            at=self._clock.now(),
            source=self.name,
            stage=error.action or error.kind,
            reason=reason,
            advice=advice,
            kind=error.kind,
        )

    def _client(self, service: str) -> BaseClient:
        return self._asking.session.client(service, self._region or None)

    def _kafka(self) -> BaseClient:
        return self._client("kafka")
