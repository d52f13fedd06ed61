"""AWS without a network: botocore itself, whose calls are answered in the model's own shapes."""

from __future__ import annotations

import functools
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.client import BaseClient
from botocore.exceptions import ClientError
from botocore.model import OperationModel
from botocore.session import Session
from botocore.validate import validate_parameters

from msktop.aws.access import Access
from msktop.aws.session import AwsSession

Answer = Mapping[str, Any] | Exception | Callable[[Mapping[str, Any]], Mapping[str, Any]]


def error(code: str, message: str = "", status: int = 400) -> ClientError:
    """What AWS answers to a call that it does not take."""
    return ClientError(
        {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}, ""
    )


def denied(action: str) -> ClientError:
    """As IAM words it."""
    message = f"User: arn:aws:iam::123456789012:user/ann is not authorized to perform: {action}"
    return error("AccessDeniedException", message, 403)


@functools.cache
def _botocore() -> Session:
    """One for all tests: it keeps the models that it has read."""
    return Session()


class FakeAws(AwsSession):
    """Answers by operation name; those are checked against botocore's model, as real ones would be."""

    def __init__(self, answers: dict[str, Answer], regions: tuple[str, ...] = ("us-east-1",)) -> None:
        super().__init__(Access(regions=regions))
        self.answers = answers
        self.calls: Counter[str] = Counter()
        self.asked: list[tuple[str, Mapping[str, Any]]] = []
        self.forgotten = 0
        self._clients_lock = threading.Lock()
        self._made: dict[tuple[str, str], BaseClient] = {}

    def client(self, service: str, region: str | None = None, *, once: bool = False) -> BaseClient:
        """A botocore client that never sends anything."""
        with self._clients_lock:
            key = service, region or self.region
            if key not in self._made:
                self._made[key] = self._faked(*key)
            return self._made[key]

    def forget(self) -> None:
        """Only counted."""
        self.forgotten += 1

    def _faked(self, service: str, region: str) -> BaseClient:
        client = _botocore().create_client(
            service, region, aws_access_key_id="AKIA", aws_secret_access_key="secret"
        )
        client.meta.events.register("provide-client-params", self._note)
        client.meta.events.register("before-call", self._answer)
        return client

    def _note(self, params: Mapping[str, Any], model: OperationModel, **_: object) -> None:
        self.calls[model.name] += 1
        self.asked.append((model.name, params))

    def _answer(self, model: OperationModel, **_: object) -> tuple[AWSResponse, Mapping[str, Any]]:
        answer = self.answers.get(model.name, {})
        asked = next(params for name, params in reversed(self.asked) if name == model.name)
        if callable(answer):
            answer = answer(asked)
        if isinstance(answer, ClientError):
            status = answer.response["ResponseMetadata"]["HTTPStatusCode"]
            return AWSResponse("", status, {}, None), answer.response
        if isinstance(answer, Exception):
            raise answer
        checked = {k: v for k, v in answer.items() if k != "NumberOfBrokerNodes"}
        report = validate_parameters(checked, model.output_shape)
        assert report is None, report
        return AWSResponse("", 200, {}, None), dict(answer)
