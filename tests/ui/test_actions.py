"""Changing a cluster from the monitor, by keys: the menu, each form, its confirmation, what came of it."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from textual.strip import Strip

from msktop.actions.guard import Permit
from msktop.actions.offers import Offers
from msktop.actions.perform import OutcomeUnknownError, Sent
from msktop.aws.errors import AwsError
from msktop.session import View
from msktop.ui.app import MsktopApp
from msktop.ui.filling import Page
from msktop.ui.picture import Row, rows_of
from msktop.ui.places import Place
from msktop.ui.screens.actions import ActionsScreen
from msktop.ui.screens.form import FormScreen
from msktop.ui.screens.live import LiveScreen
from msktop.ui.theme import Look
from tests.ui.acting import ARN, FACTS, FAST, SLOW, FakeActor
from tests.ui.drill import Shown, showing
from tests.ui.pictures import SIZES, approve, told
from tests.ui.scenes import StillFeed, scene
from tests.ui.test_journeys import Player

ITEMS = (
    "Reboot", "Number of brokers", "Broker type", "Storage", "Kafka version", "Monitoring level",
    "Configuration", "Delete the cluster", "Create another cluster",
)  # fmt: skip
NAME = "orders-prod"
OVERVIEW = Place("overview")


@asynccontextmanager
async def form(
    item: str,
    actor: FakeActor | None = None,
    *,
    size: tuple[int, int] = (120, 40),
    view: View | None = None,
    place: Place = OVERVIEW,
    look: Look | None = None,
) -> AsyncIterator[tuple[Shown, FakeActor]]:
    """The form of a menu's item, once it knows what there is."""
    actor = actor or FakeActor()
    async with showing(view or scene("healthy"), place, size, look, actor) as shown:
        await shown.press("a", *["down"] * ITEMS.index(item), "enter")
        assert isinstance(shown.app.screen, FormScreen)
        if actor.gate is None:
            await shown.until(lambda: page(shown).phase != "reading")
            await shown.settle()
        yield shown, actor


def page(shown: Shown) -> Page:
    screen = shown.app.screen
    assert isinstance(screen, FormScreen), screen
    return screen.page


def inside(shown: Shown) -> str:
    """The words in the box, as one line."""
    box = shown.app.screen.query_one("#form").region
    return " ".join(
        " ".join(row[box.x + 1 : box.right - 1] for row in shown.rows[box.y : box.bottom]).split()
    )


async def confirm(shown: Shown, word: str) -> None:
    """From the last field on: the word, Enter, and the end of it."""
    await shown.press("enter", *word, "enter")
    await shown.until(lambda: page(shown).phase in ("sent", "refused", "unknown"))
    await shown.settle()


# ------------------------------------------------------------------ the menu


async def test_the_menu_offers_every_change_and_the_broker_under_the_cursor() -> None:
    async with showing(scene("healthy"), Place("overview"), actor=FakeActor()) as shown:
        assert shown.row("a act")
        await shown.press("down", "a")
        for item in ITEMS[1:]:
            assert shown.row(item)
        assert shown.row("Reboot b-4")
        assert shown.row("Number of brokers", "6")
        await shown.press("escape")
        assert shown.place == Place("overview")


@pytest.mark.parametrize(
    ("place", "broker"),
    [
        (Place("broker", broker=5), "b-5"),
        (Place("brokers"), "b-1"),
        (Place("zone", zone="use1-az2"), "b-2"),
        (Place("operations"), "a broker"),
    ],
)
async def test_every_screen_knows_which_broker_is_meant(place: Place, broker: str) -> None:
    async with showing(scene("healthy"), place, actor=FakeActor()) as shown:
        await shown.press("a")
        assert shown.row(f"Reboot {broker}")


async def test_the_help_and_the_palette_name_it() -> None:
    async with showing(scene("healthy"), Place("overview"), (120, 60), actor=FakeActor()) as shown:
        titles = {command.title for command in shown.app.get_system_commands(shown.app.screen)}
        assert "Change the cluster or the selected broker" in titles
        await shown.press("question_mark")
        assert shown.row("a", "Change the cluster or the selected broker")


async def test_plain_kafka_has_no_control_plane_and_the_menu_says_so() -> None:
    async with showing(scene("bare"), Place("overview")) as shown:
        assert "a act" not in shown.rows[-1]
        await shown.press("a")
        assert shown.row("No control plane")
        assert "opened by its brokers' addresses" in shown.text
        await shown.press("enter")
        assert shown.place == Place("overview")


