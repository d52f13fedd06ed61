"""One non-blocking socket: sends all it is given, says when what was received had arrived."""

from __future__ import annotations

import errno
import os
import selectors
import socket
import struct
import sys
import time
from collections.abc import Callable
from typing import Any

from msktop.sources.probing.poller import Poller

_RECV_BYTES = 65_536
_SO_TIMESTAMPNS = 35
"""Linux: have the kernel stamp what arrives, so that a wait for the processor is not counted as latency."""
_TIMESPEC = struct.Struct("@ll")
_ANCILLARY_BYTES = socket.CMSG_SPACE(_TIMESPEC.size)

OnData = Callable[[bytes, int], None]
OnBroken = Callable[[OSError | None], None]


class Channel:
    """Connects, sends and receives. The owner is told by three calls that it can replace at any time."""

    def __init__(self, poller: Poller, family: socket.AddressFamily) -> None:
        self.on_connected: Callable[[], None] = _nothing
        self.on_data: OnData = _nothing
        """Bytes, and when they arrived (monotonic ns)."""
        self.on_broken: OnBroken = _nothing
        """The error, None for an orderly end. The channel is closed by then."""
        self._poller = poller
        self._unsent = b""
        self._connecting = True
        self._closed = False
        self._sock = socket.socket(family, socket.SOCK_STREAM)
        self._sock.setblocking(False)
        self._sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._stamped = sys.platform == "linux"
        if self._stamped:
            try:
                self._sock.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
            except OSError:
                self._stamped = False

    def connect(self, address: Any) -> None:  # noqa: ANN401 - what getaddrinfo gives: its shape is the family's
        """Begin; `on_connected` or `on_broken` follows, never from within this call."""
        error = self._sock.connect_ex(address)
        if error in (0, errno.EINPROGRESS, errno.EWOULDBLOCK):
            self._poller.watch(self._sock, write=True, ready=self._ready)
        else:
            self._poller.at(self._poller.now_ns, lambda: self._break(OSError(error, os.strerror(error))))

    def send(self, data: bytes) -> None:
        """Send, as soon as the socket takes it."""
        if self._closed or not data:
            return
        if self._unsent:
            self._unsent += data
            return
        try:
            sent = self._sock.send(data)
        except BlockingIOError:
            sent = 0
        except OSError as failure:
            error = failure
            self._poller.at(self._poller.now_ns, lambda: self._break(error))
            return
        self._unsent = data[sent:]
        if self._unsent:
            self._poller.watch(self._sock, write=True, ready=self._ready)

    def close(self) -> None:
        """Close; no call follows."""
        if not self._closed:
            self._closed = True
            self._poller.forget(self._sock)
            self._sock.close()

    def _ready(self, events: int) -> None:
        if self._closed:
            return
        if self._connecting:
            self._finish_connect()
        elif events & selectors.EVENT_READ:
            self._receive()
        elif self._unsent:
            data, self._unsent = self._unsent, b""
            self._poller.watch(self._sock, write=False, ready=self._ready)
            self.send(data)

    def _finish_connect(self) -> None:
        error = self._sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if error:
            self._break(OSError(error, os.strerror(error)))
            return
        self._connecting = False
        self._poller.watch(self._sock, write=False, ready=self._ready)
        self.on_connected()

    def _receive(self) -> None:
        try:
            if self._stamped:
                data, ancillary, _, _ = self._sock.recvmsg(_RECV_BYTES, _ANCILLARY_BYTES)
            else:
                data, ancillary = self._sock.recv(_RECV_BYTES), []
        except BlockingIOError:
            return
        except OSError as error:
            self._break(error)
            return
        if data:
            self.on_data(data, self._arrived_ns(ancillary))
        else:
            self._break(None)

    def _arrived_ns(self, ancillary: list[tuple[int, int, bytes]]) -> int:
        """The kernel's stamp on the monotonic clock; the turn's own time where there is no sane one."""
        for level, kind, stamp in ancillary:
            if level == socket.SOL_SOCKET and kind == _SO_TIMESTAMPNS and len(stamp) == _TIMESPEC.size:
                seconds, nanoseconds = _TIMESPEC.unpack(stamp)
                age_ns: int = time.time_ns() - (seconds * 1_000_000_000 + nanoseconds)
                if age_ns >= 0:
                    return min(self._poller.now_ns, self._poller.clock_ns() - age_ns)
        return self._poller.now_ns

    def _break(self, error: OSError | None) -> None:
        if not self._closed:
            self.close()
            self.on_broken(error)


def _nothing(*_: object) -> None:
    """Nobody listens yet."""
