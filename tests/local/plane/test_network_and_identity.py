"""EC2, STS and SNS as boto3 sees them."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from msktop.local.api.http import serve
from msktop.local.api.service import Service
from msktop.local.plane import names, places, sns
from msktop.local.plane.ec2 import Ec2, Interface
from msktop.local.plane.sns import Sns
from msktop.local.plane.sts import Sts

NET = 16
SUBNETS = places.subnets(NET)
TOPIC = f"arn:aws:sns:{names.REGION}:{names.ACCOUNT}:alarms"
Client = Any
Clients = Callable[..., Client]


@pytest.fixture(scope="module")
def _services() -> dict[str, Service]:
    return {name: Service(name, None) for name in ("ec2", "sts", "sns")}


@pytest.fixture
def clients(_services: dict[str, Service], tmp_path: Path) -> Iterator[Clients]:
    interfaces = [
        Interface("127.16.1.1", SUBNETS[0].id, "demo-1"),
        Interface("127.16.2.2", SUBNETS[1].id, "demo-2"),
    ]
    _services["ec2"].handler = Ec2(NET, lambda: interfaces)
    _services["sts"].handler = Sts()
    _services["sns"].handler = Sns(tmp_path)
    with serve(list(_services.values()), "127.0.0.1", 0, {"AK": "secret"}) as server:

        def client(service: str, region: str = names.REGION) -> Client:
            return boto3.client(
                service,
                endpoint_url=server.url,
                region_name=region,
                aws_access_key_id="AK",
                aws_secret_access_key="secret",
                config=Config(retries={"total_max_attempts": 1}),
            )

        yield client


def code_of(ask: Callable[[], object]) -> str:
    with pytest.raises(ClientError) as caught:
        ask()
    return str(caught.value.response["Error"]["Code"])


def test_subnets_have_their_zones_by_name_and_by_id(clients: Clients) -> None:
    wanted = [SUBNETS[1].id, SUBNETS[0].id]
    found = clients("ec2").describe_subnets(SubnetIds=wanted)["Subnets"]
    assert [subnet["SubnetId"] for subnet in found] == wanted
    assert found[1]["AvailabilityZone"] == "us-east-1a"
    assert found[1]["AvailabilityZoneId"] == "use1-az1"
    assert found[1]["CidrBlock"] == "127.16.1.0/24"
    assert found[1]["VpcId"] == clients("ec2").describe_vpcs()["Vpcs"][0]["VpcId"]


def test_subnets_are_filtered(clients: Clients) -> None:
    ec2 = clients("ec2")

    def zones(name: str, *values: str) -> list[str]:
        found = ec2.describe_subnets(Filters=[{"Name": name, "Values": list(values)}])["Subnets"]
        return [subnet["AvailabilityZoneId"] for subnet in found]

    assert zones("availability-zone-id", "use1-az2", "use1-az3") == ["use1-az2", "use1-az3"]
    assert zones("availability-zone", "us-east-1?") == [subnet.zone_id for subnet in SUBNETS]
    assert zones("vpc-id", "vpc-other") == []
    assert code_of(lambda: zones("colour", "red")) == "InvalidParameterValue"


def test_what_there_is_not_is_an_error_and_other_regions_have_nothing(clients: Clients) -> None:
    ec2 = clients("ec2")
    assert code_of(lambda: ec2.describe_subnets(SubnetIds=["subnet-1"])) == "InvalidSubnetID.NotFound"
    assert code_of(lambda: ec2.describe_vpcs(VpcIds=["vpc-1"])) == "InvalidVpcID.NotFound"
    assert code_of(lambda: ec2.describe_subnets(DryRun=True)) == "DryRunOperation"
    assert clients("ec2", "eu-north-1").describe_subnets()["Subnets"] == []


def test_lists_come_in_pages(clients: Clients) -> None:
    pages = clients("ec2").get_paginator("describe_subnets").paginate(PaginationConfig={"PageSize": 5})
    assert [len(page["Subnets"]) for page in pages] == [5, 1]


def test_zones_and_the_security_group_are_described(clients: Clients) -> None:
    ec2 = clients("ec2")
    zones = ec2.describe_availability_zones(ZoneNames=["us-east-1c"])["AvailabilityZones"]
    assert [(zone["ZoneName"], zone["ZoneId"], zone["State"]) for zone in zones] == [
        ("us-east-1c", "use1-az3", "available")
    ]
    groups = ec2.describe_security_groups(GroupIds=[places.security_group(NET)])["SecurityGroups"]
    assert groups[0]["VpcId"] == places.vpc_id(NET)


def test_network_interfaces_are_those_that_the_nodes_name(clients: Clients) -> None:
    wanted = names.interface_id("127.16.2.2")
    (found,) = clients("ec2").describe_network_interfaces(NetworkInterfaceIds=[wanted])["NetworkInterfaces"]
    assert found["PrivateIpAddress"] == "127.16.2.2"
    assert found["SubnetId"] == SUBNETS[1].id
    assert found["AvailabilityZone"] == "us-east-1b"


def test_one_is_told_who_one_is(clients: Clients) -> None:
    found = clients("sts").get_caller_identity()
    assert found["Account"] == names.ACCOUNT
    assert found["Arn"] == f"arn:aws:iam::{names.ACCOUNT}:user/local"


def test_what_is_published_is_written_down_for_the_owner_alone(clients: Clients, tmp_path: Path) -> None:
    attributes = {"severity": {"DataType": "String", "StringValue": "page"}}
    answer = clients("sns").publish(
        TopicArn=TOPIC, Subject="down", Message="broker 1\nis ü", MessageAttributes=attributes
    )
    clients("sns").publish(PhoneNumber="+4612345", Message="again")
    file = tmp_path / sns.FILE
    first, second = (json.loads(line) for line in file.read_text("utf-8").splitlines())
    assert first.pop("at") > 0
    assert first == {
        "message_id": answer["MessageId"],
        "topic_arn": TOPIC,
        "subject": "down",
        "message": "broker 1\nis ü",
        "attributes": {"severity": "page"},
    }
    assert second["phone_number"] == "+4612345"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_messages_that_sns_does_not_take_are_refused(clients: Clients, tmp_path: Path) -> None:
    client = clients("sns")
    for wrong in (
        {"TopicArn": "alarms", "Message": "m"},
        {"TopicArn": TOPIC, "Message": ""},
        {"TopicArn": TOPIC, "Message": "x" * (sns.MOST_MESSAGE_BYTES + 1)},
        {"Message": "m"},
        {"TopicArn": TOPIC, "PhoneNumber": "+4612345", "Message": "m"},
    ):
        with pytest.raises(client.exceptions.InvalidParameterException):
            client.publish(**wrong)
    assert list(tmp_path.iterdir()) == []


def test_the_file_is_put_aside_when_it_is_full(
    clients: Clients, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sns, "MOST_FILE_BYTES", 500)
    for number in range(20):
        clients("sns").publish(TopicArn=TOPIC, Message=f"message {number}")
    kept = sorted(tmp_path.iterdir())
    assert len(kept) <= 2
    assert all(path.stat().st_size < 1000 for path in kept)
    assert "message 19" in "".join(path.read_text("utf-8") for path in kept)


def test_a_link_in_place_of_the_file_is_not_followed(clients: Clients, tmp_path: Path) -> None:
    (tmp_path / "other").write_text("")
    (tmp_path / sns.FILE).symlink_to(tmp_path / "other")
    assert code_of(lambda: clients("sns").publish(TopicArn=TOPIC, Message="m")) == "InternalFailure"
    assert (tmp_path / "other").read_text() == ""
