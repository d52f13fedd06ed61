"""A port on loopback that misbehaves as a test wants it to: what no real broker can be made to do at will."""

from __future__ import annotations

import base64
import hashlib
import hmac
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Self

CERTS = Path(__file__).parent / "certs"

Handler = Callable[[socket.socket], None]


class Endpoint:
    """Serves every connection in a thread of its own with `handler`; counts them. `close` resets them all."""

    def __init__(self, handler: Handler, port: int = 0) -> None:
        self.handler = handler
        self.accepted = 0
        self.open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", port))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def address(self) -> str:
        """HOST:PORT."""
        return f"127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop listening, and break all connections."""
        for sock in (self._listener, *self.open):
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self.accepted += 1
            self.open.append(sock)
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        with suppress(OSError, ValueError, struct.error):
            self.handler(sock)
            sock.close()


def silent(sock: socket.socket) -> None:
    """Accept, read, never answer."""
    while sock.recv(4096):
        pass


def says(data: bytes) -> Handler:
    """Answer whatever comes with these bytes."""

    def handler(sock: socket.socket) -> None:
        sock.recv(4096)
        sock.sendall(data)
        while sock.recv(4096):
            pass

    return handler


def resets(sock: socket.socket) -> None:
    """Accept, then reset."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def hangs_up(sock: socket.socket) -> None:
    """Read one request, then close in good order: what a broker does with bytes that are no request."""
    sock.recv(4096)


def tls(certificate: str, inner: Handler, client_ca: str | None = None) -> Handler:
    """The same behind TLS; `client_ca`: require client certificates that it signed."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTS / f"{certificate}.pem")
    if client_ca is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(CERTS / f"{client_ca}.pem")

    def handler(sock: socket.socket) -> None:
        with context.wrap_socket(sock, server_side=True) as secure:
            inner(secure)

    return handler


class Kafka:
    """Just enough of a broker to be opened and pinged. Every knob can be turned while it runs."""

    def __init__(self, nodes: list[tuple[int, str, int]] | None = None) -> None:
        self.nodes = nodes or []
        self.mechanisms: tuple[str, ...] = ()
        self.users = {"ann": "secret"}
        self.error_code = 0
        self.throttle_ms = 0
        self.lifetime_ms = 0
        self.answering = threading.Event()
        self.answering.set()
        self.login_required = False
        self.answers: dict[tuple[int, int], bytes] = {}
        """More that it answers: the response after the correlation id, by API key and version."""
        self.logins = 0
        self.asked = 0

    def __call__(self, sock: socket.socket) -> None:
        """Serve one connection."""
        logged_in = not self.login_required
        scram: ScramServer | None = None
        with sock.makefile("rb") as stream:
            while head := stream.read(4):
                request = stream.read(struct.unpack(">i", head)[0])
                api_key, version, correlation = struct.unpack_from(">hhi", request)
                body = request[10 + struct.unpack_from(">h", request, 8)[0] :]
                self.answering.wait()
                if api_key == 18:
                    self.asked += 1
                    answer = self._api_versions()
                elif api_key == 17:
                    answer, scram = self._handshake(body)
                elif api_key == 36:
                    self.logins += 1
                    answer, logged_in = self._authenticate(body[4:], scram)
                elif logged_in:
                    answer = self.answers.get((api_key, version)) or self._metadata()
                else:
                    return
                payload = struct.pack(">i", correlation) + answer
                sock.sendall(struct.pack(">i", len(payload)) + payload)
                if api_key == 36 and answer[:2] != b"\0\0":
                    return  # Kafka says why, and closes with the same breath

    def _api_versions(self) -> bytes:
        if self.error_code:
            return struct.pack(">hi", self.error_code, 0)
        more = {key: (version, version) for key, version in self.answers}
        ranges = {**more, 3: (0, 13), 18: (0, 4), 17: (0, 1), 36: (0, 2)}
        entries = b"".join(struct.pack(">hhh", key, *versions) for key, versions in ranges.items())
        return struct.pack(">hi", 0, len(ranges)) + entries + struct.pack(">i", self.throttle_ms)

    def _metadata(self) -> bytes:
        brokers = b"".join(
            struct.pack(">i", node) + _string(host) + struct.pack(">i", port) + _string("use1-az1")
            for node, host, port in self.nodes
        )
        count = struct.pack(">ii", 0, len(self.nodes))
        return count + brokers + _string("cluster") + struct.pack(">ii", 1, 0)

    def _handshake(self, body: bytes) -> tuple[bytes, ScramServer | None]:
        wanted = body[2:].decode()
        offered = struct.pack(">i", len(self.mechanisms)) + b"".join(map(_string, self.mechanisms))
        if not self.mechanisms:
            return struct.pack(">h", 34) + offered, None
        if wanted not in self.mechanisms:
            return struct.pack(">h", 33) + offered, None
        scram = ScramServer(wanted, self.users) if wanted.startswith("SCRAM") else None
        return struct.pack(">h", 0) + offered, scram

    def _authenticate(self, token: bytes, scram: ScramServer | None) -> tuple[bytes, bool]:
        if scram is None:
            _, user, password = token.decode().split("\0")
            said, good = (b"", True) if self.users.get(user) == password else (None, False)
        else:
            said, good = scram.answer(token)
        if said is None:
            return struct.pack(">h", 58) + _string("Authentication failed") + struct.pack(">iq", 0, 0), False
        return struct.pack(">hhi", 0, -1, len(said)) + said + struct.pack(">q", self.lifetime_ms), good


class ScramServer:
    """The broker's side of RFC 5802; knows the passwords themselves, which a real one does not."""

    def __init__(self, mechanism: str, users: dict[str, str]) -> None:
        self._algorithm = {"SCRAM-SHA-256": "sha256", "SCRAM-SHA-512": "sha512"}[mechanism]
        self._users = users
        self._said = b""
        self._salted = b""

    def answer(self, token: bytes) -> tuple[bytes | None, bool]:
        """What to say, None to refuse; and whether the login is complete."""
        if not self._said:
            bare = token[3:]
            fields = dict(part.split("=", 1) for part in bare.decode().split(","))
            password = self._users.get(fields["n"].replace("=2C", ",").replace("=3D", "="), "nobody's")
            salt = b"salt and pepper!"
            self._salted = hashlib.pbkdf2_hmac(self._algorithm, password.encode(), salt, 4096)
            said = f"r={fields['r']}server,s={base64.b64encode(salt).decode()},i=4096".encode()
            self._said = bare + b"," + said
            return said, False
        without_proof, _, proof = token.rpartition(b",p=")
        message = self._said + b"," + without_proof
        key = hmac.digest(self._salted, b"Client Key", self._algorithm)
        stored = hashlib.new(self._algorithm, key).digest()
        signature = hmac.digest(stored, message, self._algorithm)
        good = bytes(a ^ b for a, b in zip(base64.b64decode(proof), signature, strict=True)) == key
        server_key = hmac.digest(self._salted, b"Server Key", self._algorithm)
        verifier = base64.b64encode(hmac.digest(server_key, message, self._algorithm))
        return (b"v=" + verifier, True) if good else (None, False)


def _string(text: str) -> bytes:
    return struct.pack(">h", len(text)) + text.encode()
