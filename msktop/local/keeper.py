"""One node's life: start it, watch it, replace it with the same id, address and storage."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from msktop.errors import LocalError
from msktop.local import health
from msktop.local.events import EventsLog
from msktop.local.member import AwakeClock, Hold, Member
from msktop.local.plan import NodePlan
from msktop.local.settings import How, Settings

Failure = Literal["dead", "hung"]

SIGNALS: dict[How, int] = {"kill": signal.SIGKILL, "hang": signal.SIGSTOP, "stop": signal.SIGTERM}

_LOOK_S = 0.25
_EARLY_S = 0.1
_CRASH_LOOP_S = 10.0
_LONGEST_BACK_OFF_S = 30.0
_BUSY_SHARE = 0.2
_SESSION_GRACE_S = 5.0


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a node may be silent (s of our own waking time) before it counts as hung.

    `stopped_s` when the kernel says that its process is stopped, `busy_s` when it computes meanwhile (a
    starved host, a long collection of garbage), `starting_s` before its first answer.
    """

    probe_s: float
    stopped_s: float
    silent_s: float
    busy_s: float
    starting_s: float


PATIENT = Patience(probe_s=1.0, stopped_s=4.0, silent_s=8.0, busy_s=30.0, starting_s=120.0)
IMPATIENT = Patience(probe_s=0.5, stopped_s=1.5, silent_s=3.0, busy_s=15.0, starting_s=120.0)


def back_off_s(early_deaths: int) -> float:
    """How long to wait before the next start of a node that dies again and again soon after its start.

    >>> [back_off_s(n) for n in (0, 1, 2, 5, 9)]
    [0.0, 1.0, 2.0, 16.0, 30.0]
    """
    return 0.0 if early_deaths == 0 else min(_LONGEST_BACK_OFF_S, 2.0 ** (early_deaths - 1))


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


class Keeper:
    """Keeps one node running. `run` never returns; before the cluster is created it raises LocalError."""

    def __init__(self, member: Member, around: Surroundings) -> None:
        self.member = member
        self._around = around
        self._patience = IMPATIENT if around.settings.fast_heal else PATIENT
        self._early_deaths = 0
        self._asked_for = False
        self._failed_at: float | None = None

    async def run(self) -> None:
        """Start the node, and whenever it fails, replace it."""
        self._around.spawn(self.member)
        self._around.changed()
        while True:
            failure = await self._watched_until_failure()
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
        if member.identity is None or member.hold is not None:
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

    async def probe(self) -> None:
        """Ask the node again and again, on one open connection where its protocol has one."""
        while True:
            with suppress(*health.NO_ANSWER):
                if self.member.plan.role == "zookeeper":
                    await self._probe_zookeeper()
                else:
                    await self._probe_kafka()
            await asyncio.sleep(_EARLY_S if self.member.ready_at is None else self._patience.probe_s)

    async def _probe_kafka(self) -> None:
        member, plan = self.member, self.member.plan
        process = member.identity
        timeout_s = self._patience.silent_s
        async with health.connection(plan.address, plan.port, timeout_s) as streams:
            while plan.role == "broker":  # a broker serves when it knows itself as registered
                if plan.id in await health.registered_brokers(streams, timeout_s):
                    break
                await asyncio.sleep(_EARLY_S)
            correlation = 0
            while member.identity == process:
                correlation += 1
                await health.api_versions(streams, correlation, timeout_s)
                member.heard(self._around.awake)
                await asyncio.sleep(self._patience.probe_s)

    async def _probe_zookeeper(self) -> None:
        process = self.member.identity
        await health.zookeeper_serves(self.member.plan, self._patience.silent_s)
        if self.member.identity == process:
            self.member.heard(self._around.awake)

    async def _watched_until_failure(self) -> Failure:
        """Watch the process that runs now; on its first answer it is RUNNING."""
        member = self.member
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_S):
                    if member.state == "RUNNING":
                        await member.ended.wait()
                    else:
                        await self._first(member.ended, member.answered)
            if member.ended.is_set():
                return "dead"
            self._end_hold_in_time()
            if member.state != "RUNNING" and member.ready_at is not None and member.answered.is_set():
                self._note_recovery()
            if self._silent_s() > self._patience_now_s():
                return "hung"

    def _silent_s(self) -> float:
        return self._around.awake.now_s - self.member.heard_at_s

    def _patience_now_s(self) -> float:
        """How long this node may be silent, by what its process does."""
        silent_s = self._silent_s()
        if silent_s < self._patience.stopped_s:
            return self._patience.silent_s
        usage = self.member.usage()
        if usage and usage.stopped:
            return self._patience.stopped_s
        if self.member.ready_at is None:
            return self._patience.starting_s
        used_s = usage.user_s + usage.system_s - self.member.cpu_when_heard_s if usage else 0.0
        return self._patience.busy_s if used_s > _BUSY_SHARE * silent_s else self._patience.silent_s

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
        if member.plan.role == "broker" and self._around.zookeepers:
            await self._until_session_ended()

    async def _until_session_ended(self) -> None:
        """ZooKeeper mode: a broker cannot register while its former session lives on."""
        latest_s = self._around.awake.now_s + self._around.session_s + _SESSION_GRACE_S
        servers, broker = self._around.zookeepers, self.member.plan.id
        while self._around.awake.now_s < latest_s:
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
            self._log("DETECTED", how="hung", silent_s=round(self._silent_s(), 2))
        self._enter("STOPPED" if stopped else "FAILED")

    def _note_recovery(self) -> None:
        if self._failed_at is not None:
            self._log("RECOVERED", after_s=round(time.monotonic() - self._failed_at, 2))
            self._failed_at = None
        self._enter("RUNNING")

    def _enter(self, state: Literal["RUNNING", "FAILED", "HEALING", "STOPPED"]) -> None:
        self.member.state = state
        self._around.changed()

    def _log(
        self,
        event: Literal["INJECTED", "DETECTED", "REPLACED", "RESUMED", "RECOVERED"],
        **details: object,
    ) -> None:
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
