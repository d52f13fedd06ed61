"""Kafka itself, asked and changed on request: connections to its brokers that live as long as a question."""

from __future__ import annotations

import ssl
from types import TracebackType
from typing import Self

from msktop.errors import TargetError
from msktop.wire.bootstrap import addresses
from msktop.wire.call import Call
from msktop.wire.connection import Connection
from msktop.wire.errors import WireError
from msktop.wire.minimal import Brokers
from msktop.wire.security import Security

OPEN_S, ASK_S = 5.0, 15.0
"""Deadlines: of a new connection, and of an answer; a topic of thousands of partitions takes a while."""
ANY, _UNNAMED = -1, -2


class Kafka:
    """One cluster by its brokers. Opens nothing before the first question. Not for use by two threads."""

    def __init__(self, bootstrap_servers: str, security: Security) -> None:
        self._bootstrap = addresses(bootstrap_servers)
        self._security = security
        self._context: ssl.SSLContext | None = None
        self._open: dict[int, Connection] = {}
        self._brokers: Brokers | None = None

    @property
    def brokers(self) -> Brokers:
        """Who is there, as the first that answered said. Raises TargetError."""
        if self._brokers is None:
            self._first()
        assert self._brokers is not None
        return self._brokers

    @property
    def identity(self) -> str:
        """Who we are for the brokers, without what is secret."""
        security = self._security
        if security.mechanism is None:
            certificate = " with a client certificate" if security.has_certificate else ""
            return f"{security.protocol}{certificate}"
        name = f" as {security.username}" if security.username else ""
        return f"{security.protocol} {security.mechanism}{name}"

    @property
    def controller(self) -> int:
        """The broker to send changes to. In KRaft mode any one passes them on."""
        found = self.brokers.controller_id
        return found if found >= 0 else ANY

    def connection(self, broker: int = ANY) -> Connection:
        """An open connection to this broker, or to any. Raises TargetError."""
        if broker == ANY:
            return next((c for c in self._open.values() if not c.closed), None) or self._first()
        known = self._open.get(broker)
        if known is not None and not known.closed:
            return known
        node = next((n for n in self.brokers.nodes if n.id == broker), None)
        if node is None:
            raise TargetError(f"broker {broker} is not there", "It may be restarting: try again.")
        opened = self._open[broker] = self._to(node.host, node.port)
        return opened

    def ask(self, call: Call, broker: int = ANY, timeout_s: float = ASK_S) -> bytes:
        """One question, one answer. Raises WireError, which is a TargetError."""
        return self.connection(broker).ask(call, timeout_s)

    def refresh(self) -> None:
        """Look anew who is there; connections that work stay. Raises TargetError."""
        self._open = {broker: one for broker, one in self._open.items() if not one.closed}
        known = [(n.host, n.port) for n in self._brokers.nodes] if self._brokers else []
        self._bootstrap = tuple(dict.fromkeys((*self._bootstrap, *known)))
        self._first()

    def close(self) -> None:
        """End all connections; the next question opens them again. From another thread it ends a wait."""
        for connection in list(self._open.values()):
            connection.close()
        self._open.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _to(self, host: str, port: int) -> Connection:
        if self._context is None:
            self._context = self._security.context()
        return Connection.open(host, port, self._security, OPEN_S, context=self._context)

    def _first(self) -> Connection:
        failed: WireError | None = None
        for host, port in self._bootstrap:
            try:
                opened = self._to(host, port)
            except WireError as error:
                failed = failed or error
                continue
            self._brokers = opened.brokers
            known = {(n.host, n.port): n.id for n in opened.brokers.nodes}
            before = self._open.get(known.get((host, port), _UNNAMED))
            if before is not None:
                before.close()
            self._open[known.get((host, port), _UNNAMED)] = opened
            return opened
        raise failed or TargetError("no bootstrap server is known", "Give --bootstrap-servers.")
