"""Every rule of alerting as a story: not before its hold time, then once, and over with hysteresis."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from msktop.model.alert_figures import FIGURES, figure
from msktop.model.alert_limits import LIMITS
from msktop.model.alert_rule import Rule
from msktop.model.alert_rules import DEFAULTS
from msktop.model.control_samples import (
    DescriptionSeen,
    InventorySeen,
    MetricSeen,
    MetricsSeen,
    NodeSeen,
)
from msktop.model.incidents import Incident, Kind
from msktop.model.samples import PageScraped, RulesChosen, ScrapeFailed, Tick
from tests.model.story import Story

BY_NAME = {rule.name: rule for rule in DEFAULTS}
GIB = 1 << 30

Say = Callable[[Story, float], object]
"""Tells a story of one figure's value, now."""


def described(story: Story, instance_type: str = "kafka.m5.large") -> Story:
    listed = instance_type.partition(".")[2]  # without its first part, as MSK lists nodes
    nodes = tuple(
        NodeSeen(id=b, role="broker", zone=f"use1-az{b}", instance_type=listed) for b in story.brokers
    )
    seen = DescriptionSeen(arn="arn", instance_type=instance_type, volume_gib=100, authentication=("IAM",))
    return story.say(
        InventorySeen(at=story.at, name="demo", state="ACTIVE", nodes=nodes, description=seen, via="api")
    )


def metric(
    name: str, factor: float = 1.0, broker: int | None = 1, dimensions: dict[str, str] | None = None
) -> Say:
    """A point of CloudWatch that ends now."""

    def say(story: Story, value: float) -> None:
        points = ((story.at - 60.0, value * factor),)
        seen = MetricSeen(
            metric=name,
            stat="Average",
            period_s=60.0,
            broker_id=broker,
            dimensions=dimensions or {},
            points=points,
        )
        story.say(MetricsSeen(at=story.at, series=(seen,)))

    return say


def jmx(story: Story, **values: float) -> Story:
    keyed = {key.replace("__", "/"): value for key, value in values.items()}
    return story.say(PageScraped(at=story.at, broker_id=1, page="jmx", values=keyed))


def page(key: str, factor: float = 1.0) -> Say:
    return lambda story, value: story.say(
        PageScraped(at=story.at, broker_id=1, page="jmx", values={key: value * factor})
    )


def disk(story: Story, percent: float) -> None:
    values = {"disk_size": 100.0 * GIB, "disk_avail": (100.0 - percent) * GIB}
    story.say(PageScraped(at=story.at, broker_id=1, page="node", values=values))


def cpu(story: Story, percent: float, broker: int = 1) -> None:
    """Counters that have grown so since the page before, all of them in one minute."""
    before = story.cluster.brokers[broker].node.values
    values = {
        "cpu_s/user": before.get("cpu_s/user", 0.0) + 0.6 * percent,
        "cpu_s/idle": before.get("cpu_s/idle", 0.0) + 0.6 * (100.0 - percent),
    }
    story.say(PageScraped(at=story.at, broker_id=broker, page="node", values=values))


def bytes_rate(key: str) -> Say:
    """A counter that has grown by `value` of the express limit's percents since a minute ago."""

    def say(story: Story, percent: float) -> None:
        limit = LIMITS["express_in.sustained" if key == "bytes_in" else "express_out.sustained"][0]
        most = limit(story.cluster, story.cluster.brokers[1]) or 0.0
        before = story.cluster.brokers[1].jmx.values.get(key, 0.0)
        jmx(story, **{key: before + most * percent / 100.0 * 60.0})

    return say


def small(story: Story, percent: float) -> None:
    before = story.cluster.brokers[1].jmx.values
    jmx(
        story,
        bytes_in=before.get("bytes_in", 0.0) + 6_000_000.0,
        messages_in=before.get("messages_in", 0.0) + 60_000.0,
    )
    cpu(story, percent)


