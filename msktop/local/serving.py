"""The process that answers the MSK API for a cluster: one companion of its supervisor, at one address."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable

from msktop.errors import LocalError
from msktop.local import paths, processes, state
from msktop.local.companion import Companion
from msktop.local.reserve import listener

API_PORT = 4566
"""The port at which people expect a local AWS; one of the next where something has it."""

_PORTS = range(API_PORT, API_PORT + 10)
_HOST = 2
_RESTART_S = 0.2
_LOOK_S = 0.02
_ANSWERS_S = 30.0


class Serving:
    """Keeps the control plane running; without `wanted` there is none, and no `url`."""

    def __init__(
        self, wanted: bool, spawner: processes.Spawner, folders: paths.Folders, changed: Callable[[], None]
    ) -> None:
        self.url: str | None = None
        self._wanted = wanted
        self._folders = folders
        self._companion = Companion("plane", spawner, folders.supervisor_log, changed, restart_s=_RESTART_S)
        self._at = ("", 0)

    def reserve(self, net: int) -> None:
        """Choose the address on this loopback net. Raises LocalError where no port is free."""
        if self._wanted:
            self._at = _free(f"127.{net}.0.{_HOST}")
            self.url = "http://{}:{}".format(*self._at)

    async def keep(self) -> None:
        """Run the control plane for as long as the cluster lives."""
        if self._wanted:
            await self._companion.keep([sys.executable, "-m", "msktop.local.plane", self._folders.name])

    async def answers(self) -> None:
        """Return once it answers; raises LocalError when it does not."""
        until = asyncio.get_running_loop().time() + _ANSWERS_S
        while self._wanted and not processes.accepts(*self._at):
            if asyncio.get_running_loop().time() > until:
                raise LocalError(
                    f"the control plane does not answer at {self.url}",
                    f"See {self._folders.state / 'plane.log'} and {self._folders.supervisor_log}.",
                )
            await asyncio.sleep(_LOOK_S)

    def reap(self) -> None:
        """See whether the process has ended."""
        self._companion.reap()

    def kill(self) -> None:
        """End the process."""
        self._companion.kill()

    def describe(self) -> tuple[state.Child, ...]:
        """The process as the state file has it: one, or none."""
        return self._companion.describe()


def _free(address: str) -> tuple[str, int]:
    for port in _PORTS:
        try:
            listener(address, port).close()
        except OSError:
            continue
        return address, port
    raise LocalError(
        f"no port of {_PORTS.start} to {_PORTS.stop - 1} is free at {address} for the API",
        f"See what uses them with: ss -ltnp 'sport = :{API_PORT}'",
    )
