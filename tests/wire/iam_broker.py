"""A broker that lets in by IAM: it computes each signature anew with botocore's signer, and compares."""

from __future__ import annotations

import base64
import calendar
import json
import struct
import time
from urllib.parse import parse_qsl, urlsplit

from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.wire.endpoint import Kafka, ScramServer

MECHANISMS = ("OAUTHBEARER", "AWS_MSK_IAM")


class RefusedError(Exception):
    """The login is not accepted, and why."""


class IamKafka(Kafka):
    """Knows the secret and the session token of each access key."""

    def __init__(self, keys: dict[str, tuple[str, str | None]], region: str) -> None:
        super().__init__([(1, "127.0.0.1", 9098)])
        self.mechanisms = MECHANISMS
        self.login_required = True
        self.keys = keys
        self.region = region
        self.accepted: list[tuple[str, str]] = []
        """Access key and date of each good login."""
        self.refused: list[str] = []
        self.agents: set[str] = set()
        self.hosts: set[str] = set()

    def _authenticate(self, token: bytes, scram: ScramServer | None) -> tuple[bytes, bool]:
        try:
            said = self._bearer(token) if token.startswith(b"n,,") else self._msk_iam(token)
        except RefusedError as why:
            self.refused.append(str(why))
            text = f"Access denied: {why}".encode()
            return struct.pack(">hh", 58, len(text)) + text + struct.pack(">iq", 0, 0), False
        return struct.pack(">hhi", 0, -1, len(said)) + said + struct.pack(">q", self.lifetime_ms), True

    def _bearer(self, token: bytes) -> bytes:
        assert token.endswith(b"\1\1")
        encoded = token.removeprefix(b"n,,\1auth=Bearer ").removesuffix(b"\1\1")
        url = urlsplit(base64.urlsafe_b64decode(encoded + b"=" * (-len(encoded) % 4)).decode())
        query = dict(parse_qsl(url.query))
        self.agents.add(query.pop("User-Agent"))
        self._check(url.netloc, {name.lower(): value for name, value in query.items()})
        return b""

    def _msk_iam(self, token: bytes) -> bytes:
        payload = json.loads(token)
        if payload.pop("version") != "2020_10_22":
            raise RefusedError("version")
        self.agents.add(payload.pop("user-agent"))
        self._check(payload.pop("host"), payload)
        return json.dumps({"version": "2020_10_22", "request-id": "0"}).encode()

    def _check(self, host: str, signed: dict[str, str]) -> None:
        self.hosts.add(host)
        access_key, _, region, service, _ = signed["x-amz-credential"].split("/")
        if (region, service, signed["action"]) != (self.region, "kafka-cluster", "kafka-cluster:Connect"):
            raise RefusedError(f"credential scope {region}/{service} {signed['action']}")
        if access_key not in self.keys:
            raise RefusedError(f"unknown access key {access_key}")
        secret, session_token = self.keys[access_key]
        if signed.get("x-amz-security-token") != session_token:
            raise RefusedError("session token")
        date, expires = signed["x-amz-date"], int(signed["x-amz-expires"])
        age_s = time.time() - calendar.timegm(time.strptime(date, "%Y%m%dT%H%M%SZ"))
        if not -300 < age_s < expires <= 900:
            raise RefusedError(f"signed {age_s:.0f} s ago for {expires} s")
        signer = SigV4QueryAuth(Credentials(access_key, secret, session_token), service, region, expires)
        request = AWSRequest(method="GET", url=f"https://{host}/", params={"Action": signed["action"]})
        request.context["timestamp"] = date
        signer._modify_request_before_signing(request)
        expected = signer.signature(
            signer.string_to_sign(request, signer.canonical_request(request)), request
        )
        if signed["x-amz-signature"] != expected:
            raise RefusedError("signature")
        self.accepted.append((access_key, date))
