"""The nodes of one cluster, and what makes them more, fewer or different while it runs."""

from __future__ import annotations

import asyncio
import shutil
import socket
import time
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, replace
from typing import Any

from msktop.errors import LocalError, UsageError
from msktop.local import config, jars, membership, node_exporter, processes, settings
from msktop.local.clients import Access
from msktop.local.keeper import Keeper, Order, Surroundings
from msktop.local.launch import Launcher
from msktop.local.member import Member, Software
from msktop.local.plan import MAX_BROKER_ID, NodePlan
from msktop.local.probing import Prober
from msktop.local.reserve import reserve_more

_AGAIN_S = 1.0
_KILLED_S = 5.0
_SHOWN_PARTITIONS = 3

StartTask = Callable[[Coroutine[Any, Any, None]], "asyncio.Task[None]"]


@dataclass(slots=True)
class _Place:
    """What runs for one node beside its process."""

    keeper: Keeper
    tasks: list[asyncio.Task[None]]
    page: asyncio.Server | None


class Fleet:
    """Keeps every node of the launcher's plan. Commands raise MsktopError; they return once it has begun."""

    def __init__(self, launcher: Launcher, around: Surroundings, start_task: StartTask) -> None:
        self.launcher = launcher
        self._around = around
        self._start_task = start_task
        self._places: dict[int, _Place] = {}
        asked = launcher.settings
        self._software = Software(asked.kafka_version, asked.heap_mb, asked.instance_type)
        self._volume_bytes = asked.volume_bytes
        for node in launcher.plan.nodes:
            self._make_place(node)

    @property
    def keepers(self) -> Mapping[int, Keeper]:
        """The keeper of each node, by the node's id."""
        return {node_id: place.keeper for node_id, place in self._places.items()}

    @property
    def members(self) -> tuple[Member, ...]:
        """Brokers first, each kind by id."""
        plan = self.launcher.plan
        return tuple(self._places[n.id].keeper.member for n in (*plan.brokers, *plan.metadata_nodes))

    @property
    def kafka_version(self) -> str:
        """The lowest version that a broker runs."""
        running = {m.software.kafka_version for m in self.members if m.plan.role == "broker"}
        return min(running, key=lambda version: tuple(map(int, version.split("."))))

    def keeper(self, node_id: int) -> Keeper:
        """The keeper of this node; raises LocalError when there is none."""
        place = self._places.get(node_id)
        if place is None:
            raise LocalError(
                f"there is no node {node_id}", f"Its nodes are {', '.join(map(str, self._places))}."
            )
        return place.keeper

    @property
    def servers(self) -> dict[settings.Listener, str]:
        """The bootstrap servers of each listener that every broker has by now."""
        brokers = [m for m in self.members if m.plan.role == "broker"]
        everywhere = set(settings.LISTENERS).intersection(*(m.plan.client_ports for m in brokers))
        return {name: value for name, value in self.launcher.plan.servers.items() if name in everywhere}

    async def start(self, nodes: tuple[NodePlan, ...], pages: list[socket.socket]) -> None:
        """Start nodes that have a place, and serve the brokers' node-exporter pages on `pages`."""
        listening = iter(pages)
        for node in nodes:
            place = self._places[node.id]
            member, patience = place.keeper.member, place.keeper.patience
            if node.role == "broker":
                machine = node_exporter.Machine(member.folder / "data", member.volume, member.usage)
                place.page = await node_exporter.serve(next(listening), machine)
            prober = Prober(member, self._around.awake, patience)
            place.tasks = [self._start_task(place.keeper.run()), self._start_task(prober.run())]

    async def add_brokers(self, count: int) -> tuple[int, ...]:
        """Start `count` more brokers; returns their ids. They are usable once RUNNING."""
        launcher = self.launcher
        present = len(launcher.plan.brokers)
        grown = launcher.plan.grown(count) if count > 0 else launcher.plan
        new = grown.brokers[present:]
        if not new or len(grown.brokers) > settings.MAX_BROKERS or new[-1].id > MAX_BROKER_ID:
            raise UsageError(
                f"{count} brokers cannot be added to {present}",
                f"There may be at most {settings.MAX_BROKERS}.",
            )
        pages = reserve_more(new)
        launcher.plan = grown
        launcher.prepare(new)
        first = self._places[grown.brokers[0].id].keeper.member
        self._software = first.software
        for node in new:
            self._make_place(node)
        await self.start(new, pages)
        self._around.changed()
        return tuple(node.id for node in new)

    async def remove_broker(self, broker_id: int) -> None:
        """Take a broker out for good, with its data. Raises LocalError while it has partitions."""
        keeper = self.keeper(broker_id)
        if keeper.member.plan.role != "broker":
            raise LocalError(f"{keeper.member.plan.role} {broker_id} cannot be removed", "Only brokers can.")
        if len(self.launcher.plan.brokers) == 1:
            raise LocalError(f"broker {broker_id} is the last one", "`msktop local stop` ends the cluster.")
        left = await membership.partitions_on(self.launcher.plan.brokers, broker_id)
        if left:
            shown = ", ".join(left[:_SHOWN_PARTITIONS]) + (" …" if len(left) > _SHOWN_PARTITIONS else "")
            raise LocalError(
                f"broker {broker_id} still has {len(left)} partitions: {shown}",
                "Reassign them to other brokers first, internal topics too.",
            )
        keeper.order(Order("REMOVING", lambda: self._leave(keeper.member)))

    def reboot(self, node_id: int, kafka_version: str, heap_mb: int, instance_type: str) -> None:
        """Stop a node in good order and start it again, with what is given changed. Raises LocalError."""
        keeper = self.keeper(node_id)
        before = keeper.member.software
        after = Software(
            kafka_version or before.kafka_version,
            heap_mb or before.heap_mb,
            instance_type or before.instance_type,
        )
        changed = replace(self.launcher.settings, kafka_version=after.kafka_version, heap_mb=after.heap_mb)
        settings.checked(changed)
        if after.kafka_version not in self.launcher.releases:
            self.launcher.provide(after.kafka_version, jars.kept(after.kafka_version))

        async def change() -> bool:
            keeper.member.software = after
            return True

        keeper.order(Order("REBOOTING", change))

    def configure(self, properties: Mapping[str, str]) -> None:
        """Give every broker these Kafka settings, and those of no earlier call, from its next start on."""
        checked = config.checked_properties(properties)
        self.launcher.settings = replace(self.launcher.settings, properties=checked)
        self.launcher.configure()
        self._around.changed()

    async def listen(self, names: tuple[settings.Listener, ...], access: Access) -> None:
        """Give every broker these listeners, and plaintext, from its next start on. Raises LocalError."""
        launcher = self.launcher
        changed = settings.checked(replace(launcher.settings, listeners=names))
        access.check(changed.listeners)
        await access.admit(changed.listeners, launcher.plan.brokers)
        launcher.settings, launcher.plan = changed, launcher.plan.listening(changed.listeners)
        launcher.configure()
        self._around.changed()

    def resize(self, volume_bytes: int, node_id: int) -> None:
        """Change the pretended volume of one broker, or of all and of later ones (0)."""
        if volume_bytes <= 0:
            raise UsageError(f"a volume of {volume_bytes} bytes cannot be", "Choose a size above zero.")
        if node_id:
            members: tuple[Member, ...] = (self.keeper(node_id).member,)
        else:
            members, self._volume_bytes = self.members, volume_bytes
        for member in members:
            if member.plan.role == "broker":
                member.volume_bytes = volume_bytes
        self._around.changed()

    def reap(self) -> None:
        """See which processes have ended."""
        for place in self._places.values():
            place.keeper.member.reap()

    def close(self) -> None:
        """Serve no pages any more."""
        for place in self._places.values():
            if place.page is not None:
                place.page.close()

    def end(self) -> None:
        """Kill every node, and wait until they are gone."""
        known = [member.identity for member in self.members]
        for member in self.members:
            member.kill()
        until = time.monotonic() + _KILLED_S
        while any(k and processes.is_alive(k) for k in known) and time.monotonic() < until:
            time.sleep(0.01)

    def _make_place(self, node: NodePlan) -> None:
        member = Member(node, self.launcher.folder(node), self._volume_bytes, self._software)
        self._places[node.id] = _Place(Keeper(member, self._around), [], None)

    def _others(self, broker_id: int) -> list[NodePlan]:
        return [b for b in self.launcher.plan.brokers if b.id != broker_id]

    async def _leave(self, member: Member) -> bool:
        """Forget a broker that has stopped; True when it has to come back, for something was put on it."""
        broker_id = member.plan.id
        while True:
            try:
                left = await membership.partitions_on(self._others(broker_id), broker_id)
                if left:
                    self._around.events.write("KEPT", node=broker_id, partitions=len(left))
                    return True
                if self.launcher.settings.metadata == "kraft":
                    await membership.unregister(self._others(broker_id), broker_id)
                break
            except LocalError:  # none of the others runs at the moment
                await asyncio.sleep(_AGAIN_S)
        self._forget(member)
        return False

    def _forget(self, member: Member) -> None:
        place = self._places.pop(member.plan.id)
        place.tasks[1].cancel()
        if place.page is not None:
            place.page.close()
        self.launcher.plan = self.launcher.plan.without(member.plan.id)
        shutil.rmtree(member.folder, ignore_errors=True)
        self._around.events.write("REMOVED", node=member.plan.id)
        self._around.changed()
