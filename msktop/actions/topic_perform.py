"""Has the broker check a plan of topics without doing it; sends it between two lines of the audit log."""

from __future__ import annotations

from dataclasses import dataclass

from msktop.actions.audit import Audit
from msktop.actions.kafka import ANY, Kafka
from msktop.actions.perform import OutcomeUnknownError
from msktop.actions.plan import Plan
from msktop.errors import ActionError
from msktop.wire import topics
from msktop.wire.call import Call
from msktop.wire.codes import code_words
from msktop.wire.errors import WireError
from msktop.wire.topics import Said

TIMEOUT_S = 30.0
"""How long the cluster may take; our own wait is a little longer."""
_GRACE_S = 5.0
_CHECKED = ("CreateTopics", "CreatePartitions", "IncrementalAlterConfigs")
"""What Kafka can check without doing it."""
_TIMED_OUT = 7
_FINE = (0, topics.ELECTION_NOT_NEEDED)


@dataclass(frozen=True, slots=True)
class Done:
    """What the cluster answered."""

    cluster_id: str | None
    refused: tuple[str, ...] = ()
    """Partitions that stay as they were, each with why: an election may do some and not others."""


def validate(plan: Plan, kafka: Kafka) -> bool:
    """Whether the broker has checked it; False where Kafka has no such check. Raises ActionError: refused."""
    if plan.operation not in _CHECKED:
        return False
    _refused(
        plan, _said(plan, kafka.ask(_call(plan, validate_only=True), _to(kafka))), "the broker refuses it"
    )
    return True


def perform(plan: Plan, kafka: Kafka, audit: Audit) -> Done:
    """Check it at the broker, write it down, send it, write down what came of it.

    Raises ActionError where it was refused, TargetError where it could not be sent, and OutcomeUnknownError
    where nobody knows.
    """
    validate(plan, kafka)
    kafka.connection(_to(kafka))
    audit.before(
        identity=kafka.identity,
        action=plan.action,
        cluster=f"{plan.cluster} {kafka.brokers.cluster_id or ''}".rstrip(),
        parameters=plan.parameters,
        before=plan.before,
    )
    call = _call(plan, validate_only=False)
    try:
        said = _said(plan, kafka.ask(call, _to(kafka), TIMEOUT_S + _GRACE_S), call.version)
    except WireError as error:
        audit.after("unknown", error=error.title)
        raise OutcomeUnknownError(
            f"nobody knows whether it was done: {plan.title}. {error.title}",
            "It may have been. Look before trying again: msktop topic list",
        ) from error
    except BaseException as error:
        audit.after("unknown", error=type(error).__name__)
        raise
    return _ended(plan, said, kafka, audit)


def _ended(plan: Plan, said: list[Said], kafka: Kafka, audit: Audit) -> Done:
    bad = [one for one in said if one.error not in _FINE]
    if any(one.error == _TIMED_OUT for one in bad):
        audit.after("unknown", error=code_words(_TIMED_OUT))
        raise OutcomeUnknownError(
            f"the cluster was not done in time: {plan.title}", "It may be soon: look before trying again."
        )
    if bad and len(bad) == len(said):
        try:
            _refused(plan, said, "refused")
        except ActionError as error:
            audit.after("refused", error=error.title)
            raise
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


def _said(plan: Plan, body: bytes, version: int = 0) -> list[Said]:
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


def _refused(plan: Plan, said: list[Said], how: str) -> None:
    bad = next((one for one in said if one.error not in _FINE), None)
    if bad is not None:
        raise ActionError(f"{how}: {plan.title}", _why(bad))


def _why(one: Said) -> str:
    words = code_words(one.error)
    return f"{words} ({one.message})" if one.message else words
