"""Traffic that rises and traffic that only waves, told to the fold as pages and end offsets: what is found.

Three brokers, four types of requests, two topics; noise in every scrape, scrapes that come early, late and
sometimes not at all. Two hours each; what rises does so after an hour. `python -m benchmarks.rises` prints
the table, with another number of seeds where one is given; false alarms are counted over all of them.
"""

from __future__ import annotations

import math
import random
import statistics
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from msktop.model.cluster import Cluster
from msktop.model.fold import fold
from msktop.model.incidents import Incident, Incidents, Kind
from msktop.model.samples import (
    BrokerSeen,
    MetadataSeen,
    OffsetsSeen,
    PageScraped,
    PartitionSeen,
    Sample,
    SessionStarted,
    Tick,
    TopicSeen,
)

SEEDS = 10
HOUR_S = 3600.0
STEP_S = 7.5
BROKERS = (1, 2, 3)
APIS = {"Produce": 60.0, "FetchConsumer": 90.0, "FetchFollower": 40.0, "Metadata": 0.4}
TOPICS = {"orders": 0.7, "clicks": 0.3}
"""What part of the records each has, as long as all is usual."""
RISES_AT_S = HOUR_S

Course = Callable[[float], float]
"""How many times as much as on average there is, by seconds since the start."""


@dataclass(frozen=True)
class Scenario:
    """One course of traffic; `rises`: something is to be found."""

    name: str
    course: Course
    rises: bool
    pages: bool = True
    """Without an exporter only end offsets tell."""
    scrape_s: float = 10.0
    hours: float = 2.0


def wave(period_s: float, depth: float = 0.5, phase: float = 0.0) -> Course:
    """A sine around 1."""
    return lambda t: 1 + depth * math.sin(2 * math.pi * t / period_s + phase)


def ramp(to: float, over_s: float) -> Course:
    """From 1 to `to`, and there it stays."""
    return lambda t: 1 + (to - 1) * min(1.0, max(0.0, (t - RISES_AT_S) / over_s))


def both(*courses: Course) -> Course:
    """All of them at once."""
    return lambda t: math.prod(course(t) for course in courses)


def spikes(times: float, for_s: float, every_s: float) -> Course:
    """Short bursts."""
    return lambda t: times if t % every_s < for_s else 1.0


SCENARIOS = (
    Scenario("3× at once", ramp(3, 1), True),
    Scenario("3× at once, a page each 60 s", ramp(3, 1), True, scrape_s=60.0),
    Scenario("3× at once, no exporter", ramp(3, 1), True, pages=False),
    Scenario("3× at once on waves of 5 min", both(wave(300), ramp(3, 1)), True),
    Scenario("2× within 10 min", ramp(2, 600), True),
    Scenario("2× within 30 min", ramp(2, 1800), True),
    Scenario("2× within 30 min, a page each 60 s", ramp(2, 1800), True, scrape_s=60.0),
    Scenario("2× within 30 min, no exporter", ramp(2, 1800), True, pages=False),
    Scenario("2× within 30 min on waves of 5 min", both(wave(300), ramp(2, 1800)), True),
    Scenario("steady", lambda _: 1.0, False),
    *(Scenario(f"waves ±50 % of {m} min", wave(60.0 * m), False) for m in (1, 2, 3, 5, 7, 10)),
    *(
        Scenario(f"waves ±50 % of {m} min, a page each 60 s", wave(60.0 * m), False, scrape_s=60.0)
        for m in (1, 3, 10)
    ),
    *(
        Scenario(f"waves ±50 % of {m} min, no exporter", wave(60.0 * m), False, pages=False)
        for m in (1, 3, 10)
    ),
    Scenario("waves of 3 and 10 min, ±40 % each", both(wave(180, 0.4), wave(600, 0.4)), False),
    Scenario("bursts of 5× for 45 s each 10 min", spikes(5, 45, 600), False),
)


@dataclass
class Played:
    """What one run found."""

    rises_at: float
    incidents: list[Incident] = field(default_factory=list)

    @property
    def false(self) -> int:
        """Incidents before anything rose."""
        return sum(i.detected < self.rises_at for i in self.incidents)

    @property
    def found(self) -> Incident | None:
        """The first incident after something rose."""
        return next((i for i in self.incidents if i.detected >= self.rises_at), None)

    @property
    def after_s(self) -> float | None:
        """Seconds from the rise to its incident."""
        return None if self.found is None else self.found.detected - self.rises_at


