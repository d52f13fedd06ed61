"""What the monitor shows of a cluster's life, from samples of the real control plane and real brokers.

The recordings were made on the local MSK, by its API: created with three brokers, scaled to six and back,
another type, a reboot, a killed broker, deleted. Probes are thinned out in them; nothing else is changed.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from msktop.model.cluster import Cluster
from msktop.model.fold import fold
from msktop.model.incidents import Incidents, Kind
from msktop.model.samples import Tick
from msktop.recording.reader import Recording
from msktop.session import View
from msktop.ui.picture import rows_of
from msktop.ui.places import Place
from msktop.ui.rows.operations import running, steps_done
from msktop.ui.theme import Look
from msktop.ui.verdict import verdict_of
from tests.ui.drill import showing
from tests.ui.pictures import SIZES, approve, told

DATA = Path(__file__).parent.parent / "data" / "life"
MODES = ("kraft", "zookeeper")


def runs(cluster: Cluster, kind: str) -> bool:
    one = running(cluster)
    return one is not None and one.type == kind


def scaling_out(view: View) -> bool:
    return runs(view.cluster, "INCREASE_BROKER_COUNT") and len(view.cluster.brokers) == 6


def retyping(view: View) -> bool:
    one, verdict = running(view.cluster), verdict_of(view)
    done = steps_done(one) if one is not None else None
    named = "UPDATE_BROKER_TYPE" in " ".join((verdict.head, *verdict.facts))
    return runs(view.cluster, "UPDATE_BROKER_TYPE") and named and done is not None and done[0] > 0


MOMENTS: tuple[tuple[str, Callable[[View], bool]], ...] = (
    ("creating", lambda v: v.cluster.state == "CREATING" and len(v.cluster.brokers) == 3),
    ("three", lambda v: verdict_of(v).head == "Healthy" and len(v.cluster.brokers) == 3),
    ("scaling-out", scaling_out),
    ("six", lambda v: verdict_of(v).head == "Healthy" and len(v.cluster.brokers) == 6),
    ("back-to-three", lambda v: verdict_of(v).head == "Healthy" and len(v.cluster.brokers) == 3),
    ("another-type", retyping),
    ("reboot", lambda v: v.cluster.state == "REBOOTING_BROKER"),
    ("healing", lambda v: v.cluster.state == "HEALING"),
    ("active-again", lambda v: v.cluster.state == "ACTIVE" and not v.incidents.open),
    ("deleted", lambda v: v.cluster.state == "DELETED"),
)
"""In order: each is looked for after the one before."""


@cache
def life(mode: str) -> dict[str, View]:
    """The view of each moment, and `end`."""
    cluster, incidents, todo = Cluster(), Incidents(), list(MOMENTS)
    found: dict[str, View] = {}
    with Recording(DATA / f"{mode}-v1.msktop") as recording:
        for sample in recording.samples():
            cluster, incidents = fold(cluster, incidents, sample)
            view = View(cluster, incidents)
            if isinstance(sample, Tick) and todo and todo[0][1](view):
                found[todo.pop(0)[0]] = view
    found["end"] = View(cluster, incidents)
    return found


@pytest.mark.parametrize("mode", MODES)
def test_every_moment_is_seen_in_its_order(mode: str) -> None:
    assert [*life(mode)] == [*(name for name, _ in MOMENTS), "end"]


@pytest.mark.parametrize("mode", MODES)
def test_the_recording_is_small_and_names_no_machine(mode: str) -> None:
    path = DATA / f"{mode}-v1.msktop"
    assert path.stat().st_size < 100_000
    with Recording(path) as recording:
        text = repr(list(recording.samples()))
        assert (recording.damage, recording.skipped.total) == (None, 0)
    assert not [word for word in ("/root", "/home/", "/tmp/", "/work") if word in text]


@pytest.mark.parametrize("mode", MODES)
def test_the_verdict_names_each_operation_as_it_happens(mode: str) -> None:
    said = {name: verdict_of(view) for name, view in life(mode).items()}
    assert said["creating"].head.startswith("The cluster is CREATING")
    assert said["scaling-out"].head.startswith("INCREASE_BROKER_COUNT")
    assert any("NumberOfBrokerNodes 3 → 6" in fact for fact in said["scaling-out"].facts)
    assert "b-2" in said["reboot"].head
    assert said["reboot"].facts[0] in ("planned: REBOOTING_BROKER", "planned: REBOOT_NODE")
    assert (said["healing"].severity, said["healing"].head.split()[0]) == ("crit", "b-1")
    assert said["deleted"].head == "The cluster is DELETED"
    assert {said[n].severity for n in ("creating", "scaling-out")} == {"heal"}


@pytest.mark.parametrize("mode", MODES)
def test_every_operation_is_in_the_list_in_the_end(mode: str) -> None:
    operations = life(mode)["end"].cluster.operations or ()
    assert [(o.type, o.failed) for o in reversed(operations)][:4] == [
        ("INCREASE_BROKER_COUNT", False),
        ("DECREASE_BROKER_COUNT", False),
        ("UPDATE_BROKER_TYPE", False),
        ("REBOOT_NODE", False),
    ]


@pytest.mark.parametrize("mode", MODES)
def test_only_the_killed_broker_is_blamed(mode: str) -> None:
    healing = life(mode)["healing"]
    blamed = {i.subject for i in healing.incidents.open if i.severity == "crit" and i.kind in FAILURES}
    assert blamed == {"b-1"}
    grown = life(mode)["six"]
    assert not [i for i in grown.incidents.log if i.kind in FAILURES], "to be made is no failure"


@pytest.mark.parametrize("mode", MODES)
def test_brokers_that_a_smaller_count_removes_are_nowhere_loud(mode: str) -> None:
    removed = [i for i in life(mode)["end"].incidents.log if i.broker in (4, 5, 6) and i.kind in FAILURES]
    assert len(removed) == 3
    assert {i.severity for i in removed} == {"warn"}
    assert {i.planned for i in removed} <= {"UPDATING", "DECREASE_BROKER_COUNT", "removal"}


FAILURES = (Kind.BROKER_UNREACHABLE, Kind.BROKER_HUNG, Kind.BROKER_FENCED)


@pytest.mark.parametrize("moment", ["creating", "scaling-out", "another-type", "healing", "deleted"])
@pytest.mark.parametrize("mode", MODES)
async def test_the_overview_as_it_was_approved(mode: str, moment: str) -> None:
    async with showing(life(mode)[moment], Place("overview"), SIZES["120x40"], Look()) as shown:
        approve(f"life-{mode}-{moment}", told(rows_of(shown.app.screen), styles=False))


@pytest.mark.parametrize("mode", MODES)
async def test_the_operations_as_they_were_approved(mode: str) -> None:
    async with showing(life(mode)["another-type"], Place("operations"), SIZES["120x40"], Look()) as shown:
        approve(f"life-{mode}-operations", told(rows_of(shown.app.screen), styles=False))
