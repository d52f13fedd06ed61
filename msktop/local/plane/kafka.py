"""The `kafka` service: MSK's operations, by what they are about."""

from __future__ import annotations

from msktop.local.plane.configuring import Configuring
from msktop.local.plane.creating import Creating
from msktop.local.plane.describing import Describing
from msktop.local.plane.operations import Operations
from msktop.local.plane.registry import Registry
from msktop.local.plane.topics import Topics
from msktop.local.plane.updating import Updating
from msktop.local.plane.works import kinds
from msktop.local.state import State


class Kafka:
    """Finds the method for an operation among its parts, for `Service`."""

    def __init__(self, registry: Registry, main: State) -> None:
        self._operations = Operations(registry, kinds(registry))
        self._creating = Creating(registry, main)
        self.updating = Updating(registry, self._operations)
        self._parts = (
            Describing(registry),
            self._creating,
            self.updating,
            Configuring(registry),
            Topics(registry),
        )

    def __getattr__(self, name: str) -> object:
        """The method of this name of whichever part has it."""
        for part in self._parts:
            if not name.startswith("_") and hasattr(part, name):
                return getattr(part, name)
        raise AttributeError(name)

    def resume(self) -> None:
        """Go on with all that a former process of ours had begun."""
        self._operations.resume()
        self._creating.resume()
