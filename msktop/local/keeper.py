"""One node's life: start it, watch it, replace it with the same id, address and storage."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from msktop.errors import LocalError
from msktop.local import health
from msktop.local.events import Event, EventsLog
from msktop.local.member import AwakeClock, Hold, Member
from msktop.local.patience import IMPATIENT, PATIENT, back_off_s
from msktop.local.plan import NodePlan
from msktop.local.settings import How, Settings
from msktop.local.state import NodeState

Failure = Literal["dead", "hung"]

SIGNALS: dict[How, int] = {"kill": signal.SIGKILL, "hang": signal.SIGSTOP, "stop": signal.SIGTERM}

_LOOK_S = 0.25
_CRASH_LOOP_S = 10.0
_SESSION_GRACE_S = 5.0
_SHUTDOWN_S = 45.0
"""How long a node may take to stop in good order: a broker hands over its leaders, and tries three times."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a keeper needs of the rest: `spawn` starts a member's process, `changed` publishes the state."""

    settings: Settings
    zookeepers: tuple[NodePlan, ...]
    session_s: float
    awake: AwakeClock
    events: EventsLog
    spawn: Callable[[Member], None]
    changed: Callable[[], None]
    created: asyncio.Event


@dataclass(frozen=True, slots=True)
class Order:
    """A stop in good order that a person asked for.

    `then` runs once the process has ended, and says whether the node is to be started again.
    """

    state: Literal["REBOOTING", "REMOVING"]
    then: Callable[[], Awaitable[bool]]


