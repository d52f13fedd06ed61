"""Replication, credentials and AWS's data: conditions that last."""

from __future__ import annotations

from msktop.model.control_samples import MetricSeen, MetricsSeen
from msktop.model.incident_log import Log
from msktop.model.incidents import Incidents, Kind
from msktop.model.samples import Probed, SourceFailed, SourceWorks
from tests.model.story import Story


def test_shrunk_in_sync_replicas_name_whose_replicas_lag() -> None:
    story = Story().healthy().later(1.0).metadata(out_of_sync=[3]).later(6.0).answers().tick()
    assert story.only.kind is Kind.UNDER_REPLICATED
    assert story.only.detail == "6 partitions under-replicated: b-3 is out of 6"
    assert story.only.evidence[0].observer == "Metadata"
    assert not story.later(1.0).metadata().only.open


def test_expired_credentials_are_said_once_and_end_when_they_are_renewed() -> None:
    story = Story().healthy()
    for source in ("msk", "cloudwatch"):
        story.later(1.0).say(
            SourceFailed(
                at=story.at,
                source=source,
                stage="x",
                reason="the AWS credentials have expired",
                kind="expired",
            )
        )
    story.later(30.0).answers().tick()
    assert story.only.kind is Kind.CREDENTIALS_EXPIRED
    for source in ("msk", "cloudwatch"):
        story.later(1.0).say(SourceWorks(at=story.at, source=source))
    assert not story.tick().only.open


def test_an_aws_api_that_fails_otherwise_is_data_that_grows_old() -> None:
    story = Story().healthy()
    story.say(SourceFailed(at=story.at, source="msk", stage="x", reason="throttled", kind="throttled"))
    story.later(20.0).answers().tick()
    assert (story.only.kind, story.only.subject) == (Kind.SOURCE_STALE, "source msk")


def test_a_login_that_no_broker_accepts_any_more_is_said_and_no_broker_blamed() -> None:
    story = Story().healthy()
    for _ in range(4):
        story.later(1.0)
        for broker in story.brokers:
            story.resets(broker) if story.word(broker) == "up" else None
            story.say(
                Probed(
                    at=story.at, broker_id=broker, host="h", port=1, how="connect", outcome="sasl",
                    stages=(("tcp", 0.2),), failed_stage="sasl", error="Token expired",
                )
            )  # fmt: skip
        story.tick()
    assert (story.only.kind, story.only.subject) == (Kind.CREDENTIALS_EXPIRED, "Kafka login")
    assert "Token expired" in story.only.detail


def test_cloudwatch_that_answers_without_anything_new_is_stale() -> None:
    def points(story: Story, until: float) -> Story:
        seen = MetricSeen(metric="CpuUser", stat="Average", period_s=60.0, points=((until - 60.0, 3.0),))
        return story.say(MetricsSeen(at=story.at, series=(seen,), queries=1, queries_per_hour=60))

    story = points(Story().healthy(), until=900.0)
    points(story.later(600.0), until=900.0).answers().tick()
    assert not story.incidents.log
    points(story.later(300.0), until=900.0).answers().tick()
    assert (story.only.kind, story.only.subject) == (Kind.SOURCE_STALE, "CloudWatch")
    points(story.later(60.0), until=story.at).answers().tick()
    assert not story.only.open


def test_what_began_long_before_it_was_found_hides_nothing_that_happened_lately() -> None:
    log = Log(Incidents(), 100.0)
    moved = log.moment(Kind.LEADERS_MOVED, "info", "b-1", "handed over its 2 leaders")
    log = Log(log.result(), 110.0)
    log.open(Kind.GROUP_STALLED, "warn", "orders", "has stood", began=40.0)
    assert log.recent(Kind.LEADERS_MOVED, "b-1", 30.0) == moved
    assert log.recent(Kind.GROUP_STALLED, "orders", 30.0) is None
