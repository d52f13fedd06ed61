"""The list of clusters to choose from: as it grows, what is wrong beside it, and what is chosen."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from textual.pilot import Pilot

from msktop.actions.guard import Permit
from msktop.actions.perform import Sent
from msktop.aws.errors import AwsError
from msktop.choices import Listing, TargetChoice, Trouble
from msktop.settings import Target
from msktop.ui.picker import Creator, Picker
from msktop.ui.picture import rows_of, text_of
from msktop.ui.theme import Look
from tests.ui.acting import ARN, FakeActor


def choice(name: str, **more: object) -> TargetChoice:
    target = Target(name=name, bootstrap_servers="", kind="msk")
    return TargetChoice(name=name, origin="aws", target=target, type="PROVISIONED", **more)  # type: ignore[arg-type]


ORDERS = choice(
    "orders", state="ACTIVE", region="eu-west-1", kafka_version="3.9.x", broker_count=6, offline=0
)
LEDGER = choice("ledger", state="HEALING", region="eu-west-1", under_replicated=12)
LOCAL = TargetChoice(
    name="demo",
    origin="local",
    target=Target(name="demo", bootstrap_servers=""),
    type="LOCAL",
    state="ACTIVE",
)


class Growing:
    """A list that grows when it is let."""

    def __init__(self, *listings: Listing) -> None:
        self._listings = listings
        self.asked = 0

    def __call__(self, stop: threading.Event) -> Iterator[Listing]:
        self.asked += 1
        yield from self._listings


@dataclass
class Shown:
    app: Picker
    pilot: Pilot[TargetChoice]

    @property
    def text(self) -> str:
        return "\n".join(text_of(rows_of(self.app.screen)))

    async def until(self, words: str) -> None:
        for _ in range(200):
            if words in self.text:
                return
            await self.pilot.pause(0.02)
        raise AssertionError(f"{words!r} is not shown:\n{self.text}")

    async def gone(self) -> TargetChoice | None:
        for _ in range(200):
            if self.app._exit:
                return self.app.return_value
            await self.pilot.pause(0.02)
        raise AssertionError("it does not end")


@asynccontextmanager
async def showing(
    growing: Growing, size: tuple[int, int] = (120, 40), creator: Creator | None = None
) -> AsyncIterator[Shown]:
    app = Picker(growing, look=Look(), creator=creator)
    async with app.run_test(size=size) as pilot:
        yield Shown(app, pilot)


ALL = Listing((LOCAL, ORDERS, LEDGER), complete=True)


async def test_local_saved_and_aws_clusters_are_in_one_list_with_what_is_known() -> None:
    async with showing(Growing(Listing((LOCAL,)), ALL)) as shown:
        await shown.until("ledger")
        orders = next(line for line in shown.text.splitlines() if "orders" in line)
        for word in ("ACTIVE", "Standard", "3.9.x", "6", "eu-west-1", "0"):
            assert word in orders
        ledger = next(line for line in shown.text.splitlines() if "ledger" in line)
        assert "HEALING" in ledger
        assert "12" in ledger
        assert "—" in ledger


async def test_enter_chooses_the_row_under_the_cursor() -> None:
    async with showing(Growing(ALL)) as shown:
        await shown.until("ledger")
        await shown.pilot.press("down", "enter")
        assert await shown.gone() is ORDERS


async def test_the_filter_narrows_the_list_and_escape_ends_it() -> None:
    async with showing(Growing(ALL)) as shown:
        await shown.until("ledger")
        await shown.pilot.press("slash", *"led", "enter")
        await shown.until("1 of 3")
        assert "orders" not in shown.text
        await shown.pilot.press("escape")
        await shown.until("orders")
        await shown.pilot.press("slash", *"led", "enter", "enter")
        assert await shown.gone() is LEDGER


@pytest.mark.parametrize("key", ["q", "escape", "ctrl+c"])
async def test_leaving_chooses_nothing(key: str) -> None:
    async with showing(Growing(ALL)) as shown:
        await shown.until("ledger")
        await shown.pilot.press(key)
        assert await shown.gone() is None


async def test_the_only_cluster_opens_by_itself() -> None:
    async with showing(Growing(Listing((ORDERS,)), Listing((ORDERS,), complete=True))) as shown:
        assert await shown.gone() is ORDERS


async def test_one_cluster_beside_a_trouble_waits_for_the_person() -> None:
    trouble = Trouble("eu-west-1", "kafka:ListClustersV2 is denied", "Ask for it.", "kafka:ListClustersV2")
    async with showing(Growing(Listing((LOCAL,), (trouble,), complete=True))) as shown:
        await shown.until("eu-west-1: kafka:ListClustersV2 is denied")
        assert "Ask for it." in shown.text
        assert not shown.app._exit


async def test_an_empty_list_says_what_to_do() -> None:
    async with showing(Growing(Listing(complete=True))) as shown:
        await shown.until("msktop demo starts one")


async def test_while_aws_is_asked_it_says_so_and_r_asks_again() -> None:
    growing = Growing(Listing((LOCAL,)))
    async with showing(growing) as shown:
        await shown.until("AWS is being asked")
        await shown.pilot.press("r")
        for _ in range(100):
            if growing.asked == 2:
                break
            await shown.pilot.pause(0.02)
        assert growing.asked == 2


async def test_a_cluster_is_created_where_the_cursor_is_and_the_list_read_again() -> None:
    actor, asked = FakeActor(outcome=Sent(ARN, None)), []
    growing = Growing(ALL)

    def creator(choice: TargetChoice | None) -> FakeActor:
        asked.append(choice)
        return actor

    async with showing(growing, creator=creator) as shown:
        await shown.until("ledger")
        assert "c create" in shown.text
        await shown.pilot.press("down", "c")
        await shown.until("A new cluster needs a name")
        assert asked == [ORDERS]
        assert "subnet-1,subnet-2,subnet-4" in shown.text
        await shown.pilot.press(*"shop", *["enter"] * 11, *"yes")
        await shown.until("send it")
        await shown.pilot.press("enter")
        await shown.until("MSK has accepted it")
        await shown.pilot.press("escape")
        for _ in range(100):
            if growing.asked == 2:
                break
            await shown.pilot.pause(0.02)
        assert growing.asked == 2
        assert actor.sent[0].parameters["ClusterName"] == "shop"
        assert not shown.app._exit


async def test_creating_without_leave_is_only_to_be_looked_at_and_escape_comes_back() -> None:
    actor = FakeActor(Permit())
    async with showing(Growing(ALL), creator=lambda _: actor) as shown:
        await shown.until("ledger")
        await shown.pilot.press("c", *"shop")
        await shown.until("Changing a cluster needs --write")
        await shown.pilot.press("ctrl+s")  # there is nothing to save yet
        await shown.until("shop")
        await shown.pilot.press(*["enter"] * 11, "escape")
        await shown.until("read again")
        assert not actor.sent


async def test_a_list_that_grows_while_it_is_left_disturbs_nothing() -> None:
    async with showing(Growing(ALL)) as shown:
        await shown.until("ledger")
        shown.app._end(ORDERS)
        shown.app._newest = Listing((LOCAL,))
        shown.app._look_again()
        shown.app.on_resize()
        assert await shown.gone() is ORDERS
        assert shown.app.crash is None


async def test_where_aws_does_not_answer_the_form_says_so() -> None:
    actor = FakeActor(wrong=AwsError("no_credentials", "no AWS credentials were found", "Set AWS_PROFILE."))
    async with showing(Growing(ALL), creator=lambda _: actor) as shown:
        await shown.until("ledger")
        await shown.pilot.press("c")
        await shown.until("No AWS credentials were found.")


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60), (40, 10)])
async def test_any_size(size: tuple[int, int]) -> None:
    async with showing(Growing(ALL), size) as shown:
        await shown.until("ledger"[: 4 if size[0] < 80 else 6])
        assert len(shown.text.splitlines()) <= size[1]
