"""Whatever way an AWS call fails, a person reads what is wrong and what to do; never a class name."""

from __future__ import annotations

import json

import botocore.exceptions
import pytest
from botocore.exceptions import ClientError

from msktop.aws.access import Access
from msktop.aws.errors import AwsError, explain, explaining
from msktop.aws.session import AwsSession
from tests.aws.server import HttpServer


def answered(code: str, message: str = "", status: int = 400) -> ClientError:
    response = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(response, "ListNodes")


@pytest.mark.parametrize(
    ("error", "kind", "title", "advice"),
    [
        (answered("ExpiredTokenException"), "expired", "have expired", "Renew them"),
        (answered("UnrecognizedClientException"), "invalid_credentials", "does not accept", "AWS_SESSION"),
        (
            answered("TooManyRequestsException", status=429),
            "throttled",
            "throttles kafka:ListNodes",
            "shared",
        ),
        (answered("NotFoundException", "no such cluster"), "not_found", "no such cluster", "region"),
        (answered("Brandnew", "busy", 503), "server", "AWS itself failed", "again"),
        (answered("RequestTimeTooSkewed"), "clock", "clock", "5 minutes"),
        (answered("ConflictException", "CREATING"), "conflict", "CREATING", "wait"),
        (botocore.exceptions.NoCredentialsError(), "no_credentials", "no AWS credentials", "--profile"),
        (botocore.exceptions.NoRegionError(), "no_region", "no AWS region", "--region"),
        (botocore.exceptions.ProfileNotFound(profile="x"), "config", "profile (x)", "list-profiles"),
        (botocore.exceptions.UnauthorizedSSOTokenError(), "login", "SSO session", "aws sso login"),
        (botocore.exceptions.LoginRefreshRequired(), "login", "login has ended", "aws login"),
        (botocore.exceptions.RefreshWithMFAUnsupportedError(), "login", "MFA", "get-caller-identity"),
        (
            botocore.exceptions.EndpointConnectionError(endpoint_url="https://kafka.x/"),
            "unreachable",
            "https://kafka.x/",
            "VPC endpoint",
        ),
    ],
)
def test_each_cause_has_its_sentence(error: Exception, kind: str, title: str, advice: str) -> None:
    told = explain(error, "kafka:ListNodes")
    assert told.kind == kind
    assert title in told.title
    assert advice in told.advice


@pytest.mark.parametrize(
    ("message", "action", "advice"),
    [
        ("", "kafka:ListNodes", "Allow kafka:ListNodes"),
        (
            "User: arn:aws:iam::1:user/ann is not authorized to perform: kafka:ListClusters on resource: *",
            "kafka:ListClusters",
            "Allow kafka:ListClusters",
        ),
        (
            "User: arn:aws:iam::1:user/ann is not authorized to perform: kafka:ListNodes on resource: * "
            "with an explicit deny in a service control policy",
            "kafka:ListNodes",
            "explicit deny in service control policy",
        ),
    ],
)
def test_a_denial_names_the_action_that_aws_misses(message: str, action: str, advice: str) -> None:
    told = explain(answered("AccessDeniedException", message, 403), "kafka:ListNodes")
    assert (told.kind, told.action) == ("denied", action)
    assert advice in told.advice
    assert ("user/ann" in told.title) == ("user/ann" in message)


def test_no_failed_login_or_connection_of_botocore_is_left_without_its_sentence() -> None:
    module = botocore.exceptions
    families = (module.SSOError, module.LoginError, module.ConnectionError, module.HTTPClientError)
    classes = [c for c in vars(module).values() if isinstance(c, type) and issubclass(c, Exception)]
    found = [c for c in classes if issubclass(c, families)]
    assert len(found) > 10
    for cls in found:
        assert explain(cls.__new__(cls)).kind in ("login", "denied", "unreachable")


def test_what_is_not_of_aws_is_not_explained_away() -> None:
    with pytest.raises(ZeroDivisionError), explaining("kafka:ListNodes"):
        _ = 1 // 0


@pytest.mark.parametrize(
    ("action", "role"), [("kafka:ListNodes", "monitor"), ("kafka:RebootBroker", "operate")]
)
def test_a_denial_names_the_policy_that_has_the_action(action: str, role: str) -> None:
    refused = ClientError({"Error": {"Code": "AccessDeniedException", "Message": ""}}, "")
    assert f"--policy {role}" in explain(refused, action).advice


def test_a_denied_call_over_the_wire(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIA")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    body = json.dumps({"invalidParameter": None, "message": "no"})
    with HttpServer(lambda _: (403, body)) as server:
        session = AwsSession(Access(regions=("eu-west-1",), endpoint_url=server.url))
        with pytest.raises(AwsError) as caught, explaining("kafka:ListClustersV2"):
            session.client("kafka").list_clusters_v2()
    assert (caught.value.kind, caught.value.action) == ("denied", "kafka:ListClustersV2")
    assert len(server.requests) == 1
    assert "msktop/" in server.requests[0].headers["user-agent"]


def test_an_endpoint_where_nobody_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIA")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    session = AwsSession(Access(regions=("eu-west-1",), endpoint_url="http://127.0.0.1:1"))
    with pytest.raises(AwsError) as caught:
        session.identity()
    assert caught.value.kind == "unreachable"
    assert "127.0.0.1:1" in caught.value.title
