"""A broker that holds nothing and goes may be one that MSK removes: not loud before MSK has been asked."""

from __future__ import annotations

from msktop.model.control_samples import InventorySeen, NodeSeen
from msktop.model.incidents import Incident, Kind
from msktop.model.samples import SourceWorks
from tests.model.story import Story

EMPTY = 4


def listed(story: Story, state: str = "ACTIVE", ids: tuple[int, ...] = (1, 2, 3, EMPTY)) -> Story:
    nodes = tuple(NodeSeen(id=i, role="broker", address=f"b-{i}") for i in ids)
    return story.say(InventorySeen(at=story.at, name="demo", state=state, nodes=nodes, via="api"))


def with_an_empty_broker() -> Story:
    return listed(Story().healthy()).answers(EMPTY).later(5.0)


def gone(story: Story) -> Incident:
    (incident,) = story.of(Kind.BROKER_UNREACHABLE)
    return incident


def test_until_msk_has_been_asked_it_is_a_warning_that_says_why() -> None:
    story = with_an_empty_broker().refuses(EMPTY)
    assert gone(story).kind is Kind.BROKER_UNREACHABLE
    assert gone(story).severity == "warn"
    assert gone(story).detail.endswith("holds no partition: MSK may be removing it")


def test_once_msk_says_that_it_updates_it_is_planned_and_stays_quiet() -> None:
    story = with_an_empty_broker().refuses(EMPTY).later(2.0)
    listed(story, "UPDATING").later(10.0).refuses(EMPTY).tick()
    assert (gone(story).severity, gone(story).planned) == ("warn", "UPDATING")
    assert "may be" not in gone(story).detail
    story.operation("DECREASE_BROKER_COUNT")
    assert (gone(story).severity, gone(story).open) == ("warn", True)


def test_one_that_goes_while_the_operation_is_known_is_planned_from_the_first_moment() -> None:
    story = listed(with_an_empty_broker().operation("DECREASE_BROKER_COUNT"), "UPDATING")
    story.later(1.0).refuses(EMPTY)
    assert gone(story).planned == "DECREASE_BROKER_COUNT"


def test_where_msk_knows_of_nothing_it_has_failed() -> None:
    story = with_an_empty_broker().refuses(EMPTY).later(1.0)
    listed(story).later(0.25).refuses(EMPTY).tick()
    assert (gone(story).severity, gone(story).planned) == ("crit", None)
    assert "may be" not in gone(story).detail


def test_where_msk_does_not_answer_it_has_failed() -> None:
    story = with_an_empty_broker().refuses(EMPTY)
    story.later(9.0).refuses(EMPTY).tick()
    assert gone(story).severity == "crit"


def test_one_that_holds_something_has_failed_at_once() -> None:
    story = with_an_empty_broker().refuses(2)
    assert gone(story).severity == "crit"


def test_one_whose_state_file_we_read_has_failed_at_once() -> None:
    story = with_an_empty_broker()
    story.say(SourceWorks(at=story.at, source="inventory"))
    assert gone(story.refuses(EMPTY)).severity == "crit"


def test_one_that_is_gone_from_the_list_before_msk_says_why_was_removed() -> None:
    story = with_an_empty_broker().refuses(EMPTY).later(2.0)
    listed(story, ids=(1, 2, 3)).metadata().tick()
    assert EMPTY not in story.cluster.brokers
    assert (gone(story).open, gone(story).severity, gone(story).planned) == (False, "warn", "removal")
