"""A server with a handler that remembers its calls, and unmodified clients of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from msktop.local.api.http import Server, serve
from msktop.local.api.messages import ApiError, Call, Members, Value
from msktop.local.api.service import Service
from tests.local.api.values import ACCESS_KEY, SECRET

SERVICES = ("kafka", "cloudwatch", "ec2", "sts", "sns")
Client = Any
Clients = Callable[..., Client]


class Echo:
    """Does what `answers` says, and remembers what it was called with."""

    def __init__(self) -> None:
        self.calls: list[tuple[Call, Members]] = []
        self.answers: dict[str, Members | Exception] = {}
        self.refuse: ApiError | None = None

    def __getattr__(self, name: str) -> Callable[..., Members]:
        if name not in self.answers:
            raise AttributeError(name)

        def operation(call: Call, **members: Value) -> Members:
            self.calls.append((call, members))
            answer = self.answers[name]
            if isinstance(answer, Exception):
                raise answer
            return answer

        return operation

    def guard(self, call: Call) -> None:
        """Refuse a call, when told to."""
        if self.refuse is not None:
            raise self.refuse


@pytest.fixture
def echo() -> Echo:
    return Echo()


@pytest.fixture(scope="module")
def _services() -> dict[str, Service]:
    """Models take a while to load: once for a module."""
    return {name: Service(name, None) for name in SERVICES}


@pytest.fixture
def server(echo: Echo, _services: dict[str, Service]) -> Iterator[Server]:
    for service in _services.values():
        service.handler = echo
    with serve(list(_services.values()), "127.0.0.1", 0, {ACCESS_KEY: SECRET}, echo.guard) as serving:
        yield serving


@pytest.fixture
def clients(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Clients:
    """Makes boto3 clients of the server; they know nothing of this machine's own credentials."""
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))

    def client(service: str, key: str = ACCESS_KEY, secret: str = SECRET) -> Client:
        return boto3.client(
            service,
            endpoint_url=server.url,
            region_name="eu-north-1",
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            config=Config(retries={"total_max_attempts": 1}),
        )

    return client
