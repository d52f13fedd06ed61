"""The protocol rest-json, which `kafka` speaks: method and path choose the operation, bodies are JSON."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, unquote

import msgspec

from msktop.local.api import errors, json_values
from msktop.local.api.messages import (
    ApiError,
    InvalidInputError,
    Members,
    Model,
    OperationModel,
    Request,
    Response,
)
from msktop.local.api.shapes import from_text, wire_name

_LABEL = re.compile(r"\{([^}+]+)\+?\}")


class RestJson:
    """The protocol for one service. Inputs in headers are not known to it: `kafka` has none."""

    codes = errors.REST_JSON

    def __init__(self, model: Model) -> None:
        self._model = model
        self._operations = {name: model.operation_model(name) for name in model.operation_names}
        strict = [_Route(op, "[^/]+") for op in self._operations.values()]
        loose = [_Route(op, ".+") for op in self._operations.values()]
        # Some clients send the slashes of an ARN as they are: the path with the most literal text wins then.
        self._routes = strict + sorted(loose, key=lambda route: -route.literal_length)

    def operation(self, request: Request) -> OperationModel:
        """The operation that is asked for; raises ApiError when there is none."""
        return self._route(request).operation

    def _route(self, request: Request) -> _Route:
        for route in self._routes:
            if route.method == request.method and route.path.fullmatch(request.path):
                return route
        raise ApiError(self.codes.unknown_operation, "There is no such operation.", status=404)

    def members(self, operation: OperationModel, request: Request) -> Members:
        """The operation's input. Raises InvalidInputError."""
        shape = operation.input_shape
        if shape is None:
            return {}
        found = self._route(request).path.fullmatch(request.path)
        labels = found.groupdict() if found else {}
        try:
            query = parse_qs(request.query, keep_blank_values=True, errors="strict")
        except ValueError as e:
            raise InvalidInputError("query", "is not UTF-8") from e
        members: Members = {}
        for member, inner in shape.members.items():
            location, name = inner.serialization.get("location"), wire_name(inner, member)
            if location == "uri" and name in labels:
                members[member] = from_text(inner, unquote(labels[name]), name)
            elif location == "querystring" and name in query:
                texts = query[name]
                is_list = inner.type_name == "list"
                members[member] = (
                    [from_text(inner.member, text, name) for text in texts]
                    if is_list
                    else from_text(inner, texts[0], name)
                )
        return members | json_values.take_members(shape, json_values.read_object(request.body))

    def answer(self, operation: OperationModel, output: Members, request_id: str) -> Response:
        """The answer to a call that went well."""
        status = operation.http.get("responseCode", 200)
        headers = {"x-amzn-RequestId": request_id, "Content-Type": "application/json"}
        if operation.output_shape is None or status == 204:
            return Response(status, headers, b"")
        body = json_values.give_members(operation.output_shape, output)
        return Response(status, headers, msgspec.json.encode(body))

    def refuse(self, error: ApiError, request_id: str) -> Response:
        """The answer to a call that failed."""
        told = errors.told(self._model, error)
        headers = {
            "x-amzn-RequestId": request_id,
            "x-amzn-ErrorType": told.code,
            "Content-Type": "application/json",
        }
        body = json_values.give_members(told.shape, told.members) if told.shape else {"message": told.message}
        return Response(told.status, headers, msgspec.json.encode(body))


class _Route:
    """An operation's method and path; a label of the path matches `label`."""

    def __init__(self, operation: OperationModel, label: str) -> None:
        self.operation = operation
        self.method: str = operation.http["method"]
        uri: str = operation.http["requestUri"]
        self.literal_length = len(_LABEL.sub("", uri))
        parts = _LABEL.split(uri)
        pattern = "".join(
            f"(?P<{part}>{label})" if odd % 2 else re.escape(part) for odd, part in enumerate(parts)
        )
        self.path = re.compile(pattern + "/?")
