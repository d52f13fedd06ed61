"""What goes between the HTTP server, the protocols and the services."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Members = dict[str, Any]
"""Members of a structure under the model's own names: `{"ClusterArn": "arn:…"}`."""

Value = Any
"""A value of some shape."""

Model = Any
"""A service's model, of botocore, which has no types."""

Shape = Any
"""A shape of botocore."""

OperationModel = Any
"""An operation of botocore."""


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request. `target` is path and query as they were sent; names of headers are in lower case."""

    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def path(self) -> str:
        """The path, still encoded."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        """The query, still encoded."""
        return self.target.partition("?")[2]


@dataclass(frozen=True, slots=True)
class Response:
    """An HTTP response."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Call:
    """One call of an operation: where it is meant to act, and who asks.

    `service` is the name that IAM's actions begin with (`kafka`, `cloudwatch`, `ec2`, …).
    """

    region: str
    access_key: str
    service: str
    operation: str

    @property
    def action(self) -> str:
        """The IAM action: `kafka:DescribeCluster`."""
        return f"{self.service}:{self.operation}"


Guard = Callable[[Call], None]
"""Looks at each call before it is carried out; raises ApiError to refuse it."""


class ApiError(Exception):
    """An error for the caller: `code` is an exception of the service's model, or another code of AWS.

    `members` are further members of the model's exception (`InvalidParameter="clusterName"`). Without a
    `status` the model's is taken, or 400.
    """

    def __init__(self, code: str, message: str, *, status: int | None = None, **members: Value) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.members = members


class InvalidInputError(Exception):
    """A member of the input is not as the model wants it."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(f"The parameter {name} {problem}.")
        self.name = name
        self.missing = problem == MISSING


MISSING = "is required"
"""The problem of a member that should be there and is not."""
