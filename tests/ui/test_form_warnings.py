"""What the monitor sees that speaks against removing brokers, and against rolling through them."""

from __future__ import annotations

import pytest

from msktop.model.broker import Broker, Counts
from msktop.model.cluster import Cluster
from msktop.model.topic import Totals
from msktop.ui.form_cluster import COUNT, MONITORING, REBOOT
from msktop.ui.form_warnings import warnings
from msktop.ui.forms import Form, Known
from tests.ui.acting import FACTS


def holding(*replicas: int) -> Cluster:
    """Brokers from 1 on, which hold so many replicas."""
    brokers = (Broker(n, counts=Counts(replicas=held)) for n, held in enumerate(replicas, 1))
    return Cluster(brokers={broker.id: broker for broker in brokers})


@pytest.mark.parametrize(
    ("cluster", "count", "said"),
    [
        (holding(9, 9, 9, 0, 0, 0), "3", ""),
        (holding(9, 9, 9, 9, 0, 9), "3", "only b-5 can leave"),
        (holding(9, 9, 9, 9, 9, 9), "3", "Every broker holds replicas"),
        (holding(9, 9, 9, 9, 9, 9), "9", ""),
        (holding(9, 9, 9, 9, 9, 9), "x", ""),
        (Cluster(), "3", ""),
    ],
)
def test_brokers_that_hold_replicas_cannot_leave(cluster: Cluster, count: str, said: str) -> None:
    found = " ".join(warnings(COUNT, Known(FACTS, cluster=cluster), {"count": count}))
    assert said in found
    assert bool(said) == bool(found)


@pytest.mark.parametrize(("form", "warned"), [(REBOOT, True), (MONITORING, False)])
def test_replicas_that_are_behind_speak_against_what_takes_a_broker_away(form: Form, warned: bool) -> None:
    cluster = Cluster(totals=Totals(partitions=72, under_replicated=4))
    found = warnings(form, Known(FACTS, cluster=cluster), {})
    assert any("4 partitions are under-replicated" in words for words in found) is warned
