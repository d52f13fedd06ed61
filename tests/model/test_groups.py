"""Consumer groups told as samples: verdicts, incidents, rebalances, groups that move, come and go."""

from __future__ import annotations

from dataclasses import replace

import pytest

from msktop.model import rules
from msktop.model.cluster import Cluster
from msktop.model.group_samples import GroupDescribed, GroupListed, GroupsSeen, MemberSeen
from msktop.model.groups import Group
from msktop.model.incidents import Incident, Kind
from msktop.model.keyframe import keyframe
from msktop.model.reduce import reduce
from msktop.model.samples import MetadataSeen, OffsetsSeen
from tests.model.story import Story

LEADER = 1
PARTITION = 0
TURN_S = 2.0


class Play(Story):
    """One group that reads one partition, told every 2 s."""

    def __init__(self) -> None:
        super().__init__()
        self.topic = ""
        self.end = self.committed = 100
        self.members: tuple[str, ...] = ("m-1",)
        self.state = "Stable"
        self.coordinator = 1
        self.metadata()
        self.topic = next(iter(self.cluster.topics))
        self.leader = self.cluster.topics[self.topic].partitions[PARTITION].leader or LEADER
        self.turn(described=True)

    @property
    def group(self) -> Group:
        return self.cluster.groups.by_name["g"]

    @property
    def incident(self) -> Incident:
        return self.incidents.log[-1]

    def verdict(self) -> str:
        return self.group.verdict

    def kinds(self) -> list[Kind]:
        return [i.kind for i in self.incidents.log if i.subject == "g"]

    def turn(self, described: bool = False, name: str = "g") -> Play:
        """Both sources look once more."""
        self.later(TURN_S)
        ends = {self.topic: {PARTITION: self.end}}
        self.say(OffsetsSeen(at=self.at, leader_id=self.leader, ends=ends))
        self.say(
            GroupsSeen(
                at=self.at,
                coordinator_id=self.coordinator,
                listed=(GroupListed(name=name, state=self.state, type="classic", protocol_type="consumer"),),
                offsets={name: {self.topic: {PARTITION: self.committed}}},
                described=(self._description(),) if described else (),
            )
        )
        return self

    def _description(self) -> GroupDescribed:
        owner = self.members[0] if self.members else None
        members = tuple(
            MemberSeen(
                id=m,
                client_id=f"c-{m}",
                host="10.0.0.1",
                assignment={self.topic: (PARTITION,)} if m == owner else {},
            )
            for m in self.members
        )
        return GroupDescribed(name="g", state=self.state, assignor="range", members=members)

    def goes_on(self, seconds: float, *, written: int, read: int) -> Play:
        """So many records a turn."""
        for _ in range(int(seconds / TURN_S)):
            self.end += written
            self.committed = min(self.end, self.committed + read)
            self.turn()
        return self


def test_a_group_that_keeps_up_is_ok() -> None:
    play = Play().goes_on(120, written=10, read=10)
    group = play.group
    assert (group.verdict, group.lag, group.behind_s, group.caught_up_in_s) == ("OK", 0, 0.0, None)
    assert group.arrives_per_s == group.consumes_per_s == 5.0
    assert play.kinds() == []


def test_a_group_that_is_merely_idle_is_ok() -> None:
    play = Play().goes_on(600, written=0, read=0)
    assert (play.verdict(), play.kinds()) == ("OK", [])


def test_a_record_on_a_quiet_topic_is_no_stop() -> None:
    play = Play().goes_on(600, written=0, read=0)
    play.goes_on(2, written=1, read=0).goes_on(20, written=0, read=0)
    assert (play.verdict(), play.group.lag) == ("OK", 1)
    assert play.group.behind_s == pytest.approx(20.0, abs=TURN_S)
    assert play.goes_on(2, written=0, read=1).verdict() == "OK"
    assert play.kinds() == []


def test_a_member_that_stands_still_stalls_the_group() -> None:
    play = Play().goes_on(60, written=10, read=10)
    play.goes_on(rules.GROUP_STANDS_S - 10, written=10, read=0)
    assert play.verdict() == "OK"
    play.goes_on(14, written=10, read=0)
    assert play.verdict() == "STALL"
    assert (play.incident.kind, play.incident.subject, play.incident.open) == (Kind.GROUP_STALLED, "g", True)
    assert "c-m-1 at 10.0.0.1 owns it" in play.incident.detail
    play.goes_on(4, written=10, read=1000)
    assert (play.verdict(), play.incident.open) == ("OK", False)


def test_lag_of_a_stopped_group_goes_on_growing() -> None:
    play = Play().goes_on(60, written=10, read=10)
    play.members, play.state = (), "Empty"
    play.turn(described=True).goes_on(rules.GROUP_STANDS_S + 4, written=10, read=0)
    assert (play.verdict(), play.incident.kind) == ("STOP", Kind.GROUP_STOPPED)
    lag = play.group.lag
    play.goes_on(100, written=10, read=0)
    assert play.group.lag == (lag or 0) + 500
    assert play.group.behind_s == pytest.approx(rules.GROUP_STANDS_S + 104, abs=2 * TURN_S)


