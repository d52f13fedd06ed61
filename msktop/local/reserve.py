"""A loopback net that is free: found by binding, kept by listening."""

from __future__ import annotations

import socket
from collections.abc import Iterable

from msktop.errors import LocalError
from msktop.local.plan import NODE_EXPORTER_PORT, NodePlan, Plan, nets, plan
from msktop.local.settings import Settings

_BACKLOG = 16


def listener(address: str, port: int) -> socket.socket:
    """A listening socket. As Java does it: connections that linger from before are no hindrance."""
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK)
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind((address, port))
        found.listen(_BACKLOG)
    except BaseException:
        found.close()
        raise
    return found


def reserve(settings: Settings) -> tuple[Plan, list[socket.socket]]:
    """Find a net where every port of every node is free.

    Returns the plan on it and, for each broker, the listener of its node-exporter page. Holding those
    keeps another cluster off the net. Raises LocalError that names a taken address when none is free.
    """
    problem = ""
    for net in nets(settings.name):
        candidate = plan(settings, net)
        held: list[socket.socket] = []
        try:
            _hold(candidate.nodes, held)
        except _TakenError as e:
            problem = problem or str(e)
            for one in held:
                one.close()
        else:
            return candidate, held
    taken_port = problem.rpartition(":")[2].partition(" ")[0]
    raise LocalError(
        f"no loopback net is free: {problem}",
        f"See what uses the port with: ss -ltnp 'sport = :{taken_port}'",
    )


def reserve_more(brokers: Iterable[NodePlan]) -> list[socket.socket]:
    """The same for brokers that are added on a net that is ours already. Raises LocalError."""
    held: list[socket.socket] = []
    try:
        _hold(brokers, held)
    except _TakenError as e:
        for one in held:
            one.close()
        raise LocalError(f"{e} is taken", "End what listens there, and try again.") from e
    return held


def _hold(nodes: Iterable[NodePlan], held: list[socket.socket]) -> None:
    """Listen for the brokers' pages, into `held`, and see that every other port is free."""
    for node in nodes:
        if node.role == "broker":
            held.append(_listen(node.address, NODE_EXPORTER_PORT))
        for port in node.ports:
            _listen(node.address, port).close()


class _TakenError(Exception):
    """An address cannot be listened on."""


def _listen(address: str, port: int) -> socket.socket:
    try:
        return listener(address, port)
    except OSError as e:
        raise _TakenError(f"{address}:{port} ({e.strerror})") from e
