"""A small SOCKS5 server (RFC 1928) that really connects: what `ssh -D` is, on loopback."""

from __future__ import annotations

import socket
import struct
import threading
from contextlib import suppress
from typing import Self

REFUSED, UNREACHABLE = 5, 4


class SocksServer:
    """Counts and remembers what it was asked to connect to. `names` resolves for it alone."""

    def __init__(self, names: dict[str, str] | None = None, login: tuple[str, str] | None = None) -> None:
        self.names = names or {}
        self.login = login
        self.asked: list[tuple[str, int]] = []
        self.mute = threading.Event()
        """Set: it accepts, and answers nothing."""
        self.slow = threading.Event()
        """Set: it greets, but never says whether it connected."""
        self.open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.url = f"socks5://127.0.0.1:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
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
            self.open.append(sock)
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        with suppress(OSError, struct.error), sock.makefile("rb", buffering=0) as stream:
            if self.mute.is_set():
                stream.read(1 << 16)
                return
            _, count = stream.read(2)
            methods = stream.read(count)
            wanted = 2 if self.login else 0
            sock.sendall(bytes([5, wanted if wanted in methods else 255]))
            if wanted not in methods or (self.login and not self._logged_in(sock, stream)):
                sock.close()
                return
            _, _, _, kind = stream.read(4)
            host = socket.inet_ntoa(stream.read(4)) if kind == 1 else stream.read(stream.read(1)[0]).decode()
            (port,) = struct.unpack(">H", stream.read(2))
            self.asked.append((host, port))
            if self.slow.is_set():
                stream.read(1)
                return
            self._connect(sock, host, port)

    def _logged_in(self, sock: socket.socket, stream: socket.SocketIO) -> bool:
        _, length = stream.read(2) or b"\0\0"
        user = (stream.read(length) or b"").decode()
        password = (stream.read((stream.read(1) or b"\0")[0]) or b"").decode()
        good = (user, password) == self.login
        sock.sendall(bytes([1, 0 if good else 1]))
        return good

    def _connect(self, sock: socket.socket, host: str, port: int) -> None:
        try:
            other = socket.create_connection((self.names.get(host, host), port), timeout=2)
        except OSError as error:
            reply = REFUSED if isinstance(error, ConnectionRefusedError) else UNREACHABLE
            sock.sendall(bytes([5, reply, 0, 1]) + bytes(6))
            sock.close()
            return
        other.settimeout(None)
        self.open.append(other)
        sock.sendall(bytes([5, 0, 0, 1]) + bytes(6))
        threading.Thread(target=_copy, args=(other, sock), daemon=True).start()
        _copy(sock, other)


def _copy(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while data := one.recv(65536):
            other.sendall(data)
    for sock in (one, other):
        with suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)
