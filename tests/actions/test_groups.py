"""What is checked before a group is changed, and what will be sent."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from msktop.actions.group_facts import Facts, GroupFacts, Offsets
from msktop.actions.group_places import Place, partitions_of, place_of
from msktop.actions.groups import delete_group, reset_offsets
from msktop.actions.plan import Plan
from msktop.errors import ActionError, UsageError
from msktop.wire.groups import Description, Listed, MemberEntry
from msktop.wire.metadata import PartitionEntry, TopicEntry
from msktop.wire.offsets import EARLIEST, LATEST

BEGIN, END, TIMED = 100, 1000, {0: 400, 1: -1}


def facts(state: str = "Empty", kind: str = "classic", error: int = 0) -> Facts:
    partitions = {n: PartitionEntry(n, 1, 0, (1,), (1,), (), 0) for n in (0, 1)}
    members = () if state == "Empty" else (MemberEntry("m", None, "c", "h", {"t": (0, 1)}),)
    group = GroupFacts(
        name="g",
        coordinator=2,
        listed=Listed("g", "consumer", state, kind),
        committed={"t": {0: 500, 1: 990}, "deleted": {0: 7}},
        description=Description("g", 0, state, members=members),
        error=error,
    )
    topics = {"t": TopicEntry("t", "", False, 0, partitions)}
    return Facts("demo", "id", {"g": group}, {"t": {0: END, 1: END}}, topics)


def told(wanted: Mapping[str, tuple[int, ...]], timestamp: int) -> Offsets:
    assert timestamp >= LATEST or timestamp == EARLIEST
    of = {EARLIEST: {0: BEGIN, 1: BEGIN}, LATEST: {0: END, 1: END}}.get(timestamp, TIMED)
    return {topic: {n: of[n] for n in numbers} for topic, numbers in wanted.items()}


def reset(text: str, *topics: str) -> Plan:
    return reset_offsets(facts(), "g", place_of(text, 7200.0), partitions_of(topics), told)


@pytest.mark.parametrize(
    ("text", "offsets"),
    [
        ("earliest", {0: 100, 1: 100}),
        ("latest", {0: 1000, 1: 1000}),
        ("600", {0: 600, 1: 600}),
        ("5000", {0: 1000, 1: 1000}),
        ("-450", {0: 100, 1: 540}),
        ("+20", {0: 520, 1: 1000}),
        ("1h", {0: 400, 1: 1000}),
        ("90000d", {0: 400, 1: 1000}),
    ],
)
def test_each_place_of_each_partition(text: str, offsets: dict[int, int]) -> None:
    plan = reset(text)
    assert plan.parameters == {"group": "g", "coordinator": 2, "offsets": {"t": offsets}}
    assert plan.before == {"t-0": "500", "t-1": "990"}
    assert plan.after == {f"t-{n}": str(offset) for n, offset in offsets.items()}


def test_what_it_means_is_said() -> None:
    assert reset("earliest").warnings == ("1,290 records are read again.",)
    assert reset("latest").warnings == ("510 records are skipped: nobody of this group will read them.",)
    assert "1 of 2 partitions do not reach so far: set to their first or last." in reset("-450").warnings
    assert "1,800 records to read" in reset("earliest").steps[1]


def test_only_the_partitions_that_were_named() -> None:
    assert reset("earliest", "t:1").parameters["offsets"] == {"t": {1: 100}}
    with pytest.raises(UsageError, match="no partition 7"):
        reset("earliest", "t:7")
    with pytest.raises(ActionError, match="no topic 'u'"):
        reset("earliest", "u")


def test_a_group_with_members_a_share_group_and_one_that_is_denied_are_left_alone() -> None:
    for found, why in (
        (facts("Stable"), "is Stable with 1 members"),
        (facts(kind="share"), "is a share group"),
        (facts(error=30), "GROUP_AUTHORIZATION_FAILED"),
    ):
        with pytest.raises(ActionError, match=why):
            reset_offsets(found, "g", Place("earliest"), {}, told)
        with pytest.raises(ActionError, match=why):
            delete_group(found, "g")


def test_a_group_that_is_not_there() -> None:
    with pytest.raises(ActionError, match="no group 'G'") as raised:
        delete_group(facts(), "G")
    assert raised.value.advice == "There is g."


def test_a_leader_that_does_not_tell_stops_it() -> None:
    with pytest.raises(ActionError, match="t-0 does not tell"):
        reset_offsets(facts(), "g", Place("earliest"), {}, lambda *_: {})


def test_a_time_that_a_leader_does_not_know_is_not_taken_for_the_end() -> None:
    def partly(wanted: Mapping[str, tuple[int, ...]], timestamp: int) -> Offsets:
        return told(wanted, timestamp) if timestamp in (EARLIEST, LATEST) else {"t": {0: 400}}

    with pytest.raises(ActionError, match="t-1 does not tell"):
        reset_offsets(facts(), "g", place_of("1h", 7200.0), {}, partly)


def test_a_group_is_deleted_by_its_name() -> None:
    plan = delete_group(facts(), "g")
    assert (plan.needs_name, plan.action) == ("g", "Kafka DeleteGroups")
    assert plan.before == {"t-0": "500", "t-1": "990", "deleted-0": "7"}


def test_nonsense_is_no_place() -> None:
    for text in ("", "soon", "1.5", "--5", "2026-13-01"):
        with pytest.raises(UsageError):
            place_of(text, 0.0)
    with pytest.raises(UsageError):
        partitions_of(("t:x",))
