"""What a supervisor does beside keeping nodes: traffic, and training what makes the next start faster."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable, Coroutine
from typing import Any

from msktop.local import aot, paths, processes, state
from msktop.local.companion import Companion
from msktop.local.events import EventsLog
from msktop.local.launch import Launcher

_TRAIN_AFTER_S = 40.0
_TRAFFIC_SHARE = 0.22


class Attendants:
    """The traffic and the trainer of one cluster, each a process of its own."""

    def __init__(
        self,
        folders: paths.Folders,
        spawner: processes.Spawner,
        events: EventsLog,
        changed: Callable[[], None],
    ) -> None:
        self._folders = folders
        self._events = events
        self._traffic = Companion("traffic", spawner, folders.supervisor_log, changed, nice=5)
        self._trainer = Companion("training", spawner, folders.supervisor_log, changed, nice=19)

    def work(self, launcher: Launcher, created: asyncio.Event) -> tuple[Coroutine[Any, Any, None], ...]:
        """What is to run from the beginning; each waits until the cluster is usable."""
        return (
            self._make_traffic(launcher, created),
            self._traffic.limit(_TRAFFIC_SHARE),
            self._train(launcher, created),
        )

    async def _make_traffic(self, launcher: Launcher, created: asyncio.Event) -> None:
        """Keep the producers and consumers running."""
        await created.wait()
        settings = launcher.settings
        if settings.traffic != "none":
            module, log = "msktop.local.traffic", str(self._folders.traffic_log)
            servers = launcher.plan.bootstrap_servers
            await self._traffic.keep([sys.executable, "-m", module, servers, settings.traffic, log])

    async def _train(self, launcher: Launcher, created: asyncio.Event) -> None:
        """Once the cluster has been up for a while, make the cache of its version."""
        await created.wait()
        await asyncio.sleep(_TRAIN_AFTER_S)
        settings = launcher.settings
        if settings.metadata != "kraft":
            return
        release = launcher.releases[settings.kafka_version]
        with aot.only_trainer(release.cache) as mine:
            if mine:
                folder = self._folders.data / "training"
                what = (launcher.runtime, release.jars, launcher.plan, settings, self._trainer, folder)
                began = time.monotonic()
                done = await aot.train(release.cache, *what)
                self._events.write("TRAINED", done=done, after_s=round(time.monotonic() - began, 1))

    def reap(self) -> None:
        """See which processes have ended."""
        self._traffic.reap()
        self._trainer.reap()

    def kill(self) -> None:
        """End them."""
        self._traffic.kill()
        self._trainer.kill()

    def describe(self) -> tuple[state.Child, ...]:
        """Those that run, as the state file has them."""
        return (*self._traffic.describe(), *self._trainer.describe())