def test_a_group_that_nobody_has_used_since_we_look_is_no_incident() -> None:
    play = Play.__new__(Play)
    Story.__init__(play)
    play.topic, play.end, play.committed, play.members = "", 100, 40, ()
    play.state, play.coordinator = "Empty", 1
    play.metadata()
    play.topic = next(iter(play.cluster.topics))
    play.leader = play.cluster.topics[play.topic].partitions[PARTITION].leader or LEADER
    play.turn().goes_on(200, written=0, read=0)
    assert (play.verdict(), play.group.lag, play.kinds()) == ("STOP", 60, [])
    assert (play.group.behind_longer, play.group.behind_s) == (True, 200.0)


def test_an_offset_that_goes_back_is_a_rewind_until_it_is_regained() -> None:
    play = Play().goes_on(60, written=10, read=10)
    play.committed -= 200
    play.turn()
    assert (play.verdict(), play.incident.kind) == ("REWIND", Kind.GROUP_REWOUND)
    assert "went back from 400 to 200" in play.incident.detail
    play.goes_on(30, written=10, read=40)
    assert (play.verdict(), play.incident.open) == ("OK", False)


def test_lag_that_only_grows_is_a_warning() -> None:
    play = Play().goes_on(30, written=10, read=10).goes_on(60, written=20, read=5)
    group = play.group
    assert (group.verdict, play.kinds()) == ("WARN", [])
    assert (group.arrives_per_s, group.consumes_per_s) == (10.0, 2.5)
    assert group.caught_up_in_s is None


def test_when_it_will_have_caught_up() -> None:
    play = Play().goes_on(30, written=100, read=1).goes_on(60, written=10, read=30)
    assert play.group.caught_up_in_s == pytest.approx((play.group.lag or 0) / 10.0)


def test_a_group_that_commits_seldom_is_waited_for() -> None:
    play = Play()
    for _ in range(4):
        play.goes_on(88, written=10, read=0).goes_on(2, written=0, read=10**6)
    kinds = play.kinds()
    play.goes_on(200, written=10, read=0)
    assert play.kinds() == kinds
    play.goes_on(100, written=10, read=0)
    assert play.verdict() == "STALL"


def test_a_quiet_topic_gives_no_patience() -> None:
    play = Play().goes_on(600, written=0, read=0)
    play.goes_on(2, written=1, read=1).goes_on(20, written=0, read=0)
    play.goes_on(rules.GROUP_STANDS_S + 4, written=1, read=0)
    assert play.verdict() == "STALL"


def test_rates_of_a_group_that_was_at_rest_are_those_of_the_last_half_minute() -> None:
    play = Play().goes_on(60, written=0, read=0)
    for _ in range(300):
        play.later(TURN_S).say(GroupsSeen(at=play.at, coordinator_id=1))
    play.goes_on(10, written=60, read=60)
    assert play.group.arrives_per_s == play.group.consumes_per_s == pytest.approx(10.0)


def test_rebalances_are_one_event_that_counts() -> None:
    play = Play().goes_on(10, written=1, read=1)
    for _ in range(3):
        play.state = "PreparingRebalance"
        play.turn()
        play.state = "Stable"
        play.turn()
    events = [i for i in play.incidents.log if i.kind is Kind.GROUP_REBALANCED]
    assert [(i.subject, i.detail) for i in events] == [("g", "rebalanced 3 times within 8 s")]
    assert play.group.rebalances == 3


def test_another_distribution_is_a_rebalance_that_no_state_showed() -> None:
    play = Play().goes_on(60, written=1, read=1)
    play.members = ("m-2", "m-1")
    play.turn(described=True)
    assert (play.group.rebalances, play.kinds()) == (1, [Kind.GROUP_REBALANCED])


def test_groups_that_come_and_go_are_events() -> None:
    play = Play()
    play.turn(name="new")
    assert (play.incident.kind, play.incident.subject) == (Kind.GROUP_APPEARED, "new")
    play.later(2).say(GroupsSeen(at=play.at, coordinator_id=1, gone=("new",)))
    assert "new" in play.cluster.groups.by_name
    play.goes_on(14, written=1, read=1)
    assert "new" not in play.cluster.groups.by_name
    assert (play.incident.kind, play.incident.subject) == (Kind.GROUP_VANISHED, "new")


def test_what_was_there_when_we_came_is_no_event() -> None:
    assert Play().kinds() == []


def test_what_was_there_while_its_coordinator_still_loaded_is_no_event() -> None:
    play = Play()
    play.coordinator = 2
    play.later(1).say(GroupsSeen(at=play.at, coordinator_id=2, error=14))
    play.turn(name="other")
    assert "other" in play.cluster.groups.by_name
    assert play.incidents.log == ()


