"""A change that Kafka itself carries out: written down, sent once, and written down what came of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from msktop.actions.audit import Audit
from msktop.actions.kafka import Kafka
from msktop.actions.perform import OutcomeUnknownError
from msktop.actions.plan import Plan
from msktop.errors import ActionError
from msktop.wire.errors import WireError

_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True)
class Done:
    """What the cluster answered."""

    cluster_id: str | None
    refused: tuple[str, ...] = ()
    """Partitions that stay as they were, each with why."""


class RefusedError(ActionError):
    """Kafka said no, by one of its error codes."""

    def __init__(self, title: str, advice: str, code: int) -> None:
        super().__init__(title, advice)
        self.code = code


def sent_once(plan: Plan, kafka: Kafka, audit: Audit, send: Callable[[], _Answer], look: str) -> _Answer:
    """Write down what is about to be sent, then `send` it; what the answer means the caller writes down.

    Open the connection before: what cannot be sent needs no line. `look` says what to do where no answer
    came. Raises ActionError where it was not written down, OutcomeUnknownError where nobody knows.
    """
    audit.before(
        identity=kafka.identity,
        action=plan.action,
        cluster=f"{plan.cluster} {kafka.brokers.cluster_id or ''}".rstrip(),
        parameters=plan.parameters,
        before=plan.before,
    )
    try:
        return send()
    except WireError as error:
        audit.after("unknown", error=error.title)
        raise OutcomeUnknownError(
            f"nobody knows whether it was done: {plan.title}. {error.title}", look
        ) from error
    except BaseException as error:
        audit.after("unknown", error=type(error).__name__)
        raise
