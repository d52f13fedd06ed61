"""Unmodified boto3 and the AWS CLI against a served handler."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from msktop.local.api.http import Server
from msktop.local.api.messages import ApiError, Call
from tests.local.api.conftest import Client, Clients, Echo
from tests.local.api.values import ACCESS_KEY, SECRET

ARN = "arn:aws:kafka:eu-north-1:000000000000:cluster/demo/0a1b-1"
Ask = Callable[[Client], object]
ASKING: dict[str, Ask] = {
    "kafka": lambda kafka: kafka.list_clusters_v2(),
    "cloudwatch": lambda cloudwatch: cloudwatch.list_metrics(),
    "ec2": lambda ec2: ec2.describe_subnets(),
    "sts": lambda sts: sts.get_caller_identity(),
    "sns": lambda sns: sns.publish(Message="m", TopicArn="t"),
}
_REFUSED = {
    "kafka": ("UnrecognizedClientException", "InvalidSignatureException"),
    "cloudwatch": ("UnrecognizedClientException", "InvalidSignatureException"),
    "ec2": ("AuthFailure", "SignatureDoesNotMatch"),
    "sts": ("InvalidClientTokenId", "SignatureDoesNotMatch"),
    "sns": ("InvalidClientTokenId", "SignatureDoesNotMatch"),
}


def code_of(client: Client, ask: Ask) -> str:
    """The code of the error that asking ends with."""
    with pytest.raises(ClientError) as caught:
        ask(client)
    return str(caught.value.response["Error"]["Code"])


def test_members_go_in_and_out_under_the_models_names(clients: Clients, echo: Echo) -> None:
    created = datetime(2026, 1, 2, 3, 4, 5, 678000, UTC)
    info = {"ClusterArn": ARN, "CreationTime": created, "NumberOfBrokerNodes": 3, "Tags": {"a": "ü"}}
    echo.answers["describe_cluster"] = {"ClusterInfo": info}
    answer = clients("kafka").describe_cluster(ClusterArn=ARN)
    assert answer["ClusterInfo"] == info
    call, members = echo.calls[0]
    assert members == {"ClusterArn": ARN}
    assert call == Call("eu-north-1", ACCESS_KEY, "kafka", "DescribeCluster")
    assert call.action == "kafka:DescribeCluster"


def test_an_operation_may_have_its_own_name_too(clients: Clients, echo: Echo) -> None:
    echo.answers["ListClustersV2"] = {"ClusterInfoList": []}
    assert clients("kafka").list_clusters_v2(ClusterNameFilter="a b+c/ü")["ClusterInfoList"] == []
    assert echo.calls[0][1] == {"ClusterNameFilter": "a b+c/ü"}


def test_wrong_calls_raise_the_services_exceptions(clients: Clients, echo: Echo) -> None:
    kafka = clients("kafka")
    echo.answers["describe_cluster"] = ApiError(
        "NotFoundException", "no such cluster", InvalidParameter="clusterArn"
    )
    with pytest.raises(kafka.exceptions.NotFoundException, match="no such cluster") as caught:
        kafka.describe_cluster(ClusterArn=ARN)
    assert caught.value.response["InvalidParameter"] == "clusterArn"
    echo.answers["list_clusters"] = {}
    with pytest.raises(kafka.exceptions.BadRequestException, match="maxResults") as caught:
        kafka.list_clusters(MaxResults=1000)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert len(echo.calls) == 1


@pytest.mark.parametrize("service", list(ASKING))
def test_what_the_handler_lacks_is_told(clients: Clients, service: str) -> None:
    with pytest.raises(ClientError, match=f"msktop local does not do {service}:") as caught:
        ASKING[service](clients(service))
    assert caught.value.response["Error"]["Code"] == "UnsupportedOperation"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501


@pytest.mark.parametrize("service", list(ASKING))
def test_a_handler_that_breaks_tells_no_secret(clients: Clients, echo: Echo, service: str) -> None:
    for name in ("list_clusters_v2", "list_metrics", "describe_subnets", "get_caller_identity", "publish"):
        echo.answers[name] = ZeroDivisionError("a secret")
    with pytest.raises(ClientError, match="ZeroDivisionError") as caught:
        ASKING[service](clients(service))
    assert "a secret" not in str(caught.value)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500


@pytest.mark.parametrize("service", list(ASKING))
def test_credentials_of_others_are_refused(clients: Clients, service: str) -> None:
    unknown, wrong = _REFUSED[service]
    assert code_of(clients(service, key="AKIDOTHER"), ASKING[service]) == unknown
    assert code_of(clients(service, secret="guessed"), ASKING[service]) == wrong


@pytest.mark.parametrize("service", list(ASKING))
def test_the_guard_refuses_before_the_handler(clients: Clients, echo: Echo, service: str) -> None:
    echo.refuse = ApiError("AccessDeniedException", "User is not authorized to perform: x:Y", status=403)
    assert code_of(clients(service), ASKING[service]) == "AccessDeniedException"
    assert echo.calls == []


@pytest.mark.parametrize("service", ["iam", "logs", "lambda"])
def test_a_service_that_is_not_served_is_told(clients: Clients, service: str) -> None:
    ask: dict[str, Ask] = {
        "iam": lambda iam: iam.list_users(),
        "logs": lambda logs: logs.describe_log_groups(),
        "lambda": lambda functions: functions.list_functions(),
    }
    with pytest.raises(ClientError, match=f"does not serve {service}"):
        ask[service](clients(service))


def test_a_compressed_body_is_read(clients: Clients, echo: Echo) -> None:
    echo.answers["put_metric_data"] = {}
    data = [{"MetricName": f"metric-{i}", "Value": float(i)} for i in range(900)]
    answer = clients("cloudwatch").put_metric_data(Namespace="mine", MetricData=data)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert echo.calls[0][1] == {"Namespace": "mine", "MetricData": data}


def test_the_aws_cli_is_answered(server: Server, echo: Echo, tmp_path: Path) -> None:
    echo.answers["describe_cluster"] = {"ClusterInfo": {"ClusterArn": ARN, "NumberOfBrokerNodes": 3}}
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "AWS_ENDPOINT_URL": server.url,
        "AWS_DEFAULT_REGION": "eu-north-1",
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET,
    }
    command = [sys.executable, "-m", "awscli", "kafka", "describe-cluster", "--cluster-arn", ARN]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["ClusterInfo"] == {"ClusterArn": ARN, "NumberOfBrokerNodes": 3}
