"""CloudWatch on the screens: its points with their age, their cost, and that nothing else tells."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from msktop.headless.text import status_text
from msktop.model.control_samples import PermissionSeen
from msktop.session import Switch, View
from msktop.ui.picture import rows_of
from msktop.ui.places import Place
from msktop.ui.theme import Look
from msktop.ui.verdict import verdict_of
from tests.sources import msk_answers as msk
from tests.ui.aws_scenes import (
    AT,
    UNREACHABLE,
    cloudwatch_only,
    control_only,
    later,
    metered,
    view_of,
)
from tests.ui.drill import SIZES, Shown, showing
from tests.ui.pictures import SIZES as PICTURES
from tests.ui.pictures import approve, told
from tests.ui.scenes_detail import scene

HERE = Place("cloudwatch")


@dataclass
class Metered:
    """A switch in the place of the session's."""

    switch: Switch

    async def give(self, shown: Shown) -> None:
        shown.feed.cloudwatch = self.switch
        await shown.see(replace(shown.feed.view))


# ------------------------------------------------------------------ its own screen


async def test_each_series_has_its_newest_point_with_its_age_and_the_screen_says_what_it_costs() -> None:
    async with showing(cloudwatch_only(), HERE) as shown:
        row = shown.row("b-2", "BytesInPerSec", "5.54M B/s")
        assert "2 min" in row
        assert shown.row("cluster", "OfflinePartitionsCount", "0")
        assert shown.row("$0.01 so far", "$14.26 a month (estimated)", "a point a minute", "newest 2 min old")


async def test_the_past_of_the_selected_series_is_drawn_beside_that_of_the_other_brokers() -> None:
    async with showing(cloudwatch_only(), HERE, (200, 60)) as shown:
        await shown.press("down", "down", "down", "down")
        begin = shown.rows.index(shown.row("BytesInPerSec", "0–6.00M B/s", "newest 2 min old"))
        graphs = "\n".join(shown.rows[begin:])
        assert all(f" b-{n}" in graphs for n in (1, 2, 3))


async def test_a_point_that_is_too_old_is_marked_and_not_taken_for_now() -> None:
    async with showing(later(cloudwatch_only(), 600), HERE) as shown:
        assert shown.row("b-1", "CpuUser", "12 min")
    assert verdict_of(later(cloudwatch_only(), 900)).head == "No broker answers"


async def test_w_goes_there_and_capital_w_switches_it_off_and_on() -> None:
    switch = Metered(Switch(default=True))
    async with showing(cloudwatch_only(), Place("overview")) as shown:
        await switch.give(shown)
        await shown.press("w")
        assert shown.place == HERE
        assert shown.row("CloudWatch", " on ")
        await shown.press("W")
        assert not switch.switch.on
        assert shown.row("CloudWatch", " off ")
        await shown.press("W")
        assert switch.switch.on


async def test_where_aws_is_not_asked_the_switch_says_so() -> None:
    async with showing(View(), Place("overview")) as shown:
        await shown.press("W")
        await shown.until(lambda: bool(shown.app._notifications))
        assert "open it by its name or ARN" in next(iter(shown.app._notifications)).message


async def test_what_the_screen_in_front_shows_is_told_to_the_source() -> None:
    switch = Metered(Switch(default=True))
    async with showing(cloudwatch_only(), Place("overview")) as shown:
        await switch.give(shown)
        assert switch.switch.shown == frozenset()
        await shown.press("w")
        await shown.until(lambda: switch.switch.shown == frozenset({"cloudwatch"}))
        await shown.press("x")
        await shown.until(lambda: switch.switch.shown == frozenset({"cloudwatch", "topics", "groups"}))
        await shown.press("escape")
        await shown.until(lambda: switch.switch.shown == frozenset())


@pytest.mark.parametrize("action", ["cloudwatch:GetMetricData", "cloudwatch:ListMetrics"])
async def test_denied_it_names_the_action(action: str) -> None:
    no = PermissionSeen(at=AT, action=action, allowed=False, reason="no", advice=f"Allow {action}.")
    async with showing(view_of([no], control_only()), HERE) as shown:
        assert f"denied: {action}" in shown.text
        assert f"Allow {action}." in shown.text
        await shown.press("c")
        assert shown.row("○", action)
        assert shown.row("b-2", "10.0.1.12")


async def test_switched_off_from_the_start_it_says_how_to_switch_it_on() -> None:
    switch = Metered(Switch(default=False))
    async with showing(control_only(), HERE) as shown:
        await switch.give(shown)
        await shown.press("W", "W")
        assert shown.row("off", "W switches it on")


