"""Asks AWS one thing at a time, and tells which of them it lets us do."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from msktop.aws.errors import AwsError, explaining
from msktop.aws.failures import Kind
from msktop.aws.session import AwsSession
from msktop.model.control_samples import PermissionSeen
from msktop.sources.pump import Clock

T = TypeVar("T")

DENIED_RETRY_S = 60.0
"""A denied action is asked again so often: each try is an error in the account's CloudTrail."""
RENEWABLE: frozenset[Kind] = frozenset({"expired", "invalid_credentials", "no_credentials", "login"})
"""Failures that end when somebody renews the credentials, or the chain does."""
_ABSENT: frozenset[Kind] = frozenset({"bad_request", "conflict", "not_found"})


class Asking:
    """One AWS identity, its clients, and what it was denied. Not for use by two threads."""

    def __init__(self, session: AwsSession, clock: Clock, denied_retry_s: float = DENIED_RETRY_S) -> None:
        self.session = session
        self._clock = clock
        self._denied_retry_s = denied_retry_s
        self._allowed: dict[str, bool] = {}
        self._denied_until: dict[str, float] = {}
        self._news: list[PermissionSeen] = []

    def ask(self, action: str, call: Callable[[], T]) -> T | None:
        """What `call` gives; None where `action` is denied, or was a short while ago.

        Credentials that have run out are read anew once. Raises AwsError for every other failure.
        """
        if time.monotonic() < self._denied_until.get(action, 0.0):
            return None
        try:
            answer = self._renewing(action, call)
        except AwsError as error:
            if error.kind != "denied":
                raise
            self._deny(action, error)
            return None
        self._denied_until.pop(action, None)
        if self._allowed.get(action) is not True:
            self._allowed[action] = True
            self._news.append(PermissionSeen(at=self._clock.now(), action=action, allowed=True))
        return answer

    def optional(self, action: str, call: Callable[[], T]) -> T | None:
        """The same; None also where AWS has no answer for this cluster (serverless, or still being made)."""
        try:
            return self.ask(action, call)
        except AwsError as error:
            if error.kind not in _ABSENT:
                raise
            return None

    def denied(self, action: str) -> bool:
        """Whether the newest word on an action is that it is denied."""
        return self._allowed.get(action) is False

    def news(self) -> list[PermissionSeen]:
        """What became known of permissions since the last call."""
        news, self._news = self._news, []
        return news

    def _renewing(self, action: str, call: Callable[[], T]) -> T:
        try:
            with explaining(action):
                return call()
        except AwsError as error:
            if error.kind not in RENEWABLE:
                raise
        self.session.forget()
        with explaining(action):
            return call()

    def _deny(self, action: str, error: AwsError) -> None:
        self._denied_until[action] = time.monotonic() + self._denied_retry_s
        if self._allowed.get(action) is not False:
            self._allowed[action] = False
            self._news.append(
                PermissionSeen(
                    at=self._clock.now(),
                    action=action,
                    allowed=False,
                    reason=error.title,
                    advice=error.advice,
                )
            )
