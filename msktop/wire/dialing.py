"""Names to addresses, addresses to a socket; straight, or through a proxy. Every wait has a deadline."""

from __future__ import annotations

import socket
import threading
import time
from typing import Any

from msktop.wire.errors import WireError, broken, timed_out, unresolved
from msktop.wire.network import Network
from msktop.wire.socks import Tunnel

_RECV_BYTES = 4096

Address = tuple[socket.AddressFamily, Any]


def dial(network: Network, host: str, port: int, timeout_s: float) -> socket.socket:
    """A connected socket to `host`, by the way that `network` says; raises WireError."""
    deadline = time.monotonic() + timeout_s
    way = network.way(host, port)
    if network.proxy is None:
        return connect(resolve(*way, deadline), deadline)
    proxy = network.proxy
    try:
        sock = connect(resolve(proxy.host, proxy.port, deadline), deadline)
    except WireError as error:
        raise proxy.unreachable(error) from error
    try:
        _tunnel(Tunnel(proxy, *way), sock, deadline)
    except WireError:
        sock.close()
        raise
    return sock


def _tunnel(tunnel: Tunnel, sock: socket.socket, deadline: float) -> None:
    begun = time.monotonic()
    tunnel.start()
    try:
        while not tunnel.done:
            sock.settimeout(max(0.001, deadline - time.monotonic()))
            sock.sendall(tunnel.outgoing())
            data = sock.recv(_RECV_BYTES)
            if not data:
                raise tunnel.closed()
            tunnel.receive(data)
    except TimeoutError as error:
        waited_ms = (time.monotonic() - begun) * 1e3
        raise tunnel.proxy.silent(waited_ms, greeted=tunnel.greeted) from error
    except OSError as error:
        raise tunnel.closed() from error


def resolve(host: str, port: int, deadline: float) -> list[Address]:
    """The host's addresses, IPv4 and IPv6, before `deadline` (time.monotonic); raises WireError.

    A resolver cannot be interrupted: where it is too slow its thread is left behind.
    """
    found: list[Address] = []
    failed: list[OSError] = []

    def look_up() -> None:
        try:
            found.extend(
                (family, address)
                for family, _, _, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            )
        except (OSError, UnicodeError) as error:
            failed.append(error if isinstance(error, OSError) else OSError(0, "no valid name"))

    begun = time.monotonic()
    thread = threading.Thread(target=look_up, name=f"resolve {host}", daemon=True)
    thread.start()
    thread.join(max(0.0, deadline - begun))
    if failed:
        raise unresolved(host, failed[0])
    if not found:
        raise timed_out("dns", (time.monotonic() - begun) * 1e3)
    return list(found)


def connect(addresses: list[Address], deadline: float) -> socket.socket:
    """The first address that lets us in; each gets an equal share of what is left of the time."""
    error: WireError | None = None
    for index, (family, address) in enumerate(addresses):
        share = (deadline - time.monotonic()) / (len(addresses) - index)
        if share <= 0:
            break
        sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.settimeout(share)
            sock.connect(address)
            return sock
        except TimeoutError:
            sock.close()
            error = timed_out("tcp", share * 1e3)
        except OSError as failure:
            sock.close()
            error = broken("tcp", failure)
    raise error or timed_out("tcp", 0)
