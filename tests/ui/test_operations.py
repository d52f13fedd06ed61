"""The list of cluster operations, one of them, and the line that says that one runs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from msktop.model.control_samples import (
    InventorySeen,
    OperationSeen,
    OperationsSeen,
    PermissionSeen,
    StepSeen,
)
from msktop.model.reduce import reduce
from msktop.model.samples import Sample
from msktop.session import View
from msktop.ui.picture import rows_of
from msktop.ui.places import Place
from msktop.ui.theme import Look
from msktop.ui.verdict import verdict_of
from tests.ui.drill import SIZES, showing
from tests.ui.pictures import SIZES as PICTURES
from tests.ui.pictures import approve, told
from tests.ui.scenes_detail import scene

ARN = "arn:aws:kafka:us-east-1:000000000000:cluster-operation/orders-prod/0f3b"


def seen(*samples: Sample) -> View:
    """The healthy scene after these."""
    view = scene("healthy")
    cluster = view.cluster
    for sample in samples:
        cluster = reduce(cluster, replace(sample, at=view.cluster.at))
    return replace(view, cluster=cluster)


def operations() -> OperationsSeen:
    now = scene("healthy").cluster.at
    return OperationsSeen(
        at=now,
        operations=(
            OperationSeen(
                arn=f"{ARN}/3",
                type="UPDATE_BROKER_TYPE",
                state="UPDATE_FAILED",
                started_at=now - 500,
                ended_at=now - 410,
                source={"InstanceType": "kafka.m7g.large"},
                target={"InstanceType": "kafka.t3.small"},
                error_code="Bad",
                error_text="broker 2 holds too many partitions for kafka.t3.small",
            ),
            OperationSeen(
                arn=f"{ARN}/2",
                type="UPDATE_BROKER_COUNT",
                state="UPDATE_IN_PROGRESS",
                started_at=now - 72,
                steps=(
                    StepSeen(name="INITIALIZE_UPDATE", status="COMPLETED"),
                    StepSeen(name="ADD_BROKERS", status="IN_PROGRESS"),
                    StepSeen(name="FINALIZE_UPDATE", status="PENDING"),
                ),
                source={"NumberOfBrokerNodes": "6", "InstanceType": "kafka.m7g.large"},
                target={"NumberOfBrokerNodes": "9", "InstanceType": "kafka.m7g.large"},
            ),
            OperationSeen(
                arn=f"{ARN}/1",
                type="REBOOT_NODE",
                state="REBOOT_COMPLETE",
                started_at=now - 90_000,
                ended_at=now - 89_000,
            ),
        ),
    )


async def test_what_runs_comes_first_and_each_says_how_far_it_is() -> None:
    async with showing(seen(operations()), Place("operations")) as shown:
        running = shown.row("UPDATE_BROKER_COUNT", "01:12", "1/3", "ADD_BROKERS")
        assert "NumberOfBrokerNodes 6 → 9" in running
        failed = shown.row("UPDATE_BROKER_TYPE", "1m 30s", "broker 2 holds too many partitions")
        assert shown.rows.index(running) < shown.rows.index(failed)
        assert shown.row("11-22", "REBOOT_NODE", "16m 40s")


async def test_one_has_its_steps_and_what_it_changes() -> None:
    async with showing(seen(operations()), Place("overview")) as shown:
        await shown.press("6", "enter")
        assert shown.place == Place("operation", operation=f"{ARN}/2")
        assert shown.row("NumberOfBrokerNodes", "6 → 9")
        assert "InstanceType" not in shown.text
        assert shown.row("ADD_BROKERS", "IN_PROGRESS")
        assert shown.row("1 of 3 completed")
        await shown.press("escape", "down", "enter")
        assert shown.row("broker 2 holds too many partitions")
        assert shown.row("error code", "Bad")


async def test_one_that_is_listed_no_more_says_so() -> None:
    async with showing(seen(operations()), Place("operation", operation="gone")) as shown:
        assert shown.row("lists it no more")


@pytest.mark.parametrize(
    ("samples", "said"),
    [
        ((), "no control plane is asked"),
        ((OperationsSeen(at=0, operations=()),), "no operation yet"),
        (
            (PermissionSeen(at=0, action="kafka:ListClusterOperationsV2", allowed=False),),
            "denied: kafka:ListClusterOperationsV2",
        ),
    ],
)
async def test_an_empty_list_says_why(samples: tuple[Sample, ...], said: str) -> None:
    async with showing(seen(*samples), Place("operations")) as shown:
        assert said in shown.text


async def test_the_filter_looks_at_types_changes_and_errors() -> None:
    async with showing(seen(operations()), Place("operations")) as shown:
        await shown.press("slash", *"t3.small", "enter")
        assert shown.row("UPDATE_BROKER_TYPE")
        assert "UPDATE_BROKER_COUNT  " not in "\n".join(shown.rows[5:])


def test_the_verdict_tells_of_an_operation_that_runs() -> None:
    verdict = verdict_of(seen(operations()))
    assert (verdict.severity, verdict.head) == ("heal", "UPDATE_BROKER_COUNT 01:12.0")
    assert verdict.facts == ("1 of 3 steps", "ADD_BROKERS", "NumberOfBrokerNodes 6 → 9")


@pytest.mark.parametrize(
    ("state", "severity"), [("MAINTENANCE", "heal"), ("FAILED", "crit"), ("DELETED", "warn")]
)
def test_the_verdict_tells_the_control_planes_state(state: str, severity: str) -> None:
    verdict = verdict_of(seen(InventorySeen(at=0, name="orders-prod", state=state)))
    assert (verdict.severity, verdict.head) == (severity, f"The cluster is {state}")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("place", [Place("operations"), Place("operation", operation=f"{ARN}/2")])
async def test_any_size(place: Place, size: tuple[int, int]) -> None:
    async with showing(seen(operations()), place, size) as shown:
        assert len(shown.rows) == size[1]
        assert shown.row("UPDATE_BROKER_COUNT")


@pytest.mark.parametrize("size", ["80x24", "120x40", "200x60"])
@pytest.mark.parametrize("name", ["operations", "operation"])
async def test_as_it_was_approved(name: str, size: str) -> None:
    arn = f"{ARN}/2" if name == "operation" else None
    place = Place("operation", operation=arn) if arn else Place("operations")
    async with showing(seen(operations()), place, PICTURES[size], Look()) as shown:
        approve(f"drill-{name}-{size}", told(rows_of(shown.app.screen), styles=size == "120x40"))
