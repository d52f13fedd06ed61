"""Topics that come, go, grow and are set otherwise, as events; and what they are set to, as state."""

from __future__ import annotations

from msktop.model.cluster import Cluster
from msktop.model.incidents import Kind
from msktop.model.keyframe import keyframe
from msktop.model.reduce import reduce
from msktop.model.samples import BrokerSeen, MetadataSeen, PartitionSeen, TopicSeen
from msktop.model.topic_samples import TopicConfigEntry, TopicConfigsSeen
from tests.model.story import Story

KINDS = (Kind.TOPIC_CREATED, Kind.TOPIC_DELETED, Kind.TOPIC_RESIZED, Kind.TOPIC_RECONFIGURED)


def seen(name: str, partitions: int = 3, topic_id: str = "A") -> TopicSeen:
    parts = tuple(
        PartitionSeen(partition=n, leader=1, leader_epoch=0, replicas=(1, 2, 3), isr=(1, 2, 3))
        for n in range(partitions)
    )
    return TopicSeen(name=name, topic_id=topic_id, partition_count=partitions, partitions=parts)


def tell(story: Story, *topics: TopicSeen, removed: tuple[str, ...] = (), cluster_id: str = "abc") -> None:
    """One Metadata answer, a moment later."""
    story.later(1.0)
    brokers = tuple(BrokerSeen(id=b, host=f"b-{b}", port=9092, rack=f"az{b}") for b in (1, 2, 3))
    story.say(
        MetadataSeen(
            at=story.at,
            via=1,
            keyframe=cluster_id != "abc",
            cluster_id=cluster_id,
            controller_id=1,
            brokers=brokers,
            topics=topics,
            removed=removed,
        )
    )


def configure(story: Story, name: str, topic_id: str = "A", error: int = 0, **own: str) -> None:
    settings = {key.replace("_", "."): value for key, value in own.items()}
    kept = {"retention.ms": "604800000", "min.insync.replicas": "1"} | settings
    entry = TopicConfigEntry(
        name=name, topic_id=topic_id, own=dict(settings), kept={} if error else kept, error=error
    )
    story.later(1.0).say(TopicConfigsSeen(at=story.at, topics=(entry,)))


def told(story: Story) -> list[tuple[Kind, str, str]]:
    return [(i.kind, i.subject, i.detail) for i in story.incidents.log if i.kind in KINDS]


def begun(*topics: TopicSeen) -> Story:
    story = Story()
    tell(story, *topics)
    return story


def test_what_was_there_before_is_no_news() -> None:
    assert told(begun(seen("orders"), seen("payments"))) == []


def test_a_topic_is_made_grows_and_goes() -> None:
    story = begun(seen("orders"))
    tell(story, seen("new", 1))
    tell(story, seen("new", 4))
    tell(story, removed=("new",))
    assert told(story) == [
        (Kind.TOPIC_CREATED, "new", "created: 1 partition, RF 3"),
        (Kind.TOPIC_RESIZED, "new", "partitions 1 → 4"),
        (Kind.TOPIC_DELETED, "new", "deleted: 4 partitions, RF 3"),
    ]


def test_one_that_was_deleted_and_made_again_is_both() -> None:
    story = begun(seen("orders", 3, "A"))
    tell(story, seen("orders", 6, "B"))
    assert told(story) == [
        (Kind.TOPIC_DELETED, "orders", "deleted: 3 partitions, RF 3"),
        (Kind.TOPIC_CREATED, "orders", "created: 6 partitions, RF 3"),
    ]


def test_many_at_once_are_one_line() -> None:
    story = begun(seen("orders"))
    tell(story, *(seen(f"t-{n}") for n in range(5)))
    assert told(story) == [(Kind.TOPIC_CREATED, "5 topics", "5 topics created: t-0, t-1, t-2 and 2 more")]


def test_another_cluster_at_the_same_address_is_no_news_of_topics() -> None:
    story = begun(seen("orders"))
    tell(story, seen("other"), cluster_id="xyz")
    assert told(story) == []


def test_a_setting_that_changes_is_told_with_what_it_was() -> None:
    story = begun(seen("orders"))
    configure(story, "orders")
    assert told(story) == []
    configure(story, "orders", retention_ms="1000")
    configure(story, "orders", retention_ms="2000", min_insync_replicas="2")
    configure(story, "orders")
    assert [detail for _, _, detail in told(story)] == [
        "retention.ms 604800000 → 1000",
        "min.insync.replicas 1 → 2, retention.ms 1000 → 2000",
        "min.insync.replicas 2 → 1, retention.ms 2000 → 604800000",
    ]


def test_settings_that_may_not_be_seen_any_more_were_not_changed() -> None:
    story = begun(seen("orders"))
    configure(story, "orders", retention_ms="1000")
    configure(story, "orders", error=29)
    configure(story, "orders", retention_ms="1000")
    assert told(story) == []


def test_settings_of_a_topic_that_is_another_by_now_are_not_taken() -> None:
    story = begun(seen("orders", topic_id="B"))
    configure(story, "orders", topic_id="A")
    assert story.cluster.topics["orders"].settings is None
    configure(story, "gone")
    assert "gone" not in story.cluster.topics


def test_settings_are_known_and_go_along_with_a_recording_begun_later() -> None:
    story = begun(seen("orders"))
    configure(story, "orders", min_insync_replicas="2")
    assert story.cluster.topics["orders"].min_isr == 2
    later = Cluster()
    for sample in keyframe(story.cluster):
        later = reduce(later, sample)
    found = later.topics["orders"].settings
    assert found is not None
    assert found.own == {"min.insync.replicas": "2"}
