"""Unmodified boto3 and the AWS CLI drive the life of clusters on the local MSK, with real brokers."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from msgspec.structs import replace

from msktop.aws.access import Access
from msktop.aws.session import AwsSession
from msktop.local import control, paths, processes, state
from msktop.local.plane import commands, environment
from msktop.local.plane.commands import Command
from msktop.local.settings import Settings
from msktop.model.samples import SessionStarted
from msktop.session import Session
from msktop.sources.clock import Anchor
from msktop.sources.msk import MskSource, Pace
from msktop.sources.pump import ThreadPump
from tests.e2e.conftest import LocalCluster, in_environment, local_cluster
from tests.support import wait_for

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("zookeeper")]

MAIN = Settings(name="account", brokers=1, zones=1, traffic="none", fast_heal=True)
PLAINTEXT = {"EncryptionInTransit": {"ClientBroker": "PLAINTEXT"}}
DEADLINE_S = 180.0

Answer = dict[str, Any]


@dataclass(frozen=True)
class Account:
    """The local MSK as somebody with its credentials sees it."""

    local: LocalCluster
    kafka: Any
    ec2: Any
    cloudwatch: Any
    variables: dict[str, str]

    @property
    def subnets(self) -> list[str]:
        return [subnet["SubnetId"] for subnet in self.ec2.describe_subnets()["Subnets"]]

    def create(self, name: str, brokers: int, version: str, subnets: list[str]) -> str:
        group = {
            "ClientSubnets": subnets,
            "InstanceType": "kafka.m5.large",
            "StorageInfo": {"EbsStorageInfo": {"VolumeSize": 2}},
        }
        created = self.kafka.create_cluster_v2(
            ClusterName=name,
            Tags={"team": "shop"},
            Provisioned={
                "BrokerNodeGroupInfo": group,
                "EncryptionInfo": PLAINTEXT,
                "KafkaVersion": version,
                "NumberOfBrokerNodes": brokers,
            },
        )
        assert created["State"] == "CREATING"
        return str(created["ClusterArn"])

    def cluster(self, arn: str) -> Answer:
        found: Answer = self.kafka.describe_cluster_v2(ClusterArn=arn)["ClusterInfo"]
        return found

    def version(self, arn: str) -> str:
        return str(self.cluster(arn)["CurrentVersion"])

    def brokers(self, arn: str) -> dict[int, Answer]:
        nodes = self.kafka.list_nodes(ClusterArn=arn)["NodeInfoList"]
        return {int(n["BrokerNodeInfo"]["BrokerId"]): n for n in nodes if "BrokerNodeInfo" in n}

    def topics(self, arn: str) -> dict[str, int]:
        """How many replicas of each topic are out of sync."""
        found = self.kafka.list_topics(ClusterArn=arn)["Topics"]
        return {topic["TopicName"]: topic["OutOfSyncReplicaCount"] for topic in found}

    def operation(self, arn: str) -> Answer:
        found: Answer = self.kafka.describe_cluster_operation_v2(ClusterOperationArn=arn)
        return dict(found["ClusterOperationInfo"])

    def wait_state(self, arn: str, wanted: str) -> list[str]:
        """Wait for a state; returns those that were seen on the way, in order."""
        seen: list[str] = []

        def reached() -> bool:
            now = self.cluster(arn)["State"]
            if now not in seen:
                seen.append(now)
            return bool(now == wanted)

        wait_for(reached, DEADLINE_S, f"{wanted}, seen: {seen}")
        return seen

    def finish(self, begun: Answer) -> Answer:
        """Wait for an operation's end; returns it."""
        arn = begun["ClusterOperationArn"]
        wait_for(lambda: "EndTime" in self.operation(arn), DEADLINE_S, "the operation has ended")
        return self.operation(arn)

    def supervised(self, arn: str) -> state.State:
        """What the cluster's supervisor says."""
        name = self.cluster(arn)["ClusterName"]
        with in_environment(self.local.xdg):
            return control.require(name)

    def aws(self, *words: str) -> Answer:
        """`aws kafka …`, as a person types it who has evaluated `msktop local env`."""
        environ = {**self.local.env, **self.variables, "AWS_PAGER": "", "AWS_DEFAULT_OUTPUT": "json"}
        ended = subprocess.run(
            [sys.executable, "-m", "awscli", "kafka", *words],
            env=environ,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr
        found: Answer = json.loads(ended.stdout)
        return found

    def local_command(self, *words: str) -> str:
        """`msktop local …`, as a person types it."""
        command = [sys.executable, "-m", "msktop", "local", *words, "--name", MAIN.name]
        ended = subprocess.run(
            command, env=self.local.env, capture_output=True, text=True, timeout=60, check=True
        )
        return ended.stdout.strip()


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """A local MSK whose own cluster has one broker."""
    with local_cluster(tmp_path_factory.mktemp("account"), MAIN) as cluster:
        with in_environment(cluster.xdg):
            variables = environment.variables(cluster.state)
        session = boto3.Session(
            variables["AWS_ACCESS_KEY_ID"], variables["AWS_SECRET_ACCESS_KEY"], region_name="us-east-1"
        )
        once = Config(retries={"mode": "standard", "total_max_attempts": 1})
        kafka, ec2, cloudwatch = (
            session.client(name, endpoint_url=variables["AWS_ENDPOINT_URL"], config=once)
            for name in ("kafka", "ec2", "cloudwatch")
        )
        yield Account(cluster, kafka, ec2, cloudwatch, variables)


@pytest.fixture(scope="module")
def ledger(account: Account) -> str:
    """A cluster in ZooKeeper mode, two brokers; created by the AWS CLI while the other one is."""
    provisioned = {
        "BrokerNodeGroupInfo": {
            "ClientSubnets": account.subnets[:2],
            "InstanceType": "kafka.m5.large",
            "StorageInfo": {"EbsStorageInfo": {"VolumeSize": 2}},
        },
        "EncryptionInfo": PLAINTEXT,
        "KafkaVersion": "3.9.2",
        "NumberOfBrokerNodes": 2,
    }
    created = account.aws(
        "create-cluster-v2", "--cluster-name", "ledger", "--provisioned", json.dumps(provisioned)
    )
    assert created["State"] == "CREATING"
    return str(created["ClusterArn"])


@pytest.fixture(scope="module")
def orders(account: Account, ledger: str) -> str:
    """A KRaft cluster of three brokers in zones 2 to 4."""
    arn = account.create("orders", 3, "4.0.1", account.subnets[1:4])
    assert account.wait_state(arn, "ACTIVE") == ["CREATING", "ACTIVE"]
    return arn


@pytest.fixture(scope="module")
def own(account: Account) -> str:
    """The cluster that the local MSK was started with."""
    found = account.kafka.list_clusters_v2(ClusterNameFilter=MAIN.name)["ClusterInfoList"]
    return str(found[0]["ClusterArn"])


def test_a_new_cluster_is_described_as_msk_does_it(account: Account, orders: str) -> None:
    cluster = account.cluster(orders)
    group = cluster["Provisioned"]["BrokerNodeGroupInfo"]
    assert (cluster["ClusterType"], cluster["Tags"]) == ("PROVISIONED", {"team": "shop"})
    assert group["ZoneIds"] == ["use1-az2", "use1-az3", "use1-az4"]
    assert group["StorageInfo"]["EbsStorageInfo"]["VolumeSize"] == 2

    nodes = account.kafka.list_nodes(ClusterArn=orders)["NodeInfoList"]
    assert [n.get("NodeType") for n in nodes] == ["BROKER"] * 3 + [None] * 3
    assert all(set(n) == {"ControllerNodeInfo"} for n in nodes[3:])
    broker = nodes[0]["BrokerNodeInfo"]
    assert broker["ClientSubnet"] == account.subnets[1]
    assert broker["CurrentBrokerSoftwareInfo"]["KafkaVersion"] == "4.0.1"

    supervised = account.supervised(orders)
    assert {node.zone for node in supervised.brokers} == set(group["ZoneIds"])
    bootstrap = account.kafka.get_bootstrap_brokers(ClusterArn=orders)
    assert bootstrap["BootstrapBrokerString"] == supervised.bootstrap_servers
    assert "BootstrapBrokerStringTls" not in bootstrap


def test_brokers_are_added_and_removed_but_not_while_they_have_partitions(
    account: Account, orders: str
) -> None:
    def update(count: int) -> Answer:
        answer: Answer = account.kafka.update_broker_count(
            ClusterArn=orders, CurrentVersion=account.version(orders), TargetNumberOfBrokerNodes=count
        )
        return answer

    def update_by_cli(count: int) -> Answer:
        words = ("--cluster-arn", orders, "--current-version", account.version(orders))
        return account.aws("update-broker-count", *words, "--target-number-of-broker-nodes", str(count))

    grown = account.finish(update_by_cli(6))
    assert (grown["OperationType"], grown["OperationState"]) == ("INCREASE_BROKER_COUNT", "UPDATE_COMPLETE")
    assert grown["Provisioned"]["TargetClusterInfo"]["BrokerCountUpdateInfo"]["CreatedBrokerIds"] == [4, 5, 6]
    assert list(account.brokers(orders)) == [1, 2, 3, 4, 5, 6]
    assert account.cluster(orders)["Provisioned"]["NumberOfBrokerNodes"] == 6

    topic = {"ClusterArn": orders, "TopicName": "everywhere"}
    account.kafka.create_topic(**topic, PartitionCount=6, ReplicationFactor=3)
    wait_for(lambda: account.topics(orders) == {"everywhere": 0}, 30, "the topic is everywhere, in sync")
    described = account.kafka.describe_topic(**topic)
    assert (described["PartitionCount"], described["ReplicationFactor"]) == (6, 3)
    with pytest.raises(account.kafka.exceptions.BadRequestException, match="4, 5, 6 still have"):
        update(3)
    account.kafka.delete_topic(**topic)
    wait_for(lambda: not account.topics(orders), 30, "the topic is gone")

    shrunk = account.finish(update_by_cli(3))
    assert (shrunk["OperationType"], shrunk["OperationState"]) == ("DECREASE_BROKER_COUNT", "UPDATE_COMPLETE")
    assert list(account.brokers(orders)) == [1, 2, 3]


def test_a_killed_control_plane_goes_on_with_an_update_and_forgets_nothing(
    account: Account, orders: str
) -> None:
    kafka = account.kafka
    configuration = kafka.create_configuration(
        Name="wide", KafkaVersions=["4.1.1"], ServerProperties=b"num.partitions=4\n"
    )
    before = {node.id: node.restarts for node in account.supervised(orders).brokers}
    version = account.version(orders)
    begun = kafka.update_cluster_kafka_version(
        ClusterArn=orders,
        CurrentVersion=version,
        TargetKafkaVersion="4.1.1",
        ConfigurationInfo={"Arn": configuration["Arn"], "Revision": 1},
    )
    assert account.cluster(orders)["State"] == "UPDATING"
    assert account.cluster(orders)["ActiveOperationArn"] == begun["ClusterOperationArn"]
    with pytest.raises(kafka.exceptions.BadRequestException, match="UPDATING state"):
        kafka.reboot_broker(ClusterArn=orders, BrokerIds=["1"])

    def steps() -> dict[str, str]:
        shown = account.operation(begun["ClusterOperationArn"])["Provisioned"]["OperationSteps"]
        return {step["StepName"]: step["StepInfo"]["StepStatus"] for step in shown}

    wait_for(lambda: steps()["REBOOT_BROKER_2"] == "IN_PROGRESS", DEADLINE_S, "broker 2's turn")
    assert steps()["REBOOT_BROKER_1"] == "COMPLETED"
    one, two = (account.brokers(orders)[n]["BrokerNodeInfo"]["CurrentBrokerSoftwareInfo"] for n in (1, 3))
    assert (one["KafkaVersion"], two["KafkaVersion"]) == ("4.1.1", "4.0.1")

    plane = next(child for child in account.local.state.children if child.what == "plane")
    os.kill(plane.pid, signal.SIGKILL)
    wait_for(
        lambda: any(c.what == "plane" and c.pid != plane.pid for c in account.local.state.children),
        30,
        "another control plane",
    )
    address = account.variables["AWS_ENDPOINT_URL"].removeprefix("http://").split(":")
    wait_for(lambda: processes.accepts(address[0], int(address[1])), 30, "it answers")

    done = account.finish(begun)
    assert (done["OperationState"], set(steps().values())) == ("UPDATE_COMPLETE", {"COMPLETED"})
    after = {node.id: node.restarts for node in account.supervised(orders).brokers}
    assert {n: after[n] - before[n] for n in after} == {1: 1, 2: 1, 3: 1}
    software = account.cluster(orders)["Provisioned"]["CurrentBrokerSoftwareInfo"]
    assert software == {
        "KafkaVersion": "4.1.1",
        "ConfigurationArn": configuration["Arn"],
        "ConfigurationRevision": 1,
    }
    assert account.supervised(orders).properties == {"num.partitions": "4"}
    assert account.version(orders) != version
    listed = account.kafka.list_cluster_operations_v2(ClusterArn=orders)["ClusterOperationInfoList"]
    assert listed[0]["OperationType"] == "UPDATE_CLUSTER_KAFKA_VERSION"


def test_a_killed_broker_heals_with_its_id_address_and_storage(account: Account, orders: str) -> None:
    before, node = account.brokers(orders)[2], account.supervised(orders).node(2)
    assert node is not None
    assert node.pid is not None
    os.kill(node.pid, signal.SIGKILL)
    account.wait_state(orders, "HEALING")
    with pytest.raises(account.kafka.exceptions.BadRequestException, match="HEALING state"):
        account.kafka.reboot_broker(ClusterArn=orders, BrokerIds=["1"])
    account.wait_state(orders, "ACTIVE")
    healed = account.supervised(orders).node(2)
    assert healed is not None
    assert (healed.pid != node.pid, healed.storage) == (True, node.storage)
    assert account.brokers(orders)[2] == before


def test_a_broker_gets_another_type_and_a_larger_volume(account: Account, own: str) -> None:
    kafka = account.kafka
    words = ("--cluster-arn", own, "--current-version", account.version(own))
    retyped = account.aws("update-broker-type", *words, "--target-instance-type", "kafka.m5.large")
    assert account.finish(retyped)["OperationState"] == "UPDATE_COMPLETE"
    assert account.brokers(own)[1]["InstanceType"] == "m5.large"
    resized = kafka.update_broker_storage(
        ClusterArn=own,
        CurrentVersion=account.version(own),
        TargetBrokerEBSVolumeInfo=[{"KafkaBrokerNodeId": "All", "VolumeSizeGB": 5}],
    )
    assert account.finish(resized)["OperationState"] == "UPDATE_COMPLETE"
    node = account.supervised(own).node(1)
    assert node is not None
    assert (node.heap_mb, node.storage.volume_bytes) == (288, 5 << 30)


def test_an_operation_that_fails_says_why_and_the_cluster_heals(account: Account, own: str) -> None:
    broken = account.kafka.create_configuration(Name="broken", ServerProperties=b"num.io.threads=0\n")
    begun = account.kafka.update_cluster_configuration(
        ClusterArn=own,
        CurrentVersion=account.version(own),
        ConfigurationInfo={"Arn": broken["Arn"], "Revision": 1},
    )
    ended = account.finish(begun)
    assert ended["OperationState"] == "UPDATE_FAILED"
    assert "broker 1 ended" in ended["ErrorInfo"]["ErrorString"]
    account.wait_state(own, "ACTIVE")
    assert "ConfigurationArn" not in account.cluster(own)["Provisioned"]["CurrentBrokerSoftwareInfo"]


def test_a_patch_is_a_rolling_reboot_in_maintenance(account: Account, own: str) -> None:
    operation = account.local_command("patch")
    assert account.wait_state(own, "ACTIVE")[0] == "MAINTENANCE"
    ended = account.operation(operation)
    assert (ended["OperationType"], ended["OperationState"]) == ("SECURITY_PATCHING", "UPDATE_COMPLETE")


def test_calls_can_be_denied_throttled_and_expired(account: Account, own: str) -> None:
    def refused() -> tuple[str, int]:
        with pytest.raises(ClientError) as caught:
            account.kafka.list_nodes(ClusterArn=own)
        answer = caught.value.response
        return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]

    account.local_command("deny", "ListNodes")
    assert refused() == ("AccessDeniedException", 403)
    assert account.cluster(own)
    folder = Path(account.local.state.control_socket).parent
    commands.ask(folder, Command("throttle", "kafka:List*"))
    assert refused() == ("TooManyRequestsException", 429)
    commands.ask(folder, Command("expire"))
    assert refused() == ("ExpiredTokenException", 403)
    for wanted in (Command("expire"), Command("throttle", "kafka:List*"), Command("deny", "ListNodes")):
        commands.ask(folder, replace(wanted, off=True))
    assert account.brokers(own)


