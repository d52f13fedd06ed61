"""Writes folded into outages, and outages into the failures that they belong to."""

from __future__ import annotations

from dataclasses import replace

import pytest

from msktop.model.impact import Impact
from msktop.model.incidents import Incident, Kind, Step, Watched
from msktop.model.report import report_of
from msktop.model.samples import HostStarved, MetadataSeen, TopicSeen
from msktop.model.writes import PROBE_TOPIC, Outage
from msktop.ui.rows.partitions import Tallies
from tests.model.story import Story


def begun() -> Story:
    return Story().healthy().writes().later(0.25).writes()


def dies(story: Story) -> Story:
    """b-2 is killed; all writes stall until it is fenced after 9 s; then b-3 leads its partition."""
    story.later(0.25).resets(2).later(0.01).refuses(2)
    story.cannot_write(1, ms=5.0, error=0)
    for _ in range(9):
        story.later(1.0).answers(1, 3)
        story.cannot_write(0, 2)
    story.epoch += 1
    story.later(0.1).metadata(without=[2])
    story.leads[1] = 3
    story.writes(0, 2)
    story.later(0.2)
    return story.writes(1)


def outages(story: Story, partition: int) -> list[tuple[int, str, float, float | None]]:
    """Leader, zone, beginning and end of each, in seconds since the story began."""
    of = story.cluster.writes[partition].outages
    return [
        (o.leader, o.zone, round(o.began - 1000, 3), None if o.ended is None else round(o.ended - 1000, 3))
        for o in of
    ]


def failure(story: Story) -> Incident:
    (found,) = story.of(Kind.BROKER_UNREACHABLE)
    return found


def impact(story: Story) -> Impact:
    found = report_of(failure(story), story.incidents.log, story.at)
    assert found is not None
    assert found.impact is not None
    return found.impact


# ------------------------------------------------------------------ the fold


def test_latency_throttle_and_errors_are_the_leaders() -> None:
    story = begun()
    story.later(0.25).writes(0, ms=6.0, throttle_ms=30)
    writes = story.cluster.brokers[1].writes
    assert (writes.last_ms, writes.p50_ms, writes.p99_ms, writes.throttle_ms) == (6.0, 4.0, 6.0, 30)
    story.later(0.25).cannot_write(0, ms=3.0, error=19)
    writes = story.cluster.brokers[1].writes
    assert writes.error == 19
    assert writes.failing_since == pytest.approx(story.at - 0.003)
    assert writes.ms.last == (story.at, None)
    story.later(0.25).writes(0)
    assert story.cluster.brokers[1].writes.failing_since is None


def test_an_outage_lasts_from_the_first_bad_write_sent_to_the_next_good_answer() -> None:
    story = begun()
    story.later(1.25).cannot_write(1).later(1.0).cannot_write(1).later(0.5).writes(1)
    assert outages(story, 1) == [(2, "use1-az2", 0.75, 3.25)]
    assert outages(story, 0) == []


def test_a_write_that_waits_is_an_outage_already_while_it_lasts() -> None:
    story = begun()
    story.later(1.75).write_waits(1, ms=1500.0)
    assert outages(story, 1) == [(2, "use1-az2", 0.75, None)]
    story.later(3.0).writes(1, ms=4500.0)
    assert outages(story, 1) == [(2, "use1-az2", 0.75, 5.25)]


def test_what_a_leader_of_the_past_still_owes_is_no_outage_of_the_partition() -> None:
    story = begun()
    story.later(1.75).write_waits(1, ms=1500.0)
    story.leads[1] = 3
    story.later(6.0).writes(1)
    story.leads[1] = 2
    story.later(1.0).write_waits(1, ms=8500.0)
    assert outages(story, 1) == [(2, "use1-az2", 0.75, 8.25)]


def test_a_good_write_that_took_long_was_an_outage() -> None:
    story = begun()
    story.later(2.25).writes(1, ms=2000.0)
    assert outages(story, 1) == [(2, "use1-az2", 0.75, 2.75)]


