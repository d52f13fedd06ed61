"""ZooKeeper servers are asked each by itself; what cannot be had is said once."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from itertools import pairwise
from typing import Self

import pytest

from msktop.model.cluster import Cluster
from msktop.model.control_samples import InventorySeen, NodeSeen, ZooKeeperSeen
from msktop.model.reduce import reduce
from msktop.sources import zookeeper
from msktop.sources.clock import Anchor
from msktop.sources.zookeeper import ZooKeeperSource, zookeeper_seen
from msktop.wire.network import Network
from tests.sources.watching import Watching, watching
from tests.support import wait_for

SRVR = """Zookeeper version: 3.8.4-9316c2a7a97e1666d8f4593f34dd6fc36ecc436c, built on 2024-02-12 22:16 UTC
Latency min/avg/max: 0/0.3912/14
Received: 611
Sent: 610
Connections: 4
Outstanding: 0
Zxid: 0x100000085
Mode: {mode}
Node count: 158
Proposal sizes last/min/max: 32/32/884
"""
MNTR = """zk_version\t3.8.4-9316c2a7a97e1666d8f4593f34dd6fc36ecc436c, built on 2024-02-12 22:16 UTC
zk_server_state\tleader
zk_avg_latency\t0.3912
zk_znode_count\t158
zk_learners\t2
zk_synced_followers\t2
"""
UNLISTED = "{word} is not executed because it is not in the whitelist.\n"
NO_QUORUM = "This ZooKeeper instance is not currently serving requests\n"


class FakeServer:
    """Answers four-letter words as it is told to; `None` never answers."""

    def __init__(self, srvr: str | None, mntr: str | None = UNLISTED.format(word="mntr")) -> None:
        self.answers = {"srvr": srvr, "mntr": mntr}
        self.asked: list[str] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._held: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> None:
        for sock in (self._listener, *self._held):
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
                word = sock.recv(4).decode()
            except OSError:
                return
            self.asked.append(word)
            answer = self.answers[word]
            if answer is None:
                self._held.append(sock)
                continue
            with sock:
                sock.sendall(answer.encode())


def cluster(*ports: int) -> Cluster:
    nodes = tuple(
        NodeSeen(id=n, role="zookeeper", address="127.0.0.1", port=port) for n, port in enumerate(ports, 1)
    )
    return reduce(Cluster(), InventorySeen(at=1.0, name="demo", metadata="zookeeper", nodes=nodes))


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seconds become hundredths."""
    monkeypatch.setattr(zookeeper, "PERIOD_S", 0.05)
    monkeypatch.setattr(zookeeper, "TIMEOUT_S", 0.2)
    monkeypatch.setattr(zookeeper, "UNREACHED_S", 0.05)


@pytest.fixture
def servers() -> Iterator[ExitStack]:
    """Closes what a test opened."""
    with ExitStack() as stack:
        yield stack


def seen(watch: Watching, node_id: int) -> list[ZooKeeperSeen]:
    return [s for s in watch.said if isinstance(s, ZooKeeperSeen) and s.node_id == node_id]


def source(known: Cluster) -> ZooKeeperSource:
    return ZooKeeperSource(Network(), Anchor.take(), lambda: known)


def test_a_leader_tells_its_mode_latencies_and_followers(servers: ExitStack) -> None:
    one = servers.enter_context(FakeServer(SRVR.format(mode="leader"), MNTR))
    with watching(source(cluster(one.port))) as watch:
        said = wait_for(lambda: seen(watch, 1), 5, "an answer")[0]
    assert (said.mode, said.version, said.serving) == ("leader", "3.8.4", True)
    assert (said.latency_min_ms, said.latency_mean_ms, said.latency_max_ms) == (0.0, 0.3912, 14.0)
    assert (said.connections, said.outstanding, said.znodes, said.zxid) == (4, 0, 158, "0x100000085")
    assert (said.followers, said.synced_followers) == (2, 2)


def test_one_that_hangs_and_one_that_is_dead_hold_up_no_other(servers: ExitStack) -> None:
    good = servers.enter_context(FakeServer(SRVR.format(mode="follower")))
    hung = servers.enter_context(FakeServer(None))
    dead = FakeServer("")
    dead.end()
    with watching(source(cluster(good.port, hung.port, dead.port))) as watch:
        wait_for(lambda: len(seen(watch, 1)) >= 4 and seen(watch, 2) and seen(watch, 3), 5, "all three")
        said = seen(watch, 1)
    assert max(b.at - a.at for a, b in pairwise(said[1:])) < 0.2
    assert "no answer to srvr" in seen(watch, 2)[0].error
    assert "refused" in seen(watch, 3)[0].error


def test_what_never_answered_is_said_once(servers: ExitStack) -> None:
    dead = FakeServer("")
    dead.end()
    good = servers.enter_context(FakeServer(SRVR.format(mode="standalone")))
    with watching(source(cluster(dead.port, good.port))) as watch:
        wait_for(lambda: len(seen(watch, 2)) >= 6, 5, "six rounds of the other")
    (said,) = seen(watch, 1)
    assert said.last_ok_at is None


def test_one_that_answered_and_no_longer_does_is_said_at_each_look_and_its_return_is_seen() -> None:
    with FakeServer(SRVR.format(mode="follower")) as one, watching(source(cluster(one.port))) as watch:
        wait_for(lambda: seen(watch, 1), 5, "an answer")
        one.answers["srvr"] = ""
        wait_for(lambda: [s for s in seen(watch, 1) if s.error][1:], 5, "two errors")
        first = next(s for s in seen(watch, 1) if s.error)
        assert first.last_ok_at == max(s.at for s in seen(watch, 1) if not s.error and s.at < first.at)
        one.answers["srvr"] = SRVR.format(mode="leader")
        wait_for(lambda: seen(watch, 1)[-1].mode == "leader", 5, "its return")


def test_a_word_that_is_not_in_the_whitelist_is_not_asked_again(servers: ExitStack) -> None:
    one = servers.enter_context(FakeServer(SRVR.format(mode="follower")))
    with watching(source(cluster(one.port))) as watch:
        wait_for(lambda: len(seen(watch, 1)) >= 3, 5, "three answers")
    assert one.asked.count("mntr") == 1
    assert seen(watch, 1)[0].synced_followers is None


def test_a_server_that_lists_no_word_says_so(servers: ExitStack) -> None:
    one = servers.enter_context(FakeServer(UNLISTED.format(word="srvr")))
    with watching(source(cluster(one.port))) as watch:
        said = wait_for(lambda: seen(watch, 1), 5, "an answer")[0]
    assert "4lw.commands.whitelist" in said.error


def test_a_server_without_a_quorum_answers_but_does_not_serve() -> None:
    said = zookeeper_seen(1, NO_QUORUM, NO_QUORUM, 5.0, 1.0)
    assert (said.serving, said.mode, said.error, said.last_ok_at) == (False, None, "", 5.0)


def test_in_kraft_mode_nobody_is_asked() -> None:
    controllers = (NodeSeen(id=10001, role="controller", address="127.0.0.1", port=9093),)
    known = reduce(Cluster(), InventorySeen(at=1.0, name="demo", metadata="kraft", nodes=controllers))
    assert not zookeeper.servers(known)
