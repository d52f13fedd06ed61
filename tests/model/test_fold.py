"""From samples to state."""

from __future__ import annotations

import pytest

from msktop.model.cluster import Cluster
from msktop.model.control_samples import InventorySeen, NodeSeen, ZoneSeen
from msktop.model.keyframe import keyframe
from msktop.model.reduce import reduce
from msktop.model.samples import (
    MetadataSeen,
    OffsetsSeen,
    PageScraped,
    QuorumSeen,
    ScrapeFailed,
    SourceFailed,
    VoterSeen,
)
from tests.model.story import PARTITIONS, Story


def page(story: Story, **values: float) -> Story:
    return story.say(PageScraped(at=story.at, broker_id=1, page="jmx", values=values))


def test_counts_follow_the_partitions() -> None:
    story = Story().healthy()
    assert story.cluster.totals.partitions == PARTITIONS
    assert [b.counts.leaders for b in story.cluster.brokers.values()] == [2, 2, 2]
    assert [b.counts.replicas for b in story.cluster.brokers.values()] == [6, 6, 6]
    assert story.cluster.totals.under_replicated == 0
    story.epoch = 2
    story.metadata(without=[2])
    assert story.cluster.totals.under_replicated == 6
    assert story.cluster.brokers[2].counts.leaders == 0
    assert story.cluster.brokers[2].counts.out_of_isr == 6
    assert not story.cluster.brokers[2].in_metadata


def test_a_stale_answer_never_overrules_a_newer_leader_epoch() -> None:
    story = Story().healthy()
    story.epoch = 2
    story.metadata(without=[2])
    moved = story.cluster.topics["orders"].partitions
    story.metadata(stale=True)
    assert story.cluster.topics["orders"].partitions == moved


def test_a_topic_that_left_takes_its_counts_with_it() -> None:
    story = Story().healthy()
    brokers = story.cluster.brokers
    story.say(
        MetadataSeen(
            at=story.at,
            via=1,
            keyframe=False,
            cluster_id="abc",
            controller_id=1,
            brokers=(),
            removed=("orders",),
        )
    )
    assert story.cluster.totals.partitions == 0
    assert {b.counts.replicas for b in story.cluster.brokers.values()} == {0}
    assert brokers.keys() == story.cluster.brokers.keys()


def test_record_rates_come_from_two_sweeps_of_end_offsets() -> None:
    story = Story().healthy()
    story.say(OffsetsSeen(at=story.at, leader_id=1, ends={"orders": {0: 1_000, 3: 5}}))
    assert story.messages_per_s() is None
    assert len(story.cluster.brokers[1].messages) == 0
    story.later(2.0).say(OffsetsSeen(at=story.at, leader_id=1, ends={"orders": {0: 1_100}}))
    assert story.messages_per_s() == 50.0
    assert story.cluster.brokers[1].messages.last == (story.at, 50.0)
    story.later(1.0).say(OffsetsSeen(at=story.at, leader_id=1, ends={}))
    assert story.messages_per_s() == 0.0


def test_the_rate_of_a_leader_that_is_down_is_not_known_any_more() -> None:
    story = Story().healthy()
    for end in (0, 100):
        story.later(1.0).say(OffsetsSeen(at=story.at, leader_id=1, ends={"orders": {0: end}}))
        story.say(OffsetsSeen(at=story.at, leader_id=2, ends={"orders": {1: end}}))
    assert story.messages_per_s() == 200.0
    story.later(0.1).resets(2).refuses(2)
    assert story.messages_per_s() == 100.0


def test_rates_of_a_page_come_from_counters_and_never_go_below_zero() -> None:
    story = Story().healthy()
    page(story, bytes_in=1_000.0, leaders=2.0)
    assert story.cluster.brokers[1].jmx.rates == {}
    page(story.later(10.0), bytes_in=3_000.0, leaders=2.0)
    assert story.cluster.brokers[1].jmx.rates["bytes_in"] == 200.0
    assert "leaders" not in story.cluster.brokers[1].jmx.rates
    page(story.later(10.0), bytes_in=40.0)
    assert "bytes_in" not in story.cluster.brokers[1].jmx.rates


def test_requests_are_summed_without_counting_fetches_twice() -> None:
    story = Story().healthy()
    zero = {"requests/Fetch": 0.0, "requests/FetchConsumer": 0.0, "requests/Produce": 0.0}
    later = {"requests/Fetch": 100.0, "requests/FetchConsumer": 100.0, "requests/Produce": 50.0}
    page(story, **zero)
    page(story.later(10.0), **later)
    assert story.cluster.brokers[1].jmx.rates["requests"] == 15.0


def test_the_first_error_of_a_kind_has_a_rate_at_once() -> None:
    story = Story().healthy()
    page(story, bytes_in=0.0)
    page(story.later(10.0), **{"errors/Produce/NOT_LEADER_OR_FOLLOWER": 30.0, "bytes_in/orders": 50.0})
    assert story.cluster.brokers[1].jmx.rates == {
        "errors/Produce/NOT_LEADER_OR_FOLLOWER": 3.0,
        "error_rate/Produce": 3.0,
    }


