"""Names to addresses, in a thread of their own: a resolver may be silent for half a minute."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from typing import Any

from msktop.sources.probing.poller import Poller
from msktop.wire.errors import WireError, unresolved

Address = tuple[socket.AddressFamily, Any]
Found = Callable[[list[Address] | WireError], None]


def resolve(poller: Poller, host: str, port: int, found: Found) -> None:
    """Call `found` in the loop's thread: at once for an address, else when the resolver has answered."""
    try:
        literal = _look_up(host, port, socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        thread = threading.Thread(
            target=_in_thread, args=(poller, host, port, found), name=f"resolve {host}", daemon=True
        )
        thread.start()
    else:
        found(literal)


def _in_thread(poller: Poller, host: str, port: int, found: Found) -> None:
    answer: list[Address] | WireError
    try:
        answer = _look_up(host, port, 0)
    except OSError as error:
        answer = unresolved(host, error)
    except UnicodeError:
        answer = unresolved(host, OSError(0, "no valid name"))
    poller.from_thread(lambda: found(answer))


def _look_up(host: str, port: int, flags: int) -> list[Address]:
    name = host.encode() if host.isascii() else host  # bytes spare the loading of the IDNA tables: 25 ms
    infos = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM, flags=flags)
    return [(family, address) for family, _, _, _, address in infos]
