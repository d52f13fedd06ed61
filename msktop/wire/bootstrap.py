"""Where a cluster's brokers can be found first."""

from __future__ import annotations

Address = tuple[str, int]


def addresses(bootstrap_servers: str) -> tuple[Address, ...]:
    """The addresses in Kafka's own notation.

    >>> addresses("b-1.example:9092, [::1]:9094")
    (('b-1.example', 9092), ('::1', 9094))
    """
    found = []
    for part in filter(None, (part.strip() for part in bootstrap_servers.split(","))):
        host, _, port = part.rpartition(":")
        found.append((host.removeprefix("[").removesuffix("]"), int(port)))
    return tuple(found)
