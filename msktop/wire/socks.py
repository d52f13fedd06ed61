"""The client's side of SOCKS5 (RFC 1928, RFC 1929), without a socket: bytes in, bytes out."""

from __future__ import annotations

import ipaddress
from collections.abc import Generator

from msktop.wire.errors import Outcome, WireError
from msktop.wire.network import Proxy

_VERSION = 5
_NO_LOGIN, _PASSWORD = 0, 2

_REPLIES: dict[int, tuple[Outcome, str, str]] = {
    2: ("proxy", "its rules forbid this address", "Ask whoever runs the proxy."),
    3: ("unreachable", "no network leads from there to the broker", "Routes of the proxy's host."),
    4: ("unreachable", "it cannot reach the broker's host", "Does the broker's name resolve on its side?"),
    5: ("refused", "the broker refuses the connection", "Nothing listens there: is the broker up?"),
    6: ("timeout", "the way from there to the broker is too long", "Routes of the proxy's host."),
}
_FAILED: tuple[Outcome, str, str] = (
    "unreachable",
    "it cannot connect to the broker",
    "Does the broker's name resolve on its side, and is the broker up?",
)

_Talk = Generator[int, bytes, None]
"""Yields how many bytes it wants next."""


class Tunnel:
    """Asks a proxy for a connection to `host`: `start`, then `receive` until `done`; send `outgoing`.

    Every failure is a WireError of stage `proxy`; its outcome is `proxy` where the proxy is to blame, and
    what a straight connection would have met where the broker is.
    """

    def __init__(self, proxy: Proxy, host: str, port: int) -> None:
        self.proxy = proxy
        self.done = False
        self.greeted = False
        """Whether the proxy has answered at all."""
        self._host = host
        self._port = port
        self._in = bytearray()
        self._out = bytearray()
        self._talk = self._steps()
        self._wanted = 0

    def start(self) -> None:
        """The connection to the proxy is there."""
        self._wanted = next(self._talk)

    def outgoing(self) -> bytes:
        """Take what is to be sent now."""
        out = bytes(self._out)
        self._out.clear()
        return out

    def receive(self, data: bytes) -> bytes | None:
        """Go on with what came; what follows the proxy's last word, None while it has not said that."""
        self._in += data
        while not self.done and len(self._in) >= self._wanted:
            piece = bytes(self._in[: self._wanted])
            del self._in[: self._wanted]
            try:
                self._wanted = self._talk.send(piece)
            except StopIteration:
                self.done = True
        if not self.done:
            return None
        rest = bytes(self._in)
        self._in.clear()
        return rest

    def closed(self) -> WireError:
        """What it means that the proxy closes the connection now."""
        return self._error(*_FAILED) if self.greeted else self._odd("it closed the connection")

    def _steps(self) -> _Talk:
        methods = [_NO_LOGIN, _PASSWORD] if self.proxy.username else [_NO_LOGIN]
        self._out += bytes([_VERSION, len(methods), *methods])
        version, method = yield 2
        if version != _VERSION:
            raise self._odd("it speaks no SOCKS5")
        self.greeted = True
        if method == _PASSWORD and self.proxy.username:
            yield from self._log_in()
        elif method != _NO_LOGIN:
            raise self._error(
                "proxy",
                "it wants a user and a password",
                "Put msktop.proxy=socks5://USER:PASSWORD@HOST:PORT into the --command-config file.",
            )
        self._out += bytes([_VERSION, 1, 0]) + _address(self._host) + self._port.to_bytes(2)
        version, reply, _, kind = yield 4
        if reply:
            raise self._error(*_REPLIES.get(reply, _FAILED))
        length = {1: 4, 4: 16}.get(kind)
        if length is None:
            (length,) = yield 1
        yield length + 2

    def _log_in(self) -> _Talk:
        user, password = self.proxy.username.encode(), self.proxy.password.encode()
        self._out += bytes([1, len(user)]) + user + bytes([len(password)]) + password
        _, status = yield 2
        if status:
            raise self._error("proxy", "it refuses user or password", "Check msktop.proxy.")

    def _odd(self, what: str) -> WireError:
        return self._error("proxy", what, "Is --proxy the address of a SOCKS5 proxy (ssh -D)?")

    def _error(self, outcome: Outcome, what: str, advice: str) -> WireError:
        return WireError("proxy", outcome, f"the proxy {self.proxy.address}: {what}", advice)


def _address(host: str) -> bytes:
    r"""An address by its bytes, a name by its letters: the proxy resolves it.

    >>> _address("10.0.0.1"), _address("b-1")
    (b'\x01\n\x00\x00\x01', b'\x03\x03b-1')
    """
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        name = host.encode("idna")[:255]
        return bytes([3, len(name)]) + name
    return bytes([1 if address.version == 4 else 4]) + address.packed
