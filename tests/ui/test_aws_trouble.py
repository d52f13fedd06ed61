"""Everything that can be missing of AWS: each costs its own part, is named, and the rest goes on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from msktop.model.control_samples import InventorySeen
from msktop.model.samples import Sample, SourceFailed
from msktop.session import View
from msktop.ui.picture import rows_of
from msktop.ui.places import Place
from msktop.ui.theme import Look
from msktop.ui.verdict import verdict_of
from tests.sources import msk_answers as msk
from tests.sources.fake_aws import denied, error
from tests.ui.aws_scenes import AT, UNREACHABLE, began, control_only, later, metered, view_of
from tests.ui.aws_scenes import told as told_by
from tests.ui.drill import showing
from tests.ui.pictures import SIZES, approve, told
from tests.ui.scenes_detail import scene
from tests.ui.world import World

PLACES = tuple(Place(p) for p in ("overview", "brokers", "operations", "cluster", "cloudwatch", "quorum"))


def kafka_and(answers: dict[str, Any], mode: str = "kraft") -> View:
    """A healthy cluster whose control plane answers so."""
    if mode == "zookeeper":
        in_zookeeper = {"ClusterInfo": msk.cluster(version="3.6.0")}
        answers = {**answers, "DescribeClusterV2": in_zookeeper, "ListNodes": msk.nodes(controllers=False)}
    world = World("orders", 3, metadata=mode, inventory=False, exporter=True).run(60)
    return view_of(told_by(answers, msk.ARN), world.view, world.at)


def gone(view: View, answer: Exception) -> View:
    """The control plane answers this from now on."""
    failed = [s for s in told_by(msk.answers(DescribeClusterV2=answer), msk.ARN) if is_word(s)]
    return later(view, 2.0, failed)


def is_word(sample: Sample) -> bool:
    return isinstance(sample, SourceFailed)


# ------------------------------------------------------------------ the control plane fails

FAILURES = {
    "throttled": (error("TooManyRequestsException", "slow down", 429), "throttles kafka:DescribeClusterV2"),
    "expired": (
        error("ExpiredTokenException", "The security token included in the request is expired", 403),
        "the AWS credentials have expired",
    ),
    "unavailable": (error("ServiceUnavailableException", "try later", 503), "kafka:DescribeClusterV2"),
}


@pytest.mark.parametrize("how", FAILURES)
@pytest.mark.parametrize("mode", ["kraft", "zookeeper"])
async def test_while_the_control_plane_fails_kafka_is_watched_on_and_what_aws_said_stays(
    how: str, mode: str
) -> None:
    answer, words = FAILURES[how]
    view = gone(kafka_and(msk.answers(), mode), answer)
    assert view.cluster.sources["msk"].failed_at is not None
    assert words in view.cluster.sources["msk"].reason
    expected = "AWS CREDENTIALS EXPIRED 00:00.0" if how == "expired" else "Healthy"
    assert verdict_of(view).head == expected
    async with showing(view, Place("cluster")) as shown:
        assert shown.row("storage", "1,000 GiB")
        assert shown.row("b-2", "use1-az2")
        assert words in shown.text


async def test_a_cluster_that_is_deleted_while_watched_is_said_to_be_and_nothing_is_blamed() -> None:
    view = kafka_and(msk.answers())
    deleting = msk.answers(DescribeClusterV2={"ClusterInfo": msk.cluster("DELETING")})
    view = later(view, 30.0, told_by(deleting, msk.ARN))
    assert verdict_of(view).head == "The cluster is DELETING"
    last = next(s for s in told_by(deleting, msk.ARN) if isinstance(s, InventorySeen))
    missing = SourceFailed(
        at=AT,
        source="msk",
        stage="not_found",
        reason="orders was deleted: AWS no longer knows it",
        advice="There is nothing to do.",
    )
    view = later(view, 30.0, [replace(last, state="DELETED"), missing, UNREACHABLE])
    verdict = verdict_of(view)
    assert (verdict.severity, verdict.head) == ("warn", "The cluster is DELETED")
    async with showing(view, Place("cluster")) as shown:
        assert shown.row("state", "▲", "DELETED")


# ------------------------------------------------------------------ one permission at a time

ACTIONS = (
    "kafka:DescribeClusterV2",
    "kafka:ListNodes",
    "kafka:GetBootstrapBrokers",
    "kafka:ListClusterOperationsV2",
    "kafka:DescribeClusterOperationV2",
    "kafka:DescribeConfiguration",
    "ec2:DescribeSubnets",
)


@pytest.mark.parametrize("action", ACTIONS)
async def test_each_single_denial_leaves_kafkas_side_whole(action: str) -> None:
    running = msk.operation(1, "REBOOT_NODE", "REBOOT_IN_PROGRESS", (("REBOOT", "IN_PROGRESS"),))
    answers = msk.answers(
        ListClusterOperationsV2=msk.listed(running),
        DescribeClusterOperationV2={"ClusterOperationInfo": running},
    )
    answers[action.partition(":")[2]] = denied(action)
    view = kafka_and(answers)
    assert view.cluster.state == "ACTIVE"
    assert len(view.cluster.brokers) == 3
    assert verdict_of(view).severity != "crit"
    async with showing(view, Place("cluster")) as shown:
        assert shown.row("○", action)
    async with showing(view, Place("operations")) as shown:
        if action == "kafka:ListClusterOperationsV2":
            assert f"denied: {action}" in shown.text
        else:
            assert shown.row("REBOOT_NODE")


# ------------------------------------------------------------------ only one of the three is there


async def test_only_kafka() -> None:
    view = scene("healthy")
    assert verdict_of(view).head == "Healthy"
    assert view.cluster.description is None
    async with showing(view, Place("operations")) as shown:
        assert "no control plane is asked" in shown.text
    async with showing(view, Place("cloudwatch")) as shown:
        assert "not asked" in shown.text


async def test_only_cloudwatch() -> None:
    """Nothing of MSK's API is allowed, and no broker can be reached: the name and CloudWatch are left."""
    no = {o: denied(f"kafka:{o}") for o in ("DescribeClusterV2", "ListClustersV2", "ListNodes")}
    no |= {o: denied(f"kafka:{o}") for o in ("GetBootstrapBrokers", "ListClusterOperationsV2")}
    view = view_of([*told_by(msk.answers(**no), msk.ARN), UNREACHABLE, metered()], control_only_name())
    verdict = verdict_of(view)
    assert verdict.head == "Kafka is out of reach: CloudWatch only"
    assert list(view.cluster.brokers) == [1, 2, 3]
    async with showing(view, Place("overview")) as shown:
        assert shown.row("in     5.57 MB/s")
    async with showing(view, Place("cluster")) as shown:
        assert shown.row("○", "kafka:ListNodes")


