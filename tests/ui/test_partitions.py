"""Topics, partitions, one partition; and that many cost no more than few."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from msktop.model.cluster import Cluster
from msktop.session import View
from msktop.ui.places import Place
from tests.ui.drill import SIZES, showing
from tests.ui.scenes import scene as shared
from tests.ui.scenes_detail import scene
from tests.ui.world import World


async def test_topics_show_what_is_under_replicated_how_fast_and_how_large() -> None:
    async with showing(scene("dead"), Place("topics")) as shown:
        row = shown.row("▲ orders")
        assert row.split()[2:6] == ["12", "3", "6", "0"]
        assert "GiB" in row
        await shown.press("slash", *"led", "enter", "enter")
        assert shown.place == Place("partitions", topic="ledger")


async def test_partitions_show_leader_replicas_in_sync_and_end_offset() -> None:
    async with showing(scene("dead"), Place("partitions", topic="orders", broker=2)) as shown:
        row = shown.row("▲ orders", "4 066 994")
        assert "b-2✕ b-3 b-4" in row
        assert "2/3" in row
        assert "under-replicated" in row


async def test_rates_of_partitions_come_with_the_second_look() -> None:
    view = scene("dead")
    cluster = view.cluster
    leader = cluster.brokers[1]
    assert leader.offsets_at is not None
    topic = cluster.topics["orders"]
    number = next(n for n, p in topic.partitions.items() if p.leader == 1)
    grown = replace(topic, ends={**topic.ends, number: topic.ends[number] + 500})
    later = replace(
        cluster,
        at=cluster.at + 2.0,
        topics={**cluster.topics, "orders": grown},
        brokers={**cluster.brokers, 1: replace(leader, offsets_at=leader.offsets_at + 2.0)},
    )
    async with showing(view, Place("partition", topic="orders", partition=number)) as shown:
        assert "—" in shown.row("written")
        await shown.see(View(later, view.incidents))
        assert "250" in shown.row("written", "records/s")


async def test_a_partition_says_who_leads_and_who_is_behind() -> None:
    async with showing(scene("dead"), Place("partition", topic="orders", partition=4)) as shown:
        assert shown.row("▲ under-replicated", "led by b-3 in use1-az4")
        assert shown.row("✕ b-2", "follower (preferred)", "behind")
        assert shown.row("● b-3", "leader", "yes")
        await shown.press("right_square_bracket")
        assert shown.place.partition == 5
        await shown.press("enter")
        assert shown.place.view == "broker"


async def test_a_partition_that_goes_away_says_so() -> None:
    view = scene("dead")
    async with showing(view, Place("partition", topic="orders", partition=4)) as shown:
        await shown.see(View(replace(view.cluster, at=view.cluster.at + 2.0, topics={}), view.incidents))
        assert "not there (any more)" in shown.text


async def test_the_cursor_stays_on_its_partition_when_others_come() -> None:
    view = scene("dead")
    without = {n: t for n, t in view.cluster.topics.items() if n != "audit"}
    async with showing(
        View(replace(view.cluster, topics=without), view.incidents), Place("partitions", broker=2)
    ) as shown:
        await shown.press("down", "down")
        table = shown.app.screen.query_one("#partitions")
        before = table.current  # type: ignore[attr-defined]
        await shown.see(View(replace(view.cluster, at=view.cluster.at + 2.0), view.incidents))
        await shown.until(lambda: table.rows[0][0] == "audit")  # type: ignore[attr-defined]
        assert table.current == before  # type: ignore[attr-defined]


async def test_twelve_thousand_partitions_scroll_filter_and_tick_at_a_bounded_cost() -> None:
    view = scene("many")
    async with showing(view, Place("partitions")) as shown:
        assert shown.row("12.0k")
        await shown.press("end")
        assert shown.row("events-0999", " 11 ")
        await shown.press("slash", *"0500-3", "enter")
        assert shown.row("events-0500", " 3 ")
        await shown.press("escape")
        screen = shown.app.screen
        cluster = view.cluster
        spent = []
        for k in range(1, 6):
            topics = {n: replace(t, ends_at=cluster.at + k) for n, t in cluster.topics.items()}
            newer = View(replace(cluster, at=cluster.at + k, topics=topics), view.incidents)
            begin = time.thread_time()
            screen.fill(newer)  # type: ignore[attr-defined]
            spent.append(time.thread_time() - begin)
        assert min(spent) < 0.05, f"a tick over 12,000 partitions took {min(spent) * 1e3:.1f} ms"


async def test_names_from_elsewhere_are_harmless_and_stay_in_their_column() -> None:
    async with showing(shared("wide_names"), Place("topics"), (80, 24)) as shown:
        assert "\x1b" not in shown.text
        assert "\u202e" not in shown.text
        assert shown.row("注文履歴")


async def test_before_anything_is_known_it_says_so() -> None:
    async with showing(View(Cluster(at=1.0)), Place("topics")) as shown:
        assert "no metadata yet" in shown.row("Topics")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    "place",
    [Place("topics"), Place("partitions", broker=2), Place("partition", topic="orders", partition=4)],
)
async def test_any_size(place: Place, size: tuple[int, int]) -> None:
    async with showing(scene("dead"), place, size) as shown:
        assert len(shown.rows) == size[1]
        assert shown.row("▲")


async def test_kafkas_own_topics_are_left_out_until_asked_for() -> None:
    view = World(topics=("orders", "__consumer_offsets")).run(5).view
    async with showing(view, Place("topics")) as shown:
        assert "1 internal hidden" in shown.row("Topics")
        assert "__consumer_offsets" not in shown.text
        await shown.press("i")
        assert "__consumer_offsets" in shown.text


async def test_where_replicas_are_follows_what_is_known_of_zones() -> None:
    view = scene("healthy")

    def placed(zone: str | None) -> View:
        brokers = {b.id: replace(b, zone=zone or b.zone) for b in view.cluster.brokers.values()}
        brokers[1] = replace(brokers[1], zone=zone)
        return replace(view, cluster=replace(view.cluster, brokers=brokers, at=view.cluster.at + 2))

    async with showing(view, Place("topics"), (200, 60)) as shown:
        assert shown.row("payments", "spread on 3")
        await shown.see(placed(None))
        assert "spread" not in shown.row("payments")
        await shown.see(replace(placed("az"), cluster=replace(placed("az").cluster, at=view.cluster.at + 4)))
        assert "spread" not in shown.row("payments")
        assert shown.row("payments", "one")
