"""The way to a host where it is not the straight one: a SOCKS5 proxy, names with other addresses."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from msktop.errors import UsageError
from msktop.wire.errors import WireError, timed_out

SOCKS_PORT = 1080


@dataclass(frozen=True, slots=True)
class Proxy:
    """A SOCKS5 proxy; it resolves the names of what lies behind it."""

    host: str
    port: int
    username: str = ""
    password: str = field(default="", repr=False)

    @property
    def address(self) -> str:
        """HOST:PORT."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def unreachable(self, error: WireError) -> WireError:
        """What it means that the proxy itself could not be reached: it says nothing about any broker."""
        return WireError(
            "proxy",
            "proxy",
            f"the proxy {self.address} cannot be used: {error.reason}",
            "Is the tunnel up (ssh -D), and --proxy its address?",
        )

    def silent(self, waited_ms: float, *, greeted: bool) -> WireError:
        """Silence of the proxy before it greeted, or of what lies behind it afterwards."""
        if not greeted:
            return self.unreachable(timed_out("proxy", waited_ms))
        return WireError(
            "proxy",
            "timeout",
            f"the proxy {self.address} gets no connection to the broker ({waited_ms:.0f} ms)",
            "A security group behind the proxy, or a dead broker: the proxy itself answers.",
        )


@dataclass(frozen=True, slots=True)
class Network:
    """How every host is reached: brokers and exporters alike. Frozen and picklable.

    >>> network = Network(addresses=parse_addresses("b-1.example=10.0.0.1, b-2.example:9098=127.0.0.1:19098"))
    >>> network.way("b-1.example", 9092), network.way("b-2.example", 9098), network.way("b-2.example", 11001)
    (('10.0.0.1', 9092), ('127.0.0.1', 19098), ('b-2.example', 11001))
    """

    proxy: Proxy | None = None
    addresses: tuple[tuple[str, str], ...] = ()
    """HOST or HOST:PORT, and ADDRESS or ADDRESS:PORT in its place."""

    def way(self, host: str, port: int) -> tuple[str, int]:
        """Whom to connect to, ourselves or by the proxy, where `host` is meant."""
        for name, address in self.addresses:
            known, known_port = _parted(name)
            if known == host.lower() and known_port in (None, port):
                other, other_port = _parted(address)
                return other, port if other_port is None else other_port
        return host, port


def parse_proxy(url: str, *, secrets: bool = False) -> Proxy:
    """The proxy of `socks5://HOST:PORT`; user and password only where `secrets` may be said. UsageError.

    >>> parse_proxy("socks5://127.0.0.1:1080").address
    '127.0.0.1:1080'
    >>> parse_proxy("http://127.0.0.1:3128")
    Traceback (most recent call last):
    msktop.errors.UsageError: the proxy is no socks5://HOST:PORT
    """
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port, parts = None, None, urlsplit("")
    if parts.scheme not in ("socks5", "socks5h") or not host or parts.path.strip("/"):
        raise UsageError("the proxy is no socks5://HOST:PORT", "As ssh -D has it: socks5://127.0.0.1:1080")
    if parts.username is not None and not secrets:
        raise UsageError(
            "user and password of a proxy do not belong on the command line",
            "Put msktop.proxy=socks5://USER:PASSWORD@HOST:PORT into the --command-config file.",
        )
    return Proxy(host, port or SOCKS_PORT, unquote(parts.username or ""), unquote(parts.password or ""))


def parse_addresses(words: str) -> tuple[tuple[str, str], ...]:
    """What --dns-map says: HOST=ADDRESS,…, or a file of such lines or of lines as in /etc/hosts. UsageError.

    >>> parse_addresses("b-1.example=10.0.0.1")
    (('b-1.example', '10.0.0.1'),)
    """
    if "=" in words:
        return tuple(_pair(part) for part in words.split(",") if part.strip())
    try:
        text = Path(words).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"--dns-map {words} cannot be read: {error}", "Give a file, or HOST=ADDRESS,HOST=ADDRESS."
        ) from error
    found: list[tuple[str, str]] = []
    for line in (raw.partition("#")[0].strip() for raw in text.splitlines()):
        if "=" in line:
            found.append(_pair(line))
        elif line:
            address, *names = line.split()
            found.extend(_pair(f"{name}={address}") for name in names)
    return tuple(found)


def _pair(words: str) -> tuple[str, str]:
    name, _, address = (part.strip() for part in words.partition("="))
    try:
        _parted(name)
        _parted(address)
    except ValueError:
        name = ""
    if not name or not address:
        raise UsageError(f"--dns-map: {words.strip()!r} is no HOST=ADDRESS")
    return name, address


def _parted(words: str) -> tuple[str, int | None]:
    """Host and port of HOST, HOST:PORT, an IPv6 address, [IPv6]:PORT. ValueError.

    >>> _parted("B-1.example:9098"), _parted("fd00::1"), _parted("[fd00::1]:9098")
    (('b-1.example', 9098), ('fd00::1', None), ('fd00::1', 9098))
    """
    if words.startswith("["):
        host, _, port = words[1:].partition("]")
        port = port.removeprefix(":")
    elif words.count(":") == 1:
        host, _, port = words.partition(":")
    else:
        host, port = words, ""
    return host.lower(), int(port) if port else None
