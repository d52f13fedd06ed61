"""Reads HTTP/1.1 requests from a socket, within bounds of size and time."""

from __future__ import annotations

import re
import socket
import time
import zlib

from msktop.local.api.messages import Request

MAX_HEAD_BYTES = 32_768
MAX_HEADERS = 100
MAX_BODY_BYTES = 2 << 20
"""More than any call takes: CloudWatch's largest, PutMetricData, is bounded to 1 MB."""

IDLE_S = 60.0
"""How long a connection may rest between two requests."""

REQUEST_S = 10.0
"""How long one request may take to arrive."""

_PIECE = 65_536
_END_OF_HEAD = b"\r\n\r\n"
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_TARGET = re.compile(r"/[\x21-\x7e]*")


class RefusedError(Exception):
    """The request cannot be served, and nothing after it can be told apart."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Reader:
    """The requests of one connection, one after another."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._held = bytearray()
        self._until = 0.0

    def next(self) -> Request | None:
        """The next request; None when the client has closed the connection, or rests for too long.

        Raises RefusedError for one that is too large, too slow or not HTTP.
        """
        try:
            self._until = time.monotonic() + IDLE_S
            if not self._held and not self._more():
                return None
        except TimeoutError:
            return None
        self._until = time.monotonic() + REQUEST_S
        try:
            return self._request()
        except TimeoutError:
            raise RefusedError(408, "the request came too slowly") from None

    def _request(self) -> Request:
        method, target, headers = _head(self._take_head())
        length = _length(headers)
        if headers.get("expect", "").lower() == "100-continue" and length > len(self._held):
            self._connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        while len(self._held) < length:
            if not self._more():
                raise RefusedError(400, "the body ended too early")
        body = bytes(self._held[:length])
        del self._held[:length]
        return Request(method, target, headers, body)

    def _take_head(self) -> str:
        looked = 0
        while (end := self._held.find(_END_OF_HEAD, looked)) < 0:
            if len(self._held) > MAX_HEAD_BYTES:
                raise RefusedError(431, "the headers are too large")
            looked = max(0, len(self._held) - len(_END_OF_HEAD))
            if not self._more():
                raise RefusedError(400, "the request ended too early")
        if end > MAX_HEAD_BYTES:
            raise RefusedError(431, "the headers are too large")
        head = self._held[:end].decode("latin-1")
        del self._held[: end + len(_END_OF_HEAD)]
        return head

    def _more(self) -> bool:
        """Receive what comes next; False when nothing more will. Raises TimeoutError."""
        left_s = self._until - time.monotonic()
        if left_s <= 0:
            raise TimeoutError
        self._connection.settimeout(left_s)
        piece = self._connection.recv(_PIECE)
        self._held += piece
        return bool(piece)


def _head(text: str) -> tuple[str, str, dict[str, str]]:
    first, *lines = text.split("\r\n")
    method, _, rest = first.partition(" ")
    target, _, version = rest.rpartition(" ")
    if (
        version not in ("HTTP/1.1", "HTTP/1.0")
        or not _TOKEN.fullmatch(method)
        or not _TARGET.fullmatch(target)
    ):
        raise RefusedError(400, "this is not an HTTP request")
    if len(lines) > MAX_HEADERS:
        raise RefusedError(431, "there are too many headers")
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        name = name.lower()
        if not colon or not _TOKEN.fullmatch(name) or "\n" in value or "\r" in value:
            raise RefusedError(400, "a header is not one")
        if name in headers:  # whoever reads another one of the two would see another request
            raise RefusedError(400, "a header is there twice")
        headers[name] = value.strip(" \t")
    if version == "HTTP/1.0":
        headers.setdefault("connection", "close")
    return method, target, headers


def _length(headers: dict[str, str]) -> int:
    if "transfer-encoding" in headers:
        raise RefusedError(411, "the length must be told: chunks are not accepted")
    said = headers.get("content-length", "0")
    if not said.isascii() or not said.isdigit():
        raise RefusedError(400, "the length is not a number")
    length = int(said) if len(said) < 12 else MAX_BODY_BYTES + 1
    if length > MAX_BODY_BYTES:
        raise RefusedError(413, f"a body may have {MAX_BODY_BYTES} bytes")
    return length


def unzipped(body: bytes) -> bytes:
    """The body of a request that came with gzip. Raises RefusedError.

    >>> import gzip
    >>> unzipped(gzip.compress(b"x"))
    b'x'
    """
    unzip = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        plain = unzip.decompress(body, MAX_BODY_BYTES)
    except zlib.error:
        raise RefusedError(400, "the body is not gzip") from None
    if unzip.unconsumed_tail:
        raise RefusedError(413, f"a body may have {MAX_BODY_BYTES} bytes")
    if not unzip.eof:
        raise RefusedError(400, "the body is not gzip")
    return plain
