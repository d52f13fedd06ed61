"""Which zone this host is in, by EC2's instance metadata, where nobody has said it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from msktop.aws.imds import ZONE_ID, ZONE_NAME, read
from msktop.model.cluster import Cluster
from msktop.model.samples import HostZoneSeen, Sample
from msktop.sources.pump import Clock, Stop

LOOK_S = 0.25

_ID = re.compile(r"[a-z]{2,4}\d+-az\d+")
"""`use1-az1`, the same in every account: what MSK sets as broker.rack."""
_NAME = re.compile(r"[a-z]{2}(-[a-z]+)+-\d+[a-z]")
"""`us-east-1a`, which each account shuffles for itself: what Kafka on EC2 often has there."""


class HostZoneSource:
    """Says it once, or never. Nobody is asked before brokers are known whose racks are zones of AWS."""

    name = "host_zone"

    def __init__(self, clock: Clock, cluster: Callable[[], Cluster]) -> None:
        self._clock = clock
        self._cluster = cluster

    def samples(self, stop: Stop) -> Iterator[Sample]:
        """One sample at most."""
        racks: list[str] = []
        while not racks and not stop.wait(LOOK_S):
            racks = [broker.zone for broker in self._cluster().brokers.values() if broker.zone]
        path = kind_of(racks)
        if path is None or stop.is_set():
            return
        zone = read(path)
        if zone is not None:
            yield HostZoneSeen(at=self._clock.now(), zone=zone)


def kind_of(racks: Iterable[str]) -> str | None:
    """Which of a host's zone names compares with these racks; None: they are not AWS's.

    >>> kind_of(["use1-az1"]), kind_of(["eu-west-1a"]), kind_of(["rack-7"])
    ('placement/availability-zone-id', 'placement/availability-zone', None)
    """
    for rack in racks:
        if _ID.fullmatch(rack):
            return ZONE_ID
        if _NAME.fullmatch(rack):
            return ZONE_NAME
    return None