class Keeper:
    """Keeps one node running.

    `run` returns when the node was removed; before the cluster is created it raises LocalError.
    """

    def __init__(self, member: Member, around: Surroundings) -> None:
        self.member = member
        self.patience = IMPATIENT if around.settings.fast_heal else PATIENT
        self._around = around
        self._early_deaths = 0
        self._asked_for = False
        self._failed_at: float | None = None
        self._order: Order | None = None
        self._ordered = asyncio.Event()

    async def run(self) -> None:
        """Start the node, and whenever it fails, replace it."""
        self._around.spawn(self.member)
        self._around.changed()
        while True:
            failure = await self._watched()
            if failure is None:
                if not await self._carry_out():
                    return
                continue
            if not self._around.created.is_set():
                raise self._cannot_start()
            self._note_failure(failure)
            if not await self._may_replace(failure):
                continue
            await self._clear_the_place(failure)
            self._around.spawn(self.member)
            self._enter("HEALING")
            self._log("REPLACED", pid=self.member.identity and self.member.identity.pid)

    def fail(self, how: How, for_s: float | None) -> None:
        """Make the node fail as asked, and let healing wait `for_s` seconds, or until resumed."""
        member = self.member
        if member.identity is None or member.hold is not None or self._order is not None:
            raise LocalError(
                f"{member.plan.role} {member.plan.id} is {member.state} and cannot be made to fail",
                "See `msktop local status`; `msktop local resume` ends an earlier failure.",
            )
        member.released.clear()
        if for_s != 0:
            member.hold = Hold(how, None if for_s is None else time.time() + for_s)
        self._asked_for = True
        self._log("INJECTED", how=how, for_s=for_s)
        member.signal(SIGNALS[how])
        self._around.changed()

    def resume(self) -> None:
        """Let healing go on; a node that was hung wakes up instead of being replaced."""
        member = self.member
        usage = member.usage()
        waits = member.state in ("FAILED", "STOPPED") and not self._around.settings.heal
        if member.hold is None and not waits and not (usage and usage.stopped):
            raise LocalError(
                f"nothing holds {member.plan.role} {member.plan.id} back: it is {member.state}",
                "Only a node that was made to fail, or that failed under --no-heal, can be resumed.",
            )
        member.hold = None
        if usage and usage.stopped:
            member.signal(signal.SIGCONT)
        if member.state == "RUNNING":  # its failure has not been noticed, and now need not be
            member.heard_at_s = self._around.awake.now_s
        else:
            member.released.set()
        self._log("RESUMED")
        self._around.changed()

    def order(self, order: Order) -> None:
        """Stop the node in good order, and do what the order says. Raises LocalError unless it runs."""
        member = self.member
        if member.state != "RUNNING" or member.hold is not None or not self._around.created.is_set():
            held = " and held" if member.hold is not None else ""
            raise LocalError(
                f"{member.plan.role} {member.plan.id} is {member.state}{held}, not RUNNING",
                "Wait until it runs; `msktop local resume` ends a failure that was asked for.",
            )
        self._order = order
        self._ordered.set()
        self._enter(order.state)

    async def _carry_out(self) -> bool:
        """Stop the process in good order and do what was ordered; False when the node is gone for good."""
        order, member = self._order, self.member
        assert order is not None
        self._ordered.clear()
        began = time.monotonic()
        self._log(order.state)
        await self._end_in_order()
        self._log("ENDED", after_s=round(time.monotonic() - began, 2), exit_code=member.exit_code)
        if not await order.then():
            return False
        self._early_deaths = 0
        await self._until_place_free()
        self._order = None
        self._around.spawn(member)
        self._enter("REBOOTING")
        return True

    async def _end_in_order(self) -> None:
        """Let the process end by itself; kill it when it takes too long, or is stopped and cannot hear."""
        member = self.member
        member.signal(signal.SIGTERM)
        with suppress(TimeoutError):
            async with asyncio.timeout(_SHUTDOWN_S):
                while not ((usage := member.usage()) and usage.stopped):
                    with suppress(TimeoutError):
                        async with asyncio.timeout(_LOOK_S):
                            await member.ended.wait()
                            return
        member.kill()
        await member.ended.wait()

    async def _watched(self) -> Failure | None:
        """Watch the process that runs now: how it failed, or None when it is to be stopped.

        On its first answer it is RUNNING.
        """
        member = self.member
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_S):
                    if member.state == "RUNNING":
                        await self._first(member.ended, self._ordered)
                    else:
                        await self._first(member.ended, self._ordered, member.answered)
            if self._ordered.is_set():
                return None
            if member.ended.is_set():
                return "dead"
            self._end_hold_in_time()
            if member.state != "RUNNING" and member.ready_at is not None and member.answered.is_set():
                self._note_recovery()
            if self.patience.is_over(member, self._around.awake):
                return "hung"

    def _end_hold_in_time(self) -> None:
        hold = self.member.hold
        if hold is not None and hold.until is not None and time.time() >= hold.until:
            self.resume()

    async def _may_replace(self, failure: Failure) -> bool:
        """Wait until healing may go on. False when the node came back by itself meanwhile."""
        member = self.member
        member.answered.clear()
        while member.hold is not None or not (self._around.settings.heal or member.released.is_set()):
            if failure == "hung" and not member.ended.is_set() and member.answered.is_set():
                return False
            with suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_S):
                    await self._first(member.released, member.answered)
            self._end_hold_in_time()
        woken = failure == "hung" and member.released.is_set() and not member.ended.is_set()
        member.released.clear()
        if woken:  # give it time to answer before it counts as hung again
            member.heard_at_s = self._around.awake.now_s
        return not woken

    async def _clear_the_place(self, failure: Failure) -> None:
        """End what is left of the old process, and wait for as long as a new one would fail."""
        member = self.member
        self._enter("HEALING")
        if failure == "hung":
            member.kill()
            await member.ended.wait()
        await asyncio.sleep(back_off_s(self._early_deaths))
        await self._until_place_free()

    async def _until_place_free(self) -> None:
        """ZooKeeper mode: a broker cannot register while its former session lives on."""
        if self.member.plan.role != "broker":
            return
        latest_s = self._around.awake.now_s + self._around.session_s + _SESSION_GRACE_S
        servers, broker = self._around.zookeepers, self.member.plan.id
        while servers and self._around.awake.now_s < latest_s:
            if not await health.broker_session_lives(servers, broker, timeout_s=1.0):
                return
            await asyncio.sleep(_LOOK_S)

    def _note_failure(self, failure: Failure) -> None:
        member = self.member
        lived_s = time.monotonic() - member.ready_at if member.ready_at else 0.0
        crashed_early = lived_s < _CRASH_LOOP_S and not self._asked_for
        self._early_deaths = self._early_deaths + 1 if crashed_early else 0
        self._asked_for = False
        self._failed_at = self._failed_at or time.monotonic()
        stopped = failure == "dead" and member.hold is not None and member.hold.how == "stop"
        if failure == "dead":
            self._log("DETECTED", how="dead", exit_code=member.exit_code)
        else:
            silent_s = self._around.awake.now_s - member.heard_at_s
            self._log("DETECTED", how="hung", silent_s=round(silent_s, 2))
        self._enter("STOPPED" if stopped else "FAILED")

    def _note_recovery(self) -> None:
        if self._failed_at is not None:
            self._log("RECOVERED", after_s=round(time.monotonic() - self._failed_at, 2))
            self._failed_at = None
        elif self.member.state == "REBOOTING":
            self._log("REBOOTED", kafka_version=self.member.software.kafka_version)
        elif self._around.created.is_set():
            self._log("STARTED")
        self._enter("RUNNING")

    def _enter(self, state: NodeState) -> None:
        self.member.state = state
        self._around.changed()

    def _log(self, event: Event, **details: object) -> None:
        plan = self.member.plan
        self._around.events.write(event, node=plan.id, role=plan.role, zone=plan.zone, **details)

    def _cannot_start(self) -> LocalError:
        plan, code = self.member.plan, self.member.exit_code
        how = f"exit code {code}" if self.member.ended.is_set() else "it never answered"
        return LocalError(
            f"{plan.role} {plan.id} at {plan.address}:{plan.port} did not start ({how})",
            last_words(self.member),
        )

    @staticmethod
    async def _first(*events: asyncio.Event) -> None:
        """Return when any of the events is set."""
        waits = [asyncio.ensure_future(e.wait()) for e in events]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()


def last_words(member: Member, lines: int = 4) -> str:
    """The end of what the node's process said, console first."""
    for path in (member.console, member.folder / "server.log.0"):
        with suppress(OSError):
            text = path.read_text("utf-8", "replace").strip()
            if text:
                return "Its last words: " + " | ".join(text.splitlines()[-lines:])
    return f"It said nothing; its files are in {member.folder}."
