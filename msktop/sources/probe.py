"""Watches every broker by a connection of its own. Meant for a process of its own (failures.md: the lock).

Needs nobody: it learns the brokers from Metadata on its own connections, so it survives any of them, also all
bootstrap servers. A broker that was ever seen is probed until another one has its address.
"""

from __future__ import annotations

import ssl
from collections import deque
from collections.abc import Iterator, Set
from typing import TYPE_CHECKING

from msktop.errors import MsktopError, UsageError
from msktop.model.samples import HostStarved, Sample
from msktop.sources.probing.attempt import Attempt, Opened
from msktop.sources.probing.attempt import Listener as AttemptListener
from msktop.sources.probing.broker import UNWELCOME_NS, BrokerProbe
from msktop.sources.probing.poller import MS, Poller, Stall
from msktop.sources.pump import SourceError
from msktop.sources.reach import UnreachableError
from msktop.wire.bootstrap import addresses
from msktop.wire.errors import WireError
from msktop.wire.minimal import Brokers, Node
from msktop.wire.security import Security

if TYPE_CHECKING:
    from msktop.sources.pump import Clock, Stop

SEEK_NS = 1_000 * MS
"""The least time from one attempt at a bootstrap address to the next."""
SEEK_AGAIN_NS = 5_000 * MS
"""How often bootstrap addresses are tried again while no known broker answers: the cluster may have moved."""
LOGIN_LOOK_S = 0.25
"""How long `stop` may take to be seen while credentials are fetched."""
STAGGER_NS = 5 * MS
"""Between the first connections to newly seen brokers."""
STARVED_NS = 100 * MS
_GOLDEN = 0.618034
"""Multiples of it, without their whole part, lie evenly between 0 and 1 however many there are."""

Address = tuple[str, int]


class ProbeSource:
    """Says Probed for every broker, HostStarved for this machine, SourceFailed while no broker is known."""

    name = "probe"

    def __init__(self, bootstrap_servers: str, security: Security, clock: Clock) -> None:
        self._bootstrap = addresses(bootstrap_servers)
        self._security = security
        self._clock = clock
        self._listed: tuple[Node, ...] | None = None

    def hear(self, listed: tuple[Node, ...]) -> None:
        """The brokers that the control plane lists: Metadata leaves out those that are down."""
        self._listed = listed

    def samples(self, stop: Stop) -> Iterator[Sample]:
        """What is seen, until `stop`."""
        try:
            context = self._security.context()
        except UsageError as error:
            raise SourceError("tls", error.title, error.advice) from error
        self._await_login(stop)
        watch = Watch(self._bootstrap, self._security, context, self._clock)
        try:
            heard: tuple[Node, ...] | None = None
            while not stop.is_set():
                if self._listed is not heard and (heard := self._listed) is not None:
                    watch.listed(heard)
                watch.poller.turn()
                while watch.said:
                    yield watch.said.popleft()
        finally:
            watch.close()

    def _await_login(self, stop: Stop) -> None:
        """The loop must not wait for anybody: what an IAM login needs is there before it begins."""
        tokens = self._security.tokens
        try:
            while tokens is not None and not stop.is_set() and not tokens.ready(LOGIN_LOOK_S):
                pass
        except MsktopError as error:
            raise SourceError("credentials", error.title, error.advice) from error


