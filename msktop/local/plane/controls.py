"""Carries out what `msktop local` asks for: faults, and a patch as in a maintenance window."""

from __future__ import annotations

from collections.abc import Callable

from msktop.errors import LocalError, UsageError
from msktop.local.plane.commands import Command
from msktop.local.plane.faults import EVERY, checked_action
from msktop.local.plane.records import Fault, Publication
from msktop.local.plane.registry import Registry
from msktop.local.plane.updating import Updating

_FAULTS: dict[str, Fault] = {"deny": "denied", "throttle": "throttled", "expire": "expired"}

LEAST_PERIOD_S, MOST_PERIOD_S, MOST_DELAY_S = 1.0, 60.0, 3600.0
"""A point is a minute's: reading more seldom would leave gaps."""


class Controls:
    """`actions` are all that the APIs served here have; looked up only when they are needed."""

    def __init__(self, registry: Registry, updating: Updating, actions: Callable[[], list[str]]) -> None:
        self._registry = registry
        self._updating = updating
        self._actions = actions

    def __call__(self, wanted: Command) -> str:
        """Do it; returns what to tell the person. Raises MsktopError, ApiError."""
        if wanted.command == "patch":
            return self._patch(wanted.cluster)
        if wanted.command == "metrics":
            return self._publish(wanted.period_s, wanted.delay_s)
        fault = _FAULTS[wanted.command]
        action = EVERY if fault == "expired" else checked_action(wanted.action, self._actions())
        if not wanted.off:
            self._registry.set_fault(action, fault)
            return f"{action} is {fault}" if action != EVERY else f"every call is {fault}"
        if self._registry.faults().get(action) != fault:
            raise LocalError(f"{action} is not {fault}", "")
        self._registry.set_fault(action, None)
        return f"{action} is no longer {fault}"

    def _publish(self, period_s: float | None, delay_s: float | None) -> str:
        now = self._registry.publication()
        wanted = Publication(
            now.period_s if period_s is None else period_s, now.delay_s if delay_s is None else delay_s
        )
        if not (LEAST_PERIOD_S <= wanted.period_s <= MOST_PERIOD_S and 0 <= wanted.delay_s <= MOST_DELAY_S):
            raise UsageError(
                "metrics cannot be published so",
                f"Read them every {LEAST_PERIOD_S:g} to {MOST_PERIOD_S:g} s, and publish them up to "
                f"{MOST_DELAY_S:g} s later.",
            )
        if wanted != now:
            self._registry.set_publication(wanted)
        return f"metrics are read every {wanted.period_s:g} s and published {wanted.delay_s:g} s later"

    def _patch(self, name: str) -> str:
        found = next((c for c in self._registry.clusters() if c.name == name), None)
        if found is None:
            names = ", ".join(c.name for c in self._registry.clusters())
            raise LocalError(f"there is no cluster {name!r}", f"There are: {names}.")
        return self._updating.patch(found)
