"""A webhook: the document by POST, tried again a few times, never redirected."""

from __future__ import annotations

import http.client
import os
import socket
import ssl
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from msktop import __version__
from msktop.alerting.message import Message, encoded
from msktop.alerting.senders import SendError
from msktop.model.text import plain

MOST_WAIT_S = 30.0
"""As much as a Retry-After may ask for."""
_PASSING = frozenset({408, 425, 429})
_ANSWER_BYTES = 2_000
_WHOLE = 3.0
"""The whole exchange may take so many times as long as one wait."""


@dataclass(frozen=True, slots=True)
class Secret:
    """Something that is in a file, in the environment, or no secret and said outright."""

    text: str = field(default="", repr=False)
    file: Path | None = None
    variable: str = ""

    def read(self) -> str:
        """It, now: a file that is changed is read anew. Raises SendError."""
        if self.variable:
            found = os.environ.get(self.variable, "")
            where = f"the variable {self.variable}"
        elif self.file is not None:
            where = str(self.file)
            try:
                found = self.file.read_text("utf-8")
            except (OSError, UnicodeDecodeError) as error:
                raise SendError(f"{where} cannot be read", "See that it exists and is yours.") from error
        else:
            return self.text
        found = found.strip()
        if not found or not found.isprintable():
            raise SendError(f"{where} holds nothing usable", "It must hold one line of printable text.")
        return found


@dataclass(frozen=True, slots=True)
class WebhookSender:
    """Posts to one URL. Neither it nor a header's value ever stands in an error: both may be secret."""

    url: Secret
    headers: tuple[tuple[str, Secret], ...] = ()
    timeout_s: float = 5.0

    def send(self, message: Message) -> None:
        """Post once; the caller tries again where that may help."""
        where = checked_url(self.url.read())
        headers = {name: secret.read() for name, secret in self.headers}
        headers |= {"Content-Type": "application/json", "User-Agent": f"msktop/{__version__}"}
        connection = self._connection(where)
        deadline = threading.Timer(_WHOLE * self.timeout_s, _cut, (connection,))
        deadline.daemon = True
        try:
            connection.connect()
            deadline.start()
            connection.request("POST", _target(where), encoded(message), headers)
            answer = connection.getresponse()
            said = plain(answer.read(_ANSWER_BYTES).decode("utf-8", "replace").strip(), 200)
        except (OSError, http.client.HTTPException) as error:
            raise SendError(
                f"{where.hostname} cannot be reached: {_reason(error)}",
                "See that this host may go there; a proxy is not used.",
                passing=True,
            ) from error
        finally:
            deadline.cancel()
            connection.close()
        if not 200 <= answer.status < 300:
            raise _refusal(where, answer, said)

    def _connection(self, where: SplitResult) -> http.client.HTTPConnection:
        assert where.hostname is not None
        if where.scheme == "https":
            context = ssl.create_default_context()
            return http.client.HTTPSConnection(
                where.hostname, where.port, timeout=self.timeout_s, context=context
            )
        return http.client.HTTPConnection(where.hostname, where.port, timeout=self.timeout_s)


def _cut(connection: http.client.HTTPConnection) -> None:
    """End one that gives its answer drop by drop."""
    with suppress(OSError, AttributeError):
        connection.sock.shutdown(socket.SHUT_RDWR)


def checked_url(url: str) -> SplitResult:
    """The parts of a URL that may be posted to; raises SendError.

    >>> checked_url("https://hooks.example/x").hostname
    'hooks.example'
    >>> checked_url("ftp://hooks.example")
    Traceback (most recent call last):
    msktop.alerting.senders.SendError: the URL is none of http or https with a host
    """
    try:
        where = urlsplit(url)
        where.port  # noqa: B018 - a wrong one raises here
    except ValueError as error:
        raise SendError("the URL cannot be understood", "It looks like https://host/path.") from error
    plain_text = url.isascii() and url.isprintable() and " " not in url
    if where.scheme not in ("http", "https") or not where.hostname or not plain_text:
        raise SendError("the URL is none of http or https with a host", "It looks like https://host/path.")
    return where


def _target(where: SplitResult) -> str:
    return (where.path or "/") + (f"?{where.query}" if where.query else "")


def _refusal(where: SplitResult, answer: http.client.HTTPResponse, said: str) -> SendError:
    status = answer.status
    if 300 <= status < 400:
        return SendError(
            f"{where.hostname} answered {status}: it wants to redirect, which is not followed",
            "Give the URL that it leads to.",
        )
    wait = answer.getheader("Retry-After") or ""
    return SendError(
        f"{where.hostname} answered {status}" + (f": {said}" if said else ""),
        passing=status >= 500 or status in _PASSING,
        wait_s=min(MOST_WAIT_S, float(wait)) if wait.isdecimal() else 0.0,
    )


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate: {error.verify_message}"
    return plain(str(getattr(error, "strerror", None) or error or type(error).__name__), 200)
