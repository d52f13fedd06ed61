"""One good broker of a cluster, whichever; goes on to another as soon as one fails.

Knows the bootstrap addresses and every broker that was ever seen, so it survives any of them.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from msktop.model.broker import ProbeWord
from msktop.model.cluster import Cluster
from msktop.model.samples import SourceFailed
from msktop.wire.bootstrap import Address
from msktop.wire.call import Call
from msktop.wire.connection import Connection
from msktop.wire.errors import WireError
from msktop.wire.security import Security

OPEN_S, OPEN_MAX_S = 1.0, 8.0
"""Deadline of a new connection; doubles with each round in which nobody answered."""
SAID = 3
"""Failures told in one sentence."""

T = TypeVar("T")

_RANK: Mapping[ProbeWord, int] = {"up": 0, "unknown": 1, "suspect": 2, "down": 3}
_UNHEARD = 1
"""A bootstrap address whose broker is not known ranks like a broker of which nothing is known."""


class UnreachableError(Exception):
    """Every address was tried once more, none answered."""

    def __init__(self, failures: Iterable[WireError]) -> None:
        super().__init__()
        self.failures = tuple(failures)

    def sample(self, at: float, source: str) -> SourceFailed:
        """The same as a sample: one sentence for all addresses, the advice of the first."""
        said = [error.title for error in self.failures]
        first = self.failures[0]
        reason = said[0]
        if first.stage == "credentials":  # no broker was asked
            reason = first.reason
        elif len(said) > 1:
            more = f"; and {len(said) - SAID} more" if len(said) > SAID else ""
            reason = f"none of {len(said)} addresses answers: {'; '.join(said[:SAID])}{more}"
        return SourceFailed(at=at, source=source, stage=first.stage, reason=reason, advice=first.advice)


class Reach:
    """Asks one broker at a time, and stays with it as long as it answers and its probe does.

    Opens nothing before the first question. Not for use by two threads.
    """

    def __init__(
        self, bootstrap: Iterable[Address], security: Security, cluster: Callable[[], Cluster]
    ) -> None:
        self._bootstrap = tuple(bootstrap)
        self._security = security
        self._cluster = cluster
        self._context: ssl.SSLContext | None = None
        self._connection: Connection | None = None
        self._address: Address | None = None
        self._seen: dict[int, Address] = {}
        self._failures: dict[Address, WireError] = {}
        self._rounds = 0

    def saw(self, brokers: Iterable[tuple[int, Address]]) -> None:
        """Remember where brokers are."""
        self._seen.update(brokers)

    def forget(self) -> None:
        """Another cluster answers now: what was seen of the old one counts no longer."""
        self._seen.clear()

    def ask(self, call: Call, timeout_s: float, read: Callable[[bytes], T]) -> tuple[int, T]:
        """One question to one broker: its id (-1: not known) and what `read` makes of the answer.

        Raises WireError when it failed, also in `read`, and another can be asked at once;
        UnreachableError when it was the last one of this round.
        """
        words = self._words()
        if self._connection is not None and self._better_elsewhere(words):
            self.close()
        address = self._address or self._candidates(words)[0]
        try:
            connection = self._connection or self._open(address)
            answer = read(connection.ask(call, timeout_s))
        except WireError as error:
            self.close()
            self._failures[address] = _located(error, address)
            if not self._candidates(words):
                failures, self._failures = self._failures, {}
                self._rounds += 1
                raise UnreachableError(failures.values()) from error
            raise
        self._failures.clear()
        self._rounds = 0
        return self._id_of(address), answer

    @property
    def via(self) -> int:
        """The id of the broker that is asked now; -1: none, or not known."""
        return self._id_of(self._address)

    def versions(self) -> dict[int, tuple[int, int]]:
        """What the broker that is asked now offers; empty without one."""
        return self._connection.versions if self._connection is not None else {}

    def close(self) -> None:
        """Close the connection; the next question opens one."""
        connection, self._connection, self._address = self._connection, None, None
        if connection is not None:
            connection.close()

    def _open(self, address: Address) -> Connection:
        if self._context is None:
            self._context = self._security.context()
        deadline_s = min(OPEN_S * (1 << min(self._rounds, 8)), OPEN_MAX_S)
        connection = Connection.open(*address, self._security, deadline_s, context=self._context)
        self._connection, self._address = connection, address
        self.saw((node.id, (node.host, node.port)) for node in connection.brokers.nodes)
        return connection

    def _words(self) -> dict[int, ProbeWord]:
        return {broker.id: broker.probe.word for broker in self._cluster().brokers.values()}

    def _candidates(self, words: Mapping[int, ProbeWord]) -> list[Address]:
        """Who has not failed in this round, the best first."""
        rank: dict[Address, int] = dict.fromkeys(self._bootstrap, _UNHEARD)
        for broker_id, address in self._seen.items():
            rank[address] = _RANK[words.get(broker_id, "unknown")]
        for broker in self._cluster().brokers.values():  # whom others have seen, before we saw anybody
            if broker.in_metadata and broker.host and broker.port:
                rank.setdefault((broker.host, broker.port), _RANK[broker.probe.word])
        return sorted((a for a in rank if a not in self._failures), key=lambda address: rank[address])

    def _better_elsewhere(self, words: Mapping[int, ProbeWord]) -> bool:
        here = words.get(self._id_of(self._address), "unknown")
        return here in ("suspect", "down") and "up" in words.values()

    def _id_of(self, address: Address | None) -> int:
        return next((i for i, seen in self._seen.items() if seen == address), -1)


def _located(error: WireError, address: Address) -> WireError:
    """The error with its address; where it came from reading an answer it has none."""
    host, port = address
    return error if error.title != error.reason else error.at(f"{host}:{port}")