async def test_a_replay_has_no_key_for_it() -> None:
    app = MsktopApp(StillFeed(view=scene("healthy"), mode="replay", replay=Player()))
    async with app.run_test(size=(120, 60)) as pilot:
        await pilot.pause()
        await pilot.press("a")
        await pilot.pause()
        assert isinstance(app.screen, LiveScreen)
        titles = {command.title for command in app.get_system_commands(app.screen)}
        assert "Change the cluster or the selected broker" not in titles
        await pilot.press("question_mark")
        await pilot.pause()
        shown = Shown(app, pilot, StillFeed())
        assert "Change the cluster" not in shown.text


# ------------------------------------------------------------------ each form, filled in rightly


async def test_a_broker_is_rebooted_and_its_operation_followed() -> None:
    async with form("Reboot", place=Place("broker", broker=5)) as (shown, actor):
        assert shown.row("Reboot b-5")
        assert "leaders move away from b-5" in shown.text.lower()
        await confirm(shown, "yes")
        assert shown.row("MSK has accepted it")
        assert "cluster-operation/orders-prod" in inside(shown)
        (plan,) = actor.sent
        assert (plan.operation, plan.parameters["BrokerIds"]) == ("RebootBroker", ["5"])
        await shown.press("enter")
        assert shown.place == Place("operations")


async def test_brokers_are_added_with_arrows() -> None:
    async with form("Number of brokers") as (shown, actor):
        assert "has 6 brokers already" in shown.text
        await shown.press("right")
        assert shown.row("Number of brokers: 6 → 9")
        assert shown.row("use1-az2", "b-2", "b-5", "+ 1 new")
        assert shown.row("msktop cluster update-broker-count orders-prod 9")
        await confirm(shown, "yes")
        assert actor.sent[0].parameters["TargetNumberOfBrokerNodes"] == 9


async def test_removing_brokers_wants_the_name_and_says_that_all_of_them_hold_replicas() -> None:
    async with form("Number of brokers") as (shown, actor):
        await shown.press("3")
        assert shown.row("use1-az2", "– 1 leaves")
        assert "Every broker holds replicas now" in shown.text
        await shown.press("enter", *"yes", "enter")
        assert f"not {NAME}: nothing was sent" in shown.text
        await shown.press("ctrl+u", *NAME, "enter")
        await shown.until(lambda: page(shown).phase == "sent")
        assert actor.sent[0].needs_name == NAME


async def test_a_type_is_chosen_from_its_family() -> None:
    async with form("Broker type") as (shown, actor):
        await shown.press("right")
        assert shown.row("Broker type: kafka.m7g.large → kafka.m7g.xlarge")
        await confirm(shown, "yes")
        assert actor.sent[0].parameters["TargetInstanceType"] == "kafka.m7g.xlarge"


async def test_volumes_grow() -> None:
    async with form("Storage") as (shown, actor):
        await shown.press(*"1500")
        assert shown.row("Storage: 1000 → 1500")
        await confirm(shown, "yes")
        (volume,) = actor.sent[0].parameters["TargetBrokerEBSVolumeInfo"]
        assert volume["VolumeSizeGB"] == 1500


async def test_a_version_wants_the_name_because_it_cannot_be_taken_back() -> None:
    async with form("Kafka version") as (shown, actor):
        await shown.press("right")
        assert shown.row("It cannot be taken back")
        await confirm(shown, NAME)
        assert actor.sent[0].parameters["TargetKafkaVersion"] == "3.9.x"


async def test_a_level_of_monitoring() -> None:
    async with form("Monitoring level") as (shown, actor):
        await shown.press("right")
        assert shown.row("CloudWatch charges for each metric")
        await confirm(shown, "yes")
        assert actor.sent[0].parameters["EnhancedMonitoring"] == "PER_BROKER"


async def test_a_configuration_comes_with_its_newest_revision() -> None:
    async with form("Configuration") as (shown, actor):
        assert shown.row("revision", "3")
        await shown.press("left")
        assert shown.row("revision", "4")
        assert shown.row("fast")
        await shown.press("enter")
        await confirm(shown, "yes")
        assert actor.sent[0].parameters["ConfigurationInfo"] == {"Arn": FAST, "Revision": 4}


