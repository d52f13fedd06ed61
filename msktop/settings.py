"""What was asked for: the target of a session, from the command line."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from msktop.aws.access import Access
from msktop.errors import UsageError
from msktop.wire.security import Security

DEFAULT_PORT = 9092
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_.-]*[A-Za-z0-9])?\.?")


Auth = Literal["iam", "scram", "tls", "plaintext"]
"""How to log in to MSK's brokers; tls is with a client certificate where there is one."""
Endpoints = Literal["private", "public", "vpc"]
"""Which of a cluster's endpoints to use: inside the VPC, on the internet, by multi-VPC connectivity."""


@dataclass(frozen=True)
class MskTarget:
    """One cluster as the MSK API knows it."""

    cluster: str
    """Its name or its ARN."""
    access: Access = field(default_factory=Access)
    auth: Auth | None = None
    """None: the best of what the cluster offers and we have the means for."""
    endpoints: Endpoints = "private"
    ours: bool = False
    """Served by a local MSK of this user, whose API has no limits to share with others."""


@dataclass(frozen=True)
class Target:
    """One cluster to watch."""

    name: str
    bootstrap_servers: str
    """`HOST:PORT,…`, checked; empty where the MSK API has yet to say it."""
    security: Security = field(default_factory=Security)
    security_given: bool = False
    """`security` comes from a file that a person named, and is not merely the default."""
    msk: MskTarget | None = None
    """Where AWS is asked about it; None: only Kafka and the exporters are."""
    write: bool = False
    """It may be changed: --write, or a saved target that says `write = true`."""
    write_given: bool = False
    """--write itself, which also lets clusters be made; a saved target speaks for its own one only."""
    read_only: bool = False
    """--read-only, which beats that."""
    write_probe: bool | None = None
    """Whether to write to a topic of ours; None: nobody said, then only where one of ours is watched."""
    kind: Literal["local", "kafka", "msk"] = "kafka"
    client_rack: str | None = None
    """Zone id of this host."""
    state_file: Path | None = None
    """The state file of a local cluster."""
    scrape_period_s: float = 60.0
    """AWS asks for 60 s or more on MSK; 10 s on a local cluster."""

    @property
    def ours(self) -> bool:
        """Whether it is a local MSK of this user, by whichever way it is reached."""
        return self.kind == "local" or (self.msk is not None and self.msk.ours)


@dataclass(frozen=True)
class Look:
    """How to draw."""

    ascii_only: bool = False
    theme: str | None = None
    """night, day, ansi or mono; None: by what the terminal can do."""
    log_file: Path | None = None


def parse_bootstrap(text: str) -> str:
    """Check and normalise `HOST:PORT,…`. Raises UsageError with the wrong part.

    >>> parse_bootstrap("a:9092, b")
    'a:9092,b:9092'
    >>> parse_bootstrap("[::1]:9092")
    '[::1]:9092'
    >>> parse_bootstrap("a:kafka")
    Traceback (most recent call last):
    msktop.errors.UsageError: bootstrap server 'a:kafka': 'kafka' is not a port
    """
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not parts:
        raise UsageError("no bootstrap server given", "Give one or more as HOST:PORT,HOST:PORT.")
    return ",".join(_address(part) for part in parts)


def _address(part: str) -> str:
    advice = "Give it as HOST:PORT, for example b-1.example:9092."
    if "://" in part:
        raise UsageError(f"bootstrap server {part!r}: no scheme belongs here", advice)
    if part.startswith("["):
        host, bracket, rest = part[1:].partition("]")
        if not bracket or not re.fullmatch(r"[0-9A-Fa-f:.%]+", host):
            raise UsageError(f"bootstrap server {part!r}: not an IPv6 address in brackets", advice)
        host, port = f"[{host}]", rest.removeprefix(":")
    else:
        host, _, port = part.partition(":")
        if not _HOST.fullmatch(host):
            raise UsageError(f"bootstrap server {part!r}: {host!r} is not a host name", advice)
    port = port or str(DEFAULT_PORT)
    if not port.isdecimal() or not 0 < int(port) < 65536:
        raise UsageError(f"bootstrap server {part!r}: {port!r} is not a port", advice)
    return f"{host}:{port}"
