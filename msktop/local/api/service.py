"""One AWS service: which operation is asked for, its input checked, its handler called, its answer made."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from typing import Protocol

from botocore import xform_name

from msktop.local.api import errors, shapes
from msktop.local.api.aws_json import AwsJson
from msktop.local.api.messages import (
    ApiError,
    Call,
    Guard,
    InvalidInputError,
    Members,
    Model,
    OperationModel,
    Request,
    Response,
)
from msktop.local.api.query import Ec2, Query
from msktop.local.api.rest_json import RestJson

log = logging.getLogger(__name__)

Operation = Callable[..., Members | None]


class WireProtocol(Protocol):
    """How calls and answers of a service look on the wire."""

    codes: errors.Codes

    def operation(self, request: Request) -> OperationModel:
        """The operation that is asked for; raises ApiError when there is none."""

    def members(self, operation: OperationModel, request: Request) -> Members:
        """The operation's input. Raises InvalidInputError."""

    def answer(self, operation: OperationModel, output: Members, request_id: str) -> Response:
        """The answer to a call that went well."""

    def refuse(self, error: ApiError, request_id: str) -> Response:
        """The answer to a call that failed."""


_PROTOCOLS: dict[str, Callable[[Model], WireProtocol]] = {
    "rest-json": RestJson,
    "json": AwsJson,
    "query": Query,
    "ec2": Ec2,
}


def _allow(_: Call) -> None:
    """Refuse nothing."""


class Service:
    """An AWS service as `handler` carries it out.

    `name` is boto3's name of it. The handler has a method for each operation that is served, under boto3's
    name (`describe_cluster`) or the operation's own, called as `method(call, **members)`; members in and out
    have the model's names. It may raise ApiError.
    """

    def __init__(self, name: str, handler: object) -> None:
        self.name = name
        self._model = shapes.load(name)
        self.handler = handler
        self.signing_name: str = self._model.signing_name
        """What a signature's scope calls it: `monitoring` for CloudWatch."""
        spoken = self._model.metadata.get("protocols") or [self._model.metadata["protocol"]]
        self._protocols = {kind: _PROTOCOLS[kind](self._model) for kind in spoken if kind in _PROTOCOLS}

    def protocol(self, request: Request) -> WireProtocol:
        """The protocol that the request is in, as far as the service speaks it."""
        wanted = "json" if "x-amz-target" in request.headers else "query"
        return self._protocols.get(wanted) or next(iter(self._protocols.values()))

    def call(self, request: Request, region: str, access_key: str, guard: Guard = _allow) -> Response:
        """Carry out what is asked for; never raises."""
        protocol, request_id = self.protocol(request), str(uuid.uuid4())
        try:
            operation = protocol.operation(request)
            call = Call(region, access_key, self.name, operation.name)
            guard(call)
            output = self._carry_out(protocol, operation, request, call)
            return protocol.answer(operation, output, request_id)
        except ApiError as e:
            return protocol.refuse(e, request_id)
        except Exception as e:
            log.exception("%s %s", self.name, request.path)
            failed = ApiError(protocol.codes.internal, f"msktop local failed: {type(e).__name__}", status=500)
            return protocol.refuse(failed, request_id)

    @property
    def takes_forms(self) -> bool:
        """Whether its clients send forms, and want XML."""
        return next(iter(self._protocols)) in ("query", "ec2")

    def refuse(self, request: Request, error: ApiError) -> Response:
        """The answer to a request that is refused before it is a call."""
        return self.protocol(request).refuse(error, str(uuid.uuid4()))

    def refuse_signature(self, request: Request, refusal: errors.Refusal, message: str) -> Response:
        """The answer to a request whose signature is not accepted."""
        code, status = self.protocol(request).codes.refusals[refusal]
        return self.refuse(request, ApiError(code, message, status=status))

    def _carry_out(
        self, protocol: WireProtocol, operation: OperationModel, request: Request, call: Call
    ) -> Members:
        method = self._method(operation.name)
        if method is None:
            raise ApiError("UnsupportedOperation", f"msktop local does not do {call.action}.", status=501)
        try:
            members = protocol.members(operation, request)
            if operation.input_shape is not None:
                shapes.check(operation.input_shape, members)
        except InvalidInputError as e:
            code = protocol.codes.missing_member if e.missing else protocol.codes.invalid
            raise ApiError(code, str(e), InvalidParameter=e.name) from e
        return method(call, **members) or {}

    def _method(self, operation: str) -> Operation | None:
        found = getattr(self.handler, xform_name(operation), None) or getattr(self.handler, operation, None)
        return found if callable(found) else None
