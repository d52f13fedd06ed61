"""Waiting for a cluster to be as an operation needs it, with a deadline: nodes that run, replicas in sync."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable

from msktop.errors import LocalError
from msktop.local import paths, state
from msktop.local.asking import ask_any
from msktop.local.plan import NodePlan
from msktop.local.state import Node, State
from msktop.wire import metadata
from msktop.wire.call import Call

DEADLINE_S = 300.0
"""For one broker to come back and catch up; MSK itself speaks of 5 to 15 minutes."""

_LOOK_S = 0.1


def read(local_name: str) -> State:
    """What the supervisor says now. Raises LocalError where there is none."""
    found = state.read(paths.folders(local_name).state_file)
    if found is None:
        raise LocalError(f"the supervisor of {local_name!r} has ended")
    return found


def until(
    local_name: str, reached: Callable[[State], bool], what: str, deadline_s: float = DEADLINE_S
) -> State:
    """Wait for a state; raises LocalError when `what` does not happen in time."""
    end = time.monotonic() + deadline_s
    while True:
        found = read(local_name)
        if reached(found):
            return found
        if time.monotonic() > end:
            raise LocalError(f"{what}: not within {deadline_s:g} s")
        time.sleep(_LOOK_S)


def running(local_name: str, what: str) -> State:
    """Wait until every node runs."""
    return until(local_name, lambda found: all(n.state == "RUNNING" for n in found.nodes), what)


def in_sync(local_name: str, restarted: int = 0) -> None:
    """Wait until every broker is registered, and every partition has its leader and all its replicas in sync.

    `restarted` is asked last, for what it knows may be old.
    """
    missing = "no broker has been asked"
    end = time.monotonic() + DEADLINE_S
    while time.monotonic() < end:
        found = read(local_name)
        try:
            answer = ask(sorted(found.brokers, key=lambda node: node.id == restarted))
        except LocalError as e:
            missing = e.title
        else:
            missing = _missing(answer, {node.id for node in found.brokers})
        if not missing:
            return
        time.sleep(_LOOK_S)
    raise LocalError(f"not in sync within {DEADLINE_S:g} s: {missing}")


def ask(brokers: Iterable[Node]) -> metadata.Answer:
    """Metadata of all topics from the first of these that answers. Raises LocalError."""
    call = Call("metadata", metadata.API_KEY, metadata.VERSION, metadata.request(None), flexible=True)
    plans = [NodePlan(node.id, node.role, node.zone, node.address) for node in brokers]
    return metadata.split(asyncio.run(ask_any(plans, call)), {})


def topics(answer: metadata.Answer) -> list[metadata.TopicEntry]:
    """Every topic, by name."""
    found = (metadata.topic(piece) for piece in answer.topics.values())
    return sorted(found, key=lambda topic: topic.name)


def replicas_on(answer: metadata.Answer, brokers: set[int]) -> list[str]:
    """The partitions that have a replica on one of these brokers, as TOPIC-PARTITION."""
    return [
        f"{topic.name}-{p.partition}"
        for topic in topics(answer)
        for p in topic.partitions.values()
        if brokers & set(p.replicas)
    ]


def _missing(answer: metadata.Answer, wanted: set[int]) -> str:
    """What is not as it should be; empty where all is."""
    away = wanted - {node.id for node in answer.brokers}
    if away:
        return f"broker {min(away)} is not registered"
    for topic in topics(answer):
        for p in topic.partitions.values():
            if p.leader < 0 or len(p.isr) < len(p.replicas):
                return f"{topic.name}-{p.partition} has {len(p.isr)} of {len(p.replicas)} replicas in sync"
    return ""