SEEN_BY = ("DescribeClusterV2", "ListNodes", "ListClusterOperationsV2")
"""What is asked in every round."""


def test_the_monitor_goes_on_while_calls_are_denied_throttled_and_expired(account: Account, own: str) -> None:
    folder = Path(account.local.state.control_socket).parent

    @contextmanager
    def played(wanted: Command) -> Iterator[None]:
        commands.ask(folder, wanted)
        yield
        commands.ask(folder, replace(wanted, off=True))

    with in_environment(account.variables), watched(own) as session:
        wait_for(lambda: session.cluster().state == "ACTIVE", 30, "the control plane is seen")
        for operation in SEEN_BY:
            action = f"kafka:{operation}"
            with played(Command("deny", operation)):
                wait_for(partial(is_denied, session, action), 30, f"{action} is denied")
                seen = session.cluster()
                assert (seen.state, len(seen.brokers), seen.sources["msk"].failed_at) == ("ACTIVE", 1, None)
            wait_for(partial(is_allowed, session, action), 30, f"{action} is allowed again")
        for wanted, words in (
            (Command("throttle", "kafka:*"), "AWS throttles kafka:"),
            (Command("expire"), "the AWS credentials have expired"),
        ):
            with played(wanted):
                wait_for(partial(says, session, words), 30, words)
                assert len(session.cluster().brokers) == 1
            wait_for(lambda: session.cluster().sources["msk"].failed_at is None, 60, "it goes on")