def test_what_never_could_be_written_to_is_not_missed() -> None:
    story = Story()
    story.healthy()
    story.later(1.0).cannot_write(1)
    assert outages(story, 1) == []


def test_a_stall_of_this_machine_is_no_outage() -> None:
    story = begun()
    story.later(3.0).say(HostStarved(at=story.at, lag_ms=3000.0))
    story.writes(1, ms=2900.0).cannot_write(0, ms=2900.0, error=0)
    assert outages(story, 0) == outages(story, 1) == []
    assert story.cluster.brokers[2].writes.last_ms == 4.0


def test_a_short_stall_of_this_machine_hides_no_long_outage() -> None:
    story = begun()
    story.later(1.0).say(HostStarved(at=story.at, lag_ms=150.0))
    story.later(0.75).write_waits(1, ms=1500.0)
    assert outages(story, 1) == [(2, "use1-az2", 0.75, None)]
    story.later(3.0).writes(1, ms=4500.0)
    assert outages(story, 1) == [(2, "use1-az2", 0.75, 5.25)]


# ------------------------------------------------------------------ the failure


def test_the_first_write_on_the_new_leader_is_a_turn_of_the_recovery() -> None:
    story = dies(begun())
    marks = failure(story).marks
    assert marks["first_write"] == pytest.approx(story.at)
    assert marks["first_write"] > marks["leaders_moved"]
    assert "first write · what it led takes writes on b-3" in [s.text for s in failure(story).steps]


def test_the_impact_is_told_by_zone_and_by_partition() -> None:
    found = impact(dies(begun()))
    assert found.by == "write probe"
    assert [(z.zone, z.partitions) for z in found.zones] == [
        ("use1-az1", 1),
        ("use1-az2", 1),
        ("use1-az3", 1),
    ]
    assert [z.longest_s for z in found.zones] == pytest.approx([9.1, 9.3, 9.1], abs=0.05)
    assert [(p.partition, p.leader) for p in found.partitions] == [(0, 1), (1, 2), (2, 3)]
    assert not any(p.open for p in found.partitions)


def test_it_stands_beside_earlier_ones() -> None:
    story = dies(begun())
    assert impact(story).usual_s is None
    story.later(3.0).answers(2).later(0.2).metadata(led_by={1: 3, 4: 3})
    story.leads[1], story.epoch = 2, story.epoch + 1
    story.later(200.0).metadata().answers()
    story.writes().later(0.25).writes()
    dies(story)
    report = report_of(story.of(Kind.BROKER_UNREACHABLE)[-1], story.incidents.log, story.at)
    assert report is not None
    assert report.impact is not None
    assert report.impact.earlier_s == pytest.approx((9.3,), abs=0.05)
    assert report.impact.longest_s == pytest.approx(9.3, abs=0.05)


def test_it_grows_while_it_lasts() -> None:
    story = begun()
    story.later(0.25).resets(2).later(0.01).refuses(2)
    story.cannot_write(1, ms=5.0, error=0)
    story.later(4.0)
    zone = impact(story).zones[1]
    assert (zone.zone, zone.open) == ("use1-az2", True)
    assert zone.longest_s == zone.total_s == pytest.approx(4.0, abs=0.05)
    assert "first_write" not in failure(story).marks


def test_leaders_that_a_broker_hands_over_before_it_stops_are_its_doing() -> None:
    story = begun()
    story.later(0.2).cannot_write(1, ms=3.0, error=6)
    story.epoch += 1
    story.later(0.05).metadata(led_by={1: 3, 4: 3})
    story.leads[1] = 3
    story.later(0.1).writes(1)
    story.later(2.0).resets(2).later(0.01).refuses(2)
    story.writes(1)
    assert "first_write" in failure(story).marks
    assert impact(story).zones[1].longest_s == pytest.approx(0.15, abs=0.01)


