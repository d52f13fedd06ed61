"""The monitor's own way to MSK: leave, facts read again, the audit log, what came of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError

from msktop.actions import updates
from msktop.actions.guard import Permit
from msktop.actions.perform import OutcomeUnknownError
from msktop.actor import MskActor
from msktop.aws.access import Access
from msktop.aws.errors import AwsError
from msktop.aws.session import AwsSession, Identity
from msktop.errors import ActionError, MsktopError
from tests.aws.server import HttpServer
from tests.sources import msk_answers as answers
from tests.sources.fake_aws import Answer, FakeAws, denied, error

OPERATION = answers.OPERATION_ARN.format("0f3b")
WRITE = Permit(write=True)


def aws(**more: Answer) -> FakeAws:
    """A cluster of three brokers, and a caller."""
    return FakeAws(
        {
            "DescribeClusterV2": {"ClusterInfo": answers.cluster()},
            "ListNodes": answers.nodes(),
            "GetCallerIdentity": {"Account": "123456789012", "Arn": "arn:aws:iam::123456789012:user/ann"},
            "RebootBroker": {"ClusterArn": answers.ARN, "ClusterOperationArn": OPERATION},
            "UpdateBrokerCount": {"ClusterArn": answers.ARN, "ClusterOperationArn": OPERATION},
            **more,
        }
    )


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return tmp_path


def audited(state: Path) -> list[dict[str, Any]]:
    file = state / "msktop" / "audit.jsonl"
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def test_it_is_written_down_sent_and_said_where_the_operation_is(state: Path) -> None:
    session, told = aws(), []
    actor = MskActor(session, WRITE, answers.ARN, lambda: told.append(1))
    plan = updates.reboot_broker(actor.facts(), 2)
    sent = actor.send(plan, "yes", lambda facts: updates.reboot_broker(facts, 2))
    assert sent.operation_arn == OPERATION
    assert told == [1]
    before, after = audited(state)
    assert (before["phase"], before["action"], before["identity"]) == (
        "before",
        "kafka:RebootBroker",
        "arn:aws:iam::123456789012:user/ann",
    )
    assert (after["result"], after["operation_arn"]) == ("accepted", OPERATION)


@pytest.mark.parametrize(
    ("said", "typed", "why"),
    [
        (Permit(), "yes", "needs --write"),
        (Permit(write=True, read_only=True), "yes", "--read-only"),
        (Permit(ours=True, read_only=True), "yes", "--read-only"),
        (WRITE, "", "not yes"),
        (WRITE, "orders", "not yes"),
    ],
)
def test_nothing_is_sent_without_leave_and_the_right_word(
    state: Path, said: Permit, typed: str, why: str
) -> None:
    session = aws()
    actor = MskActor(session, said, answers.ARN)
    with pytest.raises(ActionError) as refused:
        actor.send(updates.reboot_broker(actor.facts(), 2), typed)
    assert why in refused.value.advice
    assert not session.calls["RebootBroker"]
    assert audited(state) == []


def test_a_local_msk_of_this_user_needs_no_leave() -> None:
    actor = MskActor(aws(), Permit(ours=True), answers.ARN)
    assert actor.hindrance(creating=True) == ""
    assert actor.send(updates.reboot_broker(actor.facts(), 2), "yes").operation_arn == OPERATION


def test_one_that_has_changed_since_it_was_looked_at_is_left_alone(state: Path) -> None:
    session = aws()
    actor = MskActor(session, WRITE, answers.ARN)
    plan = updates.update_broker_count(actor.facts(), 6)
    session.answers["DescribeClusterV2"] = {"ClusterInfo": answers.cluster() | {"CurrentVersion": "K2"}}
    with pytest.raises(ActionError, match="has changed since"):
        actor.send(plan, "yes", lambda facts: updates.update_broker_count(facts, 6))
    session.answers["DescribeClusterV2"] = {"ClusterInfo": answers.cluster("HEALING")}
    with pytest.raises(ActionError, match="is HEALING"):
        actor.send(plan, "yes", lambda facts: updates.update_broker_count(facts, 6))
    assert not session.calls["UpdateBrokerCount"]
    assert audited(state) == []


@pytest.mark.parametrize(
    ("answer", "result", "wrong"),
    [
        (denied("kafka:RebootBroker"), "refused", AwsError),
        (error("BadRequestException", "no such broker"), "refused", AwsError),
        (EndpointConnectionError(endpoint_url="https://kafka"), "refused", AwsError),
        (ReadTimeoutError(endpoint_url="https://kafka"), "unknown", OutcomeUnknownError),
        (error("InternalServerErrorException", "oops", 500), "unknown", OutcomeUnknownError),
    ],
)
def test_what_came_of_it_is_written_down_and_no_answer_is_no_refusal(
    state: Path, answer: Exception, result: str, wrong: type[MsktopError]
) -> None:
    told: list[int] = []
    actor = MskActor(aws(RebootBroker=answer), WRITE, answers.ARN, lambda: told.append(1))
    with pytest.raises(wrong):
        actor.send(updates.reboot_broker(actor.facts(), 2), "yes")
    assert [line.get("result") for line in audited(state)] == [None, result]
    assert told == [1]


def test_a_change_without_an_answer_is_not_sent_again(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Botocore's second try would be refused for what the first one began."""
    plan = updates.reboot_broker(MskActor(aws(), WRITE, answers.ARN).facts(), 2)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIA")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setattr(AwsSession, "identity", lambda _: Identity("1", "arn:aws:iam::1:user/ann"))
    replies = iter([(500, ""), (409, "{}")])
    with HttpServer(lambda _: next(replies)) as server:
        session = AwsSession(Access(regions=("us-east-1",), endpoint_url=server.url))
        with pytest.raises(OutcomeUnknownError):
            MskActor(session, WRITE, answers.ARN).send(plan, "yes")
    assert [request.method for request in server.requests] == ["PUT"]
    assert audited(state)[-1]["result"] == "unknown"


def test_what_the_account_offers_is_read_and_what_is_denied_is_not_known() -> None:
    session = aws(
        ListConfigurations={
            "Configurations": [
                {
                    "Arn": "arn:aws:kafka:us-east-1:123456789012:configuration/slow/c0ffee-1",
                    "CreationTime": answers.BEGAN,
                    "Description": "",
                    "KafkaVersions": ["3.8.x"],
                    "LatestRevision": {"CreationTime": answers.BEGAN, "Revision": 3},
                    "Name": "slow",
                    "State": "ACTIVE",
                }
            ]
        },
        ListKafkaVersions={
            "KafkaVersions": [
                {"Version": "2.8.1", "Status": "DEPRECATED"},
                {"Version": "3.9.x", "Status": "ACTIVE"},
            ]
        },
        DescribeSubnets=denied("ec2:DescribeSubnets"),
    )
    offers = MskActor(session, WRITE).offers(creating=True)
    assert offers.kafka_versions == ("3.9.x",)
    assert [(one.name, one.revision) for one in offers.configurations or ()] == [("slow", 3)]
    assert offers.subnets is None