def is_denied(session: Session, action: str) -> bool:
    told = session.cluster().permissions.get(action)
    return told is not None and not told.allowed


def is_allowed(session: Session, action: str) -> bool:
    return session.cluster().permissions[action].allowed


def says(session: Session, words: str) -> bool:
    return words in session.cluster().sources["msk"].reason


@contextmanager
def watched(arn: str) -> Iterator[Session]:
    """What the monitor's source of the control plane has told, for the length of the block."""
    session, clock = Session("account"), Anchor.take()
    source = MskSource(AwsSession(Access()), arn, clock, Pace(calm_s=0.2, busy_s=0.2, denied_s=0.2))
    first = SessionStarted(at=clock.now(), name="account", bootstrap_servers="", target="msk")
    session.start(first, [ThreadPump(source, session.emit, clock)])
    try:
        yield session
    finally:
        session.stop()


def test_cloudwatch_has_the_metrics_of_the_exporters(account: Account, own: str) -> None:
    assert account.local_command("metrics", "--period", "1") == (
        "metrics are read every 1 s and published 0 s later"
    )
    wanted = {
        "Namespace": "AWS/Kafka",
        "MetricName": "ActiveControllerCount",
        "Dimensions": [{"Name": "Cluster Name", "Value": MAIN.name}],
    }
    query = {"Id": "one", "MetricStat": {"Metric": wanted, "Period": 60, "Stat": "Maximum"}}

    def values() -> list[float]:
        now = datetime.now(UTC)
        found = account.cloudwatch.get_metric_data(
            MetricDataQueries=[query], StartTime=now - timedelta(hours=1), EndTime=now + timedelta(minutes=1)
        )
        return list(found["MetricDataResults"][0]["Values"])

    wait_for(lambda: 1.0 in values(), 60, "CloudWatch has the active controller")
    account.local_command("metrics", "--period", "60")


