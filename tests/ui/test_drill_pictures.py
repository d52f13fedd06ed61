"""The drill-down screens as they were last looked at and approved, without header, verdict and footer."""

from __future__ import annotations

import pytest

from msktop.ui.picture import rows_of
from msktop.ui.places import Place
from msktop.ui.theme import Look
from tests.ui.drill import showing
from tests.ui.pictures import SIZES, approve, told
from tests.ui.scenes_detail import scene

PLACES = {
    "brokers": Place("brokers"),
    "zone": Place("zone", zone="use1-az2"),
    "broker": Place("broker", broker=2),
    "requests": Place("requests"),
    "request": Place("request", request="OffsetCommit"),
    "topics": Place("topics"),
    "partitions": Place("partitions", broker=2),
    "partition": Place("partition", topic="orders", partition=4),
    "incidents": Place("incidents"),
    "incident": Place("incident", incident=1),
}


async def compare(name: str, place: Place, moment: str, size: tuple[int, int], look: Look) -> None:
    async with showing(scene(moment), place, size, look) as shown:
        above = 2 if size[1] < 34 else 4
        rows = rows_of(shown.app.screen)[above:-1]
    approve(f"drill-{name}", told(rows, styles=size == (120, 40)))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("moment", ["healthy", "dead", "recovering", "no_exporter"])
async def test_broker(moment: str, size: str) -> None:
    await compare(f"broker-{moment}-{size}", PLACES["broker"], moment, SIZES[size], Look())


@pytest.mark.parametrize("size", ["80x24", "120x40"])
@pytest.mark.parametrize("place", [p for p in PLACES if p != "broker"])
async def test_other_screens_with_a_broker_down(place: str, size: str) -> None:
    await compare(f"{place}-dead-{size}", PLACES[place], "dead", SIZES[size], Look())


@pytest.mark.parametrize("place", ["requests", "request"])
async def test_requests_in_a_large_terminal(place: str) -> None:
    await compare(f"{place}-healthy-200x60", PLACES[place], "healthy", SIZES["200x60"], Look())


@pytest.mark.parametrize("size", SIZES)
async def test_traffic_that_rises(size: str) -> None:
    await compare(f"incident-rising-{size}", PLACES["incident"], "rising", SIZES[size], Look())


@pytest.mark.parametrize("size", SIZES)
async def test_the_stopwatch_of_a_failure_that_recovers(size: str) -> None:
    await compare(f"incident-recovering-{size}", PLACES["incident"], "recovering", SIZES[size], Look())


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("place", ["broker", "incident"])
@pytest.mark.parametrize("moment", ["written_to", "not_written_to"])
async def test_a_failure_with_a_write_probe(moment: str, place: str, size: str) -> None:
    await compare(f"{place}-{moment}-{size}", PLACES[place], moment, SIZES[size], Look())


@pytest.mark.parametrize("place", ["broker", "requests", "zone"])
async def test_ascii(place: str) -> None:
    await compare(f"{place}-ascii", PLACES[place], "dead", (80, 24), Look("mono", ascii=True))
