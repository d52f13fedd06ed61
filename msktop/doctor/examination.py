"""One examination, from the credentials to what Kafka lets us see."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import TextIO

from msktop.aws.access import Access
from msktop.aws.session import AwsSession
from msktop.doctor import control, paths
from msktop.doctor.paths import PORTS, Address
from msktop.doctor.report import Check, document, is_ok, line, summary
from msktop.doctor.rights import Rights
from msktop.errors import UsageError
from msktop.model.cluster import Cluster
from msktop.settings import Target
from msktop.ways import Way, choose_way
from msktop.wire.bootstrap import addresses
from msktop.wire.connection import Connection
from msktop.wire.sasl import TOKEN_MECHANISMS
from msktop.wire.security import Security

Head = Callable[[str], None]


def run(target: Target | None, access: Access, as_json: bool, out: TextIO) -> int:
    """Examine, print as it goes on, and return the exit code. Without a target: the account alone."""
    name = target.name if target is not None else "AWS"
    checks: list[Check] = []

    def write(text: str) -> None:
        if not as_json:
            out.write(text + "\n")
            out.flush()

    def say(check: Check) -> None:
        checks.append(check)
        write(line(check))

    Examination(say, lambda title: write(f"\n{title}")).run(target, access)
    write(f"\n{summary(checks)}")
    if as_json:
        json.dump(document(name, checks), out, indent=2)
        out.write("\n")
    return 0 if is_ok(checks) else 1


class Examination:
    """All parts in their order; what cannot be done because of an earlier failure is left out."""

    def __init__(self, say: Callable[[Check], None], head: Head) -> None:
        self._say = say
        self._head = head

    def run(self, target: Target | None, access: Access) -> None:
        """Do it."""
        cluster = Cluster()
        if target is None or target.msk is not None:
            cluster = self._aws(target, access)
        if target is None:
            return
        way = self._way(target, cluster)
        if way is None:
            return
        servers, security = way
        known = _known(target, cluster, addresses(servers))
        with ExitStack() as open_ones:
            opened = self._brokers("Brokers", known, security, _wanted(cluster))
            for connection in opened:
                open_ones.enter_context(connection)
            if not opened:
                return
            listed = [(node.host, node.port) for node in opened[0].brokers.nodes]
            others = [address for address in listed if address not in known]
            if others:
                more = self._brokers("Brokers that these name", others, security, {})
                opened += [open_ones.enter_context(connection) for connection in more]
            self._head("Kafka's answers")
            Rights(opened, self._say, by_iam=security.mechanism in TOKEN_MECHANISMS).check()

    def _aws(self, target: Target | None, access: Access) -> Cluster:
        session = AwsSession(access)
        self._head("AWS credentials")
        if not control.credentials(session, self._say):
            return Cluster()
        self._head("AWS API")
        if target is None or target.msk is None:
            control.account(session, self._say)
            return Cluster()
        return control.cluster(session, target.msk.cluster, self._say)

    def _way(self, target: Target, cluster: Cluster) -> tuple[str, Security] | None:
        """Bootstrap servers, and how to log in there."""
        if target.bootstrap_servers:
            return target.bootstrap_servers, target.security
        found = choose_way(cluster, target)
        if isinstance(found, Way):
            return found.bootstrap_servers, found.security
        reason = found.reason if found else "AWS has not said where the brokers are"
        advice = found.advice if found else "Mend what failed above, or give --bootstrap-servers."
        self._say(Check("login", "endpoints", "failed", None, reason, advice))
        return None

    def _brokers(
        self, title: str, found: Sequence[Address], security: Security, wanted: dict[int, str]
    ) -> list[Connection]:
        """Names, ports and logins of some brokers; an open connection to each that lets us in."""
        how = f"{security.protocol} {security.mechanism}" if security.mechanism else security.protocol
        self._head(f"{title} ({how})")
        hosts = list(dict.fromkeys(host for host, _ in found))
        ports = {**{port: PORTS.get(port, "Kafka") for _, port in found}, **wanted}
        paths.names(hosts, security.network, self._say)
        paths.ports(hosts, ports, security.network, self._say)
        try:
            return paths.logins(found, security, self._say)
        except UsageError as error:  # a certificate or key that cannot be used
            self._say(Check("login", "tls", "failed", None, error.title, error.advice))
            return []


def _known(target: Target, cluster: Cluster, bootstrap: Sequence[Address]) -> list[Address]:
    """Every broker that AWS lists, on the port of the chosen endpoints; else the bootstrap servers."""
    if target.bootstrap_servers or target.msk is None or target.msk.endpoints != "private":
        return list(bootstrap)
    port = bootstrap[0][1]
    hosts = (
        broker.inventory.endpoints[0]
        for broker in cluster.brokers.values()
        if broker.inventory is not None and broker.inventory.endpoints
    )
    return [(host, port) for host in hosts] or list(bootstrap)


def _wanted(cluster: Cluster) -> dict[int, str]:
    """The exporters' ports, where AWS says that open monitoring is on."""
    seen = cluster.description
    jmx, node = (11001, seen and seen.jmx_exporter), (11002, seen and seen.node_exporter)
    return {port: PORTS[port] for port, on in (jmx, node) if on}
