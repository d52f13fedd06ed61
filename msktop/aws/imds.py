"""EC2's instance metadata (IMDSv2): which zone and region this host is in. No botocore."""

from __future__ import annotations

import http.client
import os
import time
from urllib.parse import urlsplit

ENDPOINT = "http://169.254.169.254"
DEADLINE_S = 1.0
"""For everything: off EC2 nobody answers at this address."""
ZONE_ID = "placement/availability-zone-id"
ZONE_NAME = "placement/availability-zone"
REGION = "placement/region"

_TOKEN_TTL_S = "60"
_MOST_BYTES = 256


def read(path: str, deadline_s: float = DEADLINE_S) -> str | None:
    """One value; None where this is no EC2 instance, or its metadata are switched off.

    As the AWS SDKs have it: AWS_EC2_METADATA_DISABLED=true asks nobody, AWS_EC2_METADATA_SERVICE_ENDPOINT
    names another address.
    """
    if os.environ.get("AWS_EC2_METADATA_DISABLED", "").strip().lower() == "true":
        return None
    url = urlsplit(os.environ.get("AWS_EC2_METADATA_SERVICE_ENDPOINT") or ENDPOINT)
    if url.scheme != "http" or not url.hostname:
        return None
    until = time.monotonic() + deadline_s
    try:
        port = url.port or 80
        token = _ask(
            url.hostname,
            port,
            "PUT",
            "/latest/api/token",
            {"X-aws-ec2-metadata-token-ttl-seconds": _TOKEN_TTL_S},
            until,
        )
        return _ask(
            url.hostname,
            port,
            "GET",
            f"/latest/meta-data/{path}",
            {"X-aws-ec2-metadata-token": token or ""},
            until,
        )
    except (OSError, ValueError, http.client.HTTPException):
        return None


def _ask(host: str, port: int, method: str, path: str, headers: dict[str, str], until: float) -> str | None:
    connection = http.client.HTTPConnection(host, port, timeout=max(0.01, until - time.monotonic()))
    try:
        connection.request(method, path, headers=headers)
        response = connection.getresponse()
        text = response.read(_MOST_BYTES).decode("ascii").strip()
    finally:
        connection.close()
    return text if response.status == http.client.OK and text.isprintable() and text else None
