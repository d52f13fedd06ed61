"""Which partition is written to where, as leaders move."""

from __future__ import annotations

from msktop.sources.write_plan import REFRESH_LATE_S, REFRESH_S, Place, Turn, WritePlan


class Time:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def places(leaders: dict[int, int], epoch: int = 0) -> dict[int, Place]:
    """Nine partitions, three preferred by each of three brokers; `leaders` where that is another one."""
    return {p: Place(leaders.get(p, p % 3 + 1), epoch, p % 3 + 1) for p in range(9)}


def begun() -> tuple[WritePlan, Time]:
    time = Time()
    plan = WritePlan(time)
    plan.learn(places({}))
    for broker in (1, 2, 3):
        plan.turn(broker)
    return plan, time


def written(plan: WritePlan, time: Time, broker: int) -> tuple[int, ...]:
    time.now += 1.0
    return plan.turn(broker).partitions


def test_each_broker_has_one_partition_that_it_prefers() -> None:
    plan, time = begun()
    assert [written(plan, time, broker) for broker in (1, 2, 3)] == [(0,), (1,), (2,)]


def test_a_partition_is_followed_to_its_new_leader_and_written_there_at_once() -> None:
    plan, time = begun()
    plan.answered(1, good=False)
    time.now += 0.1
    assert plan.turn(3).partitions == ()
    plan.learn(places({1: 3, 4: 1, 7: 3}, epoch=1))
    assert plan.turn(3).partitions == (2, 1)  # what took the write before comes first
    assert written(plan, time, 2) == ()


def test_a_broker_that_leads_again_gets_one_that_it_leads() -> None:
    plan, time = begun()
    plan.learn(places({1: 3, 4: 1, 7: 3}, epoch=1))
    assert written(plan, time, 3) == (1, 2)
    plan.learn(places({1: 3, 7: 3}, epoch=2))
    assert written(plan, time, 2) == (4,)
    assert written(plan, time, 3) == (2,)


def test_what_could_not_be_written_to_is_followed_until_it_can() -> None:
    plan, time = begun()
    plan.answered(1, good=False)
    plan.learn(places({1: 3, 7: 3}, epoch=1))  # b-2 leads 4 again
    assert written(plan, time, 2) == (4,)
    assert written(plan, time, 3) == (2, 1)
    plan.answered(1, good=True)
    assert written(plan, time, 3) == (2,)


def test_an_older_answer_overrules_nothing() -> None:
    plan, time = begun()
    plan.answered(1, good=False)
    plan.learn(places({1: 3}, epoch=5))
    plan.learn(places({}, epoch=4))
    assert written(plan, time, 3) == (2, 1)


def test_metadata_is_asked_for_by_one_while_something_is_bad() -> None:
    plan, time = begun()
    assert not plan.turn(1).refresh
    plan.answered(1, good=False)
    assert [plan.turn(broker).refresh for broker in (1, 3)] == [True, False]
    time.now += REFRESH_S
    assert plan.turn(3).refresh
    time.now += 120
    assert plan.turn(1).refresh
    time.now += REFRESH_LATE_S / 2
    assert not plan.turn(1).refresh
    plan.answered(1, good=True)
    time.now += 60
    assert not plan.turn(1).refresh


def test_before_anything_is_known_metadata_is_asked_for() -> None:
    assert WritePlan(Time()).turn(1) == Turn(refresh=True)


def test_a_throttled_client_keeps_quiet() -> None:
    plan, time = begun()
    plan.pause(1, 3.0)
    assert written(plan, time, 1) == ()
    assert (written(plan, time, 1), written(plan, time, 1)) == ((), (0,))


def test_a_partition_without_a_leader_is_written_to_by_nobody() -> None:
    plan, time = begun()
    plan.learn(places({1: -1}, epoch=1))
    assert [written(plan, time, broker) for broker in (-1, 1, 3)] == [(), (0,), (2,)]
