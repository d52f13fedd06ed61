"""One blocking connection to one broker. Every wait has a deadline; after any failure it is closed."""

from __future__ import annotations

import contextlib
import math
import socket
import ssl
import time
from typing import Self

from msktop.wire.call import Call
from msktop.wire.dialing import connect, resolve
from msktop.wire.errors import Stage, WireError, broken, timed_out
from msktop.wire.minimal import Brokers, VersionRange
from msktop.wire.opening import Opening
from msktop.wire.security import Security

_RECV_BYTES = 262_144
RENEW_AT = 0.85
"""Part of a login's lifetime after which it is renewed, as Kafka's own clients do (KIP-368)."""
_CLOSED = "the connection is closed"


class Connection:
    """A broker that answers. Not for use by two threads at once."""

    def __init__(
        self, sock: socket.socket, opening: Opening, stages: tuple[tuple[Stage, float], ...], address: str
    ) -> None:
        assert opening.api_versions is not None
        assert opening.brokers is not None
        self.stages = stages
        """How long each stage of opening took, in milliseconds."""
        self.address = address
        self.versions: dict[int, VersionRange] = opening.api_versions.ranges
        """Lowest and highest version the broker offers, by API key."""
        self.brokers: Brokers = opening.brokers
        """The cluster's brokers at the time of opening."""
        self._sock: socket.socket | None = sock
        self._opening = opening
        self._link = opening.link
        self._renew_at = _renewal(opening)
        self._correlation = 1000

    @classmethod
    def open(
        cls,
        host: str,
        port: int,
        security: Security,
        timeout_s: float = 5.0,
        context: ssl.SSLContext | None = None,
    ) -> Self:
        """Connect through all stages within `timeout_s`; raises WireError, at once where a login was refused.

        `context` is the TLS context of `security`, where the caller has built it already.
        """
        deadline = time.monotonic() + timeout_s
        address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        security.refusals.check(address)
        opening = Opening(security, host, context or security.context(), port)
        sock = None
        try:
            security.await_login(deadline - time.monotonic())
            begun = time.perf_counter_ns()
            addresses = resolve(*opening.way, deadline)
            resolved = time.perf_counter_ns()
            sock = connect(addresses, deadline)
            connected = time.perf_counter_ns()
            opening.start(begun if opening.proxied else connected)
            _run(opening, sock, deadline)
        except WireError as error:
            if sock is not None:
                sock.close()
            error = opening.in_its_place(error)
            security.refusals.note(address, error)
            raise error.at(address) from error.__cause__
        security.refusals.note(address, None)
        stages: list[tuple[Stage, float]] = list(opening.stages)
        if not opening.proxied:
            stages[:0] = (("dns", (resolved - begun) / 1e6), ("tcp", (connected - resolved) / 1e6))
        return cls(sock, opening, tuple(stages), address)

    def ask(self, call: Call, timeout_s: float = 5.0) -> bytes:
        """Send one request; the body of its response. Raises WireError, after which this is closed."""
        try:
            self._correlation += 1
            payload = call.payload(self._correlation, self.versions)
        except WireError as error:
            raise error.at(self.address) from None
        try:
            if time.monotonic() > self._renew_at:
                self._renew(timeout_s)
            return call.answer(self._roundtrip(call.name, payload, timeout_s))
        except WireError as error:
            self.close()
            raise error.at(self.address) from error.__cause__

    def close(self) -> None:
        """Close; again is harmless, also from another thread to end a wait."""
        sock, self._sock = self._sock, None
        if sock is not None:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()

    @property
    def closed(self) -> bool:
        """Whether it can no longer be used."""
        return self._sock is None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _renew(self, timeout_s: float) -> None:
        if self._sock is not None:
            self._opening.renew(time.perf_counter_ns())
            _run(self._opening, self._sock, time.monotonic() + timeout_s)
            self._renew_at = _renewal(self._opening)

    def _roundtrip(self, name: str, payload: bytes, timeout_s: float) -> bytes:
        sock = self._sock
        if sock is None:
            raise WireError(name, "reset", _CLOSED)
        deadline = time.monotonic() + timeout_s
        self._link.send(payload)
        _send(sock, self._link.outgoing(), deadline, name)
        while True:
            data = _receive(sock, deadline, name)
            frames = self._link.receive(data, name) if data else []
            if frames:
                if len(frames) > 1 or int.from_bytes(frames[0][:4]) != self._correlation:
                    raise WireError(name, "protocol", "the answer belongs to no question of ours")
                return frames[0]
            if not data:
                raise WireError(name, "reset", "the broker closed the connection")
            if out := self._link.outgoing():
                _send(sock, out, deadline, name)


def _renewal(opening: Opening) -> float:
    """When to log in again (time.monotonic): late enough to be rare, early enough for a slow answer."""
    lifetime_s = opening.session_lifetime_ms / 1e3
    return time.monotonic() + lifetime_s * RENEW_AT if lifetime_s else math.inf


def _run(opening: Opening, sock: socket.socket, deadline: float) -> None:
    while True:
        if out := opening.outgoing():
            _send(sock, out, deadline, opening.stage)
        if opening.done:
            return
        begun = time.monotonic()
        try:
            data = _receive(sock, deadline, opening.stage)
        except WireError as error:
            if error.outcome == "timeout":
                raise opening.silent((time.monotonic() - begun) * 1e3) from error
            raise
        if not data:
            raise opening.closed()
        opening.receive(data, time.perf_counter_ns())


def _send(sock: socket.socket, data: bytes, deadline: float, stage: str) -> None:
    try:
        sock.settimeout(_left(deadline, stage))
        sock.sendall(data)
    except TimeoutError as error:
        raise timed_out(stage, 0) from error
    except OSError as error:
        raise broken(stage, error) from error


def _receive(sock: socket.socket, deadline: float, stage: str) -> bytes:
    begun = time.monotonic()
    try:
        sock.settimeout(_left(deadline, stage))
        return sock.recv(_RECV_BYTES)
    except TimeoutError as error:
        raise timed_out(stage, (time.monotonic() - begun) * 1e3) from error
    except OSError as error:
        raise broken(stage, error) from error


def _left(deadline: float, stage: str) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise timed_out(stage, 0)
    return left
