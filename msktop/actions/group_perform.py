"""Sends a plan of a group between two lines of the audit log."""

from __future__ import annotations

from dataclasses import dataclass

from msktop.actions.audit import Audit
from msktop.actions.kafka import Kafka
from msktop.actions.perform import OutcomeUnknownError
from msktop.actions.plan import Plan
from msktop.errors import ActionError
from msktop.wire import group_offsets, groups
from msktop.wire.codes import code_words
from msktop.wire.errors import WireError

_UNKNOWN_MEMBER = 25
"""A commit from outside, while the group has members."""


@dataclass(frozen=True, slots=True)
class Done:
    """What the coordinator answered."""

    cluster_id: str | None
    refused: tuple[str, ...] = ()
    """Partitions that stay as they were, each with why."""


def perform(plan: Plan, kafka: Kafka, audit: Audit) -> Done:
    """Write it down, send it to the coordinator, write down what came of it.

    Raises ActionError where it was refused or not written down, TargetError where it could not be sent, and
    OutcomeUnknownError where nobody knows.
    """
    p = plan.parameters
    name, coordinator = p["group"], p["coordinator"]
    kafka.connection(coordinator)
    is_delete = plan.operation == "DeleteGroups"
    call = groups.delete_groups([name]) if is_delete else group_offsets.commit_request(name, p["offsets"])
    audit.before(
        identity=kafka.identity,
        action=plan.action,
        cluster=f"{plan.cluster} {kafka.brokers.cluster_id or ''}".rstrip(),
        parameters=plan.parameters,
        before=plan.before,
    )
    try:
        body = kafka.ask(call, coordinator)
        errors = groups.deleted(body) if is_delete else _by_partition(group_offsets.committed(body))
    except WireError as error:
        audit.after("unknown", error=error.title)
        raise OutcomeUnknownError(
            f"nobody knows whether it was done: {plan.title}. {error.title}",
            f"It may have been. Look before trying again: msktop group describe {name}",
        ) from error
    except BaseException as error:
        audit.after("unknown", error=type(error).__name__)
        raise
    return _ended(plan, errors, kafka, audit)


def _by_partition(errors: dict[tuple[str, int], int]) -> dict[str, int]:
    return {f"{topic}-{number}": code for (topic, number), code in errors.items()}


def _ended(plan: Plan, errors: dict[str, int], kafka: Kafka, audit: Audit) -> Done:
    refused = tuple(f"{what}: {_why(code)}" for what, code in errors.items() if code)
    if refused and len(refused) == len(errors):
        audit.after("refused", error=refused[0])
        raise ActionError(f"refused: {plan.title}", refused[0])
    audit.after("accepted", **({"refused": refused} if refused else {}))
    return Done(kafka.brokers.cluster_id, refused)


def _why(code: int) -> str:
    if code == _UNKNOWN_MEMBER:
        return "UNKNOWN_MEMBER_ID: the group has members again"
    return code_words(code)