def test_what_a_cut_page_lacks_is_not_taken_for_zero() -> None:
    story = Story().healthy()
    story.say(PageScraped(at=story.at, broker_id=1, page="jmx", values={"bytes_in": 0.0}, truncated=True))
    page(story.later(10.0), **{"requests/Produce": 30.0})
    assert story.cluster.brokers[1].jmx.rates == {}


def test_a_page_that_failed_keeps_what_is_known_and_leaves_a_gap_in_the_graph() -> None:
    story = Story().healthy()
    page(story, bytes_in=0.0)
    page(story.later(10.0), bytes_in=100.0)
    story.later(10.0).say(ScrapeFailed(at=story.at, broker_id=1, page="jmx", reason="refused"))
    known = story.cluster.brokers[1].jmx
    assert known.values["bytes_in"] == 100.0
    assert known.failed_at == story.at
    assert known.rates == {}
    assert known.history["bytes_in"].last == (story.at, None)


def test_the_quorum_names_the_controller_and_how_far_the_others_are() -> None:
    story = Story().healthy()
    voters = (
        VoterSeen(id=10001, log_end_offset=500),
        VoterSeen(id=10002, log_end_offset=497, fetch_age_s=0.2),
    )
    story.say(QuorumSeen(at=story.at, leader_id=10001, leader_epoch=3, high_watermark=499, voters=voters))
    nodes = story.cluster.nodes
    assert story.cluster.controller_id == 10001
    assert nodes[10001].name == "c-1"
    assert nodes[10001].leader
    assert nodes[10002].lag == 3


def test_a_source_that_failed_says_since_when_until_it_gives_again() -> None:
    story = Story().healthy()
    first = story.later(1.0).at
    story.say(SourceFailed(at=first, source="metadata", stage="tcp", reason="refused"))
    story.later(5.0).say(SourceFailed(at=story.at, source="metadata", stage="tcp", reason="refused"))
    assert story.cluster.sources["metadata"].failed_at == first
    story.metadata()
    assert story.cluster.sources["metadata"].failed_at is None


def test_a_keyframe_leads_from_nothing_to_what_is_known() -> None:
    story = Story().healthy()
    story.say(
        InventorySeen(
            at=story.at,
            name="demo",
            state="ACTIVE",
            metadata="kraft",
            kafka_version="4.1.1",
            zones=(ZoneSeen(id="use1-az1", subnet_cidr="127.27.1.0/24"),),
            nodes=(NodeSeen(id=1, role="broker", zone="use1-az1"), NodeSeen(id=10001, role="controller")),
        )
    )
    page(story, bytes_in=7.0)
    again = Cluster()
    for sample in keyframe(story.cluster):
        again = reduce(again, sample)
    assert again.totals == story.cluster.totals
    assert again.zones == story.cluster.zones
    assert again.kafka_version == "4.1.1"
    assert [b.counts for b in again.brokers.values()] == [b.counts for b in story.cluster.brokers.values()]
    assert again.brokers[1].jmx.values == {"bytes_in": 7.0}
    assert again.topics["orders"].partitions == story.cluster.topics["orders"].partitions


def test_latency_quantiles_speak_of_the_last_minute() -> None:
    story = Story().healthy()
    for _ in range(100):
        story.later(0.25).answers(1, ms=9.0)
    for _ in range(300):
        story.later(0.25).answers(1, ms=1.0)
    probe = story.cluster.brokers[1].probe
    assert probe.p50_ms == 1.0
    assert probe.p99_ms == pytest.approx(1.0)


def test_bytes_of_requests_follow_from_their_mean_and_their_count() -> None:
    story = Story().healthy()
    page(story, **{"requests/Produce": 100.0, "request_bytes/mean/Produce": 500.0})
    story.later(10)
    page(
        story,
        **{"requests/Produce": 200.0, "request_bytes/mean/Produce": 750.0, "request_bytes/mean/Vote": 0.0},
    )
    assert story.cluster.brokers[1].jmx.rates["request_bytes/Produce"] == 10_000.0
    assert story.cluster.brokers[1].jmx.rates["request_bytes/Vote"] == 0.0
    story.later(10)
    page(story, **{"requests/Produce": 5.0, "request_bytes/mean/Produce": 10.0})
    assert "request_bytes/Produce" not in story.cluster.brokers[1].jmx.rates, "its broker began anew"


def test_throttle_times_of_our_own_responses_are_kept_by_broker() -> None:
    story, heard = Story().healthy(), []
    for throttle_ms in (None, 0, 250):
        story.later(1).say(OffsetsSeen(at=story.at, leader_id=2, ends={}, throttle_ms=throttle_ms))
        heard.append(story.cluster.brokers[2].throttle.now_ms)
    assert heard == [None, 0, 250]
    assert story.cluster.brokers[2].throttle.by_request["list_offsets"].at == story.at
    assert story.cluster.brokers[1].throttle.now_ms is None


def test_a_sample_that_comes_late_turns_back_no_time_and_loses_no_incident() -> None:
    story = Story().healthy().later(1.0).resets(2).refuses(2)
    known = story.incidents.log
    assert known
    story.say(OffsetsSeen(at=story.at - 5.0, leader_id=1, ends={}))
    assert (story.cluster.at, story.incidents.log) == (story.at, known)
