"""`msktop doctor`: every step from credentials to Kafka's answers, one at a time, with its time."""

from __future__ import annotations

from typing import TextIO

from msktop.aws.access import Access
from msktop.aws.policy import Role, policy
from msktop.doctor.examination import run
from msktop.settings import Target


def examine(target: Target | None, access: Access, as_json: bool, out: TextIO) -> int:
    """Examine a target, or the account alone; print it, and return the exit code."""
    if target is not None and target.msk is not None:
        access = target.msk.access
    return run(target, access, as_json, out)


def prescribe(role: Role, cluster: str | None) -> str:
    """The least IAM policy for a role, for one cluster where that is named by its ARN."""
    return policy(role, cluster if cluster is not None and cluster.startswith("arn:") else None)
