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
from contextlib import AsyncExitStack, suppress
from typing import Any

import msgspec

from msktop.errors import LocalError, MsktopError
from msktop.local import aot, config, jars, java, paths, processes, server, state
from msktop.local.clients import Access
from msktop.local.companion import Companion
from msktop.local.events import EventsLog
from msktop.local.fleet import Fleet
from msktop.local.keeper import Surroundings
from msktop.local.launch import Launcher
from msktop.local.member import AwakeClock, Member
from msktop.local.plan import Plan
from msktop.local.reporter import Reporter
from msktop.local.reserve import reserve
from msktop.local.serving import Serving
from msktop.local.settings import Settings

_OWNER_LOOK_S = 0.5
_TRAIN_AFTER_S = 40.0
_TRAFFIC_SHARE = 0.22
_KILLED_S = 5.0


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
        self._traffic = Companion("traffic", self._spawner, folders.supervisor_log, self.publish, nice=5)
        self._trainer = Companion("training", self._spawner, folders.supervisor_log, self.publish, nice=19)
        self._serving = Serving(settings.api, self._spawner, folders, self.publish)
        self._access = Access(folders.state, folders.data, settings.listeners)
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
        return state.State(
            name=settings.name,
            state=self._state,
            metadata=settings.metadata,
            kafka_version=self.fleet.kafka_version,
            cluster_id=self._cluster_id(),
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
            children=(*self._traffic.describe(), *self._trainer.describe(), *self._serving.describe()),
            properties=settings.properties,
            servers=plan.servers,
            client_properties={name: str(path) for name, path in self._access.files.items()},
            endpoint_url=self._serving.url,
        )

    def _make_fleet(self, plan: Plan) -> Fleet:
        """Write the nodes' files, and make their keepers."""
        settings = self.settings
        launcher = Launcher(
            java.runtime(), settings, plan, paths.private(self.folders.data), config.kafka_uuid(), {}
        )
        self._access.prepare(launcher.runtime, plan)
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
            self._make_traffic(),
            self._traffic.limit(_TRAFFIC_SHARE),
            self._train(),
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
        await self._access.admit(self.fleet.launcher.plan.brokers)
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

    async def _make_traffic(self) -> None:
        """Once the cluster is usable, keep the producers and consumers running."""
        await self._created.wait()
        if self.settings.traffic != "none":
            module, log = "msktop.local.traffic", str(self.folders.traffic_log)
            servers = self.fleet.launcher.plan.bootstrap_servers
            words = [sys.executable, "-m", module, servers, self.settings.traffic, log]
            await self._traffic.keep(words)

    async def _train(self) -> None:
        """Once the cluster has been up for a while, make what lets the next one start faster."""
        await self._created.wait()
        await asyncio.sleep(_TRAIN_AFTER_S)
        launcher, settings = self.fleet.launcher, self.settings
        release = launcher.releases[settings.kafka_version]
        if settings.metadata != "kraft":
            return
        with aot.only_trainer(release.cache) as mine:
            if mine:
                folder = self.folders.data / "training"
                what = (launcher.runtime, release.jars, launcher.plan, settings, self._trainer, folder)
                began = time.monotonic()
                done = await aot.train(release.cache, *what)
                self._events.write("TRAINED", done=done, after_s=round(time.monotonic() - began, 1))

    def _spawn(self, member: Member) -> None:
        command = self.fleet.launcher.command(member.plan, member.software)
        member.spawn(self._spawner, command, self._awake)

    def _reap(self) -> None:
        if self._fleet is not None:
            self._fleet.reap()
        self._traffic.reap()
        self._trainer.reap()
        self._serving.reap()

    def _cluster_id(self) -> str | None:
        """Kafka's own id of the cluster; in ZooKeeper mode the first broker makes it."""
        launcher = self.fleet.launcher
        if self.settings.metadata == "kraft":
            return launcher.cluster_id
        for broker in launcher.plan.brokers:
            with suppress(OSError):
                text = (launcher.folder(broker) / "data" / "meta.properties").read_text("utf-8")
                lines = (line.partition("=") for line in text.splitlines())
                return next((value for key, _, value in lines if key == "cluster.id"), None)
        return None

    def _end_everything(self) -> None:
        """Kill every child, then remove what the cluster kept. A failed cluster leaves its files."""
        self._state = "FAILED" if self._failure else "DELETING"
        for task in tuple(self._tasks):
            task.cancel()
        self._traffic.kill()
        self._trainer.kill()
        self._serving.kill()
        if self._fleet is not None:
            self._end_nodes(self._fleet)
        if self._failure is None:
            paths.remove(self.folders)

    def _end_nodes(self, fleet: Fleet) -> None:
        self.publish()
        if self._failure is not None and not self._created.is_set():  # they may have died of their cache
            fleet.launcher.releases[self.settings.kafka_version].cache.forget()
        children = [member.identity for member in fleet.members]
        for member in fleet.members:
            member.kill()
        until = time.monotonic() + _KILLED_S
        while any(c and processes.is_alive(c) for c in children) and time.monotonic() < until:
            time.sleep(0.01)


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
