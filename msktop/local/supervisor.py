"""The process that owns a local cluster: `python -m msktop.local.supervisor SETTINGS REPORT_FD`.

It is started by `control.start`, detached, and reports over a pipe until the cluster is usable. One thread,
one event loop: children are tied to the thread that spawned them.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import signal
import sys
import time
import traceback
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from typing import Any

import msgspec

from msktop.errors import LocalError, MsktopError
from msktop.local import config, jars, java, paths, processes, server, state
from msktop.local.attendants import Attendants
from msktop.local.clients import Access
from msktop.local.events import EventsLog
from msktop.local.fleet import Fleet
from msktop.local.keeper import Surroundings
from msktop.local.launch import Launcher
from msktop.local.member import AwakeClock, Member
from msktop.local.plan import Plan, broker_addresses
from msktop.local.reporter import Reporter
from msktop.local.reserve import reserve
from msktop.local.serving import Serving
from msktop.local.settings import Settings

_OWNER_LOOK_S = 0.5


class Supervisor:
    """One cluster from reservation to removal."""

    def __init__(self, settings: Settings, folders: paths.Folders, report: Reporter) -> None:
        self.settings = settings
        self.folders = folders
        self.stopping = asyncio.Event()
        self._report = report
        self._events = EventsLog(folders.events)
        self._spawner = processes.Spawner()
        self._awake = AwakeClock()
        self._created = asyncio.Event()
        self._started_at = time.time()
        self._me = processes.identity(os.getpid())
        self._state: state.ClusterState = "CREATING"
        self._failure: MsktopError | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._attendants = Attendants(folders, self._spawner, self._events, self.publish)
        self._serving = Serving(settings.api, self._spawner, folders, self.publish)
        self.access = Access(folders.state, folders.data)
        self._fleet: Fleet | None = None

    async def run(self) -> int:
        """Bring the cluster up, keep it, take it down. Returns the exit code."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stopping.set)
        loop.add_signal_handler(signal.SIGCHLD, self._reap)
        try:
            async with AsyncExitStack() as stack:
                plan, pages = reserve(self.settings)
                self._serving.reserve(plan.net)
                for page in pages:
                    stack.callback(page.close)
                self._fleet = self._make_fleet(plan)
                stack.callback(self._fleet.close)
                self.publish()
                commands = await server.serve(self, self.folders.state)
                stack.callback(commands.close)
                self._start_tasks()
                await self._fleet.start(plan.nodes, pages)
                await self.stopping.wait()
        except MsktopError as e:
            self._failure = e
        finally:
            self._end_everything()
        if self._failure is not None:
            self._report(error={"title": self._failure.title, "advice": self._failure.advice})
            return 1
        return 0

    @property
    def fleet(self) -> Fleet:
        """The nodes; there once the net is reserved."""
        assert self._fleet is not None
        return self._fleet

    def publish(self) -> None:
        """Write the state file."""
        if self._state not in ("CREATING", "DELETING", "FAILED"):
            self._state = self._running_state()
        state.write(self.folders, self.describe())

    def _running_state(self) -> state.ClusterState:
        states = {member.state for member in self.fleet.members}
        if self.settings.heal and states & {"FAILED", "HEALING", "STOPPED"}:
            return "HEALING"
        return "UPDATING" if states & {"STARTING", "REBOOTING", "REMOVING"} else "ACTIVE"

    def describe(self) -> state.State:
        """The cluster as it is now."""
        settings, plan = self.fleet.launcher.settings, self.fleet.launcher.plan
        servers = self.fleet.servers
        return state.State(
            name=settings.name,
            state=self._state,
            metadata=settings.metadata,
            kafka_version=self.fleet.kafka_version,
            cluster_id=self.fleet.launcher.known_cluster_id(),
            bootstrap_servers=plan.bootstrap_servers,
            zones=tuple(state.Zone(zone, plan.subnet_cidr(zone)) for zone in plan.zones),
            nodes=tuple(member.describe() for member in self.fleet.members),
            traffic=settings.traffic,
            healing=settings.heal,
            fast_heal=settings.fast_heal,
            started_at=self._started_at,
            supervisor_pid=self._me.pid,
            supervisor_started_ticks=self._me.started_ticks,
            owner_pid=settings.owner_pid,
            control_socket=str(self.folders.state / server.SOCKET),
            events_log=str(self.folders.events),
            children=(*self._attendants.describe(), *self._serving.describe()),
            properties=settings.properties,
            servers=servers,
            client_properties={name: str(path) for name, path in self.access.files(servers).items()},
            endpoint_url=self._serving.url,
        )

    def _make_fleet(self, plan: Plan) -> Fleet:
        """Write the nodes' files, and make their keepers."""
        settings = self.settings
        launcher = Launcher(
            java.runtime(), settings, plan, paths.private(self.folders.data), config.kafka_uuid(), {}
        )
        self.access.prepare(launcher.runtime, settings.listeners, broker_addresses(plan.net, len(plan.zones)))
        launcher.provide(settings.kafka_version, jars.ensure(settings.kafka_version))
        launcher.prepare(plan.nodes)
        around = Surroundings(
            settings=settings,
            zookeepers=plan.metadata_nodes if settings.metadata == "zookeeper" else (),
            session_s=config.session(settings).zookeeper_timeout_ms / 1000,
            awake=self._awake,
            events=self._events,
            spawn=self._spawn,
            changed=self.publish,
            created=self._created,
        )
        return Fleet(launcher, around, self._start_task)

    def _start_tasks(self) -> None:
        """Start all that runs beside each other; the first that fails ends the cluster."""
        for work in (
            self._awake.run(),
            self._created_when_whole(),
            self._watch_owner(),
            self._serving.keep(),
            *self._attendants.work(self.fleet.launcher, self._created),
        ):
            self._start_task(work)

    def _start_task(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._task_ended)
        return task

    def _task_ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if task.cancelled() or task.exception() is None:
            return
        error = task.exception()
        if isinstance(error, MsktopError):
            self._failure = self._failure or error
        else:
            traceback.print_exception(error)
            self._failure = LocalError(
                f"the supervisor failed: {error}", f"See {self.folders.supervisor_log}"
            )
        self.stopping.set()

    async def _created_when_whole(self) -> None:
        """Report once every node runs, and from then on heal."""
        while not all(member.state == "RUNNING" for member in self.fleet.members):
            await asyncio.sleep(0.02)
        await self.access.admit(self.settings.listeners, self.fleet.launcher.plan.brokers)
        self._created.set()
        self._state = "ACTIVE"
        self.publish()
        took_s = round(time.time() - self._started_at, 2)
        self._events.write("ACTIVE", after_s=took_s)
        await self._serving.answers()
        self._report(ready=True, took_s=took_s)
        self._report.close()

    async def _watch_owner(self) -> None:
        """Stop when the process that this cluster belongs to is gone."""
        if self.settings.owner_pid is None:
            return
        owner = processes.Identity(self.settings.owner_pid, self.settings.owner_started_ticks)
        while processes.is_alive(owner):
            await asyncio.sleep(_OWNER_LOOK_S)
        self.stopping.set()

    def _spawn(self, member: Member) -> None:
        launcher = self.fleet.launcher
        member.plan = launcher.plan.node(member.plan.id)
        command = launcher.command(member.plan, member.software)
        member.spawn(self._spawner, command, self._awake)

    def _reap(self) -> None:
        if self._fleet is not None:
            self._fleet.reap()
        self._attendants.reap()
        self._serving.reap()

    def _end_everything(self) -> None:
        """Kill every child, then remove what the cluster kept. A failed cluster leaves its files."""
        self._state = "FAILED" if self._failure else "DELETING"
        for task in tuple(self._tasks):
            task.cancel()
        self._attendants.kill()
        self._serving.kill()
        if self._fleet is not None:
            self.publish()
            if self._failure is not None and not self._created.is_set():
                self._fleet.launcher.forget_caches()  # the nodes may have died of one
            self._fleet.end()
        if self._failure is None:
            paths.remove(self.folders)


def _own(folders: paths.Folders) -> int:
    """Hold the cluster's lock for as long as this process lives; raises LocalError when another does."""
    handle = paths.open_private(folders.lock, os.O_RDWR | os.O_CREAT)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise LocalError(
            f"the local cluster {folders.name!r} runs already",
            f"Stop it with `msktop local stop --name {folders.name}`, or choose another --name.",
        ) from None
    return handle


def main(arguments: list[str]) -> int:
    """Run the supervisor of the settings in the first argument, reporting to the descriptor in the second."""
    settings = msgspec.json.decode(arguments[0], type=Settings)
    os.umask(0o077)
    folders = paths.folders(settings.name)
    report = Reporter(int(arguments[1]))
    try:
        _own(folders)
        return asyncio.run(_supervise(settings, folders, report))
    except MsktopError as e:
        report(error={"title": e.title, "advice": e.advice})
        return 1


async def _supervise(settings: Settings, folders: paths.Folders, report: Reporter) -> int:
    return await Supervisor(settings, folders, report).run()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