async def test_a_configuration_can_be_pasted_where_the_list_is_denied() -> None:
    async with form("Configuration", FakeActor(offered=Offers())) as (shown, actor):
        assert "kafka:ListConfigurations is denied" in shown.text
        assert shown.row("…", SLOW[-30:])
        from textual.events import Paste

        shown.app.post_message(Paste(FAST + "\n"))
        await shown.settle()
        await shown.press("enter", "7")
        await confirm(shown, "yes")
        assert actor.sent[0].parameters["ConfigurationInfo"] == {"Arn": FAST, "Revision": 7}


async def test_a_cluster_like_this_one_is_created() -> None:
    actor = FakeActor(outcome=Sent(ARN, None))
    async with form("Create another cluster", actor) as (shown, _):
        assert "needs a name" in shown.text
        await shown.press(*"shop", "enter", "enter", "enter", "right")
        assert shown.row("2 brokers are started in each of 3 subnets")
        await shown.press(*["enter"] * 7)
        await confirm(shown, "yes")
        (plan,) = actor.sent
        provisioned = plan.parameters["Provisioned"]
        assert plan.parameters["ClusterName"] == "shop"
        assert provisioned["BrokerNodeGroupInfo"]["ClientSubnets"] == list(FACTS.subnets)
        assert (provisioned["NumberOfBrokerNodes"], provisioned["KafkaVersion"]) == (6, "3.8.x")
        assert provisioned["ConfigurationInfo"] == {"Arn": SLOW, "Revision": 2}
        assert shown.row("MSK has accepted it")
        await shown.press("enter")
        assert shown.place == Place("overview")


async def test_a_new_cluster_takes_another_configuration_at_its_newest_revision_or_none() -> None:
    async with form("Create another cluster", FakeActor(outcome=Sent(ARN, None))) as (shown, actor):
        await shown.press(*"shop", *["down"] * 9, "ctrl+u")
        assert "none: MSK's own settings" in shown.text
        assert "Type yes to go on" in shown.text
        await shown.press("right")
        assert shown.row("configuration", "configuration/fast/c0ffee-2")
        assert shown.row(" fast ")
        await shown.press("down")
        assert shown.row("revision", "4")
        await shown.press("ctrl+u", "0")
        assert "0 is no revision" in shown.text
        await shown.press("ctrl+u", "4", "enter")
        await confirm(shown, "yes")
        (plan,) = actor.sent
        assert plan.parameters["Provisioned"]["ConfigurationInfo"] == {"Arn": FAST, "Revision": 4}


async def test_deleting_wants_the_name_to_the_letter() -> None:
    async with form("Delete the cluster") as (shown, actor):
        assert shown.row("Every topic and every record is gone")
        await shown.press(*"yes", "enter")
        assert "nothing was sent" in shown.text
        await shown.press("ctrl+u", *"orders-pro", "enter")
        assert "nothing was sent" in shown.text
        assert not actor.sent
        await shown.press("d", "enter")
        await shown.until(lambda: page(shown).phase == "sent")
        assert actor.sent[0].operation == "DeleteCluster"


# ------------------------------------------------------------------ what cannot be


@pytest.mark.parametrize(
    ("item", "keys", "why"),
    [
        ("Number of brokers", "7", "cannot be spread evenly over 3 zones"),
        ("Number of brokers", "63", "more than MSK's quota of 60"),
        ("Number of brokers", "six", "'six' is no number of brokers"),
        ("Broker type", "express.m7g.large", "cannot become express.m7g.large"),
        ("Broker type", "m5", "is no instance type of MSK"),
        ("Storage", "500", "never shrink"),
        ("Storage", "99999", "cannot be had"),
        ("Kafka version", "2.8.1", "cannot go from Kafka 3.8.x to 2.8.1"),
        ("Monitoring level", "ALL", "is no level of monitoring"),
        ("Configuration", "arn:x", "is not the ARN of a configuration"),
        ("Reboot", "9", "has no broker 9"),
        ("Create another cluster", "a_b", "cannot be the name of a cluster"),
    ],
)
async def test_what_cannot_be_is_said_as_it_is_typed_and_enter_leads_nowhere(
    item: str, keys: str, why: str
) -> None:
    async with form(item) as (shown, actor):
        await shown.press(*keys)
        assert why in inside(shown)
        await shown.press(*["enter"] * (4 if "Create" not in item else 11))
        assert page(shown).phase == "filling"
        assert not actor.sent