class Watch:
    """All brokers of one cluster, and the way to the first of them."""

    def __init__(
        self, bootstrap: tuple[Address, ...], security: Security, context: ssl.SSLContext | None, clock: Clock
    ) -> None:
        self.said: deque[Sample] = deque()
        self.poller = Poller(self._stalled)
        self.brokers: dict[int, BrokerProbe] = {}
        self._security = security
        self._context = context
        self._clock = clock
        self._failures: dict[Address, WireError] = {}
        self._registered: Set[int] = frozenset()
        self._listed: set[int] | None = None
        self._seekers = {address: Seeker(address, self) for address in bootstrap}
        for seeker in self._seekers.values():
            seeker.seek()
        self.poller.at(self.poller.now_ns + SEEK_AGAIN_NS, self._look_around)

    def close(self) -> None:
        """Close all connections."""
        for seeker in self._seekers.values():
            seeker.close()
        for broker in self.brokers.values():
            broker.close()
        self.poller.close()

    def connect(self, address: Address, listener: AttemptListener) -> Attempt:
        """Begin a new connection."""
        return Attempt(self.poller, address, self._security, self._context, listener)

    def learn(self, answer: Brokers) -> None:
        """Begin to watch the brokers that are new, follow those that moved."""
        listed = {node.id: node for node in answer.nodes if node.host}
        by_address = {(node.host, node.port): node.id for node in listed.values()}
        for broker in list(self.brokers.values()):
            if by_address.get(broker.address, broker.id) != broker.id and broker.id not in listed:
                self.brokers.pop(broker.id).close()
        for node in listed.values():
            known = self.brokers.get(node.id)
            if known is None:
                self._watch(node)
            else:
                known.move((node.host, node.port))
        self._registered = listed.keys()
        self._leave_departed()
        if self.brokers:
            self._failures.clear()

    def listed(self, nodes: tuple[Node, ...]) -> None:
        """Begin to watch what the control plane lists and Metadata does not: it may be down."""
        self._listed = {node.id for node in nodes}
        taken = {broker.address for broker in self.brokers.values()}
        for node in nodes:
            if node.id not in self.brokers and (node.host, node.port) not in taken:
                self._watch(node)
        self._leave_departed()

    def _leave_departed(self) -> None:
        """Neither listed nor registered: it was removed, and is not down."""
        if self._listed is not None:
            for departed in self.brokers.keys() - self._listed - self._registered:
                self.brokers.pop(departed).close()

    def found(self, address: Address, opened: Opened) -> bool:
        """A bootstrap address answered; whether its connection goes on in use, and who is there is known."""
        self.learn(opened.brokers)
        for broker in self.brokers.values():
            if broker.address == address and not broker.open:
                broker.adopt(opened)
                return True
        opened.channel.close()
        return bool(self.brokers)

    def not_found(self, address: Address, error: WireError) -> None:
        """A bootstrap address failed; say so when all have, and no broker is known."""
        if self.brokers:
            return
        self._failures[address] = error.at(f"{address[0]}:{address[1]}")
        if len(self._failures) == len(self._seekers):
            self.said.append(UnreachableError(self._failures.values()).sample(self._clock.now(), "probe"))
            self._failures.clear()

    def _watch(self, node: Node) -> None:
        index = len(self.brokers)
        address = (node.host, node.port)
        self.brokers[node.id] = broker = BrokerProbe(
            self.poller,
            node.id,
            address,
            phase=index * _GOLDEN % 1,
            connect=self.connect,
            now=self._clock.now,
            emit=self.said.append,
            learn=self.learn,
        )
        seeker = self._seekers.get(address)
        sought = seeker is not None and seeker.seeking
        broker.attempt_at(self.poller.now_ns + (SEEK_NS if sought else index * STAGGER_NS))

    def _look_around(self) -> None:
        self.poller.at(self.poller.now_ns + SEEK_AGAIN_NS, self._look_around)
        if not self.brokers or any(broker.open for broker in self.brokers.values()):
            return
        watched = {broker.address for broker in self.brokers.values()}
        for address, seeker in self._seekers.items():
            if address not in watched:
                seeker.seek()

    def _stalled(self, stall: Stall) -> None:
        if stall.lag_ns > STARVED_NS:
            self.said.append(HostStarved(at=self._clock.now(), lag_ms=round(stall.lag_ns / MS, 1)))


class Seeker:
    """Knocks at one bootstrap address until somebody, anywhere, has told which brokers there are."""

    def __init__(self, address: Address, watch: Watch) -> None:
        self._address = address
        self._watch = watch
        self._attempt: Attempt | None = None

    @property
    def seeking(self) -> bool:
        """Whether a connection is being made."""
        return self._attempt is not None

    def seek(self) -> None:
        """Try to connect, unless that is under way."""
        if self._attempt is None:
            self._attempt = self._watch.connect(self._address, self)

    def close(self) -> None:
        """Give up."""
        if self._attempt is not None:
            self._attempt.cancel()

    def opened(self, attempt: Attempt, opened: Opened) -> None:
        """Somebody is there."""
        self._attempt = None
        if not self._watch.found(self._address, opened):
            self._again(
                WireError("metadata", "protocol", "the broker is starting: it knows of no brokers yet")
            )

    def overdue(self, attempt: Attempt, error: WireError) -> None:
        """Nobody answers yet."""
        self._watch.not_found(self._address, error)

    def failed(self, attempt: Attempt, error: WireError) -> None:
        """Nobody is there, or they do not want us."""
        self._attempt = None
        self._again(error)

    def _again(self, error: WireError) -> None:
        self._watch.not_found(self._address, error)
        pause_ns = SEEK_NS if error.outcome == "protocol" else UNWELCOME_NS.get(error.outcome, SEEK_NS)
        self._watch.poller.at(self._watch.poller.now_ns + pause_ns, self._seek_on)

    def _seek_on(self) -> None:
        if not self._watch.brokers:
            self.seek()
