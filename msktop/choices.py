"""What the cluster picker offers: the account's clusters, local ones and saved targets, in one list."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Literal

from msktop.aws.access import Access
from msktop.aws.discovery import Found, Operation, clusters, last_operation
from msktop.aws.errors import AwsError
from msktop.aws.figures import figures
from msktop.aws.session import AwsSession
from msktop.errors import UsageError
from msktop.saved import saved_targets
from msktop.settings import Target
from msktop.targets import LocalMsk, from_saved, local_clusters, msk_target

OPERATIONS_OF = 20
"""For so many clusters the last operation is asked: each is a call, and the account's limits are shared."""
_AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class TargetChoice:
    """One row of the picker. Times are Unix seconds; None is not known, never zero."""

    name: str
    origin: Literal["aws", "local", "saved"]
    target: Target
    """What is opened when it is chosen."""
    type: Literal["PROVISIONED", "EXPRESS", "SERVERLESS", "LOCAL", "KAFKA"]
    state: str | None = None
    region: str | None = None
    arn: str | None = None
    kafka_version: str | None = None
    instance_type: str | None = None
    broker_count: int | None = None
    zones: tuple[str, ...] = ()
    authentication: tuple[str, ...] = ()
    """Of IAM, SCRAM, TLS, UNAUTHENTICATED."""
    created_at: float | None = None
    operation: str | None = None
    """The newest one: `UPDATE_BROKER_TYPE`; with the next three."""
    operation_state: str | None = None
    operation_started_at: float | None = None
    operation_ended_at: float | None = None
    offline: int | None = None
    """Partitions without a leader, as CloudWatch knows them."""
    under_replicated: int | None = None
    figures_at: float | None = None
    """How old the two are: the end of the period that they speak of."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a part of the list is missing; the rest is there."""

    where: str
    """`eu-west-1`, `last operations`, a file."""
    reason: str
    advice: str = ""
    action: str = ""
    """The IAM action that is denied, if that is why."""


@dataclass(frozen=True, slots=True)
class Listing:
    """The list as far as it is known: each one takes the place of the one before."""

    choices: tuple[TargetChoice, ...] = ()
    troubles: tuple[Trouble, ...] = ()
    complete: bool = False
    """Nothing more will come."""


def list_targets(
    access: Access, session: AwsSession | None = None, stop: threading.Event | None = None
) -> Iterator[Listing]:
    """The list as it grows: what is on this machine at once, then AWS's clusters, then more about each.

    May block; for a thread. Never raises: what fails is a Trouble beside what there is.
    """
    own, troubles = _own()
    yield Listing(own, troubles)
    listing = _Growing(own, troubles, session or AwsSession(access))
    for step in (listing.find, listing.detail):
        if stop is not None and stop.is_set():
            return
        step()
        yield listing.now(complete=step == listing.detail)


def _own() -> tuple[tuple[TargetChoice, ...], tuple[Trouble, ...]]:
    """Local clusters and saved targets."""
    choices = [_local(found) for found in local_clusters()]
    troubles: list[Trouble] = []
    try:
        for name, saved in saved_targets().items():
            try:
                target = from_saved(saved)
            except UsageError as error:
                troubles.append(Trouble(f"saved target {name}", error.title, error.advice))
                continue
            choices.append(
                TargetChoice(
                    name=name,
                    origin="saved",
                    target=target,
                    type="PROVISIONED" if saved.arn else "KAFKA",
                    region=target.msk.access.regions[0] if target.msk else None,
                    arn=saved.arn,
                )
            )
    except UsageError as error:
        troubles.append(Trouble("saved targets", error.title, error.advice))
    return tuple(choices), tuple(troubles)


def _local(found: LocalMsk) -> TargetChoice:
    return TargetChoice(
        name=found.target.name,
        origin="local",
        target=found.target,
        type="LOCAL",
        state=found.state,
        kafka_version=found.kafka_version,
        broker_count=found.broker_count,
        zones=found.zones,
        created_at=found.started_at,
    )


@dataclass(slots=True)
class _Growing:
    """The list while AWS is asked."""

    own: tuple[TargetChoice, ...]
    troubles: tuple[Trouble, ...]
    session: AwsSession
    found: dict[str, Found] = field(default_factory=dict)
    choices: dict[str, TargetChoice] = field(default_factory=dict)
    """Both by ARN."""

    def now(self, *, complete: bool) -> Listing:
        """The list as it is; a saved target shows what AWS says of its cluster, which is not listed twice."""
        own = tuple(
            replace(self.choices[c.arn], name=c.name, origin="saved", target=c.target)
            if c.arn in self.choices and c.arn is not None
            else c
            for c in self.own
        )
        shown = {c.arn for c in own if c.arn}
        rest = tuple(c for arn, c in self.choices.items() if arn not in shown)
        return Listing((*rest, *own), self.troubles, complete)

    def find(self) -> None:
        """The clusters of every region that was asked for."""
        try:
            regions = self.session.regions
        except AwsError as error:
            self._trouble("AWS", error)
            return
        for region in regions:
            try:
                for found in clusters(self.session, region):
                    self.found[found.arn] = found
                    self.choices[found.arn] = self._choice(found)
            except AwsError as error:
                self._trouble(region, error)

    def detail(self) -> None:
        """Last operations, and what CloudWatch knows."""
        for region in dict.fromkeys(f.region for f in self.found.values()):
            of = [f for f in self.found.values() if f.region == region]
            try:
                for arn, figure in figures(self.session, region, of).items():
                    self.choices[arn] = replace(
                        self.choices[arn],
                        offline=figure.offline,
                        under_replicated=figure.under_replicated,
                        figures_at=figure.at,
                    )
            except AwsError as error:
                self._trouble(f"partitions in {region}", error)
        asked = [f for f in self.found.values() if f.type != "SERVERLESS"][:OPERATIONS_OF]
        for found, operation in zip(asked, self._operations(asked), strict=True):
            if operation is not None:
                self.choices[found.arn] = replace(
                    self.choices[found.arn],
                    operation=operation.type,
                    operation_state=operation.state,
                    operation_started_at=operation.started_at,
                    operation_ended_at=operation.ended_at,
                )

    def _operations(self, asked: Sequence[Found]) -> Sequence[Operation | None]:
        """The last operation of each; after the first failure no more is asked."""
        failures: list[AwsError] = []

        def ask(found: Found) -> Operation | None:
            if failures:
                return None
            try:
                return last_operation(self.session, found)
            except AwsError as error:
                failures.append(error)
                return None

        with ThreadPoolExecutor(_AT_ONCE, "operations") as pool:
            operations = list(pool.map(ask, asked))
        if failures:
            self._trouble("last operations", failures[0])
        return operations

    def _choice(self, found: Found) -> TargetChoice:
        target = Target(
            name=found.name,
            bootstrap_servers="",
            kind="msk",
            msk=msk_target(found.arn, self.session.access),
        )
        return TargetChoice(
            name=found.name,
            origin="aws",
            target=target,
            type=found.type,
            state=found.state,
            region=found.region,
            arn=found.arn,
            kafka_version=found.kafka_version,
            instance_type=found.instance_type,
            broker_count=found.broker_count,
            zones=found.zones,
            authentication=found.authentication,
            created_at=found.created_at,
        )

    def _trouble(self, where: str, error: AwsError) -> None:
        action = error.action if error.kind == "denied" else ""
        self.troubles += (Trouble(where, error.title, error.advice, action),)
