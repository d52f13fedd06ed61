"""Every service of the local MSK, put together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from msktop.local.api import shapes
from msktop.local.api.service import Service
from msktop.local.plane import names, own
from msktop.local.plane.adopted import state_of
from msktop.local.plane.cloudwatch import CloudWatch
from msktop.local.plane.controls import Controls
from msktop.local.plane.ec2 import Ec2, Interface
from msktop.local.plane.faults import Faults
from msktop.local.plane.kafka import Kafka
from msktop.local.plane.metric_store import MetricStore
from msktop.local.plane.registry import Registry
from msktop.local.plane.sns import Sns
from msktop.local.plane.sts import Sts
from msktop.local.state import State

NAMES = ("kafka", "cloudwatch", "ec2", "sts", "sns")


@dataclass(frozen=True)
class Services:
    """The services, and what else acts on the same records."""

    registry: Registry
    kafka: Kafka
    metrics: MetricStore
    all: tuple[Service, ...]
    guard: Faults
    controls: Controls


def make(registry: Registry, main: State, folder: Path) -> Services:
    """All of them, for the local MSK whose own cluster is in the state `main`, with its files in `folder`."""
    own.register(registry, main)
    kafka, metrics = Kafka(registry, main), MetricStore()
    handlers = {
        "kafka": kafka,
        "cloudwatch": CloudWatch(metrics, names.REGION),
        "ec2": Ec2(own.net_of(main), lambda: interfaces(registry)),
        "sts": Sts(),
        "sns": Sns(folder),
    }
    return Services(
        registry=registry,
        kafka=kafka,
        metrics=metrics,
        all=tuple(Service(name, handlers[name]) for name in NAMES),
        guard=Faults(registry),
        controls=Controls(registry, kafka.updating, actions),
    )


def actions() -> list[str]:
    """Every action of these services, as IAM has it."""
    return [f"{name}:{operation}" for name in NAMES for operation in shapes.load(name).operation_names]


def interfaces(registry: Registry) -> Iterator[Interface]:
    """The network interfaces of all brokers, as ListNodes names them."""
    for cluster in registry.clusters():
        subnet_of = dict(zip(cluster.zone_ids, cluster.subnets, strict=True))
        found = state_of(cluster)
        for node in found.brokers if found else ():
            yield Interface(node.address, subnet_of[node.zone], f"MSK broker {node.id} of {cluster.name}")
