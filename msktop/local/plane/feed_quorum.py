"""What the active KRaft controller would publish, asked of the brokers: our controllers have no exporter."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from msktop.errors import LocalError
from msktop.local.asking import ask_any
from msktop.local.plan import NodePlan
from msktop.local.plane.feed_figures import Figure
from msktop.local.state import State
from msktop.wire import describe, metadata
from msktop.wire.call import Call
from msktop.wire.errors import WireError

_QUORUM = Call(
    "describe_quorum",
    describe.DESCRIBE_QUORUM,
    describe.DESCRIBE_QUORUM_VERSION,
    describe.quorum_request(),
    flexible=True,
)
_METADATA = Call("metadata", metadata.API_KEY, metadata.VERSION, metadata.request(None), flexible=True)


def figures(state: State) -> list[Figure]:
    """The controller's gauges; nothing where no controller is active, or no broker answers."""
    brokers = [NodePlan(n.id, "broker", n.zone, n.address) for n in state.brokers if n.state == "RUNNING"]
    try:
        return asyncio.run(_figures(brokers))
    except (LocalError, WireError):
        return []


async def _figures(brokers: Sequence[NodePlan]) -> list[Figure]:
    quorum = describe.quorum(await ask_any(brokers, _QUORUM))
    if quorum.error or quorum.leader_id < 0:
        return []
    answer = metadata.split(await ask_any(brokers, _METADATA), {})
    topics = [metadata.topic(piece) for piece in answer.topics.values()]
    leaders = [partition.leader for topic in topics for partition in topic.partitions.values()]
    gauges = {
        "ActiveControllerCount": 1,
        "GlobalTopicCount": len(topics),
        "GlobalPartitionCount": len(leaders),
        "OfflinePartitionsCount": sum(leader < 0 for leader in leaders),
    }
    return [Figure(metric, (float(value),)) for metric, value in gauges.items()]
