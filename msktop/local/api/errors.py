"""Errors as a service's model has them: codes, statuses, members; and AWS's codes for what no model has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from msktop.local.api.messages import ApiError, Members, Model, Shape

Refusal = Literal["missing", "unknown_key", "mismatch", "late"]
"""What is wrong with a signature: none, of an unknown key, not ours, of another time."""


@dataclass(frozen=True, slots=True)
class Codes:
    """What a kind of service calls the errors that its model does not have."""

    invalid: str
    missing_member: str
    unknown_operation: str
    internal: str
    refusals: dict[Refusal, tuple[str, int]]
    """Code and HTTP status."""


_JSON_REFUSALS: dict[Refusal, tuple[str, int]] = {
    "missing": ("MissingAuthenticationTokenException", 403),
    "unknown_key": ("UnrecognizedClientException", 403),
    "mismatch": ("InvalidSignatureException", 403),
    "late": ("InvalidSignatureException", 403),
}
_QUERY_REFUSALS: dict[Refusal, tuple[str, int]] = {
    "missing": ("MissingAuthenticationToken", 403),
    "unknown_key": ("InvalidClientTokenId", 403),
    "mismatch": ("SignatureDoesNotMatch", 403),
    "late": ("SignatureDoesNotMatch", 403),
}
_EC2_REFUSALS: dict[Refusal, tuple[str, int]] = {
    "missing": ("MissingAuthenticationToken", 403),
    "unknown_key": ("AuthFailure", 401),
    "mismatch": ("SignatureDoesNotMatch", 403),
    "late": ("RequestExpired", 400),
}

REST_JSON = Codes(
    "BadRequestException",
    "BadRequestException",
    "UnknownOperationException",
    "InternalServerErrorException",
    _JSON_REFUSALS,
)
JSON = Codes(
    "ValidationError", "ValidationError", "UnknownOperationException", "InternalFailure", _JSON_REFUSALS
)
QUERY = Codes("ValidationError", "ValidationError", "InvalidAction", "InternalFailure", _QUERY_REFUSALS)
EC2 = Codes("InvalidParameterValue", "MissingParameter", "InvalidAction", "InternalError", _EC2_REFUSALS)


@dataclass(frozen=True, slots=True)
class Told:
    """An error as it goes out: code, status, and the members of the model's exception, if it is one of those.

    `code` names the exception's shape; `query_code` is what it was called before there were shapes.
    """

    code: str
    query_code: str
    status: int
    message: str
    members: Members
    shape: Shape | None

    @property
    def fault(self) -> str:
        """Whose fault it is, in AWS's words."""
        return "Sender" if self.status < 500 else "Receiver"


def told(model: Model, error: ApiError) -> Told:
    """Look the error up in the model of its service."""
    shape = next((s for s in model.error_shapes if error.code in (s.name, s.error_code)), None)
    if shape is None:
        return Told(error.code, error.code, error.status or 400, error.message, {}, None)
    status = error.status or shape.metadata.get("error", {}).get("httpStatusCode", 400)
    message = next((name for name in shape.members if name.lower() == "message"), None)
    members = {name: value for name, value in error.members.items() if name in shape.members}
    if message is not None:
        members[message] = error.message
    return Told(shape.name, shape.error_code, status, error.message, members, shape)
