"""One new connection to a broker, through all stages: DNS, TCP connect, TLS, SASL, ApiVersions, Metadata."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from msktop.sources.probing.channel import Channel
from msktop.sources.probing.poller import MS, Poller
from msktop.sources.probing.resolver import Address, resolve
from msktop.sources.probing.wait import Wait
from msktop.wire.errors import Stage, WireError, broken, timed_out
from msktop.wire.link import Link
from msktop.wire.minimal import Brokers
from msktop.wire.opening import Opening
from msktop.wire.security import Security

TCP_DEADLINES = 2
"""After so many of 500 ms without an answer, a new SYN: the kernel repeats it ever less often."""
LATER_DEADLINES = 20
"""A broker that hangs gets its connection answered when it wakes; longer is not worth the wait."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A connection that passed all stages."""

    channel: Channel
    link: Link
    stages: tuple[tuple[Stage, float], ...]
    brokers: Brokers
    starved_ms: float
    session_lifetime_ms: int = 0
    """How long the login is good for; 0: for ever."""
    throttle_ms: int = 0
    """The longest time that one of its responses bade us wait."""


class Listener(Protocol):
    """Who made the attempt."""

    def opened(self, attempt: Attempt, opened: Opened) -> None:
        """All stages passed; the channel is the listener's now."""

    def overdue(self, attempt: Attempt, error: WireError) -> None:
        """Another 500 ms without an answer at this stage; it is still waited for."""

    def failed(self, attempt: Attempt, error: WireError) -> None:
        """It cannot be made; all is closed."""


class Attempt:
    """Goes from stage to stage until all are passed, one fails, or it is given up."""

    def __init__(
        self,
        poller: Poller,
        address: tuple[str, int],
        security: Security,
        context: ssl.SSLContext | None,
        listener: Listener,
    ) -> None:
        self.address = address
        self.stages: list[tuple[Stage, float]] = []
        """Milliseconds of the stages that were passed before the handshakes."""
        self.wait = Wait(poller, self._overdue)
        self.hung_up = False
        """Whether it failed because the other side closed the connection in good order."""
        self._poller = poller
        self._listener = listener
        self._opening = Opening(security, address[0], context, address[1])
        self._before_kafka: Stage | None = "dns"
        self._addresses: list[Address] = []
        self._channel: Channel | None = None
        self._ended = False
        self._begun_ns = self._since_ns = poller.clock_ns()
        self.wait.begin(self._since_ns)
        resolve(poller, *self._opening.way, self._resolved)

    @property
    def stage(self) -> Stage:
        """Which stage is waited for."""
        if self._before_kafka is not None and self._opening.proxied:
            return "proxy"
        return self._before_kafka or self._opening.stage

    @property
    def passed(self) -> tuple[tuple[Stage, float], ...]:
        """The stages that were passed, with their milliseconds."""
        return (*self.stages, *self._opening.stages)

    def cancel(self) -> None:
        """Give up; the listener hears no more."""
        self._ended = True
        self.wait.end()
        if self._channel is not None:
            self._channel.close()

    def _resolved(self, answer: list[Address] | WireError) -> None:
        if self._ended:
            return
        if isinstance(answer, WireError):
            self._fail(self._opening.in_its_place(answer))
            return
        self._lap("dns", self._poller.clock_ns())
        self._addresses = answer
        self._try_next()

    def _try_next(self) -> None:
        """Each address of the name in turn, until one lets us in."""
        self._before_kafka = "tcp"
        family, address = self._addresses.pop(0)
        self._since_ns = self._poller.clock_ns()
        self.wait.begin(self._since_ns)
        try:
            self._channel = channel = Channel(self._poller, family)
        except OSError as failure:  # no more file descriptors, no IPv6 on this host
            error = failure
            self._poller.at(self._poller.now_ns, lambda: self._broken(error))
            return
        channel.on_connected = self._connected
        channel.on_broken = self._broken
        channel.on_data = self._received
        channel.connect(address)

    def _connected(self) -> None:
        self._lap("tcp", self._poller.now_ns)
        self._before_kafka = None
        self.wait.begin(self._since_ns)
        begun_ns = self._begun_ns if self._opening.proxied else self._poller.clock_ns()
        self._step(lambda: self._opening.start(begun_ns))

    def _received(self, data: bytes, arrived_ns: int) -> None:
        self._step(lambda: self._opening.receive(data, arrived_ns))
        if self._opening.done and not self._ended:
            self._finish()

    def _step(self, step: Callable[[], None]) -> None:
        stage = self.stage
        try:
            step()
        except WireError as error:
            self._send()  # a TLS alert, that the broker may know why
            self._fail(error)
            return
        if self.stage != stage:
            self.wait.begin(self._poller.now_ns)
        self._send()

    def _send(self) -> None:
        if self._channel is not None:
            self._channel.send(self._opening.outgoing())

    def _finish(self) -> None:
        assert self._channel is not None
        assert self._opening.brokers is not None
        self._ended = True
        self.wait.end()
        opened = Opened(
            self._channel,
            self._opening.link,
            self.passed,
            self._opening.brokers,
            self._poller.worst_lag_ms(self._begun_ns),
            self._opening.session_lifetime_ms,
            self._opening.throttle_ms,
        )
        self._listener.opened(self, opened)

    def _broken(self, error: OSError | None) -> None:
        if self._before_kafka == "tcp" and self._addresses:
            self._try_next()
        elif error is None:
            self.hung_up = True
            self._fail(self._opening.closed())
        else:
            self._fail(self._opening.in_its_place(broken(self._before_kafka or self.stage, error)))

    def _overdue(self) -> None:
        before, waited_ms = self._before_kafka, self.wait.waited_ms
        if before is None:
            error = self._opening.silent(waited_ms)
        else:
            error = self._opening.in_its_place(timed_out(before, waited_ms))
        limit = TCP_DEADLINES if before == "tcp" else LATER_DEADLINES
        if self.wait.deadlines < limit or before == "dns":
            self._listener.overdue(self, error)
        elif before == "tcp" and self._addresses:
            assert self._channel is not None
            self._channel.close()
            self._try_next()
        else:
            self._fail(error)

    def _fail(self, error: WireError) -> None:
        if not self._ended:
            self.cancel()
            self._listener.failed(self, error)

    def _lap(self, stage: Stage, at_ns: int) -> None:
        if self._opening.proxied:  # one stage in their place, from the beginning on
            return
        self.stages.append((stage, (at_ns - self._since_ns) / MS))
        self._since_ns = at_ns
