"""What one Metadata answer changes: nothing is told twice, nothing stale overrules what is newer."""

from __future__ import annotations

import random
import uuid
from dataclasses import replace

from msktop.sources.metadata_changes import Changes, Known
from tests.sources.answers import P, T, answer, some_topics


def told(known: Known, topics: list[T], *, full: bool = True, trusted: bool = True) -> Changes:
    return known.update(answer(topics, known.pieces), full=full, trusted=trusted)


def test_the_first_answer_is_told_whole_and_the_same_again_not_at_all() -> None:
    known, topics = Known(), some_topics(random.Random(1), 30, 5)
    assert [t.name for t in told(known, topics).topics] == [t.name for t in topics]
    assert told(known, topics) == Changes()
    assert told(known, list(reversed(topics))) == Changes()


def test_only_the_partitions_that_changed_are_told() -> None:
    known, orders = Known(), T("orders", (P(0), P(1), P(2)))
    told(known, [orders, T("other")])
    changes = told(known, [orders.but(1, P(1, leader=2, epoch=1, isr=(2, 3))), T("other")])
    (seen,) = changes.topics
    assert (seen.name, seen.partition_count) == ("orders", 3)
    assert [(p.partition, p.leader, p.isr) for p in seen.partitions] == [(1, 2, (2, 3))]


def test_random_changes_add_up_to_what_the_last_answer_says() -> None:
    rng, known, state = random.Random(2), Known(), {}
    topics = some_topics(rng, 20, 5)
    for _ in range(50):
        for seen in told(known, topics).topics:
            state.update({(seen.name, p.partition): p for p in seen.partitions})
        wanted = {(t.name, p.partition): p for t in known.everything() for p in t.partitions}
        assert state == wanted
        at = rng.randrange(len(topics))
        topics[at] = replace(
            topics[at],
            partitions=tuple(
                replace(p, epoch=p.epoch + rng.choice([0, 1]), leader=rng.randint(1, 3))
                for p in topics[at].partitions
            ),
        )


def test_a_stale_broker_overrules_nothing_and_its_newer_parts_count() -> None:
    known, orders = Known(), T("orders", (P(0, 1, 4), P(1, 1, 4)))
    told(known, [orders.but(0, P(0, 2, 5))])
    stale = orders.but(1, P(1, 3, 6))  # partition 0 as it was, partition 1 newer
    (seen,) = told(known, [stale]).topics
    assert [(p.partition, p.leader) for p in seen.partitions] == [(1, 3)]
    assert told(known, [stale]) == Changes()
    assert told(known, [stale.but(0, P(0, 2, 5))]) == Changes()
    (whole,) = known.everything()
    assert [(p.leader, p.leader_epoch) for p in whole.partitions] == [(2, 5), (3, 6)]


def test_a_topic_made_anew_begins_anew_though_its_epochs_are_lower() -> None:
    known = Known()
    told(known, [T("orders", (P(0, 1, 40), P(1, 1, 40)))])
    (seen,) = told(known, [T("orders", (P(0, 3, 0),), id=uuid.UUID(int=8))]).topics
    assert [(p.partition, p.leader, p.leader_epoch) for p in seen.partitions] == [(0, 3, 0)]
    assert seen.partition_count == 1


def test_a_topic_is_removed_by_a_full_answer_only() -> None:
    known = Known()
    told(known, [T("a"), T("b")])
    assert told(known, [T("a")], full=False).removed == ()
    assert told(known, [T("a")]).removed == ("b",)
    assert told(known, [T("a")]).removed == ()


def test_another_broker_must_say_twice_that_a_topic_is_gone() -> None:
    known = Known()
    told(known, [T("a"), T("b")])
    assert told(known, [T("a")], trusted=False).removed == ()
    assert told(known, [T("a")], trusted=False).removed == ("b",)


def test_a_topic_asked_for_by_name_that_is_gone_waits_for_the_full_answer() -> None:
    known = Known()
    told(known, [T("a")])
    assert told(known, [T("a", (), id=uuid.UUID(int=0), error=3)], full=False) == Changes()
    assert told(known, [T("new")], full=False) == Changes()
    assert [t.name for t in known.everything()] == ["a"]