def of_limit(name: str, key: str) -> Say:
    """A page's gauge at so many percent of a limit."""

    def say(story: Story, percent: float) -> None:
        limit = LIMITS[name][0](story.cluster, story.cluster.brokers[1]) or 0.0
        page(key)(story, limit * percent / 100.0)

    return say


def unconnected(name: str) -> Say:
    return metric(name, broker=None)


@dataclass(frozen=True)
class Case:
    """How a rule's figure is told of, at which value the rule is met, and at which it is left for good."""

    say: Say
    met: float
    left: float
    between: float | None = None
    """Neither: it does not begin there, and does not end either."""
    instance_type: str = "kafka.m5.large"
    kafka: bool = True
    """Whether brokers are asked."""


CASES: dict[str, Case] = {
    "offline_partitions": Case(unconnected("OfflinePartitionsCount"), 3, 0, kafka=False),
    "under_min_isr": Case(page("under_min_isr"), 2, 0),
    "no_active_controller": Case(unconnected("ActiveControllerCount"), 0, 1),
    "disk_80": Case(disk, 81, 70, between=79),
    "disk_85": Case(disk, 86, 70, between=84),
    "cpu_60": Case(cpu, 75, 20, between=57),
    "heap_60": Case(metric("HeapMemoryAfterGC"), 65, 30, between=57),
    "cpu_credits_low": Case(metric("CPUCreditBalance"), 90, 300, between=110),
    "request_handlers_busy": Case(page("handler_idle", 0.01), 12, 90, between=32),
    "network_processors_busy": Case(page("network_idle", 0.01), 12, 90, between=32),
    "small_messages": Case(small, 75, 20, between=57),
    "zookeeper_session": Case(metric("ZooKeeperSessionState"), 0, 1),
    "iam_connections_80": Case(of_limit("iam_connections", "connections/CLIENT_IAM"), 85, 10, between=77),
    "iam_connections_refused": Case(metric("IAMTooManyConnections"), 4, 0),
    "iam_connection_rate": Case(page("connection_creation_rate/CLIENT_IAM"), 85, 3),
    "network_allowance": Case(metric("TrafficShaping"), 12, 0),
    "volume_throughput_80": Case(
        lambda s, v: (metric("VolumeReadBytes")(s, 0.0), metric("VolumeWriteBytes", 60 * 1e6)(s, v)),
        75,
        10,
        between=62,
    ),
    "burst_balance_50": Case(metric("BurstBalance"), 30, 99, between=55),
    "express_in_80": Case(bytes_rate("bytes_in"), 95, 20, 75, instance_type="express.m7g.large"),
    "express_out_80": Case(bytes_rate("bytes_out"), 95, 20, 75, instance_type="express.m7g.large"),
    "produce_throttled": Case(page("time_ms/throttle/p99/Produce"), 12, 0),
    "fetch_throttled": Case(metric("FetchThrottleTime"), 12, 0),
    "group_lag_300": Case(
        metric("EstimatedMaxTimeLag", 1.0, None, {"Consumer Group": "shop", "Topic": "o"}),
        900,
        5,
        between=260,
    ),
}
ELSEWHERE = {
    "under_replicated_long", "partitions_above_advised", "partitions_above_most", "partitions_most_soon",
    "disk_full_within_day", "disk_full_within_4h", "iam_connections_soon",
}  # fmt: skip
"""Rules that have a test of their own below."""


def begun(case: Case) -> Story:
    story = Story()
    if case.kafka:
        story.healthy()
    described(story.later(1.0), case.instance_type)
    case.say(story, case.left)
    return story


def incidents(story: Story, name: str) -> list[Incident]:
    return [i for i in story.of(Kind(BY_NAME[name].kind)) if i.rule == name]


