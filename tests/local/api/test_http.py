"""The HTTP server with clients that mean no good, or are merely wrong."""

from __future__ import annotations

import gzip
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, suppress

import pytest

from msktop.local.api import http, reading
from msktop.local.api.http import Server
from msktop.local.api.messages import Request, Response
from tests.local.api.conftest import Echo
from tests.support import wait_for

Seen = list[Request]


@pytest.fixture
def seen() -> Seen:
    return []


@pytest.fixture
def plain(seen: Seen) -> Iterator[Server]:
    """A server that answers everything with the body that it got."""

    def answer(request: Request) -> Response:
        seen.append(request)
        return Response(200, {"Content-Type": "text/plain"}, request.body or b"nothing")

    with Server("127.0.0.1", 0, answer) as serving:
        yield serving


def connected(server: Server) -> socket.socket:
    return socket.create_connection((server.host, server.port), timeout=5)


def exchanged(server: Server, sent: bytes) -> bytes:
    """All that comes back until the server closes the connection."""
    received = b""
    with closing(connected(server)) as connection:
        with suppress(OSError):  # it may close before it has read everything
            connection.sendall(sent)
        with suppress(ConnectionResetError):
            while piece := connection.recv(65536):
                received += piece
    return received


def asked(server: Server, *headers: str, body: bytes = b"", first: str = "POST / HTTP/1.1") -> bytes:
    """The answer to one request, with a right Host where `headers` have none."""
    lines = [first, *headers]
    if not any(line.startswith("Host:") for line in lines):
        lines.append(f"Host: 127.0.0.1:{server.port}")
    return exchanged(server, "\r\n".join([*lines, "", ""]).encode() + body)


def test_a_request_is_answered_and_the_connection_kept(plain: Server, seen: Seen) -> None:
    host = f"Host: 127.0.0.1:{plain.port}\r\n".encode()
    first = b"PUT /a?b=c%20d HTTP/1.1\r\n" + host + b"X-Thing:  v \r\nContent-Length: 3\r\n\r\nabc"
    second = b"GET /d HTTP/1.1\r\n" + host + b"Connection: close\r\n\r\n"
    received = exchanged(plain, first + second)
    assert received.count(b"HTTP/1.1 200 OK\r\n") == 2
    assert received.count(b"\r\n\r\nabc") == 1
    assert received.endswith(b"\r\n\r\nnothing")
    assert [(r.method, r.path, r.query, r.body) for r in seen] == [
        ("PUT", "/a", "b=c%20d", b"abc"),
        ("GET", "/d", "", b""),
    ]
    assert seen[0].headers["x-thing"] == "v"


def test_bytes_may_come_one_by_one(plain: Server, seen: Seen) -> None:
    sent = f"POST /x HTTP/1.1\r\nHost: 127.0.0.1:{plain.port}\r\nContent-Length: 2\r\n\r\nok"
    with closing(connected(plain)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in sent.encode():
            connection.sendall(bytes([byte]))
        assert connection.recv(65536).startswith(b"HTTP/1.1 200")
    assert seen[0].body == b"ok"


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost:{port}", "127.0.0.1", "127.0.0.1:{port}.evil.example", ""]
)
def test_a_foreign_host_is_refused(plain: Server, seen: Seen, host: str) -> None:
    answer = asked(plain, "Host: " + host.format(port=plain.port))
    assert answer.startswith(b"HTTP/1.1 403 Forbidden")
    assert exchanged(plain, b"GET / HTTP/1.1\r\n\r\n").startswith(b"HTTP/1.1 403 Forbidden")
    assert seen == []


@pytest.mark.parametrize("origin", ["http://evil.example", "http://127.0.0.1:{port}", "null", ""])
def test_any_origin_is_refused(plain: Server, seen: Seen, origin: str) -> None:
    answer = asked(plain, "Origin: " + origin.format(port=plain.port))
    assert answer.startswith(b"HTTP/1.1 403 Forbidden")
    assert b"Connection: close" in answer
    assert seen == []


