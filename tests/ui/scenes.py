"""The moments that screens are drawn of, by name; each folded from samples, once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

from msktop.model.incidents import Incidents
from msktop.model.samples import Tick
from msktop.session import View
from msktop.ui.acting import Actor, TopicActor
from msktop.ui.feed import Desk, Mode, Replay, Switch
from tests.ui.world import World


def healthy() -> View:
    """Six brokers in three zones after eight quiet minutes, and one failure that is over."""
    return _failed_once(World().run(140)).run(232).view


def broker_down() -> View:
    """b-2 hangs for 9.4 s; its leaders have moved."""
    return _down(World().run(440)).view


def recovering() -> View:
    """b-2 answers again, and catches up."""
    world = _down(World().run(440)).run(5.0, 0.25)
    return world.answer(2).run(3.0, 0.25).view


def stale() -> View:
    """Metadata and the exporter of b-4 have said nothing for a while."""
    world = World().run(300)
    world.unscraped.add(4)
    world.run(100)
    at = world.at
    world.fail_source("metadata", "metadata", "no broker answered within 5 s", "see the brokers' own logs")
    for k in range(1, 160):
        world.say(Tick(at=at + k * 0.25))
    return world.view


def nothing_up() -> View:
    """Started while no broker is there."""
    world = World(inventory=False)
    world.fail_source(
        "metadata",
        "tcp",
        "connection refused by 127.0.0.1:9092",
        "it connects by itself as soon as a broker comes up",
    )
    world.say(Tick(at=world.at + 3))
    return world.view


def first_second() -> View:
    """Nothing is known yet but what was asked for."""
    return World().view


def bare() -> View:
    """Any Kafka: no control plane, no exporter, no racks."""
    world = World("127.0.0.1:9092", 3, zones=(), inventory=False, exporter=False, client_rack=None)
    return world.run(200).view


def sixty() -> View:
    """Sixty brokers, one of them hung."""
    return _down(World("fleet-events", 60).run(70)).view


def zookeeper() -> View:
    """Three brokers and a ZooKeeper ensemble."""
    return World("legacy", 3, metadata="zookeeper").run(200).view


def wide_names() -> View:
    """Names with wide, combining, control and bidirectional characters."""
    world = World(
        "注文クラスタ\x1b[2J", 3, topics=("注文履歴", "cafe\u0301-orders", "evil\u202eredro", "orders")
    )
    return world.run(200).view


def zone_down() -> View:
    """Both brokers of one zone hang."""
    world = World().run(200)
    world.hang(2).hang(5).run(4, 0.25)
    return world.fence(2).fence(5).run(3, 0.25).view


def _down(world: World) -> World:
    world.state = "HEALING"
    world.hang(2).run(8.0, 0.25)
    world.say(world.inventory_seen())
    return world.fence(2).run(1.5, 0.25)


def _failed_once(world: World) -> World:
    world.hang(2).run(8.0, 0.25).fence(2).run(6, 0.25)
    world.answer(2).run(6, 0.25).catch_up(2).run(68).lead_again(2)
    return world


SCENES: dict[str, Callable[[], View]] = {
    s.__name__: s
    for s in (
        healthy, broker_down, recovering, stale, nothing_up, first_second, bare, sixty, zookeeper, wide_names,
        zone_down,
    )
}  # fmt: skip


@cache
def scene(name: str) -> View:
    """The view of a scene."""
    return SCENES[name]()


@dataclass
class StillFeed:
    """A feed that shows what it is given."""

    view: View = field(default_factory=View)
    mode: Mode = "live"
    replay: Replay | None = None
    recording: str | None = None
    cloudwatch: Switch | None = None
    toggled: int = 0
    actor: Actor | None = None
    topics: TopicActor | None = None
    desk: Desk | None = None

    @property
    def changeable(self) -> bool:
        return self.actor is not None

    def record_toggle(self) -> str:
        self.toggled += 1
        return "recording to /dev/null"


def without_incidents(view: View) -> View:
    """The same cluster before anything was noticed."""
    return View(view.cluster, Incidents())