def lasting(story: Story, case: Case, value: float, seconds: float) -> Story:
    """So long the figure has this value, told each half minute; brokers answer all the while."""
    for _ in range(int(seconds // 30)):
        story.later(30.0)
        if case.kafka:
            story.answers()
        case.say(story, value)
        story.tick()
    return story


def test_every_rule_has_its_story() -> None:
    assert set(BY_NAME) == set(CASES) | ELSEWHERE
    assert len(BY_NAME) == len(DEFAULTS)


@pytest.mark.parametrize("rule", DEFAULTS, ids=lambda rule: rule.name)
def test_every_rule_names_a_kind_a_figure_a_limit_a_source_and_what_to_do(rule: Rule) -> None:
    found = figure(rule.figure)
    assert found is not None
    assert Kind(rule.kind).value == rule.kind
    assert rule.limit in (*LIMITS, "")
    assert found.history is not None or not rule.ahead_s
    assert rule.source
    assert rule.advice


@pytest.mark.parametrize("name", CASES)
def test_a_rule_begins_after_its_hold_time_and_ends_after_it_was_left_for_long_enough(name: str) -> None:
    case, rule = CASES[name], BY_NAME[name]
    story = begun(case)
    story.later(30.0)
    case.say(story, case.met)
    since = story.at
    if rule.for_s:
        assert not incidents(story, name), "one reading is not enough"
        lasting(story, case, case.met, rule.for_s - 30.0)
        assert not incidents(story, name), "not yet"
    lasting(story, case, case.met, 60.0)
    (incident,) = incidents(story, name)
    assert (incident.open, incident.severity, incident.advice) == (True, rule.severity, rule.advice)
    assert since - 31.0 <= incident.began <= since + 31.0
    if case.between is not None:
        lasting(story, case, case.between, 2 * rule.clear_for_s + 60.0)
        assert incidents(story, name)[0].open, "between both thresholds nothing ends"
    lasting(story, case, case.left, max(0.0, rule.clear_for_s - 30.0))
    assert incidents(story, name)[0].open, "not yet over"
    lasting(story, case, case.left, 90.0)
    (incident,) = incidents(story, name)
    assert not incident.open


@pytest.mark.parametrize("name", [name for name in CASES if BY_NAME[name].for_s])
def test_a_value_that_comes_and_goes_begins_nothing(name: str) -> None:
    case, rule = CASES[name], BY_NAME[name]
    story = begun(case)
    for _ in range(10):
        lasting(story, case, case.met, max(30.0, rule.for_s / 2 - 30.0))
        lasting(story, case, case.left, 30.0)
    assert not incidents(story, name)


def test_no_rule_opens_on_what_is_not_known() -> None:
    story = Story().healthy()
    for _ in range(60):
        story.later(30.0).answers().metadata().tick()
    assert not [i for i in story.incidents.log if i.rule]


# ------------------------------------------------------------------ one incident of one kind


def test_a_disk_that_fills_is_one_incident_that_grows_worse_and_better() -> None:
    story = Story().healthy()
    for percent in (70, 81, 86, 81, 81, 81, 70, 70, 70):
        disk(story.later(60.0).answers(), percent)
    (incident,) = story.of(Kind.DISK)
    assert [(s.severity, s.text.split(",")[0]) for s in incident.steps] == [
        ("crit", "disk used 86 %"),
        ("heal", "disk used 81 %"),
    ]
    assert not incident.open
    assert (incident.subject, incident.broker, incident.zone) == ("b-1", 1, "use1-az1")


def test_a_reading_that_meets_two_rules_opens_at_the_graver_one() -> None:
    story = Story().healthy()
    disk(story.later(60.0).answers(), 90)
    (incident,) = story.of(Kind.DISK)
    assert (incident.severity, incident.rule, incident.steps) == ("crit", "disk_85", ())


def test_a_broker_that_is_down_begins_and_ends_nothing() -> None:
    story = Story().healthy()
    disk(story.later(60.0), 86)
    assert story.of(Kind.DISK)[0].open
    story.later(1.0).resets(1).refuses(1)
    for _ in range(10):
        disk(story.later(60.0), 10)
        cpu(story, 99)
    assert story.of(Kind.DISK)[0].open
    assert not story.of(Kind.CPU)


def test_a_page_that_is_not_read_any_more_neither_ends_nor_prolongs() -> None:
    story = Story().healthy()
    for _ in range(4):
        cpu(story.later(60.0).answers(), 80)
    assert not story.of(Kind.CPU)
    for _ in range(20):  # the page is away for longer than the hold time
        story.later(60.0).answers()
        story.say(ScrapeFailed(at=story.at, broker_id=1, page="node", reason="refused"))
        story.tick()
    assert not story.of(Kind.CPU)
    cpu(story.later(60.0), 80)
    cpu(story.later(60.0), 80)
    assert not story.of(Kind.CPU), "readings so far apart are no unbroken run"
    for _ in range(5):
        cpu(story.later(60.0), 80)
    assert story.of(Kind.CPU)[0].open
    for _ in range(20):
        story.later(60.0).answers()
        story.say(ScrapeFailed(at=story.at, broker_id=1, page="node", reason="refused"))
        story.tick()
    assert story.of(Kind.CPU)[0].open


@pytest.mark.parametrize(("floor", "high"), [(30.0, False), (65.0, True)])
def test_without_cloudwatch_the_heap_is_taken_for_its_least_lately_and_said_to_be_estimated(
    floor: float, high: bool
) -> None:
    story = Story().healthy()
    for n in range(40):  # a saw tooth: filled, and collected again
        jmx(story.later(30.0).answers(), heap_used=floor + 7.0 * (n % 5), heap_max=100.0)
    assert bool(story.of(Kind.HEAP)) is high
    assert all("(estimated)" in i.detail for i in story.of(Kind.HEAP))


# ------------------------------------------------------------------ limits by instance type


def test_the_partitions_of_a_broker_are_held_against_its_instance_type() -> None:
    story = described(Story().healthy(), "kafka.t3.small")
    rules = tuple(
        replace(BY_NAME[name], threshold=threshold)
        for name, threshold in (("partitions_above_advised", 1.5), ("partitions_above_most", 2.5))
    )
    story.say(RulesChosen(at=story.at, rules=rules))
    story.later(3.0).metadata()
    warned = story.of(Kind.PARTITION_COUNT)
    assert [(i.subject, i.severity) for i in warned] == [("b-1", "warn"), ("b-2", "warn"), ("b-3", "warn")]
    assert "kafka.t3.small" in warned[0].detail


def test_an_instance_type_that_is_not_known_has_no_limits() -> None:
    story = described(Story().healthy(), "kafka.x9.huge")
    story.say(RulesChosen(at=story.at, rules=(replace(BY_NAME["partitions_above_advised"], threshold=0),)))
    story.later(3.0).metadata()
    assert not story.of(Kind.PARTITION_COUNT)


def test_partitions_that_stay_under_replicated_though_all_brokers_answer_are_said_after_a_quarter() -> None:
    story = Story().healthy()
    for _ in range(50):
        story.later(20.0).answers().metadata(out_of_sync=[3]).tick()
    (long,) = story.of(Kind.UNDER_REPLICATED_LONG)
    assert long.open
    for _ in range(5):
        story.later(20.0).answers().metadata().tick()
    assert not story.of(Kind.UNDER_REPLICATED_LONG)[0].open


def test_under_replication_while_a_broker_is_down_is_its_failure_and_nothing_more() -> None:
    story = Story().healthy()
    story.resets(2).refuses(2)
    for _ in range(100):
        story.later(20.0).answers(1, 3).refuses(2).metadata(without=[2]).tick()
    assert not story.of(Kind.UNDER_REPLICATED_LONG)


# ------------------------------------------------------------------ before the limit


def test_a_disk_that_fills_steadily_is_warned_of_hours_before_it_is_full() -> None:
    story = Story().healthy()
    for minute in range(0, 150, 2):
        disk(story.later(120.0).answers(), 20.0 + minute * 0.1)  # 6 % an hour
    (warned,) = story.of(Kind.DISK)
    assert (warned.rule, warned.severity) == ("disk_full_within_day", "warn")
    assert "full in about" in warned.detail
    assert "(estimated)" in warned.detail


def test_a_disk_that_fills_fast_is_critical_long_before_any_threshold() -> None:
    story = Story().healthy()
    for minute in range(0, 60, 2):
        disk(story.later(120.0).answers(), 10.0 + minute * 0.5)  # 30 % an hour, full in under 3 h
    (warned,) = story.of(Kind.DISK)
    assert (warned.rule, warned.severity, warned.open) == ("disk_full_within_4h", "crit", True)
    for _ in range(60):
        disk(story.later(120.0).answers(), 20.0)
    assert not story.of(Kind.DISK)[0].open


def test_a_disk_that_is_filled_and_emptied_by_retention_is_not_on_its_way() -> None:
    story = Story().healthy()
    for minute in range(0, 600, 2):
        disk(story.later(120.0).answers(), 50.0 + (minute % 20))
    assert not story.of(Kind.DISK)


def test_connections_that_rise_are_warned_of_before_they_reach_the_limit() -> None:
    story = Story().healthy()
    for minute in range(50):
        page("connections/CLIENT_IAM")(story.later(60.0).answers(), 500.0 + 30.0 * minute)
    (warned,) = story.of(Kind.CONNECTIONS)
    assert (warned.rule, warned.open) == ("iam_connections_soon", True)


def test_partitions_that_are_made_without_end_are_warned_of_before_the_limit() -> None:
    story = described(Story().healthy(), "kafka.m5.large")
    for minute in range(120):
        page("partitions")(story.later(60.0).answers(), 300.0 + 5.0 * minute)
    assert [(i.rule, i.severity) for i in story.of(Kind.PARTITION_COUNT)] == [
        ("partitions_most_soon", "warn")
    ]


# ------------------------------------------------------------------ rules that change


def test_a_rule_that_is_no_longer_in_force_ends_its_incident() -> None:
    story = Story().healthy()
    disk(story.later(60.0), 86)
    others = tuple(rule for rule in DEFAULTS if rule.kind != Kind.DISK)
    story.say(RulesChosen(at=story.at, rules=others))
    (incident,) = story.of(Kind.DISK)
    assert not incident.open
    assert "no longer in force" in incident.steps[-1].text


def test_a_person_s_own_rule_may_name_any_figure_of_a_page() -> None:
    own = Rule(
        name="queue", kind=Kind.RULE, figure="page:request_queue_size", compare=">", threshold=10,
        severity="warn", source="me", subjects=("b-2", "b-9*"),
    )  # fmt: skip
    story = Story().healthy().say(RulesChosen(at=1002.0, rules=(own,)))
    for broker in (1, 2):
        story.later(1.0).say(
            PageScraped(at=story.at, broker_id=broker, page="jmx", values={"request_queue_size": 50.0})
        )
    assert [(i.subject, i.rule) for i in story.of(Kind.RULE)] == [("b-2", "queue")]


def test_own_rules_without_a_kind_have_an_incident_each() -> None:
    story = Story().healthy()
    rules = tuple(
        Rule(
            name=name,
            kind=Kind.RULE,
            figure="partitions",
            compare=">",
            threshold=1,
            severity="warn",
            source="me",
        )
        for name in ("one", "two")
    )
    story.say(RulesChosen(at=story.at, rules=rules)).later(3.0).metadata()
    assert sorted(i.called for i in story.of(Kind.RULE) if i.subject == "b-1") == ["one", "two"]


def test_nothing_of_rules_is_touched_by_a_tick() -> None:
    story = Story().healthy()
    disk(story.later(60.0), 86)
    before = story.incidents
    story.later(0.01).say(Tick(at=story.at))
    assert story.incidents is before


def test_every_figure_says_where_it_comes_from() -> None:
    assert all(of.source and of.words and of.reads for of in FIGURES.values())
