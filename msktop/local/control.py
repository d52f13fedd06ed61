"""Start, look at, break and stop local clusters from Python: what the command line and the tests use."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from msktop.errors import LocalError, UsageError
from msktop.local import config, jars, java, leftovers, paths, processes, server, starting, state
from msktop.local.clients import Access
from msktop.local.plan import broker_addresses
from msktop.local.settings import VERSIONS, How, Listener, Settings, checked, checked_listeners
from msktop.local.state import State

_STOP_S = 10.0
_LEVELS = {"WARNING": "WARN", "SEVERE": "ERROR"}
"""The JDK's names of levels, and Kafka's."""

Progress = Callable[[str], None]


def start(settings: Settings, progress: Progress = lambda _: None) -> State:
    """Start a cluster and return once it is usable: every node runs, every broker is registered.

    Raises UsageError for impossible settings, LocalError when it cannot start; then nothing is left
    running. So it is after KeyboardInterrupt.
    """
    settings = checked(settings)
    config.checked_properties(settings.properties)
    processes.check_platform()
    settings = _owned(settings)
    folders = paths.folders(settings.name)
    paths.private(folders.state.parent)
    if leftovers.is_locked(folders):
        raise _already_running(folders)
    leftovers.clean(folders)
    java.runtime()
    jars.ensure(settings.kafka_version, progress)
    paths.private(folders.state)
    progress(
        f"starting Kafka {settings.kafka_version}: {settings.brokers} brokers in {settings.zones} zones …"
    )
    starting.spawn_supervisor(settings, folders)
    found = status(settings.name)
    if found is None:
        raise LocalError(f"the local cluster {settings.name!r} stopped as soon as it had started")
    if "scram" in found.client_properties:
        try:
            starting.wait_for_login(found)
        except BaseException:
            stop(settings.name)
            raise
    return found


def stop(name: str) -> bool:
    """Stop the cluster and remove its state and data. False when there was none.

    A supervisor that does not answer is killed; whatever an earlier one left behind is ended too.
    """
    folders = paths.folders(name)
    if not leftovers.is_locked(folders):
        return leftovers.clean(folders)
    found = state.read(folders.state_file)
    with suppress(LocalError):
        server.ask(folders.state, server.Command("stop"))
        if leftovers.wait_unlocked(folders, _STOP_S):
            if found is not None:
                leftovers.wait_ended(found)
            return True
    if found is None:
        raise LocalError(
            f"the supervisor of the local cluster {name!r} does not answer and has left no state",
            f"See which process holds {folders.lock}, and end it.",
        )
    processes.kill_all([processes.Identity(found.supervisor_pid, found.supervisor_started_ticks)])
    leftovers.clean(folders)
    return True


def status(name: str) -> State | None:
    """The cluster's state, or None when it does not run. What a killed supervisor left is ended."""
    folders = paths.folders(name)
    if leftovers.is_locked(folders):
        return state.read(folders.state_file)
    leftovers.end_orphans(folders)
    return None


def fail(name: str, node: int, how: How, for_s: float | None = None) -> None:
    """Make a node fail; healing waits `for_s` seconds, or until `resume`. Raises LocalError."""
    _ask(name, server.Command("fail", node, how, for_s))


def resume(name: str, node: int) -> None:
    """End a failure that `fail` began. Raises LocalError."""
    _ask(name, server.Command("resume", node))


def add_brokers(name: str, count: int) -> list[int]:
    """Add brokers, spread over the zones; returns their ids at once. Each joins when its state is RUNNING."""
    return list(_ask(name, server.Command("add_brokers", count=count)).nodes)


def remove_broker(name: str, node: int) -> None:
    """Stop a broker in good order, unregister it, remove its data. It is gone when the state lacks it.

    Raises LocalError while it still has partitions, and when it does not run.
    """
    _ask(name, server.Command("remove_broker", node))


def reboot(name: str, node: int, kafka_version: str = "", heap_mb: int = 0, instance_type: str = "") -> None:
    """Stop a node in good order and start it again, changing what is given. Raises LocalError.

    Its state is REBOOTING until it is RUNNING again; where the new process fails, FAILED and HEALING, as
    with any other failure. Jars of another version are fetched before anything is stopped.
    """
    if kafka_version:
        found = require(name)
        if kafka_version not in VERSIONS[found.metadata]:
            raise UsageError(
                f"Kafka {kafka_version[:20]} is not offered with {found.metadata} metadata",
                f"These are: {', '.join(VERSIONS[found.metadata])}.",
            )
        jars.ensure(kafka_version)
    command = server.Command(
        "reboot", node, kafka_version=kafka_version, heap_mb=heap_mb, instance_type=instance_type
    )
    _ask(name, command)