def test_without_a_write_probe_the_mark_is_unknown_and_the_impact_is_metadatas() -> None:
    story = Story().healthy()
    story.later(0.25).resets(2).later(0.01).refuses(2)
    story.epoch += 1
    story.later(8.0).metadata(without=[2])
    assert "first_write" not in failure(story).marks
    found = impact(story)
    assert (found.by, found.partitions) == ("Metadata", ())
    (zone,) = found.zones
    assert (zone.zone, zone.partitions) == ("use1-az2", 2)
    assert zone.longest_s == pytest.approx(8.0, abs=0.05)


def test_a_broker_that_leads_nothing_of_ours_has_no_first_write() -> None:
    story = begun()
    story.leads[1] = 3
    story.epoch += 1
    story.later(0.25).metadata(led_by={1: 3})
    story.writes(1)
    story.later(60.0).writes().answers()
    story.later(0.25).resets(2).later(0.01).refuses(2)
    story.later(1.0).writes()
    assert "first_write" not in failure(story).marks


def test_a_later_failure_has_the_later_outages() -> None:
    story = dies(begun())
    story.later(3.0).answers(2).later(0.2).metadata(led_by={1: 3, 4: 3})
    before = failure(story).outages
    story.later(100.0).answers(1, 2, 3)
    story.writes()
    story.later(0.25).resets(3).later(0.01).refuses(3)
    story.cannot_write(1, 2, ms=5.0, error=0)
    first, second = story.of(Kind.BROKER_UNREACHABLE)
    assert first.outages == before
    assert [o.partition for o in second.outages] == [1, 2]


def with_our_topic(story: Story, *, there: bool = True) -> Story:
    """Metadata with, or without, the probe topic."""
    seen = story.healthy().samples
    metadata = next(s for s in reversed(seen) if isinstance(s, MetadataSeen))
    ours = TopicSeen(name=PROBE_TOPIC, topic_id="t", partition_count=3)
    return story.later(1.0).say(
        replace(metadata, at=story.at, topics=(*metadata.topics, ours) if there else metadata.topics)
    )


def test_our_own_topic_is_no_news_and_not_counted() -> None:
    story = with_our_topic(Story())
    assert story.cluster.topic_count == 1
    assert story.cluster.topics[PROBE_TOPIC].internal
    assert list(Tallies().of(story.cluster)) == ["orders"]
    story = with_our_topic(story, there=False)
    assert story.incidents.log == ()


def test_of_a_topic_that_is_removed_nothing_is_known_any_more() -> None:
    story = with_our_topic(Story()).writes()
    assert set(story.cluster.writes) == {0, 1, 2}
    assert with_our_topic(story, there=False).cluster.writes == {}


def test_of_another_cluster_at_the_same_address_nothing_is_known_yet() -> None:
    story = with_our_topic(Story()).writes().tick()
    assert story.cluster.writes
    assert story.cluster.traffic.at is not None
    seen = next(s for s in reversed(story.samples) if isinstance(s, MetadataSeen))
    story.later(1.0).say(replace(seen, at=story.at, cluster_id="another", keyframe=True))
    assert (story.cluster.writes, story.cluster.traffic.rates) == ({}, {})


def test_what_was_never_seen_to_end_does_not_grow_once_the_failure_is_settled() -> None:
    lost = Outage(1, 2, "use1-az2", 0.0)
    incident = Incident(
        1, Kind.BROKER_HUNG, "crit", "b-2", 0.0, 2.0, "", ended=20.0, settled=True, broker=2,
        watched=(Watched(1, 2, "use1-az2"),), outages=(lost,), steps=(Step(30.0, "ok", "in sync"),),
    )  # fmt: skip
    found = report_of(incident, (), 1000.0)
    assert found is not None
    assert found.impact is not None
    assert found.impact.zones[0].longest_s == 30.0


def test_a_replay_gives_the_same_report() -> None:
    story = dies(begun())
    again = Story()
    for sample in story.samples:
        again.say(sample)
    assert again.incidents.log == story.incidents.log
