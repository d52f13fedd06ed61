"""Clusters that can be opened, in the words and signs of the picker."""

from __future__ import annotations

from msktop.choices import Listing, TargetChoice, Trouble
from msktop.ui.columns import Cell, Column
from msktop.ui.format import age, foreign
from msktop.ui.theme import Severity, sign, token

_KINDS = {
    "PROVISIONED": "Standard",
    "EXPRESS": "Express",
    "SERVERLESS": "Serverless",
    "LOCAL": "local",
    "KAFKA": "Kafka",
}
_CALM = frozenset({"ACTIVE"})
_BAD = frozenset({"FAILED", "DELETING"})


def severity_of(choice: TargetChoice) -> Severity:
    """The sign of a state; partitions without a leader outrank it."""
    if choice.offline or choice.state in _BAD:
        return "crit"
    if choice.under_replicated:
        return "warn"
    if choice.state is None:
        return "none"
    return "ok" if choice.state in _CALM else "heal"


def names_of(choice: TargetChoice) -> tuple[str, ...]:
    """What the filter looks at."""
    return tuple(
        word
        for word in (choice.name, choice.arn, choice.region, choice.state, kind_of(choice), choice.origin)
        if word
    )


def kind_of(choice: TargetChoice) -> str:
    """What it is; where it was saved, that too."""
    return _KINDS[choice.type] + (", saved" if choice.origin == "saved" else "")


def columns(now: float) -> list[Column[TargetChoice]]:
    """`now` in Unix seconds, for ages."""

    def state(choice: TargetChoice) -> Cell:
        return foreign(choice.state or "—"), "text" if choice.state else "faint"

    def created(choice: TargetChoice) -> Cell:
        return _known(None if choice.created_at is None else age(now - choice.created_at))

    def operation(choice: TargetChoice) -> Cell:
        if choice.operation is None:
            return "—", "faint"
        at = choice.operation_ended_at or choice.operation_started_at
        ago = "" if at is None else f", {age(now - at)}"
        if choice.operation_ended_at is None:
            return f"{foreign(choice.operation)} running{ago}", "heal"
        failed = (choice.operation_state or "").endswith("FAILED")
        return f"{foreign(choice.operation)}{' failed' if failed else ''}{ago}", "crit" if failed else "muted"

    return [
        Column(head="", width=1, cell=lambda c: (sign(severity_of(c)), token(severity_of(c))), gap=1),
        Column(head="name", width=0, cell=lambda c: (foreign(c.name), "strong b")),
        Column(head="state", width=16, cell=state),
        Column(head="kind", width=15, cell=kind_of, min_width=60),
        Column(head="Kafka", width=11, cell=lambda c: _known(c.kafka_version), min_width=70),
        Column(head="brokers", width=7, cell=lambda c: _known(c.broker_count), align=">", min_width=70),
        Column(head="AZs", width=3, cell=lambda c: _known(len(c.zones) or None), align=">", min_width=84),
        Column(
            head="offline", width=7, cell=lambda c: _partitions(c.offline, "crit"), align=">", min_width=100
        ),
        Column(
            head="URP",
            width=5,
            cell=lambda c: _partitions(c.under_replicated, "warn"),
            align=">",
            min_width=100,
        ),
        Column(head="region", width=14, cell=lambda c: _known(c.region), min_width=110),
        Column(head="age", width=7, cell=created, align=">", min_width=120),
        Column(head="access", width=20, cell=lambda c: _known(" ".join(c.authentication)), min_width=150),
        Column(head="last operation", width=34, cell=operation, min_width=180),
    ]


def trouble_line(trouble: Trouble) -> str:
    """What could not be asked, and what to do about it."""
    advice = f"  {trouble.advice}" if trouble.advice else ""
    return foreign(f"{trouble.where}: {trouble.reason}{advice}")


def note(listing: Listing, shown: int) -> tuple[str, ...]:
    """What stands beside the title."""
    count = len(listing.choices)
    return (
        f"{shown} of {count}" if shown < count else str(count),
        "" if listing.complete else "AWS is being asked …",
    )


def _known(value: object) -> Cell:
    return ("—", "faint") if value in (None, "") else (foreign(str(value)), "text")


def _partitions(count: int | None, loud: str) -> Cell:
    if count is None:
        return "—", "faint"
    return str(count), loud if count else "text"
