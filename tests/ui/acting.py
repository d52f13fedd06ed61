"""Somebody who could change a cluster, without AWS: says what it is told to, and notes what was sent."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from msktop.actions.facts import Facts
from msktop.actions.guard import Permit, permit
from msktop.actions.offers import Configuration, Offers, Subnet
from msktop.actions.perform import Sent
from msktop.actions.plan import Plan
from msktop.errors import MsktopError

ARN = "arn:aws:kafka:us-east-1:123456789012:cluster/orders-prod/7b1c3c7e-2"
OPERATION = "arn:aws:kafka:us-east-1:123456789012:cluster-operation/orders-prod/7b1c3c7e-2/0f3b"
SLOW = "arn:aws:kafka:us-east-1:123456789012:configuration/slow/c0ffee-1"
FAST = "arn:aws:kafka:us-east-1:123456789012:configuration/fast/c0ffee-2"

FACTS = Facts(
    name="orders-prod",
    arn=ARN,
    region="us-east-1",
    state="ACTIVE",
    type="PROVISIONED",
    current_version="K1",
    broker_count=6,
    zone_count=3,
    kafka_version="3.8.x",
    metadata="kraft",
    instance_type="kafka.m7g.large",
    volume_gib=1000,
    storage_mode="LOCAL",
    monitoring="DEFAULT",
    configuration=f"{SLOW} revision 2",
    broker_ids=(1, 2, 3, 4, 5, 6),
    later_versions=("3.9.x", "4.0.x"),
    subnets=("subnet-0a41c7", "subnet-07be52", "subnet-0d93f8"),
    security_groups=("sg-0a",),
)
OFFERS = Offers(
    kafka_versions=("3.8.x", "3.9.x", "4.0.x"),
    configurations=(Configuration(FAST, "fast", 4), Configuration(SLOW, "slow", 3)),
    subnets=tuple(Subnet(f"subnet-{n}", f"use1-az{n}", "vpc-1", True) for n in (1, 2, 4)),
)


@dataclass
class FakeActor:
    """Goes through the same leave as the real one; `gate`, where there is one, holds every answer back."""

    said: Permit = field(default_factory=lambda: Permit(write=True))
    creating: Permit | None = None
    found: Facts | MsktopError = FACTS
    offered: Offers = OFFERS
    outcome: Sent | Exception = field(default_factory=lambda: Sent(ARN, OPERATION))
    wrong: MsktopError | None = None
    """What happens to questions about what is offered."""
    gate: threading.Event | None = None
    sent: list[Plan] = field(default_factory=list)
    read: int = 0

    def hindrance(self, *, creating: bool) -> str:
        return (self.creating if creating and self.creating else self.said).hindrance

    def facts(self) -> Facts:
        self._wait()
        self.read += 1
        if isinstance(self.found, MsktopError):
            raise self.found
        return self.found

    def offers(self, *, creating: bool) -> Offers:
        self._wait()
        if self.wrong is not None:
            raise self.wrong
        return self.offered

    def send(self, plan: Plan, typed: str, again: Callable[[Facts], Plan] | None = None) -> Sent:
        permit(plan, self.said, lambda _: typed)
        if again is not None:
            assert again(FACTS) == plan
        self.sent.append(plan)
        self._wait()
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome

    def _wait(self) -> None:
        assert threading.current_thread() is not threading.main_thread(), "AWS is never asked by the screen"
        if self.gate is not None:
            assert self.gate.wait(10)
