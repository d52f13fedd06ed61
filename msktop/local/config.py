"""The files that Kafka and ZooKeeper read, written by hand: formatting by Kafka's own tool costs a JVM."""

from __future__ import annotations

import base64
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from msktop.errors import UsageError
from msktop.local import listeners
from msktop.local.plan import CONTROLLER_PORT, FIRST_METADATA_ID, KAFKA_PORT, NodePlan, Plan
from msktop.local.settings import Settings

EXPORTER_RULES = "{}\n"
"""No rules: the exporter then gives every MBean under the names that MSK shows."""

_LOG_BYTES, _LOG_FILES = 4 << 20, 2
_FIRST_ELECTION_MS = 250
_ZOOKEEPER_CONNECT_MS = 60_000


@dataclass(frozen=True, slots=True)
class Session:
    """How long a silent broker keeps its place (ms): Kafka's defaults, and short ones for impatient tests."""

    kraft_timeout_ms: int
    heartbeat_ms: int
    zookeeper_timeout_ms: int


DEFAULT_SESSION = Session(9000, 2000, 18000)
FAST_SESSION = Session(2000, 300, 2000)


def session(settings: Settings) -> Session:
    """The session time-outs that these settings ask for."""
    return FAST_SESSION if settings.fast_heal else DEFAULT_SESSION


def kafka_uuid() -> str:
    """A new id as Kafka writes them: 16 random bytes, base64url, unpadded; never one with a leading hyphen.

    >>> len(kafka_uuid())
    22
    """
    while True:
        text = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        if not text.startswith("-"):
            return text


_NOT_OURS_TO_CHANGE = re.compile(
    r"(process\.roles|node\.id|broker\.(id|rack)|log\.dirs?|metadata\.log\.dir|zookeeper\.connect|zookeeper\.ssl"
    r"|(advertised\.)?listeners?|inter\.broker\.listener|security|ssl|sasl|controller|super\.users|authorizer"
    r"|metric\.reporters|client\.quota\.callback|remote\.log)(\..*)?|.*\.class(es|\.name|\.path)?"
)
"""What places, joins and guards a node, and what names code to load."""

_OF_KAFKA_ITSELF = ("replica.selector.class", "org.apache.kafka.common.replica.RackAwareReplicaSelector")
"""The one class that MSK lets one choose: clients read from the nearest replica."""


def checked_properties(properties: Mapping[str, str]) -> dict[str, str]:
    """Give Kafka settings back if a cluster may have them; raise UsageError that names the first it may not.

    >>> checked_properties({"log.retention.hours": "24"})
    {'log.retention.hours': '24'}
    >>> checked_properties({"log.dirs": "/etc"})
    Traceback (most recent call last):
    msktop.errors.UsageError: the property 'log.dirs' cannot be set
    """
    for key, value in properties.items():
        ours = _NOT_OURS_TO_CHANGE.fullmatch(key) and (key, value) != _OF_KAFKA_ITSELF
        if ours or not re.fullmatch(r"[a-z0-9]+([._-][a-z0-9]+)*", key):
            raise UsageError(
                f"the property {key[:80]!r} cannot be set", "The local MSK sets it itself, or Kafka has none."
            )
        if not (value.isascii() and value.isprintable()):
            raise UsageError(f"the value of {key} has characters that cannot be written", "Use plain ASCII.")
    return dict(properties)


def write_node(folder: Path, node: NodePlan, plan: Plan, settings: Settings, cluster_id: str) -> None:
    """Fill a new node's folder with all that its process reads."""
    data = folder / "data"
    data.mkdir(parents=True)
    (folder / "logging.properties").write_text(_logging(folder, node))
    (folder / "exporter.yml").write_text(EXPORTER_RULES)
    if node.role == "zookeeper":
        (data / "myid").write_text(f"{_myid(node)}\n")
        write_properties(folder, node, plan, settings)
        return
    if settings.metadata == "kraft":
        identity = {
            "version": 1,
            "cluster.id": cluster_id,
            "node.id": node.id,
            "directory.id": kafka_uuid(),
        }
        (data / "meta.properties").write_text(_properties(identity))
        if node.role == "controller":
            (data / "bootstrap.checkpoint").write_bytes(checkpoint(settings.kafka_version))
    write_properties(folder, node, plan, settings)


def write_properties(folder: Path, node: NodePlan, plan: Plan, settings: Settings) -> None:
    """Put what the process is configured with in place, in one step; read at its next start."""
    make = _zookeeper if node.role == "zookeeper" else _kafka
    arriving = folder / ".server.properties.new"
    arriving.write_text(_properties(make(folder / "data", node, plan, settings)))
    arriving.replace(folder / "server.properties")


def make_combined(properties: Path, node: NodePlan) -> None:
    """Make a controller a broker as well, for a cluster of one."""
    with properties.open("a") as file:
        file.write(
            _properties(
                {
                    "process.roles": "broker,controller",
                    "listeners": f"CONTROLLER://{node.address}:{node.port},PLAINTEXT://{node.address}:{KAFKA_PORT}",
                    "advertised.listeners": f"PLAINTEXT://{node.address}:{KAFKA_PORT}",
                }
            )
        )


def checkpoint(kafka_version: str) -> bytes:
    """The first metadata snapshot of a controller: the feature levels of this version, no cluster id."""
    return files("msktop.local").joinpath("checkpoints", f"{kafka_version}.checkpoint").read_bytes()


