"""A broker that goes down is reason to ask the control plane at once."""

from __future__ import annotations

from msktop.model.broker import Broker, Probe
from msktop.model.cluster import Cluster
from msktop.sources.troubled import EVERY_S, FOR_S, Troubled


def cluster(at: float, *down: int) -> Cluster:
    words = {b: Probe(word="down" if b in down else "up") for b in (1, 2, 3)}
    return Cluster(at=at, brokers={b: Broker(b, probe=p) for b, p in words.items()})


def test_it_is_asked_when_brokers_go_down_and_when_they_come_back() -> None:
    looks: list[float] = []
    watch = Troubled(lambda: looks.append(at))
    for at, down in ((1.0, ()), (2.0, (2,)), (2.5, (2,)), (3.0, (2, 3)), (4.0, ()), (5.0, ())):
        watch(cluster(at, *down))
    assert looks == [2.0, 3.0, 4.0]


def test_while_one_stays_down_it_is_asked_now_and_then_and_not_for_ever() -> None:
    looks: list[float] = []
    watch = Troubled(lambda: looks.append(at))
    for at in range(100, 300):
        watch(cluster(float(at), 2))
    assert looks[:3] == [100, 100 + EVERY_S, 100 + 2 * EVERY_S]
    assert looks[-1] < 100 + FOR_S