def test_wrong_calls_raise_the_exceptions_of_msk(account: Account, own: str) -> None:
    kafka = account.kafka
    group = {"ClientSubnets": account.subnets[:3], "InstanceType": "kafka.m5.large"}
    good = {
        "ClusterName": "wrong",
        "KafkaVersion": "4.1.1",
        "NumberOfBrokerNodes": 3,
        "BrokerNodeGroupInfo": group,
    }
    wrong: list[Answer] = [
        {"NumberOfBrokerNodes": 4},
        {"KafkaVersion": "1.0"},
        {"ClusterName": "../etc"},
        {"BrokerNodeGroupInfo": group | {"ClientSubnets": ["subnet-1", "subnet-2"]}},
        {"BrokerNodeGroupInfo": group | {"InstanceType": "express.m7g.large"}},
        {"ClientAuthentication": {"Sasl": {"Iam": {"Enabled": True}}}},
    ]
    for change in wrong:
        with pytest.raises(kafka.exceptions.BadRequestException):
            kafka.create_cluster(**(good | change))
    with pytest.raises(kafka.exceptions.BadRequestException, match="provisioned clusters only"):
        kafka.create_cluster_v2(
            ClusterName="wrong", Serverless={"VpcConfigs": [{"SubnetIds": account.subnets[:2]}]}
        )
    with pytest.raises(kafka.exceptions.ConflictException):
        kafka.create_cluster(**(good | {"ClusterName": MAIN.name}))
    with pytest.raises(kafka.exceptions.BadRequestException, match="current version"):
        kafka.update_broker_type(ClusterArn=own, CurrentVersion="K1", TargetInstanceType="kafka.m5.xlarge")
    with pytest.raises(kafka.exceptions.BadRequestException, match="broker 9 does not exist"):
        kafka.reboot_broker(ClusterArn=own, BrokerIds=["9"])
    with pytest.raises(kafka.exceptions.BadRequestException, match=r"log\.dirs cannot be configured"):
        kafka.create_configuration(Name="mine", ServerProperties=b"log.dirs=/tmp\n")
    with pytest.raises(kafka.exceptions.NotFoundException):
        kafka.describe_cluster(ClusterArn=own + "0")
    assert [c["ClusterName"] for c in kafka.list_clusters()["ClusterInfoList"]].count("wrong") == 0


