"""Every way an AWS call fails, as a sentence, what to do next, and which permission is missing.

Errors are told apart by the names of their classes and by AWS's codes, so that botocore need not be loaded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from msktop.aws.failures import BY_STATUS, KIND_OF, SENTENCES, UNANSWERED, Kind
from msktop.errors import MsktopError

_PASSING: frozenset[Kind] = frozenset({"throttled", "unreachable", "server"})
_SAID = 300
"""Characters kept of what AWS says."""


class AwsError(MsktopError):
    """An AWS call that failed: of which kind, with AWS's own code, and the IAM action that is missing."""

    def __init__(self, kind: Kind, title: str, advice: str = "", *, code: str = "", action: str = "") -> None:
        super().__init__(title, advice)
        self.kind = kind
        self.code = code
        """`AccessDeniedException`; the name of botocore's class where AWS was not even reached."""
        self.action = action
        """`kafka:ListNodes`: which call it was; where `kind` is `denied`, the action to allow."""

    @property
    def passing(self) -> bool:
        """Whether the same call may work later without anybody doing anything."""
        return self.kind in _PASSING


class PromptNeededError(Exception):
    """A code must be typed, and the screen is open."""


@contextmanager
def explaining(action: str = "") -> Iterator[None]:
    """Turn whatever botocore raises inside into an AwsError; `action` is the IAM action of the call."""
    try:
        yield
    except MsktopError:
        raise
    except Exception as error:
        if not _is_aws(error):
            raise
        raise explain(error, action) from error


def explain(error: Exception, action: str = "") -> AwsError:
    """The AwsError of what botocore raised while doing `action`.

    >>> explain(PromptNeededError("arn:aws:iam::1:mfa/ann")).kind
    'login'
    """
    response = getattr(error, "response", None)
    if isinstance(response, dict):
        return _answered(response, action)
    for name in (cls.__name__ for cls in type(error).__mro__):
        if name in UNANSWERED:
            kind, title, advice = UNANSWERED[name]
            return AwsError(
                kind,
                title.format(said=_said(str(error))),
                advice,
                code=type(error).__name__,
                action=action,
            )
    said = _said(str(error))
    return AwsError("other", f"AWS cannot be asked: {said}", code=type(error).__name__, action=action)


def _is_aws(error: Exception) -> bool:
    names = {cls.__name__ for cls in type(error).__mro__}
    if names & {"BotoCoreError", "ClientError", "PromptNeededError", "OSError", "JSONDecodeError"}:
        return True
    return isinstance(error, RuntimeError) and "still expired" in str(error)


def _said(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _SAID else text[: _SAID - 1] + "…"


# ------------------------------------------------------------------ AWS answered with an error

_LATE = re.compile(r"Signature (expired|not yet current)", re.IGNORECASE)
_REFUSAL = re.compile(r"(?:(?:User|Role): (\S+) is )?not authorized to perform: ([\w-]+:\w+)", re.IGNORECASE)
_EXPLICIT = re.compile(r"explicit deny(?: in (?:an? |the )?([\w -]+?policy\b))?", re.IGNORECASE)


def _answered(response: dict[str, Any], action: str) -> AwsError:
    error = response.get("Error") or {}
    code, message = str(error.get("Code") or "?"), _said(str(error.get("Message") or ""))
    status = int((response.get("ResponseMetadata") or {}).get("HTTPStatusCode") or 0)
    kind = kind_of(code, status, message)
    if kind == "denied":
        return _denied(code, message, action)
    said = f": {message}" if message else f" ({code})"
    title, advice = SENTENCES[kind]
    return AwsError(
        kind, title.format(action=action or "the call", said=said), advice, code=code, action=action
    )


def kind_of(code: str, status: int = 0, message: str = "") -> Kind:
    """The kind of an error that AWS answered.

    >>> kind_of("TooManyRequestsException"), kind_of("Strange", 503), kind_of("Strange")
    ('throttled', 'server', 'other')
    >>> kind_of("InvalidSignatureException", 403, "Signature expired: 2026…")
    'clock'
    """
    kind = KIND_OF.get(code) or BY_STATUS.get(status) or ("server" if status >= 500 else "other")
    return "clock" if kind == "invalid_credentials" and _LATE.search(message) else kind


def _denied(code: str, message: str, action: str) -> AwsError:
    if code in ("OptInRequired", "SubscriptionRequiredException"):
        return AwsError(
            "denied",
            "this account may not use the service",
            "Is the region enabled for the account?",
            code=code,
            action=action,
        )
    refusal = _REFUSAL.search(message)
    action = refusal[2] if refusal else action
    who = refusal[1].rpartition(":")[2] if refusal and refusal[1] else "these credentials"
    title = f"AWS does not let {who} do {action or 'this'}"
    explicit = _EXPLICIT.search(message)
    if explicit:
        where = explicit[1] or "a policy"
        advice = f"An explicit deny in {where} forbids it: allowing it elsewhere does not help."
    else:
        from msktop.aws.policy import actions  # a table that is seldom wanted

        role = "monitor" if not action or action in actions("monitor") else "operate"
        advice = f"Allow {action or 'it'}: `msktop doctor --policy {role}` prints the least policy."
    return AwsError("denied", title, advice, code=code, action=action)
