"""What the operations share: finding what an ARN names, pages of lists, and MSK's errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msktop.local.api.messages import ApiError, Call
from msktop.local.plane import adopted, names
from msktop.local.plane.records import Cluster, Configuration, Operation
from msktop.local.plane.registry import Registry
from msktop.local.state import State

_PAGE = 100


def bad_request(parameter: str, message: str) -> ApiError:
    """What MSK answers to a call that is wrong; `parameter` as on the wire (`clusterArn`)."""
    return ApiError("BadRequestException", message, InvalidParameter=parameter)


def not_found(parameter: str, message: str) -> ApiError:
    """What MSK answers where there is no such thing."""
    return ApiError("NotFoundException", message, InvalidParameter=parameter)


def conflict(parameter: str, message: str) -> ApiError:
    """What MSK answers where something is in the way."""
    return ApiError("ConflictException", message, InvalidParameter=parameter)


def in_region(call: Call) -> bool:
    """Whether the call is for the one region in which the account has anything."""
    return call.region == names.REGION


def cluster(registry: Registry, arn: str, parameter: str = "clusterArn") -> Cluster:
    """The cluster with this ARN; raises ApiError."""
    if not names.is_cluster_arn(arn):
        raise bad_request(parameter, "One or more of the parameters are not valid.")
    found = registry.cluster(arn)
    if found is None:
        raise not_found(parameter, "The cluster ARN does not exist.")
    return found


def running(registry: Registry, arn: str) -> tuple[Cluster, State]:
    """The cluster and what its supervisor says; raises ApiError where there is nothing to ask."""
    found = cluster(registry, arn)
    state = adopted.state_of(found)
    if state is None or state.state in ("CREATING", "FAILED") or found.phase in ("CREATING", "FAILED"):
        shown = adopted.condition(found, state)
        raise bad_request(
            "clusterArn", f"You can't perform this operation on a cluster in the {shown} state."
        )
    return found, state


def operation(registry: Registry, arn: str) -> Operation:
    """The operation with this ARN; raises ApiError."""
    found = registry.operation(arn)
    if found is None:
        raise not_found("clusterOperationArn", "The cluster operation ARN does not exist.")
    return found


def configuration(registry: Registry, arn: str, parameter: str = "arn") -> Configuration:
    """The configuration with this ARN; raises ApiError."""
    found = registry.configuration(arn)
    if found is None:
        raise not_found(parameter, "The configuration ARN does not exist.")
    return found


def page(name: str, items: Sequence[Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """One page of a list under its member's name, and where there is more, the token of the next.

    >>> page("Topics", ["a", "b", "c"], {"MaxResults": 2})
    {'Topics': ['a', 'b'], 'NextToken': '2'}
    >>> page("Topics", ["a", "b", "c"], {"MaxResults": 2, "NextToken": "2"})
    {'Topics': ['c']}
    """
    token = given.get("NextToken", "0")
    if not (token.isascii() and token.isdigit() and int(token) <= len(items)):
        raise bad_request("nextToken", "The next token is not valid.")
    first = int(token)
    after = first + given.get("MaxResults", _PAGE)
    answer: dict[str, Any] = {name: list(items[first:after])}
    if after < len(items):
        answer["NextToken"] = str(after)
    return answer
