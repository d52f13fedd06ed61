"""The cluster as AWS describes it, and what is missing where AWS denies it."""

from __future__ import annotations

import pytest

from msktop.model.control_samples import NodeSeen, ZoneSeen
from msktop.session import View
from msktop.ui.picture import rows_of
from msktop.ui.places import Place
from msktop.ui.theme import Look
from msktop.ui.widgets.canvas import Canvas
from msktop.ui.widgets.node_table import Node, draw_placement
from tests.sources import msk_answers as msk
from tests.sources.fake_aws import denied
from tests.ui.aws_scenes import control_only, later, view_of
from tests.ui.aws_scenes import told as told_by
from tests.ui.drill import SIZES, showing
from tests.ui.pictures import SIZES as PICTURES
from tests.ui.pictures import approve, told
from tests.ui.scenes_detail import scene

HERE = Place("cluster")


async def test_it_has_the_facts_of_the_control_plane_and_every_node_with_its_place() -> None:
    async with showing(control_only(), HERE, (200, 60)) as shown:
        assert shown.row("Cluster", msk.ARN)
        assert shown.row("state", "ACTIVE")
        assert shown.row("maintenance", "none runs")
        assert shown.row("brokers", "3 × kafka.m7g.large", "3 zones")
        assert shown.row("storage", "1,000 GiB a broker", "LOCAL")
        assert shown.row("configuration", "slow revision 2")
        assert shown.row("monitoring", "PER_BROKER", "JMX and node exporter")
        assert shown.row("logins", "IAM, SCRAM", "clients speak TLS")
        assert shown.row("endpoints", "SaslIam 9098", "SaslScram 9096")
        assert shown.row("created", "12:00:00Z", "K3AEGXETSR30VB")
        broker = shown.row("b-2", "use1-az2", "us-east-1b", "subnet-0b", "10.0.1.12", "eni-2", "m7g.large")
        assert "1,000 GiB" in broker
        assert msk.HOST.format("b-2") in broker
        assert "3.8.x.kraft" in broker
        assert shown.row("c-1")


async def test_where_the_table_has_no_room_a_line_places_the_node_under_the_cursor() -> None:
    async with showing(control_only(), HERE, (80, 24)) as shown:
        assert shown.row(" b-1  us-east-1a · subnet-0a · eni-1 · 1,000 GiB · configuration revision 2")
        await shown.press("down")
        assert shown.row(" b-2  us-east-1b · subnet-0b · eni-2 · 1,000 GiB")
        await shown.press("down", "down")
        assert "GiB ·" not in "\n".join(shown.rows[14:])  # MSK tells no place of a controller
    async with showing(control_only(), HERE, (200, 60)) as shown:
        assert "us-east-1a · subnet-0a" not in shown.text


def test_real_ids_fit_whole_in_eighty_cells() -> None:
    subnet, eni = "subnet-0a1b2c3d4e5f67890", "eni-0a1b2c3d4e5f67890"
    seen = NodeSeen(id=2, role="broker", subnet_id=subnet, eni_id=eni, volume_bytes=1000 << 30)
    node = Node(2, "b-2", "ok", "use1-az2", seen, ZoneSeen(id="use1-az2", name="us-east-1b"))
    canvas = Canvas(80, 1, Look())
    draw_placement(canvas, node)
    assert canvas.strips()[0].text.strip() == f"b-2  us-east-1b · {subnet} · {eni} · 1,000 GiB"


async def test_a_broker_says_where_aws_has_put_it() -> None:
    async with showing(control_only(), Place("broker", broker=2)) as shown:
        place = shown.row("us-east-1b", "subnet-0b", "eni-2", "10.0.1.12", "1,000 GiB")
        assert "runs 3.8.x.kraft · configuration revision 2" in place
        assert shown.row("b-2", msk.HOST.format("b-2"), "use1-az2")


async def test_a_broker_of_which_aws_may_not_tell_says_which_permission_is_missing() -> None:
    view = view_of(told_by(msk.answers(ListNodes=denied("kafka:ListNodes"))), scene("healthy"))
    async with showing(view, Place("broker", broker=2)) as shown:
        assert shown.row("denied: kafka:ListNodes")
        assert shown.row("b-2", "answers")


async def test_c_goes_there_from_anywhere_and_enter_opens_the_broker() -> None:
    async with showing(control_only(), Place("operations")) as shown:
        await shown.press("c")
        assert shown.place == HERE
        await shown.press("down", "enter")
        assert shown.place == Place("broker", broker=2)


async def test_a_patch_that_runs_is_said_with_its_steps() -> None:
    patch = msk.operation(
        1,
        "SECURITY_PATCHING",
        "UPDATE_IN_PROGRESS",
        (("INITIALIZE_UPDATE", "COMPLETED"), ("UPDATE", "IN_PROGRESS")),
    )
    answers = msk.answers(
        DescribeClusterV2={"ClusterInfo": msk.cluster("MAINTENANCE")},
        ListClusterOperationsV2=msk.listed(patch),
        DescribeClusterOperationV2={"ClusterOperationInfo": patch},
    )
    async with showing(control_only(answers), HERE) as shown:
        assert shown.row("state", "MAINTENANCE")
        assert shown.row("maintenance", "SECURITY_PATCHING runs", "1 of 2 steps")


