"""Has the broker check a plan of topics without doing it; sends it between two lines of the audit log."""

from __future__ import annotations

from msktop.actions.audit import Audit
from msktop.actions.kafka import ANY, Kafka
from msktop.actions.kafka_perform import Done, RefusedError, sent_once
from msktop.actions.perform import OutcomeUnknownError
from msktop.actions.plan import Plan
from msktop.errors import ActionError
from msktop.wire import topics
from msktop.wire.call import Call
from msktop.wire.codes import code_words
from msktop.wire.topics import Said

TIMEOUT_S = 30.0
"""How long the cluster may take; our own wait is a little longer."""
_GRACE_S = 5.0
_CHECKED = ("CreateTopics", "CreatePartitions", "IncrementalAlterConfigs")
"""What Kafka can check without doing it."""
_TIMED_OUT = 7
_FINE = (0, topics.ELECTION_NOT_NEEDED)


def validate(plan: Plan, kafka: Kafka) -> bool:
    """Whether the broker has checked it; False where Kafka has no such check. Raises ActionError: refused."""
    if plan.operation not in _CHECKED:
        return False
    call = _call(plan, validate_only=True)
    _refuse(plan, _said(plan, kafka.ask(call, _to(kafka)), call.version), "the broker refuses it")
    return True


def perform(plan: Plan, kafka: Kafka, audit: Audit) -> Done:
    """Check it at the broker, write it down, send it, write down what came of it.

    Raises ActionError where it was refused, TargetError where it could not be sent, and OutcomeUnknownError
    where nobody knows.
    """
    validate(plan, kafka)
    call = _call(plan, validate_only=False)
    kafka.connection(_to(kafka))

    def send() -> list[Said]:
        return _said(plan, kafka.ask(call, _to(kafka), TIMEOUT_S + _GRACE_S), call.version)

    look = "It may have been. Look before trying again: msktop topic list"
    return _ended(plan, sent_once(plan, kafka, audit, send, look), kafka, audit)


def _ended(plan: Plan, said: list[Said], kafka: Kafka, audit: Audit) -> Done:
    bad = [one for one in said if one.error not in _FINE]
    if any(one.error == _TIMED_OUT for one in bad):
        audit.after("unknown", error=code_words(_TIMED_OUT))
        raise OutcomeUnknownError(
            f"the cluster was not done in time: {plan.title}", "It may be soon: look before trying again."
        )
    if bad and len(bad) == len(said):
        audit.after("refused", error=_why(bad[0]))
        _refuse(plan, said, "refused")
    refused = tuple(f"{one.name}-{one.partition}: {_why(one)}" for one in bad)
    audit.after("accepted", **({"refused": refused} if refused else {}))
    return Done(kafka.brokers.cluster_id, refused)


def _to(kafka: Kafka) -> int:
    """The controller; any broker where Metadata's one is not to be had."""
    ids = {node.id for node in kafka.brokers.nodes}
    return kafka.controller if kafka.controller in ids else ANY


def _call(plan: Plan, *, validate_only: bool) -> Call:
    p, timeout_ms = plan.parameters, int(TIMEOUT_S * 1e3)
    match plan.operation:
        case "CreateTopics":
            return topics.create_topic(
                p["topic"],
                p["partitions"],
                p["replication"],
                p["config"],
                timeout_ms,
                validate_only=validate_only,
            )
        case "CreatePartitions":
            return topics.create_partitions(p["topic"], p["count"], timeout_ms, validate_only=validate_only)
        case "IncrementalAlterConfigs":
            return topics.alter_config(p["topic"], p["changes"], validate_only=validate_only)
        case "DeleteTopics":
            return topics.delete_topic(p["topic"], p["topic_id"], timeout_ms)
        case "ElectLeaders":
            return topics.elect_leaders(p["partitions"], timeout_ms)
    raise ActionError(f"msktop cannot send {plan.operation} to Kafka")


def _said(plan: Plan, body: bytes, version: int) -> list[Said]:
    match plan.operation:
        case "CreateTopics":
            return topics.created(body)
        case "CreatePartitions":
            return topics.partitions_created(body)
        case "IncrementalAlterConfigs":
            return topics.altered(body)
        case "DeleteTopics":
            return topics.deleted(body, version)
    return topics.elected(body)


def _refuse(plan: Plan, said: list[Said], how: str) -> None:
    """Raise RefusedError for the first that was."""
    bad = next((one for one in said if one.error not in _FINE), None)
    if bad is not None:
        raise RefusedError(f"{how}: {plan.title}", _why(bad), bad.error)


def _why(one: Said) -> str:
    words = code_words(one.error)
    return f"{words} ({one.message})" if one.message else words
