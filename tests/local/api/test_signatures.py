"""Signatures, made by botocore and spoilt in every way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from msktop.local.api import shapes, sigv4
from msktop.local.api.messages import Request
from tests.local.api.values import ACCESS_KEY, SECRET, request_of

KAFKA = shapes.load("kafka")
SECRETS = {ACCESS_KEY: SECRET}


@pytest.fixture
def request_signed() -> Request:
    members = {"ClusterArn": "arn:aws:kafka:r:1:cluster/a b/ü-1", "BrokerIds": ["1", "2"]}
    return request_of(KAFKA, KAFKA.operation_model("RebootBroker"), members)


def refusal(request: Request, now: datetime | None = None, secrets: dict[str, str] = SECRETS) -> str:
    """How the request is refused."""
    with pytest.raises(sigv4.SignatureError) as caught:
        sigv4.verify(request, sigv4.scope(request), secrets, now or datetime.now(UTC))
    return caught.value.refusal


def with_header(request: Request, name: str, value: str) -> Request:
    return replace(request, headers={**request.headers, name: value})


def resigned(request: Request, old: str, new: str) -> Request:
    return with_header(request, "authorization", request.headers["authorization"].replace(old, new))


def test_what_botocore_signed_is_accepted(request_signed: Request) -> None:
    sigv4.verify(request_signed, sigv4.scope(request_signed), SECRETS, datetime.now(UTC))


def test_a_wrong_secret_and_an_unknown_key_are_told_apart(request_signed: Request) -> None:
    assert refusal(request_signed, secrets={ACCESS_KEY: SECRET + "x"}) == "mismatch"
    assert refusal(request_signed, secrets={"AKIDOTHER": SECRET}) == "unknown_key"


SPOILT: dict[str, Callable[[Request], Request]] = {
    "body": lambda request: replace(request, body=request.body + b" "),
    "no body": lambda request: replace(request, body=b""),
    "path": lambda request: replace(request, target=request.target.replace("reboot-broker", "version")),
    "query": lambda request: replace(request, target=request.target + "?x=1"),
    "method": lambda request: replace(request, method="POST"),
    "host": lambda request: with_header(request, "host", "127.9.0.3:4566"),
    "time": lambda request: with_header(request, "x-amz-date", datetime.now(UTC).strftime("%Y%m%dT000000Z")),
    "region": lambda request: resigned(request, "us-east-1", "us-east-2"),
    "service": lambda request: resigned(request, "/kafka/", "/sns/"),
    "a header that is not signed": lambda request: with_header(request, "x-amz-target", "Other.Operation"),
    "the host left out": lambda request: resigned(request, "host;", ""),
    "a told hash": lambda request: with_header(request, "x-amz-content-sha256", "UNSIGNED-PAYLOAD"),
}


@pytest.mark.parametrize("what", list(SPOILT))
def test_nothing_can_be_changed_after_signing(request_signed: Request, what: str) -> None:
    spoilt = SPOILT[what](request_signed)
    assert spoilt != request_signed
    assert refusal(spoilt) == "mismatch"


@pytest.mark.parametrize("minutes", [-16, 16])
def test_a_request_of_another_time_is_refused(request_signed: Request, minutes: int) -> None:
    now = datetime.now(UTC) + timedelta(minutes=minutes)
    assert refusal(request_signed, now) == "late"
    within = now - timedelta(minutes=2 if minutes > 0 else -2)
    sigv4.verify(request_signed, sigv4.scope(request_signed), SECRETS, within)


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Basic abc",
        "AWS4-HMAC-SHA256 Credential=a/20260101/r/kafka/aws4_request",
        "AWS4-HMAC-SHA256 Credential=a/2026/r/kafka/aws4_request, SignedHeaders=host, Signature=" + "0" * 64,
        "AWS4-ECDSA-P256-SHA256 Credential=a/20260101/kafka/aws4_request, SignedHeaders=host, Signature=00",
    ],
)
def test_a_request_without_a_signature_is_told_so(header: str | None) -> None:
    request = Request("GET", "/v1/clusters", {} if header is None else {"authorization": header})
    with pytest.raises(sigv4.SignatureError) as caught:
        sigv4.scope(request)
    assert caught.value.refusal == "missing"
