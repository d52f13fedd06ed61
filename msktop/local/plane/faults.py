"""What only AWS can do to a caller, on demand: permission denied, throttling, expired credentials."""

from __future__ import annotations

from fnmatch import fnmatchcase

from msktop.errors import UsageError
from msktop.local.api.messages import ApiError, Call
from msktop.local.plane.names import ACCOUNT
from msktop.local.plane.records import Fault
from msktop.local.plane.registry import Registry

EVERY = "*"
_CODES: dict[Fault, dict[str, tuple[str, int]]] = {
    "denied": {
        "kafka": ("AccessDeniedException", 403),
        "ec2": ("UnauthorizedOperation", 403),
        "sns": ("AuthorizationError", 403),
        EVERY: ("AccessDenied", 403),
    },
    "throttled": {
        "kafka": ("TooManyRequestsException", 429),
        "ec2": ("RequestLimitExceeded", 503),
        EVERY: ("Throttling", 400),
    },
    "expired": {"kafka": ("ExpiredTokenException", 403), EVERY: ("ExpiredToken", 403)},
}
"""AWS's code and HTTP status, by service."""

_MESSAGES: dict[Fault, str] = {
    "denied": "User: arn:aws:iam::{account}:user/local is not authorized to perform: {action} on resource: * "
    "because no identity-based policy allows the {action} action",
    "throttled": "Rate exceeded",
    "expired": "The security token included in the request is expired",
}


def full_action(words: str) -> str:
    """An action as IAM has it, from what a person typed; kafka's need no prefix.

    >>> full_action("ListNodes"), full_action("ec2:DescribeSubnets"), full_action("*")
    ('kafka:ListNodes', 'ec2:DescribeSubnets', '*')
    """
    return words if ":" in words or words == EVERY else f"kafka:{words}"


def checked_action(words: str, known: list[str]) -> str:
    """The action or pattern of actions, if there is one of these; raises UsageError."""
    action = full_action(words)
    if not any(fnmatchcase(one, action) for one in known):
        raise UsageError(f"there is no action {words[:60]!r}", "Say it as kafka:ListNodes, or kafka:List*.")
    return action


class Faults:
    """Refuses calls as long as it is told to: the guard of the API's server."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def __call__(self, call: Call) -> None:
        """Raise the ApiError that this call is to meet, if any. Expired credentials come first, as in AWS."""
        meant = [f for a, f in self._registry.faults().items() if fnmatchcase(call.action, a)]
        for fault in ("expired", "throttled", "denied"):
            if fault in meant:
                code, status = _CODES[fault].get(call.service, _CODES[fault][EVERY])
                message = _MESSAGES[fault].format(account=ACCOUNT, action=call.action)
                raise ApiError(code, message, status=status)
