"""An HTTP server on loopback: a thread for each connection, bounded in all that a client can choose.

A web page that a person opens can send requests to loopback too, in the browser's name. So a request with an
`Origin`, or one that was meant for another host, is refused before anything looks at it.
"""

from __future__ import annotations

import ipaddress
import logging
import socket
import socketserver
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from http import HTTPStatus
from typing import Self

import msgspec

from msktop.local.api.front import Front
from msktop.local.api.messages import Guard, Request, Response
from msktop.local.api.reading import Reader, RefusedError
from msktop.local.api.service import Service

MAX_CONNECTIONS = 128
_ANSWER_S = 10.0
"""How long a client may take to accept an answer."""
_POLL_S = 0.05

log = logging.getLogger(__name__)

Answer = Callable[[Request], Response]


class Server:
    """A server that listens and answers until it is closed. Port 0 stands for a free one."""

    def __init__(self, host: str, port: int, answer: Answer) -> None:
        if not ipaddress.ip_address(host).is_loopback:
            raise ValueError(f"{host} is not an address of loopback")
        self._listening = _Listening((host, port), answer)
        self.host = host
        self.port = int(self._listening.server_address[1])
        self.url = f"http://{host}:{self.port}"
        self._thread = threading.Thread(
            target=self._listening.serve_forever, args=(_POLL_S,), name="api", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Stop listening and end every connection."""
        self._listening.shutdown()
        self._listening.server_close()
        self._listening.end_connections()
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def serve(
    services: Sequence[Service],
    host: str,
    port: int,
    secrets: Mapping[str, str],
    guard: Guard = lambda call: None,
) -> Server:
    """Serve AWS services at one address; each request tells by its signature which one it is for.

    `secrets` has the secret of each access key. `guard` may raise ApiError before a call is carried out.
    Raises OSError where the address cannot be had, ValueError where it is not of loopback.
    """
    return Server(host, port, Front(services, secrets, guard).answer)


class _Listening(socketserver.ThreadingTCPServer):
    """Accepts connections, as many as there may be at once."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], answer: Answer) -> None:
        self.answer = answer
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__(address, _Connection)
        self.authority = "{}:{}".format(*self.server_address[:2])

    def verify_request(self, request: object, client_address: object) -> bool:
        """Whether the connection is taken: not where there are too many."""
        assert isinstance(request, socket.socket)
        with self._lock:
            if len(self._open) >= MAX_CONNECTIONS:
                return False
            self._open.add(request)
            return True

    def shutdown_request(self, request: object) -> None:
        """Close a connection."""
        assert isinstance(request, socket.socket)
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def end_connections(self) -> None:
        """End those that are still open; their threads see it."""
        with self._lock:
            for connection in self._open:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: object, client_address: object) -> None:
        """Log what went wrong with a connection; the server goes on."""
        log.exception("a connection failed")


class _Connection(socketserver.BaseRequestHandler):
    """One connection, with as many requests as come."""

    server: _Listening
    request: socket.socket

    def handle(self) -> None:
        """Answer until the client is done, or does what cannot be answered."""
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        reader = Reader(self.request)
        with suppress(OSError):
            try:
                while (request := reader.next()) is not None:
                    response = self._answer(request)
                    last = request.headers.get("connection", "").lower() == "close"
                    self._send(response, request.method != "HEAD", last)
                    if last:
                        return
            except RefusedError as e:
                self._send(_refusal(e.status, str(e)), True, True)

    def _answer(self, request: Request) -> Response:
        if "origin" in request.headers:
            raise RefusedError(403, "requests of web pages are refused")
        if request.headers.get("host") != self.server.authority:
            raise RefusedError(403, f"this is {self.server.authority}, and no other host")
        return self.server.answer(request)

    def _send(self, response: Response, with_body: bool, last: bool) -> None:
        lines = [f"HTTP/1.1 {response.status} {HTTPStatus(response.status).phrase}"]
        lines += [f"{name}: {value}" for name, value in response.headers.items()]
        if response.status != HTTPStatus.NO_CONTENT:
            lines.append(f"Content-Length: {len(response.body)}")
        if last:
            lines.append("Connection: close")
        head = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"
        self.request.settimeout(_ANSWER_S)
        self.request.sendall(head + response.body if with_body else head)


def _refusal(status: int, message: str) -> Response:
    body = msgspec.json.encode({"message": message})
    return Response(status, {"Content-Type": "application/json"}, body)