async def test_a_cluster_that_is_busy_takes_nothing_until_it_is_looked_at_again() -> None:
    async with form("Reboot", FakeActor(found=replace(FACTS, state="UPDATING"))) as (shown, actor):
        assert "takes no change before it is ACTIVE again" in inside(shown)
        actor.found = FACTS
        await shown.press("5", "enter")
        await shown.until(lambda: page(shown).phase == "filling")
        await shown.settle()
        assert shown.row("Reboot b-5")
        assert not actor.sent


async def test_another_value_empties_the_confirmation() -> None:
    async with form("Number of brokers") as (shown, actor):
        await shown.press("right", "enter", *"yes", "up", "right", "enter", "enter")
        assert "nothing was sent" in shown.text
        assert not actor.sent


async def test_a_broker_that_is_down_speaks_against_a_reboot() -> None:
    async with form("Reboot", view=scene("broker_down")) as (shown, _):
        assert "Now down: b-2" in shown.text


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (Permit(), "Changing a cluster needs --write"),
        (Permit(write=True, read_only=True), "--read-only was given"),
    ],
)
async def test_without_leave_it_is_only_to_be_looked_at(said: Permit, why: str) -> None:
    async with form("Delete the cluster", FakeActor(said)) as (shown, actor):
        assert shown.row("Every topic and every record is gone")
        assert f"Only to look at. {why}" in inside(shown)
        await shown.press(*NAME, "enter")
        assert page(shown).phase == "filling"
        assert not actor.sent
        await shown.press("escape", "a")
        assert f"Only to look at. {why}" in shown.text


@pytest.mark.parametrize("item", ITEMS)
async def test_escape_ends_each_of_them(item: str) -> None:
    async with form(item) as (shown, actor):
        await shown.press("right", "enter", *"ye", "escape")
        assert shown.place == Place("overview")
        assert not actor.sent


async def test_a_saved_targets_leave_is_not_for_new_clusters() -> None:
    actor = FakeActor(creating=Permit())
    async with form("Create another cluster", actor) as (shown, _):
        await shown.press(*"shop", *["enter"] * 9)
        assert "Only to look at" in inside(shown)
    async with form("Number of brokers", actor) as (shown, _):
        await shown.press("right", "enter")
        assert "Only to look at" not in inside(shown)


# ------------------------------------------------------------------ AWS says no, or nothing


async def test_a_denied_permission_is_named_and_can_be_tried_again() -> None:
    wrong = AwsError("denied", "AWS does not let ann do kafka:DescribeClusterV2", "Allow it.")
    async with form("Reboot", FakeActor(found=wrong)) as (shown, actor):
        assert shown.row("AWS does not let ann do kafka:DescribeClusterV2")
        assert shown.row("Allow it.")
        actor.found = FACTS
        await shown.press("enter")
        await shown.until(lambda: page(shown).phase == "filling")
        await shown.settle()
        assert shown.row("Reboot b-1")


async def test_while_aws_is_slow_the_screen_goes_on_and_escape_leaves() -> None:
    actor = FakeActor(gate=threading.Event())
    async with form("Reboot", actor) as (shown, _):
        assert shown.row("AWS is asked what there is now")
        await shown.until(lambda: "now …  2 s" in shown.text)
        await shown.press("q", "y", "e", "s", "enter", "escape")
        assert shown.place == Place("overview")
        assert actor.gate is not None
        actor.gate.set()
        await shown.until(lambda: actor.read == 1)
        await shown.settle()
        assert shown.place == Place("overview")


@pytest.mark.parametrize(
    ("outcome", "head", "why"),
    [
        (
            AwsError("denied", "AWS does not let ann do kafka:RebootBroker", "Allow it."),
            "Not done",
            "Allow it",
        ),
        (AwsError("bad_request", "AWS finds kafka:RebootBroker wrong"), "Not done", "RebootBroker wrong"),
        (OutcomeUnknownError("no answer", "Look before trying."), "Nobody knows", "Look before trying"),
        (ZeroDivisionError("on purpose"), "Nobody knows", "ZeroDivisionError"),
    ],
)
async def test_what_came_of_it_is_said(outcome: Exception, head: str, why: str) -> None:
    async with form("Reboot", FakeActor(outcome=outcome)) as (shown, actor):
        await confirm(shown, "yes")
        assert shown.row(head)
        assert why in inside(shown)
        assert len(actor.sent) == 1
        await shown.press("escape")
        assert shown.place == Place("overview")


