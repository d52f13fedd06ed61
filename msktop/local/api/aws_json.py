"""The protocol json (AWS JSON 1.x), which boto3 and the AWS CLI choose for CloudWatch."""

from __future__ import annotations

import msgspec

from msktop.local.api import errors, json_values
from msktop.local.api.messages import ApiError, Members, Model, OperationModel, Request, Response


class AwsJson:
    """The protocol for one service: the header X-Amz-Target chooses the operation, bodies are JSON."""

    codes = errors.JSON

    def __init__(self, model: Model) -> None:
        self._model = model
        version = model.metadata.get("jsonVersion", "1.0")
        self._headers = {"Content-Type": f"application/x-amz-json-{version}"}

    def operation(self, request: Request) -> OperationModel:
        """The operation that is asked for; raises ApiError when there is none."""
        prefix, _, name = request.headers.get("x-amz-target", "").rpartition(".")
        if prefix != self._model.metadata["targetPrefix"] or name not in self._model.operation_names:
            raise ApiError(self.codes.unknown_operation, "There is no such operation.", status=404)
        return self._model.operation_model(name)

    def members(self, operation: OperationModel, request: Request) -> Members:
        """The operation's input. Raises InvalidInputError."""
        given = json_values.read_object(request.body)
        return json_values.take_members(operation.input_shape, given) if operation.input_shape else {}

    def answer(self, operation: OperationModel, output: Members, request_id: str) -> Response:
        """The answer to a call that went well."""
        shape = operation.output_shape
        body = json_values.give_members(shape, output) if shape else {}
        return Response(200, self._headers | {"x-amzn-RequestId": request_id}, msgspec.json.encode(body))

    def refuse(self, error: ApiError, request_id: str) -> Response:
        """The answer to a call that failed. Where the service once spoke query, it still tells that code."""
        told = errors.told(self._model, error)
        headers = self._headers | {"x-amzn-RequestId": request_id}
        if "awsQueryCompatible" in self._model.metadata:
            headers["x-amzn-query-error"] = f"{told.query_code};{told.fault}"
        members = json_values.give_members(told.shape, told.members) if told.shape else {}
        body = {"__type": told.code, "message": told.message} | members
        return Response(told.status, headers, msgspec.json.encode(body))
