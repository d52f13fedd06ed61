"""What the feed reads of each cluster: its brokers' pages, and what Kafka has to be asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from msktop.local.plane import adopted, feed_quorum
from msktop.local.plane.feed import Exporters, Watched
from msktop.local.plane.feed_figures import LEVELS, Figure
from msktop.local.plane.feed_lag import Lags
from msktop.local.plane.records import Cluster
from msktop.local.plane.registry import Registry
from msktop.local.state import State


class Monitored:
    """The clusters of a registry that have brokers, as the feed wants them."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._lags = Lags()

    def __call__(self) -> list[Watched]:
        """As they are now."""
        clusters = ((cluster, adopted.state_of(cluster)) for cluster in self._registry.clusters())
        return [watched(cluster, state, self._lags) for cluster, state in clusters if state is not None]


def watched(cluster: Cluster, state: State, lags: Lags) -> Watched:
    """One cluster, by its record and what its supervisor says."""
    brokers = (Exporters(n.id, n.metrics_url, n.node_metrics_url) for n in state.brokers if n.metrics_url)
    others: list[Callable[[], Sequence[Figure]]] = [partial(lags.figures, state)]
    if state.metadata == "kraft":
        others.append(partial(feed_quorum.figures, state))
    level = str(cluster.kept.get("EnhancedMonitoring", LEVELS[0]))
    return Watched(cluster.name, level, tuple(brokers), tuple(others))
