"""The policy that is printed is valid JSON of IAM's grammar, and holds what msktop calls and no more."""

from __future__ import annotations

import json
import re

import botocore.session
import pytest

from msktop.aws.policy import Role, actions, policy

ARN = "arn:aws:kafka:eu-west-1:123456789012:cluster/orders/0f3b-1"


@pytest.mark.parametrize("role", ["monitor", "operate"])
def test_it_follows_the_grammar_and_names_one_cluster_alone(role: Role) -> None:
    document = json.loads(policy(role, ARN))
    assert document["Version"] == "2012-10-17"
    assert len({s["Sid"] for s in document["Statement"]}) == len(document["Statement"])
    for statement in document["Statement"]:
        assert statement["Effect"] == "Allow"
        assert re.fullmatch(r"[A-Za-z0-9]+", statement["Sid"])
        assert all(r == "*" or ":eu-west-1:123456789012:" in r for r in statement["Resource"])


def test_a_monitor_may_change_nothing() -> None:
    reading = re.compile(r"(kafka|ec2|cloudwatch|kafka-cluster):(Describe|List|Get|Connect)\w*")
    assert all(reading.fullmatch(action) for action in actions("monitor"))
    assert set(actions("monitor")) < set(actions("operate"))


@pytest.mark.parametrize("role", ["monitor", "operate"])
def test_every_action_of_a_service_is_a_call_that_it_has(role: Role) -> None:
    session = botocore.session.get_session()
    calls = {
        f"{name}:{call}"
        for name in ("kafka", "cloudwatch", "ec2", "kms")
        for call in session.get_service_model(name).operation_names
    }
    assert {a for a in actions(role) if not a.startswith("kafka-cluster:")} <= calls


def test_what_knows_no_resource_is_asked_for_on_all() -> None:
    [account] = [s for s in json.loads(policy("monitor", ARN))["Statement"] if s["Sid"] == "MsktopAccount"]
    assert account["Resource"] == ["*"]
