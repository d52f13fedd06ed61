"""Plans of topics: what is refused before anything is sent, what is warned of, what would change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from msktop.actions import topics
from msktop.actions.topic_facts import TopicFacts
from msktop.errors import ActionError, MsktopError, UsageError
from msktop.wire.metadata import PartitionEntry, TopicEntry
from msktop.wire.topic_configs import OWN, TopicConfig, TopicSetting


def entry(name: str, *, partitions: int = 3, leader: int = 1, internal: bool = False) -> TopicEntry:
    held = {n: PartitionEntry(n, leader, 0, (1, 2, 3), (1, 2, 3), (), 0) for n in range(partitions)}
    return TopicEntry(name, "AAAAAAAAAAAAAAAAAAAAAQ", internal, 0, held)


def settings(**own: str) -> TopicConfig:
    plain = {"cleanup.policy": "delete", "retention.ms": "604800000", "min.insync.replicas": "1"}
    found = {n: TopicSetting(n, v, "DEFAULT_CONFIG", False, v) for n, v in plain.items()}
    for word, value in own.items():
        name = word.replace("_", ".")
        found[name] = TopicSetting(name, value, OWN, False, plain[name])
    return TopicConfig(0, "", found)


def facts(
    zones: Mapping[int, str | None] | None = None, config: TopicConfig | None = None, kind: str | None = None
) -> TopicFacts:
    return TopicFacts(
        cluster="orders-prod",
        cluster_id="id",
        zones=zones or {n: f"use1-az{n}" for n in (1, 2, 3)},
        topics={t.name: t for t in (entry("orders"), entry("__consumer_offsets", internal=True))},
        defaults={"num.partitions": "1", "default.replication.factor": "3", "min.insync.replicas": "2"},
        configs={"orders": config or settings()},
        instance_type=kind,
    )


def test_a_new_topic_follows_the_brokers_defaults() -> None:
    plan = topics.create_topic(facts(), "payments")
    assert (plan.parameters["partitions"], plan.parameters["replication"]) == (-1, -1)
    assert plan.title == "Create topic payments: 1 partition, RF 3"
    assert (plan.confirmation, plan.action, plan.warnings) == ("yes", "Kafka CreateTopics", ())


@pytest.mark.parametrize(
    ("name", "wanted", "said", "kind"),
    [
        ("or/ders", {}, "cannot be the name", UsageError),
        ("..", {}, "cannot be the name", UsageError),
        ("orders", {}, "has a topic orders already", ActionError),
        ("new", {"partitions": 0}, "0 partitions", UsageError),
        ("new", {"replication": 4}, "4 replicas cannot be had", UsageError),
        ("new", {"config": {"min.insync.replicas": "4"}}, "acks=all can ever succeed", UsageError),
        ("new", {"config": {"min.insync.replicas": "x"}}, "is no number of replicas", UsageError),
        ("new", {"replication": 1}, "acks=all can ever succeed", UsageError),
    ],
)
def test_a_topic_that_cannot_be_is_refused(
    name: str, wanted: dict[str, Any], said: str, kind: type[MsktopError]
) -> None:
    with pytest.raises(kind, match=said):
        topics.create_topic(facts(), name, **wanted)


def test_names_that_share_their_metrics_are_refused() -> None:
    with pytest.raises(ActionError, match="same metrics"):
        topics.create_topic(replace(facts(), topics={"a.b": entry("a.b")}), "a_b")


def test_what_a_new_topic_risks_is_said() -> None:
    tight = topics.create_topic(facts(), "new", 3, 3, {"min.insync.replicas": "3"})
    assert "one broker away stops writes" in tight.warnings[0]
    few = topics.create_topic(facts(), "new", 3, 2, {"min.insync.replicas": "1"})
    assert "not every zone holds one" in few.warnings[0]
    alone = topics.create_topic(facts(), "new", 3, 1, {"min.insync.replicas": "1"})
    assert "One replica" in alone.warnings[0]
    unplaced = topics.create_topic(facts(zones={1: None, 2: None, 3: None}), "new")
    assert "no broker.rack" in unplaced.warnings[0]


def test_the_partition_limit_of_the_instance_type_counts_what_is_there_and_what_comes() -> None:
    full = topics.create_topic(facts(kind="kafka.m7g.large"), "new", 995, 3)
    assert "would hold 1001 partitions: AWS advises 1000" in full.warnings[-1]
    over = topics.create_topic(facts(kind="kafka.m7g.large"), "new", 1600, 3)
    assert "above 1500 MSK refuses updates" in over.warnings[-1]
    with pytest.raises(ActionError, match=r"express.m7g.large takes 1500"):
        topics.create_topic(facts(kind="express.m7g.large"), "new", 1600, 3)


def test_partitions_only_become_more() -> None:
    with pytest.raises(UsageError, match="never become fewer"):
        topics.add_partitions(facts(), "orders", 2)
    plan = topics.add_partitions(facts(config=settings(cleanup_policy="compact")), "orders", 6)
    assert (plan.before, plan.after) == ({"partitions": "3"}, {"partitions": "6"})
    assert any("compacted" in one for one in plan.warnings)


def test_a_setting_that_changes_is_shown_with_what_it_was() -> None:
    plan = topics.alter_config(facts(), "orders", {"retention.ms": "1000", "cleanup.policy": "delete"})
    assert plan.before == {"retention.ms": "604800000"}
    assert plan.after == {"retention.ms": "1000"}
    assert "deleted for good" in plan.warnings[0]
    back = topics.alter_config(facts(config=settings(retention_ms="5")), "orders", {"retention.ms": None})
    assert (back.before, back.after) == ({"retention.ms": "5"}, {"retention.ms": "604800000"})


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"retention.ms": "604800000"}, "already"),
        ({"retention.ms": None}, "already"),
        ({"no.such": "1"}, "knows no setting no.such"),
        ({"min.insync.replicas": "4"}, "acks=all"),
    ],
)
def test_a_setting_that_cannot_change_is_refused(changes: dict[str, str | None], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        topics.alter_config(facts(), "orders", changes)


def test_a_topic_ends_only_by_its_name_and_none_of_kafkas_own() -> None:
    plan = topics.delete_topic(facts(), "orders")
    assert (plan.confirmation, plan.parameters["topic_id"]) == ("orders", "AAAAAAAAAAAAAAAAAAAAAQ")
    with pytest.raises(ActionError, match="Kafka's own"):
        topics.delete_topic(facts(), "__consumer_offsets")
    with pytest.raises(ActionError, match="has no topic"):
        topics.delete_topic(facts(), "order")


def test_only_partitions_that_others_lead_are_elected() -> None:
    with pytest.raises(UsageError, match="leads already"):
        topics.elect_leaders(facts())
    moved = replace(facts(), topics={"orders": entry("orders", leader=2)})
    plan = topics.elect_leaders(moved, "orders")
    assert plan.parameters["partitions"] == {"orders": [0, 1, 2]}
