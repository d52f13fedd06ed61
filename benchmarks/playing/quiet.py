"""Ten scenes in which nothing fails: whatever is said of a broker is false."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from contextlib import suppress

from kafka import KafkaConsumer
from kafka.errors import KafkaError

from benchmarks.playing.judge import Expected, Played
from benchmarks.playing.stage import PROXIED, Stage
from msktop.local import control
from msktop.model.incidents import Kind
from msktop.model.rules import PAGE_STALE_AFTER_S

_LOOK_S = 15.0
_PAUSE_S = 10.0
_BURST = [f"burst-{n}" for n in range(40)]
_AWAY_S = PAGE_STALE_AFTER_S + 50.0


def _quietly(stage: Stage, name: str, do: Callable[[Stage], None]) -> Played:
    began = time.time()
    do(stage)
    time.sleep(_LOOK_S)
    return Played(name, began, time.time())


def waves(stage: Stage) -> Played:
    """Traffic rises and falls to a tenth and back: a whole wave, and the look afterwards."""
    return _quietly(stage, "traffic waves", lambda _: time.sleep(60.0))


def topics_made(stage: Stage) -> Played:
    """Forty topics at once."""

    def make(on: Stage) -> None:
        admin = on.admin()
        admin.create_topics({name: {"num_partitions": 3} for name in _BURST})
        admin.close()

    return _quietly(stage, "topic creation burst", make)


def topics_deleted(stage: Stage) -> Played:
    """The same forty go again."""

    def drop(on: Stage) -> None:
        admin = on.admin()
        admin.delete_topics(_BURST)
        admin.close()

    return _quietly(stage, "topics deleted", drop)


def rebalances(stage: Stage) -> Played:
    """Members join a group and leave it, again and again."""

    def come_and_go(on: Stage) -> None:
        servers = control.require(on.name).bootstrap_servers
        for _ in range(4):
            members = [
                KafkaConsumer("orders", bootstrap_servers=servers, group_id="restless") for _ in range(3)
            ]
            for member in members:
                with suppress(KafkaError):
                    member.poll(timeout_ms=1500)
            for member in members:
                member.close()

    return _quietly(stage, "rebalances", come_and_go)


def host_paused(stage: Stage) -> Played:
    """The monitor's own processes stand still, as on a host that was suspended."""

    def pause(on: Stage) -> None:
        with on.watch.paused():
            time.sleep(_PAUSE_S)

    return _quietly(stage, "own host paused 10 s", pause)


def clock_stepped(stage: Stage) -> Played:
    """The monitor's wall clock jumps by a minute and a half."""
    return _quietly(stage, "clock step", lambda on: on.watch.step_clock())


def exporter_slow(stage: Stage) -> Played:
    """One broker's page takes seconds."""

    def slow(on: Stage) -> None:
        on.exporter.later_s = 2.0
        time.sleep(30.0)
        on.exporter.later_s = 0.0

    return _quietly(stage, "exporter slow", slow)


def exporter_away(stage: Stage) -> Played:
    """One broker's page is not to be had for more than a minute: that is said, and of no broker."""
    began = time.time()
    stage.exporter.cut()
    time.sleep(_AWAY_S)
    stage.exporter.mend()
    time.sleep(_LOOK_S)
    want = Expected(f"exporter b-{PROXIED}", frozenset({Kind.SOURCE_STALE}))
    return Played("exporter away", began, time.time(), (want,))


def connections(stage: Stage) -> Played:
    """Clients that connect and go without a word."""

    def knock(on: Stage) -> None:
        for node in control.require(on.name).brokers:
            for _ in range(100):
                with socket.create_connection((node.address, node.port), 2):
                    time.sleep(0.01)

    return _quietly(stage, "idle connections", knock)


def partitions_added(stage: Stage) -> Played:
    """A topic grows while it is written to."""

    def grow(on: Stage) -> None:
        admin = on.admin()
        found = admin.describe_topics(["clicks"])[0]
        admin.create_partitions({"clicks": len(found["partitions"]) + 6})
        admin.close()

    return _quietly(stage, "partitions added", grow)


QUIET: tuple[Callable[[Stage], Played], ...] = (
    waves,
    topics_made,
    rebalances,
    host_paused,
    clock_stepped,
    partitions_added,
    exporter_slow,
    topics_deleted,
    connections,
    exporter_away,
)
