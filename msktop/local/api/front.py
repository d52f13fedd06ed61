"""What stands before the services: verifies the signature, and finds the service that it was made for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from msktop.local.api import sigv4
from msktop.local.api.messages import ApiError, Guard, Request, Response
from msktop.local.api.reading import unzipped
from msktop.local.api.service import Service


def _now() -> datetime:
    return datetime.now(UTC)


class Front:
    """Answers signed requests.

    `secrets` has the secret of each access key; `guard` looks at each call whose signature is right.
    """

    def __init__(
        self,
        services: Sequence[Service],
        secrets: Mapping[str, str],
        guard: Guard,
        now: Callable[[], datetime] = _now,
    ) -> None:
        self._services = {service.signing_name: service for service in services}
        self._first = services[0]
        self._secrets = secrets
        self._guard = guard
        self._now = now

    def answer(self, request: Request) -> Response:
        """The answer of the service that the request is for. Raises RefusedError where none can be given."""
        try:
            scope = sigv4.scope(request)
        except sigv4.SignatureError as e:
            return self._like(request).refuse_signature(request, e.refusal, str(e))
        service = self._services.get(scope.service)
        try:
            sigv4.verify(request, scope, self._secrets, self._now())
        except sigv4.SignatureError as e:
            return (service or self._like(request)).refuse_signature(request, e.refusal, str(e))
        if service is None:
            known = ", ".join(sorted(self._services))
            error = ApiError(
                "UnsupportedOperation",
                f"msktop local does not serve {scope.service}, only {known}.",
                status=501,
            )
            return self._like(request).refuse(request, error)
        if request.headers.get("content-encoding", "").lower() == "gzip":
            request = replace(request, body=unzipped(request.body))
        return service.call(request, scope.region, scope.access_key, self._guard)

    def _like(self, request: Request) -> Service:
        """A service whose errors the client will understand, where it is not known which one was meant."""
        form = request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
        return next((s for s in self._services.values() if s.takes_forms == form), self._first)