def _properties(values: Mapping[str, object]) -> str:
    r"""One key=value a line.

    >>> _properties({"node.id": 1, "process.roles": "broker"})
    'node.id=1\nprocess.roles=broker\n'
    """
    lines = ((key, str(value).replace("\\", "\\\\")) for key, value in values.items())
    return "".join(f"{key}={value}\n" for key, value in lines)


def _myid(node: NodePlan) -> int:
    return node.id - FIRST_METADATA_ID + 1


def _kafka(data: Path, node: NodePlan, plan: Plan, settings: Settings) -> dict[str, object]:
    """The settings of a broker or a controller.

    The protocol between brokers stays that of the version that a ZooKeeper cluster was made with, so that
    brokers of two versions understand each other; KRaft keeps such a level in its metadata.
    """
    values: dict[str, object] = {"log.dirs": data, **_msk_defaults(settings), **_small_machine()}
    if settings.metadata == "kraft":
        values |= _kraft(node, plan, settings)
    else:
        times = session(settings)
        values |= {
            "broker.id": node.id,
            "zookeeper.connect": ",".join(f"{z.address}:{z.port}" for z in plan.metadata_nodes),
            "zookeeper.session.timeout.ms": times.zookeeper_timeout_ms,
            # Else the session's: a broker that finds an ensemble which only forms would give up and end.
            "zookeeper.connection.timeout.ms": _ZOOKEEPER_CONNECT_MS,
            "inter.broker.protocol.version": settings.kafka_version.rpartition(".")[0],
        }
    if node.role == "broker":
        authority = listeners.authority(data.parent.parent)
        values |= {"broker.rack": node.zone, **listeners.properties(node, authority), **settings.properties}
    return values


def _kraft(node: NodePlan, plan: Plan, settings: Settings) -> dict[str, object]:
    times = session(settings)
    values: dict[str, object] = {
        "process.roles": node.role,
        "node.id": node.id,
        "controller.quorum.voters": ",".join(f"{c.id}@{c.address}:{c.port}" for c in plan.metadata_nodes),
        "controller.listener.names": "CONTROLLER",
        "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
        "broker.session.timeout.ms": times.kraft_timeout_ms,
        "broker.heartbeat.interval.ms": times.heartbeat_ms,
    }
    if node.role == "controller":
        values["listeners"] = f"CONTROLLER://{node.address}:{CONTROLLER_PORT}"
        if node.id == FIRST_METADATA_ID:  # stands for election before the others: no split vote at the start
            values["controller.quorum.election.timeout.ms"] = _FIRST_ELECTION_MS
    return values


def _msk_defaults(settings: Settings) -> dict[str, object]:
    """What an MSK cluster without a configuration of its own sets otherwise than Kafka does."""
    replicas = min(3, settings.brokers)
    return {
        "auto.create.topics.enable": "false",
        "default.replication.factor": replicas,
        "min.insync.replicas": max(1, replicas - 1),
        "offsets.topic.replication.factor": replicas,
        "transaction.state.log.replication.factor": replicas,
        "transaction.state.log.min.isr": max(1, replicas - 1),
        "num.replica.fetchers": 2,
        "unclean.leader.election.enable": "true",
    }


def _small_machine() -> dict[str, object]:
    """What lets several brokers share a small machine."""
    return {
        "num.network.threads": 2,
        "num.io.threads": 4,
        "log.cleaner.dedupe.buffer.size": 10 << 20,
        "offsets.topic.num.partitions": 6,
        "transaction.state.log.num.partitions": 3,
        "group.initial.rebalance.delay.ms": 0,
        "log.retention.check.interval.ms": 30_000,
    }


def _zookeeper(data: Path, node: NodePlan, plan: Plan, settings: Settings) -> dict[str, object]:
    tick_ms = session(settings).zookeeper_timeout_ms // 9  # a session lasts 2 to 20 ticks
    values: dict[str, object] = {
        "dataDir": data,
        "tickTime": tick_ms,
        "initLimit": 20_000 // tick_ms,
        "syncLimit": 10_000 // tick_ms,
        "clientPort": node.port,
        "clientPortAddress": node.address,
        "admin.enableServer": "false",
        "4lw.commands.whitelist": "ruok,srvr,dump,mntr",
        "autopurge.purgeInterval": 0,
        "maxClientCnxns": 0,
    }
    for peer in plan.metadata_nodes:
        values[f"server.{_myid(peer)}"] = f"{peer.address}:2888:3888"
    return values


def _logging(folder: Path, node: NodePlan) -> str:
    """The JDK's logging: a bounded pair of files, lines as Kafka's own log has them."""
    values = {
        "handlers": "java.util.logging.FileHandler",
        ".level": "INFO",
        "java.util.logging.FileHandler.pattern": f"{folder}/server.log.%g",
        "java.util.logging.FileHandler.limit": _LOG_BYTES,
        "java.util.logging.FileHandler.count": _LOG_FILES,
        "java.util.logging.FileHandler.append": "true",
        "java.util.logging.FileHandler.formatter": "java.util.logging.SimpleFormatter",
        "java.util.logging.SimpleFormatter.format": "[%1$tF %1$tT,%1$tL] %4$s %5$s (%3$s)%6$s%n",
    }
    if node.role == "zookeeper":  # it logs each of our probes
        values["org.apache.zookeeper.server.NIOServerCnxn.level"] = "WARNING"
    return _properties(values)
