"""Asks one node again and again whether it is there."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from msktop.local import health
from msktop.local.member import AwakeClock, Member
from msktop.local.patience import Patience

_EARLY_S = 0.1


class Prober:
    """Tells `member` of every answer, on one open connection where the node's protocol has one."""

    def __init__(self, member: Member, awake: AwakeClock, patience: Patience) -> None:
        self._member = member
        self._awake = awake
        self._patience = patience

    async def run(self) -> None:
        """Ask until cancelled."""
        while True:
            with suppress(*health.NO_ANSWER):
                if self._member.plan.role == "zookeeper":
                    await self._ask_zookeeper()
                else:
                    await self._ask_kafka()
            await asyncio.sleep(_EARLY_S if self._member.ready_at is None else self._patience.probe_s)

    async def _ask_kafka(self) -> None:
        member, plan = self._member, self._member.plan
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
                member.heard(self._awake)
                await asyncio.sleep(self._patience.probe_s)

    async def _ask_zookeeper(self) -> None:
        process = self._member.identity
        await health.zookeeper_serves(self._member.plan, self._patience.silent_s)
        if self._member.identity == process:
            self._member.heard(self._awake)
