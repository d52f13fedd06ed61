"""A broker that the control plane lists before it serves has not failed."""

from __future__ import annotations

import pytest

from msktop.model.control_samples import InventorySeen, NodeSeen
from tests.model.story import Story


def listed(story: Story, state: str, *ids: int, added_at: float | None = None) -> Story:
    nodes = tuple(NodeSeen(id=i, role="broker", address=f"b-{i}", added_at=added_at) for i in ids)
    return story.say(InventorySeen(at=story.at, name="demo", state=state, nodes=nodes, via="api"))


def refused(story: Story, broker: int) -> Story:
    story.refuses(broker)
    return story


def test_while_the_cluster_is_updated_a_new_broker_is_not_known_to_be_down() -> None:
    story = Story()
    story.metadata()
    story.answers()
    listed(story, "UPDATING", 1, 2, 3, 4, 5, 6, 7)
    refused(story, 7)
    assert story.cluster.brokers[7].probe.word == "unknown"
    assert story.cluster.brokers[7].probe.outcome == "refused", "what was met is said"
    assert not story.incidents.open
    story.metadata()
    assert story.cluster.brokers[7].probe.word == "unknown", "that Metadata lacks it says nothing more"


@pytest.mark.parametrize(("age_s", "word"), [(60.0, "unknown"), (3600.0, "down")])
def test_one_that_was_just_added_gets_time_whatever_the_state(age_s: float, word: str) -> None:
    story = Story()
    story.metadata()
    story.answers()
    listed(story, "ACTIVE", 1, 2, 3, 4, 5, 6, 7, added_at=story.at - age_s)
    refused(story, 7)
    assert story.cluster.brokers[7].probe.word == word


def test_one_that_answered_before_is_down_also_during_an_update() -> None:
    story = Story()
    story.metadata()
    story.answers()
    listed(story, "UPDATING", 1, 2, 3, 4, 5, 6)
    refused(story, 2)
    assert story.cluster.brokers[2].probe.word != "unknown"
