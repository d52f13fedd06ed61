"""One step of a session: a sample into the state, and what that begins or ends."""

from __future__ import annotations

from msktop.model.cluster import Cluster
from msktop.model.detect import detect
from msktop.model.incidents import Incidents
from msktop.model.reduce import reduce
from msktop.model.samples import Sample


def fold(cluster: Cluster, incidents: Incidents, sample: Sample) -> tuple[Cluster, Incidents]:
    """State and incidents after one more sample."""
    new = reduce(cluster, sample)
    return new, detect(incidents, cluster, new)