def test_groups_of_another_cluster_at_the_same_address_are_no_news() -> None:
    play = Play().goes_on(10, written=1, read=1)
    seen = next(s for s in reversed(play.samples) if isinstance(s, MetadataSeen))
    play.later(1).say(replace(seen, at=play.at, cluster_id="another", keyframe=True))
    assert (play.cluster.groups.by_name, play.incidents.log) == ({}, ())


def test_a_group_that_another_broker_coordinates_now_is_the_same_group() -> None:
    play = Play().goes_on(10, written=1, read=1)
    play.later(1).say(GroupsSeen(at=play.at, coordinator_id=1, gone=("g",)))
    assert play.group.missing_since is not None
    play.coordinator = 2
    play.goes_on(30, written=1, read=1)
    group = play.cluster.groups.by_name["g"]
    assert (group.coordinator, group.missing_since, play.kinds()) == (2, None, [])


def test_a_dead_coordinator_leaves_its_groups_with_their_age() -> None:
    play = Play().goes_on(10, written=1, read=1)
    was = play.at
    for _ in range(20):
        play.later(2).say(GroupsSeen(at=play.at, coordinator_id=2))
    assert play.cluster.groups.seen_at(play.group) == was
    assert play.cluster.groups.at == play.at


def test_a_broker_that_was_removed_coordinates_nothing_any_more() -> None:
    play = Play().goes_on(10, written=1, read=1)
    play.later(2).say(GroupsSeen(at=play.at, coordinator_id=3))
    brokers = {number: b for number, b in play.cluster.brokers.items() if number != 3}
    after = reduce(replace(play.cluster, brokers=brokers), GroupsSeen(at=play.at + 2, coordinator_id=1))
    assert (list(play.cluster.groups.coordinators), list(after.groups.coordinators)) == ([1, 3], [1])


def test_an_error_of_the_list_changes_nothing() -> None:
    play = Play().goes_on(10, written=1, read=1)
    group, was = play.group, play.at
    play.later(2).say(GroupsSeen(at=play.at, coordinator_id=1, keyframe=True, error=14))
    assert play.group is group
    assert play.cluster.groups.coordinators[1].at == was


def test_a_group_whose_offsets_are_refused_does_not_stand() -> None:
    play = Play().goes_on(60, written=10, read=10)
    was = play.group
    for _ in range(100):
        play.later(TURN_S)
        play.end += 10
        play.say(OffsetsSeen(at=play.at, leader_id=play.leader, ends={play.topic: {PARTITION: play.end}}))
        play.say(GroupsSeen(at=play.at, coordinator_id=1, keyframe=False, errors={"g": 30}))
    assert (play.group.error, play.group.verdict, play.group.lag) == (30, "OK", was.lag)
    play.committed = play.end
    play.turn()
    assert (play.group.error, play.group.verdict, play.group.lag) == (0, "OK", 0)
    assert play.kinds() == []


def test_a_group_with_the_name_of_many_is_told_once() -> None:
    play = Play()
    listed = (GroupListed(name="groups", state="Empty", type="classic"),)

    def turn(read: int) -> None:
        play.later(TURN_S)
        play.end += 10
        play.committed += read
        play.say(OffsetsSeen(at=play.at, leader_id=play.leader, ends={play.topic: {PARTITION: play.end}}))
        offsets = {"groups": {play.topic: {PARTITION: play.committed}}}
        play.say(GroupsSeen(at=play.at, coordinator_id=2, listed=listed, offsets=offsets))

    for read in [10] * 10 + [0] * 60:
        turn(read)
    stopped = [i for i in play.incidents.log if i.kind is Kind.GROUP_STOPPED]
    assert [(i.subject, i.open, i.detail) for i in stopped] == [("groups", True, "1 group: groups")]


def test_many_groups_that_stop_at_once_are_one_incident() -> None:
    play = Play()
    names = [f"g-{n}" for n in range(20)]

    def turn(committed: int, state: str) -> None:
        play.later(TURN_S)
        ends = {play.topic: {PARTITION: play.end}}
        play.say(OffsetsSeen(at=play.at, leader_id=play.leader, ends=ends))
        listed = tuple(GroupListed(name=n, state=state, type="classic") for n in names)
        offsets = {n: {play.topic: {PARTITION: committed}} for n in names}
        play.say(GroupsSeen(at=play.at, coordinator_id=2, listed=listed, offsets=offsets))

    for _ in range(10):
        play.end += 10
        turn(play.end, "Stable")
    for _ in range(40):
        play.end += 10
        turn(200, "Empty")
    stopped = [i for i in play.incidents.log if i.kind is Kind.GROUP_STOPPED]
    assert [(i.subject, i.open) for i in stopped] == [("groups", True)]
    assert stopped[0].detail.startswith("20 groups: g-0, g-1")


def test_a_recording_that_begins_now_knows_the_groups() -> None:
    play = Play().goes_on(60, written=10, read=5)
    again = Cluster()
    for sample in keyframe(play.cluster):
        again = reduce(again, sample)
    group = again.groups.by_name["g"]
    was = play.group
    assert (group.lag, group.members, group.state, group.coordinator) == (
        was.lag,
        was.members,
        was.state,
        was.coordinator,
    )
