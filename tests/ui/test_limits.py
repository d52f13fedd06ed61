"""The gauges of all rules: what is nearest to its threshold, and when it will be there."""

from __future__ import annotations

import pytest

from msktop.model.alert_gauges import gauges
from msktop.session import View
from msktop.ui.picture import rows_of
from msktop.ui.places import Place
from tests.model.story import Story
from tests.model.test_alert_rules import cpu, described, disk, jmx
from tests.ui.drill import SIZES, showing
from tests.ui.pictures import SIZES as PICTURES
from tests.ui.pictures import approve, told

PLACE = Place("limits")


def filling() -> View:
    """A disk that is full in hours, a busy CPU for two minutes, connections at a third, idle threads."""
    story = described(Story().healthy(), "kafka.m7g.large")
    for minute in range(0, 120, 2):
        story.later(120.0).answers().metadata()
        disk(story, 58.0 + minute * 0.2)
        jmx(story, connections__CLIENT_IAM=1000.0, handler_idle=0.62)
        cpu(story, 75.0 if minute > 114 else 40.0, broker=2)
    disk(story, 58.0 + 120 * 0.2)
    return View(story.tick().cluster, story.incidents)


async def test_what_is_open_comes_first_then_what_is_nearest_and_last_what_nobody_tells() -> None:
    async with showing(filling(), PLACE, (200, 60)) as shown:
        rows = shown.rows
        names = [line.split()[1] for line in rows if line[1:2] in "▲✕●◐○" and len(line.split()) > 3]
        names = [name for name in names if "_" in name]
        assert names[0].startswith("disk_")
        assert names.index("cpu_60") < names.index("iam_connections_80") < names.index("network_allowance")
        disk_85 = shown.row("disk_85")
        assert "~" in disk_85, "when it will be there is an estimate"
        assert "85 %" in disk_85
        assert "2,400" in shown.row("iam_connections_80")
        assert "without data" in shown.row("Limits")


async def test_enter_opens_the_broker_that_is_nearest() -> None:
    async with showing(filling(), PLACE) as shown:
        await shown.press("enter")
        assert shown.place == Place("broker", broker=1)


async def test_the_filter_looks_at_rules_kinds_and_figures() -> None:
    async with showing(filling(), PLACE) as shown:
        await shown.press("slash", *"disk", "enter")
        assert "4 of 30 rules" in shown.row("Limits")


async def test_a_letter_goes_there() -> None:
    async with showing(filling(), Place("overview")) as shown:
        await shown.press("u")
        assert shown.place == PLACE


@pytest.mark.parametrize("size", SIZES)
async def test_every_size_shows_it(size: tuple[int, int]) -> None:
    async with showing(filling(), PLACE, size) as shown:
        assert size[0] < 80 or shown.row("disk_85")


@pytest.mark.parametrize("size", PICTURES)
async def test_the_picture(size: str) -> None:
    async with showing(filling(), PLACE, PICTURES[size]) as shown:
        above = 2 if PICTURES[size][1] < 34 else 4
        rows = rows_of(shown.app.screen)[above:-1]
    approve(f"drill-limits-{size}", told(rows, styles=size == "120x40"))


def test_a_gauge_is_of_whoever_is_nearest_and_counts_who_could_be_read() -> None:
    view = filling()
    by_name = {g.rule.name: g for g in gauges(view.cluster, view.incidents)}
    busy = by_name["cpu_60"]
    assert (busy.subject, busy.state, busy.read) == ("b-2", "met", 1)
    assert by_name["partitions_above_advised"].read == 3
    assert by_name["network_allowance"].state == "unknown"
    assert by_name["network_allowance"].value is None
    full = by_name["disk_full_within_day"].left_s
    assert full is not None
    assert 3600 < full < 2 * 3600