# ------------------------------------------------------------------ alone


async def test_alone_it_judges_the_cluster_and_says_how_coarsely_it_sees() -> None:
    verdict = verdict_of(cloudwatch_only())
    assert (verdict.severity, verdict.head) == ("warn", "Kafka is out of reach: CloudWatch only")
    assert "a point a minute, newest 2 min old" in verdict.facts
    assert "MSK says ACTIVE" in verdict.facts
    assert verdict.second.startswith("none of 3 addresses answers")


def test_the_status_without_a_screen_has_it_too() -> None:
    lines = status_text(cloudwatch_only()).splitlines()
    said = next(line for line in lines if line.startswith("CloudWatch"))
    assert said == "CloudWatch, a point a minute, newest 150 s old: under-replicated 0  offline 0"
    assert not [line for line in status_text(scene("healthy")).splitlines() if line.startswith("CloudWatch")]


def test_partitions_that_cloudwatch_knows_to_be_offline_are_critical() -> None:
    verdict = verdict_of(cloudwatch_only(offline=3.0))
    assert (verdict.severity, verdict.head) == ("crit", "3 partitions OFFLINE by CloudWatch")


def test_a_broker_that_publishes_nothing_is_named_and_is_not_zero() -> None:
    view = control_only()
    view = view_of([UNREACHABLE, metered(brokers=(1, 3))], view)
    assert verdict_of(view).head == "b-2 published nothing lately"


async def test_alone_the_overview_has_its_figures_with_their_age_and_hours_of_traffic() -> None:
    async with showing(cloudwatch_only(), Place("overview")) as shown:
        assert shown.row("CloudWatch 2 min old", "URP 0", "offline 0", "brokers 3")
        assert shown.row("in     5.57 MB/s", "in     5.54 MB/s", "2 min")
        assert shown.row("leads    40 of 120")
        assert shown.row("disk     41 %")
        assert shown.row("Traffic", "CloudWatch", "newest 2 min old")


async def test_before_anybody_has_told_nothing_is_zero() -> None:
    async with showing(view_of([UNREACHABLE], control_only()), Place("overview")) as shown:
        assert shown.row("leads     —", "URP   —")
        assert "of 0" not in shown.text


# ------------------------------------------------------------------ only the control plane


def test_without_kafka_and_cloudwatch_what_msk_says_stands_beside_it() -> None:
    verdict = verdict_of(view_of([UNREACHABLE], control_only()))
    assert (verdict.severity, verdict.head) == ("crit", "No broker answers")
    assert "MSK says ACTIVE" in verdict.facts


def test_a_cluster_that_is_being_made_is_no_failure() -> None:
    answers = msk.answers(DescribeClusterV2={"ClusterInfo": msk.cluster("CREATING")})
    verdict = verdict_of(view_of([UNREACHABLE], control_only(answers)))
    assert (verdict.severity, verdict.head) == ("heal", "The cluster is CREATING 20:00.0")


def test_a_cluster_that_could_not_be_made_says_why() -> None:
    info = msk.cluster("FAILED", StateInfo={"Code": "Quota", "Message": "too many brokers"})
    verdict = verdict_of(control_only(msk.answers(DescribeClusterV2={"ClusterInfo": info})))
    assert (verdict.severity, verdict.head) == ("crit", "The cluster is FAILED")
    assert verdict.facts == ("Quota · too many brokers",)


def test_where_no_way_was_found_no_broker_is_said_not_to_answer() -> None:
    nothing = replace(UNREACHABLE, stage="endpoints", reason="the cluster offers no public endpoints")
    verdict = verdict_of(view_of([nothing], control_only()))
    assert verdict.head == "No way to the brokers"
    assert "the cluster offers no public endpoints" in verdict.facts


# ------------------------------------------------------------------ pictures


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("place", [HERE, Place("overview"), Place("brokers"), Place("broker", broker=2)])
async def test_any_size(place: Place, size: tuple[int, int]) -> None:
    async with showing(cloudwatch_only(), place, size) as shown:
        assert len(shown.rows) == size[1]
        assert "b-2" in shown.text


@pytest.mark.parametrize("size", ["80x24", "120x40", "200x60"])
@pytest.mark.parametrize("place", ["cloudwatch", "overview"])
async def test_as_it_was_approved(place: str, size: str) -> None:
    where = HERE if place == "cloudwatch" else Place("overview")
    async with showing(cloudwatch_only(), where, PICTURES[size], Look()) as shown:
        approve(f"aws-{place}-cloudwatch-{size}", told(rows_of(shown.app.screen), styles=size == "120x40"))
