"""A way to one address that can be slowed or cut: a proxy on loopback, without any right of root."""

from __future__ import annotations

import socket
import struct
import threading
from contextlib import suppress

_RESET = struct.pack("ii", 1, 0)
"""Close with a reset: who connects to a dead broker by this way is turned away at once, as there."""


class Way:
    """Carries bytes both ways; `cut` makes it silent, though it still accepts connections.

    What the other end says takes `later_s` longer.
    """

    def __init__(self, to: tuple[str, int]) -> None:
        self.to = to
        self.later_s = 0.0
        self._never = threading.Event()
        self._open = threading.Event()
        self._open.set()
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def mapped(self) -> str:
        """As --dns-map takes it."""
        return f"{self.to[0]}:{self.to[1]}=127.0.0.1:{self.port}"

    def cut(self) -> None:
        """Carry nothing any more; what was sent is kept."""
        self._open.clear()

    def mend(self) -> None:
        """Carry on."""
        self._open.set()

    def close(self) -> None:
        """Accept no more connections."""
        self._open.set()
        self._server.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                ours, _ = self._server.accept()
                threading.Thread(target=self._connect, args=(ours,), daemon=True).start()

    def _connect(self, ours: socket.socket) -> None:
        try:
            theirs = socket.create_connection(self.to)
        except OSError:
            with ours:
                ours.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            return
        threading.Thread(target=self._carry, args=(theirs, ours, True), daemon=True).start()
        self._carry(ours, theirs, False)

    def _carry(self, one: socket.socket, other: socket.socket, late: bool) -> None:
        with one, suppress(OSError):
            while data := one.recv(65536):
                self._open.wait()
                if late and self.later_s:
                    self._never.wait(self.later_s)
                other.sendall(data)
            other.shutdown(socket.SHUT_WR)
