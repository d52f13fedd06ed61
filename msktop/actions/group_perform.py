"""Sends a plan of a group between two lines of the audit log."""

from __future__ import annotations

from functools import partial

from msktop.actions.audit import Audit
from msktop.actions.kafka import Kafka
from msktop.actions.kafka_perform import Done, RefusedError, sent_once
from msktop.actions.perform import OutcomeUnknownError
from msktop.actions.plan import Plan
from msktop.wire import group_offsets, groups
from msktop.wire.codes import code_words

_UNKNOWN_MEMBER = 25
"""A commit from outside, while the group has members."""
_UNKNOWN = frozenset({7, 15})
"""Too few replicas had it in time, which Kafka also calls COORDINATOR_NOT_AVAILABLE: it may be in the log."""


def perform(plan: Plan, kafka: Kafka, audit: Audit) -> Done:
    """Write it down, send it to the coordinator, write down what came of it.

    Raises ActionError where it was refused or not written down, TargetError where it could not be sent, and
    OutcomeUnknownError where nobody knows.
    """
    kafka.connection(plan.parameters["coordinator"])
    look = f"It may have been. Look before trying again: msktop group describe {plan.parameters['group']}"
    errors = sent_once(plan, kafka, audit, partial(_send, plan, kafka), look)
    bad = {what: code for what, code in errors.items() if code}
    refused = tuple(f"{what}: {_why(code)}" for what, code in bad.items())
    if _UNKNOWN & set(bad.values()):
        audit.after("unknown", error=refused)
        raise OutcomeUnknownError(f"nobody knows whether it was done: {plan.title}. {refused[0]}", look)
    if bad and len(bad) == len(errors):
        audit.after("refused", error=refused[0])
        raise RefusedError(f"refused: {plan.title}", refused[0], next(iter(bad.values())))
    audit.after("accepted", **({"refused": refused} if refused else {}))
    return Done(kafka.brokers.cluster_id, refused)


def _send(plan: Plan, kafka: Kafka) -> dict[str, int]:
    """Kafka's error code, by the group or by its partitions."""
    p = plan.parameters
    if plan.operation == "DeleteGroups":
        return groups.deleted(kafka.ask(groups.delete_groups([p["group"]]), p["coordinator"]))
    call = group_offsets.commit_request(p["group"], p["offsets"])
    errors = group_offsets.committed(kafka.ask(call, p["coordinator"]))
    return {f"{topic}-{number}": code for (topic, number), code in errors.items()}


def _why(code: int) -> str:
    if code == _UNKNOWN_MEMBER:
        return "UNKNOWN_MEMBER_ID: the group has members again"
    return code_words(code)
