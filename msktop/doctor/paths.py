"""The way to each broker: its name, its ports, then a whole login, stage by stage."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TypeVar

from msktop.doctor.report import Check, Say, Stopwatch
from msktop.wire.connection import Connection
from msktop.wire.dialing import dial, resolve
from msktop.wire.errors import WireError
from msktop.wire.network import Network
from msktop.wire.security import Security

PORTS: Mapping[int, str] = {
    9092: "plaintext",
    9094: "TLS",
    9096: "SASL/SCRAM",
    9098: "IAM",
    11001: "JMX exporter",
    11002: "node exporter",
}
"""What MSK's brokers listen on inside the VPC."""
_EXPORTERS = (11001, 11002)
_LET_PASS = "Open monitoring is on: let the security group pass this port from here."
PORT_S, LOGIN_S = 2.0, 5.0
AT_ONCE = 32
NAMED = 3

Address = tuple[str, int]
Question = TypeVar("Question")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Tried:
    """One attempt at one broker."""

    host: str
    took_ms: float | None
    error: WireError | None = None


def names(hosts: Sequence[str], network: Network, say: Say) -> None:
    """Whether every broker's name resolves."""
    if network.proxy is not None:
        say(Check("dns", "names", "skipped", None, f"the proxy {network.proxy.address} resolves them"))
        return

    def look_up(host: str) -> Tried:
        watch = Stopwatch()
        try:
            resolve(*network.way(host, 0), time.monotonic() + PORT_S)
        except WireError as error:
            return Tried(host, watch.ms, error)
        return Tried(host, watch.ms)

    say(_together("dns", "names", _all(look_up, hosts)))


def ports(hosts: Sequence[str], wanted: Mapping[int, str], network: Network, say: Say) -> None:
    """Whether the ports can be reached: `wanted` are those that must; the others of PORTS get a note."""
    listed = {**PORTS, **wanted}
    pairs = [(host, port) for port in sorted(listed) for host in hosts]

    def knock(pair: Address) -> Tried:
        watch = Stopwatch()
        try:
            dial(network, *pair, PORT_S).close()
        except WireError as error:
            return Tried(pair[0], watch.ms, error)
        return Tried(pair[0], watch.ms)

    tried = dict(zip(pairs, _all(knock, pairs), strict=True))
    for port in sorted(listed):
        name = f"port {port} ({listed[port]})"
        here = [tried[host, port] for host in hosts]
        check = _together("ports", name, here)
        if check.state == "failed" and port not in wanted:
            check = replace(check, state="note", advice="")
        elif check.state == "failed" and port in _EXPORTERS:
            check = replace(check, advice=_LET_PASS)
        say(check)


def logins(addresses: Sequence[Address], security: Security, say: Say) -> list[Connection]:
    """Log in to every broker; the connections that could be made, open."""
    context = security.context()

    def log_in(address: Address) -> Connection | WireError:
        try:
            return Connection.open(*address, security, LOGIN_S, context)
        except WireError as error:
            return error

    results = list(zip(addresses, _all(log_in, addresses), strict=True))
    opened = [found for _, found in results if isinstance(found, Connection)]
    failed = [Tried(host, None, found) for (host, _), found in results if isinstance(found, WireError)]
    stages: dict[str, None] = dict.fromkeys(stage for connection in opened for stage, _ in connection.stages)
    stages.update(dict.fromkeys(tried.error.stage for tried in failed if tried.error is not None))
    for stage in stages:
        passed = [Tried(c.address, dict(c.stages)[stage]) for c in opened if stage in dict(c.stages)]
        say(_together("login", stage, [*passed, *(t for t in failed if t.error and t.error.stage == stage)]))
    return opened


def _all(work: Callable[[Question], Result], items: Iterable[Question]) -> list[Result]:
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="doctor") as pool:
        return list(pool.map(work, items))


def _together(stage: str, name: str, tried: Sequence[Tried]) -> Check:
    """All brokers in one line, and the first few that failed."""
    bad = [t for t in tried if t.error is not None]
    good_ms = [t.took_ms for t in tried if t.error is None and t.took_ms is not None]
    count = f"{len(tried) - len(bad)} of {len(tried)}"
    if not bad:
        span = f" · {min(good_ms):.1f} to {max(good_ms):.1f} ms" if len(good_ms) > 1 else ""
        return Check(stage, name, "ok", max(good_ms, default=None), count + span)
    first = bad[0].error
    assert first is not None
    more = f" and {len(bad) - NAMED} more" if len(bad) > NAMED else ""
    who = ", ".join(t.host for t in bad[:NAMED]) + more
    took = max((t.took_ms for t in bad if t.took_ms is not None), default=None)
    return Check(stage, name, "failed", took, f"{count} · {who}: {first.reason}", first.advice)