def control_only_name() -> View:
    return view_of([began()])


# ------------------------------------------------------------------ kinds and sizes


@pytest.mark.parametrize("place", PLACES, ids=lambda p: p.view)
@pytest.mark.parametrize("kind", ["serverless", "express"])
async def test_a_serverless_and_an_express_cluster_have_every_screen(kind: str, place: Place) -> None:
    if kind == "serverless":
        refused = error("BadRequestException", "not supported for serverless clusters")
        answers: dict[str, Any] = {
            "DescribeClusterV2": {"ClusterInfo": msk.serverless()},
            "ListNodes": refused,
            "ListClusterOperationsV2": refused,
            "DescribeSubnets": msk.subnets(),
        }
        view = control_only(answers, "clicks")
    else:
        described = msk.cluster(instance="express.m7g.large", version="3.8.x")
        view = control_only(msk.answers(DescribeClusterV2={"ClusterInfo": described}))
    async with showing(view, place) as shown:
        assert shown.row("clicks" if kind == "serverless" else "orders", "ACTIVE")
        assert len(shown.rows) == 40


async def test_an_express_cluster_is_judged_by_the_metrics_that_it_has() -> None:
    described = msk.cluster(instance="express.m7g.large", version="3.8.x")
    view = control_only(msk.answers(DescribeClusterV2={"ClusterInfo": described}))
    seen = metered()
    lacks = ("OfflinePartitionsCount", "UnderReplicatedPartitions", "KafkaDataLogsDiskUsed")
    series = tuple(s for s in seen.series if s.metric not in lacks)
    view = view_of([UNREACHABLE, replace(seen, series=series)], view)
    verdict = verdict_of(view)
    assert verdict.head == "Kafka is out of reach: CloudWatch only"
    assert not any("offline" in fact for fact in verdict.facts), "not known is not 0"
    async with showing(view, Place("overview")) as shown:
        assert "offline 0" not in shown.text


@pytest.mark.parametrize("place", PLACES, ids=lambda p: p.view)
async def test_a_cluster_that_grows_from_3_to_60_brokers_while_watched(place: Place) -> None:
    view = control_only()
    described = msk.cluster("UPDATING")
    described["Provisioned"]["NumberOfBrokerNodes"] = 15  # the model's own most
    answers = msk.answers(DescribeClusterV2={"ClusterInfo": described}, ListNodes=msk.nodes(60))
    async with showing(view, place) as shown:
        grown = later(view, 30.0, told_by(answers, msk.ARN))
        assert len(grown.cluster.brokers) == 60
        await shown.see(grown)
        assert shown.row("UPDATING")
        if place.view == "cluster":
            await shown.press("end")
            assert shown.row("63 of 66" if "63 of 66" in shown.text else "c-3")
        await shown.see(later(grown, 30.0, told_by(msk.answers(), msk.ARN)))
        assert "b-60" not in shown.text


# ------------------------------------------------------------------ pictures


@pytest.mark.parametrize("size", ["80x24", "120x40"])
@pytest.mark.parametrize("mode", ["kraft", "zookeeper"])
async def test_the_overview_while_credentials_have_expired(mode: str, size: str) -> None:
    view = gone(kafka_and(msk.answers(), mode), FAILURES["expired"][0])
    async with showing(view, Place("overview"), SIZES[size], Look()) as shown:
        approve(f"aws-expired-{mode}-{size}", told(rows_of(shown.app.screen), styles=False))


@pytest.mark.parametrize("size", ["80x24", "120x40"])
async def test_everything_denied_but_the_list(size: str) -> None:
    view = kafka_and(msk.answers(**{a.partition(":")[2]: denied(a) for a in ACTIONS}))
    async with showing(view, Place("cluster"), SIZES[size], Look()) as shown:
        approve(f"aws-denied-{size}", told(rows_of(shown.app.screen), styles=False))
