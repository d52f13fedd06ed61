"""What came of a change of a group is written down, and what nobody knows is not said to be refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import cast

import pytest
from kafka.protocol.consumer import OffsetCommitResponse

from msktop.actions.audit import Audit
from msktop.actions.group_perform import perform
from msktop.actions.kafka import ANY, ASK_S, Kafka
from msktop.actions.kafka_perform import RefusedError
from msktop.actions.perform import OutcomeUnknownError
from msktop.actions.plan import Plan
from msktop.errors import ActionError
from msktop.wire.call import Call
from msktop.wire.connection import Connection
from msktop.wire.errors import WireError
from msktop.wire.group_offsets import OFFSET_COMMIT_VERSION
from msktop.wire.minimal import Brokers
from msktop.wire.security import Security

PLAN = Plan(
    operation="OffsetCommit",
    parameters={"group": "g", "coordinator": 2, "offsets": {"t": {0: 1, 1: 2}}},
    cluster="demo",
    title="Set the offsets of g",
    steps=(),
    duration="a moment",
    before={"t-0": "5", "t-1": "6"},
    via="kafka",
)


class Coordinator(Kafka):
    """Answers a commit with an error code for each partition, or not at all."""

    def __init__(self, *codes: int) -> None:
        super().__init__("127.0.0.1:1", Security())
        self.codes = codes
        self.asked: list[tuple[str, int]] = []

    @property
    def brokers(self) -> Brokers:
        return Brokers((), "c", 2, 0)

    def connection(self, broker: int = ANY) -> Connection:
        return cast("Connection", None)  # nobody asks it

    def ask(self, call: Call, broker: int = ANY, timeout_s: float = ASK_S) -> bytes:
        self.asked.append((call.name, broker))
        if not self.codes:
            raise WireError(call.name, "timeout", "no answer")
        r = OffsetCommitResponse.OffsetCommitResponseTopic
        of = [
            r.OffsetCommitResponsePartition(partition_index=n, error_code=code)
            for n, code in enumerate(self.codes)
        ]
        answer = OffsetCommitResponse(throttle_time_ms=0, topics=[r(name="t", partitions=of)])
        return bytes(answer.encode(version=OFFSET_COMMIT_VERSION))


def results(path: Path) -> list[tuple[str, str | None]]:
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    return [(line["phase"], line.get("result")) for line in lines]


def test_it_is_sent_once_between_two_lines(tmp_path: Path) -> None:
    path, kafka = tmp_path / "audit.jsonl", Coordinator(0, 25)
    done = perform(PLAN, kafka, Audit(path))
    assert done.refused == ("t-1: UNKNOWN_MEMBER_ID: the group has members again",)
    assert kafka.asked == [("offset_commit", 2)]
    assert results(path) == [("before", None), ("after", "accepted")]
    assert json.loads(path.read_text().splitlines()[0])["before"] == PLAN.before


@pytest.mark.parametrize(
    ("codes", "error", "result"),
    [
        ((25, 25), RefusedError, "refused"),
        ((0, 15), OutcomeUnknownError, "unknown"),
        ((7, 7), OutcomeUnknownError, "unknown"),
        ((), OutcomeUnknownError, "unknown"),
    ],
)
def test_refused_is_told_from_unknown(
    codes: tuple[int, ...], error: type[ActionError], result: str, tmp_path: Path
) -> None:
    path = tmp_path / "audit.jsonl"
    with pytest.raises(error):
        perform(PLAN, Coordinator(*codes), Audit(path))
    assert results(path) == [("before", None), ("after", result)]