def configure(name: str, properties: Mapping[str, str]) -> None:
    """Set every broker's Kafka properties, in place of those of an earlier call, from its next start on."""
    _ask(name, server.Command("configure", properties=properties))


def listen(name: str, listeners: tuple[Listener, ...]) -> None:
    """Give every broker these listeners, plaintext always among them, from its next start on.

    What is missing of certificates and client.properties is made first. The state's `servers` has a listener
    once every broker was rebooted. Raises LocalError.
    """
    listeners = checked_listeners(",".join(listeners))
    found = require(name)
    folders = paths.folders(name)
    net = int(found.brokers[0].address.split(".")[1])
    addresses = broker_addresses(net, len(found.zones))
    Access(folders.state, folders.data).prepare(java.runtime(), listeners, addresses)
    _ask(name, server.Command("listen", listeners=listeners))


def resize(name: str, volume_bytes: int, node: int | None = None) -> None:
    """Change the size of the volume that one broker pretends to have, or all of them. Raises LocalError."""
    _ask(name, server.Command("resize", node or 0, volume_bytes=volume_bytes))


def logs(name: str, node: int, lines: int) -> list[str]:
    """The last lines of a node's log in Kafka's words for levels; its console's where there is no log."""
    found = require(name).node(node)
    if found is None:
        ids = ", ".join(str(n.id) for n in require(name).nodes)
        raise LocalError(f"there is no node {node}", f"Its nodes are {ids}.")
    folder = Path(found.storage.path).parent
    text = ""
    for file in ("server.log.1", "server.log.0"):
        with suppress(OSError):
            text += (folder / file).read_text("utf-8", "replace")
    with suppress(OSError):
        text = text or (folder / "console.log").read_text("utf-8", "replace")
    for level, word in _LEVELS.items():
        text = text.replace(f"] {level} ", f"] {word} ")
    return [_plain(line) for line in text.splitlines()[-lines:]]


def names() -> list[str]:
    """The clusters of this user that run now."""
    root = paths.state_root()
    found = sorted(path.parent.name for path in root.glob("*/state.json"))
    return [name for name in found if status(name) is not None]


@contextmanager
def running(settings: Settings, progress: Progress = lambda _: None) -> Iterator[State]:
    """A cluster for as long as the block runs; it stops too when this process is killed."""
    found = start(replace(settings, owner_pid=os.getpid()), progress)
    try:
        yield found
    finally:
        stop(found.name)


def require(name: str) -> State:
    """The state of a cluster that must run; raises LocalError when it does not."""
    _running_folders(name)
    found = status(name)
    if found is None:
        raise _not_running(name)
    return found


def _owned(settings: Settings) -> Settings:
    """The settings with what tells the owner from a later process; raises LocalError when it is gone."""
    if settings.owner_pid is None or settings.owner_started_ticks is not None:
        return settings
    owner = processes.identity(settings.owner_pid)
    if owner.started_ticks is None:
        raise LocalError(
            f"process {owner.pid}, which the local cluster is to belong to, is gone", "Choose one that runs."
        )
    return replace(settings, owner_started_ticks=owner.started_ticks)


def _ask(name: str, command: server.Command) -> server.Answer:
    return server.ask(_running_folders(name).state, command)


def _running_folders(name: str) -> paths.Folders:
    folders = paths.folders(name)
    if not leftovers.is_locked(folders):
        leftovers.end_orphans(folders)
        raise _not_running(name)
    return folders


def _not_running(name: str) -> LocalError:
    others = ", ".join(n for n in names() if n != name)
    return LocalError(
        f"no local cluster {name!r} runs",
        f"These do: {others}." if others else "Start one with: msktop local start",
    )


def _already_running(folders: paths.Folders) -> LocalError:
    return LocalError(
        f"the local cluster {folders.name!r} runs already",
        f"Stop it with `msktop local stop --name {folders.name}`, or choose another --name.",
    )


def _plain(line: str) -> str:
    r"""Neutralise control, escape and bidirectional characters: client ids and topics get into logs.

    >>> _plain("a\x1b[31m\tb")
    'a�[31m\tb'
    """
    return "".join(c if c.isprintable() or c == "\t" else "\ufffd" for c in line)
