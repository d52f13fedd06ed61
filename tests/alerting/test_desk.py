"""From incidents to people: once each, grouped, in bounds, over a restart; and never what is silenced."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import pytest

from msktop.alerting import channel
from msktop.alerting import desk as desk_module
from msktop.alerting.desk import Desk
from msktop.alerting.marks import Ack, key_of
from msktop.alerting.message import Message
from msktop.alerting.notifiers_file import Notifier
from msktop.alerting.senders import SendError, TerminalSender
from msktop.alerting.store import Store
from msktop.model.incidents import Incident, Incidents
from msktop.model.samples import Sample, SourceFailed, SourceWorks
from msktop.session import View
from tests.alerting.test_senders import incident
from tests.support import wait_for

Json = Any
Said = list[tuple[str, str, int]]
"""Event, severity, id."""


@dataclass
class Ear:
    """A sender that remembers, and fails as it is told."""

    heard: list[Message] = field(default_factory=list)
    failures: list[SendError] = field(default_factory=list)
    gate: threading.Event | None = None

    def send(self, message: Message) -> None:
        if self.gate is not None:
            self.gate.wait(20.0)
        if self.failures:
            raise self.failures.pop(0)
        self.heard.append(message)

    @property
    def said(self) -> Said:
        return [(a.event, a.incident.severity, a.incident.id) for m in self.heard for a in m.alerts]


@dataclass
class Office:
    """A desk with one ear, and the views of its session."""

    ear: Ear
    desk: Desk
    samples: list[Sample]
    log: dict[int, Incident] = field(default_factory=dict)

    def happens(self, *incidents: Incident) -> None:
        self.log |= {i.id: i for i in incidents}
        log = tuple(self.log[number] for number in sorted(self.log))
        active = tuple(i.id for i in log if i.open)
        self.desk(View(incidents=Incidents(log=log, next_id=len(log) + 1, active=active)))

    def says(self, *said: tuple[str, str, int], within_s: float = 10.0) -> None:
        wait_for(lambda: self.ear.said == list(said), within_s, f"{said}, heard {self.ear.said}")

    def settle(self) -> None:
        """Everything that has happened was looked at: a later incident was told."""
        number = 900 + len(self.ear.heard)
        self.happens(incident(number, severity="crit", subject=f"mark-{number}"))
        wait_for(lambda: ("open", "crit", number) in self.ear.said, 10.0, "the mark is told")


@contextmanager
def office(ear: Ear | None = None, **changes: Json) -> Iterator[Office]:
    ear = ear or Ear()
    samples: list[Sample] = []
    notifier = replace(Notifier("ear", "command", ear, group_s=0.05), **changes)
    desk = Desk("orders", [notifier], samples.append)
    desk.start()
    try:
        yield Office(ear, desk, samples)
    finally:
        desk.stop()


def over(one: Incident) -> Incident:
    return replace(one, ended=one.began + 60.0, settled=True)


def test_a_beginning_and_an_end_are_told_once_each() -> None:
    with office() as at:
        at.happens(incident())
        at.says(("open", "warn", 1))
        at.happens(replace(incident(), detail="disk used 82 %"))
        at.happens(over(incident()))
        at.says(("open", "warn", 1), ("close", "warn", 1))
        at.settle()
        assert at.ear.said[:2] == [("open", "warn", 1), ("close", "warn", 1)]
        assert len(at.ear.said) == 3


def test_what_grows_worse_is_told_again_and_what_gets_better_is_not() -> None:
    with office() as at:
        at.happens(incident())
        at.says(("open", "warn", 1))
        at.happens(incident(severity="crit"))
        at.says(("open", "warn", 1), ("worse", "crit", 1))
        at.happens(incident())
        at.settle()
        assert len(at.ear.said) == 3


def test_what_comes_together_is_one_message() -> None:
    with office(group_s=0.3) as at:
        for number in range(1, 11):
            at.happens(incident(number, subject=f"b-{number}"))
        wait_for(lambda: len(at.ear.said) == 10, 10.0, "all told")
        assert len(at.ear.heard) == 1


def test_a_consequence_is_not_told_also_where_it_becomes_one_only_later() -> None:
    with office(group_s=0.3) as at:
        at.happens(incident(1))
        at.happens(replace(incident(1), parent=2), incident(2, subject="use1-az1", severity="crit"))
        at.says(("open", "crit", 2))
        at.happens(
            over(replace(incident(1), parent=2)), over(incident(2, subject="use1-az1", severity="crit"))
        )
        at.says(("open", "crit", 2), ("close", "crit", 2))


def test_only_what_is_grave_enough_and_wanted_is_told() -> None:
    with office(severity="crit", kinds=("disk_*",)) as at:
        at.happens(incident(1), incident(2, severity="crit", rule="cpu_60", subject="b-2"))
        at.happens(incident(3, severity="crit", subject="b-3"))
        at.says(("open", "crit", 3))
        at.happens(over(incident(1)), over(incident(3, severity="crit", subject="b-3")))
        at.says(("open", "crit", 3), ("close", "crit", 3))


def test_one_that_was_mild_is_told_as_new_where_only_grave_ones_are() -> None:
    with office(severity="crit") as at:
        at.happens(incident(1))
        at.happens(incident(1, severity="crit"))
        at.says(("open", "crit", 1))


def test_a_moment_is_told_as_one() -> None:
    with office() as at:
        at.happens(incident(1, ended=10.0))
        at.says(("moment", "warn", 1))


def test_what_is_silenced_is_told_when_the_silence_ends_and_not_before() -> None:
    with office() as at:
        at.desk.silence(incident(), 3600.0)
        at.happens(incident())
        at.settle()
        assert ("open", "warn", 1) not in at.ear.said
        at.desk.silence(incident(), 0)
        wait_for(lambda: ("open", "warn", 1) in at.ear.said, 10.0, "told after the silence")


def test_what_was_silenced_all_the_while_is_never_told() -> None:
    with office() as at:
        at.desk.silence(incident(), 3600.0)
        at.happens(incident())
        at.happens(over(incident()))
        at.settle()
        assert [number for _, _, number in at.ear.said if number == 1] == []


def test_a_restart_tells_nothing_twice_and_the_end_once() -> None:
    with office() as at:
        at.happens(incident())
        at.says(("open", "warn", 1))
        wait_for(lambda: Store().marks().told, 10.0, "remembered")
    with office() as at:
        at.happens(replace(incident(), id=7))
        at.settle()
        assert ("open", "warn", 7) not in at.ear.said
        at.happens(over(replace(incident(), id=7)))
        wait_for(lambda: ("close", "warn", 7) in at.ear.said, 10.0, "its end")


def test_what_ended_while_nobody_looked_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk_module, "SETTLE_S", 0.0)
    with office() as at:
        at.happens(incident())
        wait_for(lambda: Store().marks().told, 10.0, "remembered")
    with office() as at:
        at.happens(incident(1, subject="b-9", severity="info"))
        wait_for(lambda: not Store().marks().told, 10.0, "forgotten")
        at.happens(incident(2))
        wait_for(lambda: ("open", "warn", 2) in at.ear.said, 10.0, "a new one is told")


def test_an_acknowledged_one_is_not_told_after_a_restart_and_is_forgotten_at_its_end() -> None:
    key = key_of("orders", incident())
    Store().change(lambda marks: marks.with_ack(Ack(key, time.time())))
    with office() as at:
        at.happens(incident())
        at.settle()
        assert ("open", "warn", 1) not in at.ear.said
        at.happens(incident(severity="crit"))
        wait_for(
            lambda: ("worse", "crit", 1) in at.ear.said or ("open", "crit", 1) in at.ear.said, 10.0, "worse"
        )
        at.happens(over(incident(severity="crit")))
        wait_for(lambda: Store().marks().acknowledged(key) is None, 10.0, "the acknowledgement is over")


def test_acknowledging_turns_on_and_off_and_is_seen_by_others() -> None:
    with office() as at:
        assert "acknowledged" in at.desk.acknowledge(incident())
        assert Store().marks().acknowledged(key_of("orders", incident())) is not None
        assert "no longer" in at.desk.acknowledge(incident())
        assert not Store().marks().acks


# ------------------------------------------------------------------ trouble


def test_a_passing_trouble_is_tried_again_and_a_lasting_one_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channel, "BACK_OFF_S", 0.01)
    ear = Ear(failures=[SendError("busy", passing=True), SendError("busy", passing=True)])
    with office(ear) as at:
        at.happens(incident())
        at.says(("open", "warn", 1))
        assert not at.samples
        at.ear.failures = [SendError("gone for good")]
        at.happens(incident(2, subject="b-2"))
        (failed,) = wait_for(lambda: list(at.samples), 10.0, "the failure is a sample")
        assert isinstance(failed, SourceFailed)
        assert (failed.source, failed.reason) == ("notifier ear", "gone for good")
        at.happens(incident(3, subject="b-3"))
        at.says(("open", "warn", 1), ("open", "warn", 3))
        wait_for(lambda: any(isinstance(s, SourceWorks) for s in at.samples), 10.0, "it works again")


def test_what_could_not_be_told_for_long_is_told_later_with_what_came_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(channel, "BACK_OFF_S", 0.01)
    monkeypatch.setattr(channel, "AGAIN_AFTER_S", 0.2)
    ear = Ear(failures=[SendError("away", passing=True) for _ in range(channel.TRIES)])
    with office(ear) as at:
        at.happens(incident())
        wait_for(lambda: not ear.failures, 10.0, "it gave up for now")
        at.happens(over(incident()))
        at.says(("open", "warn", 1), ("close", "warn", 1))


def test_a_notifier_that_hangs_holds_up_neither_the_fold_nor_the_others() -> None:
    gate = threading.Event()
    stuck, free = Ear(gate=gate), Ear()
    notifiers = [
        Notifier("stuck", "command", stuck, group_s=0.0),
        Notifier("free", "command", free, group_s=0.0),
    ]
    desk = Desk("orders", notifiers, lambda _: None)
    desk.start()
    at = Office(free, desk, [])
    began = time.monotonic()
    for number in range(1, 400):
        at.happens(incident(number, subject=f"b-{number}"))
    assert time.monotonic() - began < 20.0
    wait_for(
        lambda: ("open", "warn", 399) in free.said or (free.heard[-1:] and free.heard[-1].left_out),
        10.0,
        "free",
    )
    desk.stop()
    gate.set()


def test_more_than_is_allowed_waits_and_goes_together() -> None:
    with office(at_most=2, within_s=1.0, group_s=0.0) as at:
        for number in range(1, 7):
            at.happens(incident(number, subject=f"b-{number}"))
            wait_for(partial(at.desk._news._seen.__contains__, number), 10.0, "seen")
        wait_for(lambda: len(at.ear.said) == 6, 10.0, "all told in the end")
        assert len(at.ear.heard) <= 4


def test_at_the_end_what_waits_is_told_at_once() -> None:
    with office(group_s=3600.0) as at:
        at.happens(incident())
        wait_for(lambda: at.desk._news._seen, 10.0, "seen")
        at.desk.stop(10.0)
        assert at.ear.said == [("open", "warn", 1)]


@pytest.mark.parametrize("screen", [True, False])
def test_the_bell_is_the_monitor_s_alone(screen: bool) -> None:
    bell, ear = TerminalSender(), Ear()
    notifiers = [
        Notifier("bell", "terminal", bell, group_s=0.0),
        Notifier("ear", "command", ear, group_s=0.0),
    ]
    desk = Desk("orders", notifiers, lambda _: None, screen=screen)
    desk.start()
    Office(ear, desk, []).happens(incident())
    wait_for(lambda: ear.said, 10.0, "told")
    if screen:
        assert wait_for(desk.take_terminal, 10.0, "rung").startswith("\a")
    else:
        assert desk.take_terminal() == ""
    desk.stop()
