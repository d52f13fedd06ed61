"""Cluster operations as the screens show them: how far, how long, from what to what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msktop.model.cluster import Cluster
from msktop.ui.format import foreign, watch
from msktop.ui.theme import Severity

if TYPE_CHECKING:
    from msktop.model.control_samples import OperationSeen, StepSeen

LISTING = "kafka:ListClusterOperationsV2"
SOURCE = "msk"

_STEP_SIGNS: dict[str, Severity] = {"COMPLETED": "ok", "IN_PROGRESS": "heal", "FAILED": "crit"}


def severity_of(operation: OperationSeen) -> Severity:
    """The sign of an operation.

    >>> from msktop.model.control_samples import OperationSeen
    >>> severity_of(OperationSeen(arn="", type="REBOOT_NODE", state="REBOOT_COMPLETE"))
    'ok'
    """
    if operation.failed:
        return "crit"
    return "ok" if operation.final else "heal"


def step_severity(step: StepSeen) -> Severity:
    """The sign of a step; one that has not begun has none."""
    return _STEP_SIGNS.get((step.status or "").upper(), "none")


def lasted_s(operation: OperationSeen, now: float) -> float | None:
    """Seconds from its beginning to its end, or until now; None where one of them is not told."""
    if operation.started_at is None or (operation.final and operation.ended_at is None):
        return None
    return max(0.0, (operation.ended_at or now) - operation.started_at)


def steps_done(operation: OperationSeen) -> tuple[int, int] | None:
    """Steps that are completed, of how many; None where they are not told."""
    if not operation.steps:
        return None
    return sum(step_severity(step) == "ok" for step in operation.steps), len(operation.steps)


def current_step(operation: OperationSeen) -> str:
    """The first step that is not completed.

    >>> from msktop.model.control_samples import OperationSeen, StepSeen
    >>> steps = (StepSeen(name="A", status="COMPLETED"), StepSeen(name="B", status="PENDING"))
    >>> current_step(OperationSeen(arn="", type="", state="UPDATE_IN_PROGRESS", steps=steps))
    'B'
    """
    return next((step.name for step in operation.steps if step_severity(step) != "ok"), "")


def changes(operation: OperationSeen) -> tuple[tuple[str, str | None, str | None], ...]:
    """What differs between source and target: name, before, after.

    >>> from msktop.model.control_samples import OperationSeen
    >>> changes(OperationSeen(arn="", type="", state="", source={"N": "3", "T": "a"},
    ...                       target={"N": "6", "T": "a", "V": "4"}))
    (('N', '3', '6'), ('V', None, '4'))
    """
    names = dict.fromkeys((*operation.source, *operation.target))
    pairs = ((name, operation.source.get(name), operation.target.get(name)) for name in names)
    return tuple(
        (name, before, after) for name, before, after in pairs if after is not None and before != after
    )


def difference(operation: OperationSeen) -> str:
    """The changes in a line: `NumberOfBrokerNodes 3 → 6`."""
    return ", ".join(f"{name} {before or '—'} → {after}" for name, before, after in changes(operation))


def running(cluster: Cluster) -> OperationSeen | None:
    """The newest operation that has not ended."""
    return next((one for one in cluster.operations or () if not one.final), None)


def why_none(cluster: Cluster) -> tuple[str, str]:
    """Why no operation is listed, and what to do about it; denied is not empty."""
    if cluster.operations is not None:
        return "no operation yet", ""
    denied = cluster.permissions.get(LISTING)
    if denied is not None and not denied.allowed:
        return f"denied: {LISTING}", denied.advice or "Let the identity's policy allow this action."
    source = cluster.sources.get(SOURCE)
    if source is not None and source.failed_at is not None:
        return source.reason, source.advice
    if source is None and cluster.description is None:
        return "no control plane is asked", "Operations are MSK's: open the cluster by its name or ARN."
    return "not known yet", ""


def under_way(cluster: Cluster) -> tuple[str, ...]:
    """The operation that runs, or the control plane's state where it is not ACTIVE, in words."""
    operation = running(cluster)
    if operation is None:
        return () if cluster.state in (None, "ACTIVE") else (f"The cluster is {foreign(cluster.state, 24)}",)
    seconds, steps = lasted_s(operation, cluster.at), steps_done(operation)
    facts = (
        f"{foreign(operation.type, 40)} {watch(seconds) if seconds is not None else ''}".rstrip(),
        f"{steps[0]} of {steps[1]} steps" if steps else "",
        foreign(current_step(operation), 60),
        foreign(difference(operation), 80),
    )
    return tuple(fact for fact in facts if fact)
