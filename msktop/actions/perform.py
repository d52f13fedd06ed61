"""Sends a plan, and follows what comes of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from msktop.actions.audit import Audit
from msktop.actions.plan import Plan
from msktop.aws.errors import AwsError, explaining
from msktop.aws.session import AwsSession
from msktop.errors import ActionError


@dataclass(frozen=True, slots=True)
class Sent:
    """What MSK answered."""

    cluster_arn: str
    operation_arn: str | None
    """None: creating and deleting are no operations; the cluster's state tells."""
    refused: tuple[str, ...] = ()
    """Parts of it that were not done, each with why."""
    told: str = ""
    """What else came of it: where a record went."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it is."""

    state: str
    steps: tuple[tuple[str, str], ...] = ()
    """(name, MSK's word for its status)."""
    error: str = ""

    @property
    def final(self) -> bool:
        """Nothing more is to come.

        >>> [Progress(s).final for s in ("UPDATE_IN_PROGRESS", "REBOOT_COMPLETE", "FAILED", "CREATING")]
        [False, True, True, False]
        """
        return self.state.endswith(("_COMPLETE", "_FAILED")) or self.state in ("ACTIVE", "FAILED", "deleted")

    @property
    def failed(self) -> bool:
        """It ended badly."""
        return self.state.endswith("FAILED")


class OutcomeUnknownError(ActionError):
    """A change was sent, and no answer came: it may have been made."""


_NEVER_SENT = frozenset(
    {"ConnectTimeoutError", "EndpointConnectionError", "ProxyConnectionError", "SSLError"}
)
"""Failures of botocore's before a request was on its way."""


def perform(plan: Plan, session: AwsSession, region: str, audit: Audit) -> Sent:
    """Send the plan, with a line in the audit log before and after.

    Raises AwsError where it was refused or could not be sent, ActionError where it was not written down, and
    OutcomeUnknownError where nobody knows.
    """
    identity = session.identity()
    audit.before(
        identity=identity.arn,
        action=plan.action,
        cluster=plan.cluster,
        parameters=plan.parameters,
        before=plan.before,
    )
    try:
        with explaining(plan.action):
            answer = getattr(session.client("kafka", region, once=True), plan.method)(**plan.parameters)
    except AwsError as error:
        if not _answered(error):
            audit.after("unknown", error=error.title)
            raise OutcomeUnknownError(
                f"nobody knows whether it was done: {plan.title}. {error.title}",
                f"It may have been. Look before trying again: msktop cluster operations {plan.cluster}",
            ) from error
        audit.after("refused", error=error.title)
        raise
    except BaseException as error:
        audit.after("unknown", error=type(error).__name__)
        raise
    sent = Sent(answer["ClusterArn"], answer.get("ClusterOperationArn"))
    audit.after("accepted", operation_arn=sent.operation_arn)
    return sent


def _answered(error: AwsError) -> bool:
    """Whether MSK said no, or never heard of it; else it may have said yes to somebody who was gone.

    >>> _answered(AwsError("unreachable", "", code="ReadTimeoutError"))
    False
    >>> _answered(AwsError("unreachable", "", code="EndpointConnectionError"))
    True
    """
    return error.kind not in ("unreachable", "server") or error.code in _NEVER_SENT


def follow(
    sent: Sent,
    plan: Plan,
    session: AwsSession,
    region: str,
    *,
    every_s: float,
    limit_s: float,
    told: Callable[[Progress], None],
) -> Progress:
    """Ask until it is over, telling what changed; raises ActionError when `limit_s` is over first.

    Whoever leaves earlier leaves the operation as it is: MSK goes on with it.
    """
    until, last = time.monotonic() + limit_s, None
    while True:
        now = _progress(sent, plan, session, region)
        if now is not None and now != last:
            last = now
            told(now)
        if last is not None and last.final:
            return last
        if time.monotonic() >= until:
            raise ActionError(
                f"after {limit_s:.0f} s it is still {last.state if last else 'not known'}: {plan.title}",
                f"MSK goes on with it: msktop cluster operations {plan.cluster}",
            )
        time.sleep(every_s)


def _progress(sent: Sent, plan: Plan, session: AwsSession, region: str) -> Progress | None:
    """How far it is now; None where AWS could not be asked this time."""
    client = session.client("kafka", region)
    try:
        if sent.operation_arn is not None:
            with explaining("kafka:DescribeClusterOperationV2"):
                answer = client.describe_cluster_operation_v2(ClusterOperationArn=sent.operation_arn)
            return progress_of(answer["ClusterOperationInfo"])
        with explaining("kafka:DescribeClusterV2"):
            described = client.describe_cluster_v2(ClusterArn=sent.cluster_arn)["ClusterInfo"]
    except AwsError as error:
        if error.kind == "not_found" and plan.operation == "DeleteCluster":
            return Progress("deleted")
        if error.passing:
            return None
        raise
    reason = (described.get("StateInfo") or {}).get("Message", "")
    return Progress(described.get("State", "?"), error=reason)


def progress_of(operation: Mapping[str, Any]) -> Progress:
    """How far an operation is, as DescribeClusterOperationV2 has it."""
    steps = (operation.get("Provisioned") or {}).get("OperationSteps") or ()
    error = operation.get("ErrorInfo") or {}
    return Progress(
        state=operation.get("OperationState", "?"),
        steps=tuple(
            (step.get("StepName", "?"), (step.get("StepInfo") or {}).get("StepStatus", "?")) for step in steps
        ),
        error=error.get("ErrorString", ""),
    )
