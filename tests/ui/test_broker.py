"""One broker: what is known of it, how old that is, and why the rest is missing."""

from __future__ import annotations

import pytest

from msktop.model.cluster import Cluster
from msktop.session import View
from msktop.ui.places import Place
from msktop.ui.theme import Look
from tests.ui.aws_scenes import metered
from tests.ui.drill import SIZES, showing
from tests.ui.scenes_detail import DetailedWorld, scene

B2 = Place("broker", broker=2)


async def test_a_broker_says_who_it_is() -> None:
    async with showing(scene("healthy"), B2) as shown:
        head = shown.row("b-2", "answers", "10.20.1.11:9098")
        assert "use1-az2" in head
        assert "kafka.m7g.large" in head
        who = shown.row("id 2", "rack use1-az2")
        assert "Kafka 3.9.x" in who
        assert "another zone than this host" in who


async def test_every_stage_has_its_times_and_the_last_minute_of_pings() -> None:
    async with showing(scene("healthy"), B2) as shown:
        for name in ("DNS", "TCP", "TLS", "SASL", "ApiVersions", "Metadata", "Total", "Ping, 1 min"):
            assert shown.row(f"● {name}")
        assert shown.row("● SASL").split()[2] == "6.40"


async def test_a_failed_stage_is_marked_and_named_and_what_was_not_reached_is_unknown() -> None:
    async with showing(scene("dead"), B2) as shown:
        assert "hung at ApiVersions" in shown.row("✕ b-2  down")
        assert "no answer" in shown.row("✕ ApiVersions")
        assert "—" in shown.row("○ Metadata")
        assert shown.row("● SASL").split()[2] == "6.40"


async def test_load_requests_holdings_and_settings_are_there_with_their_age() -> None:
    async with showing(scene("healthy"), B2) as shown:
        assert "metrics" in shown.row("Load", "old")
        assert shown.row("handlers", "78.4 % idle")
        assert shown.row("Produce", "687")
        assert shown.row("12 led, 36 held")
        assert "GiB" in shown.row("audit")
        assert "241 GiB of" in shown.row("/kafka/data")
        assert "17 s old" in shown.row("Config")


def lately_begun(seconds: float = 70.0) -> View:
    """CloudWatch has three hours of a cluster that we have watched for about a minute."""
    world = DetailedWorld().run(seconds)
    world.say(metered(world.at, late_s=seconds + 150.0))
    return world.run(1.0).view


async def test_what_was_before_we_looked_is_cloudwatchs_a_dim_cell_a_minute() -> None:
    async with showing(lately_begun(), B2, (200, 60)) as shown:
        assert shown.row("Load", "before 14:24 by CloudWatch, 1 min", "metrics")
        row = shown.row("in ", "MB/s").partition("MB/s")[2]
        past, _, live = row.partition("│")
        # What CloudWatch had not published when we began is nobody's: no line is drawn over it.
        assert past.strip().endswith("··")
        assert "▃" in past
        assert "▃" in live
        assert "│" not in shown.row("heap", "GiB")


async def test_the_past_makes_room_for_what_we_see_ourselves() -> None:
    view = lately_begun(1500.0)
    async with showing(view, B2, (200, 60)) as shown:
        assert "by CloudWatch" not in shown.text
        assert "│" not in shown.row("in ", "MB/s").partition("MB/s")[2]


async def test_without_open_monitoring_it_says_why_and_how_to_turn_it_on() -> None:
    async with showing(scene("no_exporter"), B2) as shown:
        assert shown.row("Requests", "no metrics: connection refused on port 11001")
        assert "open monitoring" in shown.text
        assert "—" in shown.row("cpu")


async def test_denied_is_said_and_is_not_empty() -> None:
    async with showing(scene("no_exporter"), B2) as shown:
        assert "denied" in shown.row("Log dirs")
        assert "denied" in shown.row("Config")
        assert shown.row("audit").rstrip().endswith("—"), "a size that may not be read is unknown, not zero"


async def test_its_incidents_show_how_recovery_went() -> None:
    async with showing(scene("healthy"), B2) as shown:
        row = shown.row("hung at ApiVersions (DNS")
        assert row.split()[-8:] == ["2.0", "s", "8.0", "s", "14.2", "s", "25.0", "s"] or "1m 28s" in row
        assert "14.2 s" in row


async def test_an_open_incident_runs() -> None:
    async with showing(scene("dead"), B2) as shown:
        assert "00:14.0" in shown.row("14:29:20", "hung at ApiVersions")


async def test_brackets_go_to_the_next_broker_and_around() -> None:
    async with showing(scene("healthy"), Place("broker", broker=6)) as shown:
        await shown.press("right_square_bracket")
        assert shown.place.broker == 1
        assert shown.row("b-1", "answers")
        await shown.press("left_square_bracket")
        assert shown.place.broker == 6


async def test_in_a_narrow_terminal_tab_brings_the_next_panel_to_the_front() -> None:
    async with showing(scene("healthy"), B2, (80, 24)) as shown:
        assert shown.row("type", "rate/s")
        await shown.press("tab")
        assert shown.row("topic", "leads", "holds")
        assert "rate/s" not in shown.text
        await shown.press("tab")
        assert shown.row("setting", "value")
        assert shown.row("/kafka/data")


async def test_enter_opens_its_partitions_and_in_the_panel_of_topics_those_of_one_topic() -> None:
    async with showing(scene("healthy"), B2) as shown:
        await shown.press("enter")
        assert shown.place == Place("partitions", broker=2)
        await shown.press("escape", "tab", "down", "enter")
        assert shown.place == Place("partitions", broker=2, topic="ledger")


async def test_a_broker_that_nobody_knows_is_all_unknown() -> None:
    async with showing(View(Cluster(at=1.0)), Place("broker", broker=77)) as shown:
        assert "not probed yet" in shown.row("b-77")
        assert "no metrics yet" in shown.row("Requests")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", ["healthy", "dead", "recovering", "no_exporter"])
async def test_nothing_is_cut_or_moved_off_the_screen(name: str, size: tuple[int, int]) -> None:
    async with showing(scene(name), B2, size) as shown:
        assert len(shown.rows) == size[1]
        assert max(len(row) for row in shown.rows) <= size[0]
        assert shown.row("b-2")
        assert shown.row("● DNS")


@pytest.mark.parametrize("look", [Look("day"), Look("ansi"), Look("mono"), Look("mono", ascii=True)])
async def test_every_look_shows_the_failed_stage_with_a_sign(look: Look) -> None:
    async with showing(scene("dead"), B2, look=look) as shown:
        assert shown.row("X ApiVersions" if look.ascii else "✕ ApiVersions", "no answer")
        assert shown.text.isascii() == look.ascii
