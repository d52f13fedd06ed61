"""What names a configuration of MSK's: its ARN and a revision."""

from __future__ import annotations

from msktop.errors import UsageError


def check_configuration(arn: str, revision: int) -> None:
    """Whether there can be such a one. Raises UsageError.

    >>> check_configuration("arn:aws:kafka:us-east-1:123456789012:configuration/fast/x", 0)
    Traceback (most recent call last):
    msktop.errors.UsageError: 0 is no revision
    """
    if not arn.startswith("arn:") or ":configuration/" not in arn:
        raise UsageError(f"{arn!r} is not the ARN of a configuration", "See: aws kafka list-configurations")
    if revision < 1:
        raise UsageError(f"{revision} is no revision", "Revisions begin with 1.")
