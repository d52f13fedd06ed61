"""What the timeline shows of the whole cluster's past."""

from __future__ import annotations

from msktop.model.control_samples import InventorySeen
from msktop.model.past import KEPT
from tests.model.story import Story


def test_each_metadata_leaves_a_count_and_moves_of_leaders_are_counted_when_they_happen() -> None:
    story = Story().healthy()
    at = story.at
    assert story.cluster.past.under_replicated.last == (story.cluster.metadata_at, 0.0)
    assert len(story.cluster.past.leaders_moved) == 0, "the first Metadata moves nobody"
    story.epoch = 2
    story.later(2.0).metadata(without=[2])
    assert story.cluster.past.under_replicated.last == (at + 2.0, 6.0)
    assert story.cluster.past.leaders_moved.last == (at + 2.0, 2.0)
    story.later(2.0).metadata(without=[2])
    assert story.cluster.past.leaders_moved.last == (at + 2.0, 2.0), "and then nobody any more"


def test_the_slowest_answer_is_kept_each_five_seconds_and_silence_is_a_gap() -> None:
    story = Story().healthy()
    for second in range(12):
        story.later(1.0).answers(ms=9.0 if second == 2 else 1.0).tick()
    points = [v for _, v in story.cluster.past.slowest_ms.since(0.0)]
    assert 9.0 in points
    assert points[-1] == 1.0
    for _ in range(6):
        story.later(1.0).answers(1, 3).silent(2, 1.0).tick()
    assert story.cluster.past.slowest_ms.last is not None
    assert story.cluster.past.slowest_ms.last[1] is None


def test_while_nobody_is_asked_no_point_comes() -> None:
    story = Story().healthy()
    story.later(6.0).answers().tick()
    known = len(story.cluster.past.slowest_ms)
    for _ in range(20):
        story.later(1.0).tick()
    assert len(story.cluster.past.slowest_ms) - known <= 1


def test_states_of_the_control_plane_are_kept_as_they_change_and_not_without_end() -> None:
    story = Story().healthy()

    def state(word: str) -> None:
        story.later(1.0).say(
            InventorySeen(at=story.at, name="demo", state=word, zones=(), nodes=(), via="api")
        )
        story.tick()

    for word in ("ACTIVE", "ACTIVE", "HEALING", "ACTIVE"):
        state(word)
    assert [word for _, word in story.cluster.past.states] == ["ACTIVE", "HEALING", "ACTIVE"]
    for _ in range(80):
        state("UPDATING")
        state("ACTIVE")
    assert len(story.cluster.past.states) == 100


def test_it_is_bounded() -> None:
    story = Story().healthy()
    for _ in range(KEPT + 300):
        story.later(1.0).metadata()
    assert len(story.cluster.past.under_replicated) < KEPT + 64 * 2
