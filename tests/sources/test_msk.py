"""What the MSK API says becomes samples; what it denies or fails at costs only its own part."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from typing import Any, TypeVar

import pytest

from msktop.model.cluster import Cluster
from msktop.model.control_samples import InventorySeen, OperationsSeen, PermissionSeen
from msktop.model.reduce import reduce
from msktop.model.samples import Sample, SourceFailed, SourceWorks
from msktop.sources.clock import Anchor
from msktop.sources.msk import MskSource, Pace
from tests.sources import msk_answers as msk
from tests.sources.fake_aws import FakeAws, denied, error

S = TypeVar("S", bound=Sample)
FAST = Pace(calm_s=0.01, busy_s=0.005, denied_s=0.0)


class Round:
    """A source that is run by hand, round by round."""

    def __init__(self, aws: FakeAws, cluster: str = "orders", pace: Pace = FAST) -> None:
        self.aws = aws
        self._stop = threading.Event()
        self._samples = MskSource(aws, cluster, Anchor.take(), pace).samples(self._stop)
        self.cluster = Cluster()

    def __call__(self) -> list[Sample]:
        """The samples up to the end of one round, folded."""
        said: list[Sample] = []
        for sample in self._samples:
            said.append(sample)
            self.cluster = reduce(self.cluster, sample)
            if isinstance(sample, SourceWorks | SourceFailed):
                break
        return said

    def until(self, condition: Callable[[], object], rounds: int = 20) -> None:
        """Rounds until it is so."""
        for _ in range(rounds):
            self()
            if condition():
                return
        pytest.fail("not in so many rounds")

    def end(self) -> None:
        """Stop it."""
        self._stop.set()
        for _ in self._samples:
            pass


@pytest.fixture
def watch() -> Iterator[Callable[..., Round]]:
    """Makes sources that are run by hand."""
    made: list[Round] = []

    def make(answers: dict[str, Any], cluster: str = "orders", pace: Pace = FAST) -> Round:
        made.append(Round(FakeAws(answers), cluster, pace))
        return made[-1]

    yield make
    for one in made:
        one.end()


def of(kind: type[S], samples: list[Sample]) -> list[S]:
    return [s for s in samples if isinstance(s, kind)]


Watch = Callable[..., Round]

# ------------------------------------------------------------------ when it asks


def test_a_change_that_was_sent_is_looked_for_at_once() -> None:
    aws, sooner, stop = FakeAws(msk.answers()), threading.Event(), threading.Event()
    rounds: queue.SimpleQueue[Sample] = queue.SimpleQueue()
    source = MskSource(aws, "orders", Anchor.take(), Pace(calm_s=3600, busy_s=3600), sooner)

    def run() -> None:
        for sample in source.samples(stop):
            if isinstance(sample, SourceWorks):
                rounds.put(sample)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    rounds.get(timeout=10)
    sooner.set()
    rounds.get(timeout=10)
    assert not sooner.is_set()
    stop.set()
    thread.join(10)
    assert not thread.is_alive()


# ------------------------------------------------------------------ what it says


def test_a_cluster_is_described_with_its_nodes_zones_endpoints_and_configuration(watch: Watch) -> None:
    one = watch(msk.answers())
    first, second = of(InventorySeen, one())
    assert [n.zone for n in first.nodes[:3]] == ["use1-az1", "use1-az2", "use1-az4"]  # by ZoneIds, at once
    assert first.zones[0].name is None
    assert (second.zones[0].name, second.zones[0].subnet_cidr) == ("us-east-1a", "10.0.0.0/24")
    seen = second.description
    assert seen is not None
    assert (seen.configuration_name, seen.configuration_revision) == ("slow", 2)
    assert (seen.broker_count, seen.volume_gib, seen.authentication) == (3, 1000, ("IAM", "SCRAM"))
    assert seen.bootstrap["BootstrapBrokerStringSaslIam"].endswith(":9098")
    broker = second.nodes[1]
    assert (broker.id, broker.eni_id, broker.subnet_id) == (2, "eni-2", "subnet-0b")
    assert broker.endpoints == (msk.HOST.format("b-2"),)


def test_controllers_come_without_broker_info_and_get_the_ids_of_their_names(watch: Watch) -> None:
    one = watch(msk.answers())
    one()
    assert [(n.id, n.name, n.role) for n in one.cluster.nodes.values()] == [
        (10001, "c-1", "controller"),
        (10002, "c-2", "controller"),
        (10003, "c-3", "controller"),
    ]
    assert one.cluster.metadata == "kraft"


def test_zookeeper_servers_are_those_of_the_connect_string(watch: Watch) -> None:
    described = msk.cluster(version="3.6.0")
    hosts = ",".join(f"{msk.HOST.format(f'z-{n}')}:2181" for n in (1, 2, 3))
    described["Provisioned"]["ZookeeperConnectString"] = hosts
    one = watch(
        msk.answers(DescribeClusterV2={"ClusterInfo": described}, ListNodes=msk.nodes(controllers=False))
    )
    one()
    assert one.cluster.metadata == "zookeeper"
    assert [(n.name, n.role) for n in one.cluster.nodes.values()] == [
        (f"zk-{i}", "zookeeper") for i in (1, 2, 3)
    ]


def test_an_arn_is_not_looked_up(watch: Watch) -> None:
    one = watch(msk.answers(), msk.ARN)
    one()
    assert one.cluster.name == "orders"
    assert one.aws.calls["ListClustersV2"] == 0


def test_a_serverless_cluster_has_no_nodes_and_that_is_no_failure(watch: Watch) -> None:
    refused = error("BadRequestException", "not supported for serverless clusters")
    endpoint = "boot-x1.c1.kafka-serverless.us-east-1.amazonaws.com:9098"
    one = watch(
        {
            "ListClustersV2": {"ClusterInfoList": [msk.serverless()]},
            "DescribeClusterV2": {"ClusterInfo": msk.serverless()},
            "ListNodes": refused,
            "ListClusterOperationsV2": refused,
            "GetBootstrapBrokers": {"BootstrapBrokerStringSaslIam": endpoint},
            "DescribeSubnets": msk.subnets(),
        },
        "clicks",
    )
    said = one()
    seen = one.cluster.description
    assert seen is not None
    assert (seen.cluster_type, seen.broker_count, seen.authentication) == ("SERVERLESS", None, ("IAM",))
    assert seen.jmx_exporter is None
    assert len(one.cluster.zones) == 3
    assert not of(SourceFailed, said)
    assert one.cluster.operations is None


def test_an_express_cluster_is_told_from_a_standard_one(watch: Watch) -> None:
    described = msk.cluster(instance="express.m7g.large")
    one = watch(msk.answers(DescribeClusterV2={"ClusterInfo": described}))
    one()
    seen = one.cluster.description
    assert seen is not None
    assert (seen.cluster_type, seen.volume_gib) == ("EXPRESS", None)
    assert one.cluster.brokers[1].inventory is not None
    assert one.cluster.brokers[1].inventory.volume_bytes is None


def test_nodes_of_several_pages_are_all_there(watch: Watch) -> None:
    def page(params: Mapping[str, Any]) -> dict[str, Any]:
        whole = msk.nodes(60)["NodeInfoList"]
        begin = int(params.get("NextToken", 0))
        more = {"NextToken": str(begin + 25)} if begin + 25 < len(whole) else {}
        return {"NodeInfoList": whole[begin : begin + 25], **more}

    one = watch(msk.answers(ListNodes=page))
    one()
    assert list(one.cluster.brokers) == list(range(1, 61))
    assert one.aws.calls["ListNodes"] == 3


def test_brokers_that_were_removed_go_where_no_kafka_tells(watch: Watch) -> None:
    one = watch(msk.answers(ListNodes=msk.nodes(6)))
    one()
    assert len(one.cluster.brokers) == 6
    one.aws.answers["ListNodes"] = msk.nodes(3)
    one()
    assert list(one.cluster.brokers) == [1, 2, 3]


# ------------------------------------------------------------------ operations


def test_a_running_operation_is_described_step_by_step_until_it_ends(watch: Watch) -> None:
    one = watch(msk.answers())

    def running(state: str, *steps: tuple[str, str]) -> None:
        o = msk.operation(1, "UPDATE_BROKER_TYPE", state, steps)
        o["Provisioned"] |= {
            "SourceClusterInfo": {"InstanceType": "kafka.m7g.large"},
            "TargetClusterInfo": {"InstanceType": "kafka.m7g.xlarge"},
        }
        one.aws.answers["ListClusterOperationsV2"] = msk.listed(o)
        one.aws.answers["DescribeClusterOperationV2"] = {"ClusterOperationInfo": o}

    running("UPDATE_IN_PROGRESS", ("INITIALIZE_UPDATE", "IN_PROGRESS"))
    one()
    assert one.cluster.operations is not None
    assert [(s.name, s.status) for s in one.cluster.operations[0].steps] == [
        ("INITIALIZE_UPDATE", "IN_PROGRESS")
    ]
    running("UPDATE_COMPLETE", ("INITIALIZE_UPDATE", "COMPLETED"), ("FINALIZE_UPDATE", "COMPLETED"))
    one()
    (done,) = one.cluster.operations
    assert (done.state, len(done.steps), done.target) == (
        "UPDATE_COMPLETE",
        2,
        {"InstanceType": "kafka.m7g.xlarge"},
    )
    assert done.ended_at is not None
    asked = one.aws.calls["DescribeClusterOperationV2"]
    one()
    assert one.aws.calls["DescribeClusterOperationV2"] == asked, "what has ended is not asked about again"


def test_old_operations_are_described_a_few_a_round(watch: Watch) -> None:
    past = [msk.operation(n, "REBOOT_NODE", "REBOOT_COMPLETE") for n in range(12)]
    by_arn = {o["OperationArn"]: o for o in past}
    one = watch(
        msk.answers(
            ListClusterOperationsV2=msk.listed(*past),
            DescribeClusterOperationV2=lambda p: {"ClusterOperationInfo": by_arn[p["ClusterOperationArn"]]},
        )
    )
    counts = []
    for _ in range(4):
        one()
        counts.append(one.aws.calls["DescribeClusterOperationV2"])
    assert counts == [5, 10, 12, 12]
    assert one.cluster.operations is not None
    assert one.cluster.operations[0].arn.endswith("/11"), "the newest first"


def test_a_failed_operation_says_why(watch: Watch) -> None:
    o = msk.operation(
        1,
        "DECREASE_BROKER_COUNT",
        "UPDATE_FAILED",
        ErrorInfo={"ErrorCode": "X1", "ErrorString": "has partitions"},
    )
    one = watch(
        msk.answers(
            ListClusterOperationsV2=msk.listed(o), DescribeClusterOperationV2={"ClusterOperationInfo": o}
        )
    )
    one()
    assert one.cluster.operations is not None
    assert (one.cluster.operations[0].error_code, one.cluster.operations[0].error_text) == (
        "X1",
        "has partitions",
    )


# ------------------------------------------------------------------ what is denied

ACTIONS = {
    "kafka:DescribeClusterV2": "DescribeClusterV2",
    "kafka:ListNodes": "ListNodes",
    "kafka:GetBootstrapBrokers": "GetBootstrapBrokers",
    "kafka:ListClusterOperationsV2": "ListClusterOperationsV2",
    "kafka:DescribeConfiguration": "DescribeConfiguration",
    "ec2:DescribeSubnets": "DescribeSubnets",
}


@pytest.mark.parametrize(("action", "operation"), ACTIONS.items())
def test_each_denied_action_is_named_and_everything_else_goes_on(
    watch: Watch, action: str, operation: str
) -> None:
    one = watch(msk.answers(**{operation: denied(action)}))
    said = one()
    assert not of(SourceFailed, said)
    told = one.cluster.permissions
    assert {a for a, p in told.items() if not p.allowed} == {action}
    assert action in told[action].reason
    assert told[action].advice
    assert one.cluster.state == "ACTIVE", "the list tells it too"
    assert bool(one.cluster.brokers) == (operation != "ListNodes")
    assert (one.cluster.operations is None) == (operation == "ListClusterOperationsV2")
    seen = one.cluster.description
    assert seen is not None
    assert bool(seen.bootstrap) == (operation != "GetBootstrapBrokers")


def test_nodes_stay_when_listing_them_is_denied_later_and_permission_that_comes_back_is_seen(
    watch: Watch,
) -> None:
    one = watch(msk.answers())
    one()
    one.aws.answers["ListNodes"] = denied("kafka:ListNodes")
    said = one()
    assert [p.allowed for p in of(PermissionSeen, said)] == [False]
    assert len(one.cluster.brokers) == 3
    assert len(one.cluster.nodes) == 3
    assert not of(PermissionSeen, one()), "said once"
    one.aws.answers["ListNodes"] = msk.nodes()
    assert [p.allowed for p in of(PermissionSeen, one())] == [True]


def test_a_denied_action_is_not_asked_at_every_round(watch: Watch) -> None:
    slow = Pace(calm_s=0.01, busy_s=0.005, denied_s=60.0)
    one = watch(msk.answers(ListNodes=denied("kafka:ListNodes")), pace=slow)
    for _ in range(3):
        one()
    assert one.aws.calls["ListNodes"] == 1


def test_all_denied_but_the_operations_still_shows_these(watch: Watch) -> None:
    no = {o: denied(a) for a, o in ACTIONS.items() if o != "ListClusterOperationsV2"}
    no["ListClustersV2"] = denied("kafka:ListClustersV2")
    done = msk.operation(1, "REBOOT_NODE", "REBOOT_COMPLETE")
    one = watch(
        msk.answers(
            **no,
            ListClusterOperationsV2=msk.listed(done),
            DescribeClusterOperationV2={"ClusterOperationInfo": done},
        ),
        msk.ARN,
    )
    one()
    assert (one.cluster.name, one.cluster.state) == ("orders", None)
    assert one.cluster.operations is not None
    assert one.cluster.operations[0].type == "REBOOT_NODE"


def test_a_name_that_cannot_be_looked_up_says_to_give_the_arn(watch: Watch) -> None:
    one = watch(msk.answers(ListClustersV2=denied("kafka:ListClustersV2")))
    (failed,) = of(SourceFailed, one())
    assert "ARN" in failed.advice
    assert one.cluster.permissions["kafka:ListClustersV2"].allowed is False


# ------------------------------------------------------------------ what fails


def test_throttling_backs_off_and_what_is_known_stays(watch: Watch) -> None:
    one = watch(msk.answers())
    one()
    one.aws.answers["DescribeClusterV2"] = error("TooManyRequestsException", "slow down", 429)
    failed = [f for _ in range(3) for f in of(SourceFailed, one())]
    waits = [b.at - a.at for a, b in pairwise(failed)]
    least = [FAST.calm_s * times for times in (2, 4)]
    # Half of it, as a failure may be told later than the wait for the next one began.
    assert all(wait >= so_long / 2 for wait, so_long in zip(waits, least, strict=True)), "later and later"
    assert "throttles kafka:DescribeClusterV2" in failed[0].reason
    assert len(one.cluster.brokers) == 3
    assert one.cluster.sources["msk"].failed_at is not None
    one.aws.answers["DescribeClusterV2"] = {"ClusterInfo": msk.cluster()}
    one()
    assert one.cluster.sources["msk"].failed_at is None


def test_expired_credentials_are_read_anew_before_anything_is_said(watch: Watch) -> None:
    one = watch(msk.answers())
    one()
    expired = error("ExpiredTokenException", "The security token included in the request is expired", 403)
    renewed = {"ClusterInfo": msk.cluster()}

    def once(_: object) -> dict[str, Any]:
        one.aws.answers["DescribeClusterV2"] = renewed
        raise expired

    one.aws.answers["DescribeClusterV2"] = once
    assert not of(SourceFailed, one())
    assert one.aws.forgotten == 1
    one.aws.answers["DescribeClusterV2"] = expired
    (failed,) = of(SourceFailed, one())
    assert failed.reason == "the AWS credentials have expired"
    assert failed.advice.startswith("Renew them")


def test_a_cluster_that_is_deleted_while_watched_is_said_to_be(watch: Watch) -> None:
    one = watch(msk.answers())
    one()
    one.aws.answers["DescribeClusterV2"] = {"ClusterInfo": msk.cluster("DELETING")}
    one()
    assert one.cluster.state == "DELETING"
    one.aws.answers["DescribeClusterV2"] = error("NotFoundException", "The cluster ARN does not exist.", 404)
    (failed,) = of(SourceFailed, one())
    assert one.cluster.state == "DELETED"
    assert failed.reason == "orders was deleted: AWS no longer knows it"
    assert not of(InventorySeen, one()), "said once"


def test_a_name_that_nobody_has_names_those_that_there_are(watch: Watch) -> None:
    def clusters(params: Mapping[str, Any]) -> dict[str, Any]:
        found = [] if params.get("ClusterNameFilter") else [msk.cluster(), msk.serverless()]
        return {"ClusterInfoList": found}

    one = watch(msk.answers(ListClustersV2=clusters), "orderz")
    (failed,) = of(SourceFailed, one())
    assert failed.reason == "no MSK cluster is named orderz in us-east-1"
    assert "There are clicks, orders." in failed.advice


def test_the_pace_is_fast_only_while_something_goes_on(watch: Watch) -> None:
    one = watch(msk.answers(), pace=Pace(calm_s=0.4, busy_s=0.02, denied_s=0.0))
    one()
    one.aws.answers["DescribeClusterV2"] = {"ClusterInfo": msk.cluster("HEALING")}
    ends = [of(SourceWorks, one())[0].at for _ in range(4)]
    assert ends[2] - ends[1] < 0.2
    one.aws.answers["DescribeClusterV2"] = {"ClusterInfo": msk.cluster()}
    ends = [of(SourceWorks, one())[0].at for _ in range(2)]
    assert ends[1] - ends[0] > 0.35


def test_operations_are_told_each_round_with_their_time(watch: Watch) -> None:
    one = watch(msk.answers())
    (first,), (second,) = of(OperationsSeen, one()), of(OperationsSeen, one())
    assert second.at > first.at
