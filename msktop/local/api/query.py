"""The protocols query (STS, SNS) and ec2: a form goes in, XML comes out."""

from __future__ import annotations

from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

from msktop.local.api import errors, forms, xml_values
from msktop.local.api.messages import (
    ApiError,
    InvalidInputError,
    Members,
    Model,
    OperationModel,
    Request,
    Response,
)

_MAX_FIELDS = 20_000


class Query:
    """The protocol query for one service: `Action` chooses the operation."""

    codes = errors.QUERY
    _dialect: forms.Dialect = forms.QUERY
    _item_name = "member"

    def __init__(self, model: Model) -> None:
        self._model = model
        self._namespace = str(model.metadata.get("xmlNamespace", ""))

    def operation(self, request: Request) -> OperationModel:
        """The operation that is asked for; raises ApiError when there is none."""
        try:
            name = dict(_fields(request)).get("Action", "")
        except InvalidInputError as e:
            raise ApiError(self.codes.invalid, str(e)) from e
        if name not in self._model.operation_names:
            raise ApiError(self.codes.unknown_operation, "There is no such operation.")
        return self._model.operation_model(name)

    def members(self, operation: OperationModel, request: Request) -> Members:
        """The operation's input. Raises InvalidInputError."""
        if operation.input_shape is None:
            return {}
        tree = forms.tree(_fields(request))
        return forms.take_members(operation.input_shape, tree, self._dialect)

    def answer(self, operation: OperationModel, output: Members, request_id: str) -> Response:
        """The answer to a call that went well."""
        return _xml(200, self._body(operation, self._inner(operation, output), request_id), request_id)

    def _inner(self, operation: OperationModel, output: Members) -> str:
        shape = operation.output_shape
        return "" if shape is None else xml_values.give_members(shape, output, self._item_name)

    def _body(self, operation: OperationModel, inner: str, request_id: str) -> str:
        shape = operation.output_shape
        wrapper = shape.serialization.get("resultWrapper") if shape is not None else None
        result = f"<{wrapper}>{inner}</{wrapper}>" if wrapper else inner
        metadata = f"<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata>"
        name = f"{operation.name}Response"
        return f'<{name} xmlns="{escape(self._namespace)}">{result}{metadata}</{name}>'

    def refuse(self, error: ApiError, request_id: str) -> Response:
        """The answer to a call that failed."""
        told = errors.told(self._model, error)
        text = f"<Code>{escape(told.query_code)}</Code><Message>{xml_values.text(told.message)}</Message>"
        return _xml(told.status, self._error(told, text, request_id), request_id)

    def _error(self, told: errors.Told, text: str, request_id: str) -> str:
        inner = f"<Error><Type>{told.fault}</Type>{text}</Error><RequestId>{request_id}</RequestId>"
        return f'<ErrorResponse xmlns="{escape(self._namespace)}">{inner}</ErrorResponse>'


class Ec2(Query):
    """The protocol ec2, a dialect of query: lists are flat, results are not wrapped."""

    codes = errors.EC2
    _dialect = forms.EC2
    _item_name = "item"

    def _body(self, operation: OperationModel, inner: str, request_id: str) -> str:
        name = f"{operation.name}Response"
        head = f"<requestId>{request_id}</requestId>"
        return f'<{name} xmlns="{escape(self._namespace)}">{head}{inner}</{name}>'

    def _error(self, told: errors.Told, text: str, request_id: str) -> str:
        inner = f"<Errors><Error>{text}</Error></Errors><RequestID>{request_id}</RequestID>"
        return f"<Response>{inner}</Response>"


def _fields(request: Request) -> list[tuple[str, str]]:
    """Names and values of the form, or of the query where there is no body."""
    try:
        text = request.body.decode("ascii") or request.query
        return parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=_MAX_FIELDS)
    except ValueError as e:
        raise InvalidInputError("body", "is not a form") from e


def _xml(status: int, body: str, request_id: str) -> Response:
    headers = {"Content-Type": "text/xml;charset=UTF-8", "x-amzn-RequestId": request_id}
    return Response(status, headers, b'<?xml version="1.0" encoding="UTF-8"?>\n' + body.encode())