async def test_a_refusal_can_be_looked_at_again() -> None:
    async with form("Reboot", FakeActor(outcome=AwsError("throttled", "AWS throttles it"))) as (shown, actor):
        await confirm(shown, "yes")
        await shown.press("enter")
        await shown.until(lambda: page(shown).phase == "filling")
        assert actor.read == 2


async def test_the_answer_to_a_form_that_was_left_is_said_over_the_screen() -> None:
    actor = FakeActor()
    async with form("Reboot", actor) as (shown, _):
        actor.gate = threading.Event()
        await shown.press("enter", *"yes", "enter")
        await shown.until(lambda: len(actor.sent) == 1)
        await shown.settle()
        assert shown.row("MSK has not answered yet")
        await shown.press("escape")
        actor.gate.set()
        await shown.until(lambda: any("accepted by MSK" in n.message for n in shown.app._notifications))


async def test_whoever_leaves_msktop_meanwhile_does_not_cut_the_sending_short() -> None:
    actor = FakeActor()
    async with form("Reboot", actor) as (shown, _):
        actor.gate = threading.Event()
        await shown.press("enter", *"yes", "enter")
        await shown.until(lambda: len(actor.sent) == 1)
        (sending,) = (t for t in threading.enumerate() if t.name == "action")
    assert not sending.daemon
    actor.gate.set()
    sending.join(10)
    assert not sending.is_alive()


# ------------------------------------------------------------------ pictures

PICTURES = {
    "menu": ("a",),
    "count": ("a", "down", "enter", "right", "enter", *"ye"),
    "version": ("a", *["down"] * 4, "enter", "right", "enter", *"orders-"),
    "delete": ("a", *["down"] * 7, "enter", *"wrong", "enter"),
    "create": ("a", *["down"] * 8, "enter", *"shop"),
    "denied": ("a", "enter"),
    "sent": ("a", "enter", "enter", *"yes", "enter"),
}


@pytest.mark.parametrize("size", ["80x24", "120x40", "200x60"])
@pytest.mark.parametrize("name", PICTURES)
async def test_as_it_was_approved(name: str, size: str) -> None:
    async with showing(scene("healthy"), Place("overview"), SIZES[size], Look(), actor_for(name)) as shown:
        await go(shown, PICTURES[name])
        approve(f"actions-{name}-{size}", told(box(shown), styles=size == "120x40"))


@pytest.mark.parametrize("size", [(40, 12), (60, 16), (250, 80)])
@pytest.mark.parametrize("name", ["version", "create", "menu"])
async def test_any_size(name: str, size: tuple[int, int]) -> None:
    async with showing(scene("healthy"), OVERVIEW, size, actor=actor_for(name)) as shown:
        await go(shown, PICTURES[name])
        assert shown.row("esc ")
        if name == "version":
            assert shown.row("Type the cluster's name", "orders-")
            if "What happens" not in shown.text:
                assert shown.row("PgDn")
            await shown.press("pagedown", "pagedown", "pagedown")
            assert "Same as" in shown.text


async def test_in_ascii_every_sign_is_ascii() -> None:
    async with showing(
        scene("healthy"), Place("overview"), look=Look(ascii=True), actor=FakeActor()
    ) as shown:
        await go(shown, PICTURES["version"])
        assert shown.text.isascii()


def box(shown: Shown) -> list[Row]:
    """The rows of the dialog alone."""
    region = shown.app.screen.query_one("#form, #actions").region
    rows = rows_of(shown.app.screen)[region.y : region.bottom]
    return [list(Strip(row).crop(region.x, region.right)) for row in rows]


def actor_for(name: str) -> FakeActor:
    if name == "menu":
        return FakeActor(Permit())
    denied = AwsError("denied", "AWS does not let ann do kafka:DescribeClusterV2", "Allow it: msktop doctor.")
    return FakeActor(found=denied) if name == "denied" else FakeActor()


async def go(shown: Shown, keys: tuple[str, ...]) -> None:
    """Press them, and wait for what each begins."""
    for key in keys:
        await shown.press(key)
        if isinstance(shown.app.screen, FormScreen):
            await shown.until(lambda: page(shown).phase not in ("reading", "sending"))
    await shown.settle()
    assert isinstance(shown.app.screen, FormScreen | ActionsScreen)
