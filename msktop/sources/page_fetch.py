"""Fetches one exporter page over plain HTTP, bounded in size and time; follows nobody anywhere."""

from __future__ import annotations

import http.client
import socket
import time
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from msktop.wire.dialing import dial
from msktop.wire.errors import WireError
from msktop.wire.network import Network

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

MOST_BYTES = 16 * 1024 * 1024
"""A page of 2,000 partitions is 3 MB; more than this is cut, and said to be."""
DEADLINE_S = 30.0
"""For the whole page. An exporter was seen to take 5 s before its first byte with 2,000 partitions."""
_CONNECT_S = 3.0
_CHUNK = 65536
_GZIP = 16 + zlib.MAX_WBITS


class FetchError(Exception):
    """A page could not be had: why, and what a person can do."""

    def __init__(self, reason: str, advice: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.advice = advice


@dataclass(frozen=True, slots=True)
class Fetched:
    """A page as far as it came."""

    body: bytes
    wire_bytes: int
    truncated: bool


_TURN_ON = "Turn on open monitoring: UpdateMonitoring with OpenMonitoring.Prometheus."
_LET_PASS = "Open monitoring may be off, or the security group may not let this port pass."
_BUSY = "The exporter may be busy: its page grows with the broker's partitions."


def fetch(url: str, deadline_s: float = DEADLINE_S, network: Network | None = None) -> Fetched:
    """Read the page at `url`, by the way that `network` says. Raises FetchError."""
    parts = urlsplit(url)
    if parts.scheme != "http" or parts.hostname is None:
        raise FetchError(f"{url} is not a plain http address")
    port = parts.port or 80
    until = time.monotonic() + deadline_s
    connection = http.client.HTTPConnection(parts.hostname, port)
    try:
        sock = _connect(parts.hostname, port, min(_CONNECT_S, deadline_s), network or Network())
        connection.sock = _Timed.instead_of(sock, until)
        return _get(connection, (parts.path or "/") + (parts.query and f"?{parts.query}"), until)
    except TimeoutError as error:
        raise FetchError(f"port {port} gave no page within {deadline_s:g} s", _BUSY) from error
    except http.client.RemoteDisconnected as error:
        raise FetchError(f"port {port} closed the connection without an answer") from error
    except http.client.HTTPException as error:
        raise FetchError(f"port {port} speaks no HTTP ({type(error).__name__})") from error
    except OSError as error:
        raise FetchError(error.strerror or str(error) or "the connection broke") from error
    finally:
        connection.close()


def _connect(host: str, port: int, timeout_s: float, network: Network) -> socket.socket:
    try:
        return dial(network, host, port, timeout_s)
    except WireError as error:
        if error.outcome == "timeout":
            raise FetchError(f"no connection to port {port} in {timeout_s:g} s", _LET_PASS) from error
        if error.outcome == "refused":
            raise FetchError(f"connection refused on port {port}", _TURN_ON) from error
        raise FetchError(error.reason, error.advice) from error


class _Timed(socket.socket):
    """A socket that gives up at a moment, not after a silence: a peer that drips could go on for ever."""

    until: float

    @classmethod
    def instead_of(cls, other: socket.socket, until: float) -> _Timed:
        """Take over the open connection of `other`; `until` is monotonic time."""
        timed = cls(fileno=other.detach())
        timed.settimeout(max(0.001, until - time.monotonic()))
        timed.until = until
        return timed

    def recv_into(self, buffer: WriteableBuffer, nbytes: int = 0, flags: int = 0) -> int:
        """Read what is there; raises TimeoutError once it is too late."""
        left = self.until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self.settimeout(left)
        return super().recv_into(buffer, nbytes, flags)


def _get(connection: http.client.HTTPConnection, path: str, until: float) -> Fetched:
    connection.request("GET", path, headers={"Accept-Encoding": "gzip", "User-Agent": "msktop"})
    response = connection.getresponse()
    _check(response, connection.port)
    return _read(response, until)


def _check(response: http.client.HTTPResponse, port: int) -> None:
    if response.status != http.client.OK:
        raise FetchError(
            f"port {port} answers HTTP {response.status}", "This is no metrics page of an exporter."
        )
    kind = response.getheader("Content-Type", "text/plain").lower()
    if "html" in kind:
        raise FetchError(f"port {port} answers with an HTML page", "This is no metrics page of an exporter.")


def _read(response: http.client.HTTPResponse, until: float) -> Fetched:
    zipped = response.getheader("Content-Encoding", "").lower() == "gzip"
    inflate = zlib.decompressobj(_GZIP) if zipped else None
    body, received, cut = bytearray(), 0, False
    while len(body) < MOST_BYTES:
        try:
            data = response.read1(_CHUNK)
        except (http.client.IncompleteRead, ConnectionResetError, TimeoutError):
            data, cut = b"", True
        if not data:
            break
        received += len(data)
        try:
            body += data if inflate is None else inflate.decompress(data, MOST_BYTES - len(body))
        except zlib.error as error:
            raise FetchError("its gzip stream is damaged") from error
    cut = cut or len(body) >= MOST_BYTES or _is_short(response) or (inflate is not None and not inflate.eof)
    if not body:
        if time.monotonic() >= until:
            raise TimeoutError
        raise FetchError("the page is empty" if not cut else "the page broke off before its first line")
    return Fetched(bytes(body), received, truncated=cut)


def _is_short(response: http.client.HTTPResponse) -> bool:
    """Whether fewer bytes came than were announced."""
    return bool(response.length)
