"""What rules speak of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from msktop.model.alert_readings import Subject
from msktop.model.cluster import Cluster

Of = Literal["broker", "cluster", "group"]
"""What kinds of things there are figures of."""


def subjects(cluster: Cluster, of: Of) -> Iterator[Subject]:
    """Everything that a figure may be of. A broker that is down is nothing that rules speak of."""
    if of == "cluster":
        yield Subject("cluster")
    elif of == "broker":
        for broker in cluster.brokers.values():
            if broker.probe.word != "down":
                yield Subject(broker.name, broker)
    else:
        for key in cluster.metrics:
            if key.metric == "EstimatedMaxTimeLag":
                names = dict(key.dimensions)
                group, topic = names.get("Consumer Group", "—"), names.get("Topic")
                yield Subject(f"{group} {topic}" if topic else group, key=key)
