"""Kafka itself: jars fetched once against a lock of paths, sizes and SHA-256 sums, then kept."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import import_module
from importlib.resources import files
from pathlib import Path

from msktop.errors import LocalError
from msktop.local.paths import cache_root, private

EXPORTER_LOCK = "jmx-exporter-0.12.0"
"""The exporter's version that MSK runs: same names, same trailing commas."""

LOGGING_LOCK = "slf4j-jdk14-1.7.36"
"""Binds SLF4J to the JDK's own logging: 8 kB, serves every version, starts faster than Log4j."""

_TIMEOUT_S = 30
_AT_ONCE = 8

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Jar:
    """One line of a lock: path in the repository, size in bytes, SHA-256 in hex."""

    path: str
    size_bytes: int
    sha256: str

    @property
    def file_name(self) -> str:
        """The name of the file in the cache."""
        return self.path.rsplit("/", 1)[1]


@dataclass(frozen=True, slots=True)
class Jars:
    """All that a JVM of one Kafka version needs. `key` changes whenever any byte of it does."""

    classpath: tuple[Path, ...]
    exporter: Path
    key: str


def read_lock(name: str) -> tuple[Jar, ...]:
    """The lock of this name, from the package."""
    text = files("msktop.local").joinpath("locks", f"{name}.json").read_text("utf-8")
    return tuple(Jar(*line) for line in json.loads(text))


def ensure(kafka_version: str, progress: Progress = lambda _: None) -> Jars:
    """Have every jar of `kafka_version` in the cache, whole and as locked; fetch what is not.

    Raises LocalError when one is missing and cannot be fetched, or is not what the lock says.
    """
    kafka, exporter = _locked(kafka_version)
    wanted = (*kafka, exporter)
    folder = private(cache_root() / "jars")
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        intact = pool.map(lambda jar: _is_intact(folder / jar.file_name, jar), wanted)
        missing = [jar for jar, ok in zip(wanted, intact, strict=True) if not ok]
        if missing:
            size_mb = sum(jar.size_bytes for jar in missing) / 1e6
            progress(f"fetching Kafka {kafka_version}: {len(missing)} jars, {size_mb:.0f} MB …")
            base = _repository()
            try:
                list(pool.map(lambda jar: _fetch(base, jar, folder), missing))
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
    return _kept(kafka, exporter, folder)


def tools(kafka_version: str, progress: Progress = lambda _: None) -> tuple[Path, ...]:
    """The class path of Kafka's own command-line tools of this version, fetched where it is missing.

    Raises LocalError as `ensure` does.
    """
    (tool,) = read_lock(f"kafka-tools-{kafka_version}")
    jars = ensure(kafka_version, progress)
    folder = private(cache_root() / "jars")
    if not _is_intact(folder / tool.file_name, tool):
        progress(f"fetching the tools of Kafka {kafka_version} …")
        _fetch(_repository(), tool, folder)
    return (*jars.classpath, folder / tool.file_name)


def kept(kafka_version: str) -> Jars:
    """The same without a look at their bytes: for who has just had them ensured. Raises LocalError."""
    found = _kept(*_locked(kafka_version), cache_root() / "jars")
    for path in (*found.classpath, found.exporter):
        if not path.exists():
            raise LocalError(
                f"{path.name} of Kafka {kafka_version} is not in the cache", f"See {path.parent}"
            )
    return found


def _locked(kafka_version: str) -> tuple[tuple[Jar, ...], Jar]:
    (exporter,) = read_lock(EXPORTER_LOCK)
    return (*read_lock(f"kafka-{kafka_version}"), *read_lock(LOGGING_LOCK)), exporter


def _kept(kafka: tuple[Jar, ...], exporter: Jar, folder: Path) -> Jars:
    return Jars(
        classpath=tuple(folder / jar.file_name for jar in kafka),
        exporter=folder / exporter.file_name,
        key=hashlib.sha256("".join(jar.sha256 for jar in (*kafka, exporter)).encode()).hexdigest()[:16],
    )


def _is_intact(path: Path, jar: Jar) -> bool:
    """Whether the cached file is the locked one, to the last byte."""
    try:
        if path.stat().st_size != jar.size_bytes:
            return False
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == jar.sha256
    except OSError:
        return False


def _repository() -> str:
    """The repository's address: the mirror that MSKTOP_MAVEN names, or jgo's idea of the central one."""
    mirror = os.environ.get("MSKTOP_MAVEN", "")
    if mirror:
        return mirror.rstrip("/") + "/"
    try:
        jgo = import_module("jgo")  # slow, and needed only when something is missing
    except ImportError as e:
        raise missing_extra() from e
    return str(jgo.MAVEN_CENTRAL_URL).rstrip("/") + "/"


def missing_extra() -> LocalError:
    """The error for an installation without what only the local MSK needs."""
    return LocalError(
        "the local MSK's own dependencies are not installed", "Run: pip install 'msktop[local]'"
    )


def _fetch(base: str, jar: Jar, folder: Path) -> None:
    """Fetch one jar; it appears under its name only when it is whole and right."""
    try:
        with urllib.request.urlopen(base + jar.path, timeout=_TIMEOUT_S) as response:
            body = response.read(jar.size_bytes + 1)
    except (OSError, ValueError) as e:
        reason = e.reason if isinstance(e, urllib.error.URLError) else e
        raise LocalError(
            f"{jar.file_name} is not in the cache and cannot be fetched: {reason}",
            "Check the network, or name a mirror with MSKTOP_MAVEN=URL. With a warm cache "
            f"({folder}) none is needed.",
        ) from e
    if hashlib.sha256(body).hexdigest() != jar.sha256:
        raise LocalError(
            f"{jar.file_name} as fetched is not the locked one ({len(body):,} bytes)",
            "The repository or mirror gave something else; it was not kept. Try another mirror.",
        )
    handle, temporary = tempfile.mkstemp(prefix=".part-", dir=folder)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(body)
        os.replace(temporary, folder / jar.file_name)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
