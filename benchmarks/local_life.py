"""A cluster's life by the local MSK's API: created, scaled out and back, rebooted, a broker killed, deleted.

Real brokers do all of it, so the seconds are the machine's; the ratios compare operations of one run.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from typing import Any

import boto3
from botocore.client import BaseClient
from botocore.config import Config

from msktop.local import control
from msktop.local.plane import environment
from msktop.local.settings import Settings

NAME, CLUSTER = "bench-life", "bench-orders"
MAIN = Settings(name=NAME, brokers=1, zones=1, traffic="none", fast_heal=True)
SCALE_GOAL = 2.0
"""Three more brokers beside three that run cost no more than twice what three and their controllers did."""
HEAL_GOAL = 3.0
"""The session of a dead broker must end first, which a reboot in good order need not wait for."""
_DEADLINE_S = 300.0
_LOOK_S = 0.02

Row = dict[str, Any]


def main() -> list[Row]:
    """Seconds of each operation until the control plane says that it is done."""
    with control.running(MAIN):
        ec2 = _client("ec2")
        subnets = [subnet["SubnetId"] for subnet in ec2.describe_subnets()["Subnets"]]
        return _life(_client("kafka"), subnets[:3])


def _client(service: str) -> BaseClient:
    given = environment.variables(control.require(NAME))
    return boto3.client(
        service,
        region_name=given["AWS_REGION"],
        endpoint_url=given["AWS_ENDPOINT_URL"],
        aws_access_key_id=given["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=given["AWS_SECRET_ACCESS_KEY"],
        config=Config(retries={"total_max_attempts": 1}),
    )


def _life(kafka: BaseClient, subnets: list[str]) -> list[Row]:
    took: dict[str, float] = {}
    arn = ""

    def described() -> dict[str, Any]:
        found: dict[str, Any] = kafka.describe_cluster_v2(ClusterArn=arn)["ClusterInfo"]
        return found

    def until(what: str, done: Callable[[], object]) -> None:
        began = time.monotonic()
        while not done():
            if time.monotonic() - began > _DEADLINE_S:
                raise RuntimeError(f"{what}: not within {_DEADLINE_S:g} s")
            time.sleep(_LOOK_S)
        took[what] = time.monotonic() - began

    def ended(what: str, begun: dict[str, Any]) -> None:
        operation = begun["ClusterOperationArn"]

        def done() -> bool:
            seen = kafka.describe_cluster_operation_v2(ClusterOperationArn=operation)
            return "EndTime" in seen["ClusterOperationInfo"]

        until(what, done)

    def counted(what: str, count: int) -> None:
        version = described()["CurrentVersion"]
        ended(
            what,
            kafka.update_broker_count(
                ClusterArn=arn, CurrentVersion=version, TargetNumberOfBrokerNodes=count
            ),
        )

    arn = _create(kafka, subnets)
    until("create", lambda: described()["State"] == "ACTIVE")
    counted("out", 6)
    counted("in", 3)
    ended("reboot", kafka.reboot_broker(ClusterArn=arn, BrokerIds=["2"]))
    until("calm", lambda: described()["State"] == "ACTIVE")
    node = control.require(CLUSTER).node(1)
    if node is None or node.pid is None:
        raise RuntimeError("broker 1 does not run")
    os.kill(node.pid, signal.SIGKILL)
    until("seen", lambda: described()["State"] == "HEALING")
    until("healed", lambda: described()["State"] == "ACTIVE")
    kafka.delete_cluster(ClusterArn=arn)
    until("delete", lambda: CLUSTER not in control.names())
    return _rows(took)


def _create(kafka: BaseClient, subnets: list[str]) -> str:
    """Three brokers and three controllers."""
    group = {
        "ClientSubnets": subnets,
        "InstanceType": "kafka.m5.large",
        "StorageInfo": {"EbsStorageInfo": {"VolumeSize": 2}},
    }
    created = kafka.create_cluster_v2(
        ClusterName=CLUSTER,
        Provisioned={
            "BrokerNodeGroupInfo": group,
            "EncryptionInfo": {"EncryptionInTransit": {"ClientBroker": "PLAINTEXT"}},
            "KafkaVersion": "4.1.1",
            "NumberOfBrokerNodes": 3,
        },
    )
    return str(created["ClusterArn"])


def _rows(took: dict[str, float]) -> list[Row]:
    healed = took["seen"] + took["healed"]
    load = f"load {os.getloadavg()[0]:.1f}, {os.cpu_count()} processors"
    return [
        _row("local MSK: CreateClusterV2, 3 brokers", took["create"], "s", None, load),
        _row("local MSK: UpdateBrokerCount 3 to 6", took["out"], "s", None, load),
        _row(
            "local MSK: 3 to 6 against creating 3",
            took["out"] / took["create"],
            "times as long",
            SCALE_GOAL,
            f"{took['out']:.2f} against {took['create']:.2f} s",
        ),
        _row("local MSK: UpdateBrokerCount 6 to 3", took["in"], "s", None, load),
        _row("local MSK: RebootBroker", took["reboot"], "s", None, load),
        _row("local MSK: a killed broker until HEALING", took["seen"], "s", None, load),
        _row("local MSK: a killed broker until ACTIVE", healed, "s", None, load),
        _row(
            "local MSK: healing against a reboot",
            healed / took["reboot"],
            "times as long",
            HEAL_GOAL,
            f"{healed:.2f} against {took['reboot']:.2f} s",
        ),
        _row("local MSK: DeleteCluster", took["delete"], "s", None, load),
    ]


def _row(claim: str, value: float, unit: str, goal: float | None, detail: str) -> Row:
    met = None if goal is None else value <= goal
    wanted = None if goal is None else f"<= {goal:g}"
    return {"claim": claim, "value": value, "unit": unit, "goal": wanted, "ok": met, "detail": detail}
