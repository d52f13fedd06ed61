"""CloudWatch's newest points, each with its age: what is known where nobody else speaks."""

from __future__ import annotations

from dataclasses import dataclass

from msktop.model.cloudwatch import METRICS, unit_of
from msktop.model.cluster import Cluster

KEPT_S = 3600.0
"""An older point is no figure of now."""


@dataclass(frozen=True, slots=True)
class Newest:
    """One series' newest point."""

    metric: str
    """As AWS/Kafka names it."""
    broker_id: int | None
    """None: of the whole cluster."""
    value: float
    at: float
    """When its period ended."""
    age_s: float
    period_s: float
    """Seconds that the point speaks of: how coarsely CloudWatch sees."""
    stat: str

    @property
    def unit(self) -> str:
        """Of the value; nothing for counts."""
        return unit_of(self.metric)


def newest_points(cluster: Cluster) -> tuple[Newest, ...]:
    """By metric, the cluster's first; of the last hour; not those of topics and groups.

    >>> newest_points(Cluster())
    ()
    """
    found = []
    for key, series in cluster.metrics.items():
        how, last = METRICS.get(key.metric), series.last
        if how is None or key.dimensions or last is None or last[1] is None:
            continue
        age_s = max(0.0, cluster.at - last[0])
        if age_s < KEPT_S:
            found.append(Newest(*key[:2], last[1], last[0], age_s, float(how.period_s), how.stat))
    return tuple(sorted(found, key=lambda n: (n.broker_id is not None, n.metric, n.broker_id or 0)))
