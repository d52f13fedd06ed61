"""What the cluster picker offers: the account's clusters, local ones and saved targets, in one list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from msktop.settings import Target


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
