"""Requests of the whole cluster."""

from __future__ import annotations

import pytest

from msktop.ui.places import Place
from msktop.ui.theme import Look
from tests.ui.drill import SIZES, showing
from tests.ui.scenes_detail import scene


async def test_rates_are_of_all_brokers_and_times_of_the_slowest() -> None:
    async with showing(scene("healthy"), Place("requests")) as shown:
        row = shown.row("Produce", "b-6")
        assert "37.0" in row
        assert shown.row("6 of 6 brokers, metrics up to")


async def test_without_colour_the_parts_of_a_bar_are_letters() -> None:
    async with showing(scene("healthy"), Place("requests"), look=Look("mono")) as shown:
        bar = shown.row("Heartbeat").split("b-6")[1].split()[0]
        assert set(bar) == set("qlps")
        assert list(bar) == sorted(bar, key="qlrps".index)


async def test_the_lower_panels_follow_the_cursor() -> None:
    async with showing(scene("healthy"), Place("requests")) as shown:
        assert shown.row("FetchConsumer by broker")
        await shown.press("down")
        assert shown.row("Produce by broker")


async def test_enter_goes_to_the_history_of_a_type_then_to_a_broker_and_esc_comes_back() -> None:
    async with showing(scene("healthy"), Place("requests")) as shown:
        await shown.press("down", "enter")
        assert shown.place == Place("request", request="Produce")
        assert shown.row("History of Produce")
        await shown.press("down", "enter")
        assert shown.place == Place("broker", broker=2)
        for view in ("request", "requests", "overview"):
            await shown.press("escape")
            assert shown.place.view == view


async def test_tab_goes_to_the_brokers_of_a_type_and_esc_comes_back() -> None:
    async with showing(scene("healthy"), Place("requests")) as shown:
        await shown.press("tab", "down", "enter")
        assert shown.place == Place("broker", broker=2)
        for view in ("requests", "requests", "overview"):
            await shown.press("escape")
            assert shown.place.view == view


async def test_in_a_small_terminal_panels_come_to_the_front_in_turn() -> None:
    async with showing(scene("healthy"), Place("requests"), (80, 24)) as shown:
        assert "by broker" not in shown.text
        await shown.press("tab")
        assert shown.row("FetchConsumer by broker")
        await shown.press("tab")
        assert shown.row("Clients", "Topics")
        assert shown.row("b-4", "40"), "our own throttle time"
        await shown.press("tab")
        assert shown.row("where the p99 goes")


async def test_share_bytes_and_errors_by_code_of_all_brokers() -> None:
    async with showing(scene("healthy"), Place("requests"), (200, 60)) as shown:
        assert shown.row("FetchConsumer", "46%", "2.25M")
        assert shown.row("OffsetCommit", "COORDINATOR_NOT_AVAILABLE 1.14, N")


async def test_threads_listeners_clients_and_topics_are_told() -> None:
    async with showing(scene("healthy"), Place("requests"), (200, 60)) as shown:
        assert shown.row("b-5", "91%", "41%")
        assert shown.row("CLIENT_IAM", "2.30k", "2.23")
        assert shown.row("apache-kafka-java 3.7.0", "1.27k", "6")
        assert shown.row("orders", "9.74")


async def test_the_brackets_go_through_the_types_and_a_type_shows_all_parts_of_its_time() -> None:
    async with showing(scene("healthy"), Place("request", request="Produce")) as shown:
        assert shown.row("queue", "local", "remote", "resp q", "send", "throttle")
        assert shown.row("usually", "in requests, 9.18 KiB each")
        await shown.press("right_square_bracket")
        assert shown.row("History of FetchFollower")
        await shown.press("left_square_bracket", "left_square_bracket")
        assert shown.row("History of FetchConsumer")


async def test_a_filter_changes_no_share() -> None:
    async with showing(scene("healthy"), Place("request", request="Produce")) as shown:
        before = shown.row("b-2 ", "%").strip("▌ ").split()
        await shown.press("slash", *"b-2", "enter")
        assert "b-3 " not in shown.text
        assert shown.row("b-2 ", "%").strip("▌ ").split()[:5] == before[:5]


async def test_a_type_that_nobody_serves_says_so() -> None:
    async with showing(scene("healthy"), Place("request", request="Vote")) as shown:
        assert shown.row("No broker has served this type yet.")
    async with showing(scene("no_exporter"), Place("request", request="Produce"), (80, 24)) as shown:
        assert "Turn on open monitoring" in " ".join(shown.text.split())


async def test_without_open_monitoring_it_says_how_to_turn_it_on() -> None:
    async with showing(scene("no_exporter"), Place("requests"), (80, 24)) as shown:
        assert shown.row("Requests", "no metrics") if "no metrics" in shown.text else shown.row("b-1:")
        assert "Turn on open monitoring" in " ".join(shown.text.split())


async def test_a_rise_is_told_with_what_is_behind_it_and_leads_to_the_requests() -> None:
    async with showing(scene("rising"), Place("incident", incident=1)) as shown:
        assert shown.row("TRAFFIC RISES", "Produce")
        assert shown.row("usually", "(3.", "on all brokers; topics sessions +")
        assert shown.row("end offsets", "messages", "usually")
        await shown.press("enter")
        assert shown.place == Place("requests")


@pytest.mark.parametrize("size", SIZES)
async def test_any_size(size: tuple[int, int]) -> None:
    async with showing(scene("dead"), Place("requests"), size) as shown:
        assert len(shown.rows) == size[1]
        assert shown.row("Produce")
    async with showing(scene("dead"), Place("request", request="Produce"), size) as shown:
        assert len(shown.rows) == size[1]
