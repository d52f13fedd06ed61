"""What the control plane remembers: the records of plane.json. Times are Unix seconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Phase = Literal["CREATING", "ACTIVE", "UPDATING", "REBOOTING_BROKER", "MAINTENANCE", "DELETING", "FAILED"]
"""A cluster's state as far as the control plane decides it; HEALING is what its supervisor says."""

StepStatus = Literal["PENDING", "IN_PROGRESS", "COMPLETED", "FAILED"]
Fault = Literal["denied", "throttled", "expired"]

Member = Any
"""The value of a member of a structure: whatever its shape in the model says."""

Members = Mapping[str, Member]
"""A structure of the API, in its own names."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What requests must be signed with."""

    access_key_id: str
    secret_access_key: str


@dataclass(frozen=True, slots=True)
class Revision:
    """One revision of a configuration; `properties` is the text as it was given."""

    number: int
    created_at: float
    description: str
    properties: str


@dataclass(frozen=True, slots=True)
class Configuration:
    """An MSK configuration with all its revisions, oldest first."""

    arn: str
    name: str
    description: str
    kafka_versions: tuple[str, ...]
    created_at: float
    revisions: tuple[Revision, ...]

    def revision(self, number: int) -> Revision | None:
        """The revision with this number."""
        return next((r for r in self.revisions if r.number == number), None)


@dataclass(frozen=True, slots=True)
class Software:
    """What a broker runs: Kafka's version and, where there is one, the configuration."""

    kafka_version: str
    configuration_arn: str = ""
    configuration_revision: int = 0


@dataclass(frozen=True, slots=True)
class Cluster:
    """A provisioned cluster.

    `local_name` is its supervisor's. `subnets` are ids in the order of
    `zone_ids`. `added_at` has each broker's
    time of joining, `software` what each runs where that is not `target`. `kept` holds the structures that
    the API gives back as it got them, by the name of the member.
    """

    arn: str
    name: str
    local_name: str
    created_at: float
    version: str
    phase: Phase
    metadata: Literal["kraft", "zookeeper"]
    subnets: tuple[str, ...]
    zone_ids: tuple[str, ...]
    brokers: int
    instance_type: str
    volume_gib: int
    target: Software
    kept: Members = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    added_at: Mapping[int, float] = field(default_factory=dict)
    software: Mapping[int, Software] = field(default_factory=dict)
    active_operation: str | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of an operation: about one broker, or (0) about all. `began_at` is None until it has begun."""

    name: str
    broker: int = 0
    status: StepStatus = "PENDING"
    began_at: float | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation on a cluster; `source` and `target` are MutableClusterInfo."""

    arn: str
    cluster_arn: str
    type: str
    state: str
    started_at: float
    source: Members = field(default_factory=dict)
    target: Members = field(default_factory=dict)
    steps: tuple[Step, ...] = ()
    ended_at: float | None = None
    error_code: str = ""
    error: str = ""

    @property
    def runs(self) -> bool:
        """Whether it has not ended."""
        return self.ended_at is None


@dataclass(frozen=True, slots=True)
class Publication:
    """How often metrics are read, and how much later CloudWatch has them. In one minute the newest counts."""

    period_s: float = 60.0
    delay_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Document:
    """All of it."""

    credentials: Credentials
    clusters: dict[str, Cluster] = field(default_factory=dict)
    operations: dict[str, Operation] = field(default_factory=dict)
    configurations: dict[str, Configuration] = field(default_factory=dict)
    faults: dict[str, Fault] = field(default_factory=dict)
    publication: Publication = Publication()
