"""The running monitor changes a real cluster by its keys, and shows what comes of it as any other change."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from msktop import compose
from msktop.local.settings import Settings
from msktop.monitor import Control, LiveFeed
from msktop.session import Session
from msktop.targets import local
from msktop.ui.app import MsktopApp
from msktop.ui.places import Place
from msktop.ui.screens.form import FormScreen
from msktop.ui.theme import Look
from tests.e2e.conftest import LocalCluster, in_environment, local_cluster
from tests.ui.drill import Shown
from tests.ui.scenes import StillFeed

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("kraft")]

DEADLINE_S = 180.0


@pytest.fixture(scope="module")
def acted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCluster]:
    """One broker in one zone."""
    settings = Settings(name="acted", brokers=1, zones=1, traffic="none", fast_heal=True)
    with local_cluster(tmp_path_factory.mktemp("acted"), settings) as cluster:
        yield cluster


@asynccontextmanager
async def monitor(cluster: LocalCluster) -> AsyncIterator[Shown]:
    """As `msktop acted` opens it, without a terminal."""
    with in_environment(cluster.xdg):
        target = local(cluster.name)
        assert target.msk is not None
        session = Session(target.name)
        control = Control(target, target.msk, session)
        compose.live(target, session=session, aws=control.aws)
        try:
            app = MsktopApp(LiveFeed(session, control), look=Look())
            async with app.run_test(size=(120, 40)) as pilot:
                shown = Shown(app, pilot, StillFeed())
                await shown.until(lambda: app.view.cluster.state == "ACTIVE" and healthy(shown), DEADLINE_S)
                yield shown
        finally:
            session.stop()


def healthy(shown: Shown) -> bool:
    cluster = shown.app.view.cluster
    return bool(cluster.brokers) and all(b.probe.word == "up" for b in cluster.brokers.values())


async def fill_in(shown: Shown, item: int, *keys: str) -> None:
    """Open the form, type, confirm, and follow it to the operations."""
    await shown.press("a", *["down"] * item, "enter")
    await phase(shown, "filling")
    await shown.press(*keys, "enter", *"yes", "enter")
    await phase(shown, "sent")
    assert "MSK has accepted it" in shown.text
    await shown.press("enter")
    assert shown.place == Place("operations")


async def phase(shown: Shown, wanted: str) -> None:
    screen = shown.app.screen
    assert isinstance(screen, FormScreen)
    await shown.until(lambda: screen.page.phase == wanted, DEADLINE_S)
    await shown.settle()


async def ended(shown: Shown, kind: str, state: str) -> None:
    """Wait until the newest operation is of this kind and in this state, on the screen too."""

    def newest() -> bool:
        known = shown.app.view.cluster.operations or ()
        return bool(known) and (known[0].type, known[0].state) == (kind, state)

    await shown.until(newest, DEADLINE_S)
    await shown.until(lambda: kind in shown.text, 10)


async def test_a_broker_is_rebooted_and_one_added_from_the_monitor(acted: LocalCluster) -> None:
    (before,) = acted.state.brokers
    async with monitor(acted) as shown:
        await fill_in(shown, 0)
        await ended(shown, "REBOOT_NODE", "REBOOT_COMPLETE")
        assert acted.state.brokers[0].started_at != before.started_at
        await shown.until(lambda: shown.app.view.cluster.state == "ACTIVE" and healthy(shown), DEADLINE_S)

        await fill_in(shown, 1, "right")
        await ended(shown, "INCREASE_BROKER_COUNT", "UPDATE_COMPLETE")
        assert [node.id for node in acted.state.brokers] == [1, 2]
        await shown.until(lambda: sorted(shown.app.view.cluster.brokers) == [1, 2], DEADLINE_S)
    lines = (Path(acted.xdg["XDG_STATE_HOME"]) / "msktop" / "audit.jsonl").read_text().splitlines()
    told = [json.loads(line) for line in lines]
    assert [line.get("action") or line["result"] for line in told] == [
        "kafka:RebootBroker",
        "accepted",
        "kafka:UpdateBrokerCount",
        "accepted",
    ]
