"""Verifies AWS Signature Version 4, as the header `Authorization` carries it.

The hash of the body is always computed from what came, so that no body passes under another's signature.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from urllib.parse import parse_qsl, quote

from msktop.local.api.errors import Refusal
from msktop.local.api.messages import Request

ALGORITHM = "AWS4-HMAC-SHA256"
TOLERANCE = timedelta(minutes=15)
"""How far a request's time may be from ours, as AWS has it."""

_TIME = "%Y%m%dT%H%M%SZ"
_AUTHORIZATION = re.compile(
    ALGORITHM + r" +Credential=(?P<key>[\w+=,.@-]{1,128})/(?P<date>\d{8})/(?P<region>[a-z0-9-]{1,64})"
    r"/(?P<service>[a-z0-9-]{1,64})/aws4_request, *SignedHeaders=(?P<headers>[a-z0-9;_-]{1,1024})"
    r", *Signature=(?P<signature>[0-9a-f]{64})",
    re.ASCII,
)


class SignatureError(Exception):
    """The request is not signed as it should be."""

    def __init__(self, refusal: Refusal, message: str) -> None:
        super().__init__(message)
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class Scope:
    """Who signed a request, for which day, region and service, over which headers."""

    access_key: str
    date: str
    region: str
    service: str
    headers: tuple[str, ...]
    signature: str


def scope(request: Request) -> Scope:
    """What the header `Authorization` says, not verified. Raises SignatureError where it says nothing."""
    found = _AUTHORIZATION.fullmatch(request.headers.get("authorization", ""))
    if found is None:
        raise SignatureError("missing", "Missing Authentication Token")
    headers = tuple(found["headers"].split(";"))
    return Scope(found["key"], found["date"], found["region"], found["service"], headers, found["signature"])


def verify(request: Request, said: Scope, secrets: Mapping[str, str], now: datetime) -> None:
    """Raise SignatureError unless the owner of `said.access_key` signed just this request, just now.

    `secrets` has the secret of each access key.
    """
    secret = secrets.get(said.access_key)
    if secret is None:
        raise SignatureError("unknown_key", "The security token included in the request is invalid.")
    when = request.headers.get("x-amz-date", "")
    must = {"host", "x-amz-date"} | {name for name in request.headers if name.startswith("x-amz-")}
    right = signature(request, said, secret)
    if not must.issubset(said.headers) or not hmac.compare_digest(right, said.signature):
        raise SignatureError(
            "mismatch",
            "The request signature we calculated does not match the signature you provided. "
            "Check your AWS Secret Access Key and signing method.",
        )
    _check_time(when, said.date, now)


def _check_time(when: str, date: str, now: datetime) -> None:
    try:
        signed_at = datetime.strptime(when, _TIME).replace(tzinfo=UTC)
    except ValueError:
        raise SignatureError("mismatch", "Date in the header X-Amz-Date is not as it should be.") from None
    if not when.startswith(date):
        raise SignatureError("mismatch", "Date in Credential scope does not match the date of the request.")
    said, ours = signed_at.strftime(_TIME), now.strftime(_TIME)
    if signed_at < now - TOLERANCE:
        raise SignatureError("late", f"Signature expired: {said} is now earlier than {ours} - 15 min.")
    if signed_at > now + TOLERANCE:
        raise SignatureError(
            "late", f"Signature not yet current: {said} is still later than {ours} + 15 min."
        )


def signature(request: Request, said: Scope, secret: str) -> str:
    """The signature that the request would have, had it been signed with `secret`."""
    day = f"{said.date}/{said.region}/{said.service}/aws4_request"
    digest = hashlib.sha256(_canonical(request, said.headers).encode()).hexdigest()
    text = "\n".join((ALGORITHM, request.headers.get("x-amz-date", ""), day, digest))
    return _hmac(_signing_key(secret, said.date, said.region, said.service), text).hex()


@lru_cache(maxsize=64)
def _signing_key(secret: str, date: str, region: str, service: str) -> bytes:
    key = _hmac(f"AWS4{secret}".encode(), date)
    return _hmac(_hmac(_hmac(key, region), service), "aws4_request")


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def _canonical(request: Request, signed: tuple[str, ...]) -> str:
    headers = "".join(f"{name}:{' '.join(request.headers.get(name, '').split())}\n" for name in signed)
    return "\n".join(
        (
            request.method,
            canonical_path(request.path),
            canonical_query(request.query),
            headers,
            ";".join(signed),
            hashlib.sha256(request.body).hexdigest(),
        )
    )


def canonical_path(path: str) -> str:
    """The path, encoded once more, without empty and dotted segments.

    >>> canonical_path("/v1/clusters/arn%3Aaws/./x//nodes")
    '/v1/clusters/arn%253Aaws/x/nodes'
    """
    kept: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            del kept[-1:]
        elif segment not in ("", "."):
            kept.append(segment)
    slash = "/" if kept and path.endswith("/") else ""
    return quote("/" + "/".join(kept) + slash, safe="/~")


def canonical_query(query: str) -> str:
    """The query's pairs, in order, with AWS's encoding.

    >>> canonical_query("b=2&a=x+y%2F")
    'a=x%20y%2F&b=2'
    """
    pairs = parse_qsl(query, keep_blank_values=True)
    encoded = sorted((quote(name, safe="-_.~"), quote(value, safe="-_.~")) for name, value in pairs)
    return "&".join(f"{name}={value}" for name, value in encoded)
