"""What `msktop cluster` prints: tables for people, JSON for programs (docs/cluster.md)."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from msktop.actions.facts import Facts
from msktop.actions.perform import Progress, Sent, progress_of
from msktop.actions.plan import Plan
from msktop.aws.discovery import Found, resolve, seconds
from msktop.aws.errors import explaining
from msktop.aws.session import AwsSession
from msktop.durations import span
from msktop.model.text import plain

DETAILED = 10
"""Operations whose steps are asked for; of older ones, type, state and times are known."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation, as far as it was asked about."""

    arn: str
    type: str
    state: str
    started_at: float | None
    ended_at: float | None
    steps: tuple[tuple[str, str], ...] = ()
    error: str = ""


def operations_of(session: AwsSession, cluster: str) -> list[Operation]:
    """The operations of a cluster, newest first. Raises AwsError."""
    arn, region = resolve(session, cluster)
    client = session.client("kafka", region)
    with explaining("kafka:ListClusterOperationsV2"):
        pages = client.get_paginator("list_cluster_operations_v2").paginate(ClusterArn=arn)
        listed = [one for page in pages for one in page.get("ClusterOperationInfoList", ())]
    listed.sort(key=lambda one: seconds(one.get("StartTime")) or 0.0, reverse=True)
    found = []
    for nth, short in enumerate(listed):
        one = short
        if nth < DETAILED:
            with explaining("kafka:DescribeClusterOperationV2"):
                answer = client.describe_cluster_operation_v2(ClusterOperationArn=short["OperationArn"])
            one = answer["ClusterOperationInfo"]
        progress = progress_of(one)
        found.append(
            Operation(
                arn=one.get("OperationArn", ""),
                type=one.get("OperationType", "?"),
                state=progress.state,
                started_at=seconds(one.get("StartTime")),
                ended_at=seconds(one.get("EndTime")),
                steps=progress.steps,
                error=progress.error,
            )
        )
    return found


# ------------------------------------------------------------------ JSON


def dumps(value: object) -> str:
    """A JSON document of dataclasses, lists and mappings; times are Unix seconds."""
    return json.dumps(value, indent=2, default=_document)


def _document(value: object) -> object:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    raise TypeError(type(value).__name__)


def plan_document(
    plan: Plan, *, dry_run: bool = False, sent: Sent | None = None, ended: Progress | None = None
) -> dict[str, object]:
    """A change: what it was to be, what MSK answered, how it ended."""
    return {
        **dataclasses.asdict(plan),
        "dry_run": dry_run,
        "cluster_arn": sent.cluster_arn if sent else None,
        "operation_arn": sent.operation_arn if sent else None,
        "ended": dataclasses.asdict(ended) if ended else None,
    }


# ------------------------------------------------------------------ text


def clusters_text(found: Sequence[Found], now: float) -> str:
    """A table, one cluster a line."""
    if not found:
        return "no MSK cluster in this region"
    rows = [
        (
            one.name,
            one.state,
            one.type,
            one.kafka_version,
            one.broker_count,
            len(one.zones) or None,
            one.instance_type,
            _ago(one.created_at, now),
        )
        for one in found
    ]
    return table(("NAME", "STATE", "TYPE", "KAFKA", "BROKERS", "ZONES", "INSTANCE", "AGE"), rows)


def operations_text(found: Sequence[Operation], now: float) -> str:
    """A table, one operation a line, its error below it."""
    if not found:
        return "no operation yet"
    rows = []
    for one in found:
        done = sum(status.upper() == "COMPLETED" for _, status in one.steps)
        lasted = None if one.started_at is None else (one.ended_at or now) - one.started_at
        rows.append(
            (
                one.type,
                one.state,
                _ago(one.started_at, now),
                None if lasted is None else span(lasted),
                f"{done}/{len(one.steps)}" if one.steps else None,
                one.error or None,
            )
        )
    return table(("OPERATION", "STATE", "BEGAN", "LASTED", "STEPS", "ERROR"), rows)


def facts_text(found: Facts) -> str:
    """One value a line."""
    values = {
        "name": found.name,
        "arn": found.arn,
        "state": found.state,
        "type": found.type,
        "kafka version": found.kafka_version,
        "metadata": found.metadata,
        "brokers": f"{found.broker_count} in {found.zone_count} zones",
        "broker ids": None if found.broker_ids is None else " ".join(map(str, found.broker_ids)),
        "instance type": found.instance_type,
        "volume": None if found.volume_gib is None else f"{found.volume_gib} GiB",
        "monitoring": found.monitoring,
        "configuration": found.configuration,
        "later versions": None if found.later_versions is None else " ".join(found.later_versions) or "none",
    }
    return "\n".join(f"{name:<15}{_cell(value)}" for name, value in values.items())


def plan_text(plan: Plan) -> str:
    """What will happen, in which order, for how long."""
    lines = [plan.title, *(f"  {nth}. {step}" for nth, step in enumerate(plan.steps, 1))]
    lines.append(f"  takes {plan.duration}")
    lines += [f"  ! {warning}" for warning in plan.warnings]
    return "\n".join(plain(line) for line in lines)


def progress_text(progress: Progress) -> str:
    """One line."""
    done = sum(status.upper() == "COMPLETED" for _, status in progress.steps)
    current = next((name for name, status in progress.steps if status.upper() != "COMPLETED"), "")
    steps = f"  {done}/{len(progress.steps)} {current}" if progress.steps else ""
    error = f"  {progress.error}" if progress.error else ""
    return plain(f"{progress.state}{steps}{error}".rstrip())


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Columns as wide as what is in them; what is not known is a dash.

    >>> print(table(("A", "LONG"), [("x", None), ("yy", 3)]))
    A   LONG
    x   —
    yy  3
    """
    cells = [list(head), *([_cell(value) for value in row] for row in rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(head))]
    lines = ("  ".join(f"{cell:<{w}}" for cell, w in zip(row, widths, strict=True)) for row in cells)
    return "\n".join(line.rstrip() for line in lines)


def _cell(value: object) -> str:
    return "—" if value is None else plain(str(value))


def _ago(at: float | None, now: float) -> str | None:
    return None if at is None else span(now - at)
