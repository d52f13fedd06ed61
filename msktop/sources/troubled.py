"""Has the control plane looked at as soon as brokers go down or come back: it may know why."""

from __future__ import annotations

from collections.abc import Callable

from msktop.model.cluster import Cluster

EVERY_S = 5.0
"""As often as while an operation runs: the API's limits are shared with others."""
FOR_S = 60.0
"""A state that the control plane has not told by then, it tells in its usual round."""


class Troubled:
    """Calls `look` when the set of brokers that are down changes, and for a minute from then now and then."""

    def __init__(self, look: Callable[[], None]) -> None:
        self._look = look
        self._down: frozenset[int] = frozenset()
        self._since = 0.0
        self._looked_at = 0.0

    def __call__(self, cluster: Cluster) -> None:
        """Look at a new state."""
        down = frozenset(b.id for b in cluster.brokers.values() if b.probe.word == "down")
        changed = down != self._down
        if changed:
            self._down, self._since = down, cluster.at
        again = bool(down) and cluster.at - self._since < FOR_S and cluster.at - self._looked_at >= EVERY_S
        if changed or again:
            self._looked_at = cluster.at
            self._look()
