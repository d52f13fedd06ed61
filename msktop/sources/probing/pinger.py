"""ApiVersions on an open connection, again and again: one question at a time, silence told as it grows."""

from __future__ import annotations

from typing import Protocol

from msktop.sources.probing.attempt import Opened
from msktop.sources.probing.poller import MS, Poller
from msktop.sources.probing.wait import Wait
from msktop.wire import minimal
from msktop.wire.errors import WireError, broken, ended

_FIRST_ID = 1_000


class Listener(Protocol):
    """Who wants to know."""

    def answered(self, took_ms: float, starved_ms: float, throttle_ms: int) -> None:
        """The broker is there; also when its answer is an error or a throttle time."""

    def silent(self, waited_ms: float, starved_ms: float) -> None:
        """Another 500 ms without an answer; it is still waited for."""

    def lost(self, error: WireError, waited_ms: float, starved_ms: float) -> None:
        """The connection broke and is closed."""


class Pinger:
    """Owns one open connection."""

    def __init__(self, poller: Poller, opened: Opened, listener: Listener) -> None:
        self._poller = poller
        self._channel = opened.channel
        self._link = opened.link
        self._listener = listener
        self._wait = Wait(poller, self._overdue)
        self._pending = False
        self._sent_ns = 0
        self._correlation = _FIRST_ID
        self._not_before_ns = poller.now_ns + opened.throttle_ms * MS
        self._channel.on_data = self._received
        self._channel.on_broken = self._broken

    @property
    def pending(self) -> bool:
        """Whether an answer is waited for."""
        return self._pending

    @property
    def silent_ms(self) -> float:
        """For how long an answer has been overdue; 0 while none is."""
        return self._wait.waited_ms if self._pending and self._wait.deadlines else 0.0

    def ping(self) -> None:
        """Ask, unless the last question is open, or the broker has bidden us wait."""
        if self._pending or self._poller.now_ns < self._not_before_ns:
            return
        self._correlation += 1
        self._link.send(minimal.api_versions_request(self._correlation))
        data = self._link.outgoing()
        self._pending = True
        self._sent_ns = self._poller.clock_ns()
        self._channel.send(data)
        self._wait.begin(self._sent_ns)

    def close(self) -> None:
        """Close; the listener hears no more."""
        self._wait.end()
        self._channel.close()

    def _received(self, data: bytes, arrived_ns: int) -> None:
        try:
            frames = self._link.receive(data)
            for payload in frames:
                self._answer(payload, arrived_ns)
        except WireError as error:
            self._lose(error)
            return
        self._channel.send(self._link.outgoing())

    def _answer(self, payload: bytes, arrived_ns: int) -> None:
        if not self._pending or payload[:4] != self._correlation.to_bytes(4):
            raise WireError("api_versions", "protocol", "the answer belongs to no question of ours")
        self._pending = False
        starved_ms = self._wait.starved_all_ms
        self._wait.end()
        throttle_ms = minimal.pong_throttle_ms(payload)
        self._not_before_ns = self._poller.now_ns + throttle_ms * MS
        self._listener.answered(max(0, arrived_ns - self._sent_ns) / MS, starved_ms, throttle_ms)

    def _overdue(self) -> None:
        self._listener.silent(self._wait.waited_ms, self._wait.starved_ms)

    def _broken(self, error: OSError | None) -> None:
        if error is None:
            self._lose(ended("api_versions", tls=False, login=True))
        else:
            self._lose(broken("api_versions", error))

    def _lose(self, error: WireError) -> None:
        waited_ms = self._wait.waited_ms if self._pending else 0.0
        starved_ms = self._wait.starved_ms if self._pending else 0.0
        self.close()
        self._listener.lost(error, waited_ms, starved_ms)
