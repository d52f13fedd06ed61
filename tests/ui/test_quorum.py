"""What keeps the metadata: KRaft controllers or ZooKeeper servers, and how each broker follows them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from msktop.model.control_samples import MetricSeen, MetricsSeen, PermissionSeen, ZooKeeperSeen
from msktop.model.reduce import reduce
from msktop.model.samples import QuorumSeen, Sample, SourceFailed, VoterSeen
from msktop.session import View
from msktop.ui.picture import rows_of
from msktop.ui.places import Place
from msktop.ui.theme import Look
from tests.ui.drill import SIZES, showing
from tests.ui.pictures import SIZES as PICTURES
from tests.ui.pictures import approve, told
from tests.ui.scenes import scene

END = 48_211
QUORUM = Place("quorum")


def seen(name: str, *samples: Sample) -> View:
    """A scene after these samples, all said now."""
    view = scene(name)
    cluster = view.cluster
    for sample in samples:
        cluster = reduce(cluster, replace(sample, at=view.cluster.at))
    return replace(view, cluster=cluster)


def quorum(lost: int | None = None, behind: int = 3) -> QuorumSeen:
    """Three controllers of which 10002 leads; `lost` has not fetched for a while, b-5 is `behind`."""

    def voter(number: int) -> VoterSeen:
        age = 42.0 if number == lost else 0.3
        end = END - 900 if number == lost else END
        return VoterSeen(id=number, log_end_offset=end, fetch_age_s=age, caught_up_age_s=age)

    def follower(number: int) -> VoterSeen:
        end = END - behind if number == 5 else END
        return VoterSeen(id=number, log_end_offset=end, fetch_age_s=0.4, caught_up_age_s=1.2)

    return QuorumSeen(
        at=0,
        leader_id=10_002,
        leader_epoch=7,
        high_watermark=END,
        voters=tuple(voter(10_000 + k) for k in (1, 2, 3)),
        observers=tuple(follower(i) for i in range(1, 7)),
    )


def ensemble(lost: int | None = None) -> tuple[ZooKeeperSeen, ...]:
    """Three servers of which 2 leads; `lost` answered before and does no more."""
    now = scene("zookeeper").cluster.at

    def server(number: int) -> ZooKeeperSeen:
        if number == lost:
            return ZooKeeperSeen(at=0, node_id=number, last_ok_at=now - 31, error="connection refused")
        return ZooKeeperSeen(
            at=0,
            node_id=number,
            serving=True,
            last_ok_at=now,
            mode="leader" if number == 2 else "follower",
            version="3.8.4",
            latency_min_ms=0.0,
            latency_mean_ms=0.73,
            latency_max_ms=41.0,
            outstanding=0,
            connections=4,
            znodes=312,
            zxid="0x100000d41",
            followers=2 if number == 2 else None,
            synced_followers=(2 if lost is None else 1) if number == 2 else None,
        )

    return tuple(server(k) for k in (1, 2, 3))


def sessions() -> MetricsSeen:
    """What CloudWatch says of the brokers' sessions: b-3's is closed."""
    now = scene("zookeeper").cluster.at
    states = {1: 1.0, 2: 1.0, 3: 5.0}
    series = [
        MetricSeen(
            metric="ZooKeeperSessionState",
            stat="Maximum",
            period_s=60.0,
            broker_id=i,
            points=((now - 60, state),),
        )
        for i, state in states.items()
    ]
    return MetricsSeen(at=0, series=tuple(series))


async def test_the_quorum_tells_its_leader_and_who_is_how_far_behind() -> None:
    async with showing(seen("healthy", quorum()), QUORUM) as shown:
        assert shown.row("3 of 3 controllers well")
        assert shown.row("leader", "c-2", "epoch 7")
        assert shown.row("of the brokers", "b-5", "3 records behind")
        assert "leads" in shown.row("c-2", "use1-az2", f"{END:,}")
        assert "follower" in shown.row("c-1", "use1-az1")


async def test_a_controller_that_fetches_no_more_stands_out() -> None:
    async with showing(seen("healthy", quorum(lost=10_003)), QUORUM) as shown:
        assert shown.row("2 of 3 controllers well")
        assert shown.row("most behind", "c-3", "900 records behind", "42")
        assert "✕" in shown.row("c-3", "follower")


async def test_a_quorum_that_does_not_answer_is_not_shown_as_well() -> None:
    silent = SourceFailed(at=0, source="quorum", stage="quorum", reason="no controller answered within 5 s")
    async with showing(seen("healthy", quorum(), silent), QUORUM) as shown:
        assert shown.row("not answered", "no controller answered within 5 s")
        assert "✕" in shown.row("controllers well")


async def test_zookeeper_servers_tell_their_modes_latencies_and_followers_in_sync() -> None:
    async with showing(seen("zookeeper", *ensemble(), sessions()), QUORUM) as shown:
        assert shown.row("3 of 3 ZooKeeper servers well")
        assert shown.row("leader", "2 followers", "2 in sync")
        assert "leader" in shown.row("zk-2", "0.73 / 41.0")
        closed = shown.row("b-3", "use1-az4")
        assert "✕" in closed
        assert "closed" in closed
        assert "●" in shown.row("b-1", "use1-az1", "connected")


async def test_a_zookeeper_server_that_answers_no_more_says_why() -> None:
    async with showing(seen("zookeeper", *ensemble(lost=3)), QUORUM) as shown:
        assert shown.row("2 of 3 ZooKeeper servers well")
        assert "✕" in shown.row("zk-3", "connection refused")


async def test_servers_that_never_answered_are_not_called_lost() -> None:
    never = tuple(ZooKeeperSeen(at=0, node_id=k, error="connection refused") for k in (1, 2, 3))
    async with showing(seen("zookeeper", *never), QUORUM) as shown:
        assert shown.row("gives no answer to four-letter words")
        assert "✕" not in shown.row("zk-1")


async def test_what_lists_no_servers_says_what_would() -> None:
    async with showing(seen("first_second"), QUORUM) as shown:
        assert shown.row("is not known yet")
    denied = PermissionSeen(
        at=0, action="kafka:ListNodes", allowed=False, advice="Allow kafka:ListNodes on the cluster."
    )
    async with showing(seen("first_second", denied), QUORUM) as shown:
        assert shown.row("denied: kafka:ListNodes", "Allow kafka:ListNodes on the cluster.")


async def test_the_tree_leads_there_and_from_there_to_a_broker() -> None:
    async with showing(seen("healthy", quorum()), Place("overview")) as shown:
        await shown.press("7")
        assert shown.place == QUORUM
        await shown.press("tab", "enter")
        assert shown.place == Place("broker", broker=1)
        await shown.press("escape")
        assert shown.place == QUORUM
        await shown.press("slash", *"az4", "enter")
        assert " c-1 " not in "\n".join(shown.rows[10:])
        assert shown.row("c-3")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("mode", ["healthy", "zookeeper"])
async def test_any_size(mode: str, size: tuple[int, int]) -> None:
    async with showing(seen(mode, *shown_of(mode)), QUORUM, size) as shown:
        assert len(shown.rows) == size[1]


def shown_of(mode: str) -> tuple[Sample, ...]:
    """One node lost, in both modes."""
    return (*ensemble(lost=3), sessions()) if mode == "zookeeper" else (quorum(lost=10_003),)


@pytest.mark.parametrize("size", ["80x24", "120x40", "200x60"])
@pytest.mark.parametrize("mode", ["healthy", "zookeeper"])
async def test_as_it_was_approved(mode: str, size: str) -> None:
    name = {"healthy": "kraft"}.get(mode, mode)
    async with showing(seen(mode, *shown_of(mode)), QUORUM, PICTURES[size], Look()) as shown:
        approve(f"drill-quorum-{name}-{size}", told(rows_of(shown.app.screen), styles=size == "120x40"))