BAD = {
    "a body too large": (["Content-Length: 99999999"], 413),
    "a length of many digits": (["Content-Length: " + "9" * 5000], 413),
    "a length that is none": (["Content-Length: -1"], 400),
    "two lengths": (["Content-Length: 1", "Content-Length: 2"], 400),
    "chunks": (["Transfer-Encoding: chunked"], 411),
    "chunks and a length": (["Transfer-Encoding: chunked", "Content-Length: 3"], 411),
    "a long header": (["X: " + "x" * 70_000], 431),
    "many headers": ([f"X-{i}: 1" for i in range(200)], 431),
    "a folded header": (["X: 1", " 2"], 400),
    "a header without a name": ([": 1"], 400),
    "a space before the colon": (["X : 1"], 400),
    "a bare line feed": (["X: 1\nHost: evil.example"], 400),
}


@pytest.mark.parametrize("what", list(BAD))
def test_what_is_too_large_or_ambiguous_is_refused(plain: Server, seen: Seen, what: str) -> None:
    headers, status = BAD[what]
    assert asked(plain, *headers).startswith(f"HTTP/1.1 {status} ".encode())
    assert seen == []


@pytest.mark.parametrize(
    "first", ["", "GET /", "GET / HTTP/2.0", "GET http://x/ HTTP/1.1", "G(T / HTTP/1.1", "GET /\x01 HTTP/1.1"]
)
def test_what_is_no_request_is_refused(plain: Server, seen: Seen, first: str) -> None:
    assert asked(plain, first=first).startswith(b"HTTP/1.1 400 ")
    assert seen == []


def test_headers_without_an_end_are_cut_off(plain: Server) -> None:
    assert exchanged(plain, b"GET / HTTP/1.1\r\n" + b"X: 1\r\n" * 20_000).startswith(b"HTTP/1.1 431 ")


def test_a_request_that_trickles_is_given_up(plain: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "REQUEST_S", 0.1)
    with closing(connected(plain)) as connection:
        connection.sendall(b"GET / HT")
        assert connection.recv(65536).startswith(b"HTTP/1.1 408 ")
        assert connection.recv(1) == b""


def test_a_connection_that_rests_is_closed(plain: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "IDLE_S", 0.1)
    with closing(connected(plain)) as connection:
        assert connection.recv(1) == b""


def test_there_are_only_so_many_connections(plain: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "MAX_CONNECTIONS", 2)
    request = f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{plain.port}\r\n\r\n".encode()

    def answered(connection: socket.socket) -> bool:
        with suppress(ConnectionError):
            connection.sendall(request)
            return connection.recv(65536).startswith(b"HTTP/1.1 200")
        return False

    held = [connected(plain) for _ in range(2)]
    assert all(answered(connection) for connection in held)
    with closing(connected(plain)) as third:
        assert not answered(third)
    held.pop().close()

    def again() -> bool:
        with closing(connected(plain)) as connection:
            return answered(connection)

    wait_for(again, 5, "a place is free again")
    held.pop().close()


def test_closing_ends_all_connections_and_the_thread(seen: Seen) -> None:
    server = Server("127.0.0.1", 0, lambda _: Response(204, {}, b""))
    with closing(connected(server)) as connection:
        connection.sendall(f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n\r\n".encode())
        answer = connection.recv(65536)
        assert answer.startswith(b"HTTP/1.1 204")
        assert b"Content-Length" not in answer
        server.close()
        assert connection.recv(1) == b""
    wait_for(lambda: not any(t.name == "api" for t in threading.enumerate()), 5, "the thread has ended")


def test_it_listens_on_loopback_only() -> None:
    with pytest.raises(ValueError, match="loopback"):
        Server("0.0.0.0", 0, lambda _: Response(204, {}, b""))


def test_a_request_without_a_signature_reaches_no_handler(server: Server, echo: Echo) -> None:
    answer = asked(server, "Connection: close", first="GET /v1/clusters HTTP/1.1")
    assert answer.startswith(b"HTTP/1.1 403 Forbidden")
    assert b"MissingAuthenticationToken" in answer
    assert echo.calls == []


def test_gzip_is_bounded_by_what_it_becomes() -> None:
    assert reading.unzipped(gzip.compress(b"x" * reading.MAX_BODY_BYTES)) == b"x" * reading.MAX_BODY_BYTES
    with pytest.raises(reading.RefusedError) as caught:
        reading.unzipped(gzip.compress(b"x" * (reading.MAX_BODY_BYTES + 1)))
    assert caught.value.status == 413
    for broken in (b"", b"x", gzip.compress(b"x" * 100)[:-1]):
        with pytest.raises(reading.RefusedError) as caught:
            reading.unzipped(broken)
        assert caught.value.status == 400
