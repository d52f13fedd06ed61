"""Ten failures, each with what must be said of it. A scene breaks something, mends it, and waits."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from functools import partial

from benchmarks.playing.judge import Expected, Played
from benchmarks.playing.stage import BACK_S, PROXIED, Stage, until
from msktop.local import control
from msktop.local.settings import How
from msktop.local.state import Node
from msktop.model.incidents import Kind

AFTERWARDS_S = 4.0
"""For the monitor to see the last turn."""
_SLOW_S, _SLOW_LATER_S = 25.0, 0.12
FIRST_CONTROLLER = 10_000
"""MSK numbers controllers from 10001."""
_DOWN = frozenset({Kind.BROKER_UNREACHABLE})
_HUNG = frozenset({Kind.BROKER_HUNG})
_PARTED = frozenset({Kind.BROKER_PARTITIONED})


def killed(stage: Stage) -> Played:
    """SIGKILL."""
    return _falls(stage, "SIGKILL", 1, "kill", Expected("b-1", _DOWN))


def hung(stage: Stage) -> Played:
    """SIGSTOP: it accepts connections and answers nothing."""
    return _falls(stage, "SIGSTOP", 3, "hang", Expected("b-3", _HUNG))


def stopped(stage: Stage) -> Played:
    """A controlled shutdown."""
    return _falls(stage, "graceful stop", 1, "stop", Expected("b-1", _DOWN, planned=True))


def _falls(stage: Stage, name: str, broker: int, how: How, want: Expected) -> Played:
    began = time.time()
    control.fail(stage.name, broker, how)
    return _until_mended(stage, name, began, broker, (want,))


def _until_mended(
    stage: Stage, name: str, began: float, broker: int, wanted: tuple[Expected, ...], held: bool = True
) -> Played:
    """Let its leaders move, bring it back, let them come back; with what the observer saw of each turn."""
    truth = stage.truth
    until(lambda: truth.first(lambda t: not t.led[broker], began), BACK_S)
    if held:
        time.sleep(2.0)
        control.resume(stage.name, broker)
    until(lambda: truth.answers_since(broker, began), BACK_S)
    back = truth.answers_since(broker, began) or began
    until(lambda: truth.first(lambda t: not t.out_of_sync[broker], back), BACK_S)
    stage.healthy()
    time.sleep(AFTERWARDS_S)
    in_sync = truth.first(lambda t: not t.out_of_sync[broker], back)
    turns = {
        "began": truth.ceased_since(broker, began),
        "leaders_moved": truth.first(lambda t: not t.led[broker], began),
        "answers": truth.answers_since(broker, began),
        "isr_full": in_sync,
    }
    known = {mark: at for mark, at in turns.items() if at is not None}
    fell = known.get("began") if any(want.planned for want in wanted) else None
    return Played(name, began, time.time(), wanted, truth=known, of=f"b-{broker}", fell=fell)


def two_in_a_row(stage: Stage) -> Played:
    """One broker, and another while the first is away."""
    began = time.time()
    control.fail(stage.name, 1, "kill")
    time.sleep(3.0)
    control.fail(stage.name, 3, "kill")
    time.sleep(3.0)
    control.resume(stage.name, 1)
    control.resume(stage.name, 3)
    stage.healthy()
    time.sleep(AFTERWARDS_S)
    return Played(
        "two brokers in a row", began, time.time(), (Expected("b-1", _DOWN), Expected("b-3", _DOWN))
    )


def zone(stage: Stage) -> Played:
    """A broker and the metadata node beside it."""
    place = stage.node(3).zone
    inside = [n for n in control.require(stage.name).nodes if n.zone == place]
    other = next(n for n in inside if n.role != "broker")
    began = time.time()
    for node in inside:
        control.fail(stage.name, node.id, "kill")
    time.sleep(12.0)
    for node in inside:
        control.resume(stage.name, node.id)
    stage.healthy()
    time.sleep(AFTERWARDS_S)
    wanted = (Expected(place, frozenset({Kind.ZONE_DOWN})), Expected("b-3", _DOWN), _lost(other))
    return Played("whole zone", began, time.time(), wanted)


def metadata_leader(stage: Stage) -> Played:
    """The leader of the quorum or ensemble; no broker is to blame."""
    other = stage.metadata_leader()
    began = time.time()
    control.fail(stage.name, other.id, "kill")
    time.sleep(12.0)
    control.resume(stage.name, other.id)
    stage.healthy()
    time.sleep(AFTERWARDS_S)
    return Played("quorum leader killed", began, time.time(), (_lost(other),))


def _lost(node: Node) -> Expected:
    prefix = "c" if node.role == "controller" else "zk"
    return Expected(f"{prefix}-{node.id % FIRST_CONTROLLER}", frozenset({Kind.METADATA_NODE_LOST}))


def cut_off(stage: Stage) -> Played:
    """Packets to one broker are dropped on our way; for its peers it lives."""
    began = time.time()
    stage.kafka.cut()
    time.sleep(40.0)
    stage.kafka.mend()
    time.sleep(8.0)
    return Played("packets dropped", began, time.time(), (Expected(f"b-{PROXIED}", _PARTED),))


def slow(stage: Stage) -> Played:
    """Every answer of one broker is late."""
    began = time.time()
    stage.kafka.later_s = _SLOW_LATER_S
    time.sleep(_SLOW_S)
    stage.kafka.later_s = 0.0
    time.sleep(15.0)
    want = Expected(f"b-{PROXIED}", frozenset({Kind.LATENCY_HIGH}))
    return Played("slow broker", began, time.time(), (want,))


def disk_full(stage: Stage) -> Played:
    """No file of one broker may grow any more: Kafka gives up its only log dir, and ends."""
    pid = stage.node(1).pid
    assert pid is not None
    began = time.time()
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (1, 1))
    until(lambda: stage.node(1).pid != pid, BACK_S)
    return _until_mended(stage, "log dir full", began, 1, (Expected("b-1", _DOWN),), held=False)


def _reboots(stage: Stage, broker: int) -> bool:
    return stage.node(broker).state == "REBOOTING"


def rolling_restart(stage: Stage) -> Played:
    """Each broker is rebooted in turn, as by the API."""
    began = time.time()
    for broker in (1, 2, 3):
        control.reboot(stage.name, broker)
        until(partial(_reboots, stage, broker), 20)
        stage.healthy()
    time.sleep(AFTERWARDS_S)
    wanted = tuple(Expected(f"b-{broker}", _DOWN, planned=True) for broker in (1, 2, 3))
    return Played("rolling restart", began, time.time(), wanted)


FAILURES: tuple[Callable[[Stage], Played], ...] = (
    killed,
    hung,
    stopped,
    slow,
    two_in_a_row,
    cut_off,
    metadata_leader,
    zone,
    disk_full,
    rolling_restart,
)
