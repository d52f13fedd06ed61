"""Tells a session as samples: three brokers in three zones, one topic of six partitions, RF 3."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, Self

from msktop.model.cluster import Cluster
from msktop.model.control_samples import InventorySeen, NodeSeen, OperationSeen, OperationsSeen
from msktop.model.detect import detect
from msktop.model.incidents import Incident, Incidents, Kind
from msktop.model.reduce import reduce
from msktop.model.samples import (
    BrokerSeen,
    MetadataSeen,
    PageScraped,
    PartitionSeen,
    Probed,
    Sample,
    SessionStarted,
    Tick,
    TopicSeen,
)
from msktop.model.stages import Outcome, Stage
from msktop.model.write_samples import WroteSeen

BROKERS = (1, 2, 3)
PARTITIONS = 6


class Story:
    """A clock, a cluster and its incidents; each call is one sample."""

    def __init__(self, brokers: Iterable[int] = BROKERS, zones: int = 3) -> None:
        self.at = 1000.0
        self.zones = zones
        self.brokers = tuple(brokers)
        self.cluster = Cluster()
        self.incidents = Incidents()
        self.epoch = 1
        self.samples: list[Sample] = []
        self.operation_at: float | None = None
        self.leads = {0: 1, 1: 2, 2: 3}
        """Who leads each partition of the probe topic."""
        self.say(SessionStarted(at=self.at, name="demo", bootstrap_servers="127.0.0.1:9092"))

    def say(self, sample: Sample) -> Self:
        self.samples.append(sample)
        old, self.cluster = self.cluster, reduce(self.cluster, sample)
        self.incidents = detect(self.incidents, old, self.cluster)
        return self

    def later(self, seconds: float) -> Self:
        self.at = round(self.at + seconds, 6)
        return self

    def tick(self) -> Self:
        return self.say(Tick(at=self.at))

    # -------------------------------------------------------------- probes

    def answers(self, *brokers: int, ms: float = 1.0) -> Self:
        for broker in brokers or self.brokers:
            self._probe(broker, "ping", "ok", (("api_versions", ms),))
        return self

    def connects(self, broker: int) -> Self:
        return self._probe(broker, "connect", "ok", (("tcp", 0.2), ("api_versions", 1.0), ("metadata", 1.0)))

    def silent(self, broker: int, for_s: float, starved_ms: float = 0.0) -> Self:
        return self._probe(
            broker, "ping", "timeout", (), "api_versions", waited_ms=for_s * 1e3, starved_ms=starved_ms
        )

    def hangs_at(self, broker: int, stage: Stage, for_s: float) -> Self:
        return self._probe(broker, "connect", "timeout", (("tcp", 0.2),), stage, waited_ms=for_s * 1e3)

    def resets(self, broker: int) -> Self:
        return self._probe(broker, "ping", "reset", (), "api_versions")

    def refuses(self, broker: int) -> Self:
        return self._probe(broker, "connect", "refused", (), "tcp")

    def _probe(
        self,
        broker: int,
        how: str,
        outcome: Outcome,
        stages: tuple[tuple[Stage, float], ...],
        failed: Stage | None = None,
        waited_ms: float = 0.0,
        starved_ms: float = 0.0,
    ) -> Self:
        return self.say(
            Probed(
                at=self.at,
                broker_id=broker,
                host=f"127.27.{broker}.{broker}",
                port=9092,
                how="ping" if how == "ping" else "connect",
                outcome=outcome,
                stages=stages,
                failed_stage=failed,
                waited_ms=waited_ms,
                starved_ms=starved_ms,
            )
        )

    def lost_on_the_way(self, broker: int, for_s: float) -> Self:
        """Nothing answers a TCP connect."""
        return self._probe(broker, "connect", "timeout", (), "tcp", waited_ms=for_s * 1e3)

    def no_route(self, broker: int) -> Self:
        return self._probe(broker, "connect", "unreachable", (), "tcp")

    # -------------------------------------------------------------- writes

    def writes(self, *partitions: int, ms: float = 4.0, throttle_ms: int = 0) -> Self:
        """Good writes to these partitions of the probe topic, or to all, on the leaders in `leads`."""
        for partition in partitions or tuple(self.leads):
            self._wrote(partition, "ok", ms, throttle_ms=throttle_ms)
        return self

    def cannot_write(self, *partitions: int, ms: float = 1000.0, error: int = 7) -> Self:
        """Writes that were sent `ms` ago and failed; without an error the connection broke."""
        for partition in partitions:
            self._wrote(partition, "failed", ms, error=error)
        return self

    def write_waits(self, partition: int, ms: float) -> Self:
        """A write without an answer yet."""
        return self._wrote(partition, "waiting", ms)

    def _wrote(
        self,
        partition: int,
        outcome: Literal["ok", "failed", "waiting"],
        ms: float,
        *,
        error: int = 0,
        throttle_ms: int = 0,
    ) -> Self:
        return self.say(
            WroteSeen(
                at=self.at,
                broker_id=self.leads[partition],
                partition=partition,
                outcome=outcome,
                took_ms=ms,
                error=error,
                throttle_ms=throttle_ms,
            )
        )

    # -------------------------------------------------------------- exporter, control plane

    def page(self, broker: int, **values: float) -> Self:
        """An exporter page; `requests` are those that it ever served."""
        if (requests := values.pop("requests", None)) is not None:
            values["requests/FetchFollower"] = requests
        return self.say(PageScraped(at=self.at, broker_id=broker, page="jmx", values=values))

    def supervised(self, state: str = "ACTIVE", **states: str) -> Self:
        """The supervisor's state file; `b2="FAILED"`, `b2="RUNNING@1010"` with the time of its start."""
        nodes = []
        for broker in self.brokers:
            word, _, started = states.get(f"b{broker}", "RUNNING@900").partition("@")
            zone = f"use1-az{(broker - 1) % self.zones + 1}"
            node = NodeSeen(id=broker, role="broker", zone=zone, state=word, started_at=float(started or 900))
            nodes.append(node)
        return self.say(InventorySeen(at=self.at, name="demo", state=state, nodes=tuple(nodes)))

    def operation(
        self, type: str, *, state: str = "UPDATE_IN_PROGRESS", ended_at: float | None = None
    ) -> Self:
        """The control plane's list: one operation, which began when it was first listed."""
        self.operation_at = self.operation_at or self.at
        one = OperationSeen(
            arn="arn:1", type=type, state=state, started_at=self.operation_at, ended_at=ended_at
        )
        return self.say(OperationsSeen(at=self.at, operations=(one,)))

    # -------------------------------------------------------------- metadata

    def metadata(
        self,
        *,
        without: Iterable[int] = (),
        led_by: dict[int, int] | None = None,
        out_of_sync: Iterable[int] = (),
        stale: bool = False,
        via: int = 1,
    ) -> Self:
        """A full answer. `without`: fenced brokers, whose leaders go to the next and who leave the ISR."""
        gone, lagging = set(without), set(without) | set(out_of_sync)
        epoch = self.epoch - 1 if stale else self.epoch
        partitions = []
        for p in range(PARTITIONS):
            replicas = tuple(self.brokers[(p + i) % len(self.brokers)] for i in range(len(self.brokers)))
            alive = [r for r in replicas if r not in gone]
            leader = (led_by or {}).get(p, alive[0] if alive else -1)
            isr = tuple(r for r in replicas if r not in lagging)
            partitions.append(
                PartitionSeen(partition=p, leader=leader, leader_epoch=epoch, replicas=replicas, isr=isr)
            )
        brokers = tuple(
            BrokerSeen(id=b, host=f"127.27.{b}.{b}", port=9092, rack=f"use1-az{(b - 1) % self.zones + 1}")
            for b in self.brokers
            if b not in gone
        )
        return self.say(
            MetadataSeen(
                at=self.at,
                via=via,
                keyframe=True,
                cluster_id="abc",
                controller_id=1,
                brokers=brokers,
                topics=(TopicSeen(name="orders", partition_count=PARTITIONS, partitions=tuple(partitions)),),
            )
        )

    def healthy(self) -> Self:
        return self.answers().metadata().later(0.25).answers().tick()

    # -------------------------------------------------------------- asking

    def word(self, broker: int) -> str:
        return self.cluster.brokers[broker].probe.word

    def messages_per_s(self) -> float | None:
        return self.cluster.topics["orders"].messages_per_s

    def of(self, *kinds: Kind) -> list[Incident]:
        return [i for i in self.incidents.log if i.kind in kinds]

    @property
    def only(self) -> Incident:
        (incident,) = self.incidents.log
        return incident