class Play:
    """One scenario with one seed, folded sample by sample."""

    def __init__(self, scenario: Scenario, seed: int) -> None:
        self._scenario = scenario
        self._random = random.Random(seed)
        self._shift_s = self._random.uniform(0, 600)
        self._rises_at = RISES_AT_S - self._shift_s
        self._counts: dict[tuple[int, str], float] = {}
        self._counted_at = dict.fromkeys(BROKERS, 0.0)
        self._scrape_at = {b: self._random.uniform(0, scenario.scrape_s) for b in BROKERS}
        self._ends: dict[tuple[int, str], float] = {}
        self._ended_at = dict.fromkeys(BROKERS, 0.0)
        self.cluster, self.incidents = Cluster(), Incidents()

    def run(self) -> Played:
        """All of it."""
        self._say(SessionStarted(at=0.0, name="play", bootstrap_servers="h:9092"))
        self._say(_metadata())
        for n in range(1, round(self._scenario.hours * HOUR_S / STEP_S)):
            self._step(n * STEP_S)
        return Played(self._rises_at, [i for i in self.incidents.log if i.kind is Kind.REQUEST_RATE_RISE])

    def _step(self, at: float) -> None:
        for broker in BROKERS:
            if at >= self._scrape_at[broker] and self._scenario.pages:
                self._scrape_at[broker] += self._scenario.scrape_s * self._random.uniform(0.8, 1.3)
                if self._random.random() > 0.02:  # else one that did not come
                    self._page(at + self._random.uniform(0, 2), broker)
            self._offsets(at + self._random.uniform(0, 0.5), broker)
        self._say(Tick(at=at + STEP_S / 2))

    def _mean(self, begin: float, end: float) -> float:
        middle, course = (begin + end) / 2 + self._shift_s, self._scenario.course
        return statistics.fmean(course(middle + (k - 2) * (end - begin) / 5) for k in range(5))

    def _noisy(self, mean: float) -> float:
        return max(0.0, self._random.gauss(mean, 0.08 * mean + math.sqrt(mean)))

    def _page(self, at: float, broker: int) -> None:
        span = at - self._counted_at[broker]
        much = self._mean(self._counted_at[broker], at)
        self._counted_at[broker] = at
        values: dict[str, float] = {}
        for api, per_s in APIS.items():
            key = (broker, api)
            calm = api == "Metadata"
            self._counts[key] = self._counts.get(key, 1000.0) + self._noisy(
                per_s * span * (1 if calm else much)
            )
            values[f"requests/{api}"] = self._counts[key]
        values["clients/kafka-python 3.0.12/PLAINTEXT"] = 9.0 + 6.0 * (self._rises and much > 1.5)
        self._say(PageScraped(at=at, broker_id=broker, page="jmx", values=values))

    @property
    def _rises(self) -> bool:
        return self._scenario.rises and self.cluster.at > self._rises_at

    def _offsets(self, at: float, broker: int) -> None:
        begin, self._ended_at[broker] = self._ended_at[broker], at
        ends = {}
        much = self._mean(begin, at)
        for topic, share in TOPICS.items():
            more = (much - 1) * (topic == "orders") if self._scenario.rises else (much - 1) * share
            key = (broker, topic)
            records = self._noisy(400.0 * (at - begin) * max(0.05, share + more))
            self._ends[key] = self._ends.get(key, 1e6) + records
            ends[topic] = {broker - 1: int(self._ends[key])}
        self._say(OffsetsSeen(at=at, leader_id=broker, ends=ends))

    def _say(self, sample: Sample) -> None:
        self.cluster, self.incidents = fold(self.cluster, self.incidents, sample)


def _metadata() -> MetadataSeen:
    partitions = tuple(
        PartitionSeen(partition=b - 1, leader=b, leader_epoch=1, replicas=BROKERS, isr=BROKERS)
        for b in BROKERS
    )
    return MetadataSeen(
        at=0.0,
        via=1,
        keyframe=True,
        cluster_id="play",
        controller_id=1,
        brokers=tuple(BrokerSeen(id=b, host="h", port=9092) for b in BROKERS),
        topics=tuple(TopicSeen(name=t, partition_count=3, partitions=partitions) for t in TOPICS),
    )


def play(scenario: Scenario, seeds: Iterable[int]) -> list[Played]:
    """The scenario once a seed."""
    return [Play(scenario, seed).run() for seed in seeds]


def main() -> list[dict[str, Any]]:
    """One row a scenario, and how many false alarms there were in all."""
    return table(SEEDS)


def table(seeds: int) -> list[dict[str, Any]]:
    """The same with so many seeds."""
    rows, false, hours = [], 0, 0.0
    for scenario in SCENARIOS:
        played = play(scenario, range(seeds))
        early = sum(p.false for p in played)
        if scenario.rises:
            false, hours = false + early, hours + seeds * RISES_AT_S / HOUR_S
            rows.append(_found(scenario, played))
        else:
            every = sum(len(p.incidents) for p in played)
            false, hours = false + every, hours + seeds * scenario.hours
            rows.append(_row(scenario.name, every, "false alarms", "0", every == 0, f"{seeds} seeds"))
    rows.append(_row("all", false, "false alarms", "0", false == 0, f"in {hours:g} hours of traffic"))
    return rows


def _found(scenario: Scenario, played: list[Played]) -> dict[str, Any]:
    after = [s for p in played if (s := p.after_s) is not None]
    missed = len(played) - len(after)
    median = statistics.median(after) if after else None
    early = sum(p.false for p in played)
    again = sum(len(p.incidents) for p in played) - early - len(after)
    told = played[0].found.detail if played[0].found is not None else ""
    worst = f", {min(after):.0f} to {max(after):.0f}" if after else ""
    detail = f"{missed} missed, {again} told again, {early} false before{worst}; {told}"
    return _row(scenario.name, median, "s until told", "all", not (missed or early or again), detail)


def _row(claim: str, value: float | None, unit: str, goal: str, ok: bool, detail: str) -> dict[str, Any]:
    return {"claim": claim, "value": value, "unit": unit, "goal": goal, "ok": ok, "detail": detail}


if __name__ == "__main__":
    for row in table(int(sys.argv[1]) if len(sys.argv) > 1 else SEEDS):
        mark = "" if row["ok"] else "  MISSED"
        value = "—" if row["value"] is None else f"{row['value']:.0f}"
        print(f"{row['claim']:44} {value:>6} {row['unit']:13} {row['detail']}{mark}")