def test_a_zookeeper_cluster_from_creation_to_deletion(account: Account, ledger: str) -> None:
    account.wait_state(ledger, "ACTIVE")
    cluster, supervised = account.cluster(ledger), account.supervised(ledger)
    nodes = account.kafka.list_nodes(ClusterArn=ledger)["NodeInfoList"]
    assert [n["ZookeeperNodeInfo"]["ZookeeperId"] for n in nodes[2:]] == [1, 2, 3]
    assert cluster["Provisioned"]["ZookeeperConnectString"].count(":2181") == 3
    with pytest.raises(account.kafka.exceptions.BadRequestException, match="cannot be updated to 4"):
        account.kafka.update_cluster_kafka_version(
            ClusterArn=ledger, CurrentVersion=cluster["CurrentVersion"], TargetKafkaVersion="4.1.1"
        )
    begun = account.aws("reboot-broker", "--cluster-arn", ledger, "--broker-ids", "2")
    assert account.wait_state(ledger, "ACTIVE") == ["REBOOTING_BROKER", "ACTIVE"]
    told = account.aws(
        "describe-cluster-operation-v2", "--cluster-operation-arn", begun["ClusterOperationArn"]
    )
    rebooted = told["ClusterOperationInfo"]
    listed = account.aws("list-nodes", "--cluster-arn", ledger)["NodeInfoList"]
    assert [n["BrokerNodeInfo"]["BrokerId"] for n in listed[:2]] == [1, 2]
    assert account.aws("describe-cluster-v2", "--cluster-arn", ledger)["ClusterInfo"]["State"] == "ACTIVE"
    assert (rebooted["OperationType"], rebooted["OperationState"]) == ("REBOOT_NODE", "REBOOT_COMPLETE")

    assert account.aws("delete-cluster", "--cluster-arn", ledger)["State"] == "DELETING"

    def gone() -> bool:
        try:
            account.cluster(ledger)
        except account.kafka.exceptions.NotFoundException:
            return True
        return False

    wait_for(gone, 30, "the cluster is gone")
    processes_ = [processes.Identity(n.pid, n.process_started_ticks) for n in supervised.nodes if n.pid]
    assert not any(map(processes.is_alive, processes_))
    with in_environment(account.local.xdg):
        assert not paths.folders("ledger").state.exists()


def test_the_aws_cli_reaches_it_by_what_env_prints(account: Account) -> None:
    script = f"""
        eval "$({sys.executable} -m msktop local env --name {MAIN.name})"
        exec {sys.executable} -m awscli kafka list-clusters-v2 --query ClusterInfoList[].ClusterName
    """
    environ = {**account.local.env, "AWS_PROFILE": "another", "AWS_PAGER": ""}
    ended = subprocess.run(
        ["bash", "-c", script], env=environ, capture_output=True, text=True, timeout=60, check=False
    )
    assert (ended.returncode, f'"{MAIN.name}"' in ended.stdout) == (0, True), ended.stderr


def test_stopping_the_local_msk_ends_every_cluster(account: Account, orders: str) -> None:
    supervised = account.supervised(orders)
    with in_environment(account.local.xdg):
        assert control.stop(MAIN.name)
    known = [processes.Identity(n.pid, n.process_started_ticks) for n in supervised.nodes if n.pid]
    wait_for(lambda: not any(map(processes.is_alive, known)), 10, "the brokers are gone")
    wait_for(lambda: not Path(supervised.control_socket).parent.exists(), 10, "its files are gone")