async def test_an_action_that_msk_asks_for_is_loud() -> None:
    described = msk.cluster()
    described["Provisioned"]["CustomerActionStatus"] = "CRITICAL_ACTION_REQUIRED"
    async with showing(
        control_only(msk.answers(DescribeClusterV2={"ClusterInfo": described})), HERE
    ) as shown:
        assert shown.row("maintenance", "✕", "CRITICAL_ACTION_REQUIRED")


async def test_why_a_cluster_failed_is_said() -> None:
    info = msk.cluster("FAILED", StateInfo={"Code": "InvalidKms", "Message": "the key cannot be used"})
    async with showing(control_only(msk.answers(DescribeClusterV2={"ClusterInfo": info})), HERE) as shown:
        assert shown.row("state", "✕", "FAILED", "InvalidKms", "the key cannot be used")


async def test_provisioned_throughput_and_brokers_that_still_run_an_older_revision_are_said() -> None:
    described = msk.cluster()
    storage = described["Provisioned"]["BrokerNodeGroupInfo"]["StorageInfo"]["EbsStorageInfo"]
    storage["ProvisionedThroughput"] = {"Enabled": True, "VolumeThroughput": 400}
    described["Provisioned"]["CurrentBrokerSoftwareInfo"]["ConfigurationRevision"] = 3
    async with showing(
        control_only(msk.answers(DescribeClusterV2={"ClusterInfo": described})), HERE
    ) as shown:
        assert shown.row("storage", "400 MiB/s")
        assert shown.row("configuration", "slow revision 3", "some brokers still have 2")


async def test_where_no_control_plane_is_asked_it_says_how_to() -> None:
    async with showing(scene("no_exporter"), HERE) as shown:
        assert "b-1" in shown.text
    async with showing(View(), HERE) as shown:
        assert "open the cluster by its name or ARN" in shown.text


async def test_what_is_old_says_so() -> None:
    async with showing(later(control_only(), 200), HERE) as shown:
        assert shown.row("Cluster", "3 min old")


ACTIONS = {
    "kafka:DescribeClusterV2": "the cluster itself",
    "kafka:ListNodes": "subnet, network interface",
    "kafka:GetBootstrapBrokers": "endpoints",
    "kafka:ListClusterOperationsV2": "operations, past and running",
    "kafka:DescribeConfiguration": "configuration's name",
    "ec2:DescribeSubnets": "Availability Zone",
}


@pytest.mark.parametrize("action", ACTIONS)
async def test_a_denied_action_is_named_with_what_is_missing_and_the_rest_is_there(action: str) -> None:
    view = control_only(msk.answers(**{action.partition(":")[2]: denied(action)}))
    async with showing(view, HERE) as shown:
        assert shown.row(action, ACTIONS[action]).lstrip().startswith("○")
        assert shown.text.count("Not allowed") == 1
        assert shown.row("state", "ACTIVE")
        if action != "kafka:ListNodes":
            assert shown.row("b-2", "use1-az2", "10.0.1.12")
        if action != "kafka:DescribeClusterV2":
            assert shown.row("storage", "1,000 GiB")
            assert shown.row("slow" if action != "kafka:DescribeConfiguration" else "c0ffee-1", "revision 2")


async def test_a_serverless_cluster_says_why_it_has_no_nodes() -> None:
    answers = {
        "DescribeClusterV2": {"ClusterInfo": msk.serverless()},
        "ListNodes": {"NodeInfoList": []},
        "DescribeSubnets": msk.subnets(),
    }
    async with showing(control_only(answers, "clicks"), HERE) as shown:
        assert shown.row("type", "serverless")
        assert "A serverless cluster has no nodes" in shown.text
        assert shown.row("security group", "sg-0a")


async def test_an_express_cluster_has_elastic_storage() -> None:
    described = msk.cluster(instance="express.m7g.large", version="3.8.x")
    async with showing(
        control_only(msk.answers(DescribeClusterV2={"ClusterInfo": described})), HERE
    ) as shown:
        assert shown.row("type", "Express")
        assert shown.row("storage", "elastic")


@pytest.mark.parametrize("size", SIZES)
async def test_any_size(size: tuple[int, int]) -> None:
    async with showing(control_only(), HERE, size) as shown:
        assert len(shown.rows) == size[1]
        assert shown.row("state", "ACTIVE")
        assert shown.row("b-1")


@pytest.mark.parametrize("size", ["80x24", "120x40", "200x60"])
async def test_as_it_was_approved(size: str) -> None:
    view = control_only(msk.answers(DescribeConfiguration=denied("kafka:DescribeConfiguration")))
    async with showing(view, HERE, PICTURES[size], Look()) as shown:
        approve(f"drill-cluster-{size}", told(rows_of(shown.app.screen), styles=size == "120x40"))
